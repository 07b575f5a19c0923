"""A file or standard input as a stream of decompressed UTF-8 bytes that can be looked into before it is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from provenance.errors import InputError
from provenance.reading.compression import compression_of, inflate
from provenance.reading.encoding import REPLACED, to_utf8
from provenance.reading.rows import Notes, StreamBreak

__all__ = ["Stream", "label_of_path", "open_stream", "refuse_binary"]

_CHUNK = 256 * 1024
_COMPRESSED = {".gz": "gzip", ".zst": "Zstandard"}
_MAGIC = (
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive (or a Word or Excel file)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"BZh", "a bzip2 file; wanted .gz or .zst"),
    (b"\xfd7zXZ", "an xz file; wanted .gz or .zst"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"ARROW1", "an Arrow file; wanted Parquet, or the folder of the data set"),
    (b"SQLite format 3", "an SQLite database"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


class Stream:
    """Bytes of one input, decompressed, in UTF-8, readable once, with a look ahead.

    Parameters
    ----------
    raw : binary file
        Read by `read1` where it has it, so that a slow pipe gives its rows as they come. Closed by `close`.
    label : str
        How messages name the input.
    suffixes : sequence of str
        Lower-case suffixes of the file's name, the last of which may be .gz or .zst.
    notes : Notes
        Takes a note where bytes were replaced.
    """

    def __init__(self, raw: Any, label: str, suffixes: list[str], notes: Notes) -> None:
        self._raw = raw
        self.label = label
        self.notes = notes
        named = _COMPRESSED.get(suffixes[-1]) if suffixes else None
        kinds = suffixes[:-1] if named else suffixes
        self.suffix = kinds[-1] if kinds else ""
        self._chunks = to_utf8(self._decompressed(named), self.note_replaced)
        self._held: list[bytes] = []
        self._break: StreamBreak | None = None

    def note_replaced(self) -> None:
        """Count one place where bytes were replaced."""
        self.notes.add(f"{self.label}: {REPLACED}")

    def peek(self, size: int, until: bytes | None = None) -> bytes:
        """Return the first bytes without taking them.

        Parameters
        ----------
        size : int
            Wanted number of bytes; the answer may be longer, and is shorter only at the end of the input.
        until : bytes, optional
            Stop as soon as these bytes were seen.

        Raises
        ------
        InputError
            When the input breaks before its first byte.
        """
        head = b"".join(self._held)
        while len(head) < size and not (until and until in head):
            try:
                chunk = next(self._chunks, None)
            except StreamBreak as error:
                if not head:
                    raise InputError(f"{self.label}: nothing can be read: {error}") from error
                self._break = error
                break
            if chunk is None:
                break
            head += chunk
            self._held.append(chunk)
        self._held = [head]
        return head

    def __iter__(self) -> Iterator[bytes]:
        while self._held:
            yield self._held.pop(0)
        if self._break:
            raise self._break
        yield from self._chunks

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._raw is not None and self._raw is not getattr(sys.stdin, "buffer", None):
            self._raw.close()

    def _decompressed(self, named: str | None) -> Iterator[bytes]:
        chunks = self._read()
        first = next(chunks, b"")
        while 0 < len(first) < 4 and (more := next(chunks, b"")):
            first += more
        kind = compression_of(first)
        if named and first and kind != named:
            raise InputError(f"{self.label}: is named as {named}, but does not begin as {named} data does")
        chunks = _chained(first, chunks)
        yield from inflate(chunks, kind) if kind else chunks

    def _read(self) -> Iterator[bytes]:
        read = getattr(self._raw, "read1", self._raw.read)
        try:
            while chunk := read(_CHUNK):
                yield chunk
        except OSError as error:
            raise StreamBreak(f"file ends early: reading failed ({error.strerror or error})") from error


def open_stream(path: Path | None, label: str, notes: Notes) -> Stream:
    """Open a file, or standard input where `path` is None.

    Raises
    ------
    InputError
        When there is no such file, or it may not be read.
    """
    if path is None:
        if sys.stdin is None:
            raise InputError("standard input is closed; wanted rows to read")
        return Stream(sys.stdin.buffer, label, [], notes)
    try:
        raw = open(path, "rb", buffering=0)  # noqa: SIM115  (the stream closes it)
    except OSError as error:
        raise InputError(f"{label}: cannot be opened: {error.strerror or error}") from error
    return Stream(raw, label, [suffix.lower() for suffix in path.suffixes], notes)


def refuse_binary(head: bytes, label: str) -> None:
    """Raise where the first bytes are no text.

    Raises
    ------
    InputError
        When they begin as a known kind of binary file does, over 1 % of them are NUL, or over 5 % control bytes.
    """
    wanted = "wanted JSON lines, JSON, CSV, Parquet or plain text"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            raise InputError(f"{label}: is {kind}; {wanted}")
    controls = len(head) - len(head.translate(None, _CONTROL))
    if head.count(0) > max(1, 0.01 * len(head)) or controls > max(16, 0.05 * len(head)):
        hint = " (UTF-16 without a byte order mark? convert it to UTF-8)" if head.count(0) > len(head) / 4 else ""
        raise InputError(f"{label}: is a binary file{hint}; {wanted}")


def label_of_path(path: Path | str) -> str:
    """Return a path as text that any output can carry: names that are no Unicode get U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
