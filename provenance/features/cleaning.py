"""Normalisation of many texts at once: one look at all their bytes says which rules can match in which text.

Most rules of `provenance.rules` match in few texts, but to find that out text by text costs more than all that follows.
Here the bytes of a batch lie in one array. Every rule has keys, up to three characters side by side; a key is one bit, and
three table look-ups and two ANDs over the array say where each key stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.rules import RULES
from provenance.text import MAX_CHARACTERS

_TOKEN_RULES = tuple(rule for rule in RULES if not rule.spacing_only)
_WIDE_RULES = _TOKEN_RULES[: 1 + max(k for k, rule in enumerate(_TOKEN_RULES) if not rule.ascii_too)]
_PLAIN_RULES = tuple(rule for rule in _TOKEN_RULES if rule.ascii_too)
_KEY_BYTES = 3
_WIDE_MARKS = re.compile(
    f"[{re.escape(''.join(sorted({c for rule in _WIDE_RULES for key in rule.keys for c in ''.join(key)})))}]"
)
"""What the rules of `_WIDE_RULES` need; they make none of it."""


def normalised_bytes(texts: Sequence[str]) -> list[bytes]:
    """Return the UTF-8 of ``normalise(text, spacing=False)`` for each text, lone surrogates as question marks."""
    cut = [text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] for text in texts]
    read = [text if text.isascii() else _without_wide(text) for text in cut]
    encoded = [text.encode("utf-8", "replace") for text in read]
    for i, rules in _candidates(encoded):
        changed = _without_plain(read[i], rules)
        if changed is not read[i]:
            encoded[i] = changed.encode("utf-8", "replace")
    return encoded


def _without_wide(text: str) -> str:
    """Apply the rules up to the last that needs a character outside ASCII."""
    characters = set(_WIDE_MARKS.findall(text))
    for rule in _WIDE_RULES:
        if rule.applies(characters):
            text = rule.sub(text)
    return text


def _without_plain(text: str, rules: int) -> str:
    """Apply the rules whose bit is set; after a change, all that follow and can match."""
    old = text
    characters: set[str] = set()
    for k, rule in enumerate(_PLAIN_RULES):
        if text is not old and not characters:
            characters = set(text)
        if rule.applies(characters) if characters else rules >> k & 1:
            changed = rule.sub(text)
            if changed != text:
                text, characters = changed, set()
    return text


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint32], tuple[tuple[int, int], ...]]:
    """Tables from a byte to the keys that have it first, second, third; and the rule of each key."""
    owners = [(rule, key) for rule in range(len(_PLAIN_RULES)) for key in _PLAIN_RULES[rule].keys]
    tables = np.zeros((_KEY_BYTES, 256), np.uint32)
    for bit, (_, key) in enumerate(owners):
        for place in range(_KEY_BYTES):
            part = key[place] if place < len(key) else ""
            tables[place, list(part.encode("ascii")) if part else slice(None)] |= np.uint32(1 << bit)
    return tables, tuple((1 << bit, 1 << rule) for bit, (rule, _) in enumerate(owners))


def _candidates(encoded: Sequence[bytes]) -> list[tuple[int, int]]:
    """Give the texts in which a rule can match, and the rules as bits."""
    if not encoded:
        return []
    data = np.frombuffer(b"\n\n".join(encoded) + b"\n\n\n", np.uint8)
    first, second, third = _tables()[0]
    found = first.take(data[:-2])
    found &= second.take(data[1:-1])
    found &= third.take(data[2:])
    lengths = np.fromiter((len(item) + 2 for item in encoded), np.int64, len(encoded))
    keys = np.bitwise_or.reduceat(found, np.cumsum(lengths) - lengths)
    return [(int(i), _rules_of(int(keys[i]))) for i in np.flatnonzero(keys)]


@lru_cache(maxsize=4096)
def _rules_of(keys: int) -> int:
    rules = 0
    for key, rule in _tables()[1]:
        if keys & key:
            rules |= rule
    return rules
