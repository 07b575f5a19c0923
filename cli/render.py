"""Records to bytes: JSON lines, a JSON array, CSV, or a table for reading. All stream, so memory stays flat."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from provenance.writing import atomic_writer, dumps, printable

__all__ = [
    "CsvForm",
    "Form",
    "JsonForm",
    "JsonLinesForm",
    "clean_lines",
    "emit_bytes",
    "emit_records",
    "form_for",
    "plain",
]

Record = Mapping[str, Any]


class Form(Protocol):
    """A way to write records, in three parts that follow each other."""

    def head(self) -> bytes:
        """What comes before the first record."""

    def page(self, records: Sequence[Record]) -> bytes:
        """Some records."""

    def tail(self) -> bytes:
        """What comes behind the last record."""


class JsonLinesForm:
    """One JSON object a line."""

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def page(self, records: Sequence[Record]) -> bytes:
        """Write the records, each on its line."""
        return b"".join(dumps(record) + b"\n" for record in records)

    def tail(self) -> bytes:
        """Nothing."""
        return b""


class JsonForm:
    """One JSON array, a record a line."""

    def __init__(self) -> None:
        self._empty = True

    def head(self) -> bytes:
        """Opening bracket."""
        return b"["

    def page(self, records: Sequence[Record]) -> bytes:
        """Write the records with the commas between them."""
        lines = []
        for record in records:
            lines.append((b"\n" if self._empty else b",\n") + dumps(record))
            self._empty = False
        return b"".join(lines)

    def tail(self) -> bytes:
        """Closing bracket."""
        return b"]\n" if self._empty else b"\n]\n"


class CsvForm:
    """Comma-separated values with a header; what is no plain value is written as JSON.

    Parameters
    ----------
    columns : sequence of str
        Columns and their order; None takes the keys of the first record.
    """

    def __init__(self, columns: Sequence[str] | None = None) -> None:
        self._columns = columns
        self._headed = False

    def head(self) -> bytes:
        """Header, where the columns are known."""
        if self._columns is None:
            return b""
        self._headed = True
        return _csv_row(self._columns)

    def page(self, records: Sequence[Record]) -> bytes:
        """Write the records, a row each."""
        if not records:
            return b""
        if self._columns is None:
            self._columns = list(records[0])
        head = b"" if self._headed else self.head()
        columns = self._columns
        return head + b"".join(_csv_row([_cell(record.get(name)) for name in columns]) for record in records)

    def tail(self) -> bytes:
        """Nothing."""
        return b""


class TableForm:
    """A table of a few records, for reading.

    Parameters
    ----------
    single : bool
        Whether there is one record, shown with a row a field; else a record is a row, and a field a column.
    """

    def __init__(self, *, single: bool = False) -> None:
        self._single = single
        self._records: list[Record] = []

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def page(self, records: Sequence[Record]) -> bytes:
        """Keep the records: the widths depend on all of them."""
        self._records.extend(records)
        return b""

    def tail(self) -> bytes:
        """Write the table."""
        from provenance.cli.tables import fields_table, records_table

        if self._single and self._records:
            return fields_table(self._records[0])
        return records_table(self._records)


def form_for(name: str, *, columns: Sequence[str] | None = None, single: bool = False) -> Form:
    """Give the form with this name, one of ``options.FORMATS``; `columns` are for CSV, `single` is for tables."""
    if name == "csv":
        return CsvForm(columns)
    if name == "table":
        return TableForm(single=single)
    return JsonForm() if name == "json" else JsonLinesForm()


def emit_records(records: Sequence[Record], form: Form, output: str = "-") -> None:
    """Write a few records, whole, to standard output or to a file; raises as :func:`emit_bytes`."""
    emit_bytes(form.head() + form.page(records) + form.tail(), output)


def emit_bytes(data: bytes, output: str = "-") -> None:
    """Write finished bytes to standard output or to a file.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    if output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with atomic_writer(output) as file:
        file.write(data)


def _csv_row(cells: Sequence[object]) -> bytes:
    """One row, quoted where it must be."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


def _cell(value: object) -> object:
    """Plain values as they are, the rest as JSON; nothing for None."""
    if value is None or isinstance(value, str | int | float):
        return value
    return dumps(value).decode()


def plain(value: object) -> str:
    """Value as a person reads it, without control characters."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return printable(", ".join(value)) or "none"
    return printable(value if isinstance(value, str) else dumps(value).decode())


def clean_lines(text: str) -> str:
    """Text of several lines, those with control characters without them, the others as they are."""
    return "".join(f"{_clean_line(line)}\n" for line in text.splitlines())


def _clean_line(line: str) -> str:
    """One line; `printable` also evens out spaces, which only a line that needs it is put through."""
    shown = printable(line)
    return line if shown == " ".join(line.split()) else shown
