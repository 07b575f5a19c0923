"""The lessons by name: what each asks, what it does not show, and the results that ship. Loads nothing heavy."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from provenance.errors import InputError, UsageError

__all__ = ["Claim", "Lesson", "claims", "lesson_named", "lessons", "shipped_result"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a lesson says of itself.

    Attributes
    ----------
    number : int
        Its place, from 1.
    name, module, title : str
    question : str
        What the reader is asked to predict.
    choices : tuple of str
    answer : int
        Which choice the results bear out.
    reveals : str
        What to make of it.
    not_shown : tuple of str
        What must not be made of it.
    papers : tuple of str
    teachers : tuple of str
        Teachers that it can be run with.
    only_tiny : str
        Why it takes no real language model; empty where it does.
    """

    number: int
    name: str
    module: str
    title: str
    question: str
    choices: tuple[str, ...]
    answer: int
    reveals: str
    not_shown: tuple[str, ...]
    papers: tuple[str, ...]
    teachers: tuple[str, ...]
    only_tiny: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that one hears, how it stands, why, and the numbers of the lessons that show it."""

    text: str
    verdict: str
    why: str
    lessons: tuple[int, ...]


@cache
def _tables() -> dict[str, list[dict[str, Any]]]:
    """What ``lessons.toml`` holds."""
    return tomllib.loads(files("provenance.teach").joinpath("lessons.toml").read_text(encoding="utf-8"))


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in their order."""
    rows = enumerate(_tables()["lesson"], 1)
    return tuple(Lesson(number=k, **{key: _frozen(value) for key, value in row.items()}) for k, row in rows)


@cache
def claims() -> tuple[Claim, ...]:
    """Claims that the lessons bear on."""
    return tuple(Claim(**{key: _frozen(value) for key, value in row.items()}) for row in _tables()["claim"])


def lesson_named(name: str) -> Lesson:
    """Find a lesson by its name or its number.

    Raises
    ------
    UsageError
        When there is none.
    """
    for lesson in lessons():
        if name in (lesson.name, str(lesson.number)):
            return lesson
    known = ", ".join(lesson.name for lesson in lessons())
    raise UsageError(f"no lesson {name!r}; wanted one of {known}, or its number: `provenance teach list` shows them")


def shipped_result(name: str) -> dict[str, Any]:
    """Result of a lesson that ships with the package: a run of the command that it names.

    Raises
    ------
    UsageError
        When there is no such lesson.
    InputError
        When the result is missing from the installation.
    """
    lesson = lesson_named(name)
    place = files("provenance.teach").joinpath("results", f"{lesson.name}.json")
    try:
        record: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"the result of lesson {lesson.name} that ships cannot be read ({error}); install the package again, "
            f"or make it with `provenance teach run {lesson.name}`"
        ) from error
    return record


def _frozen(value: Any) -> Any:
    """Lists as tuples."""
    return tuple(value) if isinstance(value, list) else value
