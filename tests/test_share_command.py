"""``provenance share``: records, refusals, trends, pages, and bad input."""

from __future__ import annotations

import json
import random

import pytest
from click.testing import CliRunner

from provenance.cli.main import cli
from provenance.cli.sharing import sampled
from provenance.corpus.trends import groups_of, month_of
from provenance.errors import InputError, UsageError

FIELDS = {
    "schema_version", "share", "low", "high", "estimators", "aa_check", "source_check", "llm_check", "refused", "n", "n_human",
    "n_llm", "left_out", "overlap", "exploratory", "notes", "detector",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_documents, toy_folder):
    """Give a folder with a reference of each side, and a corpus of two months, the second with machine text."""
    place = tmp_path_factory.mktemp("share")
    known, tested = make_documents(140, seed=5), make_documents(150, seed=6)
    sides = {label: [d for d in known if d.label == label] for label in ("human", "llm")}
    for label, documents in sides.items():
        rows = [{"text": d.text, "id": d.id} for d in documents]
        (place / f"{label}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    human, machine = ([d for d in tested if d.label == label] for label in ("human", "llm"))
    rows = [{"id": f"a{i}", "text": d.text, "date": "2022-05-03", "place": "x"} for i, d in enumerate(human[:75])]
    late = human[75:] + machine[:75]
    random.Random(0).shuffle(late)
    rows += [{"id": f"b{i}", "text": d.text, "date": "2024-01-09", "place": "<b>y</b>"} for i, d in enumerate(late)]
    (place / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (place / "toy").symlink_to(toy_folder)
    return place


@pytest.fixture
def call(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return lambda *arguments, **options: CliRunner().invoke(cli, [str(argument) for argument in arguments], **options)


PAIR = ("--human", "human.jsonl", "--llm", "llm.jsonl", "--detector", "toy")


def test_the_record_has_the_published_fields_and_the_right_share(call) -> None:
    run = call("share", "corpus.jsonl", *PAIR)
    assert run.exit_code == 0, run.output
    record = json.loads(run.stdout)
    assert set(record) == FIELDS
    assert record["low"] <= 1 / 3 <= record["high"] and abs(record["share"] - 1 / 3) < 0.08
    assert record["aa_check"]["passed"] and record["refused"] is None and record["n"] == 225
    assert "share of machine text" in run.stderr and "95 % interval" in run.stderr


def test_months_are_told_one_by_one(call) -> None:
    record = json.loads(call("share", "corpus.jsonl", *PAIR, "--by", "date").stdout)
    first, second = record["groups"]
    assert (first["value"], second["value"]) == ("2022-05", "2024-01")
    assert first["share"] < 0.15 < second["low"] <= 0.5 <= second["high"]


def test_the_page_escapes_what_it_shows_and_loads_nothing(call, folder) -> None:
    assert call("share", "corpus.jsonl", *PAIR, "--by", "place", "--report", "page.html").exit_code == 0
    page = (folder / "page.html").read_text()
    assert "<b>y</b>" not in page and "&lt;b&gt;y" in page
    assert "<script" not in page and "src=" not in page
    assert page.count("<svg") == 2 and "A/A" in page


def test_without_a_human_reference_it_refuses_by_default(call) -> None:
    run = call("share", "corpus.jsonl", "--detector", "toy")
    assert run.exit_code == 2 and "--human" in run.stderr and run.stdout == ""
    assert run.stderr.count("\n") == 1


def test_a_guess_without_reference_is_marked_exploratory(call) -> None:
    run = call("share", "corpus.jsonl", "--no-reference", "--detector", "toy")
    record = json.loads(run.stdout)
    assert record["exploratory"] and record["aa_check"] is None
    assert "exploratory" in run.stderr
    assert call("share", "corpus.jsonl", "--no-reference", "--human", "human.jsonl").exit_code == 2


def test_a_refusal_ends_with_1_gives_no_share_and_says_why(call, folder) -> None:
    lines = (folder / "human.jsonl").read_text().splitlines()[:30]
    (folder / "few.jsonl").write_text("\n".join(lines))
    run = call("share", "corpus.jsonl", "--human", "few.jsonl", "--detector", "toy", "--report", "no.html")
    record = json.loads(run.stdout)
    assert run.exit_code == 1 and record["share"] is None and "wanted 50" in record["refused"]
    assert "Refused:" in run.stderr and "No share is given" in (folder / "no.html").read_text()


def test_machine_texts_in_the_human_reference_are_left_out_by_label(call, folder) -> None:
    rows = [json.loads(line) | {"label": "human"} for line in (folder / "human.jsonl").read_text().splitlines()]
    rows += [json.loads(line) | {"label": "llm"} for line in (folder / "llm.jsonl").read_text().splitlines()]
    (folder / "both.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = call("share", "corpus.jsonl", "--human", "both.jsonl", "--llm", "both.jsonl", "--detector", "toy")
    record = json.loads(run.stdout)
    assert (record["n_human"], record["n_llm"]) == (140, 140)
    assert "140 documents labelled 'llm' left out" in run.stderr


def test_a_sample_is_drawn_and_told(call) -> None:
    run = call("share", "corpus.jsonl", *PAIR, "--sample", "120")
    assert json.loads(run.stdout)["n"] == 120
    assert "a random 120 of 225 documents" in run.stderr


def test_a_sample_is_in_order_and_even() -> None:
    kept, count = sampled(iter(range(1000)), 100, 0)
    assert count == 1000 and len(set(kept)) == 100 and kept == sorted(kept)
    assert 350 < sum(kept) / 100 < 650
    assert sampled([], 10, 0) == ([], 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "nothing"), "none of 225 rows holds it"),
        (("--report", "corpus.jsonl"), "would be written over"),
        (("--report", "-"), "a file of its own"),
        (("--llm", "missing.jsonl"), "no such file"),
        (("--sample", "3"), "range"),
    ],
)
def test_options_that_do_not_fit_end_with_2(call, arguments, said) -> None:
    run = call("share", "corpus.jsonl", *PAIR, *arguments)
    assert run.exit_code == 2 and said in run.stderr


def test_the_table_shows_share_checks_and_groups(call) -> None:
    run = call("share", "corpus.jsonl", *PAIR, "--by", "date", "--format", "table")
    assert "2024-01" in run.stdout and "kernel_mixture" in run.stdout and "aa_check" in run.stdout


def test_dates_of_many_forms_are_read_as_months() -> None:
    values = ("2023/5/1", "Wed, 17 May 2023 10:00:00 +0000", 1684317600000, 2023, "2023", "x", True, None)
    assert [month_of(value) for value in values] == [
        "2023-05", "2023-05", "2023-05", "2023", "2023", None, None, None,
    ]  # fmt: skip


def test_a_column_of_dates_that_cannot_be_read_is_refused_with_an_example() -> None:
    with pytest.raises(InputError, match="3 of 3 values cannot be read as dates, such as 'soon'"):
        groups_of(["soon", "later", "never"], "posted_date")


def test_dates_that_cannot_be_read_among_others_stand_apart() -> None:
    found = groups_of(["2023-01-01", "2023-01-05", "soon", None, "2022-12-30"], "date")
    assert [(name, list(rows)) for name, rows in found] == [
        ("2022-12", [4]), ("2023-01", [0, 1]), ("(none)", [3]), ("(unreadable)", [2]),
    ]  # fmt: skip


def test_many_months_become_years_and_many_values_others() -> None:
    months = [f"{year}-{month:02}-01" for year in range(2010, 2020) for month in range(1, 13)]
    assert [name for name, _ in groups_of(months, "date")] == [str(year) for year in range(2010, 2020)]
    found = groups_of([f"v{k % 60}" for k in range(600)], "kind")
    assert len(found) == 36 and found[-1][0] == "(others)"
    assert sum(len(rows) for _, rows in found) == 600


def test_a_column_that_no_row_holds_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="none of 2 rows"):
        groups_of([None, None], "kind")
