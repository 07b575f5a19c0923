"""Any file as a stream of numbered rows: which container it is, by its name and then by its first bytes."""

from __future__ import annotations

from pathlib import Path

from provenance.errors import InputError
from provenance.reading.columnar import PARQUET_MAGIC, parquet_rows
from provenance.reading.encoding import Decoder
from provenance.reading.jsonrows import json_rows, looks_like_json
from provenance.reading.rows import Problem, RowStream
from provenance.reading.streams import Stream, refuse_binary
from provenance.reading.tables import csv_rows, delimiter_of

__all__ = ["READABLE", "open_rows"]

_JSON = frozenset({".jsonl", ".ndjson", ".json"})
_TABLES = {".csv": ",", ".tsv": "\t"}
_TEXTS = frozenset({".txt", ".text", ".md", ".rst"})
_PARQUET = frozenset({".parquet", ".pq"})

READABLE = _JSON | set(_TABLES) | {".txt"} | _PARQUET
"""Suffixes of the files that are read when they lie in a folder; a file that is named itself may have any."""

_LOOK = 64 * 1024


def open_rows(stream: Stream, path: Path | None, known: frozenset[str], limit: int) -> tuple[str, RowStream]:
    """Recognise the container of a stream and read its rows.

    Parameters
    ----------
    stream : Stream
    path : Path or None
        The file behind the stream, for the containers that are not read from front to back.
    known : frozenset of str
        Names of fields that hold texts: a header that has one marks a table.
    limit : int
        Longest row, in bytes.

    Returns
    -------
    unit : {'line', 'element', 'row', 'file'}
        What the rows' numbers count.
    rows : iterator of (int, object)
        A row of a text file is its text, a `str`; so is a JSON string.

    Raises
    ------
    InputError
        When the input is empty, binary, or not what its name says.
    """
    head = stream.peek(4)
    if head.startswith(PARQUET_MAGIC):
        plain = path is not None and path.is_file() and stream.suffix in _PARQUET and not _compressed(path)
        return "row", parquet_rows(stream, path if plain else None)
    if stream.suffix in _PARQUET:
        found = "is empty" if not head else "does not begin as Parquet does"
        raise InputError(f"{stream.label}: {found}; wanted a Parquet file")
    if not head.strip():
        head = stream.peek(_LOOK)
        if not head.strip() and len(head) < _LOOK:
            raise InputError(f"{stream.label}: is empty; wanted rows or text")
    refuse_binary(head, stream.label)
    if stream.suffix in _JSON:
        return json_rows(stream, known, limit)
    if stream.suffix in _TEXTS:
        return "file", _whole_text(stream, limit)
    delimiter = _delimiter(stream, known)
    if delimiter:
        return "line", csv_rows(stream, limit, delimiter)
    if looks_like_json(stream.peek(_LOOK, until=b"\n")):
        return json_rows(stream, known, limit)
    return "file", _whole_text(stream, limit)


def _compressed(path: Path) -> bool:
    return path.suffix.lower() in (".gz", ".zst")


def _delimiter(stream: Stream, known: frozenset[str]) -> str | None:
    first = stream.peek(_LOOK, until=b"\n").lstrip(b"\r\n").decode("utf-8", "replace")
    line = (first.splitlines() or [""])[0]
    found = delimiter_of(line, known)
    if stream.suffix == ".tsv":
        return "\t"
    if stream.suffix in _TABLES:
        return found or ","
    return found or ("," if line.strip() == "text" else None)


def _whole_text(stream: Stream, limit: int) -> RowStream:
    decoder = Decoder("utf-8", stream.note_replaced)
    parts: list[str] = []
    size = 0
    for chunk in stream:
        size += len(chunk)
        if size > limit:
            yield 1, Problem(f"the text is longer than {limit:,} bytes")
            return
        parts.append(decoder.decode(chunk))
    yield 1, "".join([*parts, decoder.decode(b"", final=True)])
