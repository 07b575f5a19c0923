"""The results that ship are whole runs, reach what the lessons say of them, and are the numbers of the guide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provenance.teach.catalogue import claims, lesson_named, lessons, shipped_result
from provenance.teach.figures import figure_from

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
NAMES = [lesson.name for lesson in lessons()]

each_lesson = pytest.mark.parametrize("name", NAMES)


def short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def found(lesson: str, name: str) -> dict[str, Any]:
    return next(item for item in shipped_result(lesson)["findings"] if item["name"] == name)


@each_lesson
def test_a_shipped_result_is_a_whole_run_with_seeds_versions_and_times(name: str) -> None:
    result = shipped_result(name)
    assert result["quick"] is False and result["seeds"] >= 5 and result["teacher"] == "tiny"
    assert {"python", "torch", "numpy", "provenance"} <= set(result["versions"])
    assert 0 < result["cpu_seconds"] < 180, "under three minutes, on one core of the two"
    assert 0 < result["peak_mb"] < 2000
    assert result["command"] == f"provenance teach run {name} --seeds {result['seeds']} --seed 0"


@each_lesson
def test_a_lesson_has_a_question_choices_limits_and_papers(name: str) -> None:
    lesson = lesson_named(name)
    assert lesson.question.endswith("?") and len(lesson.choices) == 3 and 0 <= lesson.answer < 3
    assert lesson.not_shown and lesson.papers
    assert ("smollm2" in lesson.teachers) == (not lesson.only_tiny)
    assert lesson_named(str(lesson.number)) is lesson


@each_lesson
def test_the_words_of_a_shipped_result_are_those_of_the_lesson(name: str) -> None:
    result, lesson = shipped_result(name), lesson_named(name)
    assert (result["title"], result["not_shown"], result["papers"]) == (
        lesson.title, list(lesson.not_shown), list(lesson.papers),
    )  # fmt: skip


@each_lesson
def test_figures_of_shipped_results_can_be_drawn(name: str) -> None:
    for figure in shipped_result(name)["figures"]:
        assert figure_from(figure).svg().startswith("<svg")


def test_full_logits_need_a_quarter_of_the_positions_or_fewer() -> None:
    assert found("logits-vs-text", "share_needed")["high"] <= 0.25


def test_sampled_text_keeps_falling_and_greedy_text_does_not() -> None:
    assert found("logits-vs-text", "text_keeps_falling")["high"] < 0.9
    assert found("logits-vs-text", "greedy_stalls")["low"] > 0.9


def test_renormalised_top_five_ends_above_what_text_reaches() -> None:
    assert found("logits-vs-text", "floor_top5")["low"] > found("logits-vs-text", "kl_text")["high"]
    assert found("logits-vs-text", "top5_stalls")["low"] > 0.95


def test_soft_labels_teach_a_digit_that_was_never_seen() -> None:
    assert found("dark-knowledge", "recall_soft")["low"] > 0.5 > found("dark-knowledge", "recall_hard")["high"]


def test_logits_lie_in_as_many_directions_as_the_hidden_layer_is_wide() -> None:
    assert found("what-the-api-shows", "width_found")["value"] == 1


def test_style_is_copied_and_facts_that_no_answer_named_are_not() -> None:
    assert found("style-not-ability", "style_share")["value"] >= 0.9
    assert found("style-not-ability", "ability_untargeted")["value"] <= 0.2
    assert found("style-not-ability", "ability_targeted")["low"] > found("style-not-ability", "ability_untargeted")["high"]


def test_the_detector_cannot_tell_logits_from_text() -> None:
    apart = found("style-not-ability", "text_or_logits")
    assert apart["low"] <= 0.5 <= apart["high"]
    assert found("style-not-ability", "detector_text")["low"] > 0.9


def test_steps_teach_parity_and_answers_alone_do_not_at_this_budget() -> None:
    assert found("hidden-chain-of-thought", "with_steps")["value"] >= 0.95
    assert found("hidden-chain-of-thought", "same_examples")["high"] <= 0.6
    assert found("hidden-chain-of-thought", "same_tokens")["high"] <= 0.6


def test_most_positions_of_another_tokenizer_have_no_table() -> None:
    assert found("two-tokenizers", "aligned")["high"] < 0.5


def test_bought_and_published_answers_cannot_be_told_apart() -> None:
    hands = found("second-hand", "first_or_second_hand")
    assert hands["low"] <= 0.5 <= hands["high"]


def test_students_too_simple_for_their_teacher_meet_and_others_are_still_apart() -> None:
    assert found("when-text-is-enough", "ratio_last")["high"] < 1.05
    assert found("when-text-is-enough", "ratio_roomy")["low"] > 1.5
    assert found("when-text-is-enough", "closed_form")["value"] == pytest.approx(1, abs=0.05)


def test_the_guide_says_every_claim_with_its_verdict() -> None:
    for claim in claims():
        assert claim.text in GUIDE and f"**{claim.verdict}**" in GUIDE
        assert claim.verdict in ("right", "right, with a footnote", "not decidable")
        assert all(1 <= number <= len(NAMES) for number in claim.lessons)
        row = next(line for line in GUIDE.splitlines() if line.startswith(f"| {claim.text} |"))
        assert claim.why in row and row.endswith(f"| {' and '.join(map(str, claim.lessons))} |")


def test_the_guide_says_which_lessons_take_a_real_teacher_and_why_others_do_not() -> None:
    part = " ".join(GUIDE.split("## A real teacher")[1].split("## ")[0].split())
    for lesson in lessons():
        assert f"{lesson.number} ({lesson.name})" in part
        assert lesson.only_tiny in part


def test_the_guide_says_what_each_lesson_cost() -> None:
    row = next(line for line in GUIDE.splitlines() if line.startswith("| seconds of one core |"))
    assert [int(cell) for cell in row.strip("|").split("|")[1:]] == [
        round(shipped_result(name)["cpu_seconds"]) for name in NAMES
    ]
    row = next(line for line in GUIDE.splitlines() if line.startswith("| most memory, MB |"))
    assert [int(cell) for cell in row.strip("|").split("|")[1:]] == [shipped_result(name)["peak_mb"] for name in NAMES]


def test_the_figures_of_the_guide_are_those_of_the_shipped_results() -> None:
    table = GUIDE.split("<!-- figures:start -->")[1].split("<!-- figures:end -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    assert {row[0] for row in rows} == {str(k) for k in range(1, len(NAMES) + 1)}
    for number, text, value, span, n in rows:
        item = next(f for f in shipped_result(lesson_named(number).name)["findings"] if f["text"] == text)
        assert value == short(item["value"]) and n == str(item["n"])
        assert span == (f"{short(item['low'])} to {short(item['high'])}" if item["n"] > 1 else "–")
