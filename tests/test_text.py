"""The normalisation takes artefacts of storage off a text and leaves its style."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.features.tokens import tokenise
from provenance.text import normalise, normalise_with_offsets, strip_markdown, strip_opening, window_at, windows

CASES = {
    "curly quotes": ("“It’s fine,” she said.", '"It\'s fine," she said.'),
    "guillemets": ("«oui»", '"oui"'),
    "em dash": ("one—two", "one -- two"),
    "en dash between numbers": ("1990–1995", "1990-1995"),
    "double hyphen": ("one--two", "one -- two"),
    "ellipsis": ("well…", "well..."),
    "split contraction": ("I do n't know", "I don't know"),
    "split clitic": ("the dog 's bone", "the dog's bone"),
    "treebank brackets": ("a -LRB- b -RRB- c", "a (b) c"),
    "treebank quotes": ("say `` hi '' now", 'say " hi " now'),
    "anonymised name": ("Dear @CAPS1, hello", "Dear, hello"),
    "anonymised person": ("I met [PERSON] there", "I met there"),
    "HTML ampersand": ("salt &amp; pepper", "salt & pepper"),
    "HTML quotes": ("&quot;hi&quot; it&#39;s", '"hi" it\'s'),
    "HTML break": ("one<br />two", "one two"),
    "garbled apostrophe": ("itâ€™s", "it's"),
    "garbled quotes": ("â€œhiâ€\x9d", '"hi"'),
    "garbled space": ("costs Â£5", "costs £5"),
    "zero width": ("in\u200bvi\ufeffsible\u00ad", "invisible"),
    "no-break space": ("ten\u00a0km", "ten km"),
    "control character": ("a\x00b", "a b"),
    "link": ("see https://example.org/a?b=c now", "see URL now"),
    "tokenised marks": ("Yes , it is ( really ) .", "Yes, it is (really)."),
    "layout": ("  one\n\n two\tthree ", "one two three"),
}
PIECES = ["the", "Dog", "do n't", "dog 's", "—", "“so”", "it’s", "&amp;", "-LRB-", "@CAPS1", "â€™", "\u200b", ".", "\n"]
PROSE = st.lists(st.sampled_from(PIECES), max_size=15).map(" ".join)
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.mark.parametrize("name", CASES)
def test_an_artefact_is_removed(name: str) -> None:
    given_text, wanted = CASES[name]
    assert normalise(given_text) == wanted


@pytest.mark.parametrize("text", ["Plain text, kept (all of it)!", "**bold** # not a heading", "WAIT -- what?!", "a-b"])
def test_style_is_kept(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize("name", CASES)
def test_normalising_twice_changes_no_token(name: str) -> None:
    once = normalise(CASES[name][0])
    assert tokenise([normalise(once)], normalised=True).words() == tokenise([once], normalised=True).words()


@QUICK
@given(st.one_of(PROSE, st.text(st.characters(), max_size=60)))
def test_offsets_follow_the_text_and_never_run_back(text: str) -> None:
    normalised, offsets = normalise_with_offsets(text)
    assert normalised == normalise(text, spacing=False)
    assert len(offsets) == len(normalised) + 1
    assert all(a <= b for a, b in zip(offsets, offsets[1:], strict=False))
    assert 0 <= offsets[0] and offsets[-1] == len(text)


def test_offsets_point_at_the_word_in_the_text_as_given() -> None:
    text = "“Salt” &amp; pepper—please"
    normalised, offsets = normalise_with_offsets(text)
    at = normalised.index("please")
    assert text[offsets[at] : offsets[at + len("please")]] == "please"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Sure! Here is a short story: Once there was a dog.", "Once there was a dog."),
        ("Here's the essay: Rain fell.", "Rain fell."),
        ("As an AI language model, I have no dog.", "I have no dog."),
        ("The dog is here: look.", "The dog is here: look."),
        ("Sure! Here is:", "Sure! Here is:"),
    ],
)
def test_an_assistants_opening_is_taken_off(text: str, wanted: str) -> None:
    assert strip_opening(text) == wanted


def test_marks_of_markdown_go_and_words_stay() -> None:
    text = "# Title\n- **one** item\n2. `code` and *two*\n> said snake_case 2*3"
    assert strip_markdown(text) == "Title\none item\ncode and two\nsaid snake_case 2*3"


def test_windows_cut_a_text_and_lose_no_word() -> None:
    text = "one two  three\nfour five"
    assert list(windows(text, 2)) == ["one two", "three\nfour", "five"]
    assert window_at(text, 1, 2) == "two three"
    with pytest.raises(ValueError, match="0"):
        list(windows(text, 0))
