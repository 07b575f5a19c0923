"""The split of a text: as its row says, or as the name of its file says."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["split_of_name", "split_of_row"]

_NAMES = {
    "train": "train", "training": "train", "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test", "eval": "test",
}  # fmt: skip
_WORD = re.compile(r"[a-z]+")


def split_of_name(name: str) -> str | None:
    """Read the split out of a file name.

    Returns
    -------
    {'train', 'valid', 'test'} or None
        The last of them that the name holds as a word of its own.

    Examples
    --------
    >>> split_of_name("data/en/val_hc3_si.jsonl"), split_of_name("latest.jsonl")
    ('valid', None)
    """
    words = _WORD.findall(name.lower())
    return next((_NAMES[word] for word in reversed(words) if word in _NAMES), None)


def split_of_row(meta: Mapping[str, object]) -> str | None:
    """Return what a row says of its split: its field split, as it stands there."""
    value = meta.get("split")
    return str(value) if value not in (None, "") else None
