"""What passes between the stages of a reader: rows, reports of bad rows, notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["MAX_ROW_BYTES", "BadRow", "Notes", "Problem", "RowError", "RowStream", "StreamBreak"]

MAX_ROW_BYTES = 512 * 2**20
"""Longest line, array element, field or text file that is read, in bytes; a longer one is reported and passed over."""

_MAX_NOTES = 200


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that could not be read, and why.

    Attributes
    ----------
    file : str
        The file as the user named it; for a file of a folder, the folder and the path within it.
    line : int or None
        Number of the row, from 1; None where the report is about the whole file.
    message : str
        What is wrong with it.
    unit : {'line', 'element', 'row'}
        What `line` counts: lines of the file (JSON lines, CSV), elements of a JSON array, or rows of a table.
    """

    file: str
    line: int | None
    message: str
    unit: str = "line"

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file}: {self.message}"
        place = f"{self.file}:{self.line}" if self.unit == "line" else f"{self.file}, {self.unit} {self.line}"
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Stands in a stream of rows for a row that its container could not give."""

    message: str


RowStream: TypeAlias = Iterator[tuple[int, object]]
"""Pairs of a row's number, from 1, and its value; the value is a `Problem` where there is none."""


class RowError(ValueError):
    """A row that holds no text; caught by the reader, which reports the row."""


class StreamBreak(Exception):
    """The bytes end before their time; caught by the reader, which gives what came before and reports the rest."""


class Notes:
    """Things worth a line to the user that are not errors, each with the number of times it was met."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, text: str, times: int = 1) -> None:
        """Count `text` once more; beyond 200 different notes new ones are left out."""
        if text in self._counts or len(self._counts) < _MAX_NOTES:
            self._counts[text] = self._counts.get(text, 0) + times

    def lines(self) -> list[str]:
        """Return the notes in the order met, with a count where it is above one."""
        return [text if count == 1 else f"{text} ({count:,} times)" for text, count in self._counts.items()]
