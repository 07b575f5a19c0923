"""Conformal p-values and calibrated probabilities from scores of texts by people.

The p-value of a text is the share of calibration texts by people, of like length, that score at least as high
(Vovk, Gammerman and Shafer 2005). Human texts of different kinds score differently, so every corpus keeps a list of its
own and the text must stand out against each of them: the p-value is the largest over the corpora. Those with fewer
than 99 texts of like length share one list.
That bounds the false-positive rate of the worst corpus in the calibration, not of an average one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.detect.sampling import LENGTH_BINS

ENOUGH = 99
"""Texts that a list needs to give a p-value of 1 %."""


def bin_of(n_words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the length bin of each text."""
    return np.searchsorted(LENGTH_BINS, n_words, side="right") - 1


@dataclass(frozen=True)
class Calibration:
    """Scores of human texts, by corpus and length bin.

    Attributes
    ----------
    names : tuple of str
        Corpora.
    scores : ndarray of float32, shape (n_scores,)
        Ascending within each cell; cell ``(corpus, bin)`` is number ``corpus * len(LENGTH_BINS) + bin``.
    offsets : ndarray of int64, shape (n_cells + 1,)
    slope, offset : ndarray of float64, shape (len(LENGTH_BINS),)
        ``logit(probability) = slope * score + offset`` at prior 0.5.
    """

    names: tuple[str, ...]
    scores: NDArray[np.float32]
    offsets: NDArray[np.int64]
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]

    @classmethod
    def of_people(cls, corpora: Sequence[str], scores: NDArray[np.float64], n_words: NDArray[np.int64]) -> Calibration:
        """Make the lists of human scores; the score itself stands for the log-odds until they are calibrated."""
        names = tuple(sorted(set(corpora)))
        flat, zero = np.ones(len(LENGTH_BINS)), np.zeros(len(LENGTH_BINS))
        return cls(names, *_cells(corpora, names, scores, n_words), flat, zero)

    @property
    def n(self) -> int:
        """Human texts behind the p-values."""
        return len(self.scores)

    def p_values(self, scores: NDArray[np.float64], n_words: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the conformal p-value of each text, in (0, 1]; shape (n_texts,)."""
        out = np.zeros(len(scores))
        for k in range(len(LENGTH_BINS)):
            mine = np.flatnonzero(bin_of(n_words) == k)
            if len(mine):
                lists = self._lists(k)
                out[mine] = np.max([_p_values(scores[mine], reference) for reference in lists], axis=0)
        return out

    def _lists(self, k: int) -> list[NDArray[np.float32]]:
        cells = [self._cell(g, k) for g in range(len(self.names))]
        large = [cell for cell in cells if len(cell) >= ENOUGH]
        rest = np.sort(np.concatenate([cell for cell in cells if len(cell) < ENOUGH] or [np.zeros(0, np.float32)]))
        if len(rest) >= ENOUGH:
            large.append(rest)
        return large or [np.sort(np.concatenate(cells)) if sum(map(len, cells)) >= ENOUGH else np.sort(self.scores)]

    def _cell(self, corpus: int, k: int) -> NDArray[np.float32]:
        place = corpus * len(LENGTH_BINS) + k
        return self.scores[self.offsets[place] : self.offsets[place + 1]]

    def probabilities(self, scores: NDArray[np.float64], n_words: NDArray[np.int64], prior: float) -> NDArray[np.float64]:
        """Return the probability of machine text at the stated prior, in [0, 1]; shape (n_texts,)."""
        k = bin_of(n_words)
        logit = self.slope[k] * scores + self.offset[k] + np.log(prior / (1 - prior))
        return 1 / (1 + np.exp(-np.clip(logit, -50, 50)))

    def replaced(self, name: str, scores: NDArray[np.float64], n_words: NDArray[np.int64]) -> Calibration:
        """Return a calibration that rests on these human texts alone and keeps the probabilities."""
        return replace(Calibration.of_people([name] * len(scores), scores, n_words), slope=self.slope, offset=self.offset)


def _p_values(scores: NDArray[np.float64], reference: NDArray[np.float32]) -> NDArray[np.float64]:
    at_least = len(reference) - np.searchsorted(reference, scores.astype(np.float32), side="left")
    return (1 + at_least) / (1 + len(reference))


def _cells(
    corpora: Sequence[str], names: Sequence[str], scores: NDArray[np.float64], n_words: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    place = {name: i for i, name in enumerate(names)}
    cell = np.array([place[c] for c in corpora], np.int64) * len(LENGTH_BINS) + bin_of(n_words)
    order = np.lexsort((scores, cell))
    counts = np.bincount(cell, minlength=len(names) * len(LENGTH_BINS))
    return scores[order].astype(np.float32), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def fit_calibration(
    human_corpora: Sequence[str],
    human_scores: NDArray[np.float64],
    human_words: NDArray[np.int64],
    window_scores: NDArray[np.float64],
    window_words: NDArray[np.int64],
    window_machine: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> Calibration:
    """Make the lists of human scores, and probabilities by Platt scaling in each length bin (Platt 1999).

    Parameters
    ----------
    human_corpora, human_scores, human_words : sequences of length n_human
        Calibration texts by people, scored by models that had not seen them.
    window_scores, window_words, window_machine, weights : ndarrays, shape (n_windows,)
        Held-out training windows of both labels, for the probabilities.
    """
    slope, offset = np.ones(len(LENGTH_BINS)), np.zeros(len(LENGTH_BINS))
    everything = np.ones(len(window_scores), np.bool_)
    for k in range(len(LENGTH_BINS)):
        mine = bin_of(window_words) == k
        enough = min(np.bincount(window_machine[mine].astype(int), minlength=2)) >= 50
        use = mine if enough else everything
        slope[k], offset[k] = _platt(window_scores[use], window_machine[use], weights[use])
    return replace(Calibration.of_people(human_corpora, human_scores, human_words), slope=slope, offset=offset)


def _platt(scores: NDArray[np.float64], machine: NDArray[np.bool_], weights: NDArray[np.float64]) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    balanced = weights.copy()
    for label in (False, True):
        balanced[machine == label] /= balanced[machine == label].sum()
    model = LogisticRegression(C=1e3).fit(scores[:, None], machine, sample_weight=balanced * len(scores))
    return float(max(model.coef_[0, 0], 1e-3)), float(model.intercept_[0])
