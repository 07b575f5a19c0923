"""One self-contained HTML page from a run of ``trace``: matches by source, each pair side by side.

The page loads nothing. Texts, ids and the names of data sets are hostile input: the template escapes every value, and
control characters are taken out first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from provenance.report.rendering import percent, render, shown

if TYPE_CHECKING:
    from provenance.corpus.trace import SourceTally, TraceTally

__all__ = ["Pair", "Piece", "SourceGroup", "TraceReport"]

EXCERPT = 1500
RUN = 3
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and whether the other text of the pair has it too."""

    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """One match: its record, and both texts cut into pieces; None where the index holds no text."""

    record: Mapping[str, Any]
    text: tuple[Piece, ...]
    source_text: tuple[Piece, ...] | None

    @property
    def cut(self) -> bool:
        """Whether a text is longer than what is shown."""
        return any(len(self.record[name] or "") > EXCERPT for name in ("text", "source_text"))


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """Matches of one field of one data set."""

    name: str
    field: str
    counts: SourceTally
    pairs: tuple[Pair, ...]


@dataclass(slots=True)
class TraceReport:
    """Collector of what the page shows. Holds `keep` pairs of each source, field and kind, however many go by.

    Attributes
    ----------
    inputs : sequence of str
        Names of what was read.
    threshold : float
    tally : TraceTally
        The counts of the run, read when the page is rendered.
    keep : int
        Pairs shown of each source, field and kind, the first ones.
    unreadable : int
        Rows that could not be read.
    """

    inputs: Sequence[str]
    threshold: float
    tally: TraceTally
    keep: int = 20
    unreadable: int = 0
    _kept: dict[tuple[str, str, str], list[Pair]] = field(default_factory=lambda: defaultdict(list))

    def add(self, record: Mapping[str, Any]) -> None:
        """Take one record of :func:`provenance.corpus.trace.trace_documents` in."""
        kept = self._kept[record["source"], record["field"], record["match"]]
        if len(kept) < self.keep:
            kept.append(_pair(record))

    def groups(self) -> list[SourceGroup]:
        """Groups of matches, the data set with the most rows first, answers before prompts."""
        from provenance.corpus.trace import FIELDS, KINDS

        return [
            SourceGroup(name, part, counts, tuple(pair for kind in KINDS for pair in self._kept.get((name, part, kind), ())))
            for (name, part), counts in sorted(
                self.tally.sources.items(), key=lambda item: (FIELDS.index(item[0][1]), -item[1].rows, item[0][0])
            )
        ]

    def html(self) -> str:
        """Render the page."""
        filters = dict(percent=percent)
        return render("trace.html", filters, report=self, tally=self.tally, groups=self.groups())


def _pair(record: Mapping[str, Any]) -> Pair:
    """Cut both texts of a match into what they share and what they do not."""
    text, other = record["text"], record["source_text"]
    if other is None:
        return Pair(record, (Piece(shown(text[:EXCERPT]), True),), None)
    return Pair(record, tuple(_pieces(text, other)), tuple(_pieces(other, text)))


def _pieces(text: str, other: str) -> Iterator[Piece]:
    """Cut the beginning of a text where it begins or ceases to share runs of three words with the other."""
    known = {run for _, run in _runs(other)}
    spans, shared = _marked(text, known)
    stretches = groupby(zip(spans, shared, strict=True), key=lambda item: item[1])
    start = 0
    for is_shared, items in stretches:
        end = list(items)[-1][0][1]
        if start < EXCERPT:
            yield Piece(shown(text[start : min(end, EXCERPT)]), is_shared)
        start = end
    if start < min(len(text), EXCERPT):
        yield Piece(shown(text[start:EXCERPT]), True)


def _marked(text: str, known: set[tuple[str, ...]]) -> tuple[list[tuple[int, int]], list[bool]]:
    """Give the place of each word, and whether it lies in a known run."""
    spans = [match.span() for match in _WORD.finditer(text)]
    shared = [False] * len(spans)
    for place, run in _runs(text):
        if run in known:
            shared[place : place + RUN] = [True] * RUN
    return spans, shared


def _runs(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give the runs of three words, without case, and the number of the first word of each."""
    words = _WORD.findall(text.casefold()) if len(text.casefold()) == len(text) else _WORD.findall(text.lower())
    yield from enumerate(zip(*(words[step:] for step in range(RUN)), strict=False))
