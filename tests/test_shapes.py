"""Each published shape of row is read without options: texts, ids, prompts, sources, labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provenance.documents import Document
from provenance.reading import Fields, read_documents
from provenance.reading.reader import Reading

FORMATS = Path(__file__).parents[2] / "shared" / "formats"


def read_rows(tmp_path: Path, *rows: Any, **options: Any) -> tuple[list[Document], Reading]:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reading = read_documents(path, **options)
    return list(reading), reading


def facts(documents: list[Document], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(getattr(item, name) for name in names) for item in documents]


# Plain fields


@pytest.mark.parametrize(
    "key",
    ["text", "output", "response", "completion", "generation", "content", "answer", "generated_text", "output_text"],
)
def test_a_plain_field_holds_the_text(tmp_path: Path, key: str) -> None:
    documents, reading = read_rows(tmp_path, *[{"id": 1, "prompt": "p", key: "x"}] * 2)
    assert facts(documents, "id", "prompt", "text") == [("1", "p", "x")] * 2
    assert reading.shape == f"field {key!r}"


def test_strings_are_texts(tmp_path: Path) -> None:
    documents, reading = read_rows(tmp_path, "x", "y")
    assert facts(documents, "id", "text") == [("rows.jsonl:1", "x"), ("rows.jsonl:2", "y")]
    assert reading.shape == "plain strings"


def test_the_input_of_an_instruction_belongs_to_the_prompt(tmp_path: Path) -> None:
    rows = [
        {"instruction": "Sum up.", "input": "A tale.", "output": "x"},
        {"instruction": "Say hi.", "input": "", "output": "y"},
    ]
    documents, _ = read_rows(tmp_path, *rows, *rows)
    assert [item.prompt for item in documents] == ["Sum up.\n\nA tale.", "Say hi."] * 2


@pytest.mark.parametrize(
    "row",
    [
        {"outputs": [{"text": "x"}, {"text": "y"}]},
        {"responses": ["x", "y"]},
        {"completions": [{"content": "x"}, {"message": {"content": "y"}}]},
        {"output": ["x", "y"]},
        {"generated_text": [{"role": "assistant", "content": "x"}, {"role": "assistant", "content": "y"}]},
    ],
)
def test_several_samples_of_a_row_are_numbered_and_grouped(tmp_path: Path, row: dict[str, Any]) -> None:
    documents, _ = read_rows(tmp_path, {"id": "a", **row})
    assert facts(documents, "id", "text", "group") == [("a#1", "x", "a"), ("a#2", "y", "a")]


def test_one_message_with_parts_is_one_text(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "x"}, {"type": "tool_use", "input": {}}, {"type": "text", "text": "y"}]
    documents, _ = read_rows(tmp_path, {"id": "m", "role": "assistant", "model": "claude", "content": parts})
    assert facts(documents, "id", "text", "source") == [("m", "x\ny", "claude")]


# Conversations


def test_each_assistant_turn_is_a_document_with_its_prompt(tmp_path: Path) -> None:
    messages = [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "one?"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": [{"type": "text", "text": "two?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "2"}]},
    ]
    documents, reading = read_rows(tmp_path, {"id": "c", "model": "m", "messages": messages})
    assert facts(documents, "id", "text", "prompt", "source", "group") == [
        ("c#1", "1", "one?", "m", "c"),
        ("c#2", "2", "two?", "m", "c"),
    ]
    assert reading.shape == "chat messages (assistant turns)"
    assert documents[0].meta == {"turn": 3}


def test_a_single_assistant_turn_keeps_the_row_id(tmp_path: Path) -> None:
    documents, _ = read_rows(tmp_path, {"id": "c", "messages": [{"role": "assistant", "content": "1"}]})
    assert facts(documents, "id", "group") == [("c", None)]


def test_a_row_that_is_a_list_of_messages_is_read(tmp_path: Path) -> None:
    row = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]
    documents, _ = read_rows(tmp_path, row, row)
    assert facts(documents, "id", "text", "prompt") == [("rows.jsonl:1", "x", "q"), ("rows.jsonl:2", "x", "q")]


@pytest.mark.parametrize("role", ["gpt", "assistant", "chatgpt", "bing", "bard", "model", "GPT"])
def test_sharegpt_conversations_are_read(tmp_path: Path, role: str) -> None:
    row = {"id": "s", "conversations": [{"from": "human", "value": "q"}, {"from": role, "value": "x"}]}
    documents, reading = read_rows(tmp_path, row)
    assert facts(documents, "id", "text", "prompt") == [("s", "x", "q")]
    assert (reading.shape or "").startswith("ShareGPT")


def test_a_conversation_without_an_assistant_turn_is_a_bad_row_that_names_the_roles(tmp_path: Path) -> None:
    documents, reading = read_rows(
        tmp_path,
        {"messages": [{"role": "assistant", "content": "x"}]},
        {"messages": [{"role": "user", "content": "q"}]},
        {"messages": []},
        {"messages": [{"role": "assistant", "content": None, "tool_calls": []}]},
    )
    assert len(documents) == 1
    assert [row.line for row in reading.bad] == [2, 3, 4]
    assert "user" in reading.bad[0].message


def test_a_turn_without_text_is_left_out_and_noted(tmp_path: Path) -> None:
    messages = [{"role": "assistant", "content": None}, {"role": "assistant", "content": "x"}]
    documents, reading = read_rows(tmp_path, {"id": "c", "messages": messages})
    assert facts(documents, "id", "text") == [("c", "x")]
    assert any("without text" in note for note in reading.notes)


def test_an_answer_beside_an_unanswered_conversation_is_the_text(tmp_path: Path) -> None:
    shots = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "q"}]
    documents, _ = read_rows(tmp_path, *[{"messages": shots, "response": "x"}] * 2)
    assert facts(documents, "text", "prompt") == [("x", "q")] * 2


def test_an_answered_conversation_beside_its_rendering_is_the_text(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]
    documents, _ = read_rows(tmp_path, {"text": "<user>q<assistant>x", "messages": messages})
    assert facts(documents, "text") == [("x",)]


@pytest.mark.parametrize("turns", [["1", "2"], [{"content": "1", "token_len": 1}, {"content": "2"}]])
def test_fastchat_answers_are_read_with_turns_as_strings_or_objects(tmp_path: Path, turns: list[Any]) -> None:
    row = {
        "question_id": 81,
        "answer_id": "z",
        "model_id": "m",
        "choices": [{"index": 0, "turns": turns}],
        "tstamp": 1.0,
    }
    documents, reading = read_rows(tmp_path, row)
    assert facts(documents, "id", "text", "source", "group") == [("81#1", "1", "m", "81"), ("81#2", "2", "m", "81")]
    assert documents[1].meta == {"answer_id": "z", "tstamp": 1.0, "choice": 0, "turn": 2}
    assert (reading.shape or "").startswith("FastChat")


def test_fastchat_choices_without_turns_are_a_bad_row(tmp_path: Path) -> None:
    good = {"question_id": 1, "choices": [{"turns": ["x"]}]}
    _, reading = read_rows(tmp_path, good, {"question_id": 2, "choices": [{"turns": []}]})
    assert [row.line for row in reading.bad] == [2]


# Answers of APIs


def batch(body: Any, *, status: int = 200, error: Any = None) -> dict[str, Any]:
    response = {"status_code": status, "request_id": "r", "body": body}
    return {"id": "batch_req_1", "custom_id": "mine-1", "response": response, "error": error}


def completion(*contents: str | None) -> dict[str, Any]:
    choices = [{"index": n, "message": {"role": "assistant", "content": text}} for n, text in enumerate(contents)]
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o", "choices": choices, "usage": {}}


def responses(*texts: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    message = {"type": "message", "id": "msg", "role": "assistant", "content": content}
    return {
        "id": "resp_1",
        "object": "response",
        "model": "gpt-5",
        "output": [{"type": "reasoning", "summary": []}, message],
    }


def test_openai_batch_results_are_read_with_the_custom_id(tmp_path: Path) -> None:
    documents, reading = read_rows(tmp_path, batch(completion("x")))
    assert facts(documents, "id", "text", "source") == [("mine-1", "x", "gpt-4o")]
    assert reading.shape == "OpenAI batch results"


def test_openai_batch_results_may_hold_responses_output(tmp_path: Path) -> None:
    documents, _ = read_rows(tmp_path, batch(responses("x")))
    assert facts(documents, "id", "text", "source") == [("mine-1", "x", "gpt-5")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (batch(None, error={"code": "batch_expired", "message": "too late"}), "too late"),
        (batch({"error": {"message": "no quota", "type": "x"}}, status=429), "no quota"),
        (batch({}, status=500), "status 500"),
        ({"custom_id": "a", "response": None, "error": {"message": "gone"}}, "gone"),
        (batch({"data": [{"embedding": [0.1]}]}), "neither choices nor output"),
        (batch(completion(None)), "no choice holds a text"),
    ],
)
def test_a_failed_request_of_a_batch_is_a_bad_row_with_the_error(tmp_path: Path, row: Any, message: str) -> None:
    documents, reading = read_rows(tmp_path, row, batch(completion("x")))
    assert len(documents) == 1
    assert [item.line for item in reading.bad] == [1]
    assert message in reading.bad[0].message


def test_chat_completions_are_read_with_all_their_choices(tmp_path: Path) -> None:
    documents, _ = read_rows(tmp_path, completion("x", "y"), completion("z"))
    assert facts(documents, "id", "text", "source") == [
        ("chatcmpl-1#1", "x", "gpt-4o"),
        ("chatcmpl-1#2", "y", "gpt-4o"),
        ("chatcmpl-1", "z", "gpt-4o"),
    ]


def test_legacy_completions_are_read(tmp_path: Path) -> None:
    documents, _ = read_rows(tmp_path, {"id": "cmpl", "model": "davinci", "choices": [{"text": "x", "index": 0}]})
    assert facts(documents, "id", "text", "source") == [("cmpl", "x", "davinci")]


def test_responses_output_is_read_without_its_reasoning(tmp_path: Path) -> None:
    documents, reading = read_rows(tmp_path, responses("x", "y"))
    assert facts(documents, "id", "text", "source") == [("resp_1", "x\ny", "gpt-5")]
    assert reading.shape == "OpenAI Responses output"


def test_responses_output_with_tool_calls_alone_is_a_bad_row(tmp_path: Path) -> None:
    row = {"id": "r", "object": "response", "output": [{"type": "function_call", "name": "f"}]}
    _, reading = read_rows(tmp_path, responses("x"), row)
    assert [item.line for item in reading.bad] == [2]


def test_anthropic_batch_results_are_read(tmp_path: Path) -> None:
    message = {"type": "message", "model": "claude-3", "content": [{"type": "text", "text": "x"}]}
    good = {"custom_id": "a", "result": {"type": "succeeded", "message": message}}
    bad = {"custom_id": "b", "result": {"type": "errored", "error": {"error": {"message": "overloaded"}}}}
    documents, reading = read_rows(tmp_path, good, bad)
    assert facts(documents, "id", "text", "source") == [("a", "x", "claude-3")]
    assert "overloaded" in reading.bad[0].message


# Evaluation tools and corpora


def test_alpaca_eval_outputs_are_read(tmp_path: Path) -> None:
    row = {"instruction": "q", "dataset": "koala", "output": "x", "generator": "vicuna"}
    documents, reading = read_rows(tmp_path, row)
    assert facts(documents, "text", "prompt", "source", "domain") == [("x", "q", "vicuna", "koala")]
    assert reading.shape == "AlpacaEval outputs"


@pytest.mark.parametrize(
    "arguments", [[["q", {"until": ["\n"]}]], {"gen_args_0": {"arg_0": "q", "arg_1": {"until": []}}}, None]
)
def test_harness_samples_are_read_with_the_prompt(tmp_path: Path, arguments: Any) -> None:
    row = {"doc_id": 3, "doc": {"question": "q"}, "target": "t", "arguments": arguments, "resps": [["x"]]}
    documents, reading = read_rows(tmp_path, {**row, "filtered_resps": ["extracted"]})
    assert facts(documents, "id", "text", "prompt") == [("3", "x", "q")]
    assert reading.shape == "lm-evaluation-harness samples"


def test_harness_samples_without_resps_give_the_filtered_ones(tmp_path: Path) -> None:
    documents, _ = read_rows(tmp_path, {"doc_id": 3, "doc": {}, "filtered_resps": ["x"]})
    assert facts(documents, "text") == [("x",)]


def test_log_likelihood_samples_are_bad_rows(tmp_path: Path) -> None:
    good = {"doc_id": 1, "resps": [["x"]]}
    _, reading = read_rows(tmp_path, good, {"doc_id": 2, "resps": [[[-12.5, False]], [[-3.0, True]]]})
    assert "log-likelihoods" in reading.bad[0].message


def test_hc3_gives_both_sides_with_labels_and_one_group(tmp_path: Path) -> None:
    row = {"question": "q", "human_answers": ["a", "b"], "chatgpt_answers": ["c"], "index": 7, "source": "finance"}
    documents, reading = read_rows(tmp_path, row)
    assert facts(documents, "id", "text", "source", "family", "label", "domain", "prompt", "group") == [
        ("7#human-1", "a", "human", "human", "human", "finance", "q", "7"),
        ("7#human-2", "b", "human", "human", "human", "finance", "q", "7"),
        ("7#chatgpt-1", "c", "chatgpt", "openai", "llm", "finance", "q", "7"),
    ]
    assert reading.shape == "HC3"


def test_hc3_rows_with_one_side_are_read_and_with_none_are_bad(tmp_path: Path) -> None:
    rows = [
        {"question": "q", "human_answers": [], "chatgpt_answers": ["c"]},
        {"question": "q", "human_answers": [], "chatgpt_answers": []},
        {"question": "q", "human_answers": [None, "a"], "chatgpt_answers": []},
    ]
    documents, reading = read_rows(tmp_path, *rows)
    assert [item.text for item in documents] == ["c", "a"]
    assert [row.line for row in reading.bad] == [2]
    assert any("without text" in note for note in reading.notes)


def raid(**changes: Any) -> dict[str, Any]:
    row = {"id": "r1", "adv_source_id": "r0", "source_id": "h1", "model": "llama-chat", "decoding": "greedy"}
    row |= {"repetition_penalty": "no", "attack": "none", "domain": "books", "title": "t", "prompt": "p"}
    return {**row, "generation": "x", **changes}


def test_raid_rows_are_read_with_label_by_model(tmp_path: Path) -> None:
    documents, reading = read_rows(tmp_path, raid(), raid(model="human", attack="synonym"))
    assert facts(documents, "id", "text", "source", "label", "domain", "group", "prompt") == [
        ("r1", "x", "llama-chat", "llm", "books", "h1", "p"),
        ("r1", "x", "human", "human", "books", "h1", "p"),
    ]
    assert [item.meta["attack"] for item in documents] == [None, "synonym"]
    assert reading.shape == "RAID"


def test_mage_labels_mean_one_for_human(tmp_path: Path) -> None:
    documents, reading = read_rows(
        tmp_path,
        {"text": "x", "label": 1, "src": "cmv_human"},
        {"text": "y", "label": 0, "src": "xsum_machine_continuation_flan_t5_base"},
        {"text": "z", "label": "0", "src": "gpt4"},
    )
    assert facts(documents, "label", "source", "domain") == [
        ("human", "human", "cmv"),
        ("llm", "flan_t5_base", "xsum"),
        ("llm", None, None),
    ]
    assert reading.shape == "MAGE"


def test_m4_rows_give_the_human_and_the_machine_text(tmp_path: Path) -> None:
    row = {"prompt": "p", "human_text": "h", "machine_text": "m", "model": "bloomz", "source": "arxiv", "source_ID": 5}
    documents, reading = read_rows(tmp_path, row)
    assert facts(documents, "id", "text", "source", "label", "domain", "group") == [
        ("rows.jsonl:1#human", "h", "human", "human", "arxiv", "rows.jsonl:1"),
        ("rows.jsonl:1#machine", "m", "bloomz", "llm", "arxiv", "rows.jsonl:1"),
    ]
    assert reading.shape == "M4"


def test_detectrl_rows_name_the_model_only_where_the_text_is_its(tmp_path: Path) -> None:
    documents, reading = read_rows(
        tmp_path,
        {"text": "x", "label": "human", "data_type": "news", "llm_type": "ChatGPT"},
        {"text": "y", "label": "llm", "data_type": "news", "llm_type": "ChatGPT"},
    )
    assert facts(documents, "label", "source", "domain") == [("human", "human", "news"), ("llm", "ChatGPT", "news")]
    assert reading.shape == "DetectRL"


# Hostile rows


@pytest.mark.parametrize(
    "row",
    [
        {"choices": [None]},
        {"choices": [{"turns": "text"}]},
        {"choices": [{"message": None}]},
        {"messages": [None]},
        {"messages": "text"},
        {"conversations": [{"from": None, "value": 3}]},
        {"custom_id": [], "response": {"body": []}, "error": []},
        {"custom_id": 1, "result": {"type": 1}},
        {"output": [{}]},
        {"output": {}},
        {"output": [{"type": "message", "content": 5}]},
        {"resps": [], "arguments": {}},
        {"human_answers": [{}], "chatgpt_answers": 1},
        {"human_text": 1, "machine_text": None},
        {"text": {"0": "x"}},
        {"text": [1, None, {}]},
        {"": ""},
        {},
        [],
        [1],
        None,
        True,
        1.5,
    ],
)
def test_a_row_of_an_odd_kind_is_reported_and_never_a_crash(tmp_path: Path, row: Any) -> None:
    documents, reading = read_rows(tmp_path, {"text": "x"}, row)
    assert [item.text for item in documents] == ["x"]
    assert [item.line for item in reading.bad] == [2]


def test_odd_values_of_known_fields_do_not_stop_a_row(tmp_path: Path) -> None:
    row = {"id": {"a": 1}, "_id": {"$oid": "5f"}, "text": "x", "model": [1], "label": {"a": 1}, "prompt": {"a": 1}}
    documents, _ = read_rows(tmp_path, row, row)
    assert facts(documents, "id", "text", "source", "label", "prompt") == [("5f", "x", None, None, None)] * 2


def test_lists_nested_a_thousand_deep_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "x"}\n{"output": ' + "[" * 1000 + '"y"' + "]" * 1000 + "}\n")
    reading = read_documents(path)
    assert [item.text for item in reading] == ["x"]
    assert "too deep" in reading.bad[0].message


def test_nul_characters_become_spaces_in_text_id_prompt_and_source(tmp_path: Path) -> None:
    documents, _ = read_rows(tmp_path, *[{"id": "a\0", "text": "x\0y", "prompt": "p\0", "model": "m\0"}] * 2)
    assert facts(documents, "id", "text", "prompt", "source") == [("a ", "x y", "p ", "m ")] * 2


# Published files


@pytest.mark.skipif(not FORMATS.is_dir(), reason="the published rows are not beside the project")
@pytest.mark.parametrize(
    ("name", "shape", "n_documents", "source"),
    [
        ("alpaca_eval.model_outputs.json", "AlpacaEval outputs", 3, "oasst-sft-pythia-12b"),
        ("arena_hard.model_answer.jsonl", "FastChat answers (choices, turns)", 3, "gpt-3.5-turbo-0125"),
        ("mt_bench.model_answer.jsonl", "FastChat answers (choices, turns)", 6, "Llama-2-7b-chat-hf"),
        ("detectrl.test.json", "DetectRL", 3, "human"),
    ],
)
def test_published_rows_are_read(name: str, shape: str, n_documents: int, source: str) -> None:
    reading = read_documents(FORMATS / name)
    documents = list(reading)
    assert (reading.shape, reading.n_rows, reading.n_bad, len(documents)) == (shape, 3, 0, n_documents)
    assert documents[0].source == source
    assert all(len(item.text) > 100 for item in documents)


def test_fields_list_only_what_was_chosen() -> None:
    assert Fields(text="a", group="b").chosen() == {"text": "a", "group": "b"}
