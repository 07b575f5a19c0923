"""The reader: any source in, one stream of documents out, with everything that went wrong on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from provenance.documents import Document
from provenance.errors import InputError
from provenance.reading.columnar import saved_rows
from provenance.reading.containers import open_rows
from provenance.reading.fields import Fields
from provenance.reading.rows import MAX_ROW_BYTES, BadRow, Notes, Problem, RowError, RowStream, StreamBreak
from provenance.reading.shapes import TABLE_KEYS, NoField
from provenance.reading.shaping import Shaper
from provenance.reading.sources import Input, find_inputs, hub_rows
from provenance.reading.streams import open_stream

__all__ = ["MAX_IDS", "MAX_REPORTS", "Reading", "read_documents"]

MAX_REPORTS = 1000
"""Reports that `Reading.bad` keeps; `Reading.n_bad` counts them all."""

MAX_IDS = 1_000_000
"""Ids that are remembered to find duplicates (about 60 MB); later ids are compared with these only."""


class Reading:
    """The documents of a source, read while they are iterated over; made by `read_documents`.

    Every row met either gives at least one document or is reported: ``n_rows == n_good + n_bad``.

    Attributes
    ----------
    n_rows, n_good, n_bad : int
        Rows met so far, those that gave documents, and those reported.
    n_documents : int
        Documents given so far.
    bad : list of BadRow
        The first 1,000 reports.
    """

    def __init__(self, source: str | Path, fields: Fields, on_bad: Callable[[BadRow], None] | None, max_row_bytes: int) -> None:
        self._notes = Notes()
        self._inputs = find_inputs(source, self._notes)
        self._single = len(self._inputs) == 1
        self._source = source
        self._fields = fields
        self._on_bad = on_bad
        self._limit = max_row_bytes
        self._shapes: dict[str, None] = {}
        self._ids: set[int] = set()
        self._first_error: InputError | None = None
        self._stream = self._documents()
        self.n_good = self.n_bad = self.n_documents = 0
        self.bad: list[BadRow] = []

    @property
    def n_rows(self) -> int:
        """Rows met so far: those that gave documents and those reported."""
        return self.n_good + self.n_bad

    @property
    def shape(self) -> str | None:
        """The shape that the rows have, in words; several files may have several. None before the first row."""
        return "; ".join(self._shapes) or None

    @property
    def notes(self) -> list[str]:
        """What is worth a line but is no error: replaced bytes, files left out, duplicate ids and the like."""
        return self._notes.lines()

    def __iter__(self) -> Iterator[Document]:
        return self._stream

    def __next__(self) -> Document:
        return next(self._stream)

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and close the files."""
        self._stream.close()

    def _documents(self) -> Any:
        for item in self._inputs:
            try:
                yield from self._documents_of(item)
            except InputError as error:
                if self._single:
                    raise
                self._first_error = self._first_error or error
                message = str(error).removeprefix(f"{item.label}: ")
                self._report(BadRow(item.label, None, f"the file was left: {message}"))
        if not self.n_good and self._first_error:
            raise InputError(f"no file gave a text; the first reason: {self._first_error}") from self._first_error
        if not self.n_rows:
            raise InputError(f"{self._inputs[0].label if self._single else self._source}: holds no rows")

    def _documents_of(self, item: Input) -> Iterator[Document]:
        stream = None
        try:
            if item.kind == "hub":
                unit, rows = "row", hub_rows(item.label)
            elif item.kind == "saved" and item.path is not None:
                unit, rows = "row", saved_rows(item.path, item.label, self._notes)
            else:
                stream = open_stream(item.path, item.label, self._notes)
                unit, rows = open_rows(stream, item.path, self._known(), self._limit)
            yield from self._shaped(item, unit, rows)
        finally:
            if stream is not None:
                stream.close()

    def _shaped(self, item: Input, unit: str, rows: RowStream) -> Iterator[Document]:
        shaper = Shaper(item.name, item.label, unit, self._fields, self._notes)
        good_before = self.n_good
        number = 0
        try:
            for number, value in rows:
                try:
                    if type(value) is Problem:
                        raise RowError(value.message)
                    documents = shaper.documents(number, value)
                except RowError as error:
                    if isinstance(error, NoField) and self.n_good == good_before:
                        raise InputError(f"{item.label}: {unit} {number}: {error}") from error
                    self._report(BadRow(item.label, number, str(error), unit))
                    continue
                if self.n_good == good_before and shaper.shape:
                    self._shapes[shaper.shape] = None
                self.n_good += 1
                for document in documents:
                    self._count(document.id, item.label)
                    yield document
        except StreamBreak as error:
            self._report(BadRow(item.label, number + 1 if unit != "file" else None, str(error), unit))

    def _count(self, ident: str, label: str) -> None:
        self.n_documents += 1
        key = hash(ident)
        if key in self._ids:
            self._notes.add(f"{label}: ids met before; they are kept as they are")
        elif len(self._ids) < MAX_IDS:
            self._ids.add(key)

    def _known(self) -> frozenset[str]:
        path = self._fields.text
        return TABLE_KEYS | {path, path.partition(".")[0]} if path else TABLE_KEYS

    def _report(self, row: BadRow) -> None:
        self.n_bad += 1
        if len(self.bad) < MAX_REPORTS:
            self.bad.append(row)
        if self._on_bad is not None:
            self._on_bad(row)


def read_documents(
    source: str | Path,
    *,
    fields: Fields | None = None,
    on_bad: Callable[[BadRow], None] | None = None,
    max_row_bytes: int = MAX_ROW_BYTES,
) -> Reading:
    """Read documents from whatever model runners write.

    Containers: JSON lines, a JSON array, an object that holds a list of rows, CSV and TSV with a header, Parquet, plain
    text (one document a file), each also as .gz or .zst; a folder of these; a data set saved by `datasets`. Memory
    stays flat: no file is loaded whole.

    Shapes of rows that need no options: a string; a field text, output, response, completion, generation, content or
    answer (a string, parts, or several samples); chat messages and ShareGPT conversations (assistant turns); FastChat
    answers; OpenAI and Anthropic batch results, chat completions, Responses output; AlpacaEval;
    lm-evaluation-harness samples; HC3, RAID, MAGE, M4, DetectRL. Columns source, family, domain, prompt, label, group
    become fields of the document; what else a row holds becomes its `meta`.

    Texts come as they are in the file, but for this: bytes that are no UTF-8 and lone surrogates become U+FFFD, and
    NUL characters become spaces.

    Parameters
    ----------
    source : str or Path
        A file, a folder, ``"-"`` for standard input, or ``"hf://name[:config][@split]"``.
    fields : Fields, optional
        Names of fields where the recognised ones are not meant.
    on_bad : callable, optional
        Called with a `BadRow` for each row that could not be read.
    max_row_bytes : int
        Longest row in bytes; a longer one is reported. 512 MiB unless given.

    Returns
    -------
    Reading
        An iterator of `Document`. A row's id is its field id, _id, question_id, custom_id, doc_id, idx or index, else
        ``FILE:NUMBER``; the texts of a row that holds several are ``id#1``, ``id#2`` and so on.

    Raises
    ------
    InputError
        At once when there is no such file or folder; while reading when the input is empty, binary or broken from its
        first byte, or its first row has no field that is known to hold a text. In a folder such a file is reported as
        a bad row instead, unless no file gives a text.

    Examples
    --------
    >>> reading = read_documents("outputs.jsonl")  # doctest: +SKIP
    >>> texts = [document.text for document in reading]  # doctest: +SKIP
    >>> reading.shape, reading.n_bad  # doctest: +SKIP
    ("field 'output'", 0)
    """
    return Reading(source, fields or Fields(), on_bad, max_row_bytes)
