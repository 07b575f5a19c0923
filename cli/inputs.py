"""Several inputs as one stream of documents, with what went wrong said as it comes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.cli.notes import Notes, counted
from provenance.errors import InputError, UsageError

if TYPE_CHECKING:
    from provenance.documents import Document
    from provenance.reading import BadRow, Fields, Reading

__all__ = ["InputStream", "end_after_bad_rows", "input_facts"]

HUB = "hf://"


class InputStream:
    """Documents of several inputs, one after another, read once.

    Parameters
    ----------
    names : sequence of str
        Paths, ``-`` or ``hf://`` names.
    fields : Mapping of str to str or None
        Values of the ``--NAME-field`` options, by parameter name.
    by_file : bool
        Whether the files of a folder are inputs of their own.
    notes : Notes
        Is told the shape of each input, each bad row, and what the reader found worth a line.

    Attributes
    ----------
    unreadable : int
        Rows reported so far.
    current : str
        Name of the input that is being read.

    Raises
    ------
    UsageError
        At once when a path does not exist, or standard input is named twice.
    """

    def __init__(self, names: Sequence[str], fields: Mapping[str, str | None], notes: Notes, *, by_file: bool = False) -> None:
        for name in names:
            self._check_name(name)
        if names.count("-") > 1:
            raise UsageError("standard input is named twice; it can be read once")
        self._title = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        self._names = [part for name in names for part in (_files(name) if by_file else [name])]
        self._fields = {name.removesuffix("_field"): value for name, value in fields.items()}
        self._notes = notes
        self._documents = 0
        self.unreadable = 0
        self.current = ""

    @property
    def names(self) -> str:
        """The inputs in one phrase."""
        return self._title

    def __iter__(self) -> Iterator[Document]:
        from provenance.reading import Fields

        fields = Fields(**self._fields)
        first_error: InputError | None = None
        for name in self._names:
            self.current = name
            try:
                yield from self._read(name, fields)
            except InputError as error:
                if len(self._names) == 1:
                    raise
                first_error = first_error or error
                self._complain(str(error))
        if first_error and not self._documents:
            raise first_error

    def _check_name(self, name: str) -> None:
        """Refuse a name that is nothing to read."""
        if name != "-" and not name.startswith(HUB) and not Path(name).exists():
            raise UsageError(f"{name}: no such file or folder; wanted a file, a folder, - or hf://NAME")

    def _read(self, name: str, fields: Fields) -> Iterator[Document]:
        """Documents of one input."""
        from provenance.reading import read_documents

        with read_documents(name, fields=fields, on_bad=self._report) as reading:
            for count, document in enumerate(reading):
                if count == 0:
                    self._tell_shape(name, reading)
                self._documents += 1
                yield document
            for line in reading.notes:
                self._notes.say(f"Note: {line}")

    def _tell_shape(self, name: str, reading: Reading) -> None:
        """Say which shape the rows have."""
        shown = "standard input" if name == "-" else name
        self._notes.say(f"{shown}: read as {reading.shape}")

    def _report(self, row: BadRow) -> None:
        """Tell of one row that cannot be read."""
        self._complain(str(row))

    def _complain(self, line: str) -> None:
        """Count and tell."""
        self.unreadable += 1
        self._notes.warn(f"Not read: {line}")


def end_after_bad_rows(unreadable: int, skip_bad: bool, notes: Notes) -> None:
    """End with exit code 1 when rows could not be read, unless they were to be skipped."""
    if not unreadable or skip_bad:
        return
    rows = counted(unreadable, "row")
    notes.warn(f"Error: {rows} could not be read (told above); all others are done: mend them, or give --skip-bad")
    click.get_current_context().exit(1)


def input_facts(name: str) -> dict[str, object]:
    """Name and size of an input, to know it again; the size of a folder is that of its files together."""
    path = Path(name)
    size: int | None = None
    if path.is_file():
        size = path.stat().st_size
    elif path.is_dir():
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return {"name": os.fsencode(name).decode("utf-8", "replace"), "bytes": size}


def _files(name: str) -> list[str]:
    """Files of a folder, in order; anything else as it is.

    Raises
    ------
    InputError
        When the folder holds no file that can be read.
    """
    if name == "-" or not Path(name).is_dir():
        return [name]
    from provenance.reading.rows import Notes as Found
    from provenance.reading.sources import find_inputs

    paths = [item.path for item in find_inputs(name, Found()) if item.kind == "file"]
    return [str(path) for path in paths if path is not None] or [name]
