"""What each sentence adds to the slower channels' part of a score: the part with it less the part without it.

A network's score has no exact shares, so the sentences are left out one at a time (occlusion, Zeiler and Fergus 2014). The
numbers do not add up to the score: what one sentence says, another may say too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from provenance.detect.extras import Extra
from provenance.detect.joining import Join
from provenance.detect.result import Span

MOST_SENTENCES = 40
"""Sentences that are left out in turn, from the beginning of the text."""
_END = r"(?:(?<!\b\d)(?<!\b\d\d)\.|[!?\u2026])[\"'\u201d\u2019)\]]*(?=\s|\Z)"
_SENTENCE = re.compile(rf"\S.{{0,598}}?(?:{_END}|\n|\Z)|\S.{{0,598}}\S?", re.DOTALL)


def occlude(text: str, extras: Mapping[str, Extra], joins: Mapping[str, Join]) -> tuple[Span, ...]:
    """Return the sentences of a text with what each adds to the part of the slower channels.

    Parameters
    ----------
    text : str
    extras, joins : mapping
        The channels and how they are joined, by name.

    Returns
    -------
    tuple of Span
        In order of position, `weight` in log-odds; empty where there is no slower channel, or only one sentence.
    """
    used = {name: extra for name, extra in extras.items() if joins[name].weight}
    found = [match.span() for match in _SENTENCE.finditer(text)][:MOST_SENTENCES]
    if not used or len(found) < 2:
        return ()
    variants = [text, *(text[:start] + text[end:] for start, end in found)]
    parts = sum(joins[name].weight * extra.log_odds(variants) for name, extra in used.items())
    weights = (parts[0] - parts[1:]).tolist()  # type: ignore[index]
    return tuple(
        Span(start, end, text[start:end], round(weight, 4)) for (start, end), weight in zip(found, weights, strict=True)
    )
