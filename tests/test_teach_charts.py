"""Charts are well-formed SVG with a text alternative, and nothing that is put into them can leave its place."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from provenance.report.axes import Scale
from provenance.report.charts import Bar, Series, Strip, bar_chart, line_chart, strip_chart

HOSTILE = '<script>alert(1)</script>"&\x1b[31m\x00'
SVG = "{http://www.w3.org/2000/svg}"


def charts(text: str) -> dict[str, str]:
    line = Series(text, [1, 10, 100], [3.0, 2.0, 1.0], [2.5, 1.5, 0.5], [3.5, 2.5, 1.5])
    said = {"title": text, "description": text, "x_label": text, "rules": [(text, 2.0)]}
    return {
        "line": line_chart([line, line], y_label=text, log_x=True, log_y=True, **said),
        "bar": bar_chart([Bar(text, 1.5, 1.0, 2.0, text), Bar("other", -1.0)], **said),
        "strip": strip_chart([Strip(text, [1.0, 2.0, 3.0], [(text, 4.0)])], **said),
    }


@pytest.mark.parametrize("kind", ["line", "bar", "strip"])
def test_hostile_words_stay_words(kind: str) -> None:
    svg = charts(HOSTILE)[kind]
    root = ElementTree.fromstring(svg)
    assert root.find(f".//{SVG}script") is None
    assert "\x1b" not in svg and "\x00" not in svg
    assert any('<script>alert(1)</script>"&' in (node.text or "") for node in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("kind", ["line", "bar", "strip"])
def test_charts_carry_title_and_description(kind: str) -> None:
    root = ElementTree.fromstring(charts("a name")[kind])
    assert root.get("role") == "img"
    assert [root.find(SVG + part).text for part in ("title", "desc")] == ["a name", "a name"]  # type: ignore[union-attr]


def test_higher_values_stand_higher_and_longer() -> None:
    root = ElementTree.fromstring(charts("a")["line"])
    heights = [float(node.get("cy") or 0) for node in root.iter(f"{SVG}circle")][:3]
    assert heights == sorted(heights)
    bars = ElementTree.fromstring(bar_chart([Bar("a", 1), Bar("b", 3)], title="", description="", x_label=""))
    short, long = (float(node.get("width") or 0) for node in bars.iter(f"{SVG}rect"))
    assert long == pytest.approx(3 * short, rel=0.01)


def test_a_log_scale_gives_equal_room_to_equal_ratios() -> None:
    scale = Scale(1, 100, 0, 200, log=True)
    assert scale(10) == pytest.approx(100)
    assert scale.ticks()[0] == 1 and scale.ticks()[-1] == 100


@pytest.mark.parametrize(
    "scale", [Scale(0, 1, 0, 9), Scale(-3, 4e6, 0, 9), Scale(0.2, 0.21, 0, 9), Scale(1e-5, 9, 0, 9, log=True)]
)
def test_ticks_are_few_and_inside(scale: Scale) -> None:
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 9
    assert all(scale.low * 0.999 <= tick <= scale.high * 1.001 or scale.low <= tick <= scale.high for tick in ticks)


@pytest.mark.parametrize("values", [[], [1.0, 1.0], [math.nan, 1.0], [0.0, math.inf]])
def test_poor_values_still_give_a_drawing(values: list[float]) -> None:
    series = [Series("a", list(range(len(values))), values)]
    svg = line_chart(series, title="t", description="d", x_label="x", y_label="y")
    assert '="nan' not in svg and ",nan" not in svg and ElementTree.fromstring(svg) is not None
    assert ElementTree.fromstring(bar_chart([], title="t", description="d", x_label="x")) is not None
