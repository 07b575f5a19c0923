"""Measures of a detector with their intervals: AUROC, true-positive rate at a false-positive rate, Wilson's interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def auroc(scores: NDArray[np.float64], machine: NDArray[np.bool_], weights: NDArray[np.float64] | None = None) -> float:
    """Return the area under the ROC curve: how often a machine text scores above a human one, ties counting half.

    Parameters
    ----------
    scores : ndarray, shape (n_texts,)
    machine : ndarray of bool, shape (n_texts,)
    weights : ndarray, shape (n_texts,), optional
        How often each text counts.

    Raises
    ------
    InputError
        When all texts have the same label.
    """
    weights = np.ones(len(scores)) if weights is None else weights
    machine = np.asarray(machine, np.bool_)
    human_weight, machine_weight = weights[~machine].sum(), weights[machine].sum()
    if not human_weight or not machine_weight:
        raise InputError(f"{len(scores)} texts, all of one label; wanted texts by people and by models")
    _, level = np.unique(scores, return_inverse=True)
    human = np.bincount(level, weights=weights * ~machine)
    below = np.cumsum(human) - human
    return float((weights * machine * (below[level] + human[level] / 2)).sum() / human_weight / machine_weight)


def tpr_at_fpr(scores: NDArray[np.float64], machine: NDArray[np.bool_], fpr: float = 0.01) -> float:
    """Return the share of machine texts above the cut that lets at most `fpr` of the human texts through.

    Raises
    ------
    InputError
        When there is no human or no machine text.
    """
    human, model = np.sort(scores[~machine]), scores[machine]
    if not len(human) or not len(model):
        raise InputError(f"{len(scores)} texts, all of one label; wanted texts by people and by models")
    cut = human[len(human) - int(np.floor(fpr * len(human))) - 1]
    return float((model > cut).mean())


def group_numbers(groups: Sequence[str]) -> NDArray[np.int64]:
    """Number the groups of texts from 0, in the order of their names; names may be as long as a prompt."""
    number = {name: k for k, name in enumerate(sorted(set(groups)))}
    return np.array([number[name] for name in groups], np.int64)


def group_bootstrap(
    scores: NDArray[np.float64], machine: NDArray[np.bool_], groups: Sequence[str], *, n: int = 200, seed: int = 0
) -> tuple[Estimate, Estimate]:
    """Return AUROC and TPR at 1 % FPR with percentile intervals, drawing whole groups with replacement.

    Parameters
    ----------
    scores, machine : ndarrays, shape (n_texts,)
    groups : sequence of str, length n_texts
        Texts that vary together (one prompt, one pair, one author).
    n : int
        Draws.
    """
    place = group_numbers(groups)
    n_groups = int(place.max(initial=-1)) + 1
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(n_groups + 1))
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(n):
        picked = rng.integers(0, n_groups, n_groups)
        rows = np.concatenate([order[bounds[g] : bounds[g + 1]] for g in picked])
        if 0 < machine[rows].sum() < len(rows):
            draws.append((auroc(scores[rows], machine[rows]), tpr_at_fpr(scores[rows], machine[rows])))
    low, high = np.quantile(draws, [0.025, 0.975], axis=0) if draws else (np.full(2, np.nan), np.full(2, np.nan))
    values = auroc(scores, machine), tpr_at_fpr(scores, machine)
    return tuple(Estimate(values[i], float(low[i]), float(high[i])) for i in range(2))  # type: ignore[return-value]


def wilson(k: int, n: int, z: float = 1.96) -> Estimate:
    """Return the share ``k / n`` with Wilson's interval (Wilson 1927); nan to (0, 1) where n is 0.

    Raises
    ------
    ValueError
        If not ``0 <= k <= n``.
    """
    if not 0 <= k <= n:
        raise ValueError(f"k is {k} of n {n}; wanted 0 <= k <= n")
    if n == 0:
        return Estimate(float("nan"), 0.0, 1.0)
    share, spread = k / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * np.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return Estimate(share, float(max(centre - half, 0)), float(min(centre + half, 1)))


def roc_points(scores: NDArray[np.float64], machine: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of the ROC curve, from (0, 0) to (1, 1); texts with equal scores make one slanted step.

    Parameters
    ----------
    scores, machine : ndarrays, shape (n_texts,)

    Returns
    -------
    fpr, tpr : ndarrays, shape (n_distinct_scores + 1,)
        Shares of human and of machine texts at or above each cut, in [0, 1], both rising.

    Raises
    ------
    InputError
        When all texts have the same label.
    """
    machine = np.asarray(machine, np.bool_)
    n_machine = int(machine.sum())
    if not 0 < n_machine < len(machine):
        raise InputError(f"{len(scores)} texts, all of one label; wanted texts by people and by models")
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], machine[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    tpr = np.cumsum(hits)[last] / n_machine
    fpr = np.cumsum(~hits)[last] / (len(machine) - n_machine)
    return np.append(0.0, fpr), np.append(0.0, tpr)


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose stated probability lies in one bin: their number, mean probability, and share by models."""

    n: int
    probability: float
    share: float


def brier(probabilities: NDArray[np.float64], machine: NDArray[np.bool_], weights: NDArray[np.float64] | None = None) -> float:
    """Return the mean squared error of probabilities (Brier 1950), in [0, 1]; nan where there is no text.

    Parameters
    ----------
    probabilities : ndarray, shape (n_texts,)
        Stated probability of machine text, in [0, 1].
    machine : ndarray of bool, shape (n_texts,)
    weights : ndarray, shape (n_texts,), optional
        How often each text counts.
    """
    if not len(probabilities):
        return float("nan")
    return float(np.average((probabilities - machine) ** 2, weights=weights))


def reliability(
    probabilities: NDArray[np.float64],
    machine: NDArray[np.bool_],
    weights: NDArray[np.float64] | None = None,
    n_bins: int = 10,
) -> list[Bin]:
    """Return stated against observed, in bins of equal width over [0, 1]; empty bins are left out.

    `n` counts texts; probability and share are weighted by `weights`.
    """
    weights = np.ones(len(probabilities)) if weights is None else weights
    place = np.minimum((probabilities * n_bins).astype(np.int64), n_bins - 1)
    bins = []
    for k in np.unique(place):
        own = place == k
        total = weights[own].sum()
        stated, seen = (float((column[own] * weights[own]).sum() / total) for column in (probabilities, machine))
        bins.append(Bin(int(own.sum()), stated, seen))
    return bins


def ece(
    probabilities: NDArray[np.float64],
    machine: NDArray[np.bool_],
    weights: NDArray[np.float64] | None = None,
    n_bins: int = 10,
) -> float:
    """Return the expected calibration error, in [0, 1]: mean gap of stated and observed over bins of equal width.

    nan where there is no text (Naeini et al. 2015).
    """
    if not len(probabilities):
        return float("nan")
    weights = np.ones(len(probabilities)) if weights is None else weights
    place = np.minimum((probabilities * n_bins).astype(np.int64), n_bins - 1)
    gap = np.bincount(place, weights=weights * (probabilities - machine), minlength=n_bins)
    return float(np.abs(gap).sum() / weights.sum())


def equal_weights(machine: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weigh texts so that both labels weigh the same; mean 1 where both are there.

    A probability is stated at a prior of one half, while a corpus has the shares that it has.
    """
    counts = np.bincount(machine.astype(np.int64), minlength=2)
    return len(machine) / (2.0 * np.maximum(counts, 1))[machine.astype(np.int64)]
