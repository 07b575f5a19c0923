"""One interactive page of all lessons, from the results that ship.

The page loads nothing: style, script and numbers are inside it, and its content policy forbids the rest. Its script is named by
its hash, so no other can run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from provenance.report.rendering import render
from provenance.teach.catalogue import claims, lessons, shipped_result
from provenance.writing import dumps

__all__ = ["lesson_page"]

KEPT = ("seeds", "figures", "extra")
"""What the script needs of a result."""


def lesson_page(results: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """Render the page.

    Parameters
    ----------
    results : mapping of str to dict, optional
        Result of each lesson by its name, as from :func:`provenance.teach.running.run_lesson`; those that ship if left out.

    Returns
    -------
    str
        HTML, well under 2 MB.

    Raises
    ------
    InputError
        When a result that ships is missing.
    """
    if results is None:
        results = {lesson.name: shipped_result(lesson.name) for lesson in lessons()}
    script = _template("page.js")
    numbers = {name: {key: result[key] for key in KEPT} for name, result in results.items()}
    return render(
        "page.html",
        {"number": _number},
        "provenance.teach",
        lessons=[{"lesson": lesson, "result": results.get(lesson.name)} for lesson in lessons()],
        claims=claims(),
        seeds_said=_seeds_said(results),
        style=_template("page.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        data=_inside_script(dumps(numbers).decode()),
    )


def _template(name: str) -> str:
    """Text of a file beside the templates."""
    return files("provenance.teach").joinpath("templates", name).read_text(encoding="utf-8")


def _inside_script(json: str) -> str:
    """JSON that cannot end the element that holds it."""
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _seeds_said(results: Mapping[str, Mapping[str, Any]]) -> str:
    """How many seeds the numbers rest on, in words."""
    seeds = sorted({int(result["seeds"]) for result in results.values()})
    if not seeds:
        return "none of which are here yet"
    return f"over {seeds[0]} seeds" if len(seeds) == 1 else f"over {seeds[0]} to {seeds[-1]} seeds"


def _number(value: object) -> str:
    """Number for reading; other values as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value == int(value) and abs(value) >= 100):
        return f"{int(value):,}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
