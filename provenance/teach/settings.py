"""How a lesson is to be run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Settings"]


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a lesson is to be run.

    Attributes
    ----------
    seeds : int
        Students a condition, each with its own data and start; from 1 up.
    seed : int
        Everything random follows from it.
    quick : bool
        Small sizes that end in seconds: to see that it runs, not to read its numbers.
    teacher : str
        'tiny', or 'smollm2' where the lesson takes it.
    tell : callable
        Is told what is under way.
    """

    seeds: int = 5
    seed: int = 0
    quick: bool = False
    teacher: str = "tiny"
    tell: Callable[[str], None] = _silent
