"""Elements of a JSON array of any size, cut out of a stream of bytes without parsing the whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import orjson

from provenance.reading.rows import Problem

__all__ = ["Feed", "close_object", "find_holder", "split_elements"]

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE = re.compile(rb"[ \t\r\n]*+")
_FILLER = re.compile(rb"[ \t\r\n,]*+")
_STRAY = re.compile(rb"[ \t\r\n,\]}]*+")
_ONE_STRING = re.compile(_STRING, re.DOTALL)
_SCALAR = re.compile(rb"[^,\[\]{}\" \t\r\n]++")
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+[{}\[\]]", re.DOTALL)
_LIKELY_END = re.compile(rb"\}(?=[ \t\r\n]*+[,\]])")
_TOKEN = re.compile(_STRING + rb"|[{}\[\]:]", re.DOTALL)

_HOLDERS = frozenset(
    b'"data" "rows" "instances" "examples" "items" "samples" "records" "results" "predictions" "documents"'.split()
)


class Feed:
    """A window over a stream of bytes: `data` from `at` on is what was not yet taken.

    Parameters
    ----------
    chunks : iterable of bytes
    limit : int
        Most bytes that one element may take.

    Attributes
    ----------
    broken : bool
        Set where the elements end before their time: nothing that follows can be understood.
    """

    def __init__(self, chunks: Iterable[bytes], limit: int) -> None:
        self._chunks = iter(chunks)
        self.limit = limit
        self.broken = False
        self.data = b""
        self.at = 0
        self._lines_before = 1

    @property
    def line(self) -> int:
        """Line of the file that `at` stands on, from 1."""
        return self._lines_before + self.data.count(b"\n", 0, self.at)

    def more(self) -> bool:
        """Double what is held, so that an element of n bytes is looked at O(n) times; False at the end."""
        self._lines_before = self.line
        parts = [self.data[self.at :]]
        wanted = len(parts[0])
        self.data, self.at = b"", 0
        got = 0
        while got <= wanted:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            got += len(chunk)
        self.data = b"".join(parts)
        return got > 0

    def next_byte(self, filler: re.Pattern[bytes] = _SPACE) -> bytes:
        """Pass over filler and return the byte after it without taking it; empty at the end."""
        while True:
            match = filler.match(self.data, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.data):
                return self.data[self.at : self.at + 1]
            if not self.more():
                return b""


def split_elements(feed: Feed, closing: bytes, parse: Callable[[bytes], object]) -> Iterator[object]:
    """Give the elements of an array, or of a sequence of JSON values.

    Parameters
    ----------
    feed : Feed
        Stands behind the opening bracket, or at the first value of a sequence.
    closing : bytes
        ``b"]"`` for an array; empty for a sequence, which ends with the input.
    parse : callable
        From the bytes of one element to its value, or to a `Problem`.

    Yields
    ------
    object or Problem
        A problem where an element is no JSON. Where the array is never closed, or an element is cut off or longer
        than the feed's limit, a problem is the last thing given.
    """
    while first := feed.next_byte(_FILLER):
        if first == closing:
            feed.at += 1
            return
        if first in b"]}":
            yield Problem(f"not JSON: unexpected {first.decode()!r} on line {feed.line:,}")
            feed.next_byte(_STRAY)
            continue
        value = _likely_object(feed) if first == b"{" else None
        if value is None:
            end = _end_of_element(feed, first)
            if isinstance(end, Problem):
                feed.broken = True
                yield end
                return
            size = end - feed.at
            value = parse(feed.data[feed.at : end]) if size <= feed.limit else Problem(_too_long(feed))
            if isinstance(value, Problem):
                value = Problem(f"{value.message} (line {feed.line:,} of the file)")
            feed.at = end
        yield value
    if closing:
        feed.broken = True
        yield Problem("file ends early: the JSON array is never closed")


def _likely_object(feed: Feed) -> object | None:
    """Try the first brace that looks like the element's end: what parses as an object up to there is the element."""
    likely = _LIKELY_END.search(feed.data, feed.at)
    if likely is None or likely.end() - feed.at > feed.limit:
        return None
    try:
        value: object = orjson.loads(feed.data[feed.at : likely.end()])
    except orjson.JSONDecodeError:
        return None
    feed.at = likely.end()
    return value


def _end_of_element(feed: Feed, first: bytes) -> int | Problem:
    """Return where the element that begins at `feed.at` ends in `feed.data`."""
    scanned, depth = 0, 0  # bytes of the element that were looked at, brackets that are open there
    while True:
        scanned, depth, done = _scan(feed, first, scanned, depth)
        if done:
            return feed.at + scanned
        if len(feed.data) - feed.at > feed.limit:
            return Problem(f"{_too_long(feed)}, or never closed; the rest of the file (from line {feed.line:,}) is not read")
        if not feed.more():
            if scanned and first not in b'{["':
                return feed.at + scanned
            return Problem(f"file ends early: the element that begins on line {feed.line:,} is cut off")


def _too_long(feed: Feed) -> str:
    return f"the element is longer than {feed.limit:,} bytes"


def _scan(feed: Feed, first: bytes, scanned: int, depth: int) -> tuple[int, int, bool]:
    """Look on through the element; return the bytes passed, the open brackets, and whether its end was met."""
    data, start = feed.data, feed.at
    if first == b'"':
        match = _ONE_STRING.match(data, start)
        return (match.end() - start, 0, True) if match else (0, 0, False)
    if first not in b"{[":
        match = _SCALAR.match(data, start)
        end = match.end() if match else start + 1
        return end - start, 0, end < len(data)
    while match := _BRACKET.match(data, start + scanned):
        scanned = match.end() - start
        depth += 1 if data[match.end() - 1] in b"{[" else -1
        if depth == 0:
            return scanned, 0, True
    return scanned, depth, False


def close_object(feed: Feed) -> bool:
    """Pass over the rest of an object that is open at `feed.at`; False where it is never closed."""
    depth = 1
    while depth:
        match = _BRACKET.match(feed.data, feed.at)
        if match:
            feed.at = match.end()
            depth += 1 if feed.data[feed.at - 1] in b"{[" else -1
        elif len(feed.data) - feed.at > feed.limit or not feed.more():
            return False
    return True


def find_holder(head: bytes, row_keys: frozenset[bytes]) -> int | None:
    """Find the list of rows in an object such as ``{"data": [{...}, ...]}``.

    Parameters
    ----------
    head : bytes
        The beginning of the file, from the object's opening brace on.
    row_keys : frozenset of bytes
        Quoted keys that make the object itself a row.

    Returns
    -------
    int or None
        Where the list's first element may begin; None where there is no such list within `head`.
    """
    depth, key = 0, b""
    for match in _TOKEN.finditer(head):
        token = match.group()
        if token in b"{[":
            if depth == 1 and token == b"[" and key in _HOLDERS and _opens_rows(head, match.end()):
                return match.end()
            depth += 1
        elif token in b"}]":
            depth -= 1
            if depth == 0:
                return None
        elif depth == 1 and token != b":" and _byte_after_space(head, match.end()) == b":":
            key = token
            if key in row_keys:
                return None
    return None


def _byte_after_space(data: bytes, at: int) -> bytes:
    match = _SPACE.match(data, at)
    at = match.end() if match else at
    return data[at : at + 1]


def _opens_rows(data: bytes, at: int) -> bool:
    return _byte_after_space(data, at) in (b"{", b'"')
