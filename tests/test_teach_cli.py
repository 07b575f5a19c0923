"""``provenance teach``: lists, runs and makes the page; one clear line where it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from provenance.cli.main import cli
from provenance.teach import running
from provenance.teach.catalogue import lessons, shipped_result


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["teach", *arguments])


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer with the shipped result instead of a run."""
    monkeypatch.setattr(running, "run_lesson", lambda name, settings: shipped_result(name))


def test_list_names_every_lesson_and_its_question() -> None:
    run = invoke("list", "--format", "jsonl")
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert [row["lesson"] for row in rows] == [lesson.name for lesson in lessons()]
    assert len(rows) == 8 and all(row["question"].endswith("?") and row["schema_version"] == 1 for row in rows)


def test_run_writes_results_and_pictures_and_says_what_is_not_shown(ready: None, tmp_path: Path) -> None:
    run = invoke("run", "logits-vs-text", "--out", str(tmp_path / "out"), "--format", "jsonl")
    assert run.exit_code == 0, run.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"results.json", "kl-by-positions.svg"}
    assert len(run.stdout.splitlines()) == 9 and json.loads(run.stdout.splitlines()[0])["lesson"] == "logits-vs-text"
    assert "Not shown" in run.stderr and "n = 5" in run.stderr


def test_run_shows_a_table_where_one_is_asked_for(ready: None) -> None:
    run = invoke("run", "1", "--format", "table")
    assert run.exit_code == 0 and "full logits" in run.stdout and "schema_version" not in run.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "nonsense"), 2, "wanted one of logits-vs-text"),
        (("run", "99"), 2, "wanted one of"),
        (("run", "1", "--seeds", "0"), 2, "0 is not in the range"),
        (("run", "2", "--teacher", "smollm2"), 2, "with the teacher tiny"),
        (("run",), 2, "LESSON"),
        (("page", "-o", "/no/such/folder/page.html"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: tuple[str, ...], code: int, said: str) -> None:
    run = invoke(*arguments)
    assert run.exit_code == code
    assert said in run.stderr and "Traceback" not in run.stderr


def test_a_folder_that_cannot_be_made_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = invoke("run", "1", "--out", str(tmp_path / "file"))
    assert run.exit_code == 1 and "cannot be made into a folder" in run.stderr


def test_page_is_written_whole_to_a_file_or_to_standard_output(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    assert invoke("page", "-o", str(target)).exit_code == 0
    html = target.read_text(encoding="utf-8")
    assert html.startswith("<!doctype html>") and html.rstrip().endswith("</html>")
    assert invoke("page").stdout == html
