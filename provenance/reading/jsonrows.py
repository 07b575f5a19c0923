"""Rows of JSON lines, of a JSON array, of an object that holds a list of rows, and of values one after another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import orjson

from provenance.reading.encoding import REPLACED
from provenance.reading.parsing import parse_json
from provenance.reading.rows import Notes, Problem, RowError, RowStream
from provenance.reading.splitting import Feed, close_object, find_holder, split_elements
from provenance.reading.streams import Stream

__all__ = ["json_rows", "looks_like_json"]

_LOOK = 2**20
_ROW_KEYS = frozenset(b'"messages" "conversations" "conversation" "choices"'.split())


def looks_like_json(head: bytes) -> bool:
    """Tell whether a file without a telling name is JSON: its first line is, or it opens an object or array."""
    line = head.lstrip()[:_LOOK].partition(b"\n")[0].strip()
    if line[:1] not in (b"{", b"[", b'"'):
        return False
    if line in (b"{", b"[") or line[:2] in (b'{"', b"[{", b'["'):
        return True
    return _parses(line)


def json_rows(stream: Stream, known: frozenset[str], limit: int) -> tuple[str, RowStream]:
    """Choose how the rows lie in a JSON file, and read them.

    Parameters
    ----------
    stream : Stream
    known : frozenset of str
        Names of fields that hold texts: an object that has one is a row, not a holder of rows.
    limit : int
        Longest row in bytes.

    Returns
    -------
    unit : {'line', 'element'}
        What the rows' numbers count.
    rows : iterator of (int, object)
    """
    parse = _parser(stream.notes, stream.label)
    layout, holder = _layout(stream, _ROW_KEYS | {f'"{name}"'.encode() for name in known})
    if layout == "array":
        return "element", _array(stream, limit, parse)
    if layout == "held":
        stream.notes.add(f"{stream.label}: the rows are a list inside one object; its other fields are not read")
        return "element", _held(stream, limit, parse, holder)
    if layout == "sequence":
        return "element", _sequence(stream, limit, parse)
    return "line", _lines(stream, limit, parse)


def _layout(stream: Stream, row_keys: frozenset[bytes]) -> tuple[str, int]:
    """Tell lines, array, held (a list inside an object) and sequence (values over several lines) apart.

    Looks no further than the first line where that decides, so that rows of a slow pipe are read as they come.
    """
    head = stream.peek(_LOOK, until=b"\n").lstrip()
    if head[:1] == b"[":
        return _array_layout(stream, head), 0
    if head[:1] == b"{":
        return _object_layout(stream, head, row_keys)
    return "lines", 0


def _array_layout(stream: Stream, head: bytes) -> str:
    line, ended, _ = head.partition(b"\n")
    if ended and _parses(line) and stream.peek(_LOOK).lstrip().partition(b"\n")[2].strip():
        return "lines"
    return "array"


def _object_layout(stream: Stream, head: bytes, row_keys: frozenset[bytes]) -> tuple[str, int]:
    line, ended, rest = head.partition(b"\n")
    whole = bool(ended) and _parses(line)
    if whole and find_holder(line, row_keys) is None:
        return "lines", 0
    if ended:
        head = stream.peek(_LOOK).lstrip()
        rest = head.partition(b"\n")[2].lstrip()
    if rest and (whole or (rest[:1] == b"{" and line.strip() != b"{")):
        return "lines", 0
    holder = find_holder(head, row_keys)
    if holder is not None:
        return "held", holder
    return ("sequence" if rest else "lines"), 0


def _parses(line: bytes) -> bool:
    try:
        parse_json(line, lambda: None)
    except RowError:
        return False
    return True


def _parser(notes: Notes, label: str) -> Callable[[bytes], object]:
    def parse(data: bytes) -> object:
        try:
            return parse_json(data, lambda: notes.add(f"{label}: {REPLACED}"))
        except RowError as error:
            return Problem(str(error))

    return parse


def _lines(stream: Stream, limit: int, parse: Callable[[bytes], object]) -> RowStream:
    loads, error = orjson.loads, orjson.JSONDecodeError
    for number, line in enumerate(_split_lines(stream, limit), 1):
        if line is None:
            yield number, Problem(f"the line is longer than {limit:,} bytes")
            continue
        try:
            value = loads(line)
        except error:
            if not line.strip():
                continue
            value = parse(line)
        yield number, value


def _split_lines(stream: Stream, limit: int) -> Iterator[bytes | None]:
    """Give each line without its end; None for one that is longer than `limit`."""
    held: list[bytes] = []
    size = 0
    for chunk in stream:
        first, newline, rest = chunk.partition(b"\n")
        if size <= limit:
            held.append(first)
        size += len(first)
        if size > limit:
            held = []
        if newline:
            yield b"".join(held) if size <= limit else None
            lines = rest.split(b"\n")
            held = [lines.pop()]
            size = len(held[0])
            yield from lines if len(rest) <= limit else (part if len(part) <= limit else None for part in lines)
    if size:
        yield b"".join(held) if size <= limit else None


def _array(stream: Stream, limit: int, parse: Callable[[bytes], object]) -> RowStream:
    feed = Feed(stream, limit)
    feed.next_byte()
    feed.at += 1
    number = yield from _numbered(feed, b"]", parse)
    if not feed.broken and feed.next_byte():
        yield number + 1, Problem(f"there is more behind the end of the array, from line {feed.line:,} on; not read")


def _held(stream: Stream, limit: int, parse: Callable[[bytes], object], offset: int) -> RowStream:
    feed = Feed(stream, limit)
    feed.next_byte()
    while len(feed.data) - feed.at < offset and feed.more():
        pass
    feed.at += offset
    number = yield from _numbered(feed, b"]", parse)
    if feed.broken:
        return
    if not close_object(feed):
        yield number + 1, Problem("file ends early: the object that holds the rows is never closed")
    elif feed.next_byte():
        yield number + 1, Problem(f"there is more behind the end of the object, from line {feed.line:,} on; not read")


def _sequence(stream: Stream, limit: int, parse: Callable[[bytes], object]) -> RowStream:
    yield from _numbered(Feed(stream, limit), b"", parse)


def _numbered(feed: Feed, closing: bytes, parse: Callable[[bytes], object]) -> Generator[tuple[int, object], None, int]:
    number = 0
    for number, value in enumerate(split_elements(feed, closing, parse), 1):
        yield number, value
    return number
