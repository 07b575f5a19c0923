"""Files appear whole or not at all; JSON takes any text; printed text does nothing to a terminal."""

from __future__ import annotations

import datetime
import decimal
import gzip
import json
import os
import resource
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from provenance.documents import Document
from provenance.errors import OutputError
from provenance.writing import atomic_writer, dumps, printable, write_jsonl


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_written_file_replaces_the_earlier_one_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("earlier")
    with atomic_writer(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "earlier"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.jsonl"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_error_leaves_the_earlier_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("earlier")
    with pytest.raises(error), atomic_writer(path) as file:
        file.write(b"new")
        raise error
    assert path.read_text() == "earlier"
    assert names(tmp_path) == ["a.jsonl"]


def test_a_full_disk_is_one_clear_line_and_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("earlier")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OutputError, match="a.jsonl: cannot be written: File too large") as caught:
            write_jsonl(({"n": n, "text": "x" * 100} for n in range(10_000)), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(caught.value)
    assert path.read_text() == "earlier"
    assert names(tmp_path) == ["a.jsonl"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_device_is_written_to_directly_and_not_replaced() -> None:
    with pytest.raises(OutputError, match="No space left"):
        write_jsonl([{"a": 1}], "/dev/full")
    assert write_jsonl([{"a": 1}], "/dev/null") == 1
    assert not os.path.isfile("/dev/null")


def test_no_such_folder_and_a_folder_are_clear_lines(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        write_jsonl([], tmp_path / "no" / "a.jsonl")
    with pytest.raises(OutputError, match="directory"):
        write_jsonl([], tmp_path)


def test_an_error_of_reading_inside_the_block_is_not_taken_for_one_of_writing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_writer(tmp_path / "a") as file:
        file.write(Path(tmp_path / "missing").read_bytes())


def test_a_link_is_followed_and_the_mode_kept(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("earlier")
    target.chmod(0o640)
    (tmp_path / "link").symlink_to(target)
    with atomic_writer(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    write_jsonl([], tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_records_and_documents_are_written_as_lines(tmp_path: Path) -> None:
    count = write_jsonl([{"b": 1, "a": "x\ny"}, Document("i", "t", label="llm")], tmp_path / "a.jsonl")
    assert count == 2
    assert (tmp_path / "a.jsonl").read_text() == '{"b":1,"a":"x\\ny"}\n{"id":"i","text":"t","label":"llm"}\n'


def test_compressed_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    import zstandard

    for name in ("a.jsonl.gz", "b.jsonl.gz", "a.jsonl.zst"):
        write_jsonl([{"a": 1}], tmp_path / name)
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == b'{"a":1}\n'
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    with zstandard.open(tmp_path / "a.jsonl.zst", "rb") as file:
        assert file.read() == b'{"a":1}\n'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": "\ud83d x", "\ude00": ["\udfff"]}, {"a": "\ufffd x", "\ufffd": ["\ufffd"]}),
        ({"a": float("nan"), "b": float("inf"), "c": 0.1}, {"a": None, "b": None, "c": 0.1}),
        ({"a": np.float32(0.5), "b": np.arange(2), "c": np.int64(3)}, {"a": 0.5, "b": [0, 1], "c": 3}),
        ({"a": 2**70, "b": -(2**70), "c": 2**60}, {"a": str(2**70), "b": str(-(2**70)), "c": 2**60}),
        ({"a": {"y", "x"}, "b": b"caf\xe9", "c": Path("p")}, {"a": ["x", "y"], "b": "caf\ufffd", "c": "p"}),
        ({"a": MappingProxyType({"k": "\ud800"}), 1: (1, 2)}, {"a": {"k": "\ufffd"}, "1": [1, 2]}),
        ({"a": datetime.date(2024, 5, 1), "b": decimal.Decimal("1.5")}, {"a": "2024-05-01", "b": "1.5"}),
        ({"a": {"\ud800"}, "b": Document("\ud800", "t")}, {"a": ["\ufffd"], "b": {"id": "\ufffd", "text": "t"}}),
    ],
)
def test_json_is_written_for_every_odd_value(value: object, written: object) -> None:
    assert json.loads(dumps(value)) == written


def test_json_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(TypeError, match="object"):
        dumps({"a": object()})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://e.vil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;stolen", "52;c;stolen"),
        ("\x9b31mred", "red"),
        ("a\x1bcb", "ab"),
        ("\x1b(0x", "x"),
        ("a\tb\r\n\n c", "a b c"),
        ("a\x00\x07\x08\x7f\x85b", "a b"),
        ("abc\u202efed\u2066x\u2069", "abcfedx"),
        ("z\u200bw\ufeff", "zw"),
        ("a\U000e0041b", "ab"),
        ("\ud83d", "\ufffd"),
        ("café 漢字 🙂 [red]", "café 漢字 🙂 [red]"),
    ],
)
def test_printed_text_cannot_act_on_a_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_printed_text_is_cut_to_the_limit() -> None:
    assert printable("one two three", 8) == "one two…"
    assert printable("one", 3) == "one"
    assert printable("x" * 10_000_000, 5) == "xxxx…"
    assert printable("", 5) == ""
