"""Pages of the documentation that are made from benchmark results say what those results say."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from provenance.detect.crossfit import Scored
from provenance.detect.sampling import Window

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """Import a benchmark by its name."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def module(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
        assert spec is not None and spec.loader is not None
        found = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, found)
        spec.loader.exec_module(found)
        return found

    return module


def results(name: str) -> dict:
    return json.loads((BENCHMARKS / "results" / f"{name}.json").read_text("utf-8"))


def test_the_transfer_page_is_made_from_its_results(load) -> None:
    assert load("transfer").page(results("transfer-fast"), "fast") == (ROOT / "docs" / "transfer.md").read_text("utf-8")


def test_the_attribution_page_is_made_from_its_results(load) -> None:
    assert load("attribution").page(results("attribution")) == (ROOT / "docs" / "attribution.md").read_text("utf-8")


def test_the_robustness_card_is_made_from_its_results(load) -> None:
    assert load("robustness").page(results("robustness-fast")) == (ROOT / "docs" / "robustness.md").read_text("utf-8")


def test_the_figures_of_the_readme_are_made_from_the_results(load) -> None:
    figures = load("readme_figures")
    found = (ROOT / "README.md").read_text("utf-8").split(figures.START)[1].split(figures.END)[0]
    assert found == figures.block()


def test_a_harsh_corpus_flags_nobody_of_a_mild_one_and_the_reverse_flags_many(load) -> None:
    rng = np.random.default_rng(0)
    windows = [
        Window("", i, False, "high" if i % 2 else "low", str(i), "human", "high" if i % 2 else "low") for i in range(800)
    ]
    scores = np.array([rng.normal(3.0 if w.corpus == "high" else 0.0) for w in windows])
    human = Scored(windows, scores[:, None], np.full(800, 150), np.zeros((800, 1)))
    rows = {row["calibrated_on"]: row["flagged"] for row in load("transfer").transfer(human, scores)["table"]}
    assert rows["high"]["low"] == 0
    assert rows["low"]["high"] > 0.5


def test_reliability_finds_the_gap_between_what_is_said_and_what_is(load) -> None:
    truth = np.array([True] * 30 + [False] * 70)
    fair = load("attribution").reliability(np.full(100, 0.3), truth)
    bold = load("attribution").reliability(np.full(100, 0.9), truth)
    assert fair["ece"] == pytest.approx(0.0, abs=1e-9)
    assert bold["ece"] == pytest.approx(0.6)
    assert bold["brier"] > fair["brier"]
