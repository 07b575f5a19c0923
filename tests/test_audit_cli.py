"""The commands audit and panel: records, pages, errors in one line; hostile texts stay text."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from provenance.audit.store import save_panel
from provenance.cli.main import cli
from provenance.writing import write_jsonl

_SPEC = importlib.util.spec_from_file_location("audit_world", Path(__file__).with_name("audit_world.py"))
assert _SPEC and _SPEC.loader
world = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(world)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("panel")
    save_panel(world.panel(), path / "toy")
    write_jsonl(rows("new", "openai"), path / "new.jsonl")
    return path


def rows(name, follows, **changes):
    return [{"prompt": d.prompt, "text": d.text, "model": name, **changes} for d in world.answers(name, follows, 0.6)]


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, list(map(str, arguments)), prog_name="provenance")
    assert result.exit_code == code, result.output
    return result


def test_one_record_with_the_fields_of_the_contract(folder):
    result = run("audit", folder / "new.jsonl", "--panel", folder / "toy", "--no-scores")
    record = orjson.loads(result.stdout)
    assert {"schema_version", "model", "panel", "n_prompts", "paired", "teachers", "nearest", "verdict", "identity_claims",
            "scores", "notes"} <= set(record)  # fmt: skip
    assert (record["model"], record["n_prompts"], record["paired"]) == ("new", 60, True)
    assert (record["nearest"], record["verdict"]) == ("openai", "kin_to_openai")
    top = record["teachers"][0]
    assert {"teacher", "kinship", "low", "high", "rank", "n_controls", "p_value"} <= set(top)
    assert record["identity_claims"] == {"n": 60}
    assert "resemblance is not training" in result.stderr


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_other_forms(folder, form):
    out = run("audit", folder / "new.jsonl", "--panel", folder / "toy", "--no-scores", "--format", form).stdout
    assert "kin_to_openai" in out


def test_scores_of_the_quick_detector_are_added(folder):
    out = run("audit", folder / "new.jsonl", "--panel", folder / "toy").stdout
    assert "judged" in orjson.loads(out)["scores"]


def test_several_models_are_a_usage_error_that_lists_them(folder, tmp_path):
    write_jsonl(rows("a", None) + rows("b", None), tmp_path / "two.jsonl")
    result = run("audit", tmp_path / "two.jsonl", "--panel", folder / "toy", "--no-scores", code=2)
    assert "a (60), b (60)" in result.stderr and "--source" in result.stderr
    run("audit", tmp_path / "two.jsonl", "--panel", folder / "toy", "--no-scores", "--source", "b")


@pytest.mark.parametrize(
    "options", [("--panel", "nope"), ("--teacher", "nobody"), ("--related", "x"), ("-o", "/no/such/f.json")]
)
def test_wrong_options_end_in_one_line(folder, options):
    panel = () if options[0] == "--panel" else ("--panel", folder / "toy")
    result = CliRunner().invoke(cli, list(map(str, ("audit", folder / "new.jsonl", "--no-scores", *panel, *options))))
    assert result.exit_code in (1, 2)
    assert len([line for line in result.stderr.splitlines() if line.startswith("Error")]) == 1


def test_a_copied_file_is_called_a_copy_on_standard_error(folder, tmp_path):
    own = [d for d in world.panel_documents() if d.source == "meta-1"]
    write_jsonl([{"prompt": d.prompt, "text": d.text, "model": "mine"} for d in own], tmp_path / "copy.jsonl")
    result = run("audit", tmp_path / "copy.jsonl", "--panel", folder / "toy", "--no-scores")
    assert "60 of 60 answers equal those of meta-1" in " ".join(result.stderr.split())


def test_the_page_escapes_what_it_shows_and_loads_nothing(folder, tmp_path):
    evil = "<script>alert(1)</script>"
    hostile = rows(f"m{evil}", "openai")
    hostile = [{**row, "text": f"{row['text']} {evil} \x1b[31m\u202e", "prompt": row["prompt"]} for row in hostile]
    write_jsonl(hostile, tmp_path / "evil.jsonl")
    theirs = [
        {"prompt": d.prompt, "text": d.text + evil, "model": d.source} for d in world.panel_documents() if d.family == "openai"
    ]
    write_jsonl(theirs, tmp_path / "theirs.jsonl")
    run("audit", tmp_path / "evil.jsonl", "--panel", folder / "toy", "--no-scores", "--report", tmp_path / "page.html",
        "--answers", tmp_path / "theirs.jsonl")  # fmt: skip
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "\x1b" not in page and "\u202e" not in page
    assert "http://" not in page.replace("http://www.w3.org", "") and "src=" not in page
    for part in ("What this does not show", "resemblance is not training", "<mark", "Kinship to each teacher", "<svg"):
        assert part in page


def test_the_page_of_an_unpaired_audit_says_so(folder, tmp_path):
    write_jsonl([{"prompt": f"other {i}", "text": "It rained again.", "model": "m"} for i in range(30)], tmp_path / "few.jsonl")
    result = run("audit", tmp_path / "few.jsonl", "--panel", folder / "toy", "--no-scores", "--report", tmp_path / "page.html")
    assert orjson.loads(result.stdout)["verdict"] == "not_enough_evidence"
    assert "25 are needed: `provenance panel prompts" in " ".join(result.stderr.split())
    assert "exploratory" in (tmp_path / "page.html").read_text("utf-8")


def test_panel_build_then_audit(tmp_path):
    table = [
        {"prompt": d.prompt, "text": d.text, "model": d.source, "family": d.family, "taught_by": d.meta.get("taught_by"),
         "lineage": d.meta["lineage"]}
        for d in world.panel_documents()
    ]  # fmt: skip
    write_jsonl(table, tmp_path / "answers.jsonl")
    result = run("panel", "build", tmp_path / "answers.jsonl", "-o", tmp_path / "mine", "--format", "jsonl")
    record = orjson.loads(result.stdout)
    assert record["teachers"] == ["anthropic", "meta", "openai"]
    assert record["controls"]["openai"] == 28
    write_jsonl(rows("new", "meta"), tmp_path / "new.jsonl")
    out = run("audit", tmp_path / "new.jsonl", "--panel", tmp_path / "mine", "--no-scores").stdout
    assert orjson.loads(out)["panel"] == "mine@1"
    assert orjson.loads(out)["verdict"] == "kin_to_meta"


def test_panel_list_names_the_shipped_panel():
    records = [orjson.loads(line) for line in run("panel", "list", "--format", "jsonl").stdout.splitlines()]
    assert "alpaca-eval" in [record["name"] for record in records]
    assert "alpaca-eval" in run("panel", "list", "--format", "table").stdout


def test_panel_prompts_writes_the_questionnaire_from_a_file(folder, tmp_path):
    prompts = [{"instruction": f"question  number {k}?"} for k in (3, 4, 3)] + [{"instruction": "Something else?"}]
    (tmp_path / "prompts.json").write_bytes(orjson.dumps(prompts))
    write_jsonl([{"prompt": p["instruction"], "text": "x"} for p in prompts], tmp_path / "prompts.jsonl")
    result = run("panel", "prompts", folder / "toy", "--from", tmp_path / "prompts.jsonl", "--format", "jsonl")
    records = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert [record["prompt"] for record in records] == ["question  number 3?", "question  number 4?"]
    assert len({record["id"] for record in records}) == 2
    assert "2 of the 60 prompts" in result.stderr


def test_panel_prompts_of_an_own_panel_asks_for_a_file(folder):
    assert "--from FILE" in run("panel", "prompts", folder / "toy", code=1).stderr


@pytest.mark.parametrize("command", [("audit",), ("panel",), ("panel", "build"), ("panel", "list"), ("panel", "prompts")])
def test_help_texts(command):
    out = run(*command, "--help").stdout
    assert "Example" in out
    assert max(map(len, out.splitlines())) <= 100
