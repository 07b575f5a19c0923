"""What an audit found, as the published record has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["AuditResult", "IdentityClaims", "TeacherKinship"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class TeacherKinship:
    """Kinship of the suspect to one teacher.

    Attributes
    ----------
    teacher : str
    kinship : float
        Closeness beyond the nearest rival and beyond the controls' mean, in standard deviations of the controls.
    low, high : float or None
        Bootstrap interval over prompts; None in the unpaired mode.
    rank : int or None
        1 where no control stands as near to a teacher that is not its own.
    n_controls : int
        Pairs of a control model and a teacher that it has no tie to.
    p_value : float or None
        ``rank / (n_controls + 1)``.
    p_holm : float or None
        The p-value after Holm's correction over the teachers that were asked about.
    n_rivals : int
        Rival families that the suspect was compared with.
    known : bool
        Whether it is publicly known what taught the teacher's own models.
    eras : Mapping of str to float
        Kinship by the groups of the teacher's models, on the same scale.
    controls : tuple of (str, float)
        Controls of this teacher by name, with their kinship to it.
    """

    teacher: str
    kinship: float
    low: float | None
    high: float | None
    rank: int | None
    n_controls: int
    p_value: float | None
    p_holm: float | None
    n_rivals: int = 0
    known: bool = True
    eras: Mapping[str, float] = field(default_factory=dict)
    controls: tuple[tuple[str, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the record; the controls stay out."""
        numbers = {name: _rounded(getattr(self, name), 3) for name in ("kinship", "low", "high")}
        ranks = {"rank": self.rank, "n_controls": self.n_controls}
        chances = {"p_value": _rounded(self.p_value, 4), "p_holm": _rounded(self.p_holm, 4)}
        eras = {name: _rounded(value, 3) for name, value in self.eras.items()}
        return {
            "teacher": self.teacher,
            **numbers,
            **ranks,
            **chances,
            "n_rivals": self.n_rivals,
            "known": self.known,
            "eras": eras,
        }


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """Answers in which the model names itself or its maker.

    Attributes
    ----------
    counts : Mapping of str to int
        Answers that claim to be of a family, by family.
    quoted : Mapping of str to int
        Answers that only speak of such a claim.
    n : int
        Answers read.
    """

    counts: Mapping[str, int]
    quoted: Mapping[str, int]
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the record."""
        return {**self.counts, "n": self.n}

    def intervals(self) -> dict[str, dict[str, float]]:
        """Share of the answers that claim to be of each family, with Wilson's 95 % interval."""
        from provenance.evaluate.metrics import wilson

        found = {family: wilson(count, self.n) for family, count in self.counts.items()}
        return {name: {"share": e.value, "low": e.low, "high": e.high} for name, e in found.items()}


@dataclass(frozen=True, slots=True)
class AuditResult:
    """One audited model: kinship to each teacher, the verdict, and what it does not show.

    Attributes
    ----------
    verdict : str
        ``kin_to_NAME``, ``no_kinship_found`` or ``not_enough_evidence``.
    nearest : str
        The teacher that stands nearest and out among the controls, or 'none'.
    left_out : Mapping of str to int
        Answers that were not compared, by reason.
    remarks : tuple of str
        Those of the notes that are special to this audit: a copied file, too few prompts, why nobody was named.
    """

    model: str
    panel: str
    n_prompts: int
    paired: bool
    teachers: tuple[TeacherKinship, ...]
    nearest: str
    verdict: str
    identity: IdentityClaims
    notes: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def top(self) -> TeacherKinship | None:
        """The teacher that the verdict names, else the one that stands nearest; None where none was measured."""
        named = [teacher for teacher in self.teachers if teacher.teacher == self.nearest]
        return next(iter([*named, *self.teachers]), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the record."""
        return {
            "schema_version": SCHEMA_VERSION,
            "model": self.model,
            "panel": self.panel,
            "n_prompts": self.n_prompts,
            "paired": self.paired,
            "teachers": [teacher.to_dict() for teacher in self.teachers],
            "nearest": self.nearest,
            "verdict": self.verdict,
            "identity_claims": self.identity.to_dict(),
            "identity_intervals": self.identity.intervals(),
            "identity_quoted": dict(self.identity.quoted),
            "scores": dict(self.scores),
            "left_out": dict(self.left_out),
            "notes": list(self.notes),
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
