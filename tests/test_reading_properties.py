"""What is written is read back, whatever the texts hold; and no bytes at all make a reader crash."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.documents import Document
from provenance.errors import ProvenanceError
from provenance.reading import Fields, read_documents
from provenance.writing import dumps, printable, write_jsonl

SETTINGS = settings(max_examples=60, deadline=None)
EXAMPLE_COUNT_OF_BYTES = settings(max_examples=150, deadline=None)

# Any character but NUL, which readers turn into a space, and lone surrogates, which no UTF-8 file can hold.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
IDS = TEXTS.filter(lambda text: text != "")
ROWS = st.lists(st.tuples(IDS, TEXTS), min_size=1, max_size=8)

# In CSV control characters stand as they are, and a short file full of them is taken for a binary one.
CONTROLS = "".join(map(chr, set(range(1, 32)) - set(b"\t\n\r"))) + "\x7f"
CELLS = TEXTS.map(lambda text: text.translate(dict.fromkeys(map(ord, CONTROLS), "-")))
CSV_ROWS = st.lists(st.tuples(CELLS.filter(lambda text: text != ""), CELLS), min_size=1, max_size=8)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "output", "messages", "role", "content", "choices", "turns", "response", "x"]) | TEXTS,
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def read_back(name: str, data: bytes, **options: Any) -> list[Document]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        reading = read_documents(path, **options)
        documents = list(reading)
        assert reading.n_rows == reading.n_good + reading.n_bad
        assert reading.n_bad == 0
        return documents


def pairs(documents: list[Document]) -> list[tuple[str, str]]:
    return [(item.id, item.text) for item in documents]


@SETTINGS
@given(ROWS)
@example([("a", "line\nend\r\n\u2028\u2029\x85\x0b\x0c"), ("b", '",}]{[\\"'), ("c", "\ufeff")])
def test_documents_come_back_from_json_lines_plain_and_compressed(rows: list[tuple[str, str]]) -> None:
    documents = [Document(name, text) for name, text in rows]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst"):
            write_jsonl(documents, Path(folder) / name)
            assert list(read_documents(Path(folder) / name)) == documents


@SETTINGS
@given(ROWS, st.sampled_from([None, 0, 2]), st.booleans())
def test_documents_come_back_from_a_json_array(rows: list[tuple[str, str]], indent: int | None, ascii_only: bool) -> None:
    records = [{"id": name, "text": text} for name, text in rows]
    data = json.dumps(records, indent=indent, ensure_ascii=ascii_only).encode()
    assert pairs(read_back("a.json", data)) == rows
    assert pairs(read_back("a.json.gz", gzip.compress(data))) == rows


@SETTINGS
@given(CSV_ROWS)
@example([("a", "x\ry"), ("b", "\r"), ("c", "\n"), ("d", "\r\n"), ("e", '"'), ("f", "\u2028,\x1c")])
def test_documents_come_back_from_csv(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "text"])
    writer.writerows(rows)
    assert pairs(read_back("a.csv", out.getvalue().encode())) == rows


@SETTINGS
@given(st.lists(JSON_VALUES, min_size=1, max_size=6))
def test_every_row_of_any_json_gives_documents_or_a_report(values: list[Any]) -> None:
    rows = [{"text": "first"}, *values]
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("a.jsonl", b"\n".join(map(dumps, rows))), ("a.json", dumps(rows))):
            path = Path(folder) / name
            path.write_bytes(data)
            reading = read_documents(path)
            count = len(list(reading))
            assert reading.n_good + reading.n_bad == len(rows)
            assert count >= reading.n_good >= 1


@SETTINGS
@given(st.lists(JSON_VALUES, min_size=1, max_size=4), st.sampled_from(["text", "x", "messages.0.content", "0", "."]))
def test_named_fields_on_any_json_never_crash(values: list[Any], path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.jsonl"
        file.write_bytes(b"\n".join(map(dumps, values)))
        try:
            list(read_documents(file, fields=Fields(text=path, id=path, prompt=path, label=path)))
        except ProvenanceError as error:
            assert "\n" not in str(error)


@EXAMPLE_COUNT_OF_BYTES
@given(
    st.binary(max_size=200) | st.text(st.sampled_from('{}[]",:\\ \n\r\t;abtextid01\ufeff'), max_size=80).map(str.encode),
    st.sampled_from(["a", "a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.parquet", "a.json.gz", "a.jsonl.zst"]),
)
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        reading = read_documents(path)
        try:
            list(reading)
        except ProvenanceError as error:
            assert "\n" not in str(error)
        assert reading.n_rows == reading.n_good + reading.n_bad


@EXAMPLE_COUNT_OF_BYTES
@given(st.data())
def test_any_cut_of_an_archive_gives_rows_in_order_or_is_refused(data: st.DataObject) -> None:
    whole = b"".join(dumps({"id": str(n), "text": f"text {n}"}) + b"\n" for n in range(30))
    packed = gzip.compress(whole)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl.gz"
        path.write_bytes(packed[:cut])
        reading = read_documents(path)
        try:
            names = [item.id for item in reading]
        except ProvenanceError:
            return
        assert names == [str(n) for n in range(len(names))]
        assert reading.n_bad == 1


@SETTINGS
@given(st.text(), st.integers(1, 50))
def test_printed_text_holds_no_control_character_and_keeps_the_limit(text: str, limit: int) -> None:
    shown = printable(text, limit)
    assert len(shown) <= limit
    assert all(char.isprintable() or char == " " or ord(char) > 0xA0 for char in shown)
    assert not any(char in shown for char in "\x1b\x9b\u202e\n\r")


@SETTINGS
@given(st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_any_record_is_written_as_one_line_of_json(record: dict[str, Any]) -> None:
    line = dumps(record)
    assert b"\n" not in line
    assert isinstance(json.loads(line.decode("utf-8")), dict)
