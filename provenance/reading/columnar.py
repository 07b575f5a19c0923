"""Rows of Parquet files and of data sets saved by `datasets`, batch by batch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from provenance.errors import InputError
from provenance.reading.encoding import REPLACED
from provenance.reading.parsing import parse_json
from provenance.reading.rows import Notes, Problem, RowError, RowStream
from provenance.reading.streams import Stream

__all__ = ["PARQUET_MAGIC", "is_saved_dataset", "name_classes", "parquet_rows", "saved_rows", "saved_splits"]

PARQUET_MAGIC = b"PAR1"

_BATCH_ROWS = 256
_JSON_LIMIT = 64 * 2**20


def parquet_rows(stream: Stream, path: Path | None) -> RowStream:
    """Read a Parquet file in batches of 256 rows.

    Parameters
    ----------
    stream : Stream
        Read into a temporary file where the file itself cannot be opened at any place.
    path : Path or None
        The file, when it is plain Parquet on disk.

    Raises
    ------
    InputError
        When the file is no Parquet, or is cut off or damaged at its end, where Parquet keeps its index.
    """
    import pyarrow
    import pyarrow.parquet

    with tempfile.TemporaryFile() as spool:
        source: Any = path
        if path is None:
            _spool(stream, spool)
            source = spool
        try:
            file = pyarrow.parquet.ParquetFile(source)
        except (pyarrow.ArrowException, OSError) as error:
            raise InputError(f"{stream.label}: is no whole Parquet file: {_first_line(error)}") from error
        with file:
            yield from _rows_of(_batches(file), stream.label, stream.notes)


def _spool(stream: Stream, spool: Any) -> None:
    for chunk in stream:
        try:
            spool.write(chunk)
        except OSError as error:
            reason = f"{error.strerror or error}; make room in {tempfile.gettempdir()}, or unpack the file yourself"
            raise InputError(f"{stream.label}: cannot be unpacked: {reason}") from error


def is_saved_dataset(folder: Path) -> bool:
    """Tell whether `datasets` saved this folder: one data set, or a set of splits."""
    if (folder / "dataset_dict.json").is_file():
        return True
    return (folder / "state.json").is_file() and (folder / "dataset_info.json").is_file()


def saved_splits(folder: Path, label: str) -> list[tuple[str, Path]]:
    """Return the splits of a saved data set as names and folders; a single data set has the name ''.

    Raises
    ------
    InputError
        When the index of the splits cannot be read.
    """
    if not (folder / "dataset_dict.json").is_file():
        return [("", folder)]
    splits = _json_file(folder / "dataset_dict.json", label).get("splits")
    if not isinstance(splits, list) or not all(_is_plain_name(name) for name in splits):
        raise InputError(f"{label}: dataset_dict.json names no splits; save the data set again")
    return [(name, folder / name) for name in splits]


def saved_rows(folder: Path, label: str, notes: Notes) -> RowStream:
    """Read one saved data set from its Arrow files; class labels are given by name.

    Raises
    ------
    InputError
        When the folder is incomplete, or was saved with an index beside the rows.
    """
    state = _json_file(folder / "state.json", label)
    if state.get("_indices_data_files"):
        raise InputError(f"{label}: was saved by an old version of datasets; load it there and save it again")
    files = state.get("_data_files")
    items = files if isinstance(files, list) else []
    names: list[Any] = [item.get("filename") for item in items if isinstance(item, dict)]
    if not names or not all(_is_plain_name(name) for name in names):
        raise InputError(f"{label}: state.json names no data files; save the data set again")
    classes = _class_names(folder, label)
    batches = (batch for name in names for batch in _arrow_batches(folder / name, label))
    for number, row in _rows_of(batches, label, notes):
        yield number, name_classes(row, classes) if isinstance(row, dict) else row


def name_classes(row: dict[str, Any], classes: dict[str, list[str]]) -> dict[str, Any]:
    """Put the class's name in place of its number, in the columns that hold classes; changes and returns `row`."""
    for column, names in classes.items():
        value = row.get(column)
        if isinstance(value, int) and 0 <= value < len(names):
            row[column] = names[value]
    return row


def _batches(file: Any) -> Iterator[Any]:
    yield from file.iter_batches(batch_size=_BATCH_ROWS)


def _arrow_batches(path: Path, label: str) -> Iterator[Any]:
    import pyarrow

    try:
        with pyarrow.memory_map(str(path)) as source, pyarrow.ipc.open_stream(source) as batches:
            for batch in batches:
                for start in range(0, batch.num_rows, _BATCH_ROWS):
                    yield batch.slice(start, _BATCH_ROWS)
    except FileNotFoundError as error:
        raise InputError(f"{label}: the data file {path.name} is missing; copy the folder whole") from error


def _rows_of(batches: Iterable[Any], label: str, notes: Notes) -> RowStream:
    """Number the rows of Arrow batches; where a batch cannot be read, that is the last row."""
    import pyarrow

    number = 0
    stream = iter(batches)
    while True:
        try:
            batch = next(stream, None)
        except (pyarrow.ArrowException, OSError) as error:
            yield number + 1, Problem(f"file ends early or is damaged from here on: {_first_line(error)}")
            return
        if batch is None:
            return
        names = batch.schema.names
        columns = [_values(column, label, notes) for column in batch.columns]
        for cells in zip(*columns, strict=True):
            number += 1
            yield number, dict(zip(names, cells, strict=True))


def _values(column: Any, label: str, notes: Notes) -> list[Any]:
    """Return a column as Python values, text as text even where it was stored as bytes or is no UTF-8."""
    import pyarrow

    kind = column.type
    if pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind):
        return [_decoded(value, label, notes) for value in column.to_pylist()]
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
            return [None] * len(column)
        return [_decoded(value, label, notes) for value in column.cast(pyarrow.large_binary()).to_pylist()]
    return values


def _decoded(value: bytes | None, label: str, notes: Notes) -> str | None:
    if value is None:
        return None
    text = value.decode("utf-8", "replace")
    if "\ufffd" in text:
        notes.add(f"{label}: {REPLACED}")
    return text


def _class_names(folder: Path, label: str) -> dict[str, list[str]]:
    """Return the columns that hold class numbers, with the classes' names."""
    features = _json_file(folder / "dataset_info.json", label).get("features")
    found: dict[str, list[str]] = {}
    for column, feature in features.items() if isinstance(features, dict) else ():
        names = feature.get("names") if isinstance(feature, dict) else None
        if isinstance(names, list) and feature.get("_type") == "ClassLabel":
            found[column] = [str(name) for name in names]
    return found


def _json_file(path: Path, label: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            value = parse_json(file.read(_JSON_LIMIT), lambda: None)
    except (OSError, RowError) as error:
        raise InputError(f"{label}: {path.name} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{label}: {path.name} is no JSON object; save the data set again")
    return value


def _is_plain_name(name: object) -> bool:
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\\0")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
