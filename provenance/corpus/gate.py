"""Checks without which no share is given: the A/A check, and whether reference and corpus are of one source.

An estimate fails silently when the human side of the corpus is not like the human reference. Two checks watch for it here, and
`refusal` has more. A/A: one half of the reference, taken for a corpus, must come out near 0 against the other half. Same
source: those texts of the corpus that look like a person's must not be told from the reference by their words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.channel import separation
from provenance.corpus.density import FloatArray, Ruler, bin_counts
from provenance.corpus.draws import drawn_counts
from provenance.corpus.mixture import MachinePrior, SharePosterior, share_posterior
from provenance.corpus.occurrence import OccurrenceModel
from provenance.corpus.scored import ScoredTexts

__all__ = ["SOURCE_LIMIT", "AACheck", "SourceCheck", "belief_of", "check_halves", "check_machine", "check_source"]

AA_LIMIT = 0.05
UNEVEN_LIMIT = 0.15
SPLITS = 4
DRAWS = 4
LEAST_HALF = 20
SOURCE_LIMIT = 0.70
FEWEST = 20
MOST = 400
HUMAN_LIKE, MACHINE_LIKE = 0.3, 0.7
MACHINE_LIMIT = 0.85
FOLDS = 4


@dataclass(frozen=True, slots=True)
class AACheck:
    """What the reference says of itself.

    Attributes
    ----------
    share : float
        Median share found in one half of the reference with the other half as reference; 0 is right.
    low, high : float
        Least and greatest over the splits.
    n_splits, n : int
        Splits (by groups at random, and at the middle of the file) and texts.
    unevenness : float
        Root mean square of the signed share between halves, beyond twice what chance explains.
    passed : bool
        ``share <= 0.05 and unevenness <= 0.15``.
    """

    share: float
    low: float
    high: float
    n_splits: int
    n: int
    unevenness: float
    passed: bool


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """Whether the texts of the corpus that look like one side are like the reference of that side.

    Attributes
    ----------
    told_apart : float or None
        How well their words tell them from the reference, 0.5 = not at all, 1 = always; None where fewer than 20 texts look
        like that side.
    n : int
        Texts of the corpus that do.
    passed : bool or None
        ``told_apart`` is at most 0.70 for the human side, 0.85 for the machine side; None where it could not be checked.
    """

    told_apart: float | None
    n: int
    passed: bool | None


def check_halves(human: FloatArray, groups: NDArray[np.int64], prior: MachinePrior, rng: np.random.Generator) -> AACheck:
    """Estimate the share in halves of the human reference (A/A check).

    Parameters
    ----------
    human : ndarray, shape (n_texts,)
        Values of the reference, in any unit.
    groups : ndarray of int64, shape (n_texts,)
        Whole groups go to one half.
    prior : MachinePrior
    rng : numpy.random.Generator
    """
    shares, signed, chance = [], [], []
    for half in _halves(groups, rng):
        ruler = Ruler.of(human[half])
        known, held = ruler.measure(human[half]), ruler.measure(human[~half])
        found = share_posterior(drawn_counts(known, groups[half], DRAWS, rng), bin_counts(held), prior)
        shares.append(found.mode)
        signed.append(float(held.mean()) / prior.distance)
        chance.append((1 / len(known) + held.var() / len(held)) / prior.distance**2)
    uneven = float(np.sqrt(max(0.0, np.mean(np.square(signed)) - 2 * np.mean(chance))))
    share = float(np.median(shares))
    passed = share <= AA_LIMIT and uneven <= UNEVEN_LIMIT
    return AACheck(share, min(shares), max(shares), len(shares), len(human), uneven, passed)


def _halves(groups: NDArray[np.int64], rng: np.random.Generator) -> list[NDArray[np.bool_]]:
    """Halves by groups at random, and both halves of the file, each once the known one; single texts if groups are few."""
    names, place = np.unique(groups, return_inverse=True)
    halves = []
    for _ in range(SPLITS):
        order = rng.permutation(len(names))
        halves.append((order < len(names) / 2)[place.ravel()])
    first = np.isin(groups, groups[: len(groups) // 2])
    halves += [first, ~first]
    halves = [half for half in halves if LEAST_HALF <= half.sum() <= len(half) - LEAST_HALF]
    return halves or [rng.permutation(len(groups)) < len(groups) / 2 for _ in range(SPLITS)]


def check_source(
    human: ScoredTexts, corpus: ScoredTexts, beliefs: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> SourceCheck:
    """Try to tell the human-looking texts of the corpus from the human reference by the words in them.

    Parameters
    ----------
    human, corpus : ScoredTexts
    beliefs : (ndarray, ndarray)
        Probability of a machine text, for each text of `human` and of `corpus`.
    rng : numpy.random.Generator
    """
    one, other = (np.flatnonzero(belief < HUMAN_LIKE) for belief in beliefs)
    return _compared(human, one, corpus, other, SOURCE_LIMIT, rng)


def check_machine(
    machine: ScoredTexts, corpus: ScoredTexts, beliefs: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> SourceCheck:
    """Try to tell the machine-looking texts of the corpus from the machine reference; the limit is wider, 0.85."""
    one, other = (np.flatnonzero(belief > MACHINE_LIKE) for belief in beliefs)
    return _compared(machine, one, corpus, other, MACHINE_LIMIT, rng)


def _compared(
    reference: ScoredTexts,
    one: NDArray[np.int64],
    corpus: ScoredTexts,
    other: NDArray[np.int64],
    limit: float,
    rng: np.random.Generator,
) -> SourceCheck:
    """Tell some texts of the corpus from some of a reference, by models that have not seen them."""
    n = len(other)
    if n < FEWEST or len(one) < FEWEST:
        return SourceCheck(None, n, None)
    one, other = rng.permutation(one)[:MOST], rng.permutation(other)[:MOST]
    ratios = np.zeros(len(one)), np.zeros(len(other))
    folds = np.arange(len(one)) % FOLDS, np.arange(len(other)) % FOLDS
    for k in range(FOLDS):
        model = OccurrenceModel.fit(reference.words[one[folds[0] != k]], corpus.words[other[folds[1] != k]])
        for texts, rows, place, out in zip((reference, corpus), (one, other), folds, ratios, strict=True):
            out[place == k] = model.per_word(texts.words[rows[place == k]])
    found = separation(*ratios)
    return SourceCheck(found, n, found <= limit)


def belief_of(posterior: SharePosterior, values: FloatArray) -> FloatArray:
    """Probability of a machine text for values in units of the ruler."""
    from provenance.corpus.density import EDGES

    return posterior.machine[np.clip(np.searchsorted(EDGES, values, "right") - 1, 0, len(EDGES) - 2)]
