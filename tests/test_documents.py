"""Documents, labels, and what a reading promises: ids, accounts of rows, folders, standard input, named fields."""

from __future__ import annotations

import io
import json
import os
import sys
import types
from pathlib import Path

import pytest

from provenance import errors
from provenance.documents import Document, as_documents, label_of
from provenance.reading import BadRow, Fields, read_documents
from provenance.reading import reader as reader_module
from provenance.reading.reader import Reading


def write(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read_all(source: str | Path, **options: object) -> tuple[list[Document], Reading]:
    reading = read_documents(source, **options)  # type: ignore[arg-type]
    documents = list(reading)
    assert reading.n_rows == reading.n_good + reading.n_bad
    assert reading.n_documents == len(documents)
    return documents, reading


def stdin_of(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


# Document, as_documents, label_of, errors


def test_every_error_is_a_provenance_error() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), errors.ProvenanceError)


def test_a_document_refuses_a_text_that_is_no_string() -> None:
    with pytest.raises(errors.InputError, match="'a'.*NoneType.*wanted a string"):
        Document("a", None)  # type: ignore[arg-type]


def test_a_document_is_frozen_hashable_and_equal_by_value() -> None:
    first, second = Document("a", "x", meta={"n": 1}), Document("a", "x", meta={"n": 1})
    assert first == second
    assert len({first, second}) == 1
    with pytest.raises(AttributeError):
        first.text = "y"  # type: ignore[misc]


def test_a_record_of_a_document_holds_meta_but_never_over_the_fields() -> None:
    document = Document("a", "x", label="llm", meta={"lang": "en", "text": "other"})
    assert document.to_dict() == {"id": "a", "text": "x", "label": "llm", "lang": "en"}


def test_bare_texts_get_their_position_as_id() -> None:
    assert [item.id for item in as_documents(["x", Document("b", "y"), "z"])] == ["0", "b", "2"]


@pytest.mark.parametrize("wrong", ["one text", [1], [None]])
def test_as_documents_refuses_what_is_no_list_of_texts(wrong: object) -> None:
    with pytest.raises(errors.InputError, match="wanted"):
        list(as_documents(wrong))  # type: ignore[arg-type]


def test_as_documents_takes_one_text_at_a_time() -> None:
    def endless():  # type: ignore[no-untyped-def]
        while True:
            yield "x"

    assert next(as_documents(endless())).text == "x"


@pytest.mark.parametrize(
    ("value", "one_is", "label"),
    [
        ("human", None, "human"),
        (" Human ", None, "human"),
        ("LLM", None, "llm"),
        ("AI", None, "llm"),
        ("Machine-generated", None, "llm"),
        (1, None, None),
        ("0", None, None),
        (True, None, None),
        ("positive", None, None),
        (None, "human", None),
        (1, "human", "human"),
        ("0", "human", "llm"),
        (1.0, "llm", "llm"),
        (0, "llm", "human"),
        ([], "llm", None),
    ],
)
def test_labels_are_read_by_word_and_numbers_only_where_the_corpus_says_which(
    value: object, one_is: str | None, label: str | None
) -> None:
    assert label_of(value, one_is=one_is) == label


# Ids


@pytest.mark.parametrize("key", ["id", "_id", "question_id", "custom_id", "doc_id", "idx", "index"])
def test_the_id_is_taken_from_any_usual_field(tmp_path: Path, key: str) -> None:
    documents, _ = read_all(write(tmp_path / "a.jsonl", {key: 7, "text": "x"}, {key: "b", "text": "y"}))
    assert [item.id for item in documents] == ["7", "b"]
    assert key not in documents[0].meta


def test_the_id_is_the_file_and_line_where_a_row_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x"}\n\n{"text": "y", "id": null}\n{"text": "z", "id": ""}\n')
    documents, _ = read_all(path)
    assert [item.id for item in documents] == ["a.jsonl:1", "a.jsonl:3", "a.jsonl:4"]


def test_ids_of_a_folder_name_the_file_within_it(tmp_path: Path) -> None:
    write(tmp_path / "in" / "b" / "x.jsonl", {"text": "2"})
    write(tmp_path / "in" / "a.jsonl", {"text": "1"})
    documents, reading = read_all(tmp_path / "in")
    assert [(item.id, item.text) for item in documents] == [("a.jsonl:1", "1"), ("b/x.jsonl:1", "2")]


def test_duplicate_ids_are_kept_and_noted(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": str(n)} for n in range(3)]
    documents, reading = read_all(write(tmp_path / "a.jsonl", *rows))
    assert [item.id for item in documents] == ["a", "a", "a"]
    assert any("ids met before" in note and "2 times" in note for note in reading.notes)


def test_the_memory_of_ids_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MAX_IDS", 2)
    rows = [{"id": name, "text": "x"} for name in "abcca"]
    _, reading = read_all(write(tmp_path / "a.jsonl", *rows))
    assert len(reading._ids) == 2
    assert any("ids met before" in note and "times" not in note for note in reading.notes)


# Rows in = rows out + rows reported


def test_each_bad_row_is_reported_with_file_line_and_reason_and_the_reading_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x"}\n{"text": \n{"other": 1}\n{"text": null}\n{"text": 5}\n17\n{"text": "y"}\n')
    seen: list[BadRow] = []
    documents, reading = read_all(path, on_bad=seen.append)
    assert [item.text for item in documents] == ["x", "y"]
    assert [row.line for row in seen] == [2, 3, 4, 5, 6]
    assert seen == reading.bad
    assert reading.n_bad == 5
    messages = [row.message for row in seen]
    assert "not JSON" in messages[0]
    assert "'other'" in messages[1]
    assert "null" in messages[2]
    assert "number" in messages[3] and "number" in messages[4]
    assert str(seen[0]).startswith(f"{path}:2: ")


def test_the_list_of_reports_is_capped_and_the_count_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x"}\n' + "{\n" * 1500)
    _, reading = read_all(path)
    assert reading.n_bad == 1500
    assert len(reading.bad) == reader_module.MAX_REPORTS


def test_an_empty_text_is_a_document(tmp_path: Path) -> None:
    documents, reading = read_all(write(tmp_path / "a.jsonl", {"text": ""}))
    assert documents[0].text == ""
    assert reading.n_bad == 0


def test_a_first_row_without_a_known_field_names_the_fields_and_the_option(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"body": "x", "title": "t"})
    with pytest.raises(errors.InputError, match=r"'body', 'title'.*--text-field"):
        list(read_documents(path))


def test_a_first_line_that_is_no_json_does_not_stop_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('garbage\n{"text": "x"}\n')
    documents, reading = read_all(path)
    assert [item.text for item in documents] == ["x"]
    assert reading.bad[0].line == 1


def test_the_shape_is_known_after_the_first_row(tmp_path: Path) -> None:
    reading = read_documents(write(tmp_path / "a.jsonl", {"output": "x"}, {"output": "y"}))
    assert reading.shape is None
    next(reading)
    assert reading.shape == "field 'output'"


def test_a_row_of_another_known_shape_is_read_and_noted(tmp_path: Path) -> None:
    other = {"messages": [{"role": "assistant", "content": "y"}]}
    documents, reading = read_all(write(tmp_path / "a.jsonl", {"text": "x"}, other, {"text": "z"}))
    assert [item.text for item in documents] == ["x", "y", "z"]
    assert any("another shape" in note and "chat messages" in note for note in reading.notes)


def test_a_reading_can_be_left_early(tmp_path: Path) -> None:
    with read_documents(write(tmp_path / "a.jsonl", {"text": "x"}, {"text": "y"})) as reading:
        assert next(reading).text == "x"
    assert list(reading) == []


# Facts


def test_the_project_own_columns_become_fields_and_the_rest_meta(tmp_path: Path) -> None:
    row = {"id": "a", "text": "x", "source": "gpt-4", "label": "llm", "family": "openai", "domain": "news"}
    row |= {"prompt": "p", "attack": None, "lang": "en", "group": "g", "usable": False}
    documents, _ = read_all(write(tmp_path / "a.jsonl", row, row))
    wanted = Document("a", "x", "gpt-4", "openai", "news", "p", "llm", "g", {"attack": None, "lang": "en", "usable": False})
    assert documents == [wanted, wanted]  # the first row is studied, the second takes the short way


def test_the_model_is_the_source_where_both_are_named(tmp_path: Path) -> None:
    documents, _ = read_all(write(tmp_path / "a.jsonl", *[{"text": "x", "model": "gpt-4", "source": "reddit"}] * 2))
    assert [item.source for item in documents] == ["gpt-4", "gpt-4"]
    assert documents[1].meta == {"source": "reddit"}


def test_the_source_human_labels_a_row(tmp_path: Path) -> None:
    documents, _ = read_all(write(tmp_path / "a.jsonl", *[{"text": "x", "source": "human"}] * 2))
    assert [item.label for item in documents] == ["human", "human"]


def test_a_label_of_another_kind_stays_in_meta_and_is_noted(tmp_path: Path) -> None:
    documents, reading = read_all(write(tmp_path / "a.jsonl", {"text": "x", "label": 1}))
    assert documents[0].label is None
    assert documents[0].meta == {"label": 1}
    assert any("labels" in note for note in reading.notes)


def test_several_text_fields_are_noted(tmp_path: Path) -> None:
    documents, reading = read_all(write(tmp_path / "a.jsonl", {"output": "a", "text": "b"}))
    assert documents[0].text == "b"
    assert any("'output'" in note and "--text-field" in note for note in reading.notes)


# Named fields


def test_named_fields_win(tmp_path: Path) -> None:
    row = {"id": 1, "key": "k", "text": "no", "answer": "yes", "ask": "p", "who": "m", "kind": "AI", "set": 3}
    names = Fields(text="answer", id="key", prompt="ask", source="who", label="kind", group="set")
    documents, reading = read_all(write(tmp_path / "a.jsonl", row, row), fields=names)
    wanted = Document("k", "yes", "m", None, None, "p", "llm", "3", {"id": 1, "text": "no"})
    assert documents == [wanted, wanted]
    assert reading.shape == "field 'answer', as asked"


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("response.body.text", {"response": {"body": {"text": "x"}}}),
        ("choices.1.text", {"choices": [{"text": "no"}, {"text": "x"}]}),
        ("a.b", {"a.b": "x", "a": {"b": "no"}}),
        ("parts", {"parts": [{"type": "text", "text": "x"}]}),
        ("chat", {"chat": [{"role": "user", "content": "no"}, {"role": "assistant", "content": "x"}]}),
        ("samples", {"samples": ["x"]}),
    ],
)
def test_a_named_text_field_may_be_a_path_or_hold_parts(tmp_path: Path, path: str, row: dict[str, object]) -> None:
    documents, _ = read_all(write(tmp_path / "a.jsonl", row), fields=Fields(text=path))
    assert [item.text for item in documents] == ["x"]


def test_a_named_field_keeps_the_recognised_shape_for_the_rest(tmp_path: Path) -> None:
    row = {"messages": [{"role": "assistant", "content": "x"}], "key": "k"}
    documents, reading = read_all(write(tmp_path / "a.jsonl", row), fields=Fields(id="key"))
    assert (documents[0].id, documents[0].text) == ("k", "x")
    assert reading.shape == "chat messages (assistant turns)"


@pytest.mark.parametrize("names", [Fields(text="nope"), Fields(id="nope"), Fields(prompt="nope"), Fields(label="a.b")])
def test_a_named_field_that_the_first_row_lacks_is_an_error_with_the_fields_there(tmp_path: Path, names: Fields) -> None:
    path = write(tmp_path / "a.jsonl", {"id": 1, "text": "x"})
    with pytest.raises(errors.InputError, match=r"no field '(nope|a\.b)'.*'id', 'text'"):
        list(read_documents(path, fields=names))


def test_a_later_row_without_the_named_text_is_reported_and_without_another_named_field_is_read(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.jsonl", {"t": "x", "p": "q"}, {"t": "y"}, {"p": "q"})
    documents, reading = read_all(path, fields=Fields(text="t", prompt="p"))
    assert [(item.text, item.prompt) for item in documents] == [("x", "q"), ("y", None)]
    assert [row.line for row in reading.bad] == [3]


# Sources


def test_no_such_file_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(errors.InputError, match="no such file"):
        read_documents(tmp_path / "nope.jsonl")


def test_standard_input_is_read_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin_of(monkeypatch, '\ufeff{"text": "é"}\r\n{"text": "y"}'.encode())
    documents, _ = read_all("-")
    assert [(item.id, item.text) for item in documents] == [("stdin:1", "é"), ("stdin:2", "y")]


def test_rows_of_a_slow_pipe_are_given_as_they_come() -> None:
    ends = os.pipe()
    with open(ends[0], "rb") as out, open(ends[1], "wb", buffering=0) as into:
        into.write(b'{"text": "first"}\n')
        old, sys.stdin = sys.stdin, io.TextIOWrapper(out)
        try:
            reading = read_documents("-")
            assert next(reading).text == "first"  # would wait for ever if it looked further
            into.write(b'{"text": "second"}\n')
            assert next(reading).text == "second"
        finally:
            sys.stdin = old


def test_a_folder_is_read_in_order_and_other_kinds_are_noted(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", {"text": "2"})
    (tmp_path / "a.txt").write_text("1")
    (tmp_path / "c.csv").write_text("id,text\n7,3\n")
    (tmp_path / "README.md").write_text("not a text")
    (tmp_path / "x.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.jsonl").write_text("broken")
    documents, reading = read_all(tmp_path)
    assert [item.text for item in documents] == ["1", "2", "3"]
    assert any("2 files of other kinds" in note and ".md, .png" in note for note in reading.notes)
    assert "plain text, one document a file" in (reading.shape or "")
    assert "field 'text'" in (reading.shape or "")


@pytest.mark.parametrize("names", [[], ["x.png", "y.md"]])
def test_a_folder_without_readable_files_is_an_error(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("x")
    with pytest.raises(errors.InputError, match=r"holds no file that can be read; wanted .*\.jsonl"):
        read_documents(tmp_path)


def test_one_bad_file_of_a_folder_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"other": 1}, {"other": 2})
    (tmp_path / "b.jsonl").write_bytes(b"")
    write(tmp_path / "c.jsonl", {"text": "x"})
    documents, reading = read_all(tmp_path)
    assert [item.text for item in documents] == ["x"]
    assert [(Path(row.file).name, row.line) for row in reading.bad] == [("a.jsonl", None), ("b.jsonl", None)]
    assert str(reading.bad[1]).endswith("b.jsonl: the file was left: is empty; wanted rows or text")


def test_a_folder_of_which_no_file_gives_a_text_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"other": 1})
    write(tmp_path / "b.jsonl", {"other": 1})
    with pytest.raises(errors.InputError, match="no file gave a text.*'other'"):
        list(read_documents(tmp_path))


def test_links_out_of_a_folder_and_loops_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    write(inside / "a.jsonl", {"text": "x"})
    write(outside / "secret.jsonl", {"text": "secret"})
    (inside / "link.jsonl").symlink_to(outside / "secret.jsonl")
    (inside / "away").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "same.jsonl").symlink_to(inside / "a.jsonl")
    documents, reading = read_all(inside)
    assert [item.text for item in documents] == ["x"]
    assert any("links that lead out" in note for note in reading.notes)


def test_a_pipe_in_a_folder_does_not_hang_the_reading(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    write(tmp_path / "a.jsonl", {"text": "x"})
    assert len(read_all(tmp_path)[0]) == 1


def test_a_file_name_that_is_no_unicode_is_named_safely(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.jsonl"
    try:
        with open(path, "wb") as file:
            file.write(b'{"text": "x"}\n')
    except OSError:
        pytest.skip("this file system refuses such names")
    documents, _ = read_all(Path(os.fsdecode(path)))
    assert documents[0].id == "\ufffd.jsonl:1"


# The hub


class FakeSplit(list):  # type: ignore[type-arg]
    features: dict[str, object] = {}


def fake_datasets(monkeypatch: pytest.MonkeyPatch, load: object) -> None:
    module = types.ModuleType("datasets")
    module.load_dataset = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)


def test_a_hub_name_is_split_into_name_config_and_split(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def load(name: str, config: str | None, *, split: str | None, streaming: bool) -> FakeSplit:
        asked.append((name, config, split, streaming))
        return FakeSplit([{"text": "x"}])

    fake_datasets(monkeypatch, load)
    documents, _ = read_all("hf://org/name:conf@test[:10]")
    assert asked == [("org/name", "conf", "test[:10]", True)]
    assert documents[0].id == "hf://org/name:conf@test[:10]:1"


def test_without_a_split_all_are_read_and_class_labels_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    train, test = FakeSplit([{"text": "x", "label": 0}]), FakeSplit([{"text": "y", "label": 1}])
    train.features = test.features = {"label": types.SimpleNamespace(names=["human", "machine"])}
    fake_datasets(monkeypatch, lambda *_, **__: {"train": train, "test": test})
    documents, _ = read_all("hf://name")
    assert [(item.text, item.label) for item in documents] == [("x", "human"), ("y", "llm")]


def test_a_hub_that_cannot_be_reached_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object, **__: object) -> None:
        raise ConnectionError("Couldn't reach the hub\nlong trace")

    fake_datasets(monkeypatch, load)
    with pytest.raises(errors.InputError, match=r"hf://name: cannot be read.*Couldn't reach the hub$"):
        list(read_documents("hf://name"))


def test_a_hub_stream_that_breaks_off_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(FakeSplit):
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield {"text": "x"}
            raise ConnectionError("reset")

    fake_datasets(monkeypatch, lambda *_, **__: Broken())
    documents, reading = read_all("hf://name")
    assert [item.text for item in documents] == ["x"]
    assert "broke off" in reading.bad[0].message and reading.bad[0].line == 2


def test_a_hub_name_that_is_none_is_refused() -> None:
    with pytest.raises(errors.InputError, match="wanted hf://name"):
        list(read_documents("hf://a/b/c"))


def test_without_datasets_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(errors.DependencyError, match="pip install datasets"):
        list(read_documents("hf://name"))
