"""Progress on standard error, when that is a terminal. rich is imported when a bar is drawn, not before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Bar", "progress_bar"]


class Bar:
    """A count that grows; draws nothing where `drawing` is None.

    Parameters
    ----------
    drawing : rich.progress.Progress or None
        What draws it.
    label : str
        What is counted, as in 'documents scored'.
    """

    def __init__(self, drawing: Progress | None, label: str) -> None:
        self._drawing = drawing
        self._task = drawing.add_task(label, total=None) if drawing else None

    def advance(self, count: int) -> None:
        """Count `count` more."""
        if self._drawing is not None and self._task is not None:
            self._drawing.advance(self._task, count)

    def note(self, label: str) -> None:
        """Say what is under way."""
        if self._drawing is not None and self._task is not None:
            self._drawing.update(self._task, description=label)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar off the terminal while something else is printed there."""
        if self._drawing is None:
            yield
            return
        self._drawing.stop()
        try:
            yield
        finally:
            self._drawing.start()


@contextmanager
def progress_bar(label: str, *, wanted: bool = True, counted: bool = True) -> Iterator[Bar]:
    """Show a bar while the block runs, with a count where one is kept; it leaves nothing behind."""
    if not (wanted and sys.stderr.isatty()):
        yield Bar(None, label)
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), *([MofNCompleteColumn()] * counted))
    place = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=place, transient=True, redirect_stdout=False) as drawing:
        yield Bar(drawing, label)
