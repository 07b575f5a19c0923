"""Files that are written whole or not at all, JSON that never fails on odd text, text that is safe on a terminal."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import gzip
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import orjson

from provenance.documents import Document
from provenance.errors import DependencyError, OutputError

__all__ = ["atomic_writer", "dumps", "printable", "write_jsonl"]

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
_DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS and others up to their end: titles, links
    r"|\x1b[ -/]*[0-~]?"
)
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


@contextlib.contextmanager
def atomic_writer(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes its place only once it is whole.

    The bytes go to a temporary file in the same folder; at the end of the block it is synced and replaces `path`. On
    any error it is removed, and what stood at `path` before stands there still. A link is followed. What is no
    regular file (``/dev/null``, a pipe) is written to directly.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    binary file

    Raises
    ------
    OutputError
        When the folder does not exist, may not be written to, or the disk is full.
    """
    target = os.path.realpath(path)
    try:
        mode = os.stat(target).st_mode
    except OSError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        with _opened(target, path) as file, _disk_faults(path):
            yield file
            file.flush()
        return
    temporary = f"{target}.{secrets.token_hex(4)}.tmp"
    try:
        with _opened(temporary, path) as file, _disk_faults(path):
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def write_jsonl(records: Iterable[Mapping[str, Any] | Document], path: str | Path) -> int:
    """Write records as JSON lines, whole or not at all; compressed when `path` ends in .gz or .zst.

    Parameters
    ----------
    records : iterable of Mapping or Document
    path : str or Path

    Returns
    -------
    int
        Number of records written.

    Raises
    ------
    OutputError
        As `atomic_writer`.
    """
    count = 0
    with atomic_writer(path) as file, _compressed(file, str(path)) as sink:
        for record in records:
            sink.write(dumps(record))
            sink.write(b"\n")
            count += 1
    return count


def dumps(record: Any) -> bytes:
    """Return a record as one line of JSON in UTF-8, keys in their order, without a line end.

    Lone surrogates become U+FFFD, NaN and infinities null, integers beyond 64 bits strings, bytes text.

    Parameters
    ----------
    record : Mapping, Document or any JSON value
        Values may be numpy numbers and arrays, dates, paths, sets, dataclasses.

    Raises
    ------
    TypeError
        When a value is none of these.
    """
    value = record.to_dict() if isinstance(record, Document) else record
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS)
    except orjson.JSONEncodeError:
        return orjson.dumps(_clean(value), default=_plain, option=_OPTIONS)


def printable(text: str, limit: int | None = None) -> str:
    r"""Return text that cannot do anything to a terminal but show itself, on one line.

    Escape sequences, control characters, marks that turn the direction of writing, and invisible characters are
    taken out; runs of white space become one space; lone surrogates become U+FFFD.

    Parameters
    ----------
    text : str
    limit : int, optional
        Most characters; what is longer ends in '…'.

    Examples
    --------
    >>> printable("\x1b[31mred\x1b[0m\n  and more", 8)
    'red and…'
    """
    if limit is not None:
        text = text[: 16 * limit + 1024]
    line = " ".join(_ESCAPES.sub("", text).split())
    line = _SURROGATES.sub("\ufffd", _UNSAFE.sub("", line))
    if limit is not None and len(line) > limit:
        return line[: max(limit - 1, 0)].rstrip() + "…"
    return line


@contextlib.contextmanager
def _opened(place: str, path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, and close it without a second complaint where the disk is full."""
    try:
        file = open(place, "wb")  # noqa: SIM115  (closed below)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    try:
        yield file
    finally:
        with contextlib.suppress(OSError):
            file.close()


@contextlib.contextmanager
def _disk_faults(path: str | Path) -> Iterator[None]:
    """Turn a failing disk into one clear line; errors that name another file come from elsewhere and pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FAULTS and error.filename is None:
            reason = f"{error.strerror}; what stood there before is left as it was"
            raise OutputError(f"{path}: cannot be written: {reason}") from error
        raise


@contextlib.contextmanager
def _compressed(file: IO[bytes], path: str) -> Iterator[IO[bytes]]:
    if path.lower().endswith(".gz"):
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as sink:
            yield sink  # type: ignore[misc]
    elif path.lower().endswith(".zst"):
        with _zstandard(file) as sink:
            yield sink
    else:
        yield file


def _zstandard(file: IO[bytes]) -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # Python 3.14

        return zstd.ZstdFile(file, "wb")
    except ImportError:
        pass
    try:
        import zstandard
    except ImportError as error:
        raise DependencyError("a .zst file needs the package zstandard: pip install zstandard") from error
    return zstandard.ZstdCompressor().stream_writer(file, closefd=False)


def _plain(value: Any) -> Any:
    """Return what JSON can hold for a value that orjson does not know."""
    if isinstance(value, Document):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if type(value).__module__ == "decimal":
        return str(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 63:
        return str(value)
    if isinstance(value, set | frozenset) or dataclasses.is_dataclass(value):
        return _clean(_plain(value))
    return value
