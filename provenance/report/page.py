"""One self-contained HTML page from a run of ``score``.

The page loads nothing: style and charts are inside it, and its content policy forbids the rest. Texts and ids are
hostile input: the template escapes every value, and control characters are made visible first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.report.rendering import percent, render, shown
from provenance.report.tally import Tally
from provenance.writing import printable

if TYPE_CHECKING:
    from provenance.detect.result import Score, Span
    from provenance.documents import Document

__all__ = ["Piece", "Row", "ScoreReport"]

BINS = 20
EXCERPT = 1500


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the weight of the span that it belongs to, 0 where it belongs to none; and how it is used.

    `evidence` is False where the side that the stretch speaks for uses it no more often than the other.
    """

    text: str
    weight: float
    usage: str = ""
    evidence: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One document of the page: its score, and its text cut into pieces."""

    score: Score
    pieces: tuple[Piece, ...]
    cut: bool

    @property
    def id(self) -> str:
        """Id without control characters."""
        return printable(self.score.id)


@dataclass(slots=True)
class ScoreReport:
    """Collector of what the page shows. Holds `keep` texts, however many documents go by.

    Attributes
    ----------
    detector : str
        Name and version, as in ``fast@1``.
    fpr : float
        False-positive rate of the verdicts.
    inputs : sequence of str
        Names of what was read.
    keep : int
        Documents shown with their text: the ones that stand out most.
    unreadable : int
        Rows that could not be read.
    """

    detector: str
    fpr: float
    inputs: Sequence[str]
    keep: int = 100
    unreadable: int = 0
    tally: Tally = field(default_factory=Tally)
    _bins: list[int] = field(default_factory=lambda: [0] * BINS)
    _heap: list[tuple[tuple[bool, float, float], int, Row]] = field(default_factory=list)

    def add(self, document: Document, score: Score) -> None:
        """Take one document and its score in."""
        self.tally.add(score)
        if score.verdict != "abstained" and score.p_value is not None:
            self._bins[min(int(score.p_value * BINS), BINS - 1)] += 1
        key = _standing_out(score)
        if len(self._heap) >= self.keep and key <= self._heap[0][0]:
            return
        pieces = tuple(_pieces(document.text[:EXCERPT], score.spans or ()))
        row = Row(score, pieces, len(document.text) > EXCERPT)
        push = heapq.heappush if len(self._heap) < self.keep else heapq.heapreplace
        push(self._heap, (key, -self.tally.documents, row))

    def rows(self) -> list[Row]:
        """Documents that the page shows, the most machine-like first, abstentions last."""
        return [row for _, _, row in sorted(self._heap, reverse=True)]

    def html(self) -> str:
        """Render the page."""
        filters = dict(number=_number, percent=percent)
        return render("score.html", filters, report=self, tally=self.tally, bars=self._bars())

    def _bars(self) -> list[dict[str, float]]:
        """Bars of the p-value histogram, heights in 0..100 of the chart."""
        highest = max(*self._bins, 1)
        return [
            {"low": k / BINS, "high": (k + 1) / BINS, "n": n, "height": 100 * n / highest} for k, n in enumerate(self._bins)
        ]

    @property
    def expected_height(self) -> float:
        """Height, in 0..100 of the chart, of every bar if all judged documents were like the human texts."""
        return min(100.0, 100 * self.tally.judged / BINS / max(*self._bins, 1))


def _standing_out(score: Score) -> tuple[bool, float, float]:
    """Sort key: judged before abstained, then small p-values, then high scores."""
    p_value = 1.0 if score.p_value is None else score.p_value
    value = float("-inf") if score.score is None else score.score
    return score.verdict != "abstained", -p_value, value


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[Piece]:
    """Cut a text at its spans; a span that overlaps an earlier one, or lies outside the text, is left out."""
    position = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if span.start < position or span.end > len(text) or span.end <= span.start:
            continue
        if span.start > position:
            yield Piece(shown(text[position : span.start]), 0.0)
        yield Piece(shown(text[span.start : span.end]), span.weight, _usage(span), span.evidence is not False)
        position = span.end
    if position < len(text):
        yield Piece(shown(text[position:]), 0.0)


def _usage(span: Span) -> str:
    """How often people and models use the weightiest n-gram of a span."""
    if span.human_rate is None or span.human_rate_most is None or span.llm_rate is None:
        return ""
    people = f"in {span.human_rate:.2%} of people's texts (up to {span.human_rate_most:.2%} in one kind of text)"
    return f"{people}, {span.llm_rate:.2%} of models'"


def _number(value: float | None, digits: int = 3) -> str:
    """Number for reading; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}g}"
