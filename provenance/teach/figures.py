"""Figures of a lesson as numbers, the value of every seed among them.

The picture, the interactive page and the notebook draw from the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Bars", "Figure", "Lines", "figure_from", "interval"]

T_975 = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12)
"""0.975 quantiles of Student's t with 1, 2, ... degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A line of a figure: values of every seed at some places.

    Attributes
    ----------
    name : str
    x : list of float
    runs : list of list of float
        ``runs[s][i]`` is the value of seed s at ``x[i]``.
    """

    name: str
    x: list[float]
    runs: list[list[float]]


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar of a figure: where it stands, the series it belongs to, and the value of every seed."""

    name: str
    series: str
    runs: list[float]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as numbers; it holds either lines or bars.

    Attributes
    ----------
    name : str
        Name of its file, without a suffix.
    title, description : str
        Text alternative: what is shown and what is to be seen.
    x_label, y_label : str
    lines : list of Lines
    bars : list of Bars
    log_x, log_y : bool
    rules : list of (str, float)
        Named levels, chance say.
    """

    name: str
    title: str
    description: str
    x_label: str
    y_label: str = ""
    lines: list[Lines] = field(default_factory=list)
    bars: list[Bars] = field(default_factory=list)
    log_x: bool = False
    log_y: bool = False
    rules: list[tuple[str, float]] = field(default_factory=list)

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg()

    def svg(self) -> str:
        """Draw it: means over seeds, with 95 % intervals."""
        from provenance.report.charts import Bar, Series, bar_chart, line_chart

        said: dict[str, Any] = {"title": self.title, "description": self.description, "x_label": self.x_label}
        if self.bars:
            bars = [Bar(bar.name, *self._drawn(bar.runs), bar.series) for bar in self.bars]
            return bar_chart(bars, rules=self.rules, **said)
        series = []
        for line in self.lines:
            points = [self._drawn([run[i] for run in line.runs]) for i in range(len(line.x))]
            mean, low, high = (list(part) for part in zip(*points, strict=True))
            low = [max(v, 0.6 * m) if self.log_y and v <= 0 else v for v, m in zip(low, mean, strict=True)]
            series.append(Series(line.name, line.x, mean, low, high))
        scales: dict[str, Any] = {"log_x": self.log_x, "log_y": self.log_y, "rules": self.rules}
        return line_chart(series, y_label=self.y_label, **scales, **said)

    def _drawn(self, runs: Sequence[float]) -> tuple[float, float, float]:
        """Mean and interval as they are drawn: no share lies below 0 or above 1, whatever a t interval says."""
        mean, low, high = interval(runs)
        values = [value for line in self.lines for run in line.runs for value in run]
        values += [value for bar in self.bars for value in bar.runs]
        shares = not self.log_y and min(values) >= 0 and max(values) <= 1
        return (mean, max(0.0, low), min(1.0, high)) if shares else (mean, low, high)


def interval(runs: Sequence[float]) -> tuple[float, float, float]:
    """Mean over seeds with the ends of its 95 % interval, by Student's t; one seed has no interval, so the ends are it.

    Parameters
    ----------
    runs : sequence of float
        Value of each seed.

    Examples
    --------
    >>> [round(value, 2) for value in interval([1.0, 2.0, 3.0])]
    [2.0, -0.48, 4.48]
    """
    n = len(runs)
    mean = sum(runs) / n
    if n < 2:
        return mean, mean, mean
    spread = math.sqrt(sum((value - mean) ** 2 for value in runs) / (n - 1) / n)
    reach = spread * (T_975[n - 2] if n - 2 < len(T_975) else 1.96 + 2.5 / (n - 1))
    return mean, mean - reach, mean + reach


def figure_from(record: Mapping[str, Any]) -> Figure:
    """Figure from the record of one in ``results.json``."""
    values = dict(record)
    values["lines"] = [Lines(**line) for line in values["lines"]]
    values["bars"] = [Bars(**bar) for bar in values["bars"]]
    values["rules"] = [(str(name), float(level)) for name, level in values["rules"]]
    return Figure(**values)
