"""A crew of processes that score chunks.

Each worker has a pipe of its own to the parent, so that a worker that dies, whenever that is, is seen as the end of
its pipe and blocks nobody. The crew is bounded: no more than ``IN_FLIGHT`` chunks a worker are read ahead, so memory
stays flat however long the stream is.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

from provenance.documents import Document
from provenance.errors import ProvenanceError
from provenance.scale.worker import work

if TYPE_CHECKING:
    from provenance.detect.result import Explain, Score

__all__ = ["IN_FLIGHT", "score_in_pool"]

IN_FLIGHT = 2
"""Chunks read ahead for each worker."""

_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def score_in_pool(load: str, chunks: Iterable[list[Document]], workers: int, fpr: float, explain: Explain) -> Iterator[Score]:
    """Keep a bounded number of chunks in work and give their scores back in order.

    Parameters
    ----------
    load : str
        Name or folder of the detector; each worker loads it once.
    chunks : iterable of list of Document
    workers : int
        Processes, 1 or more; no more are started than there are chunks.
    fpr : float
    explain : bool or 'occlusion'

    Yields
    ------
    Score

    Raises
    ------
    ProvenanceError
        When a worker process dies.
    """
    stream = iter(chunks)
    done: dict[int, list[Score]] = {}
    sent = given = 0
    with _crew(load, fpr, explain, workers) as crew:
        while True:
            while sent - given < workers * IN_FLIGHT and (chunk := next(stream, None)) is not None:
                crew.send(sent, chunk)
                sent += 1
            if given == sent:
                return
            while given not in done:
                done.update(crew.receive())
            yield from done.pop(given)
            given += 1


@dataclass(slots=True)
class _Worker:
    """One process, its pipe, and the numbers and sizes of the chunks that it has, in order."""

    process: SpawnProcess
    pipe: Connection
    tasks: deque[tuple[int, int]] = field(default_factory=deque)

    def send(self, number: int, chunk: list[Document]) -> None:
        """Hand over a chunk; the worker always listens, so that this does not block."""
        self.tasks.append((number, len(chunk)))
        try:
            self.pipe.send([replace(document, meta={}) for document in chunk])
        except OSError:
            raise self._death() from None

    def receive(self) -> tuple[int, list[Score]]:
        """Number and scores of the oldest chunk; raises what went wrong in the worker."""
        try:
            result = self.pipe.recv()
        except (EOFError, OSError):
            raise self._death() from None
        if isinstance(result, BaseException):
            raise result
        return self.tasks.popleft()[0], result

    def stop(self) -> None:
        """End the process without waiting for its work."""
        self.pipe.close()
        self.process.terminate()
        self.process.join()

    def _death(self) -> ProvenanceError:
        """One clear line for a worker that died."""
        self.process.join(timeout=1)
        held = ", ".join(f"chunk {number + 1}" for number, _ in self.tasks)
        return ProvenanceError(
            f"a worker process died (exit code {self.process.exitcode}) while it had {held} of the input; wanted it "
            "to finish: it was killed or out of memory, so use fewer --workers"
        )


class _Crew:
    """Workers that are started as chunks come."""

    def __init__(self, load: str, fpr: float, explain: Explain, size: int) -> None:
        self._arguments = (load, fpr, explain)
        self._size = size
        self.workers: list[_Worker] = []

    def send(self, number: int, chunk: list[Document]) -> None:
        """Hand a chunk to the worker with the least to do, or to a new one where all have something."""
        free = min(self.workers, key=lambda worker: len(worker.tasks), default=None)
        if free is None or (free.tasks and len(self.workers) < self._size):
            free = self._start()
        free.send(number, chunk)

    def receive(self) -> Iterator[tuple[int, list[Score]]]:
        """Wait for results; give those that are there."""
        busy = {worker.pipe: worker for worker in self.workers if worker.tasks}
        for pipe in wait(list(busy)):
            yield busy[pipe].receive()  # type: ignore[index]

    def _start(self) -> _Worker:
        """Start one more worker."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(*self._arguments, theirs), daemon=True)
        with _no_interrupt():
            process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))
        return self.workers[-1]


@contextmanager
def _crew(load: str, fpr: float, explain: Explain, size: int) -> Iterator[_Crew]:
    """Crew with one thread a worker; it is ended whatever happens."""
    crew = _Crew(load, fpr, explain, size)
    with _environment(_ONE_THREAD):
        try:
            yield crew
        finally:
            for worker in crew.workers:
                worker.stop()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Put off Ctrl-C while a worker is started: it inherits the block, so that only the parent is interrupted."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the processes that start meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
