"""The chunk: the unit in which documents are scored, handed to workers and taken up again after a cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

__all__ = ["CHUNK", "in_chunks"]

CHUNK = 256
"""Documents in a chunk. Chunks begin at multiples of it, so every way to run makes the same chunks."""

T = TypeVar("T")


def in_chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut a stream into lists of `size` items; the last may be shorter, none is empty.

    Parameters
    ----------
    items : iterable
        Consumed one chunk at a time.
    size : int
        Items in a chunk, 1 or more.

    Yields
    ------
    list
    """
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk
