"""Embedders: cutting, limits, the cache on disk, errors in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.errors import DependencyError, DetectorError
from provenance.features import static
from provenance.features.cache import EmbeddingCache, default_folder
from provenance.features.embed import Embedder, cut_layers, fingerprint, load_encoder

TEXTS = ["The river was calm.", "no way lol", "", "The river was calm."]


@pytest.fixture(scope="module")
def small() -> Embedder:
    return Embedder(n_layers=1).fit([])


def test_vectors_have_length_one_and_384_dimensions(small: Embedder) -> None:
    rows = small.transform(TEXTS)
    assert rows.shape == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_cutting_keeps_the_first_layers_and_changes_the_fingerprint() -> None:
    encoder = load_encoder(None)
    whole = fingerprint(encoder)
    cut_layers(encoder, 2)
    assert len(encoder[0].auto_model.encoder.layer) == 2
    assert fingerprint(encoder) != whole
    with pytest.raises(ValueError, match="1 to 2"):
        cut_layers(encoder, 3)


def test_words_beyond_the_limit_are_not_read() -> None:
    cut = Embedder(n_layers=1, max_words=3).fit([])
    a, b = cut.transform(["one two three four", "one two three five six"])
    assert np.abs(a - b).max() < 1e-5


def test_artefacts_of_storage_do_not_move_a_vector(small: Embedder) -> None:
    a, b = small.transform(["It’s  fine", "It's fine"])
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_a_second_run_reads_the_cache_and_gives_the_same_bytes(tmp_path: Path, monkeypatch: Any) -> None:
    embedder = Embedder(n_layers=1, cache=EmbeddingCache(tmp_path)).fit([])
    first = embedder.transform(TEXTS)
    monkeypatch.setattr(embedder, "_encode", lambda texts: pytest.fail("computed again"))
    assert embedder.transform(TEXTS).tobytes() == first.tobytes()


@pytest.mark.parametrize("name", ["./no/such", "/no/such"])
def test_a_folder_that_is_not_there_is_one_clear_line(name: str) -> None:
    with pytest.raises(DetectorError, match="no encoder at") as caught:
        Embedder(model=name).fit([])
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="cannot load the encoder") as caught:
        Embedder(model=tmp_path).fit([])
    assert "\n" not in str(caught.value)


def test_without_sentence_transformers_it_says_how_to_install_them(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(DependencyError, match="pip install sentence-transformers"):
        Embedder().fit([])


def through(cache: EmbeddingCache, texts: list[str]) -> tuple[np.ndarray, list[str]]:
    """Give vectors (each is the text's length, twice) and the texts that were computed."""
    asked: list[str] = []

    def compute(missing: list[str]) -> np.ndarray:
        asked.extend(missing)
        return np.array([[len(t), len(t)] for t in missing], np.float32)

    return cache.through("model", texts, 2, compute), asked


def test_the_cache_computes_each_text_once_and_keeps_order(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path)
    rows, asked = through(cache, ["aa", "b", "aa", "\ud800"])
    assert rows[:, 0].tolist() == [2, 1, 2, 1]
    assert asked == ["aa", "b", "\ud800"]
    assert through(cache, ["b", "ccc"])[1] == ["ccc"]
    assert not list(tmp_path.rglob("*.tmp"))


def test_another_model_never_finds_a_vector(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path)
    cache.put("one", "text", np.ones(2, np.float32))
    assert cache.get("one", "text", 2) is not None
    assert cache.get("two", "text", 2) is None


def test_files_are_sharded_by_the_first_byte_and_hold_no_text(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path)
    path = cache.path_of("../../model", "../secret")
    assert path.parent.name == path.name[:2]
    assert path.resolve().is_relative_to(tmp_path.resolve())
    assert "secret" not in str(path.relative_to(tmp_path))


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "pickle", "wide", "nan", "huge"])
def test_a_damaged_file_is_ignored_and_built_again(tmp_path: Path, damage: str) -> None:
    cache = EmbeddingCache(tmp_path)
    through(cache, ["aa"])
    path = cache.path_of("model", "aa")
    whole = path.read_bytes()
    if damage in ("pickle", "wide", "nan"):
        values = {"pickle": [{}, {}], "wide": [1.0, 2.0, 3.0], "nan": [np.nan, 1.0]}[damage]
        np.save(path, np.array(values, object if damage == "pickle" else np.float32), allow_pickle=True)
    else:
        path.write_bytes({"empty": b"", "cut": whole[:-3], "noise": b"\x93NUMPY\x01\x00\xff(", "huge": b"0" * 2**21}[damage])
    assert through(cache, ["aa"])[1] == ["aa"]
    assert path.read_bytes() == whole


def test_a_cache_that_cannot_be_written_still_gives_vectors(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    rows, _ = through(EmbeddingCache(blocked), ["aa"])
    assert rows.tolist() == [[2, 2]]


def test_the_cache_folder_follows_the_platform(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "provenance"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder().is_absolute()


def tiny_static() -> Any:
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    tokenizer = Tokenizer(WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    return StaticModel(np.eye(2, dtype=np.float32), tokenizer, config={"model_type": "model2vec"})


def test_a_static_model_is_distilled_once_and_made_again_when_damaged(tmp_path: Path, monkeypatch: Any) -> None:
    made: list[int] = []
    monkeypatch.setattr(static, "_distil", lambda model, dimensions: made.append(dimensions) or tiny_static())
    embedder = static.StaticEmbedder(dimensions=2, folder=tmp_path)
    first = embedder.fit_transform(["a"])
    assert np.array_equal(static.StaticEmbedder(dimensions=2, folder=tmp_path).fit_transform(["a"]), first)
    assert made == [2]
    next(tmp_path.rglob("model.safetensors")).write_bytes(b"broken")
    assert np.array_equal(embedder.fit_transform(["a"]), first)
    assert made == [2, 2]
    assert not list(tmp_path.glob("*.tmp"))


def test_without_the_distiller_it_says_how_to_install_it(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "model2vec.distill", None)
    with pytest.raises(DependencyError, match="pip install model2vec skeletoken"):
        static.StaticEmbedder(folder=tmp_path).fit([])
