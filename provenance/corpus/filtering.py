"""Which rows a curator keeps, and a count of the others by the reason why: nothing is dropped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from provenance.corpus.inspection import Findings
from provenance.errors import UsageError

__all__ = ["DROPS", "RowFilter"]

DROPS = ("duplicates", "near-copies", "known", "self-naming", "unjudged")
"""What can be left out besides rows of a high probability: texts met before, word for word or nearly, rows of known data sets,
texts that name their model, texts on which the detector abstained."""


@dataclass(slots=True)
class RowFilter:
    """Keeper of rows.

    Attributes
    ----------
    max_probability : float or None
        Judged documents with a higher probability of machine text are left out; in [0, 1].
    drop : collection of str
        Of `DROPS`.
    kept : int
    left_out : Counter of str
        By the first reason that holds.

    Raises
    ------
    UsageError
        When `max_probability` or `drop` is none that is known.
    """

    max_probability: float | None = None
    drop: Collection[str] = ()
    kept: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.max_probability is not None and not 0 <= self.max_probability <= 1:
            raise UsageError(f"max_probability is {self.max_probability:g}; wanted 0 to 1")
        unknown = sorted(set(self.drop) - set(DROPS))
        if unknown:
            raise UsageError(f"cannot drop {unknown[0]!r}; wanted some of {', '.join(DROPS)}")

    def keeps(self, found: Findings) -> bool:
        """Say whether a document is kept, and count it."""
        reason = self._reason(found)
        if reason is None:
            self.kept += 1
            return True
        self.left_out[reason] += 1
        return False

    def _reason(self, found: Findings) -> str | None:
        """First reason to leave a document out."""
        wanted = {
            "unjudged": not found.judged,
            "duplicates": found.duplicate,
            "near-copies": found.near,
            "known": found.known,
            "self-naming": found.naming,
        }
        for name, holds in wanted.items():
            if holds and name in self.drop:
                return name
        above = self.max_probability is not None and found.judged and (found.probability or 0) > self.max_probability
        return "probability" if above else None
