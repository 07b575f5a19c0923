"""What an estimate of the share says, in the shape of the published record."""

from __future__ import annotations

from dataclasses import dataclass, field

from provenance.corpus.gate import AACheck, SourceCheck

__all__ = ["Estimated", "GroupShare", "ShareResult"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Estimated:
    """A share with its 95 % interval; all in [0, 1]."""

    share: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Return the figures, rounded to four digits."""
        return {"share": round(self.share, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


@dataclass(frozen=True, slots=True)
class GroupShare:
    """The share in one group of rows, such as a month.

    Attributes
    ----------
    value : str
        What the rows of the group have in common.
    n : int
        Judged documents.
    estimate : Estimated or None
        None where it is refused.
    refused : str or None
        Why.
    """

    value: str
    n: int
    estimate: Estimated | None
    refused: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        figures = self.estimate.to_dict() if self.estimate else dict.fromkeys(("share", "low", "high"))
        return {"value": self.value, "n": self.n, **figures, "refused": self.refused}


@dataclass(frozen=True, slots=True)
class ShareResult:
    """Share of machine texts in a corpus, or why none is given.

    Attributes
    ----------
    n, n_human, n_machine : int
        Judged documents of the corpus and of the references.
    estimate : Estimated or None
        The share of machine texts among the judged documents; None where it is refused.
    estimators : dict of str to Estimated
        The published estimators side by side; empty where refused.
    aa_check : AACheck or None
    source_check, machine_check : SourceCheck or None
        Of the human side and of the machine side.
    refused : str or None
        Why no share is given, and what would help.
    left_out : dict of str to int
        Documents of the corpus that were not judged, by reason.
    overlap : int
        Texts of the corpus that stand in a reference too.
    exploratory : bool
        Whether there was no human reference: such a figure is a guess.
    notes : tuple of str
        What to keep in mind.
    detector : str
    column : str or None
        What the groups go by.
    groups : tuple of GroupShare
    """

    n: int
    n_human: int
    n_machine: int
    estimate: Estimated | None = None
    estimators: dict[str, Estimated] = field(default_factory=dict)
    aa_check: AACheck | None = None
    source_check: SourceCheck | None = None
    machine_check: SourceCheck | None = None
    refused: str | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    overlap: int = 0
    exploratory: bool = False
    notes: tuple[str, ...] = ()
    detector: str = ""
    column: str | None = None
    groups: tuple[GroupShare, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record, keys in the published order; `by` only where groups were asked for."""
        figures = self.estimate.to_dict() if self.estimate else dict.fromkeys(("share", "low", "high"))
        record: dict[str, object] = {
            "schema_version": SCHEMA_VERSION,
            **figures,
            "estimators": {name: found.to_dict() for name, found in self.estimators.items()},
            "aa_check": _aa_record(self.aa_check),
            "source_check": _source_record(self.source_check),
            "llm_check": _source_record(self.machine_check),
            "refused": self.refused,
            "n": self.n,
            "n_human": self.n_human,
            "n_llm": self.n_machine,
            "left_out": self.left_out,
            "overlap": self.overlap,
            "exploratory": self.exploratory,
            "notes": list(self.notes),
            "detector": self.detector,
        }
        if self.column is not None:
            record["by"] = self.column
            record["groups"] = [group.to_dict() for group in self.groups]
        return record


def _aa_record(check: AACheck | None) -> dict[str, object] | None:
    if check is None:
        return None
    return {
        "share": round(check.share, 4),
        "passed": check.passed,
        "low": round(check.low, 4),
        "high": round(check.high, 4),
        "unevenness": round(check.unevenness, 4),
        "n": check.n,
        "splits": check.n_splits,
    }


def _source_record(check: SourceCheck | None) -> dict[str, object] | None:
    if check is None:
        return None
    told_apart = None if check.told_apart is None else round(check.told_apart, 3)
    return {"told_apart": told_apart, "passed": check.passed, "n": check.n}
