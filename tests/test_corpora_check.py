"""The check of a corpus: copies, leaks, both-label texts, shortcuts, languages; and the commands of `provenance corpora`."""

from __future__ import annotations

import json
import random
import sys
from types import ModuleType

import pytest
from click.testing import CliRunner

from provenance.cli.main import cli
from provenance.corpora.artefacts import count_artefacts
from provenance.corpora.check import check_corpus
from provenance.corpora.duplicates import exact_groups, near_pairs
from provenance.corpora.languages import language_of
from provenance.documents import Document
from provenance.errors import InputError

WORDS = "river stone walks under bridge green with some quiet light over hills and down again past old mills near town".split()


def text(seed, n=60):
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) + str(rng.randrange(9)) for _ in range(n)) + "."


def document(ident, words, label="human", **more):
    meta = {key: more.pop(key) for key in ("split", "attack") if key in more}
    return Document(str(ident), words, label=label, meta=meta, **more)


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command in an empty folder, without a cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


def rows_of(path, documents):
    path.write_text("".join(json.dumps(d.to_dict()) + "\n" for d in documents))
    return path


def test_equal_texts_are_found_whatever_their_case_and_space():
    assert exact_groups(["One  Two", "three", "one two\n", "", " ", "ONE TWO"]) == [[0, 2, 5]]


def test_near_copies_are_found_and_others_are_not():
    base = text(1, 120)
    edited = base.replace(base.split()[60], "changed", 1)
    other_half = " ".join(base.split()[:60]) + " " + text(2, 60)
    found = near_pairs([base, text(3), edited, other_half, base])
    assert [(p.first, p.second) for p in found] == [(0, 2), (0, 4), (2, 4)]
    assert found[1].jaccard == 1 and 0.9 < found[0].jaccard < 1


def test_boilerplate_that_stands_everywhere_does_not_take_for_ever():
    texts = [f"{text('same', 40)} {text(k, 120)}" for k in range(400)]
    assert near_pairs(texts) == []


def test_a_text_under_both_labels_is_named():
    documents = [document(0, text(0)), document(1, text(0).upper(), "llm"), document(2, text(1), "llm")]
    record = check_corpus(documents).to_dict()
    assert record["both_labels"] == {"exact": 1, "examples": [["0", "1"]]}
    assert record["duplicates"]["exact"] == 1 and record["duplicates"]["near"] == 0
    assert "under both labels" in record["warnings"][0]


def test_what_splits_share_is_counted():
    documents = [
        document("a", text(0), split="train", group="g1"), document("b", text(0), split="test", group="g2"),
        document("c", text(1, 100), split="train", group="g3"), document("d", text(1, 100) + " more", split="test", group="g4"),
        document("e", text(2), split="train", group="g5"), document("f", text(3), split="test", group="g5"),
        document("g", text(4), split="valid", group="g6"),
    ]  # fmt: skip
    record = check_corpus(documents).to_dict()
    assert record["leaks"] == [{"splits": ["test", "train"], "exact": 1, "near": 1, "groups": 1}]
    assert any("proves nothing" in line for line in record["warnings"])


def test_a_shortcut_has_its_interval_and_a_warning():
    documents = [document(f"h{k}", text(k, 40), group=f"g{k}") for k in range(60)]
    documents += [document(f"m{k}", text(k + 100, 100), "llm", group=f"g{k}") for k in range(60)]
    found = check_corpus(documents)
    areas = {item["name"]: item for item in found.to_dict()["shortcuts"]}
    assert areas["length"]["auroc"] > 0.99 and areas["length"]["auroc_low"] > 0.9
    assert areas["layout"]["auroc_low"] < 0.7 and found.worst_shortcut.name == "length"
    told = " ".join(found.warnings)
    assert "length alone" in told and "median lengths differ: 40" in told and "layout alone" not in told


def test_a_corpus_that_is_too_small_says_why_there_is_no_shortcut():
    record = check_corpus([document(0, text(0)), document(1, text(1), "llm")]).to_dict()
    assert all(item["auroc"] is None and "10 or more" in item["reason"] for item in record["shortcuts"])
    json.dumps(record, allow_nan=False)


def test_artefacts_are_counted_on_both_sides_the_widest_gap_first():
    human = [document(k, "we said , that it did n't matter .") for k in range(4)]
    llm = [document(k + 9, "Sure! Here is **a list**:\n\n- one\n- two", "llm") for k in range(4)]
    found = {a.name: (a.human, a.llm) for a in count_artefacts(human + llm)}
    assert found["space before punctuation"] == (1, 0) and found["split contractions"] == (1, 0)
    assert found["list marks"] == found["assistant opening"] == found["blank line"] == (0, 1)
    assert count_artefacts(human) == []


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("It was late in the evening and the rain had not stopped for an hour.", "en"),
        ("Es war spät am Abend und der Regen hatte seit einer Stunde nicht aufgehört.", "de"),
        ("Il était tard dans la soirée et la pluie ne cessait pas de tomber sur les toits.", "fr"),
        ("Era tarde por la noche y la lluvia no había dejado de caer en los tejados.", "es"),
        ("Era tardi la sera e la pioggia non aveva smesso di cadere sui tetti della città.", "it"),
        ("Было поздно вечером, и дождь не переставал идти, как и все это время.", "ru"),
        ("夜很晚了，雨还没有停，街上没有人。", "zh"), ("夜遅くになっても、雨はまだ止んでいませんでした。", "ja"),
        ("밤이 늦었는데 비는 아직 그치지 않았다.", "ko"), ("كان الوقت متأخرا في المساء ولم يتوقف المطر.", "ar"),
        ("x = 1; y = [2, 3]; print(x)", "und"), ("", "und"), ("12345 67", "und"),
    ],
)  # fmt: skip
def test_languages_are_told_by_script_and_small_words(words, language):
    assert language_of(words) == language


def test_several_languages_are_counted_by_label_and_warned_of():
    english, german = "It was late and the rain had not stopped.", "Es war spät und der Regen hat nicht aufgehört."
    documents = [document(k, f"{english if k % 2 else german} {k}") for k in range(20)]
    found = check_corpus(documents)
    assert found.to_dict()["languages"] == {"human": {"de": 10, "en": 10}}
    assert any("several languages" in line for line in found.warnings)


def test_a_corpus_without_a_document_is_refused():
    with pytest.raises(InputError, match="no document"):
        check_corpus([])


def test_check_prints_one_record_and_its_warnings(call, tmp_path):
    documents = [document(k, text(k // 2 * 2), ("human", "llm")[k % 2]) for k in range(6)]
    result = call("corpora", "check", rows_of(tmp_path / "in.jsonl", documents))
    assert result.exit_code == 0, result.stderr
    record = json.loads(result.stdout)
    assert record["both_labels"]["exact"] == 3 and record["labels"] == {"human": 3, "llm": 3}
    assert "Warning: 3 texts stand under both labels" in result.stderr


def test_check_tells_splits_by_the_names_of_files(call, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("train.jsonl", "test.jsonl"):
        rows_of(tmp_path / "data" / name, [document(name, text(0))])
    record = json.loads(call("corpora", "check", "data").stdout)
    assert record["splits"] == {"train": 1, "test": 1} and record["leaks"][0]["exact"] == 1


def test_check_ends_with_3_at_the_gate_that_was_set(call, tmp_path):
    documents = [document(f"h{k}", text(k, 40)) for k in range(30)]
    documents += [document(f"m{k}", text(k + 100, 100), "llm") for k in range(30)]
    rows_of(tmp_path / "in.jsonl", documents)
    result = call("corpora", "check", "in.jsonl", "--fail-above", "0.9")
    assert result.exit_code == 3 and "Gate passed: length alone" in result.stderr and json.loads(result.stdout)
    assert call("corpora", "check", "in.jsonl").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "missing.jsonl"), 2), (("check", "empty.jsonl"), 1), (("info", "nope"), 1), (("get", "nope"), 1),
        (("get", "m4"), 1), (("get", "hc3:missing"), 1), (("get", "hc3", "--cache", "-o", "x.jsonl"), 2),
        (("get", "hc3:empty.jsonl", "-o", "no/x.jsonl"), 1),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_clear_line(call, tmp_path, arguments, code):
    (tmp_path / "empty.jsonl").write_text("")
    result = call("corpora", *arguments, "-q")
    assert result.exit_code == code and len(result.stderr.strip().splitlines()) == 1


def test_list_and_info_tell_what_there_is_without_asking_the_hub(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    records = [json.loads(line) for line in call("corpora", "list").stdout.splitlines()]
    assert {"hc3", "raid", "sharegpt"} <= {record["name"] for record in records}
    assert call("corpora", "list", "--format", "table").stdout.splitlines()[0].split()[0] == "name"
    record = json.loads(call("corpora", "info", "raid").stdout)
    assert record["licence"] == "MIT" and "source_id" in record["card"]
    assert call("corpora", "info", "raid", "--format", "table").stdout.startswith("# RAID")


def hc3(path, n=3):
    rows = [{"id": k, "question": f"Why {k}?", "human_answers": [text(k)], "chatgpt_answers": [text(k + 50)]} for k in range(n)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_get_writes_plain_records_that_are_read_back(call, tmp_path):
    hc3(tmp_path / "all.jsonl")
    result = call("corpora", "get", "hc3:all.jsonl", "--limit", "4", "-o", "out.jsonl")
    assert result.exit_code == 0, result.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(rows) == 4 and [row["label"] for row in rows] == ["human", "llm"] * 2
    assert rows[0]["group"] == rows[1]["group"] and rows[0]["corpus"] == "hc3"


def test_a_cached_corpus_opens_by_its_name_everywhere(call, tmp_path, monkeypatch):
    hub = ModuleType("datasets")
    rows = [json.loads(line) for line in hc3(tmp_path / "all.jsonl").read_text().splitlines()]
    hub.load_dataset = lambda *_, **__: {"train": rows}
    monkeypatch.setitem(sys.modules, "datasets", hub)
    assert call("corpora", "get", "hc3", "--cache").exit_code == 0
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert json.loads(call("corpora", "check", "hc3").stdout)["labels"] == {"human": 3, "llm": 3}
    result = call("evaluate", "fast", "hc3")
    record = json.loads(result.stdout)
    assert (record["n_human"], record["n_llm"], record["n_groups"]) == (3, 3, 3)
    listed = [json.loads(line) for line in call("corpora", "list").stdout.splitlines()]
    assert [record["name"] for record in listed if record["cached"]] == ["hc3"]


def test_evaluate_reads_files_in_the_schema_of_a_named_corpus(call, tmp_path):
    hc3(tmp_path / "all.jsonl")
    record = json.loads(call("evaluate", "fast", "hc3:all.jsonl").stdout)
    assert (record["n_human"], record["n_llm"], record["n_groups"]) == (3, 3, 3)


def test_train_takes_a_named_corpus(call, tmp_path, monkeypatch):
    given = {}
    trainer = ModuleType("provenance.detect.train")

    def train_detector(documents, recipe, **_):
        given["documents"] = documents
        raise InputError("far enough")

    trainer.train_detector = train_detector
    monkeypatch.setitem(sys.modules, "provenance.detect.train", trainer)
    hc3(tmp_path / "all.jsonl")
    result = call("train", "hc3:all.jsonl", "-o", "made")
    assert result.exit_code == 1 and "far enough" in result.stderr
    assert {d.meta["corpus"] for d in given["documents"]} == {"hc3"}
    assert [d.label for d in given["documents"]] == ["human", "llm"] * 3
