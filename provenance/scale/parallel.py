"""One detector, one process or several: the same scores in the same order."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.documents import Document, as_documents
from provenance.errors import UsageError
from provenance.scale.chunks import in_chunks

if TYPE_CHECKING:
    from provenance.detect.result import Explain, Score

__all__ = ["score_stream", "worker_count"]


def worker_count(workers: int) -> int:
    """Read the option `workers`: 0 stands for every core that this process may use.

    Raises
    ------
    UsageError
        When `workers` is negative.
    """
    if workers < 0:
        raise UsageError(f"workers is {workers}; wanted 1 or more, or 0 for all cores")
    if workers:
        return workers
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def score_stream(
    load: str | Path,
    documents: Iterable[str | Document],
    *,
    workers: int = 1,
    fpr: float = 0.01,
    explain: Explain = False,
) -> Generator[Score, None, None]:
    """Score a stream of documents in chunks of 256, in the order of the input.

    Parameters
    ----------
    load : str or Path
        Name or folder of the detector; each worker loads it once.
    documents : iterable of str or Document
        Read ahead by at most two chunks a worker.
    workers : int
        Processes; 1 scores in this one, 0 uses every core. A stream of one chunk is always scored in this process.
    fpr : float
        False-positive rate of the verdict, in (0, 1).
    explain : bool or 'occlusion'
        Whether scores carry spans.

    Yields
    ------
    Score
        One a document; the same whatever `workers` is.

    Raises
    ------
    DetectorError
        When the detector cannot be loaded.
    UsageError
        When `workers` is negative.
    ProvenanceError
        When a worker process dies.
    """
    count = worker_count(workers)
    chunks = in_chunks(as_documents(documents))
    if count > 1:
        head = list(islice(chunks, 2))
        chunks = chain(head, chunks)
        if len(head) > 1:
            from provenance.scale.pool import score_in_pool

            yield from score_in_pool(str(load), chunks, count, fpr, explain)
            return
    yield from _score_here(load, chunks, fpr, explain)


def _score_here(load: str | Path, chunks: Iterable[list[Document]], fpr: float, explain: Explain) -> Iterator[Score]:
    """Score in this process."""
    import provenance

    detector = provenance.load_detector(load)
    for chunk in chunks:
        yield from detector.score(chunk, fpr=fpr, explain=explain)
