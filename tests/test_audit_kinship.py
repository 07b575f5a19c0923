"""Kinship: students are found, people are not, shuffled prompts destroy it, p-values of the null are uniform."""

from __future__ import annotations

import importlib.util
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from provenance.audit.centring import centred, soft_maximum
from provenance.audit.kinship import SHARES, kinships
from provenance.audit.settings import AuditSettings
from provenance.audit.similarity import measure, rooted
from provenance.audit.sketch import sketch
from provenance.audit.verdict import audit
from provenance.errors import UsageError

_SPEC = importlib.util.spec_from_file_location("audit_world", Path(__file__).with_name("audit_world.py"))
assert _SPEC and _SPEC.loader
world = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(world)

QUICK = AuditSettings(draws=30)


def run(documents, **options):
    return audit(documents, world.panel(), settings=QUICK, **options)


@pytest.mark.parametrize("teacher", world.TEACHERS)
def test_a_student_is_kin_to_its_teacher(teacher):
    result = run(world.answers("new", teacher, 0.5))
    assert result.verdict == f"kin_to_{teacher}"
    top = result.teachers[0]
    assert top.teacher == result.nearest == teacher
    assert top.low is not None and 0 < top.low < top.kinship < top.high
    assert top.p_value == top.rank / (top.n_controls + 1) <= 0.05


def test_of_32_models_taught_by_people_at_most_three_are_kin_to_somebody():
    verdicts = [run(world.answers(f"stranger-{k}", None)).verdict for k in range(32)]
    assert verdicts.count("no_kinship_found") >= 29, verdicts


def test_half_the_prompts_of_a_teacher_are_kin_to_the_other_half():
    mine = [d for d in world.panel_documents() if d.source == "openai-0"]
    renamed = [replace(d, source="half") for d in mine[::2]]
    result = run(renamed, related=["openai"])
    assert result.nearest == "openai"


def test_a_teacher_of_another_date_is_nearest_to_itself():
    result = run(world.answers("anthropic-later", "anthropic", 0.7), related=["anthropic"])
    assert result.verdict == "kin_to_anthropic"
    assert result.teachers[0].kinship > 5 > 0 > result.teachers[1].kinship


def test_shuffled_prompts_destroy_the_kinship():
    documents = world.answers("new", "openai", 0.6)
    texts = [d.text for d in documents]
    random.Random(1).shuffle(texts)
    shuffled = run([replace(d, text=t) for d, t in zip(documents, texts, strict=True)])
    assert run(documents).teachers[0].kinship > 2
    assert shuffled.verdict == "not_enough_evidence"
    student, stranger = (run(world.answers(*who)).teachers[0].kinship for who in (("new", "openai"), ("stranger0", None)))
    assert shuffled.teachers[0].kinship < (student + stranger) / 2


def test_p_values_of_controls_are_uniform():
    panel = world.panel()
    prompts = np.arange(len(panel.prompts))
    measured = panel.measured(prompts)
    p_values = []
    for m, model in enumerate(panel.models):
        found = kinships(panel, measured[m], prompts, related={model.lineage}, draws=0)
        if model.group and model.family in panel.teachers:
            continue
        for t, teacher in enumerate(panel.teachers):
            if panel.is_control(model, teacher):
                p_values.append(found.rank(float(found.suspect[t])) / (len(found.null) + 1))
    values = np.sort(p_values)
    distance = np.abs(values - (np.arange(len(values)) + 0.5) / len(values)).max()
    assert len(values) > 50
    assert distance < 0.15  # 1.36 / sqrt(n) is about .17 for independent values
    assert np.mean(values <= 0.05) <= 0.1


@pytest.mark.parametrize("slots", [7, world.SLOTS, 20])
def test_length_does_not_hide_students_and_makes_few_strangers_kin(slots):
    assert run(world.answers("student", "meta", 0.5, slots=slots)).verdict == "kin_to_meta"
    verdicts = [run(world.answers(f"stranger{k}", None, slots=slots)).verdict for k in range(16)]
    assert verdicts.count("no_kinship_found") >= 14, verdicts


def test_the_models_own_answers_are_left_out_of_its_group():
    panel = world.panel()
    place = next(i for i, m in enumerate(panel.models) if m.name == "openai-1")
    own = [d for d in world.panel_documents() if d.source == "openai-1"]
    order = np.array([int(np.flatnonzero(panel.prompts == key)[0]) for key in map(_key, own)])
    fresh = measure(panel, sketch([d.text for d in own]), order, without=place)
    stored = panel.measured(order)[place]
    assert np.allclose(fresh, stored, atol=float(panel.scales[:, 1].max()), equal_nan=True)


def _key(document):
    from provenance.audit.sketch import prompt_key

    return np.uint64(prompt_key(document.prompt))


def test_the_same_seed_gives_the_same_record():
    documents = world.answers("new", "openai", 0.5)
    assert run(documents, seed=3).to_dict() == run(documents, seed=3).to_dict()
    assert run(documents, seed=3).teachers[0].low != run(documents, seed=4).teachers[0].low


def test_order_of_rows_makes_no_difference():
    documents = world.answers("new", "meta", 0.5)
    assert run(documents[::-1]).to_dict() == run(documents).to_dict()


def test_only_the_teachers_asked_for_are_reported_and_holm_counts_them():
    result = run(world.answers("new", "openai", 0.6), teachers=["openai"])
    assert [t.teacher for t in result.teachers] == ["openai"]
    assert result.teachers[0].p_holm == result.teachers[0].p_value
    every = run(world.answers("new", "openai", 0.6))
    assert every.teachers[0].p_holm == pytest.approx(3 * every.teachers[0].p_value)


def test_an_unknown_teacher_or_lineage_is_refused_with_the_known_ones():
    documents = world.answers("new", None)
    with pytest.raises(UsageError, match="no teacher 'gpt'; it has .*openai"):
        run(documents, teachers=["gpt"])
    with pytest.raises(UsageError, match="no lineage 'x'; it has .*folk-0"):
        run(documents, related=["x"])


def test_double_centring_leaves_no_row_or_column_mean():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(2, 9, 5)) + rng.normal(size=(2, 9, 1)) * 5 + rng.normal(size=(2, 1, 5)) * 5
    rest = centred(table, np.ones(9))
    assert np.allclose(rest.mean(axis=1), 0, atol=1e-6)
    assert np.allclose(rest.mean(axis=2), 0, atol=1e-6)


def test_double_centring_keeps_holes_as_holes():
    table = np.arange(12.0).reshape(1, 4, 3)
    table[0, 1, 2] = np.nan
    rest = centred(table, np.ones(4))
    assert np.isnan(rest[0, 1, 2])
    assert np.allclose(rest[~np.isnan(rest)], 0, atol=1e-3)  # the table is additive


def test_soft_maximum_lies_between_mean_and_maximum():
    values = np.array([[1.0, 2.0, 4.0], [np.nan, 3.0, np.nan], [np.nan] * 3])
    found = soft_maximum(values)
    assert np.mean(values[0]) < found[0] < 4
    assert found[1] == pytest.approx(3)
    assert np.isnan(found[2])


def test_roots_keep_signs_and_holes():
    values = np.array([0.25, -0.04, 0.0, np.nan], np.float32)
    assert np.allclose(rooted(values), [0.5, -0.2, 0.0, np.nan], equal_nan=True)


def test_weights_of_channels_can_be_given():
    panel = world.panel()
    prompts = np.arange(len(panel.prompts))
    mine = panel.measured(prompts)[0]
    usual, words = (kinships(panel, mine, prompts, draws=0, shares=s).suspect for s in (SHARES, (1, 0, 0, 0)))
    assert np.array_equal(usual, kinships(panel, mine, prompts, draws=0).suspect)
    assert not np.allclose(usual, words)


def test_answers_that_do_not_belong_to_their_prompts_get_no_verdict_and_are_told_so():
    documents = world.answers("new", "openai", 0.6)
    strange = [
        replace(d, text=f"{chr(97 + k % 26)}rbl {chr(98 + k % 20)}xt quu {k} zor " * 12) for k, d in enumerate(documents)
    ]
    result = run(strange)
    assert result.verdict == "not_enough_evidence"
    assert any("mixed up" in remark for remark in result.remarks)
    assert not any("mixed up" in remark for remark in run(documents).remarks)
