"""Where data goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from provenance.cli.notes import Notes
from provenance.errors import OutputError
from provenance.scale.partial import PartialOutput

__all__ = ["Sink", "check_target", "is_plain_target", "open_sink"]


class Sink(Protocol):
    """Taker of finished bytes."""

    def write(self, data: bytes, records: int) -> None:
        """Take `data`, which ends with `records` whole records."""


class _Stream:
    """Sink over an open binary file."""

    def __init__(self, file: object, name: str) -> None:
        self._file = file
        self._name = name

    def write(self, data: bytes, records: int) -> None:
        """Write and flush, so that a reader sees every page as it comes."""
        try:
            self._file.write(data)  # type: ignore[attr-defined]
            self._file.flush()  # type: ignore[attr-defined]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self._name, error) from error


def cannot_write(name: str, error: OSError) -> OutputError:
    """One line for what the system refused."""
    return OutputError(f"{name}: cannot be written ({error.strerror or error}); make room or choose another output")


def is_plain_target(output: str) -> bool:
    """Say whether `output` is a file to be replaced, and no device or pipe to be written into."""
    path = Path(output)
    return path.is_file() or not path.exists()


def check_target(output: str) -> None:
    """Refuse early what cannot become a file, before a long run is lost.

    Raises
    ------
    OutputError
        When `output` is a folder, or lies in a folder that does not exist.
    """
    path = Path(output)
    if path.is_dir():
        raise OutputError(f"{output}: is a folder; wanted the name of a file")
    if not path.parent.is_dir():
        raise OutputError(f"{output}: there is no folder {path.parent}; make it first, or choose another output")


@contextmanager
def open_sink(output: str, partial: PartialOutput | None, *, resume: bool, notes: Notes) -> Iterator[Sink]:
    """Open where the data goes; put it in place when the block ends well, and only then.

    Parameters
    ----------
    output : str
        Path, or '-'.
    partial : PartialOutput or None
        File of JSON lines that a cut run leaves to be taken up; None for every other kind of output.
    resume : bool
        Whether `partial` goes on behind what a cut run left.
    notes : Notes
        Is told what an unfinished run leaves.
    """
    if partial is not None:
        with _finishing(partial, resume, notes):
            yield partial
    elif output == "-":
        sys.stdout.flush()
        yield _Stream(sys.stdout.buffer, "standard output")
    else:
        from provenance.writing import atomic_writer

        with atomic_writer(output) as file:
            yield _Stream(file, output)


@contextmanager
def _finishing(partial: PartialOutput, resume: bool, notes: Notes) -> Iterator[None]:
    """Finish a partial output, or leave its whole chunks and say how to go on."""
    try:
        if resume:
            partial.resume()
        else:
            partial.start()
        yield
        partial.finish()
    except BaseException:
        kept = partial.give_up()
        if kept:
            notes.warn(f"{partial.target} is not written; {kept:,} records are kept: go on with --resume")
        raise
