"""Counts of a run and the share that they give, kept while scores stream past."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.detect.result import Score

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """What a run found, in counts.

    Attributes
    ----------
    documents : int
        Documents scored.
    flagged : int
        Documents with the verdict 'flagged'.
    reasons : Counter of str
        Abstentions by reason.
    families : Counter of str
        Likeliest maker among flagged documents.
    """

    documents: int = 0
    flagged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)

    def add(self, score: Score) -> None:
        """Count one score."""
        self.count(score.verdict, score.reason, score.family)

    def count(self, verdict: str, reason: str | None, family: str | None) -> None:
        """Count one finding, given by the fields of its record."""
        self.documents += 1
        if verdict == "abstained":
            self.reasons[reason or "other"] += 1
        elif verdict == "flagged":
            self.flagged += 1
            self.families[family or "unknown"] += 1

    @property
    def abstained(self) -> int:
        """Documents on which the detector gave no verdict."""
        return self.reasons.total()

    @property
    def judged(self) -> int:
        """Documents with a verdict."""
        return self.documents - self.abstained

    @property
    def share(self) -> float | None:
        """Flagged documents as a share of the judged ones; None where none was judged."""
        return self.flagged / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of `share`; (0, 1) where none was judged, as nothing is known then."""
        from provenance.evaluate.metrics import wilson

        estimate = wilson(self.flagged, self.judged)
        return estimate.low, estimate.high
