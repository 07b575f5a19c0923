"""One self-contained HTML page from a run of ``share``: the figure with its interval, the checks, the estimators, the trend.

Names of files and values of columns are hostile input: the template escapes every one, and control characters are taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provenance.report.charts import Bar, bar_chart
from provenance.report.rendering import percent, render
from provenance.writing import printable

if TYPE_CHECKING:
    from provenance.corpus.result import Estimated, ShareResult

__all__ = ["estimator_chart", "group_chart", "share_page"]

NAMED = {
    "classify_and_count": "classify and count (biased)",
    "adjusted_count": "adjusted count",
    "probabilistic_adjusted_count": "probabilistic adjusted",
    "expectation_maximisation": "EM",
    "kernel_mixture": "kernel-density mixture",
    "token_likelihood": "word occurrence",
}
"""Estimators as the page calls them."""


def share_page(result: ShareResult, inputs: Sequence[str]) -> str:
    """Render the page.

    Parameters
    ----------
    result : ShareResult
    inputs : sequence of str
        Names of what was read.
    """
    filters = dict(percent=percent, count=lambda n: f"{n:,}")
    charts = {"estimators": estimator_chart(result), "groups": group_chart(result)}
    return render("share.html", filters, result=result, inputs=inputs, charts=charts, named=NAMED)


def estimator_chart(result: ShareResult) -> str:
    """Draw the estimators side by side; empty where there are none."""
    if not result.estimators or result.estimate is None:
        return ""
    bars = [_bar("the share given", result.estimate)]
    bars += [_bar(NAMED.get(name, name), found) for name, found in result.estimators.items()]
    return bar_chart(
        bars,
        title="Share of machine text by each estimator",
        description=f"The share given is {percent(result.estimate.share)}; the published estimators stand below it.",
        x_label="share of machine text, per cent",
        x_range=(0.0, 100.0),
    )


def group_chart(result: ShareResult) -> str:
    """Draw the groups that have a share, in their order; empty where none has."""
    bars = [_bar(f"{printable(g.value, 28)} ({g.n:,})", g.estimate) for g in result.groups if g.estimate is not None]
    if not bars:
        return ""
    return bar_chart(
        bars,
        title=f"Share of machine text by {printable(result.column or 'group', 40)}",
        description=f"{len(bars)} groups of documents, each with its 95 % interval.",
        x_label="share of machine text, per cent",
        x_range=(0.0, 100.0),
    )


def _bar(name: str, found: Estimated) -> Bar:
    """Bar of one estimate, in per cent."""
    return Bar(name, round(100 * found.share, 1), 100 * found.low, 100 * found.high)
