"""The registry of public data sets, the layouts that they come in, and the index that ships."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provenance.corpus.entries import FIELDS
from provenance.corpus.known import find_known, known_sources
from provenance.corpus.layouts import LAYOUTS
from provenance.corpus.trace import trace_documents
from provenance.documents import Document
from provenance.errors import InputError, UsageError
from provenance.models.shipped_indexes import list_indexes, open_index
from provenance.reading import Fields, read_documents

ASKED_FOR = {
    "alpaca", "gpt4-llm", "sharegpt-vicuna", "ultrachat", "openorca", "wizardlm-evol", "openhermes", "dolly", "oasst1",
    "wildchat", "lmsys-chat", "magpie-pro", "ultrafeedback", "baize",
}  # fmt: skip
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

ROWS = {
    "alpaca": ({"instruction": "Do it", "input": "", "output": "Done", "text": "whole"}, [("Do it", "Done", None)]),
    "dolly": ({"instruction": "Do it", "context": "", "response": "Done", "category": "qa"}, [("Do it", "Done", None)]),
    "openorca": ({"id": "f.1", "system_prompt": "s", "question": "Q", "response": "R"}, [("Q", "R", None)]),
    "openhermes": (
        {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "R"}], "source": "x"}, [("Q", "R", "x")]
    ),
    "magpie-pro": (
        {"uuid": "u", "model": "m", "instruction": "Q", "response": "R",
         "conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "R"}]}, [("Q", "R", "m")],
    ),
    "wildchat": (
        {"conversation_hash": "h", "model": "gpt-4", "conversation": [
            {"role": "user", "content": "Q"}, {"role": "assistant", "content": "R"},
            {"role": "user", "content": "Q2"}, {"role": "assistant", "content": "R2"}]},
        [("Q", "R", "gpt-4"), ("Q2", "R2", "gpt-4")],
    ),
    "ultrachat": ({"id": "0", "data": ["Q", "R", "Q2", "R2"]}, [("Q", "R", None), ("Q2", "R2", None)]),
    "lima": ({"conversations": ["Q", "R", "Q2"], "source": "x"}, [("Q", "R", "x"), ("Q2", "", "x")]),
    "ultrafeedback": (
        {"source": "evol", "instruction": "Q",
         "completions": [{"model": "a", "response": "R"}, {"model": "b", "response": "S"}]},
        [("Q", "R", "a"), ("Q", "S", "b")],
    ),
    "baize": (
        {"topic": "t", "input": "A talk.\n[|Human|] Q\n[|AI|] R\n[|Human|] Q2\n[|AI|] R2\n[|Human|] "},
        [("Q", "R", None), ("Q2", "R2", None)],
    ),
}  # fmt: skip


def test_the_registry_knows_the_sets_that_people_meet():
    assert known_sources().keys() >= ASKED_FOR


@pytest.mark.parametrize("name", known_sources())
def test_each_entry_says_terms_maker_generator_and_how_to_load(name):
    source = find_known(name)
    assert source.title and source.maker and source.generator and source.licence and source.url.startswith("https://")
    assert source.licence_from in ("card", "repository", "third party")
    assert source.layout in LAYOUTS and set(source.fields) <= {"text", "id", "prompt", "source"}
    assert source.path == f"hf://{source.hub}" if source.hub else source.note
    assert (source.facts.licence, source.facts.generator) == (source.licence, source.generator)


def test_an_unknown_data_set_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="ultrachat"):
        find_known("my-set")


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_a_known_set_become_prompts_and_answers(name, tmp_path):
    row, wanted = ROWS[name]
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n" + json.dumps(row) + "\n")
    source = find_known(name)
    documents = list(source.arranged(read_documents(tmp_path / "rows.jsonl", fields=Fields(**source.fields))))
    assert [(d.prompt, d.text, d.source) for d in documents] == wanted * 2


def test_a_message_of_a_user_is_a_prompt_without_an_answer(tmp_path):
    rows = [{"message_id": "m1", "text": "Q", "role": "prompter"}, {"message_id": "m2", "text": "R", "role": "assistant"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = find_known("oasst1")
    found = list(source.arranged(read_documents(tmp_path / "rows.jsonl", fields=Fields(**source.fields))))
    assert [(d.id, d.prompt, d.text) for d in found] == [("m1", "Q", ""), ("m2", None, "R")]


def test_completions_that_are_none_are_passed_over():
    odd = [Document("a", "x", meta={"completions": "no list"}), Document("b", "x", meta={"completions": [{"response": 3}, 4]})]
    assert list(LAYOUTS["completions"](odd)) == []


def test_the_shipped_index_is_small_and_holds_no_text():
    assert list_indexes() == ["alpaca-eval-teachers"]
    index = open_index("alpaca-eval-teachers")
    assert sum(item.stat().st_size for item in index.folder.iterdir()) <= 10_000_000
    assert not index.info.has_texts and len(index._arrays["texts"]) == 0
    assert index.info.licence and index.info.maker and index.info.entries["output"] > 7000
    assert {FIELDS[code] for code in index.fields} == {"output", "prompt"}


def test_an_index_that_is_none_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "rows.jsonl").write_text("{}")
    with pytest.raises(InputError, match="index build"):
        open_index(tmp_path / "rows.jsonl")
    with pytest.raises(InputError, match="alpaca-eval-teachers"):
        open_index("no-such")


@pytest.mark.skipif(not DATA.is_dir(), reason="the answers are not part of the project")
def test_the_shipped_index_is_what_the_builder_makes_and_finds_the_teachers():
    from provenance.models.build_index import teacher_answers

    answers = [document for document in teacher_answers(DATA) if len(document.text.split()) >= 20]
    index = open_index("alpaca-eval-teachers")
    some = answers[::400]
    matches = list(trace_documents(some, index, limit=50, fields=("output",)))
    assert {match["id"] for match in matches} == {document.id for document in some}
    assert len({match["generator"] for match in matches}) > 5
    halves = [Document(d.id, d.text[: len(d.text) // 2]) for d in some if len(d.text.split()) >= 60]
    matches = list(trace_documents(halves, index))
    assert {match["id"] for match in matches} == {document.id for document in halves}
