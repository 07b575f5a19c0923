"""The frame of a chart: scales, ticks, grid, words, colours. What :mod:`provenance.report.charts` draws into.

Everything here gives SVG as text. All words are escaped and free of control characters. Colours come from one style
sheet with a dark variant; series differ by dash and mark too, so that no meaning rests on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from provenance.writing import printable

__all__ = ["COLOURS", "DASHES", "Frame", "Scale", "document", "ends", "legend", "margin", "number", "words"]

COLOURS = 8
"""Colours of series; a ninth series takes the first again."""

DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "1 4", "6 2 2 2")

STYLE = """
.pv{--pv-ink:#1d2126;--pv-soft:#59616b;--pv-line:#e3e0d9;
--pv-c0:#0b63b0;--pv-c1:#c2410c;--pv-c2:#0f766e;--pv-c3:#9d2f8a;--pv-c4:#8a6100;--pv-c5:#4d4d9f;--pv-c6:#5c6b1b;--pv-c7:#6b7280;
font:13px system-ui,-apple-system,"Segoe UI",sans-serif;max-width:100%;height:auto}
@media (prefers-color-scheme:dark){
.pv{--pv-ink:#e6e8ea;--pv-soft:#a3abb5;--pv-line:#343a42;--pv-c0:#6db3f2;--pv-c1:#ff9a66;
--pv-c2:#5cd0c0;--pv-c3:#ea8fd8;--pv-c4:#e3b84d;--pv-c5:#a9a9f5;--pv-c6:#bccb6a;--pv-c7:#a8b0ba}}
.pv text{fill:var(--pv-soft)}.pv .pv-name{fill:var(--pv-ink);font-weight:600}.pv .pv-grid{stroke:var(--pv-line)}
.pv .pv-axis{stroke:var(--pv-soft)}.pv .pv-rule{stroke:var(--pv-ink);stroke-dasharray:4 3}
.pv .pv-line{fill:none;stroke-width:2.2}
.pv .pv-band{fill-opacity:.17;stroke:none}.pv .pv-whisker{stroke-width:1.6}
"""
STYLE += "".join(
    f".pv .pv-s{k}{{stroke:var(--pv-c{k})}}.pv .pv-f{k}{{fill:var(--pv-c{k});stroke:none}}" for k in range(COLOURS)
)

LETTER = 7.0
"""Width, in units of the drawing, of a letter at 13 px; an estimate that errs to the wide side."""


def words(text: object) -> str:
    """Text that is safe in SVG and HTML: escaped, one line, no control characters."""
    return escape(printable(str(text)), quote=True)


def number(value: float) -> str:
    """Number as an axis shows it: 40000 as 40k, 0.001 as it is."""
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:g}M"
    if size >= 1e4:
        return f"{value / 1e3:g}k"
    return f"{value:.3g}" if size and size < 1 else f"{value:g}"


@dataclass(frozen=True, slots=True)
class Scale:
    """Map from values to places along one side of the drawing.

    Attributes
    ----------
    low, high : float
        Values at the two ends; both above 0 where `log` is set.
    start, stop : float
        Places of the two ends, in units of the drawing.
    log : bool
        Whether equal ratios, rather than equal differences, take equal room.
    """

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Place of a value; values outside are held at the ends, NaN at the first."""
        value = self.low if math.isnan(value) else value
        low, high, value = (math.log(max(v, 1e-300)) if self.log else v for v in (self.low, self.high, value))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.stop - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Round values along the scale, some `about` of them."""
        if self.log:
            return self._log_ticks(about)
        step = 10 ** math.floor(math.log10(max(self.high - self.low, 1e-12) / about))
        step *= next(m for m in (1, 2, 2.5, 5, 10) if (self.high - self.low) / (step * m) <= about + 0.5)
        first = math.ceil(self.low / step - 1e-9)
        return [round(k * step, 12) for k in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def _log_ticks(self, about: int) -> list[float]:
        """Powers of ten, with 2 and 5 of each where there is room."""
        powers = range(math.floor(math.log10(self.low)) - 1, math.ceil(math.log10(self.high)) + 1)
        for marks in ((1, 2, 5), (1, 3), (1,)):
            found = [m * 10.0**p for p in powers for m in marks if self.low <= m * 10.0**p * 1.0001 <= self.high * 1.001]
            if len(found) <= about + 2:
                break
        step = max(1, math.ceil(len(found) / (about + 2)))
        return [float(f"{value:.6g}") for value in found[::step]]


@dataclass(frozen=True, slots=True)
class Frame:
    """Plot area with its two scales."""

    width: float
    height: float
    x: Scale
    y: Scale
    x_label: str
    y_label: str

    def draw(self, *, y_ticks: bool = True) -> list[str]:
        """Grid, ticks and names of the axes, as SVG elements."""
        left, right, top, bottom = self.x.start, self.x.stop, self.y.stop, self.y.start
        parts = []
        for value in self.x.ticks():
            at = self.x(value)
            parts.append(f'<line class="pv-grid" x1="{at:.1f}" x2="{at:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>')
            parts.append(f'<text x="{at:.1f}" y="{bottom + 17:.1f}" text-anchor="middle">{number(value)}</text>')
        for value in self.y.ticks() if y_ticks else ():
            at = self.y(value)
            parts.append(f'<line class="pv-grid" x1="{left:.1f}" x2="{right:.1f}" y1="{at:.1f}" y2="{at:.1f}"/>')
            parts.append(f'<text x="{left - 7:.1f}" y="{at + 4:.1f}" text-anchor="end">{number(value)}</text>')
        parts.append(f'<line class="pv-axis" x1="{left:.1f}" x2="{right:.1f}" y1="{bottom:.1f}" y2="{bottom:.1f}"/>')
        middle = (left + right) / 2
        parts.append(f'<text x="{middle:.1f}" y="{bottom + 36:.1f}" text-anchor="middle">{words(self.x_label)}</text>')
        if self.y_label:
            parts.append(f'<text class="pv-name" x="4" y="{top - 10:.1f}">{words(self.y_label)}</text>')
        return parts


def legend(names: Sequence[str], width: float, top: float, *, lines: bool) -> tuple[list[str], float]:
    """Names of the series beside a sample of each, in as many rows as they need.

    Returns
    -------
    parts : list of str
        SVG elements.
    bottom : float
        Where the legend ends.
    """
    parts: list[str] = []
    left, at = 4.0, top
    for k, name in enumerate(names):
        room = 34 + LETTER * len(printable(name)) + 14
        if left > 4 and left + room > width:
            left, at = 4.0, at + 20
        sample = f'class="pv-line pv-s{k % COLOURS}" stroke-dasharray="{DASHES[k % len(DASHES)]}"'
        if lines:
            parts.append(f'<line {sample} x1="{left:.1f}" x2="{left + 26:.1f}" y1="{at - 4:.1f}" y2="{at - 4:.1f}"/>')
        else:
            parts.append(
                f'<rect class="pv-f{k % COLOURS}" x="{left + 8:.1f}" y="{at - 11:.1f}" width="13" height="13" rx="2"/>'
            )
        parts.append(f'<text x="{left + 32:.1f}" y="{at:.1f}">{words(name)}</text>')
        left += room
    return parts, at + 8 if names else top - 12


def document(parts: Sequence[str], width: float, height: float, title: str, description: str) -> str:
    """Whole SVG element, with its text alternative and its style."""
    said = words(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pv" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{said}"><title>{said}</title><desc>{words(description)}</desc>'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>"
    )


def margin(names: Sequence[str], width: float) -> float:
    """Room on the left for the longest name, at most half of the width."""
    return min(14 + LETTER * max((len(name) for name in names), default=0), width / 2)


def ends(values: Sequence[float], log: bool, pad: float = 0.06) -> tuple[float, float]:
    """Lowest and highest value with a little room; a range of no width is widened."""
    if log:
        values = [v for v in values if 0 < v < math.inf] or [1.0]
        return min(values) / (1 + pad), max(values) * (1 + pad) * (1 if max(values) > min(values) else 2)
    values = [v for v in values if math.isfinite(v)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low) * pad or abs(high) * 0.1 or 1.0
    return (low if low == 0 else low - room), (high + room if pad or high == low else high)
