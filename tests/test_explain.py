"""Explanations: exact shares of the score, and places in the text as it was read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.detect.detector import Detector
from provenance.detect.explain import MAX_SPANS, explain, token_weights
from provenance.detect.linear import pack_rates, unpack_rates
from provenance.detect.result import Span
from provenance.features.tokens import tokenise

PLAIN = (
    "Moreover, it is important to note that the bike plays a crucial role. We lost a kettle by the river and nobody "
    "said a "
    "word. In conclusion, our boat serves as a testament to shared values!"
)
AWKWARD = {
    "curly quotes": "\u201cMoreover,\u201d it\u2019s \u2018important\u2019 \u2014 yes \u2014 it plays a role\u2026",
    "newlines": "Moreover,\r\n\r\n  it is important\n\tto note\nthat the bike plays\u2028a crucial role.\n\n\n",
    "zero width": "More\u200bover, it is impor\u00adtant to\ufeff note that \u200dthe bike plays a crucial role.",
    "markup": "<p>Moreover, it is&nbsp;important &amp; right https://example.org/a?b=c that it plays a role.</p>",
    "treebank": "Moreover , it is n't important -LRB- to note -RRB- that the bike 's `` role '' is crucial .",
    "other scripts": "\u00c9tude: moreover, na\u00efve \u4f60\u597d it is important \U0001f600 that it plays a role.",
    "surrogates": "Moreover, \ud800it is important\udfff to note that the bike plays a crucial role.",
    "garbled": "Moreover, itâ€™s important to note â€” that the bikeâ€¦ plays a crucial role.",
    "nothing": "",
    "marks": "?!... --- ;;",
}
PIECES = ("moreover, ", "the bike ", "n't", " 's ", "\u2019", "\u201c", "\u2014",
          "\u200b", "\n", "&amp;", "<br>", "\u4f60", "\U0001f600",
          "\ud800", "-LRB- ", "www.a.b ", "[NAME] ", "\u2026", "--", "7", "A", "\0", "\u00a0", "''", "``")  # fmt: skip


def ngram_part(detector: Detector, text: str) -> float:
    """Give the score without its style part and its level."""
    model, batch = detector.linear_, tokenise([text])
    style = model.style(batch)
    level = float((style * model.style_weights).sum()) + model.bias
    return float(model.log_odds(model.rows(batch), style)[0]) - level


def check_places(text: str, spans) -> None:
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert span.text == text[span.start : span.end]
    for left, right in zip(spans, spans[1:], strict=False):
        assert left.end <= right.start or left.start <= right.start


@pytest.mark.parametrize("text", [PLAIN, *AWKWARD.values()], ids=["plain", *AWKWARD])
def test_weights_of_tokens_sum_to_the_ngram_part_of_the_score(toy_detector: Detector, text: str) -> None:
    weights = token_weights(toy_detector.linear_, tokenise([text]))
    assert float(weights.sum()) == pytest.approx(ngram_part(toy_detector, text), abs=1e-9)


def test_a_word_said_twice_is_counted_once_and_shared(toy_detector: Detector) -> None:
    weights = token_weights(toy_detector.linear_, tokenise(["kettle " * 6]))
    assert weights.sum() == pytest.approx(ngram_part(toy_detector, "kettle " * 6), abs=1e-9)
    assert len(weights) == 6


@pytest.mark.parametrize("text", [PLAIN, *AWKWARD.values()], ids=["plain", *AWKWARD])
def test_spans_are_places_of_the_text_as_it_was_read(toy_detector: Detector, text: str) -> None:
    check_places(text, explain(toy_detector.linear_, text))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_spans_index_any_text(toy_detector: Detector, text: str) -> None:
    check_places(text, explain(toy_detector.linear_, text))


@pytest.mark.parametrize("kind", ["curly quotes", "newlines", "zero width", "other scripts", "treebank"])
def test_spans_begin_and_end_at_the_edges_of_tokens(toy_detector: Detector, kind: str) -> None:
    text = AWKWARD[kind]
    for span in explain(toy_detector.linear_, text):
        assert span.text.strip()
        assert not (text[: span.start][-1:].isalpha() and span.text[0].isalpha())
        assert not (span.text[-1].isalpha() and text[span.end :][:1].isalpha())


def test_a_zero_width_mark_inside_a_word_stays_inside_its_span(toy_detector: Detector) -> None:
    text = AWKWARD["zero width"]
    assert any("More\u200bover" in span.text for span in explain(toy_detector.linear_, text))


def test_the_spans_of_a_short_text_add_up_to_its_ngram_part(toy_detector: Detector) -> None:
    text = "Moreover, it is important to note that the bike plays a crucial role."
    spans = explain(toy_detector.linear_, text)
    assert len(spans) < MAX_SPANS
    assert sum(span.weight for span in spans) == pytest.approx(ngram_part(toy_detector, text), abs=1e-3)


def test_a_long_text_shows_its_strongest_spans_only_and_in_order(toy_detector: Detector) -> None:
    spans = explain(toy_detector.linear_, PLAIN * 20)
    assert len(spans) == MAX_SPANS
    assert [span.start for span in spans] == sorted(span.start for span in spans)


def test_the_words_of_each_style_pull_their_own_way(toy_detector: Detector) -> None:
    weights = token_weights(toy_detector.linear_, tokenise([PLAIN]))
    words = tokenise([PLAIN]).words()
    assert weights[words.index("crucial")] > 0
    assert weights[words.index("nobody")] < 0
    assert np.isfinite(weights).all()


def test_a_record_carries_the_spans_as_plain_values(toy_detector: Detector) -> None:
    record = toy_detector.score([PLAIN], explain=True)[0].to_dict()
    assert record["spans"]
    assert {"start", "end", "text", "weight"} <= set(record["spans"][0])


def test_each_span_says_how_often_people_and_models_use_it(toy_detector: Detector) -> None:
    spans = explain(toy_detector.linear_, PLAIN)
    assert all(span.human_rate is not None and 0 <= span.human_rate <= span.human_rate_most <= 1 for span in spans)
    (span,) = [span for span in spans if "nobody said a" in span.text]
    assert span.weight < 0
    assert span.human_rate > span.llm_rate
    assert span.evidence
    assert span.to_dict()["evidence"] is True


def test_a_mark_that_people_use_as_often_is_no_evidence() -> None:
    assert Span(0, 1, "a", 0.5, 0.02, 0.04, 0.02).evidence is False
    assert Span(0, 1, "a", 0.5, 0.02, 0.04, 0.03).evidence is True
    assert Span(0, 1, "a", -0.5, 0.02, 0.04, 0.03).evidence is False
    assert Span(0, 1, "a", 0.5).evidence is None
    assert "evidence" not in Span(0, 1, "a", 0.5).to_dict()


def test_a_span_comes_back_from_its_record() -> None:
    for span in (Span(0, 1, "a", 0.5, 0.02, 0.04, 0.02), Span(0, 1, "a", 0.5)):
        assert Span.from_dict(span.to_dict()) == span


def test_rates_are_kept_in_a_byte_to_within_a_fortieth() -> None:
    rates = np.array([0.0, 1.0, 0.5, 0.013, 1e-4])
    assert unpack_rates(pack_rates(rates)) == pytest.approx(rates, rel=0.025)
