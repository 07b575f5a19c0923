"""Style measures against values counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.features.style import STYLE_NAMES, style_measures
from provenance.features.tokens import tokenise


def measure(text: str) -> dict[str, float]:
    return dict(zip(STYLE_NAMES, style_measures(tokenise([text]))[0].tolist(), strict=True))


# 8 words, lengths 3 3 3 2 3 3 1 3; sentences of 3 and 5 words.
TEXT = "The cat sat. It saw, the, a DOG!"
HAND = {
    "rate_the": 2 / 8,
    "rate_a_an": 1 / 8,
    "rate_it": 1 / 8,
    "rate_comma": 2 / 8,
    "rate_period": 1 / 8,
    "rate_exclamation_mark": 1 / 8,
    "rate_question_mark": 0,
    "word_length_mean": 21 / 8,
    "word_length_sd": float(np.std([3, 3, 3, 2, 3, 3, 1, 3])),
    "share_long_words": 0,
    "share_short_words": 1,
    "share_capitalised": 2 / 8,
    "share_upper_case": 1 / 8,
    "richness": 7 / 8,
    "sentence_length_mean": 4,
    "sentence_length_sd": 1,
    "sentence_burstiness": 1 / 4,
    "share_short_sentences": 1,
    "share_long_sentences": 0,
    "commas_per_sentence": 1,
}


@pytest.mark.parametrize("name", HAND)
def test_a_measure_is_what_a_hand_count_gives(name: str) -> None:
    assert measure(TEXT)[name] == pytest.approx(HAND[name], abs=1e-5)


def test_numbers_count_and_a_decimal_point_ends_no_sentence() -> None:
    found = measure("It cost 3.5 pounds. Fine.")
    assert found["share_numbers"] == pytest.approx(2 / 6)
    assert found["sentence_length_mean"] == pytest.approx(3)


def test_a_word_that_is_not_listed_is_rare() -> None:
    assert measure("zqxv")["share_unlisted"] == 1
    assert measure("the")["share_unlisted"] == 0
    assert measure("zqxv")["rarity_mean"] > measure("the")["rarity_mean"]


def test_richness_reads_the_first_hundred_words_only() -> None:
    assert measure("dog " * 100 + "cat bird fish")["richness"] == pytest.approx(0.01)


def test_a_text_without_words_measures_zero_but_for_its_marks() -> None:
    assert not np.any(style_measures(tokenise(["", " "])))
