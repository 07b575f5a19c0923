"""The charts of an evaluation page: ROC curve, reliability, error rates by the values of a slice."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from provenance.report.charts import Bar, Series, bar_chart, line_chart
from provenance.writing import printable

if TYPE_CHECKING:
    from provenance.evaluate.cells import Cell
    from provenance.evaluate.metrics import Estimate
    from provenance.evaluate.observations import Observations

__all__ = ["facet_chart", "reliability_chart", "roc_charts"]

CURVE_POINTS = 60
MAX_BARS = 30

FEW = 50
"""Human texts below which the part of the curve with few false positives is not drawn by itself."""


def roc_charts(observed: Observations) -> list[str]:
    """Draw the ROC curve whole, and, where there are 50 human texts or more, on a logarithmic axis of false positives.

    Parameters
    ----------
    observed : Observations
        With texts of both labels.

    Returns
    -------
    list of str
        SVG elements.
    """
    from provenance.evaluate.metrics import auroc, roc_points

    scored = observed.scores == observed.scores
    scores, machine = observed.scores[scored], observed.machine[scored]
    fpr, tpr = (axis.tolist() for axis in roc_points(scores, machine))
    said = f"AUROC {auroc(scores, machine):.3f}."
    labels: dict[str, Any] = {"x_label": "human texts flagged", "y_label": "machine texts found", "y_range": (0.0, 1.0)}
    whole = line_chart(
        [Series(observed.detector, *_thinned(fpr, tpr)), Series("chance", [0.0, 1.0], [0.0, 1.0])],
        title="ROC curve",
        description=f"Share of machine texts found against share of human texts flagged, over all cuts. {said}",
        **labels,
    )
    some = [(x, y) for x, y in zip(fpr, tpr, strict=True) if x > 0]
    if int((~machine).sum()) < FEW or not some:
        return [whole]
    low = line_chart(
        [Series(observed.detector, *_highest(some))],
        title="ROC curve where few human texts are flagged",
        description="The same with a logarithmic axis of human texts flagged.",
        log_x=True,
        **labels,
    )
    return [whole, low]


def reliability_chart(observed: Observations) -> str:
    """Draw stated probability against the share of machine texts, both labels weighed alike; '' without both labels."""
    from provenance.evaluate.metrics import equal_weights, reliability

    known = observed.probabilities == observed.probabilities
    truth = observed.machine[known]
    if not 0 < truth.sum() < len(truth):
        return ""
    bins = reliability(observed.probabilities[known], truth, equal_weights(truth))
    return line_chart(
        [
            Series("observed", [b.probability for b in bins], [b.share for b in bins]),
            Series("well calibrated", [0.0, 1.0], [0.0, 1.0]),
        ],
        title="Reliability",
        description="Stated probability against the share of machine texts among those with it, labels weighed alike.",
        x_label="stated probability",
        y_label="share of machine texts",
        y_range=(0.0, 1.0),
    )


def facet_chart(cells: Sequence[Cell], facet: str, fpr: float) -> str:
    """Draw both error rates of each cell, or its AUROC where there is no threshold; '' where there is neither."""
    bars: list[Bar] = []
    for cell in cells[:MAX_BARS]:
        name, rates = printable(str(cell.by[facet] or "not given"), 40), cell.rates.get(fpr)
        if rates is None:
            bars += [_bar(name, cell.ranking.auroc, "AUROC")] if cell.ranking else []
            continue
        bars += [_bar(name, rates.fpr, "human texts flagged")] if cell.n_human else []
        bars += [_bar(name, rates.tpr, "machine texts flagged")] if cell.n_llm else []
    if not bars:
        return ""
    return bar_chart(
        bars,
        title=f"By {facet}",
        description=f"Shares of texts flagged by {facet}, with 95 % intervals.",
        x_label="AUROC" if bars[0].series == "AUROC" else "share of texts",
        x_range=(0.0, 1.0),
    )


def _bar(name: str, estimate: Estimate, series: str) -> Bar:
    low, high = (value if value == value else None for value in (estimate.low, estimate.high))
    return Bar(name, estimate.value, low, high, series)


def _thinned(fpr: Sequence[float], tpr: Sequence[float]) -> tuple[list[float], list[float]]:
    """Points of a curve, few enough to draw, dense where it is steep: at even steps along both axes."""
    kept = {0, len(fpr) - 1} if len(fpr) > CURVE_POINTS else set(range(len(fpr)))
    if len(fpr) > CURVE_POINTS:
        marks = [k / (CURVE_POINTS // 2) for k in range(CURVE_POINTS // 2 + 1)]
        kept |= {min(bisect_left(axis, mark), len(axis) - 1) for axis in (fpr, tpr) for mark in marks}
    rows = sorted(kept)
    return [fpr[k] for k in rows], [tpr[k] for k in rows]


def _highest(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The largest share found at each share flagged, at even steps of the logarithm of the latter."""
    best = dict(sorted(points))  # of points at one x the highest comes last
    xs = list(best)
    if len(xs) > CURVE_POINTS:
        steps = [xs[0] * (xs[-1] / xs[0]) ** (k / CURVE_POINTS) for k in range(CURVE_POINTS + 1)]
        xs = sorted({xs[min(bisect_left(xs, step), len(xs) - 1)] for step in steps})
    return xs, [best[x] for x in xs]
