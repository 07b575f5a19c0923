"""How the channels are joined into one score, cheap ones first, so that clear texts never pay for the slow ones.

The joint score is the linear channel's plus each slower channel's times a weight, which is learnt on texts that none of the
models has seen (stacked generalisation, Wolpert 1992). A slower channel reads a text only while the score so far lies
between two bounds; for a text outside them its part is a fixed number (a cascade, Viola and Jones 2001). The texts behind
p-values and probabilities go through the same cascade.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.detect.sampling import Window, corpus_weights


@dataclass(frozen=True, slots=True)
class Join:
    """How one slower channel is added to the score so far.

    Attributes
    ----------
    weight : float
        Of the channel's log-odds; 0 where it does not help.
    low, high : float
        A text whose score so far lies below or above is clear: the channel does not read it.
    below, above : float
        What is added for clear texts: the mean of the channel's part over such texts.
    """

    weight: float
    low: float = -np.inf
    high: float = np.inf
    below: float = 0.0
    above: float = 0.0

    def add(self, scores: NDArray[np.float64], read: Callable[[NDArray[np.int64]], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the scores with the channel's part; `read` gives its log-odds of the texts at some places."""
        part = np.where(scores < self.low, self.below, self.above)
        unclear = np.flatnonzero((scores >= self.low) & (scores <= self.high))
        part[unclear] = self.weight * read(unclear) if self.weight and len(unclear) else 0.0
        return np.round(scores + part, 4)

    def to_dict(self) -> dict[str, float]:
        """Return the numbers by name, as JSON can hold them."""
        return {name: float(np.clip(value, -1e9, 1e9)) for name, value in asdict(self).items()}


def joined(columns: NDArray[np.float64], joins: Sequence[Join]) -> NDArray[np.float64]:
    """Join columns of log-odds, shape (n_texts, 1 + n_joins), the linear channel's first."""
    scores = columns[:, 0]
    for k, join in enumerate(joins, start=1):
        scores = join.add(scores, columns[:, k].take)
    return scores


def fit_joins(columns: NDArray[np.float64], windows: Sequence[Window], clear: float) -> list[Join]:
    """Learn how to join the channels.

    Parameters
    ----------
    columns : ndarray, shape (n_windows, n_channels)
        Log-odds of each channel, of windows that its model has not seen; the linear channel first.
    windows : sequence of Window, length n_windows
    clear : float
        Share of machine windows that may lie below the lower bound of a channel; no human window lies above the upper one,
        so that a person's text that the fast channels misread is always read by the slow ones. 0 for no bounds.

    Returns
    -------
    list of Join, length n_channels - 1
    """
    if columns.shape[1] == 1:
        return []
    machine = np.array([window.machine for window in windows])
    importance = corpus_weights(windows)
    weights = _stack(columns, machine, importance)
    joins: list[Join] = []
    for k in range(1, columns.shape[1]):
        scores = joined(columns[:, :k], joins)
        part = weights[k] * columns[:, k]
        joins.append(_bounds(scores, part, machine, importance, clear, weights[k]) if clear else Join(weights[k]))
    return joins


def _bounds(
    scores: NDArray[np.float64],
    part: NDArray[np.float64],
    machine: NDArray[np.bool_],
    importance: NDArray[np.float64],
    clear: float,
    weight: float,
) -> Join:
    low = _quantile(scores[machine], importance[machine], clear)
    high = max(float(scores[~machine].max()), low)
    sides = scores < low, scores > high
    below, above = (float(np.average(part[side], weights=importance[side])) if side.any() else 0.0 for side in sides)
    return Join(weight, low, high, round(below, 4), round(above, 4))


def _quantile(values: NDArray[np.float64], importance: NDArray[np.float64], share: float) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(importance[order])
    place = min(int(np.searchsorted(total, share * total[-1])), len(values) - 1)
    return float(np.round(values[order[place]], 4))


def _stack(columns: NDArray[np.float64], machine: NDArray[np.bool_], importance: NDArray[np.float64]) -> list[float]:
    """Learn a weight for each channel, the first one's being 1, 0 where a channel does not help."""
    from sklearn.linear_model import LogisticRegression

    spread = columns.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=500).fit(columns / spread, machine, sample_weight=importance)
    weights = np.maximum(model.coef_[0], 0) / spread
    return [float(weight / max(weights[0], 1e-6)) for weight in weights]
