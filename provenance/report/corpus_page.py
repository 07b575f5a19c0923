"""One self-contained HTML page from one look at a corpus: share, sources, known rows, languages, lengths, what was kept.

Texts, ids and values are hostile input: the template escapes every one, and control characters are taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.corpus.inspection import LENGTHS
from provenance.report.charts import Bar, bar_chart
from provenance.report.rendering import percent, render
from provenance.report.share_page import NAMED, estimator_chart, group_chart

if TYPE_CHECKING:
    from provenance.corpus.filtering import RowFilter
    from provenance.corpus.inspection import Inspection
    from provenance.corpus.result import ShareResult
    from provenance.corpus.trace import TraceTally

__all__ = ["CorpusPage"]

MOST_BARS = 20
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """The page of one look.

    Attributes
    ----------
    inspection : Inspection
    trace : TraceTally or None
        Rows of known data sets; None where none were looked for.
    filter : RowFilter or None
        What was kept; None where nothing was written.
    share : ShareResult or None
        None where there was no human reference.
    detector : str
    fpr : float
        False-positive rate of the flags.
    inputs : sequence of str
        Names of what was read.
    unreadable : int
        Rows that could not be read.
    """

    inspection: Inspection
    trace: TraceTally | None
    filter: RowFilter | None
    share: ShareResult | None
    detector: str
    fpr: float
    inputs: Sequence[str]
    unreadable: int = 0

    def html(self) -> str:
        """Render the page."""
        filters = dict(percent=percent, count=lambda n: f"{n:,}")
        share = self.share
        charts = {"estimators": estimator_chart(share), "groups": group_chart(share)} if share else {}
        return render(
            "corpus.html",
            filters,
            page=self,
            look=self.inspection,
            total=self.inspection.total,
            rows=self.inspection.rows(MOST_ROWS),
            known=sorted(self.trace.sources.items()) if self.trace else [],
            charts=charts,
            named=NAMED,
            sources_chart=self.sources_chart(),
            lengths_chart=self.lengths_chart(),
        )

    def sources_chart(self) -> str:
        """Draw the share flagged of each large source, with its interval; empty where there is one source alone."""
        rows = [(name, row) for name, row in self.inspection.rows(MOST_BARS) if row.judged]
        if len(rows) < 2:
            return ""
        bars = [
            Bar(f"{name} ({row.judged:,})", round(100 * row.rate.value, 1), 100 * row.rate.low, 100 * row.rate.high)
            for name, row in rows
        ]
        return bar_chart(
            bars,
            title="Flagged by source",
            description=f"The {len(bars)} largest sources, flagged as a share of the judged documents.",
            x_label="flagged, per cent of the judged",
            x_range=(0.0, 100.0),
        )

    def lengths_chart(self) -> str:
        """Draw how long the documents are."""
        tops = [f"{low:,} to {high - 1:,}" for low, high in zip(LENGTHS[:-1], LENGTHS[1:], strict=True)]
        names = [*tops, f"{LENGTHS[-1]:,} and more"]
        bars = [Bar(name, float(n)) for name, n in zip(names, self.inspection.lengths, strict=True)]
        return bar_chart(
            bars,
            title="Lengths in words",
            description="Number of documents by their length in words.",
            x_label="documents",
        )
