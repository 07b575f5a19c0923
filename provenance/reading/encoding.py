"""From bytes of any Unicode encoding to UTF-8, and from UTF-8 to text, with what could not be decoded replaced."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator

__all__ = ["REPLACED", "Decoder", "to_utf8"]

REPLACED = "bytes that are no text were replaced by U+FFFD"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Decoder:
    """Incremental decoder that replaces what it cannot decode and says that it did.

    Parameters
    ----------
    encoding : str
    on_replaced : callable
        Called without arguments for each chunk in which something was replaced.
    """

    def __init__(self, encoding: str, on_replaced: Callable[[], None]) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._on_replaced = on_replaced

    def decode(self, chunk: bytes, final: bool = False) -> str:
        """Decode one chunk; a character that is cut at its end waits for the next one unless `final`."""
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self._on_replaced()
        self._decoder.errors = "replace"
        text = self._decoder.decode(chunk, final)
        self._decoder.errors = "strict"
        return text


def to_utf8(chunks: Iterable[bytes], on_replaced: Callable[[], None]) -> Iterator[bytes]:
    """Give UTF-8 without a byte order mark for UTF-8, UTF-16 or UTF-32 with one; anything else passes as it is.

    Parameters
    ----------
    chunks : iterable of bytes
    on_replaced : callable
        Called where UTF-16 or UTF-32 holds what is no character.

    Yields
    ------
    bytes
    """
    stream = iter(chunks)
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= 4:
            break
    mark, encoding = next((pair for pair in _BOMS if head.startswith(pair[0])), (b"", "utf-8"))
    head = head[len(mark) :]
    if encoding == "utf-8":
        yield head
        yield from stream
        return
    decoder = Decoder(encoding, on_replaced)
    yield decoder.decode(head).encode()
    for chunk in stream:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()
