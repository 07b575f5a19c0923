"""The tokeniser: any text, the same tokens whatever stands beside it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.features.tokens import LOWER, NUMBER, PUNCTUATION, TITLE, UPPER, hash_word, tokenise
from provenance.text import normalise

PIECES = ["the", "Dog", "NASA", "don't", "42", ".", ",", "!", "?", "(", ")", '"', "-", "…", "“so”", "it’s", "é", "漢字"]
PROSE = st.lists(st.sampled_from(PIECES), max_size=20)
ANY = st.text(st.characters(), max_size=60)  # lone surrogates too
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def words(text: str) -> list[str]:
    return tokenise([text], normalised=True).words()


@QUICK
@given(st.lists(ANY, max_size=5))
def test_any_texts_are_split_and_offsets_partition_the_tokens(texts: list[str]) -> None:
    batch = tokenise(texts)
    assert len(batch) == len(texts)
    assert batch.offsets[0] == 0
    assert batch.offsets[-1] == len(batch.starts) == len(batch.hashes) == len(batch.kinds)
    assert (np.diff(batch.offsets) >= 0).all()
    assert (batch.starts < batch.ends).all()
    assert (batch.ends[:-1] <= batch.starts[1:]).all()


@QUICK
@given(ANY, ANY, ANY)
def test_the_tokens_of_a_text_do_not_depend_on_its_neighbours(before: str, text: str, after: str) -> None:
    alone, among = tokenise([text]), tokenise([before, text, after])
    part = slice(among.offsets[1], among.offsets[2])
    assert np.array_equal(alone.hashes, among.hashes[part])
    assert np.array_equal(alone.kinds, among.kinds[part])


@QUICK
@given(ANY)
def test_one_token_hashes_as_in_a_batch(text: str) -> None:
    batch = tokenise([text])
    raw = batch.data.tobytes()
    for start, end, value in zip(batch.starts, batch.ends, batch.hashes, strict=True):
        assert hash_word(raw[start:end].decode("utf-8")) == int(value)


def test_the_hash_ignores_case_of_ascii_letters_only() -> None:
    assert hash_word("Dog") == hash_word("dOG")
    assert hash_word("É") != hash_word("é")


# The width of white space between two tokens does not matter. That there is any may: "a.b" is three tokens either way,
# but "ab" is not "a b". A hyphen that begins a line is a list mark, so this holds for the tokeniser itself.
@QUICK
@given(PROSE, st.sampled_from(["  ", "\n", "\t", " \r\n\r\n ", "\x0b"]))
def test_the_layout_of_white_space_is_not_seen(pieces: list[str], gap: str) -> None:
    assert words(" ".join(pieces)) == words(gap.join(pieces))


@QUICK
@given(PROSE)
def test_the_spacing_rules_do_not_change_the_tokens(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert words(normalise(text)) == words(normalise(text, spacing=False))


def test_a_lone_surrogate_hashes_as_in_a_batch() -> None:
    batch = tokenise(["a \ud800 b"])
    assert batch.hashes.tolist() == [hash_word("a"), hash_word("\ud800"), hash_word("b")]
    assert hash_word("\udfff") == hash_word("?")


def test_words_numbers_and_marks_have_their_kinds() -> None:
    batch = tokenise(["The NASA dog's 42; !!"])
    assert batch.words() == ["The", "NASA", "dog's", "42", ";", "!!"]
    assert batch.kinds.tolist() == [TITLE, UPPER, LOWER, NUMBER, PUNCTUATION, PUNCTUATION]
    assert batch.n_words.tolist() == [4]
