"""``provenance trace`` and ``provenance index``: records, summary, page, and what is refused."""

from __future__ import annotations

import json
import re

import pytest
import trace_texts as made
from click.testing import CliRunner

from provenance.cli.main import cli
from provenance.report.trace_page import TraceReport


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: CliRunner().invoke(cli, [str(argument) for argument in arguments], **options)


def write(path, documents):
    path.write_text("".join(json.dumps(document.to_dict()) + "\n" for document in documents))
    return path


@pytest.fixture
def folder(tmp_path, call):
    """Give a folder with an index and with data of which 3 of 6 rows come from it."""
    write(tmp_path / "known.jsonl", made.documents_of(40))
    options = ("--licence", "MIT", "--maker", "us", "--name", "made-up")
    assert call("index", "build", "known.jsonl", *options, "-o", "known").exit_code == 0
    rows = [made.Document("copy", made.text_of(3).upper()), made.Document("half", " ".join(made.text_of(4).split()[:60]))]
    rows += [made.Document("edited", made.edited(made.text_of(5), 0.1)), made.Document("short", "Yes.")]
    rows += [made.Document("new", made.text_of(70_000)), made.Document("asked", "", prompt=made.text_of(100_001, 15))]
    write(tmp_path / "data.jsonl", rows)
    return tmp_path


def records(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_matches_go_to_standard_output_and_the_summary_to_standard_error(folder, call):
    result = call("trace", "data.jsonl", "--against", "known")
    assert result.exit_code == 0
    told = [(r["id"], r["source_id"], r["field"], r["match"]) for r in records(result)]
    assert told[:2] == [("copy", "row-3", "output", "copy"), ("half", "row-4", "output", "part")]
    assert told[2][:3] == ("edited", "row-5", "output") and told[3] == ("asked", "row-1", "prompt", "copy")
    assert "6 documents: 3 (50.00 %) with an answer that is in an index" in result.stderr
    assert "made-up, output: 3 rows" in result.stderr and "made-up, prompt: 1 row" in result.stderr
    assert "licence MIT" in result.stderr and "1 text of under five words not compared (1 output)" in result.stderr


def test_several_indexes_may_follow_the_option(folder, call):
    write(folder / "other.jsonl", [made.Document("o", made.text_of(3))])
    call("index", "build", "other.jsonl", "-o", "other")
    for words in (("--against", "known", "other"), ("--against", "known", "--against", "other")):
        found = {r["source"] for r in records(call("trace", "data.jsonl", *words))}
        assert found == {"made-up", "other"}


def test_the_shipped_index_goes_by_its_name(folder, call):
    result = call("trace", "data.jsonl", "--against", "alpaca-eval-teachers")
    assert result.exit_code == 0 and result.stdout == ""
    assert "6 documents: 0 (0.00 %)" in result.stderr and "hashes alone" in result.stderr


def test_only_and_threshold_are_obeyed(folder, call):
    assert {r["field"] for r in records(call("trace", "data.jsonl", "--against", "known", "--only", "prompt"))} == {"prompt"}
    strict = records(call("trace", "data.jsonl", "--against", "known", "--threshold", "1"))
    assert {r["id"] for r in strict} == {"copy", "half", "asked"}


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_other_forms_hold_the_same_matches(folder, call, form):
    result = call("trace", "data.jsonl", "--against", "known", "--format", form)
    assert result.exit_code == 0 and all(name in result.stdout for name in ("row-3", "row-4", "row-5", "row-1"))


def test_standard_input_and_an_output_file(folder, call):
    result = call("trace", "-", "--against", "known", "-o", "m.jsonl", input=(folder / "data.jsonl").read_text())
    assert result.exit_code == 0 and len((folder / "m.jsonl").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("data.jsonl",), 2, "--against"),
        (("data.jsonl", "--against", "data.jsonl"), 1, "index build"),
        (("data.jsonl", "--against", "nowhere"), 1, "no such index"),
        (("known", "--against", "known"), 2, "no data"),
        (("nowhere.jsonl", "--against", "known"), 2, "no such file"),
        (("data.jsonl", "--against", "known", "-o", "data.jsonl"), 2, "written over"),
        (("data.jsonl", "--against", "known", "--report", "-"), 2, "file of its own"),
        (("data.jsonl", "--against", "known", "-o", "no/such/file"), 1, "no folder"),
        (("data.jsonl", "--against", "known", "--threshold", "0"), 2, "threshold"),
        (("empty.jsonl", "--against", "known"), 1, "is empty"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(folder, call, words, code, said):
    (folder / "empty.jsonl").write_text("")
    result = call("trace", *words)
    assert result.exit_code == code and said in result.stderr
    assert "Traceback" not in result.stderr and sum(line.startswith("Error") for line in result.stderr.splitlines()) == 1


def test_an_index_of_another_format_version_is_refused(folder, call):
    config = json.loads((folder / "known" / "index.json").read_text())
    (folder / "known" / "index.json").write_text(json.dumps({**config, "format_version": 2}))
    result = call("trace", "data.jsonl", "--against", "known")
    assert result.exit_code == 1 and "format_version 2; wanted 1" in result.stderr


def test_rows_that_cannot_be_read_are_told_and_end_with_one(folder, call):
    with (folder / "data.jsonl").open("a") as file:
        file.write("{broken\n")
    result = call("trace", "data.jsonl", "--against", "known")
    assert result.exit_code == 1 and len(records(result)) == 4 and "data.jsonl" in result.stderr
    assert call("trace", "data.jsonl", "--against", "known", "--skip-bad").exit_code == 0


def test_the_page_shows_the_pairs_by_source(folder, call):
    assert call("trace", "data.jsonl", "--against", "known", "--report", "page.html").exit_code == 0
    page = (folder / "page.html").read_text()
    assert "made-up: outputs" in page and "made-up: prompts" in page and "MIT" in page
    assert page.count("<details>") == 4 and '<span class="only">' in page
    assert not re.search(r"https?:|<script|url\(|@import", page)


def test_the_page_is_not_led_by_what_it_shows(folder, call):
    evil = '<script>alert(1)</script> <img src=x onerror="y"> {{ 7 * 7 }} \x1b[31m\u202e ' + made.text_of(9)
    write(folder / "evil.jsonl", [made.Document("<b>id</b>", evil, source="<i>gpt</i>")])
    build = ("index", "build", "evil.jsonl", "--name", "<u>set</u>", "--licence", "<a href=x>l</a>", "-o", "evil")
    assert call(*build).exit_code == 0
    result = call("trace", "evil.jsonl", "--against", "evil", "--report", "page.html")
    page = (folder / "page.html").read_text()
    assert not re.search(r"<(script|img|b>id|i>gpt|u>set|a )", page)
    assert "{{ 7 * 7 }}" in page and not any(mark in page + result.stderr for mark in ("\x1b", "\u202e"))


def test_a_page_without_matches_says_so(folder, call):
    write(folder / "new.jsonl", [made.Document("new", made.text_of(80_000))])
    call("trace", "new.jsonl", "--against", "known", "--report", "page.html")
    assert "No match" in (folder / "page.html").read_text()


def test_a_page_holds_no_more_pairs_than_it_keeps(folder, call):
    from provenance.corpus.trace import TraceTally, trace_documents

    tally = TraceTally()
    page = TraceReport(["in"], 0.8, tally, keep=3)
    for record in trace_documents(made.documents_of(40), folder / "known", tally=tally):
        page.add(record)
    assert [len(group.pairs) for group in page.groups()] == [3, 3] and page.groups()[0].counts.rows == 40
    text = "".join(piece.text for piece in page.groups()[0].pairs[0].text)
    assert text == made.text_of(0)


def test_index_build_tells_what_it_made(folder, call):
    result = call("index", "build", "known.jsonl", "-o", "again", "--no-texts", "--small", "--format", "jsonl")
    record = records(result)[0]
    assert record["index"] == "again" and record["name"] == "known" and record["entries"] == {"output": 40, "prompt": 40}
    assert record["hash_bytes"] == 4 and record["has_texts"] is False and record["bytes"] > 0
    assert "40 different answers and 40 prompts of 40 rows" in result.stderr


def test_index_build_takes_the_facts_of_a_known_set(folder, call):
    row = {"instruction": made.text_of(1, 12), "input": "", "output": made.text_of(2), "text": "not this"}
    (folder / "alpaca_data.json").write_text(json.dumps([row]))
    result = call("index", "build", "alpaca_data.json", "--as", "alpaca", "--maker", "me", "-o", "a", "--format", "jsonl")
    record = records(result)[0]
    assert (record["name"], record["licence"], record["maker"]) == ("alpaca", "CC BY-NC 4.0", "me")
    write(folder / "data.jsonl", [made.Document("x", made.text_of(2))])
    (match,) = records(call("trace", "data.jsonl", "--against", "a"))
    assert match["generator"] == "text-davinci-003"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("baize", "-o", "b"), 2, "--as baize"),
        (("known.jsonl", "--as", "nothing", "-o", "b"), 2, "wanted one of"),
        (("nowhere", "-o", "b"), 2, "no such file"),
        (("short.jsonl", "-o", "b"), 1, "5 words"),
        (("known.jsonl", "-o", "data.jsonl"), 1, "is no index"),
    ],
)
def test_what_cannot_be_indexed_is_said_in_one_line(folder, call, words, code, said):
    write(folder / "short.jsonl", [made.Document("s", "too short")])
    result = call("index", "build", *words)
    assert result.exit_code == code and said in result.stderr and "Traceback" not in result.stderr
    assert not (folder / "b").exists() and not list(folder.glob("*.tmp"))


def test_index_list_names_what_ships_and_what_lies_in_a_folder(folder, call):
    found = records(call("index", "list", "."))
    assert [(r["name"], r["ships"]) for r in found] == [("alpaca-eval-teachers", True), ("made-up", False)]
    assert call("index", "list", "nowhere").exit_code == 1
    assert "made-up" in call("index", "list", ".", "--format", "table").stdout


def test_index_list_known_says_how_to_load_each(call):
    found = {r["name"]: r for r in records(call("index", "list", "--known"))}
    assert found["ultrachat"]["load"] == "hf://stingning/ultrachat" and found["baize"]["load"] is None
    assert found["lmsys-chat"]["gated"] is True
