"""What of a text is style and what is an artefact: one documented normalisation, words, windows, openings.

A detector must read how a text is written, not how a file stored it. `normalise` removes what separates corpora without
being style: white-space layout, invisible characters, the encoding of quotes and dashes, punctuation that a tokeniser set
apart, bracket and quote codes of treebanks, anonymisation tokens, HTML remains, garbled UTF-8. It keeps words, their case,
punctuation and markdown. Assistant openings ("Sure! Here is ...") are kept unless `strip_opening` is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARACTERS = 200_000
"""Longest part of one document that is read for style; what follows is not scored."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One replacement: applied only where one of `guards` occurs in the text (a quick substring check)."""

    name: str
    pattern: re.Pattern[str]
    replacement: str
    guards: tuple[str, ...] = ()
    ascii_too: bool = True
    spacing_only: bool = False

    def applies(self, text: str) -> bool:
        """Whether the rule can change `text`."""
        if not self.ascii_too and text.isascii():
            return False
        return not self.guards or any(guard in text for guard in self.guards)


def _rule(name: str, pattern: str, replacement: str, *guards: str, ascii_too: bool = True, spacing_only: bool = False) -> Rule:
    return Rule(name, re.compile(pattern), replacement, guards, ascii_too, spacing_only)


RULES: tuple[Rule, ...] = (
    _rule("garbled UTF-8 quotes", "â€[™˜\x99\x98]", "'", "â€", ascii_too=False),
    _rule("garbled UTF-8 dashes", "â€[“”\x93\x94]", " -- ", "â€", ascii_too=False),
    _rule("garbled UTF-8 double quotes", "â€[œ\x9c\x9d]?", '"', "â€", ascii_too=False),
    _rule("garbled UTF-8 space", "Â(?=[\\s£$§°»«·])", "", "Â", ascii_too=False),
    _rule(
        "invisible characters",
        "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]",
        "",
        ascii_too=False,
    ),
    _rule("single quotes", "[\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4]", "'", ascii_too=False),
    _rule("double quotes", "[\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]", '"', ascii_too=False),
    _rule("hyphens", "[\u2010\u2011]|(?<=\\d)[\u2012\u2013](?=\\d)", "-", ascii_too=False),
    _rule("dashes", "\\s?[\u2012-\u2015\u2212]\\s?", " -- ", ascii_too=False),
    _rule("ellipsis", "\u2026", "...", "\u2026", ascii_too=False),
    _rule("bullets", "[\u2022\u25cf\u25aa\u25e6\u00b7]", "*", ascii_too=False),
    _rule("wide spaces", "[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]", " ", ascii_too=False),
    _rule("control characters", "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", " "),
    _rule("HTML breaks", "<(?:br|BR|p|/p|P|/P) ?/?>", " ", "<"),
    _rule("HTML ampersand", "&(?:amp;)+", "&", "&amp;"),
    _rule("HTML quotes", "&(?:quot|#34);", '"', "&"),
    _rule("HTML apostrophes", "&(?:apos|#39|#x27);", "'", "&"),
    _rule("HTML spaces", "&nbsp;", " ", "&nbsp;"),
    _rule("links", '(?:https?://|www\\.)[^\\s)\\]>"]+', "URL", "://", "www."),
    _rule(
        "anonymisation tokens",
        "@[A-Z]{2,}\\d+'?s?|\\[(?:NAME|PERSON|ADDRESS|EMAIL|PHONE|REDACTED)\\w*\\]",
        "",
        "@",
        "[",
    ),
    _rule("treebank brackets", "-[lL][rR][bB]-", "(", "-lrb-", "-LRB-"),
    _rule("treebank brackets, closing", "-[rR][rR][bB]-", ")", "-rrb-", "-RRB-"),
    _rule("treebank quotes", "``|''", '"', "``", "''"),
    _rule("split contractions", "(?<=[A-Za-z]) ?(n't|N'T)(?![A-Za-z])", "\\1", " n't", " N'T"),
    _rule("split clitics", "(?<=[A-Za-z]) ?' ?(s|re|ve|ll|d|m|t|S|RE|VE|LL|D|M|T)(?![A-Za-z])", "'\\1", " '", "' "),
    _rule("double hyphens and spaced hyphens", "(?<![\\s-])(?: +-{1,3} +|-{2,3})(?![\\s-])", " -- ", " - ", "--"),
    _rule("white space", "\\s+", " ", spacing_only=True),
    _rule("space before punctuation", " +(?=[.,;:!?)\\]}%])", "", spacing_only=True),
    _rule("space after opening brackets", "(?<=[(\\[{]) +", "", spacing_only=True),
)
"""The normalisation, in the order in which it is applied."""


def normalise(text: str, *, spacing: bool = True) -> str:
    """Remove artefacts of storage from a text and keep its style.

    Parameters
    ----------
    text : str
        Any text; only its first `MAX_CHARACTERS` characters are used.
    spacing : bool
        Apply the rules that touch white space only too. The tokeniser does not look at white space, so feature
        extractors leave them out.

    Returns
    -------
    str
        The normalised text; ``normalise(normalise(t))`` gives the same words and marks as ``normalise(t)``.
    """
    text = text[:MAX_CHARACTERS]
    for rule in RULES:
        if (spacing or not rule.spacing_only) and rule.applies(text):
            text = rule.pattern.sub(rule.replacement, text)
    return text.strip() if spacing else text


def normalise_with_offsets(text: str) -> tuple[str, list[int]]:
    """Normalise without the spacing rules and say where each character came from.

    Returns
    -------
    normalised : str
        Equal to ``normalise(text, spacing=False)``.
    offsets : list of int
        ``offsets[i]`` is the place in `text` of character ``i``; one more entry closes the list.
    """
    current = text[:MAX_CHARACTERS]
    offsets = list(range(len(current) + 1))
    for rule in RULES:
        if rule.spacing_only or not rule.applies(current):
            continue
        current, offsets = _replace_tracked(rule, current, offsets)
    return current, offsets


def _replace_tracked(rule: Rule, text: str, offsets: list[int]) -> tuple[str, list[int]]:
    pieces: list[str] = []
    kept: list[int] = []
    last = 0
    for match in rule.pattern.finditer(text):
        new = match.expand(rule.replacement)
        pieces += [text[last : match.start()], new]
        kept += offsets[last : match.start()]
        room = match.end() - match.start()
        kept += [offsets[match.start() + min(i, max(room - 1, 0))] for i in range(len(new))]
        last = match.end()
    return "".join(pieces) + text[last:], kept + offsets[last:]


_OPENING = re.compile(
    r"^\s*(?:(?:sure|certainly|of course|absolutely|great|okay|ok)\b[^.!:\n]{0,40}[.!:,]\s*)?"
    r"(?:(?:here(?:'s| is| are)|below is|this is|i'd be happy|i'd be glad|i can help)\b[^\n:.!]{0,200}[:.!]\s*|(?<=[.!:,] ))",
    re.IGNORECASE,
)
_AS_A_MODEL = re.compile(r"^\s*as an? (?:ai|artificial intelligence|large)\b[^.,\n]{0,60}[.,]\s*", re.IGNORECASE)


def strip_opening(text: str) -> str:
    """Take an assistant's opening words ("Sure! Here is a short story:", "As an AI language model,") off a text.

    The text is returned as it is where nothing would be left.
    """
    stripped = _AS_A_MODEL.sub("", _OPENING.sub("", text, count=1), count=1)
    return stripped if stripped.strip() else text


_MARKDOWN = re.compile(
    r"(?m)^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|\d{1,2}[.)]\s+|>\s?)|\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`+"
)


def strip_markdown(text: str) -> str:
    """Remove the marks of markdown (headings, list marks, emphasis, code ticks) and keep the words."""
    return _MARKDOWN.sub("", text)


_WORD = re.compile(r"\S+")


def windows(text: str, size: int) -> Iterator[str]:
    """Cut a text into consecutive windows of `size` white-space words; the last one may be shorter.

    Raises
    ------
    ValueError
        If `size` is below 1.
    """
    if size < 1:
        raise ValueError(f"window size is {size}; it must be 1 word or more")
    spans = [match.span() for match in _WORD.finditer(text)]
    for first in range(0, len(spans), size):
        last = min(first + size, len(spans)) - 1
        yield text[spans[first][0] : spans[last][1]]


def window_at(text: str, first: int, size: int) -> str:
    """Return `size` white-space words of `text` from word number `first` on (fewer where the text ends)."""
    words = text.split()
    return " ".join(words[first : first + size])
