"""The record of ``provenance evaluate``: figures of all texts, and of each slice, every one with its interval and n."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.evaluate.bootstrap import DRAWS, Ranking, ranking
from provenance.evaluate.facets import slices
from provenance.evaluate.metrics import Estimate, brier, ece, equal_weights, wilson
from provenance.evaluate.observations import Observations

__all__ = ["SCHEMA_VERSION", "Cell", "Rates", "measure_cells"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of human and of machine texts that are flagged at one threshold, each with Wilson's 95 % interval.

    Abstained texts are not flagged and stay in the count.
    """

    fpr: Estimate
    tpr: Estimate


@dataclass(frozen=True, slots=True)
class Cell:
    """Figures of one slice; None where the slice does not allow one.

    Attributes
    ----------
    detector : str
        Name and version of what was measured, or ``baseline:NAME``.
    by : dict of str to (str or None)
        What the slice is; empty for all texts.
    n_human, n_llm, n_groups : int
        Texts of each label, and groups that the intervals were drawn over.
    ranking : Ranking or None
        AUROC and true-positive rates over the texts with a score; None where a label is missing.
    rates : dict of float to Rates
        By the false-positive rate that was asked for; empty where there is no threshold.
    abstained, abstained_human : float or None
        Share of texts, and of human texts, without a verdict.
    brier, ece : float or None
        Of the stated probability; the balanced ones weigh both labels alike.
    """

    detector: str
    by: dict[str, str | None]
    n_human: int
    n_llm: int
    n_groups: int
    ranking: Ranking | None
    rates: dict[float, Rates]
    abstained: float | None
    abstained_human: float | None
    brier: float | None
    ece: float | None
    brier_balanced: float | None
    ece_balanced: float | None
    fprs: tuple[float, ...] = field(default=(0.01,))

    def to_dict(self) -> dict[str, object]:
        """Return the published JSON record."""
        first = self.rates.get(self.fprs[0])
        areas = self.ranking.auroc if self.ranking else None
        tprs = {f"{fpr:g}": self.ranking.tpr_at_fpr[fpr] if self.ranking else None for fpr in self.fprs}
        return {
            "schema_version": SCHEMA_VERSION,
            "detector": self.detector,
            "by": self.by,
            "n_human": self.n_human,
            "n_llm": self.n_llm,
            "n_groups": self.n_groups,
            **_flat("auroc", areas),
            "tpr_at_fpr": {name: _value(item, "value") for name, item in tprs.items()},
            "tpr_at_fpr_low": {name: _value(item, "low") for name, item in tprs.items()},
            "tpr_at_fpr_high": {name: _value(item, "high") for name, item in tprs.items()},
            **_flat("fpr_at_threshold", first.fpr if first else None),
            **_flat("tpr_at_threshold", first.tpr if first else None),
            "rates": {f"{fpr:g}": {**_flat("fpr", item.fpr), **_flat("tpr", item.tpr)} for fpr, item in self.rates.items()},
            "abstained": self.abstained,
            "abstained_human": self.abstained_human,
            "brier": self.brier,
            "ece": self.ece,
            "brier_balanced": self.brier_balanced,
            "ece_balanced": self.ece_balanced,
        }


def measure_cells(
    observed: Observations, by: Sequence[str], fprs: Sequence[float] = (0.01,), *, draws: int = DRAWS, seed: int = 0
) -> list[Cell]:
    """Measure all texts together, then every slice.

    Parameters
    ----------
    observed : Observations
    by : sequence of str
        Names of slices; see `provenance.evaluate.facets.slices`.
    fprs : sequence of float
        False-positive rates, each in (0, 1); the first is that of the verdicts.
    draws, seed : int
        Of the cluster bootstrap.

    Returns
    -------
    list of Cell
        The first is that of all texts.

    Raises
    ------
    UsageError
        When a slice has no values.
    """
    groups = np.array(observed.groups(), object)
    return [_cell(observed, groups, part.by, part.rows, tuple(fprs), draws, seed) for part in slices(observed, by)]


def _cell(
    observed: Observations,
    groups: NDArray[np.object_],
    by: dict[str, str | None],
    rows: NDArray[np.int64],
    fprs: tuple[float, ...],
    draws: int,
    seed: int,
) -> Cell:
    """Figures of some rows."""
    machine, abstained = observed.machine[rows], observed.abstained[rows]
    scored = rows[~np.isnan(observed.scores[rows])]
    found = None
    if 0 < observed.machine[scored].sum() < len(scored):
        own = [str(group) for group in groups[scored]]
        found = ranking(observed.scores[scored], observed.machine[scored], own, fprs, draws=draws, seed=seed)
    known = rows[~np.isnan(observed.probabilities[rows])]
    stated, truth = observed.probabilities[known], observed.machine[known]
    weights = equal_weights(truth) if 0 < truth.sum() < len(truth) else np.full(len(truth), np.nan)
    return Cell(
        detector=observed.detector,
        by=by,
        n_human=int((~machine).sum()),
        n_llm=int(machine.sum()),
        n_groups=len(set(groups[rows])),
        ranking=found,
        rates=_rates(observed, rows, fprs),
        abstained=_share(abstained),
        abstained_human=_share(abstained[~machine]),
        brier=_finite(brier(stated, truth)),
        ece=_finite(ece(stated, truth)),
        brier_balanced=_finite(brier(stated, truth, weights)),
        ece_balanced=_finite(ece(stated, truth, weights)),
        fprs=fprs,
    )


def _rates(observed: Observations, rows: NDArray[np.int64], fprs: tuple[float, ...]) -> dict[float, Rates]:
    """Shares flagged at each rate for which there are verdicts."""
    found = {}
    for place, fpr in enumerate(fprs):
        verdicts = observed.flagged if place == 0 else observed.flagged_at(fpr)
        if verdicts is None:
            continue
        flagged, machine = verdicts[rows], observed.machine[rows]
        shares = [wilson(int(flagged[side].sum()), int(side.sum())) for side in (~machine, machine)]
        found[fpr] = Rates(*shares)
    return found


def _share(marks: NDArray[np.bool_]) -> float | None:
    return float(marks.mean()) if len(marks) else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _value(estimate: Estimate | None, part: str) -> float | None:
    return None if estimate is None else _finite(getattr(estimate, part))


def _flat(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    """Value and bounds of an estimate under three keys; bounds without a value say nothing and are left out."""
    value = _value(estimate, "value")
    bounds = {f"{name}_{part}": _value(estimate, part) if value is not None else None for part in ("low", "high")}
    return {name: value, **bounds}
