"""Near copies within a corpus: found in a stream, across batches, and compared in full."""

from __future__ import annotations

import random

import numpy as np
import pytest

import provenance.corpus.near as module
from provenance.corpus.near import NearCopies
from provenance.corpus.shingles import SHINGLE, distinct_shingles, shingle_hashes, word_batch
from provenance.errors import UsageError


def words(seed: int, n: int = 120) -> list[str]:
    """Give words that no other seed has."""
    rng = random.Random(seed)
    return ["".join(rng.choices("bcdfgaeiou", k=7)) for _ in range(n)]


def changed(text: list[str], share: float, seed: int = 1) -> list[str]:
    """Replace neighbouring words at the end, so that few shingles break."""
    n = round(len(text) * share)
    return text[: len(text) - n] + words(seed + 10_000, n)


def found_in(texts: list[str], size: int = 50, **settings: float):
    near = NearCopies(**settings)
    names = [str(i) for i in range(len(texts))]
    return [copy for i in range(0, len(texts), size) for copy in near.add(names[i : i + size], texts[i : i + size])], near


@pytest.mark.parametrize("size", [1, 3, 400])
def test_copies_are_found_in_and_across_batches_and_other_texts_are_not(size: int) -> None:
    originals = [words(i) for i in range(100)]
    texts = [" ".join(text) for text in originals] + [" ".join(changed(text, 0.05, i)) for i, text in enumerate(originals)]
    found, near = found_in(texts, size)
    assert found[:100] == [None] * 100 and len(near) == 100
    assert [copy.earlier for copy in found[100:]] == [str(i) for i in range(100)]


def test_the_similarity_told_is_that_of_all_three_word_runs() -> None:
    one, other = words(1), changed(words(1), 0.08)
    found, _ = found_in([" ".join(one), " ".join(other)])
    sets = [{tuple(text[i : i + 3]) for i in range(len(text) - 2)} for text in (one, other)]
    assert found[1].jaccard == pytest.approx(len(sets[0] & sets[1]) / len(sets[0] | sets[1]), abs=1e-9)


def test_what_is_below_the_threshold_is_no_copy() -> None:
    texts = [" ".join(words(1)), " ".join(changed(words(1), 0.2))]  # similarity about .65
    assert found_in(texts)[0] == [None, None]
    assert found_in(texts, threshold=0.6)[0][1].earlier == "0"


def test_copies_of_copies_lead_to_the_first_and_are_held_once() -> None:
    text = words(3)
    found, near = found_in([" ".join(text)] * 500 + [" ".join(text).upper() + "!"], 64)
    assert {copy.earlier for copy in found[1:]} == {"0"} and len(near) == 1


def test_short_and_empty_texts_are_not_compared() -> None:
    assert found_in(["Yes.", "yes", "", "one two three four", "one two three four"])[0] == [None] * 5


def test_boilerplate_does_not_hide_copies_nor_make_them() -> None:
    boiler = words(9, 40)
    texts = [" ".join(boiler + words(100 + i, 150)) for i in range(300)]
    found, _ = found_in([*texts, *texts[:20]], 37)
    assert found[:300] == [None] * 300
    assert [copy.earlier for copy in found[300:]] == [str(i) for i in range(20)]


def test_shingles_beyond_memory_go_to_a_file_and_are_found(monkeypatch) -> None:
    monkeypatch.setattr(module, "IN_MEMORY", 2000)
    texts = [" ".join(words(i)) for i in range(30)]
    found, near = found_in([*texts, *texts], 7)
    assert all(copy.earlier == str(i) for i, copy in enumerate(found[30:])) and len(near) == 30


def test_runs_of_hashes_stay_few() -> None:
    _, near = found_in([" ".join(words(i, 20)) for i in range(600)], 5)
    assert len(near._runs) <= 8
    assert all((np.diff(keys.astype(np.float64)) >= 0).all() for keys, _ in near._runs)


def test_shingles_are_those_of_trace() -> None:
    batch = word_batch(["Some words, told twice: some words!"])
    hashes, valid = shingle_hashes(batch, np.zeros(1, np.uint64), SHINGLE)
    assert set(distinct_shingles(["SOME words told twice some words"], SHINGLE)[0]) == set(hashes[valid])


@pytest.mark.parametrize("threshold", [0, -1, 1.5])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match="wanted more than 0"):
        NearCopies(threshold)
