"""The example outputs and the demo that scores them."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
ROWS = [json.loads(line) for line in (EXAMPLES / "outputs.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", EXAMPLES / "demo.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo"] = module
    spec.loader.exec_module(module)
    return module


def write_module(folder: Path, name: str, docstring: str) -> None:
    (folder / f"{name}.py").write_text(f'"""{docstring}"""\n', encoding="utf-8")


PROSE = "The queue keeps its elements in the order in which they came, and gives them back in the same order. " * 5


def test_outputs_have_a_name_a_prompt_and_a_writer_each() -> None:
    assert all(set(row) == {"id", "prompt", "response", "model"} and all(row.values()) for row in ROWS)
    assert len({row["id"] for row in ROWS}) == len({row["response"] for row in ROWS}) == len(ROWS)


def test_outputs_are_long_enough_to_score_but_for_a_few_that_show_abstention() -> None:
    lengths = sorted(len(row["response"].split()) for row in ROWS)
    assert sum(n < 40 for n in lengths) == 3
    assert sum(n >= 60 for n in lengths) >= 35
    assert lengths[-1] <= 350


def test_docstrings_are_read_without_being_run(demo: ModuleType, tmp_path: Path) -> None:
    write_module(tmp_path, "plain", PROSE)
    source = f'raise SystemExit("ran")\n\ndef keep():\n    """{PROSE}"""\n'
    (tmp_path / "runs.py").write_text(source, encoding="utf-8")
    found = demo.stdlib_prose(tmp_path)
    assert [doc.name for doc in found] == ["plain", "runs.keep"]
    assert found[0].text == PROSE.strip()


def test_paragraphs_of_code_and_lists_are_left_out(demo: ModuleType, tmp_path: Path) -> None:
    write_module(tmp_path, "mixed", f"{PROSE}\n\n>>> queue.get()\n1\n\n- one\n- two\n\nFor example:\n\n    x = f(y)")
    (found,) = demo.stdlib_prose(tmp_path)
    assert found.text == PROSE.strip()


def test_short_and_code_like_docstrings_are_not_taken(demo: ModuleType, tmp_path: Path) -> None:
    write_module(tmp_path, "short", "Too short to say anything about who wrote it.")
    write_module(tmp_path, "codelike", "call f(x) and g(y) then __init__ or a.b.c = d[0] " * 10)
    (tmp_path / "broken.py").write_text("def (:\n", encoding="utf-8")
    assert demo.stdlib_prose(tmp_path) == []


def test_the_longest_are_taken_one_a_module(demo: ModuleType, tmp_path: Path) -> None:
    for name, times in (("a", 1), ("b", 2), ("c", 3)):
        write_module(tmp_path, name, PROSE * times if times < 3 else PROSE + PROSE[:300])
    assert [doc.name for doc in demo.stdlib_prose(tmp_path, n=2)] == ["b", "c"]


def test_the_demo_shows_both_sides(demo: ModuleType) -> None:
    rows = demo.demo_rows()
    sides = [row["id"].split("/")[0] for row in rows]
    assert sides.count("example") == len(ROWS)
    assert sides.count("stdlib") == demo.N_DOCSTRINGS
    assert len({row["id"] for row in rows}) == len(rows)
