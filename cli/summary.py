"""The last lines of ``score``: what was found, in words."""

from __future__ import annotations

from provenance.cli.notes import counted
from provenance.report.tally import Tally

__all__ = ["summary_lines"]


def summary_lines(tally: Tally, *, detector: str, fpr: float, unreadable: int = 0) -> list[str]:
    """Sum up a run in two lines, or one where no document was judged.

    Parameters
    ----------
    tally : Tally
        Counts of the run.
    detector : str
        Name and version, as in ``fast@1``.
    fpr : float
        False-positive rate of the verdicts.
    unreadable : int
        Rows that could not be read.
    """
    reasons = ", ".join(f"{name} {n:,}" for name, n in tally.reasons.most_common())
    first = (
        f"{counted(tally.documents, 'document')} scored by {detector} at false-positive rate {fpr:g}: "
        f"{tally.flagged:,} flagged, {tally.judged - tally.flagged:,} not flagged, {tally.abstained:,} abstained"
        + (f" ({reasons})" if reasons else "")
        + (f"; {counted(unreadable, 'row')} could not be read" if unreadable else "")
    )
    if tally.share is None:
        return [first, "share flagged: unknown, as no document was judged"]
    low, high = tally.interval
    return [
        first,
        f"share flagged: {100 * tally.share:.1f} % of {counted(tally.judged, 'judged document')} "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %, Wilson); "
        "this is a share of the judged documents, not the share of machine text",
    ]
