"""Changes of texts: what each does, that it is seeded, and that odd texts do no harm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.errors import UsageError
from provenance.evaluate.transforms import TRANSFORMS, find_transforms, mix_sentences, transform

STORY = " ".join(f"Sentence number {k} tells of the ferry and its crew." for k in range(30))


@given(st.text(max_size=300), st.sampled_from(sorted(TRANSFORMS)), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_changed_and_the_same_seed_changes_it_alike(text, name, seed):
    assert transform(text, name, seed) == transform(text, name, seed)


@pytest.mark.parametrize("n", [25, 50, 100, 200])
def test_texts_are_cut_to_their_first_words_with_the_layout_kept(n):
    text = STORY.replace("ferry and", "ferry\n\nand")
    cut = transform(text, f"words-{n}")
    assert text.startswith(cut) and len(cut.split()) == n
    assert transform("too short", f"words-{n}") == "too short"


@pytest.mark.parametrize("name", ["characters", "words"])
def test_perturbations_change_about_a_tenth_and_differ_by_seed(name):
    before, after = STORY.split(), transform(STORY, name).split()
    changed = sum(a != b for a, b in zip(before, after, strict=False)) if name == "characters" else None
    assert changed is None or 0.03 < changed / len(before) < 0.15
    assert after != before and abs(len(after) - len(before)) < 0.1 * len(before)
    assert transform(STORY, name, 1) != transform(STORY, name, 2)


def test_a_perturbed_word_keeps_its_first_and_last_letter():
    before, after = STORY.split(), transform(STORY, "characters").split()
    assert all(a[0] == b[0] for a, b in zip(before, after, strict=True))


def test_lower_case_markdown_and_openings():
    assert transform("A **Bold** Claim", "lower-case") == "a **bold** claim"
    assert transform("# Head\n- **one**", "no-markdown") == "Head\none"
    opened = transform("The text.", "opening")
    assert opened.endswith("The text.") and opened.split()[0].rstrip("!.") in {"Sure", "Certainly", "Of", "Here"}


def test_mixing_puts_sentences_of_another_writer_in_the_place_of_half():
    other = " ".join(f"Foreign words stand here {k}." for k in range(40))
    mixed = mix_sentences(STORY, other)
    assert mixed.count("Foreign") == 15 and mixed.count("Sentence number") == 15
    assert mixed == mix_sentences(STORY, other) != mix_sentences(STORY, other, seed=1)
    assert mixed.index("here 0.") < mixed.index("here 14.")


@pytest.mark.parametrize(
    ("text", "other", "share"), [("", "One. Two.", 0.5), ("One. Two.", "", 0.5), ("One. Two.", "Three.", 0)]
)
def test_mixing_with_nothing_changes_nothing(text, other, share):
    assert mix_sentences(text, other, share) == text


def test_mixing_a_single_sentence_replaces_it():
    assert mix_sentences("Only this.", "Other. More.") == "Other."


def test_an_unknown_transform_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="'rot13'; known are words-25"):
        find_transforms(["words-25", "rot13"])
