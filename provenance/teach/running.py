"""Run a lesson, time it, and keep what it found: ``results.json`` and a picture a figure."""

from __future__ import annotations

import platform
import sys
import time
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from provenance.errors import OutputError, UsageError
from provenance.teach.catalogue import Lesson, lesson_named
from provenance.teach.settings import Settings

__all__ = ["check_folder", "run_lesson", "save_result"]

RECORDED = ("torch", "numpy", "scikit-learn", "transformers")


def run_lesson(name: str, settings: Settings | None = None) -> dict[str, Any]:
    """Run one lesson. The same settings give the same numbers: one thread, and every random choice from the seed.

    Parameters
    ----------
    name : str
        Name or number of a lesson.
    settings : Settings, optional

    Returns
    -------
    dict
        What ``results.json`` holds: settings, versions, findings, table, figures, samples, and what the run cost: `seconds` on
        the clock, `cpu_seconds` of one core, `peak_mb`, the most memory that the process has held since it began.

    Raises
    ------
    UsageError
        When there is no such lesson, when it cannot be run with that teacher, or when `seeds` is below 1.
    DependencyError
        When the teacher is a model that is not installed.
    """
    settings = settings or Settings()
    lesson = lesson_named(name)
    _check(lesson, settings)
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    began, busy = time.monotonic(), time.process_time()
    try:
        result = import_module(f"provenance.teach.lessons.{lesson.module}").run(settings)
    finally:
        torch.set_num_threads(threads)
    return {
        "schema_version": 1,
        "lesson": lesson.name,
        "title": lesson.title,
        "command": _command(lesson, settings),
        "teacher": settings.teacher,
        "seeds": settings.seeds,
        "seed": settings.seed,
        "quick": settings.quick,
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - busy, 1),
        "peak_mb": _peak_mb(),
        "versions": _versions(),
        **result.as_record(),
        "not_shown": list(lesson.not_shown),
        "papers": list(lesson.papers),
    }


def check_folder(folder: str | Path) -> None:
    """Refuse early what cannot become a folder, before a run is lost; it is made if need be.

    Raises
    ------
    OutputError
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made into a folder ({error.strerror or error}); choose another") from error


def save_result(record: dict[str, Any], folder: str | Path) -> list[Path]:
    """Write ``results.json`` and one SVG a figure into a folder, which is made if need be.

    Parameters
    ----------
    record : dict
        As from :func:`run_lesson`.
    folder : str or Path

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    OutputError
        When the folder cannot be made or written to.
    """
    import orjson

    from provenance.teach.figures import figure_from
    from provenance.writing import atomic_writer

    place = Path(folder)
    check_folder(place)
    contents = {"results.json": orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n"}
    for figure in record["figures"]:
        contents[f"{figure['name']}.svg"] = figure_from(figure).svg().encode()
    for name, data in contents.items():
        with atomic_writer(place / name) as file:
            file.write(data)
    return [place / name for name in contents]


def _check(lesson: Lesson, settings: Settings) -> None:
    """Refuse what the lesson cannot do."""
    if settings.seeds < 1:
        raise UsageError(f"found {settings.seeds} seeds, wanted 1 or more")
    if settings.teacher not in lesson.teachers:
        takes = " or ".join(lesson.teachers)
        why = f" ({lesson.only_tiny})" if lesson.only_tiny and settings.teacher == "smollm2" else ""
        raise UsageError(
            f"lesson {lesson.name} is run with the teacher {takes}, not with {settings.teacher!r}{why}: leave --teacher out"
        )


def _command(lesson: Lesson, settings: Settings) -> str:
    """Command that makes the same numbers again."""
    parts = ["provenance teach run", lesson.name, f"--seeds {settings.seeds}", f"--seed {settings.seed}"]
    parts += ["--quick"] if settings.quick else []
    parts += [f"--teacher {settings.teacher}"] if settings.teacher != "tiny" else []
    return " ".join(parts)


def _peak_mb() -> int | None:
    """Most memory, in MB, that the process has held; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3))


def _versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    from provenance import __version__

    found = {"provenance": __version__, "python": platform.python_version()}
    for name in RECORDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
