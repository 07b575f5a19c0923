"""What runs inside a worker process: load the detector once, score one chunk after another."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

from provenance.documents import Document

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from provenance.detect.result import Score

__all__ = ["score_chunk", "start_worker"]

_state: dict[str, Any] = {}


def start_worker(load: str, lifeline: Connection) -> None:
    """Load the detector and tie this process to its parent.

    A detector that does not load is kept as the error that :func:`score_chunk` raises, so that the parent gets its
    message and not a broken pool.

    Parameters
    ----------
    load : str
        Name or folder of the detector.
    lifeline : Connection
        Read end of a pipe; its end means that the parent gave up or died.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    import provenance

    try:
        _state["detector"] = provenance.load_detector(load)
    except Exception as error:
        _state["error"] = error


def score_chunk(chunk: list[Document], fpr: float, explain: bool) -> list[Score]:
    """Score one chunk with the detector that :func:`start_worker` loaded.

    Raises
    ------
    Exception
        What kept the detector from loading, as a rule a `DetectorError`.
    """
    if "error" in _state:
        raise _state["error"]
    return list(_state["detector"].score(chunk, fpr=fpr, explain=explain))


def _end_with(lifeline: Connection) -> None:
    """End this process, at once and in silence, when the other end of the pipe is closed."""
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        pass
    if multiprocessing.parent_process() is not None:
        os._exit(1)
