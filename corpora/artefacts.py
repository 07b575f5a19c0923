"""Marks that tell the sides of a corpus apart without any style: how often each stands in human and in machine texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from provenance.documents import Document

__all__ = ["ARTEFACTS", "Artefact", "count_artefacts"]

_OPENING = re.compile(r"^\s*(?:sure|certainly|of course|absolutely|here(?:'s| is| are)|as an ai)\b", re.IGNORECASE)

ARTEFACTS: dict[str, re.Pattern[str]] = {
    "line break": re.compile(r"\n"),
    "blank line": re.compile(r"\n[ \t]*\n"),
    "list marks": re.compile(r"(?m)^[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]"),
    "bold or heading marks": re.compile(r"\*\*|(?m:^#{1,6}[ \t])"),
    "space before punctuation": re.compile(r"\w [.,;:!?](?:\s|$)"),
    "split contractions": re.compile(r"\w n't\b|\w '(?:s|re|ve|ll|d|m)\b"),
    "treebank quotes or brackets": re.compile(r"``|''|-LRB-|-lrb-"),
    "HTML": re.compile(r"<(?:br|p|/p|div|b|i)\b|&(?:amp|nbsp|quot|#\d+);"),
    "curly quotes": re.compile("[\u2018\u2019\u201c\u201d]"),
    "long dashes": re.compile("[\u2013\u2014]"),
    "replaced characters": re.compile("\ufffd|â€"),
    "anonymised names": re.compile(r"@[A-Z]{2,}\d+|\[(?:NAME|PERSON)\w*\]"),
    "leading white space": re.compile(r"^\s"),
    "lower-case beginning": re.compile(r"^\s*[a-z]"),
    "no mark at the end": re.compile(r"[^\s.!?\"'”’)\]]\s*$"),
    "assistant opening": _OPENING,
}
"""Name and pattern of each."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """Share of human and of machine texts that hold a mark, each in [0, 1]."""

    name: str
    human: float
    llm: float

    @property
    def gap(self) -> float:
        """How far the two shares are apart, in [0, 1]."""
        return abs(self.human - self.llm)


def count_artefacts(documents: Sequence[Document]) -> list[Artefact]:
    """Count each mark on both sides, the widest gap first; empty where a label is missing."""
    human = [document.text for document in documents if document.label == "human"]
    llm = [document.text for document in documents if document.label == "llm"]
    if not human or not llm:
        return []
    found = [
        Artefact(name, *(sum(pattern.search(text) is not None for text in side) / len(side) for side in (human, llm)))
        for name, pattern in ARTEFACTS.items()
    ]
    return sorted(found, key=lambda artefact: -artefact.gap)
