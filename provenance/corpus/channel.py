"""One number a text from the detector's score and, where there is a machine reference, from the words that occur in it.

A detector knows no corpus in particular; a pair of references does. With both, the word log-ratio (`occurrence`) is added to
the score by a logistic regression. Reference texts get their log-ratio from models that have not seen their group, and each
text of the corpus from one of these models, so that all three have it on the same terms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.density import FloatArray
from provenance.corpus.occurrence import OccurrenceModel
from provenance.corpus.scored import ScoredTexts

__all__ = ["Channel", "joint_channel", "score_channel", "separation"]

FOLDS = 4
FEWEST = 20
"""Texts of each side that a fold must be learnt from."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Values of the references and of the corpus, higher = more machine-like.

    Attributes
    ----------
    human, machine, corpus : ndarray
        `machine` is empty without a machine reference.
    words : tuple of ndarray or None
        The word log-ratios of the three alone, where words are used.
    """

    human: FloatArray
    machine: FloatArray
    corpus: FloatArray
    words: tuple[FloatArray, FloatArray, FloatArray] | None = None


def score_channel(human: ScoredTexts, corpus: ScoredTexts) -> Channel:
    """Take the detector's score alone."""
    return Channel(human.scores, np.zeros(0), corpus.scores)


def joint_channel(human: ScoredTexts, machine: ScoredTexts, corpus: ScoredTexts, rng: np.random.Generator) -> Channel:
    """Join score and words; the score alone where a side has too few groups to learn words from."""
    plain = Channel(human.scores, machine.scores, corpus.scores)
    folds = _folds(human, rng), _folds(machine, rng)
    for side in folds:
        if any((side != k).sum() < FEWEST for k in range(FOLDS)) or len(np.unique(side)) < FOLDS:
            return plain
    corpus_fold = rng.permutation(len(corpus)) % FOLDS
    ratios = np.zeros(len(human)), np.zeros(len(machine)), np.zeros(len(corpus))
    for k in range(FOLDS):
        model = OccurrenceModel.fit(human.words[folds[0] != k], machine.words[folds[1] != k])
        for texts, place, out in zip((human, machine, corpus), (*folds, corpus_fold), ratios, strict=True):
            rows = np.flatnonzero(place == k)
            if len(rows):
                out[rows] = model.per_word(texts.words[rows])
    joined = _joined(plain, ratios)
    return Channel(*joined, words=ratios)


def _folds(texts: ScoredTexts, rng: np.random.Generator) -> NDArray[np.int64]:
    """Give whole groups to folds."""
    names, place = np.unique(texts.groups, return_inverse=True)
    return (rng.permutation(len(names)) % FOLDS)[place.ravel()]


def _joined(plain: Channel, ratios: tuple[FloatArray, FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weigh score and word log-ratio by logistic regression on the references."""
    from sklearn.linear_model import LogisticRegression

    sides = [np.column_stack(pair) for pair in zip((plain.human, plain.machine, plain.corpus), ratios, strict=True)]
    rows = np.concatenate(sides[:2])
    mean, sd = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    label = np.repeat([0, 1], [len(sides[0]), len(sides[1])])
    model = LogisticRegression(C=10.0, class_weight="balanced").fit((rows - mean) / sd, label)
    human, machine, corpus = (model.decision_function((side - mean) / sd) if len(side) else np.zeros(0) for side in sides)
    return human, machine, corpus


def separation(human: FloatArray, machine: FloatArray) -> float:
    """How often a machine text stands above a human one, ties counting half; in [0, 1]."""
    order = np.sort(human)
    below = np.searchsorted(order, machine, "left") + np.searchsorted(order, machine, "right")
    return float(below.mean() / 2 / len(order))
