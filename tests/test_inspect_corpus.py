"""``provenance inspect-corpus``: the page, the counts, the rows that are kept, and what does not fit together."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from click.testing import CliRunner

from provenance.cli.main import cli
from provenance.corpus.filtering import RowFilter
from provenance.corpus.inspection import Findings, Inspection
from provenance.detect.result import Score
from provenance.documents import Document
from provenance.errors import UsageError

HOSTILE = "<script>alert(1)</script> I am ChatGPT and I cannot say what became of the \x1b[31mred\x1b[0m kettle. "


def odd_text(seed: int) -> str:
    """Give a text of words that no other has."""
    rng = random.Random(seed)
    return " ".join("".join(rng.choices("aeioumnrst", k=6)) for _ in range(80)) + "."


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_documents, toy_folder):
    """Give a folder with 60 human and 40 machine texts, three odd ones, a copy, one that names its model, one too short."""
    place = tmp_path_factory.mktemp("look")
    documents = make_documents(60, seed=7)
    human = [d for d in documents if d.label == "human"]
    machine = [d for d in documents if d.label == "llm"][:40]
    rows = [{"id": f"h{i}", "text": d.text, "source": "forum"} for i, d in enumerate(human)]
    rows += [{"id": f"m{i}", "text": d.text, "source": "<i>bot</i>"} for i, d in enumerate(machine)]
    known = [{"id": f"k{i}", "text": odd_text(i), "source": "<i>bot</i>"} for i in range(3)]
    rows += [*known, {"id": "copy", "text": "  " + odd_text(0).upper(), "source": "<i>bot</i>"}]
    rows += [
        {"id": "named", "text": HOSTILE + human[1].text, "source": "forum"},
        {"id": "short", "text": "Yes.", "source": "forum"},
    ]
    (place / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (place / "known.jsonl").write_text("".join(json.dumps(row) + "\n" for row in known))
    reference = [{"text": d.text} for d in make_documents(120, seed=8) if d.label == "human"]
    (place / "human.jsonl").write_text("".join(json.dumps(row) + "\n" for row in reference))
    (place / "toy").symlink_to(toy_folder)
    return place


@pytest.fixture
def call(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


def look(call, *options):
    run = call("inspect-corpus", "data.jsonl", "--detector", "toy", "-o", "page.html", *options)
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout), run


def test_counts_of_one_look_are_right(call, folder) -> None:
    record, run = look(call, "--no-trace")
    assert (record["documents"], record["duplicates"]) == (106, 1)
    assert record["self_naming"] == {"openai": 1}
    assert record["not_judged"] == {"too_short": 1, "not_english": 4}
    assert sum(bar["documents"] for bar in record["lengths"]) == sum(record["languages"].values()) == 106
    by_source = {row["source"]: row for row in record["sources"]}
    assert by_source["forum"]["documents"] == 62 and by_source["<i>bot</i>"]["duplicates"] == 1
    assert "106 documents" in run.stderr and "share" not in record
    assert "Not estimated" in (folder / "page.html").read_text()


def test_the_page_shows_hostile_texts_harmlessly_and_loads_nothing(call, folder) -> None:
    look(call, "--no-trace", "--fpr", "0.2")
    page = (folder / "page.html").read_text()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "<i>bot</i>" not in page and "\x1b" not in page and "src=" not in page
    assert "Flagged by source" in page and "Lengths in words" in page


def test_rows_of_a_known_data_set_are_found_and_can_be_dropped(call, folder) -> None:
    assert call("index", "build", "known.jsonl", "-o", "known", "--name", "made-up", "--licence", "MIT").exit_code == 0
    record, _ = look(call, "--against", "known", "--write-filtered", "keep.jsonl", "--drop", "known")
    assert record["known_rows"] == 4  # three texts and the copy of one
    assert [(row["source"], row["rows"], row["licence"]) for row in record["known_sources"]] == [("made-up", 4, "MIT")]
    assert record["left_out"] == {"known": 4} and record["kept"] == 102
    assert "made-up" in (folder / "page.html").read_text()


def test_kept_rows_are_in_order_and_the_others_are_counted_by_reason(call, folder) -> None:
    drops = ("--drop", "self-naming", "--drop", "unjudged")
    record, run = look(call, "--no-trace", "--write-filtered", "keep.jsonl", "--max-probability", "0.5", *drops)
    kept = [json.loads(line) for line in (folder / "keep.jsonl").read_text().splitlines()]
    source = [json.loads(line) for line in (folder / "data.jsonl").read_text().splitlines()]
    assert len(kept) == record["kept"] and record["kept"] + sum(record["left_out"].values()) == len(source)
    assert record["left_out"]["self-naming"] == 1 and record["left_out"]["unjudged"] == 5
    assert record["left_out"]["probability"] > 25
    places = [[row["id"] for row in source].index(row["id"]) for row in kept]
    assert places == sorted(places) and all(row["text"] == source[p]["text"] for row, p in zip(kept, places, strict=True))
    assert "left out (probability" in run.stderr


def test_a_human_reference_adds_the_share(call, folder) -> None:
    record, run = look(call, "--no-trace", "--human", "human.jsonl")
    assert record["share"]["n_human"] == 120 and record["share"]["aa_check"]["passed"]
    if record["share"]["refused"] is None:
        assert record["share"]["low"] <= 0.4 <= record["share"]["high"]
    else:
        assert "No share:" in run.stderr
    assert "A/A" in (folder / "page.html").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--max-probability", "0.5"), "--write-filtered"),
        (("--write-filtered", "keep.jsonl"), "--max-probability"),
        (("--write-filtered", "page.html", "--drop", "known"), "two files"),
        (("--write-filtered", "data.jsonl", "--drop", "known"), "would be written over"),
        (("--llm", "human.jsonl"), "--human"),
        (("--no-trace", "--against", "known"), "do not go together"),
        (("--drop", "everything"), "everything"),
    ],
)
def test_options_that_do_not_fit_end_with_2(call, options, said) -> None:
    run = call("inspect-corpus", "data.jsonl", "--detector", "toy", "-o", "page.html", *options)
    assert run.exit_code == 2 and said in run.stderr


def test_a_failed_run_leaves_earlier_files_as_they_were(call, folder) -> None:
    (folder / "broken.jsonl").write_text('{"nothing": 3}\n')
    (folder / "kept-before.jsonl").write_text("before")
    arguments = ("-o", "new.html", "--no-trace", "--write-filtered", "kept-before.jsonl", "--drop", "known")
    run = call("inspect-corpus", "broken.jsonl", "--detector", "toy", *arguments)
    assert run.exit_code == 1
    assert (folder / "kept-before.jsonl").read_text() == "before" and not (folder / "new.html").exists()


def score(verdict: str = "not_flagged", probability: float | None = 0.4, value: float | None = 0.0) -> Score:
    return Score("x", 100, value, probability, 0.5, verdict, None, "openai", {}, None, None, "toy")  # type: ignore[arg-type]


def test_many_sources_share_one_row_and_few_examples_are_held() -> None:
    seen = Inspection(lambda text: "en", lambda text: {"openai": "claim"})
    for i in range(700):
        seen.add(Document(str(i), f"text {i}", source=f"s{i}"), score("flagged", 0.9, float(i)), known=False)
    assert len(seen.sources) == 501 and seen.sources["(others)"].documents == 200
    assert len(seen.flagged) == len(seen.namers) == 20
    assert [example.id for example in seen.flagged[:2]] == ["699", "698"]


def test_a_near_copy_is_counted_shown_and_can_be_dropped(call, folder) -> None:
    changed = odd_text(0).split()
    changed[40] = "changed"
    rows = [{"id": "first", "text": odd_text(0)}, {"id": "equal", "text": odd_text(0).upper()}]
    rows += [{"id": "<b>near</b>", "text": " ".join(changed)}, {"id": "other", "text": odd_text(1)}]
    (folder / "copies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ("copies.jsonl", "--detector", "toy", "-o", "page.html", "--no-trace", "--write-filtered", "keep.jsonl")
    run = call("inspect-corpus", *arguments, "--drop", "near-copies", "--drop", "duplicates")
    record = json.loads(run.stdout)
    assert (record["duplicates"], record["near_copies"], record["kept"]) == (1, 1, 2)
    assert record["left_out"] == {"duplicates": 1, "near-copies": 1} and "1 near copy" in run.stderr
    assert [json.loads(line)["id"] for line in (folder / "keep.jsonl").read_text().splitlines()] == ["first", "other"]
    page = (folder / "page.html").read_text()
    assert "near copy of first" in page and "<b>near" not in page


def test_a_text_that_names_its_model_is_shown_from_that_sentence_on() -> None:
    seen = Inspection(lambda _: "en", lambda text: {"openai": "claim"} if "I am ChatGPT" in text else {})
    seen.add(Document("a", "Rain fell. " * 100 + "I am ChatGPT, a model. Snow fell."), score(), known=False)
    assert seen.namers[0].text == "… I am ChatGPT, a model. Snow fell."


def test_a_quoted_name_is_no_claim_and_an_abstention_is_not_judged() -> None:
    seen = Inspection(lambda text: "en", lambda text: {"openai": "quoted"})
    found = seen.add(Document("a", "text"), score("abstained", 0.9), known=True)
    assert found == Findings(duplicate=False, near=False, naming=False, known=True, judged=False, probability=0.9)
    assert seen.naming == Counter() and seen.total.judged == 0 and seen.total.rate.high == 1


def test_a_filter_keeps_unjudged_rows_unless_told() -> None:
    odd = Findings(False, False, False, False, judged=False, probability=0.9)
    assert RowFilter(0.5).keeps(odd)
    strict = RowFilter(0.5, ("unjudged",))
    assert not strict.keeps(odd) and strict.left_out == {"unjudged": 1}


def test_a_filter_refuses_what_it_does_not_know() -> None:
    with pytest.raises(UsageError, match="cannot drop 'all'"):
        RowFilter(drop=("all",))
    with pytest.raises(UsageError, match="max_probability is 2"):
        RowFilter(2.0)
