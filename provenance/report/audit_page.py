"""One self-contained HTML page from an audit: what was compared, how near, and first of all what it does not show.

Answers, prompts and names are hostile input: the template escapes every one, and control characters are taken out first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.audit.result import AuditResult
from provenance.report.charts import Bar, Strip, bar_chart, strip_chart
from provenance.report.rendering import figure, percent, render, shown
from provenance.writing import printable

if TYPE_CHECKING:
    from provenance.audit.pairs import Pair
    from provenance.audit.panel import Panel
    from provenance.documents import Document

__all__ = ["AuditPage", "Shown"]

EXCERPT = 900
PAIRS = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair of answers as the page shows it; `theirs` is empty where the teacher's text is not at hand."""

    prompt: str
    model: str
    similarity: float
    usual: float
    pieces: tuple[tuple[str, bool], ...]
    theirs: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The page of one audit.

    Attributes
    ----------
    result : AuditResult
    pairs : tuple of Shown
        Answers that stand nearest to the teacher on top.
    panel_facts : Mapping of str to str
        What was compared with: models, lineages, prompts of the panel.
    """

    result: AuditResult
    pairs: tuple[Shown, ...] = ()
    panel_facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, result: AuditResult, documents: Iterable[Document], panel: Panel, answers: Sequence[Document] = ()
    ) -> AuditPage:
        """Make the page of a result.

        Parameters
        ----------
        result : AuditResult
        documents : iterable of Document
            The audited answers.
        panel : Panel
        answers : sequence of Document
            Texts of the panel's models, where they are at hand: pairs are shown side by side then.
        """
        facts = {
            "models": f"{len(panel.models):,} in {len(set(panel.lineages)):,} lineages",
            "prompts": f"{len(panel.prompts):,}",
            "answers kept as": "hashed n-grams, style measures and similarities; no text",
        }
        if result.top is None or not result.paired:
            return cls(result, (), facts)
        return cls(result, tuple(_pairs(result.top.teacher, documents, panel, answers)), facts)

    def html(self) -> str:
        """Render the page."""
        filters = dict(figure=figure, percent=percent, words=lambda v: str(v).replace("_", " "))
        return render(
            "audit.html",
            filters,
            page=self,
            result=self.result,
            headline=self.headline,
            strips=self._strips(),
            bars=self._bars(),
        )

    @property
    def headline(self) -> str:
        """The verdict as one sentence."""
        result = self.result
        if result.verdict == "not_enough_evidence":
            return "There is not enough evidence for a verdict."
        top = result.top
        if top is None or not result.verdict.startswith("kin_to_"):
            return "No kinship to a teacher stands out among the controls."
        beyond = top.n_controls + 1 - (top.rank or 0)
        return (
            f"These answers stand nearer to {top.teacher}'s than to those of any other teacher, and nearer than "
            f"{beyond} of {top.n_controls} pairs of a control model and a teacher it has no tie to."
        )

    def _strips(self) -> str:
        """The suspect among the controls of each teacher; empty in the unpaired mode."""
        strips = [
            Strip(t.teacher, [value for _, value in t.controls], [(printable(self.result.model)[:32], t.kinship)])
            for t in self.result.teachers
            if t.controls
        ]
        if not strips:
            return ""
        return strip_chart(
            strips,
            title="Kinship to each teacher",
            description="A row a teacher: faint marks are controls with no tie to it, the large mark is the audited model.",
            x_label="kinship, in standard deviations of the null",
            width=720,
        )

    def _bars(self) -> str:
        """Kinship to each teacher with its interval."""
        bars = [Bar(t.teacher, t.kinship, t.low, t.high) for t in self.result.teachers]
        if not bars:
            return ""
        return bar_chart(
            bars,
            title="Kinship with its interval",
            description="Bars: kinship to each teacher; lines: 95 % bootstrap interval over prompts.",
            x_label="kinship",
            width=720,
        )


def _pairs(teacher: str, documents: Iterable[Document], panel: Panel, answers: Sequence[Document]) -> Iterable[Shown]:
    from provenance.audit.answers import match
    from provenance.audit.pairs import nearest_pairs
    from provenance.audit.sketch import prompt_key

    own = list(documents)
    prompts = {prompt_key(document.prompt): document.prompt for document in own if document.prompt}
    texts = {(d.source, prompt_key(d.prompt)): d.text for d in answers if d.prompt}
    matched = match(own, panel)
    for pair in nearest_pairs(panel, matched.texts, matched.prompts, teacher, PAIRS):
        key = int(panel.prompts[pair.prompt])
        theirs = texts.get((pair.model, key))
        yield Shown(
            _excerpt(prompts.get(key, "")), printable(pair.model), pair.similarity, pair.usual,
            _cut(pair.pieces), () if theirs is None else _cut(_shared(theirs, pair)),
        )  # fmt: skip


def _shared(text: str, pair: Pair) -> tuple[tuple[str, bool], ...]:
    """The teacher's text, marked where it shares n-grams with the suspect's."""
    from provenance.audit.pairs import OPENING, shared_pieces
    from provenance.audit.sketch import sketch

    mine = "".join(piece for piece, _ in pair.pieces)
    return shared_pieces(text, sketch([mine]).bags[OPENING].of(0))


def _excerpt(text: str) -> str:
    shown = printable(" ".join(text.split()))
    return shown if len(shown) <= 400 else shown[:400] + " …"


def _cut(pieces: Iterable[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """The beginning of a text in pieces, without control characters."""
    out: list[tuple[str, bool]] = []
    room = EXCERPT
    for text, shared in pieces:
        if room <= 0:
            out.append((" …", False))
            break
        out.append((shown(text[:room]), shared))
        room -= len(text)
    return tuple(out)
