"""What all pages share: the template environment, and values made safe and readable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provenance.writing import printable

__all__ = ["figure", "percent", "render", "shown", "shown_line"]


def render(template: str, filters: Mapping[str, Any], package: str = "provenance.report", /, **values: Any) -> str:
    """Render a template; every value is escaped, and a missing one is an error.

    Parameters
    ----------
    template : str
        File name in ``templates/``.
    filters : mapping of str to callable
        Filters beside `printable`, by name.
    package : str
        The package whose ``templates/`` holds it.
    **values
        What the template reads.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(printable=printable, **filters)
    return environment.get_template(template).render(**values)


def shown(text: str) -> str:
    """Return a text with its lines, safe to show; a space at the end of a line is kept, as pieces are joined again."""
    return "\n".join(shown_line(line) for line in text.split("\n"))


def shown_line(line: str) -> str:
    """Return a line that is safe to show; what `printable` strips from its ends is kept as one space."""
    shown = printable(line)
    if not shown:
        return " " if line else ""
    return (" " if line[0].isspace() else "") + shown + (" " if line[-1].isspace() else "")


def figure(value: float | None, digits: int = 2) -> str:
    """Return a number for reading; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """Return a share for reading, in per cent with one decimal; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"
