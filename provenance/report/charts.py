"""Charts as SVG text: lines with intervals, bars with intervals, and single marks among many.

Every chart has a title and a description for those who do not see it, works in light and dark, and can be put into a
page or saved as a file. Words in it may come from anywhere: they are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.report.axes import COLOURS, DASHES, Frame, Scale, document, ends, legend, margin, words

__all__ = ["Bar", "Series", "Strip", "bar_chart", "line_chart", "strip_chart"]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a line chart.

    Attributes
    ----------
    name : str
    x, y : sequence of float
        Places and values; all above 0 on a logarithmic axis.
    low, high : sequence of float, optional
        Ends of the interval of each value, drawn as a band.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its value, the ends of its interval, and the series that it belongs to."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    series: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of marks: what it is called, many plain values, and the few that stand out, by name.

    Attributes
    ----------
    name : str
    values : sequence of float
        Plain marks, controls say.
    marked : sequence of (str, float)
        Marks with a name, drawn large.
    """

    name: str
    values: Sequence[float]
    marked: Sequence[tuple[str, float]] = ()


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    log_y: bool = False,
    rules: Sequence[tuple[str, float]] = (),
    y_range: tuple[float, float] | None = None,
    width: float = 560,
    height: float = 380,
) -> str:
    """Draw lines with bands.

    Parameters
    ----------
    series : sequence of Series
    title, description : str
        Text alternative: what is shown, and what is to be seen in it.
    x_label, y_label : str
    log_x, log_y : bool
    rules : sequence of (str, float)
        Dashed level lines, with their names.
    y_range : (float, float), optional
        Ends of the upright axis; found from the values if left out.

    Returns
    -------
    str
        One SVG element.
    """
    head, below = legend([s.name for s in series], width, 16, lines=True)
    x = Scale(*ends([v for s in series for v in s.x], log_x, pad=0), 52, width - 14, log_x)
    levels = [v for s in series for part in (s.y, s.low or (), s.high or ()) for v in part] + [v for _, v in rules]
    y = Scale(*(y_range or ends(levels, log_y)), height - 44, below + 34, log_y)
    parts = head + Frame(width, height, x, y, x_label, y_label).draw()
    for k, one in enumerate(series):
        parts += _line(one, k, x, y)
    for name, level in rules:
        at = y(level)
        parts.append(f'<line class="pv-rule" x1="{x.start}" x2="{x.stop}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{x.stop:.1f}" y="{at - 5:.1f}" text-anchor="end">{words(name)}</text>')
    return document(parts, width, height, title, description)


def _line(one: Series, k: int, x: Scale, y: Scale) -> list[str]:
    """Band, line and marks of one series."""
    at, parts = [x(v) for v in one.x], []
    if one.low is not None and one.high is not None:
        edge = [(a, y(v)) for a, v in zip(at, one.high, strict=True)]
        edge += reversed([(a, y(v)) for a, v in zip(at, one.low, strict=True)])
        parts.append(f'<polygon class="pv-band pv-f{k % COLOURS}" points="{_points(edge)}"/>')
    line = [(a, y(v)) for a, v in zip(at, one.y, strict=True)]
    look = f'class="pv-line pv-s{k % COLOURS}" stroke-dasharray="{DASHES[k % len(DASHES)]}"'
    parts.append(f'<polyline {look} points="{_points(line)}"/>')
    for (a, b), value in zip(line, one.y, strict=True):
        said = f"{words(one.name)}: {value:.4g}"
        dot = f'class="pv-f{k % COLOURS}" cx="{a:.1f}" cy="{b:.1f}" r="3"'
        parts.append(f"<circle {dot}><title>{said}</title></circle>")
    return parts


def bar_chart(
    bars: Sequence[Bar],
    *,
    title: str,
    description: str,
    x_label: str,
    rules: Sequence[tuple[str, float]] = (),
    x_range: tuple[float, float] | None = None,
    width: float = 560,
) -> str:
    """Draw level bars with their intervals, a row a bar; bars of one name stand together.

    Parameters
    ----------
    bars : sequence of Bar
    title, description, x_label : str
    rules : sequence of (str, float)
        Dashed upright lines, with their names.
    x_range : (float, float), optional
        Ends of the axis; from 0, or below, to the largest value if left out.

    Returns
    -------
    str
        One SVG element.
    """
    kinds = list(dict.fromkeys(bar.series for bar in bars))
    head, below = legend(kinds if kinds != [""] else [], width, 16, lines=False)
    top, left = below + (34 if rules else 14), margin([bar.name for bar in bars], width)
    rows = _rows(bars, top)
    bottom = rows[-1][1] + 24 if rows else top + 30
    levels = [v for b in bars for v in (0.0, b.value, b.low, b.high) if v is not None] + [v for _, v in rules]
    x = Scale(*(x_range or ends(levels, False)), left, width - 48)
    parts = head + Frame(width, bottom + 44, x, Scale(0, 1, bottom, top), x_label, "").draw(y_ticks=False)
    named: set[str] = set()
    for bar, at in rows:
        parts += _bar(bar, at, kinds.index(bar.series), x, with_name=bar.name not in named)
        named.add(bar.name)
    for name, level in rules:
        at = x(level)
        parts.append(f'<line class="pv-rule" x1="{at:.1f}" x2="{at:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>')
        parts.append(f'<text x="{at:.1f}" y="{top - 6:.1f}" text-anchor="middle">{words(name)}</text>')
    return document(parts, width, bottom + 48, title, description)


def _rows(bars: Sequence[Bar], top: float) -> list[tuple[Bar, float]]:
    """Bars with the place of their upper edge; a new name leaves a gap."""
    rows, at, name = [], top - 16, None
    for bar in bars:
        at += 20 if bar.name == name else 30
        rows.append((bar, at - 10))
        name = bar.name
    return rows


def _bar(bar: Bar, at: float, k: int, x: Scale, *, with_name: bool) -> list[str]:
    """One bar with name, whisker and value."""
    zero, end = x(max(x.low, 0.0)), x(bar.value)
    left, size = min(zero, end), abs(end - zero)
    parts = [f'<rect class="pv-f{k % COLOURS}" x="{left:.1f}" y="{at:.1f}" width="{max(size, 1):.1f}" height="15" rx="2"/>']
    far = end
    if bar.low is not None and bar.high is not None:
        low, high, middle = x(bar.low), x(bar.high), at + 7.5
        far = max(end, high)
        ends = f"M{low:.1f} {middle:.1f}H{high:.1f}M{low:.1f} {at + 3:.1f}v9M{high:.1f} {at + 3:.1f}v9"
        parts.append(f'<path class="pv-whisker" stroke="var(--pv-ink)" d="{ends}"/>')
    parts.append(f'<text class="pv-name" x="{far + 6:.1f}" y="{at + 12:.1f}">{bar.value:.3g}</text>')
    if with_name:
        parts.append(f'<text x="{x.start - 8:.1f}" y="{at + 12:.1f}" text-anchor="end">{words(bar.name)}</text>')
    return parts


def strip_chart(
    strips: Sequence[Strip],
    *,
    title: str,
    description: str,
    x_label: str,
    rules: Sequence[tuple[str, float]] = (),
    width: float = 560,
) -> str:
    """Draw one row of marks a strip: the plain ones faint, the named ones large with their names above.

    Parameters
    ----------
    strips : sequence of Strip
    title, description, x_label : str
    rules : sequence of (str, float)
        Dashed upright lines, with their names.

    Returns
    -------
    str
        One SVG element.
    """
    left, top = margin([strip.name for strip in strips], width), 30.0 if rules else 12.0
    bottom = top + 44 * len(strips) + 6
    levels = [v for s in strips for v in (*s.values, *(value for _, value in s.marked))] + [v for _, v in rules]
    x = Scale(*ends(levels, False), left, width - 20)
    parts = Frame(width, bottom + 44, x, Scale(0, 1, bottom, top), x_label, "").draw(y_ticks=False)
    for k, strip in enumerate(strips):
        at = top + 44 * k + 30
        parts.append(f'<text x="{left - 10:.1f}" y="{at + 4:.1f}" text-anchor="end">{words(strip.name)}</text>')
        for value in strip.values:
            parts.append(f'<circle class="pv-f7" fill-opacity=".45" cx="{x(value):.1f}" cy="{at:.1f}" r="4"/>')
        for name, value in strip.marked:
            said = f"{words(name)}: {value:.4g}"
            parts.append(f'<circle class="pv-f1" cx="{x(value):.1f}" cy="{at:.1f}" r="6"><title>{said}</title></circle>')
            anchor = "end" if x(value) > width * 0.8 else "start" if x(value) < left + 40 else "middle"
            parts.append(
                f'<text class="pv-name" x="{x(value):.1f}" y="{at - 11:.1f}" text-anchor="{anchor}">{words(name)}</text>'
            )
    for name, level in rules:
        parts.append(f'<line class="pv-rule" x1="{x(level):.1f}" x2="{x(level):.1f}" y1="{top}" y2="{bottom}"/>')
        parts.append(f'<text x="{x(level):.1f}" y="{top - 6}" text-anchor="middle">{words(name)}</text>')
    return document(parts, width, bottom + 48, title, description)


def _points(line: Sequence[tuple[float, float]]) -> str:
    """Corners of a line, as SVG wants them."""
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in line)
