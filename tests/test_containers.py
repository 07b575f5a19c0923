"""Each container of rows, in each compression and encoding, whole, damaged and hostile."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from provenance.documents import Document
from provenance.errors import DependencyError, InputError
from provenance.reading import read_documents
from provenance.reading.reader import Reading

ROWS = [{"id": "a", "text": "one, two"}, {"id": "b", "text": 'say "hi"\nthere'}, {"id": "c", "text": "é } ] , { [ 漢"}]
PAIRS = [(row["id"], row["text"]) for row in ROWS]


def read_file(path: Path, **options: Any) -> tuple[list[Document], Reading]:
    reading = read_documents(path, **options)
    documents = list(reading)
    assert reading.n_rows == reading.n_good + reading.n_bad
    return documents, reading


def read_bytes(tmp_path: Path, name: str, data: bytes, **options: Any) -> tuple[list[Document], Reading]:
    path = tmp_path / name
    path.write_bytes(data)
    return read_file(path, **options)


def pairs(documents: list[Document]) -> list[tuple[str, str]]:
    return [(item.id, item.text) for item in documents]


def lines(rows: list[Any] = ROWS) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def table(delimiter: str = ",") -> bytes:
    import csv

    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "text"])
    writer.writerows(PAIRS)
    return out.getvalue().encode()


def parquet(rows: list[Any] = ROWS) -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), out)
    return out.getvalue()


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "a.jsonl": lines,
    "a.ndjson": lines,
    "lines.json": lines,
    "array.json": lambda: json.dumps(ROWS).encode(),
    "pretty.json": lambda: json.dumps(ROWS, indent=2, ensure_ascii=False).encode(),
    "array.jsonl": lambda: json.dumps(ROWS, indent=1).encode(),
    "data.json": lambda: json.dumps({"version": {"n": [1]}, "data": ROWS, "more": [1]}).encode(),
    "rows.json": lambda: json.dumps({"rows": ROWS}, indent=4).encode(),
    "instances.json": lambda: json.dumps({"instances": ROWS}).encode() + b"\n",
    "objects.json": lambda: "\n".join(json.dumps(row, indent=2) for row in ROWS).encode(),
    "a.csv": table,
    "semicolons.csv": lambda: table(";"),
    "a.tsv": lambda: table("\t"),
    "a.parquet": parquet,
    "unnamed": lines,
    "unnamed-array": lambda: json.dumps(ROWS).encode(),
    "unnamed-table": table,
    "unnamed-parquet": parquet,
}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": lambda data: zstandard.compress(data),
}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_documents_in_every_compression(tmp_path: Path, name: str, compression: str) -> None:
    data = COMPRESSIONS[compression](CONTAINERS[name]())
    documents, reading = read_bytes(tmp_path, name + compression, data)
    assert pairs(documents) == PAIRS
    assert reading.bad == []


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("name", ["a.jsonl", "array.json", "a.csv", "a.parquet"])
def test_standard_input_is_recognised_by_its_first_bytes(monkeypatch: pytest.MonkeyPatch, name: str, compression: str) -> None:
    data = COMPRESSIONS[compression](CONTAINERS[name]())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert pairs(list(read_documents("-"))) == PAIRS


@pytest.mark.parametrize("name", ["notes.txt", "notes.txt.gz", "notes.md", "notes", "notes.log"])
def test_plain_text_is_one_document_named_by_its_file(tmp_path: Path, name: str) -> None:
    text = "Dear all,\n\nthis is no table.\r\nBye"
    data = text.encode()
    documents, reading = read_bytes(tmp_path, name, gzip.compress(data) if name.endswith("gz") else data)
    assert pairs(documents) == [(name, text)]
    assert reading.shape == "plain text, one document a file"


@pytest.mark.parametrize("text", ['"Yes," she said.\nAnd left.', "[1] A note\n[2] Another", "{curly} prose", "a, b\nc"])
def test_prose_that_begins_like_json_or_a_table_is_text(tmp_path: Path, text: str) -> None:
    documents, _ = read_bytes(tmp_path, "prose", text.encode())
    assert [item.text for item in documents] == [text]


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["a.jsonl", "pretty.json", "a.csv"])
def test_byte_order_marks_tell_the_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    documents, reading = read_bytes(tmp_path, name, CONTAINERS[name]().decode().encode(encoding))
    assert pairs(documents) == PAIRS
    assert reading.notes == []


def test_crlf_ends_lines_of_json_and_tables(tmp_path: Path) -> None:
    assert pairs(read_bytes(tmp_path, "a.jsonl", lines().replace(b"\n", b"\r\n"))[0]) == PAIRS
    assert pairs(read_bytes(tmp_path, "a.csv", b"id,text\r\na,x\r\nb,y")[0]) == [("a", "x"), ("b", "y")]
    assert pairs(read_bytes(tmp_path, "b.csv", b"id,text\ra,x\rb,y\r")[0]) == [("a", "x"), ("b", "y")]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", b'{"id": "a", "text": "caf\xe9"}\n'),
        ("a.json", b'[{"id": "a", "text": "caf\xe9"}]'),
        ("a.csv", b"id,text\na,caf\xe9\n"),
        ("a", b"caf\xe9"),
    ],
)
def test_bytes_that_are_no_utf8_are_replaced_and_noted_once(tmp_path: Path, name: str, data: bytes) -> None:
    documents, reading = read_bytes(tmp_path, name, data)
    assert [item.text for item in documents] == ["caf\ufffd"]
    assert len(reading.notes) == 1 and "U+FFFD" in reading.notes[0]


def test_a_character_cut_by_a_chunk_is_whole(tmp_path: Path) -> None:
    text = "é漢🙂" * 100_000
    assert read_bytes(tmp_path, "a.txt", text.encode())[0][0].text == text
    assert read_bytes(tmp_path, "a.csv", b"id,text\na," + text.encode())[0][0].text == text


@pytest.mark.parametrize(
    ("escape", "text"),
    [
        (r"\ud83d", "\ufffd"),
        (r"\ude00 x", "\ufffd x"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\\ud83d", r"\ud83d"),
    ],
)
def test_lone_surrogates_are_replaced_and_pairs_kept(tmp_path: Path, escape: str, text: str) -> None:
    data = f'{{"id": "{escape}", "text": "{escape}", "extra": ["{escape}", {{"{escape}": 1}}]}}\n'.encode()
    for name in ("a.jsonl", "a.json"):
        documents, _ = read_bytes(tmp_path, name, data if name.endswith("l") else b"[" + data + b"]")
        assert (documents[0].id, documents[0].text) == (text, text)
        assert documents[0].meta == {"extra": [text, {text: 1}]}
        json.dumps(documents[0].to_dict(), ensure_ascii=False).encode("utf-8")


def test_nul_in_any_container_becomes_a_space(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, "a.jsonl", b'{"text": "x\\u0000y"}\n')[0][0].text == "x y"
    assert read_bytes(tmp_path, "b.jsonl", b'{"text": "x\0y"}\n')[0][0].text == "x y"
    assert read_bytes(tmp_path, "a.csv", b"id,text\n1,x\0y\n")[0][0].text == "x y"
    assert read_bytes(tmp_path, "a.txt", b"x\0y")[0][0].text == "x y"


# JSON lines


def test_nan_and_control_characters_that_writers_leave_in_json_are_taken(tmp_path: Path) -> None:
    documents, reading = read_bytes(tmp_path, "a.jsonl", b'{"text": "a\tb", "score": NaN, "high": Infinity}\n')
    assert documents[0].text == "a\tb"
    assert reading.bad == []


def test_a_line_of_fifty_megabytes_is_read(tmp_path: Path) -> None:
    text = "word " * 10_000_000
    documents, _ = read_bytes(tmp_path, "a.jsonl", lines([{"text": text}, {"text": "y"}]))
    assert [len(item.text) for item in documents] == [50_000_000, 1]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.txt"])
def test_a_row_over_the_limit_is_reported(tmp_path: Path, name: str) -> None:
    rows = [{"text": "x"}, {"text": "y" * 300_000}, {"text": "z"}]
    data = {
        "a.jsonl": lines(rows),
        "a.json": json.dumps(rows).encode(),
        "a.csv": b"n,text\n1,x\n2," + b"y" * 300_000 + b"\n3,z\n",
        "a.txt": b"y" * 300_000,
    }[name]
    if name == "a.csv":
        import csv

        csv.field_size_limit(1000)
    documents, reading = read_bytes(tmp_path, name, data, max_row_bytes=1000)
    wanted = {"a.jsonl": ["x", "z"], "a.json": ["x", "z"], "a.csv": ["x", "z"], "a.txt": []}[name]
    assert [item.text for item in documents] == wanted
    assert len(reading.bad) == 1


@pytest.mark.parametrize("depth", [1100, 200_000])
def test_json_nested_too_deep_is_reported_with_its_line(tmp_path: Path, depth: int) -> None:
    deep = b'{"text": ' + b"[" * depth + b"]" * depth + b"}"
    documents, reading = read_bytes(tmp_path, "a.jsonl", b'{"text": "x"}\n' + deep + b'\n{"text": "y"}\n')
    assert [item.text for item in documents] == ["x", "y"]
    assert (reading.bad[0].line, "deep" in reading.bad[0].message) == (2, True)
    documents, reading = read_bytes(tmp_path, "a.json", b'[{"text": "x"},\n' + deep + b',{"text": "y"}]')
    assert [item.text for item in documents] == ["x", "y"]
    assert "line 2 of the file" in reading.bad[0].message


def test_a_number_of_ten_thousand_digits_is_no_crash(tmp_path: Path) -> None:
    documents, reading = read_bytes(tmp_path, "a.jsonl", b'{"text": "x", "n": ' + b"9" * 10_000 + b"}\n" + lines())
    assert len(documents) + len(reading.bad) == 4


# JSON arrays and objects


def test_elements_that_are_no_json_are_reported_and_the_array_goes_on(tmp_path: Path) -> None:
    data = b'[\n{"text": "x"},\n{"text": bad},\n{"text": "y"},\nnope,\n12, "z", ["w"] ]'
    documents, reading = read_bytes(tmp_path, "a.json", data)
    assert [item.text for item in documents] == ["x", "y", "z"]
    assert [(row.line, row.unit) for row in reading.bad] == [
        (2, "element"),
        (4, "element"),
        (5, "element"),
        (7, "element"),
    ]
    assert "line 3 of the file" in reading.bad[0].message
    assert ", element 2: " in str(reading.bad[0])


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b'[{"text": "x"}, {"text": "y', ["x"]),
        (b'[{"text": "x"}, {"text": "y"}', ["x", "y"]),
        (b'[{"text": "x"},', ["x"]),
        (b'["x", "y', ["x"]),
        (b'{"data": [{"text": "x"}, {"te', ["x"]),
        (b'{"data": [{"text": "x"}], "n": 1', ["x"]),
    ],
)
def test_an_array_that_ends_early_gives_what_came_before_and_a_report(tmp_path: Path, data: bytes, texts: list[str]) -> None:
    documents, reading = read_bytes(tmp_path, "a.json", data)
    assert [item.text for item in documents] == texts
    assert [("ends early" in row.message) for row in reading.bad] == [True]


@pytest.mark.parametrize("data", [b'[{"text": "x"}] trailing', b'[{"text": "x"}]}', b'{"data": [{"text": "x"}]} {"data": []}'])
def test_what_follows_the_end_of_an_array_is_reported(tmp_path: Path, data: bytes) -> None:
    documents, reading = read_bytes(tmp_path, "a.json", data)
    assert [item.text for item in documents] == ["x"]
    assert ["more behind the end" in row.message for row in reading.bad] == [True]


def test_stray_brackets_between_elements_are_reported_and_passed(tmp_path: Path) -> None:
    documents, reading = read_bytes(tmp_path, "a.json", b'[{"text": "x"}}}, {"text": "y"}]')
    assert [item.text for item in documents] == ["x", "y"]
    assert len(reading.bad) == 1


def test_elements_with_brackets_quotes_and_escapes_in_their_texts_are_cut_right(tmp_path: Path) -> None:
    texts = ['}, {"text": "no"}', "\\", '\\"', '"}]', "[[[{{{", "a\\\\", "},]"]
    rows = [{"text": text, "deep": {"a": [{"b": text}]}} for text in texts]
    for indent in (None, 1):
        documents, reading = read_bytes(tmp_path, "a.json", json.dumps(rows, indent=indent).encode())
        assert [item.text for item in documents] == texts
        assert reading.bad == []


def test_elements_are_cut_right_wherever_a_chunk_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from provenance.reading import streams

    data = json.dumps(ROWS, ensure_ascii=False, indent=1).encode()
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr(streams, "_CHUNK", size)
        assert pairs(read_bytes(tmp_path, "a.json", data)[0]) == PAIRS
        assert pairs(read_bytes(tmp_path, "a.jsonl", lines())[0]) == PAIRS
        assert pairs(read_bytes(tmp_path, "a.csv", table())[0]) == PAIRS
        assert pairs(read_bytes(tmp_path, "a.jsonl.gz", gzip.compress(lines()))[0]) == PAIRS
        assert pairs(read_bytes(tmp_path, "a.jsonl.zst", zstandard.compress(lines()))[0]) == PAIRS


def test_an_object_with_a_text_is_a_row_even_if_it_holds_a_list(tmp_path: Path) -> None:
    documents, _ = read_bytes(tmp_path, "a.json", b'{"text": "x", "data": [{"text": "no"}]}')
    assert [item.text for item in documents] == ["x"]
    messages = {"messages": [{"role": "assistant", "content": "y"}], "items": [{"a": 1}]}
    documents, _ = read_bytes(tmp_path, "b.json", json.dumps(messages, indent=2).encode())
    assert [item.text for item in documents] == ["y"]


def test_lines_whose_rows_hold_lists_are_still_lines(tmp_path: Path) -> None:
    rows = [{"data": [{"n": 1}], "output": "x"}, {"data": [{"n": 1}], "output": "y"}]
    documents, _ = read_bytes(tmp_path, "a.jsonl", lines(rows))
    assert [item.text for item in documents] == ["x", "y"]


def test_an_object_with_a_list_of_rows_notes_that_its_other_fields_are_not_read(tmp_path: Path) -> None:
    _, reading = read_bytes(tmp_path, "a.json", CONTAINERS["data.json"]())
    assert any("list inside one object" in note for note in reading.notes)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv"])
def test_memory_stays_flat(tmp_path: Path, name: str) -> None:
    row = json.dumps({"id": "%06d", "text": "some words of a text, { and } " * 20})
    row = '"%06d","' + "some words of a text, and " * 24 + "\nend" + '"' if name == "a.csv" else row
    ends = {"a.json": ("[", "]", ","), "a.jsonl": ("", "", "\n"), "a.csv": ("id,text\n", "\n", "\n")}[name]
    with open(tmp_path / name, "w") as file:
        file.write(ends[0] + row % 0)
        for number in range(1, 90_000):
            file.write(ends[2] + row % number)
        file.write(ends[1])
    assert (tmp_path / name).stat().st_size > 55_000_000
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_documents(tmp_path / name))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 90_000
    assert peak < 20_000_000


# Tables


def test_rows_of_a_table_are_numbered_by_the_line_they_begin_on(tmp_path: Path) -> None:
    documents, _ = read_bytes(tmp_path, "a.csv", b'text,n\n"x\ny",1\n\nz,2\n')
    assert pairs(documents) == [("a.csv:2", "x\ny"), ("a.csv:5", "z")]


@pytest.mark.parametrize(
    ("data", "texts", "line", "message"),
    [
        (b"id,text\n1,x\n2\n3,z\n", ["x", "z"], 3, "has 1 columns; the header has 2"),
        (b"id,text\n1,x\n2,y,y\n3,z\n", ["x", "z"], 3, "has 3 columns"),
        (b'id,text\n1,x\n2,"y" y\n3,z\n', ["x", "z"], 3, "not doubled"),
        (b'id,text\n1,x\n2,"y\n3,z\n', ["x"], 3, "never closed"),
    ],
)
def test_a_broken_row_of_a_table_is_reported(tmp_path: Path, data: bytes, texts: list[str], line: int, message: str) -> None:
    documents, reading = read_bytes(tmp_path, "a.csv", data)
    assert [item.text for item in documents] == texts
    assert reading.bad[0].line == line
    assert message in reading.bad[0].message


def test_an_empty_cell_is_an_empty_text_and_no_id(tmp_path: Path) -> None:
    documents, _ = read_bytes(tmp_path, "a.csv", b"id,text,label\n,,\n")
    assert (documents[0].id, documents[0].text, documents[0].label) == ("a.csv:2", "", None)


def test_a_header_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'text' more than once"):
        read_bytes(tmp_path, "a.csv", b"text,text\nx,y\n")


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no rows"):
        read_bytes(tmp_path, "a.csv", b"id,text\n")


def test_parquet_holds_nested_chats_and_bytes(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]}
    documents, _ = read_bytes(tmp_path, "a.parquet", parquet([chat]))
    assert (documents[0].text, documents[0].prompt) == ("x", "q")
    documents, reading = read_bytes(tmp_path, "b.parquet", parquet([{"text": b"caf\xe9"}]))
    assert documents[0].text == "caf\ufffd"
    assert "U+FFFD" in reading.notes[0]


def test_parquet_text_that_is_no_utf8_is_replaced(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    raw = pyarrow.array([b"caf\xe9", b"tea"], pyarrow.binary())
    text = pyarrow.Array.from_buffers(pyarrow.string(), 2, raw.buffers())
    pyarrow.parquet.write_table(pyarrow.table({"text": text}), tmp_path / "a.parquet")
    documents, _ = read_file(tmp_path / "a.parquet")
    assert [item.text for item in documents] == ["caf\ufffd", "tea"]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    data = parquet()
    with pytest.raises(InputError, match="no whole Parquet file"):
        read_bytes(tmp_path, "a.parquet", data[: len(data) // 2])
    with pytest.raises(InputError, match="does not begin as Parquet"):
        read_bytes(tmp_path, "b.parquet", b"text")


# Saved data sets


def test_a_saved_data_set_is_read_with_its_class_names(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["human", "ai"])})
    data = datasets.Dataset.from_dict({"text": ["x", "y"], "label": [0, 1]}, features=features)
    data.save_to_disk(tmp_path / "one")
    documents, _ = read_file(tmp_path / "one")
    assert [(item.id, item.text, item.label) for item in documents] == [("one:1", "x", "human"), ("one:2", "y", "llm")]
    datasets.DatasetDict({"train": data, "test": data.select([1])}).save_to_disk(tmp_path / "two")
    documents, _ = read_file(tmp_path / "two")
    assert [(item.id, item.text) for item in documents] == [
        ("two/train:1", "x"),
        ("two/train:2", "y"),
        ("two/test:1", "y"),
    ]


@pytest.mark.parametrize(
    "state",
    [
        {"_data_files": [{"filename": "../../etc/passwd"}]},
        {"_data_files": [{"filename": "missing.arrow"}]},
        {"_data_files": []},
        {"_data_files": [{"filename": "a.arrow"}], "_indices_data_files": [{"filename": "i.arrow"}]},
        [],
    ],
)
def test_a_saved_data_set_that_is_incomplete_or_hostile_is_refused(tmp_path: Path, state: Any) -> None:
    (tmp_path / "state.json").write_text(json.dumps(state))
    (tmp_path / "dataset_info.json").write_text("{}")
    with pytest.raises(InputError, match=r"again|whole"):
        read_file(tmp_path)


def test_splits_that_lead_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["../other"]}')
    with pytest.raises(InputError, match="names no splits"):
        read_file(tmp_path)


# Damage, emptiness, binary files


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_a_cut_archive_gives_the_rows_before_the_break_and_one_report(tmp_path: Path, name: str, suffix: str) -> None:
    import random

    random.seed(1)
    rows = [{"id": str(n), "text": "".join(random.choices("abcdefgh ", k=500))} for n in range(4000)]
    plain = {
        "a.jsonl": lines(rows),
        "a.json": json.dumps(rows).encode(),
        "a.csv": b"id,text\n" + "".join(f"{row['id']},{row['text']}\n" for row in rows).encode(),
    }[name]
    whole = COMPRESSIONS[suffix](plain)
    documents, reading = read_bytes(tmp_path, name + suffix, whole[: len(whole) * 3 // 4])
    assert 1000 < len(documents) < 4000
    assert [item.id for item in documents] == [str(n) for n in range(len(documents))]
    assert len(reading.bad) == 1
    assert "ends early" in reading.bad[0].message
    assert reading.bad[0].line is not None


def test_damage_inside_an_archive_is_reported(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(lines(ROWS * 10)))
    whole[-6] ^= 0xFF  # the check sum
    _, reading = read_bytes(tmp_path, "a.jsonl.gz", bytes(whole))
    assert "damaged" in reading.bad[-1].message


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl.gz", b"\x1f\x8b broken from the start"),
        ("a.jsonl.gz", gzip.compress(lines())[:8]),
        ("a.jsonl.gz", lines()),
        ("a.jsonl.zst", zstandard.compress(lines())[:6]),
        ("a.jsonl.zst", b"(\xb5/\xfd" + b"\xff" * 50),
        ("a.jsonl.zst", lines()),
    ],
)
def test_an_archive_broken_from_its_first_byte_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(InputError, match=r"nothing can be read|does not begin as"):
        read_bytes(tmp_path, name, data)


def test_archives_of_several_members_are_read_whole(tmp_path: Path) -> None:
    for suffix, pack in COMPRESSIONS.items():
        data = b"".join(pack(lines([row])) for row in ROWS)
        assert pairs(read_bytes(tmp_path, "a.jsonl" + suffix, data)[0]) == PAIRS
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00meta"
    assert pairs(read_bytes(tmp_path, "b.jsonl.zst", skippable + zstandard.compress(lines()))[0]) == PAIRS


def test_an_archive_with_padding_behind_it_is_read(tmp_path: Path) -> None:
    documents, reading = read_bytes(tmp_path, "a.jsonl.gz", gzip.compress(lines()) + b"\0" * 512)
    assert pairs(documents) == PAIRS
    assert reading.bad == []


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_bomb_is_stopped_by_the_limit_and_takes_little_memory(tmp_path: Path, suffix: str) -> None:
    data = COMPRESSIONS[suffix](b'{"text": "' + b"a" * 200_000_000 + b'"}\n{"text": "x"}\n')
    tracemalloc.start()
    try:
        documents, reading = read_bytes(tmp_path, "a.jsonl" + suffix, data, max_row_bytes=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [item.text for item in documents] == ["x"]
    assert "longer than 1,000,000 bytes" in reading.bad[0].message
    assert peak < 100_000_000


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.txt", "a.parquet", "a", "a.jsonl.gz"])
@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    if name.endswith(".gz"):
        data = gzip.compress(data)
    with pytest.raises(InputError, match=r"empty|holds no rows|does not begin as Parquet"):
        read_bytes(tmp_path, name, data)


@pytest.mark.parametrize("data", [b"[]", b"[ \n ]", b'{"data": [] }'])
def test_json_without_rows_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match=r"holds no rows|known to hold a text"):
        read_bytes(tmp_path, "a.json", data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7\nstuff", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG"),
        (b"PK\x03\x04" + b"\0" * 50, "ZIP"),
        (b"\x7fELF" + b"\0" * 50, "program"),
        (b"BZh91AY", "bzip2"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x80\x04\x95" + b"\x00\x01\x02" * 50, "binary"),
        ("plain words".encode("utf-16-le"), "byte order mark"),
    ],
)
@pytest.mark.parametrize("name", ["a", "a.jsonl", "a.csv", "a.txt"])
def test_a_binary_file_is_refused_by_kind(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_bytes(tmp_path, name, data)
    assert "wanted" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_zstandard_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.version_info >= (3, 14):
        pytest.skip("Python brings Zstandard")
    data = zstandard.compress(lines())
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(DependencyError, match="pip install zstandard"):
        read_bytes(tmp_path, "a.jsonl.zst", data)
