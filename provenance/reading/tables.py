"""Rows of CSV and TSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from provenance.errors import InputError
from provenance.reading.encoding import Decoder
from provenance.reading.rows import Problem, RowStream
from provenance.reading.streams import Stream

__all__ = ["csv_rows", "delimiter_of"]

_LINE = re.compile(r"[^\r\n]*+(?:\r\n?|\n)")
_DELIMITERS = (",", "\t", ";")


def delimiter_of(line: str, known: frozenset[str]) -> str | None:
    """Find the delimiter by which a header line holds a known field.

    Parameters
    ----------
    line : str
        First line of the file.
    known : frozenset of str
        Names of which the header must hold one.

    Returns
    -------
    str or None
        None where the line is no header of at least two columns with a known name.
    """
    for delimiter in _DELIMITERS:
        names = _cells(line, delimiter)
        if len(names) > 1 and known & set(names):
            return delimiter
    return None


def csv_rows(stream: Stream, limit: int, delimiter: str) -> RowStream:
    """Read the rows of a table with a header; every value is a string.

    Parameters
    ----------
    stream : Stream
    limit : int
        Longest field, in characters. It is set for the whole process, as the `csv` module has it.
    delimiter : str

    Yields
    ------
    (int, dict or Problem)
        Number of the line on which the row begins, and the row.

    Raises
    ------
    InputError
        When the header is empty or names a column twice.
    """
    csv.field_size_limit(max(limit, csv.field_size_limit()))
    lines = _Lines(_text_lines(stream, limit), limit)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = lines.count + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, Problem(f"not CSV: {_explain(error)}")
            continue
        if cells is None:
            return
        if not cells:
            continue
        if header is None:
            header = _header(cells, stream.label)
        elif len(cells) != len(header):
            yield line, Problem(f"has {len(cells):,} columns; the header has {len(header):,}")
        else:
            yield line, dict(zip(header, cells, strict=True))


class _Lines:
    """Counts the lines that the `csv` module takes, and raises its error for one that is too long, without ending."""

    def __init__(self, lines: Iterator[str | None], limit: int) -> None:
        self._lines = lines
        self._limit = limit
        self.count = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        if line is None:
            raise csv.Error(f"the line is longer than {self._limit:,} characters")
        return line


def _header(cells: list[str], label: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{label}: the header names the column {twice[0]!r} more than once; rename one of them")
    return names


def _explain(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "file ends early: a quoted field that begins here is never closed"
    if "expected after" in text:
        return "a quote inside a quoted field is not doubled"
    return text


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _text_lines(stream: Stream, limit: int) -> Iterator[str | None]:
    """Give the lines with their ends, None for one over the limit; CR, LF and CRLF end a line, NUL becomes a space."""
    decoder = Decoder("utf-8", stream.note_replaced)
    held: list[str] = []  # the line that is not yet ended; emptied once it is over the limit
    size = 0
    for chunk in stream:
        text = decoder.decode(chunk).replace("\0", " ")
        if "\n" not in text and "\r" not in text:
            size += len(text)
            held.append(text)
            if size > limit:
                held.clear()
            continue
        added = len(text)
        text = "".join([*held, text])
        # A carriage return at the very end may be half of CRLF: it waits.
        at, end = 0, len(text) - 1 if text.endswith("\r") else len(text)
        while match := _LINE.match(text, at, end):
            yield None if match.end() - at > limit or size > limit else match.group()
            at, size = match.end(), 0
        held = [text[at:]]
        size = len(held[0]) if at else size + added
    held.append(decoder.decode(b"", final=True))
    last = "".join(held)
    if size > limit:
        yield None
    elif last:
        yield last
