"""The format of an index folder: its settings, its arrays, and what ``index.json`` says of the data set."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson

from provenance.corpus.minhash import BOTTOM, KEY_BITS, SCALE
from provenance.corpus.shingles import MIN_WORDS, SHINGLE, SKETCHED
from provenance.errors import InputError

__all__ = ["ARRAYS", "BLOCK", "FORMAT_VERSION", "MAX_POSTINGS", "SETTINGS", "IndexInfo", "read_config"]

FORMAT_VERSION = 1
MAX_POSTINGS = 256
"""A sketched shingle leads to at most as many entries, the first ones."""

BLOCK = 32
"""Texts that are compressed together."""

SETTINGS: dict[str, int] = {
    "shingle": SHINGLE, "sketched": SKETCHED, "min_words": MIN_WORDS, "bottom": BOTTOM, "scale": SCALE, "key_bits": KEY_BITS,
}  # fmt: skip
"""What two texts are compared by; an index made with other settings cannot be searched."""

ARRAYS: dict[str, tuple[str, ...]] = {
    "keys": ("uint64", "uint32"), "postings": ("uint32", "uint16"), "shingles": ("uint64", "uint32"),
    "shingle_ends": ("int64",), "fields": ("uint8",), "generators": ("uint32",), "copies": ("uint32",), "sizes": ("uint32",),
    "ids": ("uint8",), "id_ends": ("int64",), "texts": ("uint8",), "text_ends": ("int64",),
}  # fmt: skip
"""Arrays of an index and their types."""


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index covers.

    Attributes
    ----------
    name, title : str
        Short name of the data set, and its name in full.
    licence, maker, generator, url : str or None
        Terms of the data set, who published it, the model that wrote the answers, where it is published.
    rows : int
        Rows of the data set that were read.
    entries : dict of str to int
        Different texts of each field, 'output' and 'prompt'.
    too_short : int
        Texts of fewer than five words, which are not in the index.
    hash_bytes : int
        Bytes of each hash: 8, or 4 in an index made small.
    has_texts : bool
        Whether the index holds the texts, or hashes alone.
    """

    name: str
    title: str
    licence: str | None
    maker: str | None
    generator: str | None
    url: str | None
    rows: int
    entries: dict[str, int]
    too_short: int
    hash_bytes: int
    has_texts: bool


def read_config(folder: Path) -> dict[str, Any]:
    """Read ``index.json`` of an index.

    Raises
    ------
    InputError
        When it is missing, no JSON, or of another format version or other settings.
    """
    path = folder / "index.json"
    try:
        config = orjson.loads(path.read_bytes())
        if not isinstance(config, dict):
            raise TypeError("not an object")
        version, settings = config["format_version"], config["settings"]
        if version == FORMAT_VERSION and settings == SETTINGS:
            _check_parts(config)
    except OSError as error:
        raise InputError(
            f"{folder}: no index (index.json: {error.strerror}); make one by: provenance index build DATA -o {folder}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged, or no index ({error}); build the index again") from error
    if version != FORMAT_VERSION or settings != SETTINGS:
        found = f"format_version {version}" if version != FORMAT_VERSION else f"settings {settings}"
        wanted = FORMAT_VERSION if version != FORMAT_VERSION else SETTINGS
        raise InputError(f"{folder}: an index of {found}; wanted {wanted}: build it again with this version")
    return config


def _check_parts(config: dict[str, Any]) -> None:
    """Raise ValueError where a description lacks a part, or a part is of another kind."""
    info, names, lengths = config["info"], config["generators"], config["lengths"]
    if not isinstance(info, dict) or set(info) != {item.name for item in fields(IndexInfo)}:
        raise ValueError("info is incomplete")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("generators are no list of names")
    if not isinstance(lengths, dict) or not all(isinstance(lengths.get(name), int) for name in ARRAYS):
        raise ValueError("lengths are incomplete")
    if info["hash_bytes"] not in (4, 8) or not isinstance(info["entries"], dict):
        raise ValueError("info is of another kind")
