"""Decompression of gzip and Zstandard streams in small steps, so that a bomb cannot fill the memory."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from provenance.errors import DependencyError
from provenance.reading.rows import StreamBreak

__all__ = ["GZIP", "ZSTD", "compression_of", "inflate"]

GZIP = "gzip"
ZSTD = "Zstandard"

_ZSTD_WINDOW = 2**31  # files made with `zstd --long=31` need it
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"
_BATCH = 256 * 1024
# Bytes fed at a time. At the formats' greatest ratios (gzip 1:1032, Zstandard 1:32768) a step gives 16 MiB.
_STEP = {GZIP: 16 * 1024, ZSTD: 512}


def compression_of(head: bytes) -> str | None:
    """Return the compression that the first bytes of a file name, or None."""
    if head[:2] == b"\x1f\x8b":
        return GZIP
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == _ZSTD_SKIPPABLE and 0x50 <= head[0] <= 0x5F):
        return ZSTD
    return None


def inflate(chunks: Iterable[bytes], kind: str) -> Iterator[bytes]:
    """Decompress a stream of one or more members or frames.

    Parameters
    ----------
    chunks : iterable of bytes
    kind : {'gzip', 'Zstandard'}

    Yields
    ------
    bytes
        Decompressed data, at most a few MiB at a time for honest files.

    Raises
    ------
    StreamBreak
        Where the data is damaged or ends early, after everything before it was given.
    DependencyError
        When Zstandard is needed and neither Python nor the package `zstandard` brings it.
    """
    make, fault = _engine(kind)
    engine = make()
    for chunk in chunks:
        ready: list[bytes] = []
        size = 0
        for start in range(0, len(chunk), _STEP[kind]):
            data = chunk[start : start + _STEP[kind]]
            while data:
                if engine.eof:
                    if not data.strip(b"\0"):
                        break  # padding, as tapes and some archivers leave it
                    engine = make()
                before = engine.copy() if kind == GZIP else None
                try:
                    out = engine.decompress(data)
                except fault as error:
                    yield b"".join([*ready, _salvage(before, data, fault)])
                    reason = str(error).rpartition(": ")[2]
                    raise StreamBreak(f"the {kind} data is damaged ({reason})") from error
                data = engine.unused_data if engine.eof else b""
                ready.append(out)
                size += len(out)
            if size >= _BATCH:
                yield b"".join(ready)
                ready, size = [], 0
        if size:
            yield b"".join(ready)
    if not engine.eof:
        raise StreamBreak(f"file ends early: the {kind} data is cut off")


def _salvage(engine: Any, data: bytes, fault: type[Exception]) -> bytes:
    """Return what can be had of the step in which the damage lies."""
    parts: list[bytes] = []
    with contextlib.suppress(fault):
        for position in range(len(data) if engine is not None else 0):
            parts.append(engine.decompress(data[position : position + 1]))
    return b"".join(parts)


def _engine(kind: str) -> tuple[Callable[[], Any], type[Exception]]:
    if kind == GZIP:
        return (lambda: zlib.decompressobj(31)), zlib.error
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # Python 3.14

        options = {zstd.DecompressionParameter.window_log_max: 31}
        return (lambda: zstd.ZstdDecompressor(options=options)), zstd.ZstdError
    except ImportError:
        pass
    try:
        import zstandard
    except ImportError as error:
        raise DependencyError("a .zst file needs the package zstandard: pip install zstandard") from error
    maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    return maker.decompressobj, zstandard.ZstdError
