"""What a source names: standard input, one file, the files of a folder, a saved data set, a data set of the hub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.errors import DependencyError, InputError
from provenance.reading.columnar import is_saved_dataset, name_classes, saved_splits
from provenance.reading.containers import READABLE
from provenance.reading.rows import Notes, Problem, RowStream
from provenance.reading.streams import label_of_path

__all__ = ["HUB", "Input", "find_inputs", "hub_rows"]

HUB = "hf://"

_HUB_NAME = re.compile(r"(?P<name>[\w.-]+(?:/[\w.-]+)?)(?::(?P<config>[^@]+))?(?:@(?P<split>.+))?")
_COMPRESSED = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to read.

    Attributes
    ----------
    kind : {'file', 'saved', 'hub'}
    label : str
        How messages name it.
    name : str
        How the ids of rows without an id name it.
    path : Path or None
        None for standard input and for the hub.
    """

    kind: str
    label: str
    name: str
    path: Path | None = None


def find_inputs(source: str | Path, notes: Notes) -> list[Input]:
    """List what there is to read, in a fixed order.

    Parameters
    ----------
    source : str or Path
        A path, ``-`` for standard input, or ``hf://name[:config][@split]``.
    notes : Notes
        Takes a note for files of a folder that are left out.

    Raises
    ------
    InputError
        When there is no such file or folder, or the folder holds no file that can be read.
    """
    if source == "-":
        return [Input("file", "standard input", "stdin")]
    if isinstance(source, str) and source.startswith(HUB):
        return [Input("hub", source, source)]
    path, label = Path(source), label_of_path(source)
    if not path.exists():
        raise InputError(f"{label}: no such file or folder")
    if not path.is_dir():
        return [Input("file", label, label_of_path(path.name), path)]
    if is_saved_dataset(path):
        return _saved(path, label, label_of_path(path.name))
    return _folder(path, label, notes)


def _saved(folder: Path, label: str, name: str) -> list[Input]:
    splits = saved_splits(folder, label)
    return [
        Input("saved", f"{label}/{split}" if split else label, f"{name}/{split}" if split else name, path)
        for split, path in splits
    ]


def _folder(folder: Path, label: str, notes: Notes) -> list[Input]:
    inputs: list[Input] = []
    left_out: dict[str, int] = {}
    for path in _walk(folder, notes, label):
        name = label_of_path(path.relative_to(folder).as_posix())
        if path.is_dir():
            inputs += _saved(path, f"{label}/{name}", name)
        elif _suffix(path) in READABLE:
            inputs.append(Input("file", f"{label.rstrip('/')}/{name}", name, path))
        else:
            kind = label_of_path(path.suffix) or "no suffix"
            left_out[kind] = left_out.get(kind, 0) + 1
    if left_out:
        kinds = ", ".join(sorted(left_out)[:8])
        notes.add(f"{label}: {sum(left_out.values()):,} files of other kinds were left out ({kinds})")
    if not inputs:
        wanted = ", ".join(sorted(READABLE))
        raise InputError(f"{label}: the folder holds no file that can be read; wanted {wanted} (or with .gz, .zst)")
    return inputs


def _walk(folder: Path, notes: Notes, label: str) -> Iterator[Path]:
    """Give the regular files and saved data sets of a folder; none hidden, none behind a link that leads out of it."""
    root = os.path.realpath(folder)
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(place)
        if place != str(folder) and is_saved_dataset(here):
            folders.clear()
            yield here
            continue
        for name in sorted(files):
            path = here / name
            if name.startswith(".") or not path.is_file():
                continue
            real = os.path.realpath(path)
            if os.path.commonpath([root, real]) != root:
                notes.add(f"{label}: links that lead out of the folder were not followed")
            elif real not in seen:
                seen.add(real)
                yield path


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def hub_rows(source: str) -> RowStream:
    """Stream the rows of a data set of the hub through `datasets`; without ``@split`` all splits, in their order.

    Raises
    ------
    InputError
        When the name cannot be understood, the data set does not exist, or the hub cannot be reached.
    DependencyError
        When `datasets` is not installed.
    """
    found = _HUB_NAME.fullmatch(source.removeprefix(HUB))
    if found is None:
        raise InputError(f"{source}: no name of a data set; wanted hf://name, hf://name:config or hf://name@split")
    try:
        import datasets
    except ImportError as error:
        raise DependencyError("hf:// needs the package datasets: pip install datasets") from error
    try:
        data: Any = datasets.load_dataset(found["name"], found["config"], split=found["split"], streaming=True)
    except Exception as error:  # the library raises errors of its own, of its transport and of the hub client
        raise InputError(f"{source}: cannot be read from the hub: {_reason(error)}") from error
    return _numbered(list(data.values()) if isinstance(data, dict) else [data])


def _numbered(splits: list[Any]) -> RowStream:
    number = 0
    for split in splits:
        classes = {
            column: feature.names
            for column, feature in (split.features or {}).items()
            if isinstance(getattr(feature, "names", None), list)
        }
        rows = iter(split)
        while True:
            number += 1
            try:
                row = next(rows, None)
            except Exception as error:  # as above: a connection that breaks, a file that does not parse
                yield number, Problem(f"the stream from the hub broke off: {_reason(error)}")
                return
            if row is None:
                number -= 1
                break
            yield number, name_classes(row, classes)


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
