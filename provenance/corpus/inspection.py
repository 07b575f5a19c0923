"""One look at a corpus: flags by source, languages, lengths, copies, self-naming sentences, known rows, in one pass."""

from __future__ import annotations

import heapq
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.corpus.near import NearCopy
from provenance.corpus.scored import text_key
from provenance.documents import Document
from provenance.evaluate.metrics import Estimate, wilson
from provenance.writing import printable

if TYPE_CHECKING:
    from provenance.detect.result import Score

__all__ = ["LENGTHS", "Example", "Findings", "Inspection", "SourceRow"]

LENGTHS = (0, 50, 100, 200, 400, 800, 1600)
"""Lower bounds, in words, of the bars of lengths."""

MOST_SOURCES = 500
OTHERS = "(others)"
KEPT = 20
EXCERPT = 600
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")

Language = Callable[[str], str]
Claims = Callable[[str], Mapping[str, str]]


@dataclass(slots=True)
class SourceRow:
    """Counts of the documents of one source.

    Attributes
    ----------
    documents, judged, flagged, duplicates, near, known, naming : int
        All; with a verdict; flagged; equal to an earlier one; near copies of one; with a row of a known data set; that
        name their model.
    """

    documents: int = 0
    judged: int = 0
    flagged: int = 0
    duplicates: int = 0
    near: int = 0
    known: int = 0
    naming: int = 0

    @property
    def rate(self) -> Estimate:
        """Flagged as a share of the judged, with Wilson's 95 % interval."""
        return wilson(self.flagged, self.judged)


@dataclass(frozen=True, slots=True)
class Example:
    """A document that is shown: its id, why, and the beginning of its text."""

    id: str
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found of one document.

    Attributes
    ----------
    duplicate, near, naming, known, judged : bool
        `near` is of texts that are no duplicates.
    probability : float or None
    """

    duplicate: bool
    near: bool
    naming: bool
    known: bool
    judged: bool
    probability: float | None


@dataclass(slots=True)
class Inspection:
    """Collector; holds counts, keys of texts and a few examples, however many documents go by.

    Attributes
    ----------
    language, claims : callable
        Tell the language of a text, and what it claims its writer to be.
    sources : dict of str to SourceRow
    languages, reasons, families, naming : Counter of str
        Documents by language; not judged, by reason; flagged, by likely maker; self-naming, by maker.
    lengths : list of int
        Documents by `LENGTHS`.
    total : SourceRow
    namers, copies : list of Example
        The first texts that name their model, from the sentence that does; the first near copies.
    """

    language: Language
    claims: Claims
    sources: dict[str, SourceRow] = field(default_factory=dict)
    languages: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    naming: Counter[str] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=lambda: [0] * len(LENGTHS))
    total: SourceRow = field(default_factory=SourceRow)
    namers: list[Example] = field(default_factory=list)
    copies: list[Example] = field(default_factory=list)
    _keys: set[int] = field(default_factory=set)
    _heap: list[tuple[float, int, Example]] = field(default_factory=list)

    def add(self, document: Document, score: Score, known: bool, copied: NearCopy | None = None) -> Findings:
        """Take one document in; `known` says that a known data set holds its text, `copied` what it is a near copy of."""
        key = text_key(document.text)
        named = sorted(family for family, kind in self.claims(document.text).items() if kind == "claim")
        twice = key in self._keys
        near = copied is not None and not twice
        found = Findings(twice, near, bool(named), known, score.verdict != "abstained", score.probability)
        self._keys.add(key)
        if copied is not None and near and len(self.copies) < KEPT:
            why = f"near copy of {copied.earlier}, {100 * copied.jaccard:.0f} % of the word runs shared"
            self.copies.append(Example(document.id, why, document.text[:EXCERPT]))
        self.languages[self.language(document.text)] += 1
        self.lengths[bisect_right(LENGTHS, score.n_words) - 1] += 1
        self.naming.update(named)
        if not found.judged:
            self.reasons[score.reason or "other"] += 1
        for row in (self.total, self._row(document.source)):
            _count(row, found, score)
        self._remember(document, score, named)
        return found

    @property
    def flagged(self) -> list[Example]:
        """Flagged documents with the highest scores, highest first."""
        return [example for _, _, example in sorted(self._heap, reverse=True)]

    def rows(self, most: int = 40) -> Sequence[tuple[str, SourceRow]]:
        """Sources by size, the largest `most`."""
        return sorted(self.sources.items(), key=lambda item: (-item[1].documents, item[0]))[:most]

    def to_dict(self) -> dict[str, object]:
        """Return the counts as a JSON record."""
        total = self.total
        return {
            "documents": total.documents,
            "judged": total.judged,
            "flagged": total.flagged,
            "not_judged": dict(self.reasons.most_common()),
            "duplicates": total.duplicates,
            "near_copies": total.near,
            "known_rows": total.known,
            "self_naming": dict(self.naming.most_common()),
            "languages": dict(self.languages.most_common()),
            "families": dict(self.families.most_common()),
            "lengths": [{"from_words": low, "documents": n} for low, n in zip(LENGTHS, self.lengths, strict=True)],
            "sources": [{"source": name, **_source_record(row)} for name, row in self.rows(MOST_SOURCES + 1)],
        }

    def _row(self, source: str | None) -> SourceRow:
        """Counts of a source; sources beyond 500 share one row."""
        name = printable(source or "", 80) or "(not given)"
        if name not in self.sources and len(self.sources) >= MOST_SOURCES:
            name = OTHERS
        return self.sources.setdefault(name, SourceRow())

    def _naming(self, text: str, family: str) -> str:
        """Text from the sentence on in which it names its model, cut."""
        for sentence in _SENTENCE.finditer(text):
            if self.claims(sentence[0]).get(family) == "claim":
                return ("… " if sentence.start() else "") + text[sentence.start() :].lstrip()[:EXCERPT]
        return text[:EXCERPT]

    def _remember(self, document: Document, score: Score, named: Sequence[str]) -> None:
        """Keep a few documents to show."""
        if named and len(self.namers) < KEPT:
            self.namers.append(Example(document.id, f"names {', '.join(named)}", self._naming(document.text, named[0])))
        if score.verdict != "flagged" or score.score is None:
            return
        self.families[score.family or "unknown"] += 1
        key = score.score, -self.total.documents
        if len(self._heap) < KEPT or key > self._heap[0][:2]:
            why = f"p {score.p_value:.2g}" if score.p_value is not None else "flagged"
            push = heapq.heappush if len(self._heap) < KEPT else heapq.heapreplace
            push(self._heap, (*key, Example(document.id, why, document.text[:EXCERPT])))


def _count(row: SourceRow, found: Findings, score: Score) -> None:
    """Count one document."""
    row.documents += 1
    row.judged += found.judged
    row.flagged += score.verdict == "flagged"
    row.duplicates += found.duplicate
    row.near += found.near
    row.known += found.known
    row.naming += found.naming


def _source_record(row: SourceRow) -> dict[str, object]:
    return {
        "documents": row.documents,
        "judged": row.judged,
        "flagged": row.flagged,
        "flagged_low": round(row.rate.low, 4),
        "flagged_high": round(row.rate.high, 4),
        "duplicates": row.duplicates,
        "near_copies": row.near,
        "known_rows": row.known,
        "self_naming": row.naming,
    }
