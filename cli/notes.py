"""What a command says on standard error, kept apart from the data on standard output."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

__all__ = ["Notes", "counted"]


@dataclass(frozen=True, slots=True)
class Notes:
    """Speaker on standard error.

    Attributes
    ----------
    level : int
        -1 quiet: warnings and errors alone; 0 the usual; 1 details too.
    """

    level: int = 0

    def say(self, line: str) -> None:
        """Say what a user wants to know; silent with ``--quiet``."""
        if self.level >= 0:
            self._write(line)

    def detail(self, line: str) -> None:
        """Say what only ``--verbose`` asks for."""
        if self.level >= 1:
            self._write(line)

    def warn(self, line: str) -> None:
        """Say what must not be missed, with ``--quiet`` too."""
        self._write(line)

    def _write(self, line: str) -> None:
        """Write one line without control characters."""
        from provenance.writing import printable

        click.echo(printable(line), file=sys.stderr)


def counted(n: int, noun: str) -> str:
    """Number and noun, as in ``1 row`` or ``1,204 rows``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
