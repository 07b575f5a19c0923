"""Counts of a run and the share that they give, kept while scores stream past."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.detect.result import Score

__all__ = ["Tally", "wilson"]

_Z95 = 1.959963984540054


def wilson(hits: int, n: int, *, z: float = _Z95) -> tuple[float, float]:
    """Give Wilson's score interval of a share.

    Parameters
    ----------
    hits, n : int
        `hits` of `n` trials, ``0 <= hits <= n``.
    z : float
        Normal quantile; the default gives 95 %.

    Returns
    -------
    low, high : float
        In [0, 1]; (0, 1) where `n` is 0, as nothing is known then.

    Raises
    ------
    ValueError
        When `hits` is not within 0 and `n`.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(1, 10)]
    [0.018, 0.404]
    """
    if not 0 <= hits <= n:
        raise ValueError(f"hits is {hits} of n {n}; wanted 0 <= hits <= n")
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == n else min(1.0, middle + half)
    return low, high


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
        """Wilson's 95 % interval of `share`."""
        return wilson(self.flagged, self.judged)
