"""`provenance evaluate`: records, options that do not fit, input that is odd, and the page that it writes."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from provenance.cli.main import cli


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path, make_documents):
    """Write toy documents as rows; facts are added by position and label."""

    def write(name="in.jsonl", n=25, only=None, **more):
        documents = [d for d in make_documents(n, 5) if only in (None, d.label)]
        rows = [{**d.to_dict(), **{key: value(k, d) for key, value in more.items()}} for k, d in enumerate(documents)]
        for row in rows:
            row.pop("corpus", None)
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        return name

    return write


def records(result):
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


class Page(HTMLParser):
    """Elements, attributes and visible words of a page."""

    def __init__(self, text):
        super().__init__()
        self.names, self.attributes, self.words = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data


def test_a_record_for_all_texts_then_one_for_each_value(call, corpus, toy_folder):
    name = corpus(domain=lambda k, d: "news" if k % 4 < 2 else "essay", attack=lambda k, d: None)
    found = records(call("evaluate", toy_folder, name, "--by", "domain,length", "--fpr", "0.01,0.1"))
    assert [r["by"] for r in found[:3]] == [{}, {"domain": "essay"}, {"domain": "news"}]
    assert all(set(r["by"]) == {"length"} for r in found[3:])
    whole = found[0]
    assert (whole["n_human"], whole["n_llm"], whole["detector"]) == (25, 25, "toy@1")
    assert whole["auroc_low"] <= whole["auroc"] <= whole["auroc_high"] and whole["auroc"] > 0.9
    assert list(whole["tpr_at_fpr"]) == ["0.01", "0.1"]
    assert sum(r["n_human"] for r in found[1:3]) == 25
    assert 0 <= whole["brier"] <= 1 and 0 <= whole["ece"] <= 1 and whole["abstained"] is not None


def test_the_same_seed_gives_the_same_bytes(call, corpus, toy_folder):
    name = corpus()
    runs = {call("evaluate", toy_folder, name, "--seed", "3", "--baseline", "length").stdout for _ in range(2)}
    assert len(runs) == 1


def test_baselines_stand_beside_the_detector(call, corpus, toy_folder):
    options = [part for name in ("tfidf", "length", "punctuation", "layout") for part in ("--baseline", name)]
    found = records(call("evaluate", toy_folder, corpus(), *options))
    assert [r["detector"] for r in found] == ["toy@1", *(f"baseline:{name}" for name in options[1::2])]
    assert found[1]["auroc"] > 0.9 and found[1]["fpr_at_threshold"] is None


def test_a_baseline_that_cannot_be_trained_is_left_out_and_said(call, corpus, toy_folder):
    result = call("evaluate", toy_folder, corpus(n=4), "--baseline", "length")
    assert len(records(result)) == 1 and "Left out: baseline length" in result.stderr


def test_texts_by_people_alone_give_rates_and_say_so(call, corpus, toy_folder):
    result = call("evaluate", toy_folder, corpus(only="human"))
    (record,) = records(result)
    assert record["auroc"] is None and record["fpr_at_threshold"] is not None and record["n_llm"] == 0
    assert "no AUROC" in result.stderr


def test_a_usual_slice_without_values_is_said_and_the_others_are_given(call, corpus, toy_folder):
    result = call("evaluate", toy_folder, corpus(), "--by", "domain,source,attack")
    assert [list(r["by"]) for r in records(result)] == [[], ["source"], ["source"], ["attack"]]
    assert "no text has a domain" in result.stderr


def test_texts_without_a_label_are_left_out_and_counted(call, corpus, toy_folder):
    name = corpus(label=lambda k, d: None if k < 5 else d.label, source=lambda k, d: None)
    result = call("evaluate", toy_folder, name)
    assert records(result)[0]["n_human"] + records(result)[0]["n_llm"] == 45
    assert "5 documents without a label left out" in result.stderr
    none = call("evaluate", toy_folder, corpus(label=lambda k, d: None, source=lambda k, d: None))
    assert none.exit_code == 1 and "has a label" in none.stderr.splitlines()[-1]


def test_predictions_made_elsewhere_are_measured_without_a_detector(call, corpus, tmp_path):
    name = corpus()
    rows = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
    lines = [json.dumps({"id": row["id"], "score": float(row["label"] == "llm")}) for row in rows]
    (tmp_path / "p.jsonl").write_text("\n".join(lines[:-1]))
    result = call("evaluate", name, "--predictions", "p.jsonl")
    (record,) = records(result)
    assert (record["auroc"], record["detector"]) == (1.0, "p.jsonl")
    assert record["fpr_at_threshold"] is None and record["brier"] is None
    assert "1 text without a score" in result.stderr and "no threshold" in result.stderr
    cut = records(call("evaluate", "peer", name, "--predictions", "p.jsonl", "--threshold", "0.5"))[0]
    assert (cut["detector"], cut["fpr_at_threshold"], cut["tpr_at_threshold"]) == ("peer", 0.0, 24 / 25)


def test_the_output_of_score_serves_as_predictions(call, corpus, toy_folder):
    name = corpus()
    assert call("score", name, "--detector", toy_folder, "-o", "scores.jsonl").exit_code == 0
    direct = records(call("evaluate", toy_folder, name))[0]
    again = records(call("evaluate", toy_folder, name, "--predictions", "scores.jsonl"))[0]
    for figure in ("auroc", "auroc_low", "fpr_at_threshold", "brier", "ece", "abstained"):
        assert again[figure] == pytest.approx(direct[figure])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nope", "in.jsonl"), "nope"),
        (("fast", "missing.jsonl"), "missing.jsonl"),
        (("fast",), "no CORPUS"),
        (("fast", "in.jsonl", "--by", "mood"), "--by mood"),
        (("fast", "in.jsonl", "--fpr", "2"), "between 0 and 1"),
        (("fast", "in.jsonl", "--fpr", "often"), "no list of rates"),
        (("fast", "in.jsonl", "--threshold", "1"), "--predictions"),
        (("fast", "in.jsonl", "--report", "in.jsonl"), "written over"),
        (("fast", "in.jsonl", "--report", "-"), "--report"),
        (("fast", "in.jsonl", "-o", "no/such/out.jsonl"), "no folder"),
        (("in.jsonl", "--predictions", "none.jsonl"), "none.jsonl"),
        (("fast", "empty.jsonl"), "empty"),
        (("fast", "broken.jsonl"), "broken.jsonl"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_clear_line(call, corpus, tmp_path, arguments, told):
    corpus(n=3)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "broken.jsonl").write_bytes(b"\x00\x01\x02\xff" * 50)
    result = call("evaluate", *arguments, "-q")
    assert result.exit_code in (1, 2) and told in result.stderr and "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_table_is_for_reading(call, corpus, toy_folder):
    shown = call("evaluate", toy_folder, corpus(), "--format", "table", "--baseline", "length").stdout
    assert "AUROC" in shown and "baseline:length" in shown and "{" not in shown


def test_rows_that_cannot_be_read_are_counted_and_end_with_1(call, corpus, tmp_path, toy_folder):
    name = corpus()
    with (tmp_path / name).open("a") as file:
        file.write("{not json\n")
    result = call("evaluate", toy_folder, name)
    assert result.exit_code == 1 and len(result.stdout.splitlines()) == 1
    assert call("evaluate", toy_folder, name, "--skip-bad").exit_code == 0


def page_of(call, tmp_path, *arguments):
    result = call("evaluate", *arguments, "--report", "page.html")
    assert result.exit_code == 0, result.stderr
    return (tmp_path / "page.html").read_text()


def test_the_page_holds_everything_and_reaches_for_nothing(call, corpus, tmp_path, toy_folder):
    name = corpus(domain=lambda k, d: "news", attack=lambda k, d: "polish" if d.label == "llm" and k % 4 == 1 else None)
    options = ("--by", "domain,source,attack,length", "--baseline", "length")
    text = page_of(call, tmp_path, toy_folder, name, *options)
    page = Page(text)
    assert page.names.count("svg") >= 5 and not {"script", "link", "img", "iframe", "form"} & set(page.names)
    assert not {"src", "href", "action"} & {key for key, _ in page.attributes}
    assert not re.search(r"https?:(?!//www.w3.org/2000/svg)|url\(|@import", text)
    assert "default-src 'none'" in text
    for heading in ("ROC curve", "By domain", "By source", "By attack", "By length", "Shortcuts", "were flagged"):
        assert heading in page.words
    assert page.words.index("by people that were flagged") < page.words.index("ROC curve")


def test_false_positives_come_first_and_hostile_texts_are_shown_and_not_obeyed(call, corpus, tmp_path):
    evil = '<script>alert(1)</script>{{ 7 * 7 }}\x1b[31m <img src=x onerror="y">'
    name = corpus(
        text=lambda k, d: f"{evil} text {k}",
        id=lambda k, d: f"<b>{k}</b>",
        domain=lambda k, d: "<i>news</i>",
        source=lambda k, d: "<u>gpt</u>",
    )
    rows = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
    scores = [{"id": row["id"], "score": float(k), "p_value": 0.001 if k % 8 == 0 else 0.5} for k, row in enumerate(rows)]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(score) + "\n" for score in scores))
    text = page_of(call, tmp_path, "<b>peer</b>", name, "--predictions", "p.jsonl", "--by", "domain,source")
    page = Page(text)
    assert not {"script", "img", "i", "u"} & set(page.names) and "\x1b" not in text
    assert "alert(1)" in page.words and "{{ 7 * 7 }}" in page.words
    shown = page.words[page.words.index("were flagged") :]
    order = [shown.index(f"<b>{k}</b>") for k in (48, 40, 0)]
    assert order == sorted(order) and "7 of 25" in page.words


def test_a_page_without_a_threshold_or_with_one_label_is_whole(call, corpus, tmp_path, toy_folder):
    one_sided = page_of(call, tmp_path, toy_folder, corpus(only="human"))
    assert "ROC" not in Page(one_sided).words.replace("AUROC", "") and "</html>" in one_sided
    name = corpus()
    rows = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps({"id": r["id"], "score": 1.0}) + "\n" for r in rows))
    plain = page_of(call, tmp_path, name, "--predictions", "p.jsonl", "--by", "source")
    assert "highest scores" in Page(plain).words
