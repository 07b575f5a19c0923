"""Cluster bootstrap: intervals that come from drawing whole groups (prompts, pairs, authors), not single texts.

Texts of one group vary together, so an interval over rows is too narrow. The scores are sorted once; a draw is a weight
for each text, and no draw sorts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evaluate.metrics import Estimate, group_numbers

__all__ = ["DRAWS", "Ranking", "ranking"]

DRAWS = 500
"""Draws of groups behind an interval."""

_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well scores tell machine texts from human ones, with 95 % percentile intervals over groups.

    Attributes
    ----------
    auroc : Estimate
        In [0, 1]; bounds are nan where there are fewer than two groups.
    tpr_at_fpr : dict of float to Estimate
        Share of machine texts above the cut that lets at most that share of these human texts through.
    n_groups : int
        Groups that were drawn from.
    """

    auroc: Estimate
    tpr_at_fpr: dict[float, Estimate]
    n_groups: int


def ranking(
    scores: NDArray[np.float64],
    machine: NDArray[np.bool_],
    groups: Sequence[str],
    fprs: Sequence[float] = (0.01,),
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Ranking:
    """Measure AUROC and true-positive rates, with intervals from drawing whole groups with replacement.

    Parameters
    ----------
    scores : ndarray, shape (n_texts,)
        Higher = more machine-like; finite.
    machine : ndarray of bool, shape (n_texts,)
    groups : sequence of str, length n_texts
        Texts that vary together.
    fprs : sequence of float
        False-positive rates at which the true-positive rate is taken, each in (0, 1).
    draws : int
        Draws of groups.
    seed : int
        Seed of the draws.

    Raises
    ------
    InputError
        When all texts have the same label.
    """
    machine = np.asarray(machine, np.bool_)
    if not 0 < machine.sum() < len(machine):
        raise InputError(f"{len(scores)} texts, all of one label; wanted texts by people and by models")
    place = _Sorted(scores, machine)
    group = group_numbers(groups)
    n_groups = int(group.max()) + 1
    value = place.measure(np.ones(len(scores)), fprs)
    found = _draws(place, group, n_groups, fprs, draws, seed) if n_groups > 1 else np.zeros((0, len(value)))
    low, high = np.quantile(found, [0.025, 0.975], axis=0) if len(found) else np.full((2, len(value)), _NAN)
    figures = [Estimate(float(value[k]), float(low[k]), float(high[k])) for k in range(len(value))]
    return Ranking(figures[0], dict(zip(fprs, figures[1:], strict=True)), n_groups)


def _draws(
    place: _Sorted, group: NDArray[np.int64], n: int, fprs: Sequence[float], draws: int, seed: int
) -> NDArray[np.float64]:
    """Figures of each draw that holds both labels, shape (n_draws, 1 + n_fprs)."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(draws):
        weights = np.bincount(rng.integers(0, n, n), minlength=n)[group].astype(np.float64)
        found = place.measure(weights, fprs)
        if not np.isnan(found[0]):
            rows.append(found)
    return np.array(rows) if rows else np.zeros((0, 1 + len(fprs)))


class _Sorted:
    """Scores in order, once and for all draws."""

    def __init__(self, scores: NDArray[np.float64], machine: NDArray[np.bool_]) -> None:
        self.order = np.argsort(scores, kind="stable")
        ranked = scores[self.order]
        self.machine = machine[self.order].astype(np.float64)
        step = np.append(True, ranked[1:] != ranked[:-1])
        self.level = np.cumsum(step) - 1
        self.n_levels = int(self.level[-1]) + 1

    def measure(self, weights: NDArray[np.float64], fprs: Sequence[float]) -> NDArray[np.float64]:
        """AUROC, then the true-positive rate at each of `fprs`, texts counting `weights` times; nan without a label."""
        weight = weights[self.order]
        model = np.bincount(self.level, weights=weight * self.machine, minlength=self.n_levels)
        human = np.bincount(self.level, weights=weight * (1 - self.machine), minlength=self.n_levels)
        n_human, n_model = human.sum(), model.sum()
        if not n_human or not n_model:
            return np.full(1 + len(fprs), _NAN)
        below = np.cumsum(human) - human
        area = (model * (below + human / 2)).sum() / n_human / n_model
        above = np.cumsum(human[::-1])[::-1]  # human texts at or above each level
        found = [area]
        for fpr in fprs:
            let_through = np.floor(fpr * n_human + 1e-9)
            cut = np.flatnonzero(above > let_through)[-1]  # the level that must not be flagged
            found.append(model[cut + 1 :].sum() / n_model)
        return np.array(found)
