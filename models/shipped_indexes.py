"""Indexes that ship with the package: of data that may be shipped as hashes, never of texts."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from provenance.corpus.index import Index
from provenance.errors import InputError

__all__ = ["list_indexes", "open_index", "shipped_indexes_folder"]


def shipped_indexes_folder() -> Path:
    """Return the folder that holds the indexes that ship."""
    return Path(str(files("provenance.models"))) / "indexes"


def list_indexes() -> list[str]:
    """List the indexes that ship, by name."""
    folder = shipped_indexes_folder()
    return sorted(item.name for item in folder.iterdir() if (item / "index.json").is_file()) if folder.is_dir() else []


def open_index(name: str | Path) -> Index:
    """Open an index that ships, by its name, or one from a folder; a folder of that name comes first.

    Raises
    ------
    InputError
        When there is no such index, or it cannot be used.
    """
    path = Path(name)
    if path.is_dir():
        return Index(path)
    if str(name) in list_indexes():
        return Index(shipped_indexes_folder() / str(name))
    if path.is_file():
        raise InputError(f"{name}: a file, no index; make one by: provenance index build {name} -o INDEX")
    names = ", ".join(list_indexes()) or "none"
    raise InputError(f"{name}: no such index; wanted a folder made by `provenance index build`, or one that ships ({names})")
