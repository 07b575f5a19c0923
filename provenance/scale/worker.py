"""What runs inside a worker process: load the detector once, score one chunk after another."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from provenance.detect.result import Explain
    from provenance.documents import Document

__all__ = ["work"]


def work(load: str, fpr: float, explain: Explain, pipe: Connection) -> None:
    """Score the chunks that come through `pipe`, in their order, until its other end is closed.

    A chunk is answered by the list of its scores, or by the error that kept them from being made; a detector that does
    not load is answered so too. When the parent closes the pipe, or dies, this process ends at once.

    Parameters
    ----------
    load : str
        Name or folder of the detector.
    fpr : float
    explain : bool or 'occlusion'
    pipe : Connection
        Both ways; this process alone has this end of it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    chunks: SimpleQueue[list[Document]] = SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, chunks), daemon=True).start()
    detector: Any = None
    while True:
        chunk = chunks.get()
        try:
            detector = detector or _load(load)
            answer: Any = list(detector.score(chunk, fpr=fpr, explain=explain))
        except Exception as error:
            answer = error if isinstance(error, ProvenanceError) else _described(error)
        try:
            pipe.send(answer)
        except OSError:
            os._exit(1)


def _load(load: str) -> Any:
    """Load the detector."""
    import provenance

    return provenance.load_detector(load)


def _described(error: Exception) -> RuntimeError:
    """Error with the traceback of this process as its text's second part; any error can be sent so."""
    import traceback

    trace = "".join(traceback.format_exception(error))
    described = RuntimeError(f"{type(error).__name__} in a worker: {error}")
    described.add_note(trace)
    return described


def _listen(pipe: Connection, chunks: SimpleQueue[list[Document]]) -> None:
    """Take chunks as they come, so that the parent never waits to send; end the process with the pipe."""
    while True:
        try:
            chunks.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(1)
