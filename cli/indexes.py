"""Indexes as commands meet them: named by a folder or by the name of one that ships."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.corpus.index import Index

__all__ = ["index_record", "is_index", "open_indexes", "parted"]


def is_index(name: str) -> bool:
    """Say whether a word on the command line names an index: a folder with ``index.json``, or one that ships."""
    path = Path(name)
    if path.exists():
        return (path / "index.json").is_file()
    from provenance.models.shipped_indexes import list_indexes

    return name in list_indexes()


def parted(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell data from indexes among positional arguments, so that ``--against A B`` takes both."""
    found = {name: is_index(name) for name in names}
    return [name for name in names if not found[name]], [name for name in names if found[name]]


def open_indexes(names: Sequence[str]) -> list[Index]:
    """Open indexes, each once.

    Raises
    ------
    InputError
        When one does not exist or cannot be used.
    """
    from provenance.models.shipped_indexes import open_index

    return [open_index(name) for name in dict.fromkeys(names)]


def index_record(index: Index) -> dict[str, Any]:
    """Describe an index as `index list` and `index build` do."""
    from dataclasses import asdict

    size = sum(item.stat().st_size for item in index.folder.iterdir() if item.is_file())
    return {"schema_version": 1, "index": str(index.folder), **asdict(index.info), "bytes": size}
