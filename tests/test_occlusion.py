"""What each sentence adds to the part of the slower channels."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.detect.joining import Join
from provenance.detect.occlusion import MOST_SENTENCES, occlude

TEXT = "The boat left at noon. Moreover, it was crucial! Was it cold?\nNobody said a word"


class CountsMoreover:
    """A channel that counts one word."""

    def log_odds(self, texts):
        return np.array([float(text.count("Moreover")) for text in texts])

    def to_tensors(self):
        return {}


EXTRAS, JOINS = {"encoder": CountsMoreover()}, {"encoder": Join(2.0, low=5.0, high=6.0)}


def test_the_sentence_that_moves_the_channel_gets_the_weight() -> None:
    spans = occlude(TEXT, EXTRAS, JOINS)
    assert [span.text for span in spans] == [
        "The boat left at noon.", "Moreover, it was crucial!", "Was it cold?", "Nobody said a word",
    ]  # fmt: skip
    assert [span.weight for span in spans] == [0.0, 2.0, 0.0, 0.0]


def test_the_number_of_a_list_is_no_sentence() -> None:
    spans = occlude("It rains.\n1. **Take** a coat.\n2. Go.", EXTRAS, JOINS)
    assert [span.text.strip() for span in spans] == ["It rains.", "1. **Take** a coat.", "2. Go."]


def test_there_is_nothing_to_say_without_a_slow_channel_or_with_one_sentence() -> None:
    assert occlude(TEXT, {}, {}) == ()
    assert occlude(TEXT, EXTRAS, {"encoder": Join(0.0)}) == ()
    assert occlude("Moreover, one sentence.", EXTRAS, JOINS) == ()


def test_a_long_text_is_read_from_its_beginning_only() -> None:
    assert len(occlude("Moreover it is. " * 500, EXTRAS, JOINS)) == MOST_SENTENCES


@given(st.text(max_size=2000))
def test_spans_index_any_text_in_order(text: str) -> None:
    spans = occlude(text, EXTRAS, JOINS)
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
