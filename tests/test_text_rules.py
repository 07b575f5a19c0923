"""The rules of the normalisation settle in one pass, whichever way they are applied, and change no token on the way."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.features.cleaning import normalised_bytes
from provenance.features.tokens import tokenise
from provenance.rules import RULES, Rule
from provenance.text import MAX_CHARACTERS, normalise

PIECES = [
    "the", "Dog", "n't", "'s", "n", "t", "s", "'", "—", "–", "-", "--", "---", "“", "”", "’", "&amp;", "amp", ";", "&",
    "quot;", "#39;", "nbsp;", "-LRB-", "-rrb-", "@CAPS1", "[NAME]", "[", "]", "â€™", "â€”", "â€", "Â", "£", "\u200b", ".",
    "..", "!", "?", ",", "(", ")", "{", "%", "\n", " ", "  ", "\t", "\r", "\x00", "\xa0", "<br>", "/>", "www", "www.", "http",
    "://", "``", "''", "`", '"', "1", "2", "…", "*", "•", "»", "\ud800",
]  # fmt: skip
GLUED = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
APART = st.lists(st.sampled_from(PIECES), max_size=10).map(" ".join)
ANY = st.one_of(GLUED, APART, st.text(max_size=40))
QUICK = settings(max_examples=300, deadline=None, derandomize=True)

EDGES = ["! !", ". ..", ". . .", "( (", ") )", "dog  's", "dog\n's bone", "do n' t", "do  n't", "x n 't", "a\n- b", "a\n -- b",
         "--x", "(--x)", "( --x", "x-- .", "---\n", "a -\nb", "www .x.y", "http ://x", "&amp ;", "[ NAME ]", "ÂÂ £", "Â<br>5",
         "told @CAPS1 's mum", "''''", "a—-b", "1–2–3", " - a", "a - "]  # fmt: skip


def words(text: str) -> list[str]:
    return tokenise([text], normalised=True).words()


@pytest.mark.parametrize("text", EDGES)
def test_an_edge_case_settles_in_one_pass_with_the_tokens_that_detectors_read(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert words(once) == words(normalise(text, spacing=False))


@QUICK
@given(ANY)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@QUICK
@given(ANY)
def test_the_spacing_rules_change_no_token(text: str) -> None:
    assert words(normalise(text)) == words(normalise(text, spacing=False))


@QUICK
@given(st.lists(ANY, max_size=4))
def test_many_texts_at_once_are_normalised_as_one_by_one(texts: list[str]) -> None:
    wanted = [normalise(text, spacing=False).encode("utf-8", "replace") for text in texts]
    assert normalised_bytes(texts) == wanted


@QUICK
@given(ANY)
def test_a_rule_finds_what_its_pattern_finds_and_is_passed_over_only_where_it_finds_nothing(text: str) -> None:
    for rule in RULES:
        wanted = rule.pattern.sub(rule.replacement, text)
        assert rule.sub(text) == wanted, rule.name
        assert rule.applies(set(text)) or wanted == text, rule.name
        text = wanted


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_long_text_of_one_piece_takes_a_rule_linear_time(rule: Rule) -> None:
    for filling in (" ", "\n", "'", "-", "\n- ", "[NAME", "&amp", "—", "x ", "( ", "Â", "w"):
        text = "a" + filling * (40_000 // len(filling))
        start = process_time()
        rule.sub(text)
        assert process_time() - start < 1, filling


def test_a_text_that_grows_beyond_the_limit_is_cut_between_words() -> None:
    once = normalise("one—two " * (MAX_CHARACTERS // 8))
    assert MAX_CHARACTERS - 10 < len(once) <= MAX_CHARACTERS
    assert once.split(" ")[-1] in ("one", "--", "two")
    assert normalise(once) == once


def test_a_list_mark_stays_at_the_beginning_of_its_line_and_a_hyphen_in_a_line_is_a_dash() -> None:
    assert normalise("two things:\n\n  - one\n  - two") == "two things:\n- one\n- two"
    assert normalise("two things - one - two") == "two things -- one -- two"
