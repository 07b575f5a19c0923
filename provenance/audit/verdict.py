"""The audit: answers of one model in, kinship to each teacher, a verdict and its limits out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from provenance.audit.answers import Matched, copied_model, match, one_model
from provenance.audit.identity import identity_claims
from provenance.audit.kinship import Kinships, kinships, null_teachers
from provenance.audit.notes import LIMITS, copy_note, few_prompts_note, no_teacher_note, null_note, off_topic_note
from provenance.audit.panel import Panel
from provenance.audit.result import AuditResult, TeacherKinship
from provenance.audit.settings import AuditSettings
from provenance.audit.similarity import measure, nearness
from provenance.audit.sketch import sketch
from provenance.audit.unpaired import unpaired_kinships
from provenance.documents import Document
from provenance.errors import UsageError

__all__ = ["Decision", "audit", "decide", "teacher_records"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Verdict, the teacher it names or 'none', and notes that belong to it."""

    verdict: str
    nearest: str
    notes: tuple[str, ...] = ()


def audit(
    documents: Iterable[Document],
    panel: Panel,
    *,
    source: str | None = None,
    teachers: Sequence[str] = (),
    related: Collection[str] = (),
    settings: AuditSettings | None = None,
    scores: Mapping[str, float] | None = None,
    seed: int = 0,
) -> AuditResult:
    """Ask whether a model writes like a student of a teacher.

    Parameters
    ----------
    documents : iterable of Document
        Prompt and answer of ONE model.
    panel : Panel
    source : str, optional
        The model to take where the documents hold several.
    teachers : sequence of str
        Teachers to ask about; all of the panel where empty.
    related : collection of str
        Lineages of the panel that the suspect is known to belong to; they are no controls of it.
    settings : AuditSettings, optional
    scores : Mapping, optional
        Figures made elsewhere that go into the record.
    seed : int
        Of the bootstrap.

    Raises
    ------
    InputError
        When there are no answers.
    UsageError
        When the input holds several models, or a teacher or lineage is not in the panel.
    """
    rule = settings or AuditSettings()
    asked = _asked(panel, teachers)
    _check_related(panel, related)
    name, own = one_model(documents, source)
    matched = match(own, panel)
    identity = identity_claims(document.text for document in own)
    copied = _copied(matched, panel, rule)
    if copied:
        related = {*related, *(model.lineage for model in panel.models if model.name == copied[0])}
    paired = len(matched.texts) >= rule.min_prompts
    if paired:
        records, notes, strange = _paired(panel, matched, copied, related, asked, rule, seed)
        decision = Decision("not_enough_evidence", "none", (strange,)) if strange else decide(records, rule)
        remarks = list(decision.notes)
    else:
        records = unpaired_kinships(panel, [*matched.texts, *matched.others], asked)
        decision = Decision("not_enough_evidence", "none")
        remarks, notes = [few_prompts_note(len(matched.texts), panel, rule)], []
    if copied:
        remarks.insert(0, copy_note(*copied, len(matched.texts)))
    return AuditResult(
        model=name, panel=panel.label, n_prompts=len(matched.texts), paired=paired, teachers=records,
        nearest=decision.nearest, verdict=decision.verdict, identity=identity, notes=(*remarks, *notes, *LIMITS),
        left_out=matched.left_out, scores=dict(scores or {}), remarks=tuple(remarks),
    )  # fmt: skip


def _paired(
    panel: Panel,
    matched: Matched,
    copied: tuple[str, int] | None,
    related: Collection[str],
    asked: Sequence[str],
    rule: AuditSettings,
    seed: int,
) -> tuple[tuple[TeacherKinship, ...], list[str], str]:
    """Kinships on shared prompts, what their p-values rest on, and why the answers seem not to belong to the prompts, if so.

    A copied model is not compared with itself.
    """
    own = next((i for i, model in enumerate(panel.models) if copied and model.name == copied[0]), None)
    measured = measure(panel, sketch(matched.texts), matched.prompts, without=own)
    found = kinships(panel, measured, matched.prompts, related=related, draws=rule.draws, seed=seed)
    level, usual = float(nearness(measured)), nearness(panel.measured(matched.prompts))
    least = float(usual[usual > 0].min(initial=np.inf))
    strange = off_topic_note(level, least) if level < rule.on_topic * least < np.inf else ""
    return teacher_records(panel, found, asked, rule), [null_note(found, panel)], strange


def _asked(panel: Panel, teachers: Sequence[str]) -> tuple[str, ...]:
    unknown = [teacher for teacher in teachers if teacher not in panel.teachers]
    if unknown:
        raise UsageError(f"panel {panel.label} has no teacher {unknown[0]!r}; it has {', '.join(panel.teachers)}")
    return tuple(teachers) or panel.teachers


def _check_related(panel: Panel, related: Collection[str]) -> None:
    known = set(panel.lineages)
    unknown = sorted(set(related) - known)
    if unknown:
        raise UsageError(f"panel {panel.label} has no lineage {unknown[0]!r}; it has {', '.join(sorted(known))}")


def _copied(matched: Matched, panel: Panel, rule: AuditSettings) -> tuple[str, int] | None:
    found = copied_model(matched, panel)
    return found if found and found[1] >= rule.copied * len(matched.texts) else None


def teacher_records(panel: Panel, found: Kinships, asked: Sequence[str], rule: AuditSettings) -> tuple[TeacherKinship, ...]:
    """Return the kinship to each teacher that was asked about, the nearest first."""
    edge = (1 - rule.confidence) / 2
    places = [found.teachers.index(teacher) for teacher in asked]
    places = [t for t in places if not np.isnan(found.suspect[t])]
    ranks = {t: found.rank(float(found.suspect[t])) for t in places}
    p_values = {t: rank / (len(found.null) + 1) for t, rank in ranks.items()}
    holm = _holm(p_values)
    records = []
    for t in sorted(places, key=lambda place: -found.suspect[place]):
        low, high = np.nanquantile(found.draws[:, t], [edge, 1 - edge]) if len(found.draws) else (np.nan, np.nan)
        eras = {g.name: float(found.eras[i]) for i, g in enumerate(panel.groups) if g.family == found.teachers[t]}
        controls = tuple(
            (panel.models[m].name, float(found.models[m, t]))
            for m in np.flatnonzero(found.control[:, t] & ~np.isnan(found.models[:, t]))
        )
        records.append(
            TeacherKinship(
                teacher=found.teachers[t], kinship=float(found.suspect[t]), low=_number(low), high=_number(high),
                rank=ranks[t], n_controls=len(found.null), p_value=p_values[t], p_holm=holm[t],
                n_rivals=int(found.rivals[t]), known=found.teachers[t] in null_teachers(panel), controls=controls,
                eras={name: value for name, value in eras.items() if not np.isnan(value)},
            )
        )  # fmt: skip
    return tuple(records)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _holm(p_values: Mapping[int, float]) -> dict[int, float]:
    """Correct p-values for their number (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    out: dict[int, float] = {}
    highest = 0.0
    for step, key in enumerate(sorted(p_values, key=lambda k: p_values[k])):
        highest = max(highest, min(1.0, p_values[key] * (len(p_values) - step)))
        out[key] = highest
    return out


def decide(records: Sequence[TeacherKinship], rule: AuditSettings) -> Decision:
    """Apply the rule to the kinships, the nearest first.

    A teacher is named when its p-value is small, its interval lies above 0, and it leads every other teacher whose own
    teaching is known by `rule.lead`. A teacher whose own teaching is not known that has no such lead gives way to the
    nearest known one.
    """
    wanted = int(np.ceil(1 / rule.level)) - 1
    if not records:
        return Decision("not_enough_evidence", "none", (no_teacher_note(),))
    first, lead = _nearest(records, rule.lead)
    if first.p_value is None or first.n_controls < wanted:
        note = f"{first.n_controls} control pairs; {wanted} are needed before a p-value can be {rule.level:g} or less"
        return Decision("not_enough_evidence", "none", (note,))
    if first.n_rivals < rule.rivals:
        met = f"{first.n_rivals} rival families of {first.teacher} have answers"
        note = f"{met}; {rule.rivals} are needed: add models of other makers"
        return Decision("not_enough_evidence", "none", (note,))
    if first.p_value > rule.level or (first.low is not None and first.low <= 0):
        return Decision("no_kinship_found", "none")
    if lead < rule.lead:
        note = f"{first.teacher} stands near, but leads the next teacher by {lead:.2f} only; {rule.lead:g} is needed to name it"
        return Decision("no_kinship_found", "none", (note,))
    return Decision(f"kin_to_{first.teacher}", first.teacher)


def _nearest(records: Sequence[TeacherKinship], wanted: float) -> tuple[TeacherKinship, float]:
    """The teacher to be named, and its lead over the next one whose own teaching is known."""
    first, known = records[0], [record for record in records if record.known]
    if not first.known and known and first.kinship - known[0].kinship < wanted:
        first = known[0]
    rest = [record for record in known if record is not first]
    return first, first.kinship - rest[0].kinship if rest else float("inf")
