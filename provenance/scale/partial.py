"""JSON lines that a cut run leaves behind, and the way back into them.

A run that writes ``out.jsonl`` writes to ``out.jsonl.partial`` and puts its settings into ``out.jsonl.partial.json``.
When it is done the partial file takes the place of ``out.jsonl`` in one step. A run that was cut, by ``kill -9`` too,
leaves both: a later run with the same settings keeps the whole chunks and goes on behind them, so that the final file
has the same bytes as that of an uncut run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import orjson

from provenance.detect.result import Score
from provenance.errors import OutputError, UsageError
from provenance.scale.chunks import CHUNK
from provenance.scale.files import beside, close_quietly, lock
from provenance.writing import dumps

__all__ = ["PartialOutput", "has_partial"]


def has_partial(target: str | Path) -> bool:
    """Say whether a cut run to `target` can be taken up."""
    real = Path(os.path.realpath(target))
    return beside(real, ".partial").is_file() and beside(real, ".partial.json").is_file()


class PartialOutput:
    """Writer of one JSON lines file that can be cut at any moment and taken up again.

    Parameters
    ----------
    target : str or Path
        The file that the finished run leaves. A link is followed, so that the link itself stays.
    settings : Mapping[str, object]
        Everything that the output depends on, as JSON values; a run can only go on under equal settings.
    chunk : int
        Records in a chunk; only whole chunks are kept.

    Attributes
    ----------
    records : int
        Records written so far, those kept from a cut run among them.
    """

    def __init__(self, target: str | Path, settings: Mapping[str, object], *, chunk: int = CHUNK) -> None:
        self.target = Path(os.path.realpath(target))
        self.settings = settings
        self.chunk = chunk
        self.records = 0
        self._partial = beside(self.target, ".partial")
        self._sidecar = beside(self.target, ".partial.json")
        self._file: BinaryIO | None = None

    def start(self) -> None:
        """Begin from nothing; what a cut run left is overwritten.

        Raises
        ------
        OutputError
            When the file cannot be written, or another run is writing it.
        """
        with self._writing():
            self._open()
            self._handle().truncate(0)
            self._note_settings()
        self.records = 0

    def resume(self) -> int:
        """Go on behind the last whole chunk of a cut run, or begin from nothing where there is none.

        Returns
        -------
        int
            Records kept, a multiple of `chunk`.

        Raises
        ------
        UsageError
            When the cut run had other settings; the message names them.
        OutputError
            When the file cannot be written, or another run is writing it.
        """
        if not has_partial(self.target):
            self.start()
            return 0
        with self._writing():
            self._open()
            self._check_settings()
            self.records, size = self._whole_chunks()
            self._handle().truncate(size)
            self._handle().seek(size)
        return self.records

    def kept(self) -> Iterator[Score]:
        """Give the scores that :meth:`resume` kept, in order."""
        with open(self._partial, "rb") as lines:
            for line in islice(lines, self.records):
                if (score := _score_of(line)) is not None:
                    yield score

    def write(self, lines: bytes, records: int) -> None:
        """Add `records` finished lines and hand them to the system, so that a killed process does not lose them.

        Raises
        ------
        OutputError
            When the system does not take them, as when the disk is full.
        """
        with self._writing():
            self._handle().write(lines)
            self._handle().flush()
        self.records += records

    def finish(self) -> None:
        """Put the finished file in the place of the target and drop the settings.

        Raises
        ------
        OutputError
            When the system refuses.
        """
        with self._writing():
            os.fsync(self._handle().fileno())
            self._copy_mode()
            self._handle().close()
            os.replace(self._partial, self.target)
            self._sidecar.unlink(missing_ok=True)
        self._file = None

    def give_up(self) -> int:
        """Close after an error. What holds a whole chunk is left to be taken up; less is removed.

        Returns
        -------
        int
            Records that a later run can keep.
        """
        if self._file is None:
            return 0
        close_quietly(self._file)
        self._file = None
        kept = self.records - self.records % self.chunk
        if not kept:
            self._partial.unlink(missing_ok=True)
            self._sidecar.unlink(missing_ok=True)
        return kept

    def _handle(self) -> BinaryIO:
        """Open partial file."""
        if self._file is None:
            raise OutputError(f"{self.target}: nothing is open; wanted start() or resume() before writing")
        return self._file

    def _open(self) -> None:
        """Open the partial file without cutting it, and lock it against a second run."""
        self._file = open(self._partial, "r+b" if self._partial.exists() else "x+b")
        if not lock(self._file):
            self._file.close()
            self._file = None
            raise OutputError(f"{self._partial} is being written by another run; wait for it, or choose another -o")

    def _note_settings(self) -> None:
        """Write the settings beside the partial file, whole or not at all."""
        draft = beside(self._sidecar, ".tmp")
        draft.write_bytes(dumps(self.settings) + b"\n")
        os.replace(draft, self._sidecar)

    def _check_settings(self) -> None:
        """Refuse to go on under other settings than those of the cut run."""
        try:
            before = orjson.loads(self._sidecar.read_bytes())
        except orjson.JSONDecodeError:
            before = None
        now = orjson.loads(dumps(self.settings))
        if before == now:
            return
        changed = _differences(before, now) if isinstance(before, dict) else "its settings cannot be read"
        self._drop_handle()
        raise UsageError(
            f"--resume: the cut run in {self._partial} had other settings ({changed}); "
            "use the same ones, or leave --resume out to start again"
        )

    def _whole_chunks(self) -> tuple[int, int]:
        """Count records and bytes up to the last whole chunk; a damaged line ends the count."""
        records = size = position = kept = 0
        handle = self._handle()
        handle.seek(0)
        for line in handle:
            if not line.endswith(b"\n") or _score_of(line) is None:
                break
            records += 1
            position += len(line)
            if records % self.chunk == 0:
                kept, size = records, position
        return kept, size

    def _copy_mode(self) -> None:
        """Keep the permissions of the file that is replaced."""
        if self.target.exists():
            os.chmod(self._partial, self.target.stat().st_mode & 0o777)

    def _drop_handle(self) -> None:
        """Close and leave everything as it is."""
        if self._file is not None:
            close_quietly(self._file)
        self._file = None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn the system's refusal into one clear line."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(
                f"{self.target}: cannot be written ({reason}); an earlier file is unchanged: make room or choose another -o"
            ) from error


def _differences(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """Name the settings that differ, as in ``fpr was 0.01, is 0.05``."""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return "; ".join(f"{name} was {_brief(before.get(name))}, is {_brief(now.get(name))}" for name in names)


def _brief(value: object) -> str:
    """JSON of a setting, cut to a readable length."""
    text = dumps(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."


def _score_of(line: bytes) -> Score | None:
    """Read a score back from its line; None where the line is damaged."""
    try:
        return Score.from_dict(orjson.loads(line))
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return None
