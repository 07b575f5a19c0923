"""What of a text is style and what is an artefact: one documented normalisation, words, windows, openings.

A detector must read how a text is written, not how a file stored it. `normalise` removes what separates corpora without
being style: white-space layout, invisible characters, the encoding of quotes and dashes, punctuation that a tokeniser set
apart, bracket and quote codes of treebanks, anonymisation tokens, HTML remains, garbled UTF-8. It keeps words, their case,
punctuation and markdown. Assistant openings ("Sure! Here is ...") are kept unless `strip_opening` is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provenance.rules import RULES, Rule

MAX_CHARACTERS = 200_000
"""Longest part of one document that is read for style; what follows is not scored."""


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
        The normalised text, ``normalise(normalise(t)) == normalise(t)``. It holds the same tokens with `spacing` and
        without. A line break is kept before a hyphen that begins a line, as that marks a list and is no dash.
    """
    text = text[:MAX_CHARACTERS]
    characters = set(text)
    for rule in RULES:
        if (spacing or not rule.spacing_only) and rule.applies(characters):
            changed = rule.sub(text)
            if changed != text:
                text, characters = changed, set(changed)
    return _cut(text).strip() if spacing else text


def _cut(text: str) -> str:
    """Cut a text that the rules made too long, between two words."""
    if len(text) <= MAX_CHARACTERS:
        return text
    return text[: text.rfind(" ", 0, MAX_CHARACTERS + 1) + 1] or text[:MAX_CHARACTERS]


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
        if not rule.spacing_only and rule.applies(set(current)):
            current, offsets = _replace_tracked(rule, current, offsets)
    return current, offsets


def _replace_tracked(rule: Rule, text: str, offsets: list[int]) -> tuple[str, list[int]]:
    pieces: list[str] = []
    kept: list[int] = []
    last = 0
    for match in rule.matches(text):
        new = rule.filled(match)
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


_MARKDOWN = re.compile(r"(?m)^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|\d{1,2}[.)]\s+|>\s?)|\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`+")


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
