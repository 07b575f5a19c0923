"""Figures of a detector that a user trains: from groups that were held out, or none at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.detect.card import render_card
from provenance.detect.recipe import Recipe
from provenance.detect.result import Score
from provenance.documents import Document
from provenance.errors import InputError
from provenance.evaluate.holdout import figures, held_out_groups, measure_holdout


def text(i: int, label: str, corpus: str = "a") -> Document:
    return Document(id=f"{label}{i}", text="words", label=label, group=f"{corpus}{i // 2}", meta={"corpus": corpus})


def scored(document: Document, value: float | None, n_words: int = 100, verdict: str = "not_flagged") -> Score:
    return Score(document.id, n_words, value, 0.5, 0.5, verdict, None, None)  # type: ignore[arg-type]


def test_a_fifth_of_the_groups_of_every_corpus_is_held_out() -> None:
    documents = [text(i, label, corpus) for corpus in "ab" for i in range(40) for label in ("human", "llm")]
    drawn = held_out_groups(documents, seed=1)
    assert sum(group.startswith("a") for group in drawn) == sum(group.startswith("b") for group in drawn) == 4
    assert drawn == held_out_groups(documents, seed=1)
    assert drawn != held_out_groups(documents, seed=2)


def test_figures_are_of_texts_that_are_long_enough() -> None:
    documents = [text(i, "human") for i in range(120)] + [text(i, "llm") for i in range(120)]
    scores = [scored(d, float(d.label == "llm")) for d in documents]
    short = [(text(i, "human"), scored(text(i, "human"), 9.0, n_words=20)) for i in range(30)]
    found = figures([*documents, *(d for d, _ in short)], [*scores, *(s for _, s in short)], min_words=50)
    assert found["summary"]["auroc"]["value"] == 1
    assert found["summary"]["n_human"] == found["summary"]["n_llm"] == 120
    assert found["summary"]["n_groups"] == 60


def test_noise_measures_as_noise_with_an_interval_around_a_half() -> None:
    rng = np.random.default_rng(0)
    documents = [text(i, label) for i in range(200) for label in ("human", "llm")]
    row = figures(documents, [scored(d, rng.normal()) for d in documents], 50)["summary"]["auroc"]
    assert row["low"] < 0.5 < row["high"]


def test_a_cut_at_one_per_cent_needs_99_texts_by_people() -> None:
    documents = [text(i, label) for i in range(98) for label in ("human", "llm")]
    found = figures(documents, [scored(d, float(d.label == "llm")) for d in documents], 50)
    assert found["summary"]["tpr_at_1"] is None
    assert not any("found at 1 %" in row["figure"] for row in found["tables"]["Held-out groups"])


def test_flagged_texts_by_people_are_counted_among_those_that_were_judged() -> None:
    documents = [text(i, label) for i in range(100) for label in ("human", "llm")]
    verdicts = ["flagged", "abstained"] + ["not_flagged"] * 98
    scores = [scored(d, 0.1 * i, verdict=verdicts[i // 2]) for i, d in enumerate(documents)]
    row = figures(documents, scores, 50)["tables"]["Held-out groups"][-1]
    assert (row["n"], row["value"]) == (99, pytest.approx(1 / 99, abs=1e-6))


def test_the_same_recipe_is_trained_without_the_held_out_groups_and_measured_on_them(make_documents, toy_recipe) -> None:
    found = measure_holdout(make_documents(80), toy_recipe)
    assert found["summary"]["auroc"]["value"] > 0.9
    assert found["summary"]["n_human"] + found["summary"]["n_llm"] <= 0.3 * 160
    assert "people" in found["method"]


def test_rows_that_the_recipe_leaves_out_are_not_measured_on(make_documents, toy_recipe: Recipe) -> None:
    documents = make_documents(40)
    marked = [replace(d, meta={"corpus": "toy", "usable": False}) for d in documents]
    with pytest.raises(InputError, match="0 held-out texts with the label 'human'"):
        measure_holdout(marked, toy_recipe)


def test_too_few_groups_are_refused_in_a_line(make_documents, toy_recipe: Recipe) -> None:
    with pytest.raises(InputError, match="held-out texts with the label"):
        measure_holdout([replace(d, group="one") for d in make_documents(30)], toy_recipe)


def test_the_card_shows_the_figures_and_an_unknown_bound_as_such(toy_detector) -> None:
    documents = [text(0, label) for _ in range(100) for label in ("human", "llm")]
    found = figures(documents, [scored(d, float(d.label == "llm")) for d in documents], 50)
    measured = toy_detector.calibrate([Document(id="x", text="we walked home and had some tea. " * 20)])
    measured.metrics_ = {"method": "Held out.", "command": "provenance train", **found}
    assert "| AUROC | 1.000 | unknown | unknown | 200 |" in render_card(measured)
