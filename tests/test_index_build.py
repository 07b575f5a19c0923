"""Indexes on disk: what they hold, what is refused, and that nothing half-written is left."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import trace_texts as made

from provenance.corpus.index import Index
from provenance.corpus.index_build import SourceFacts, build_index
from provenance.corpus.index_format import MAX_POSTINGS
from provenance.corpus.npy_stream import GrowingArray, SortedPostings
from provenance.corpus.trace import trace_documents
from provenance.documents import Document
from provenance.errors import InputError, OutputError

FACTS = SourceFacts("made-up", "Made-up answers", "CC BY 4.0", "us", "model-x", "nowhere")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "index"
    build_index(made.documents_of(100), folder, FACTS)
    return folder


@pytest.fixture
def copied(built, tmp_path):
    return shutil.copytree(built, tmp_path / "copy")


def test_an_index_gives_back_ids_texts_generators_and_facts(built):
    index = Index(built)
    documents = made.documents_of(100)
    assert len(index) == 200 and index.info.entries == {"output": 100, "prompt": 100} and index.info.rows == 100
    assert [index.id_of(k) for k in (0, 1, 198, 199)] == ["row-0", "row-0", "row-99", "row-99"]
    assert [index.text_of(2 * k) for k in range(100)] == [document.text for document in documents]
    assert [index.text_of(2 * k + 1) for k in range(100)] == [document.prompt for document in documents]
    assert index.generator_of(2) == "model-1" and index.generator_of(3) is None
    assert (index.info.licence, index.info.maker, index.info.url) == ("CC BY 4.0", "us", "nowhere")


def test_a_text_that_occurs_again_is_one_entry_with_a_count(tmp_path):
    text = made.text_of(1)
    documents = [Document("a", text), Document("b", text.upper()), Document("c", made.text_of(2)), Document("d", text)]
    build_index(documents, tmp_path / "index", FACTS)
    index = Index(tmp_path / "index")
    assert [(index.id_of(k), index.copies_of(k)) for k in range(len(index))] == [("a", 3), ("c", 1)]


def test_texts_of_under_five_words_are_left_out_and_counted(tmp_path):
    info = build_index([Document("a", made.text_of(1)), "too short", "four words are few"], tmp_path / "index", FACTS)
    assert info.too_short == 2 and info.entries["output"] == 1 and info.rows == 3


def test_an_index_without_texts_finds_the_same_and_holds_no_text(tmp_path, built):
    documents = made.documents_of(100)
    build_index(documents, tmp_path / "bare", FACTS, texts=False, small=True)
    bare = Index(tmp_path / "bare")
    assert bare.info.hash_bytes == 4 and not bare.info.has_texts
    texts = [made.edited(made.text_of(k), 0.03, seed=k) for k in range(60)]
    found = [list(trace_documents(texts, index)) for index in (bare, Index(built))]
    assert all(match["source_text"] is None for match in found[0])
    unlike = {"source_text", "index"}
    assert [{k: v for k, v in m.items() if k not in unlike} for m in found[0]] == [
        {k: v for k, v in m.items() if k not in unlike} for m in found[1]
    ]
    size = [sum(file.stat().st_size for file in index.folder.iterdir()) for index in (bare, Index(built))]
    assert size[0] < 0.6 * size[1]
    words = set(made.text_of(5).lower().replace(".", "").split())
    assert not any(word.encode() in b"".join(f.read_bytes() for f in bare.folder.iterdir()) for word in words if len(word) > 6)


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in "ab":
        build_index(made.documents_of(40), tmp_path / name, FACTS)
    files = sorted(item.name for item in (tmp_path / "a").iterdir())
    assert files == sorted(item.name for item in (tmp_path / "b").iterdir())
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)


def test_a_shingle_of_very_many_texts_leads_to_the_first_ones(tmp_path):
    common = made.text_of(900, 40)
    build_index([f"{common} {made.text_of(k, 30)}" for k in range(400)], tmp_path / "index", FACTS)
    keys = np.asarray(Index(tmp_path / "index").keys)
    assert np.unique(keys, return_counts=True)[1].max() == MAX_POSTINGS


def test_an_index_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    build_index(made.documents_of(5), tmp_path / "index", FACTS)
    build_index(made.documents_of(9), tmp_path / "index", FACTS)
    assert Index(tmp_path / "index").info.rows == 9
    assert [item.name for item in tmp_path.iterdir()] == ["index"]


def test_a_build_that_fails_leaves_what_was_there(tmp_path):
    build_index(made.documents_of(5), tmp_path / "index", FACTS)

    def broken():
        yield made.text_of(1)
        raise InputError("the input broke off")

    with pytest.raises(InputError, match="broke off"):
        build_index(broken(), tmp_path / "index", FACTS)
    assert Index(tmp_path / "index").info.rows == 5
    assert [item.name for item in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize("documents", [[], ["short", "also short"]])
def test_nothing_to_compare_makes_no_index(tmp_path, documents):
    with pytest.raises(InputError, match="five words|of 5 words"):
        build_index(documents, tmp_path / "index", FACTS)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_is_not_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    for target in (tmp_path / "mine", tmp_path / "mine" / "thesis.txt", tmp_path / "no" / "such"):
        with pytest.raises(OutputError):
            build_index(made.documents_of(5), target, FACTS)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_an_index_of_another_format_is_refused_by_its_number(copied):
    config = json.loads((copied / "index.json").read_text())
    (copied / "index.json").write_text(json.dumps({**config, "format_version": 99}))
    with pytest.raises(InputError, match="format_version 99; wanted 1"):
        Index(copied)


def test_an_index_with_other_settings_is_refused(copied):
    config = json.loads((copied / "index.json").read_text())
    config["settings"]["shingle"] = 7
    (copied / "index.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="settings"):
        Index(copied)


@pytest.mark.parametrize("config", ["", "[]", "{}", "{not json", '{"format_version": 1, "settings": {}}'])
def test_a_damaged_description_is_refused(copied, config):
    (copied / "index.json").write_text(config)
    with pytest.raises(InputError):
        Index(copied)


@pytest.mark.parametrize("missing", ["info", "lengths", "generators"])
def test_a_description_without_a_part_is_refused(copied, missing):
    config = json.loads((copied / "index.json").read_text())
    del config[missing]
    (copied / "index.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="damaged"):
        Index(copied)


@pytest.mark.parametrize("name", ["keys", "postings", "shingles", "shingle_ends", "fields", "ids", "texts", "copies"])
def test_a_missing_cut_or_foreign_array_is_refused(copied, name):
    path = copied / f"{name}.npy"
    whole = path.read_bytes()
    for data in (whole[: len(whole) // 2], b"", b"not an array at all"):
        path.write_bytes(data)
        with pytest.raises(InputError, match=name):
            Index(copied)
    np.save(path, np.zeros(3, np.float64))
    with pytest.raises(InputError, match=name):
        Index(copied)
    path.unlink()
    with pytest.raises(InputError, match=name):
        Index(copied)


def test_arrays_that_hold_objects_are_not_loaded(copied):
    np.save(copied / "fields.npy", np.array([{"a": 1}] * 200, dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="fields"):
        Index(copied)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [("postings", 0, 4_000_000_000), ("shingle_ends", 3, -5), ("id_ends", 0, 1 << 40), ("fields", 0, 9), ("generators", 0, 77)],
)
def test_arrays_that_point_outside_are_refused(copied, name, place, value):
    array = np.load(copied / f"{name}.npy", mmap_mode="r+")
    array[place] = value
    array.flush()
    with pytest.raises(InputError, match="does not fit"):
        Index(copied)


def test_damaged_texts_are_told_when_they_are_read(copied):
    texts = np.load(copied / "texts.npy", mmap_mode="r+")
    texts[:200] = 0
    texts.flush()
    with pytest.raises(InputError, match="texts are damaged"):
        Index(copied).text_of(0)


def test_a_growing_array_reads_as_numpy_wrote_it(tmp_path):
    array = GrowingArray(tmp_path / "a.npy", "uint32")
    for part in ([1, 2], [], [3]):
        array.append(np.array(part, np.int64))
    array.close()
    assert np.load(tmp_path / "a.npy", mmap_mode="r").tolist() == [1, 2, 3]


def test_postings_come_sorted_by_key_and_entry_and_no_more_than_wanted(tmp_path):
    rng = np.random.default_rng(0)
    pairs = SortedPostings(tmp_path, 40)
    given = []
    for first in range(0, 500, 100):
        entries = np.sort(rng.integers(first, first + 100, 300))
        keys = rng.integers(0, 60, 300, dtype=np.uint64) << np.uint64(34)
        pairs.add(keys, entries)
        given += list(zip((keys >> np.uint64(8)).tolist(), entries.tolist(), strict=True))
    keys, postings = GrowingArray(tmp_path / "k.npy", "uint32"), GrowingArray(tmp_path / "p.npy", "uint16")
    written = pairs.write(keys, postings, 8, 5, 500)
    keys.close()
    postings.close()
    found = list(zip(np.load(tmp_path / "k.npy").tolist(), np.load(tmp_path / "p.npy").tolist(), strict=True))
    wanted = []
    for pair in sorted(given):
        if sum(kept[0] == pair[0] for kept in wanted) < 5:
            wanted.append(pair)
    assert found == wanted and written.sum() == len(found)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["k.npy", "p.npy"]


def test_an_empty_index_is_refused(copied):
    config = json.loads((copied / "index.json").read_text())
    for name in config["lengths"]:
        kind = np.load(copied / f"{name}.npy").dtype
        np.save(copied / f"{name}.npy", np.zeros(0, kind))
    (copied / "index.json").write_text(json.dumps({**config, "lengths": dict.fromkeys(config["lengths"], 0)}))
    with pytest.raises(InputError, match="the index is empty"):
        Index(copied)


def test_an_index_is_replaced_from_inside_its_folder(tmp_path, monkeypatch):
    build_index(made.documents_of(5), tmp_path / "index", FACTS)
    monkeypatch.chdir(tmp_path / "index")
    build_index(made.documents_of(6), ".", FACTS)
    assert Index(tmp_path / "index").info.rows == 6
