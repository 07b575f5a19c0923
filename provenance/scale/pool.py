"""A pool of processes that score chunks.

The pool is bounded: no more than ``IN_FLIGHT`` chunks a worker are read ahead, so memory stays flat however long the
stream is. Workers hold one end of a pipe (the lifeline) whose other end lives in the parent alone; when the parent
closes it, or dies, they end at once.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

from provenance.documents import Document
from provenance.errors import ProvenanceError
from provenance.scale.worker import score_chunk, start_worker

if TYPE_CHECKING:
    from provenance.detect.result import Score

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


def score_in_pool(
    load: str, chunks: Iterable[list[Document]], workers: int, fpr: float, explain: bool
) -> Iterator[Score]:
    """Keep a bounded number of chunks in work and give their scores back in order.

    Parameters
    ----------
    load : str
        Name or folder of the detector; each worker loads it once.
    chunks : iterable of list of Document
    workers : int
        Processes, 1 or more.
    fpr : float
    explain : bool

    Yields
    ------
    Score

    Raises
    ------
    ProvenanceError
        When a worker process dies.
    """
    with _pool(load, workers) as pool:
        waiting: deque[tuple[int, int, Future[list[Score]]]] = deque()
        done = 0
        try:
            for chunk in chunks:
                bare = [replace(document, meta={}) for document in chunk]
                with _no_interrupt():
                    future = pool.submit(score_chunk, bare, fpr, explain)
                waiting.append((done, len(chunk), future))
                done += len(chunk)
                if len(waiting) >= workers * IN_FLIGHT:
                    yield from _result(*waiting.popleft())
            while waiting:
                yield from _result(*waiting.popleft())
        except BrokenProcessPool:
            raise _crash(done) from None


def _result(start: int, length: int, future: Future[list[Score]]) -> list[Score]:
    """Scores of one chunk; a dead worker is told with the documents that were lost."""
    try:
        return future.result()
    except BrokenProcessPool:
        raise _crash(start, start + length) from None


def _crash(start: int, end: int | None = None) -> ProvenanceError:
    """One clear line for a worker that died."""
    where = f"documents {start + 1} to {end}" if end else f"the documents from {start + 1} on"
    return ProvenanceError(
        f"a worker process died while scoring {where} (killed, or out of memory); wanted it to finish: "
        "use fewer --workers, or more memory"
    )


@contextmanager
def _pool(load: str, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start a pool of spawned workers with one thread each; end them whatever happens, without waiting for work."""
    context = get_context("spawn")
    lifeline, hold = context.Pipe(duplex=False)
    with _environment(_ONE_THREAD):
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=start_worker, initargs=(load, lifeline))
        try:
            yield pool
            pool.shutdown(wait=True)
        finally:
            hold.close()
            pool.shutdown(wait=True, cancel_futures=True)
            lifeline.close()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Put off Ctrl-C while a worker may be started: it inherits the block, so that only the parent is interrupted."""
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
