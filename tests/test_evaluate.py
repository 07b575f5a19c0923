"""Measures with intervals, slices, scores made elsewhere, and the baselines of the shortcut report."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from provenance.detect.result import Score
from provenance.documents import Document
from provenance.errors import InputError, UsageError
from provenance.evaluate.baselines import baseline_observations, layout_features, length_features, punctuation_features
from provenance.evaluate.bootstrap import ranking
from provenance.evaluate.cells import measure_cells
from provenance.evaluate.facets import check_names, length_name, slices
from provenance.evaluate.metrics import auroc, brier, ece, equal_weights, reliability, roc_points, tpr_at_fpr
from provenance.evaluate.observations import group_of, observed_predictions, observed_scores
from provenance.evaluate.predictions import Prediction, match_predictions, read_predictions


def made(n=200, gap=1.5, seed=0):
    """Scores of human and machine texts whose means lie `gap` apart, with labels and groups of two."""
    rng = np.random.default_rng(seed)
    machine = np.arange(n) % 2 == 1
    return rng.normal(size=n) + gap * machine, machine, [f"g{k // 2}" for k in range(n)]


def finding(ident, p_value, verdict="not_flagged", value=0.0, probability=0.5, words=120):
    return Score(ident, words, value, probability, p_value, verdict, None, None, {}, None, None, "fake@1")


def observed(*rows):
    """Observations from (label, p-value, facts) with facts of the document and of `meta`."""
    documents, scores = [], []
    for k, (label, p_value, facts) in enumerate(rows):
        named = {key: facts[key] for key in ("domain", "source", "group", "prompt") if key in facts}
        meta = {key: value for key, value in facts.items() if key not in named and key != "words"}
        documents.append(Document(f"d{k}", f"text {k}", label=label, meta=meta, **named))
        verdict = "abstained" if p_value is None else "flagged" if p_value <= 0.01 else "not_flagged"
        value = None if p_value is None else 1 - p_value
        scores.append(finding(f"d{k}", p_value, verdict, value, value, facts.get("words", 120)))
    return observed_scores(documents, scores, "fake@1", 0.01)


def test_the_ranking_is_that_of_the_plain_measures():
    scores, machine, groups = made()
    found = ranking(scores, machine, groups, (0.01, 0.05), draws=20)
    assert found.auroc.value == pytest.approx(auroc(scores, machine))
    for fpr in (0.01, 0.05):
        assert found.tpr_at_fpr[fpr].value == pytest.approx(tpr_at_fpr(scores, machine, fpr))
    assert found.n_groups == 100


def test_ties_count_half_and_a_cut_never_lets_tied_human_texts_through():
    scores = np.array([0.0, 1.0, 1.0, 1.0, 2.0])
    machine = np.array([False, False, False, True, True])
    found = ranking(scores, machine, list("abcde"), (0.01, 0.4), draws=1)
    assert found.auroc.value == pytest.approx((1 + 0.5 + 0.5 + 3) / 6)
    assert found.tpr_at_fpr[0.01].value == 0.5 and found.tpr_at_fpr[0.4].value == 0.5


def test_the_interval_is_that_of_drawing_rows_group_by_group():
    scores, machine, groups = made(80)
    found = ranking(scores, machine, groups, draws=400, seed=3)
    rng, names, areas = np.random.default_rng(3), np.array(groups), []
    for _ in range(400):
        picked = np.unique(names)[rng.integers(0, 40, 40)]
        rows = np.concatenate([np.flatnonzero(names == name) for name in picked])
        areas.append(auroc(scores[rows], machine[rows]))
    low, high = np.quantile(areas, [0.025, 0.975])
    assert (found.auroc.low, found.auroc.high) == (pytest.approx(low), pytest.approx(high))


def test_large_groups_make_wide_intervals():
    rng = np.random.default_rng(0)
    machine = np.arange(400) % 2 == 1
    shift = np.repeat(rng.normal(scale=2, size=20), 20)
    scores = rng.normal(size=400) + machine + shift
    alone = ranking(scores, machine, [str(k) for k in range(400)]).auroc
    joined = ranking(scores, machine, [str(k // 20) for k in range(400)]).auroc
    assert joined.low <= joined.value <= joined.high
    one_sided = ranking(np.where(machine, shift, 0.0), machine, [str(k // 20) for k in range(400)]).auroc
    assert one_sided.high - one_sided.low > 2 * (alone.high - alone.low)


def test_one_label_or_one_group_gives_no_interval_out_of_thin_air():
    scores, machine, _ = made(10)
    with pytest.raises(InputError, match="one label"):
        ranking(scores, np.zeros(10, bool), ["a"] * 10)
    assert np.isnan(ranking(scores, machine, ["a"] * 10).auroc.low)


def test_the_roc_curve_encloses_the_area():
    scores, machine, _ = made()
    fpr, tpr = roc_points(np.round(scores, 1), machine)
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(tpr, fpr) == pytest.approx(auroc(np.round(scores, 1), machine))


def test_brier_and_calibration_error_by_hand():
    stated, machine = np.array([0.9, 0.8, 0.3, 0.3]), np.array([True, False, False, True])
    assert brier(stated, machine) == pytest.approx((0.01 + 0.64 + 0.09 + 0.49) / 4)
    # bins 0.9, 0.8, 0.3: gaps of -0.1, 0.8, and |0.6 - 1|
    assert ece(stated, machine) == pytest.approx((0.1 + 0.8 + 0.4) / 4)
    assert np.isnan(brier(stated[:0], machine[:0])) and np.isnan(ece(stated[:0], machine[:0]))


def test_a_certain_probability_stands_in_the_last_bin():
    bins = reliability(np.array([1.0, 0.95, 0.0]), np.array([True, True, False]))
    assert [(b.n, b.share) for b in bins] == [(1, 0.0), (2, 1.0)]


def test_equal_weights_give_both_labels_the_same_say():
    machine = np.array([True] * 9 + [False])
    weights = equal_weights(machine)
    assert weights[machine].sum() == pytest.approx(weights[~machine].sum()) and weights.mean() == pytest.approx(1)


@pytest.mark.parametrize(("n", "name"), [(0, "0-49"), (49, "0-49"), (50, "50-99"), (399, "200-399"), (9000, "400+")])
def test_lengths_have_their_bins(n, name):
    assert length_name(n) == name


def test_a_group_is_never_one_of_another_corpus():
    one, other = (Document("a", "x", group="1", meta={"corpus": name}) for name in ("a", "b"))
    assert group_of(one) != group_of(other)
    assert group_of(Document("a", "x", prompt="p")) == group_of(Document("b", "y", prompt="p"))
    assert group_of(Document("a", "x")) != group_of(Document("b", "x"))


def test_a_cell_counts_abstained_human_texts_as_not_flagged():
    seen = observed(("human", 0.5, {}), ("human", 0.005, {}), ("human", None, {}), ("llm", 0.002, {}), ("llm", 0.3, {}))
    (cell,) = measure_cells(seen, [])
    record = cell.to_dict()
    assert (record["n_human"], record["n_llm"], record["by"]) == (3, 2, {})
    assert record["fpr_at_threshold"] == pytest.approx(1 / 3) and record["tpr_at_threshold"] == 0.5
    assert record["fpr_at_threshold_low"] < 1 / 3 < record["fpr_at_threshold_high"]
    assert record["abstained"] == 0.2 and record["abstained_human"] == pytest.approx(1 / 3)
    assert record["auroc"] == pytest.approx(3 / 4)


def test_a_record_has_the_published_fields():
    record = measure_cells(observed(("human", 0.5, {}), ("llm", 0.2, {})), [], (0.01, 0.05))[0].to_dict()
    wanted = ("by", "n_human", "n_llm", "auroc", "auroc_low", "auroc_high", "tpr_at_fpr", "fpr_at_threshold")
    assert {*wanted, "abstained", "brier", "ece", "schema_version"} <= set(record)
    assert list(record["tpr_at_fpr"]) == ["0.01", "0.05"]
    json.dumps(record, allow_nan=False)


def test_texts_of_one_label_have_rates_and_no_auroc():
    record = measure_cells(observed(*[("human", k / 10, {}) for k in range(1, 9)]), [])[0].to_dict()
    assert record["auroc"] is None and record["tpr_at_fpr"] == {"0.01": None}
    assert record["fpr_at_threshold"] == 0 and record["brier_balanced"] is None


def test_every_rate_that_is_asked_for_has_its_verdicts():
    rows = [("human", 0.03, {}), ("human", 0.5, {}), ("llm", 0.04, {}), ("llm", 0.001, {})]
    record = measure_cells(observed(*rows), [], (0.01, 0.05))[0].to_dict()
    assert record["rates"]["0.01"]["fpr"] == 0 and record["rates"]["0.05"]["fpr"] == 0.5
    assert record["rates"]["0.05"]["tpr"] == 1 and record["fpr_at_threshold"] == 0


def test_slices_by_domain_hold_both_sides():
    rows = [("human", 0.5, {"domain": "news"}), ("llm", 0.1, {"domain": "news"}), ("llm", 0.1, {"domain": "essay"})]
    found = {part.by.get("domain"): list(part.rows) for part in slices(observed(*rows), ["domain"]) if part.by}
    assert found == {"essay": [2], "news": [0, 1]}


def test_a_source_is_told_from_the_human_texts_of_its_corpora():
    rows = [
        ("human", 0.5, {"corpus": "a", "source": "human"}),
        ("human", 0.5, {"corpus": "b", "source": "human"}),
        ("llm", 0.1, {"corpus": "a", "source": "gpt"}),
        ("llm", 0.1, {"corpus": "b", "source": "claude"}),
    ]
    found = {part.by["source"]: list(part.rows) for part in slices(observed(*rows), ["source"]) if part.by}
    assert found == {"gpt": [0, 2], "claude": [1, 3]}


def test_attacked_texts_are_told_from_human_texts_attacked_alike_where_there_are_any():
    rows = [
        ("human", 0.5, {}), ("human", 0.5, {"attack": "typos"}), ("llm", 0.1, {}),
        ("llm", 0.1, {"attack": "typos"}), ("llm", 0.1, {"attack": "paraphrase"}),
    ]  # fmt: skip
    found = {part.by["attack"]: list(part.rows) for part in slices(observed(*rows), ["attack"]) if part.by}
    assert found == {"none": [0, 2], "paraphrase": [0, 4], "typos": [1, 3]}


def test_lengths_come_from_short_to_long():
    rows = [("human", 0.5, {"words": n}) for n in (450, 60, 150)]
    assert [part.by["length"] for part in slices(observed(*rows), ["length"]) if part.by] == ["50-99", "100-199", "400+"]


def test_any_field_of_the_rows_makes_slices_and_an_unknown_one_is_refused():
    seen = observed(("human", 0.5, {"lang": "en"}), ("llm", 0.5, {"lang": "de"}), ("llm", 0.5, {}))
    assert [part.by.get("lang", "-") for part in slices(seen, ["lang"])] == ["-", "de", "en", None]
    with pytest.raises(UsageError, match="no text has a mood.*lang"):
        list(slices(seen, ["mood"]))


def test_a_usual_slice_that_no_text_has_a_value_of_is_left_out():
    seen = observed(("human", 0.5, {}), ("llm", 0.5, {}))
    assert [part.by for part in slices(seen, ["domain", "source"])] == [{}]
    assert check_names(seen.documents, ["domain", "length", "attack"]) == ["domain"]


def test_predictions_are_read_from_lines_and_tables_alike(tmp_path):
    (tmp_path / "p.jsonl").write_text('{"id": "a", "score": 1.5, "p_value": 0.01}\n{"id": 7, "score": null}\n')
    (tmp_path / "p.csv").write_text("id,score,verdict\na,1.5,flagged\n7,,\n")
    lines, table = read_predictions(tmp_path / "p.jsonl"), read_predictions(tmp_path / "p.csv")
    assert lines["a"] == Prediction(1.5, None, 0.01) and lines["7"] == Prediction(None)
    assert table["a"] == Prediction(1.5, verdict="flagged") and table["7"].score is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('{"id": "a"}', "no score"), ('{"score": 1}', "no id"), ('{"id": "a", "score": "high"}', "score is 'high'"),
        ('{"id": "a", "score": 1e999}', ":1"), ('{"id": "a", "score": true}', "finite number"),
        ('{"id": "a", "score": 1, "probability": 1.5}', "from 0 to 1"), ("[1, 2]", "no record"), ("{broken", ":1"),
        ('{"id": "a", "score": 1, "verdict": "guilty"}', "verdict"),
        ('{"id": "a", "score": 1}\n{"id": "a", "score": 2}', "twice"),
    ],
)  # fmt: skip
def test_a_prediction_that_cannot_be_used_is_named_by_its_line(tmp_path, row, told):
    (tmp_path / "p.jsonl").write_text(row + "\n")
    with pytest.raises(InputError, match="p.jsonl") as caught:
        read_predictions(tmp_path / "p.jsonl")
    assert told in str(caught.value)


def test_predictions_without_a_match_count_as_abstained_and_foreign_ones_are_refused():
    documents = [Document("a", "x", label="human"), Document("b", "y", label="llm")]
    matched = match_predictions(documents, {"b": Prediction(2.0)})
    assert [item.score for item in matched] == [None, 2.0]
    with pytest.raises(InputError, match="none of 1 predictions"):
        match_predictions(documents, {"z": Prediction(2.0)})
    with pytest.raises(InputError, match="two texts"):
        match_predictions([documents[0], documents[0]], {"a": Prediction(2.0)})


def test_scores_made_elsewhere_are_flagged_by_threshold_p_value_or_verdict():
    documents = [Document("a", "x", label="human"), Document("b", "y", label="llm")]
    plain = [Prediction(1.0), Prediction(3.0)]
    assert observed_predictions(documents, plain, "mine", 0.01, None).flagged is None
    assert list(observed_predictions(documents, plain, "mine", 0.01, 2.0).flagged) == [False, True]
    valued = [Prediction(1.0, p_value=0.5), Prediction(3.0, p_value=0.01)]
    assert list(observed_predictions(documents, valued, "mine", 0.01, None).flagged) == [False, True]
    judged = [Prediction(1.0, verdict="flagged"), Prediction(3.0, verdict="abstained")]
    seen = observed_predictions(documents, judged, "mine", 0.01, None)
    assert list(seen.flagged) == [True, False] and list(seen.abstained) == [False, True]


def shortcut_corpus(shape, n=120, pairs=True):
    """Texts of the same words on both sides that differ in one thing alone."""
    rng = random.Random(0)
    words = ["river", "stone", "walks", "under", "bridge", "green", "with", "some", "quiet", "light"]
    found = []
    for k in range(n):
        for label in ("human", "llm"):
            size = rng.randint(40, 90) * (2 if shape == "length" and label == "llm" else 1)
            text = " ".join(rng.choice(words) for _ in range(size))
            if shape == "punctuation":
                text = text.replace("stone", "stone;" if label == "llm" else "stone,")
            if shape == "layout" and label == "llm":
                text = text.replace("bridge", "bridge\n\n")
            found.append(Document(f"{label}{k}", text, label=label, group=f"g{k}" if pairs else f"{label}{k}"))
    return found


@pytest.mark.parametrize("shape", ["length", "punctuation", "layout"])
def test_a_shortcut_is_found_by_its_own_baseline_and_by_no_other(shape):
    documents = shortcut_corpus(shape)
    areas = {}
    for name in ("length", "punctuation", "layout"):
        seen = baseline_observations(name, documents)
        areas[name] = auroc(seen.scores, seen.machine)
    assert areas[shape] > 0.95
    assert all(0.3 < area < 0.7 for name, area in areas.items() if name != shape)


def test_features_of_a_shortcut_look_at_nothing_else():
    assert length_features("a b c") == length_features("long!! words\n\nhere")
    assert punctuation_features("One, two; three") == punctuation_features("four,\n\nfive;      six")
    assert layout_features("One, two") != layout_features("One,\ntwo")


def test_a_baseline_is_not_tested_on_groups_that_it_has_seen():
    rng = random.Random(1)
    documents = []
    for k in range(60):  # the label of a group hangs on its own random word alone
        label, word = ("human", "llm")[k % 2], f"w{rng.random():.9f}".replace(".", "x")
        documents += [Document(f"{k}-{j}", f"{word} " * 20, label=label, group=str(k)) for j in range(4)]
    seen = baseline_observations("tfidf", documents)
    assert auroc(seen.scores, seen.machine) < 0.7


def test_a_baseline_needs_texts_and_groups_of_both_labels():
    with pytest.raises(InputError, match="10 or more"):
        baseline_observations("length", shortcut_corpus("length", n=5))
    documents = [Document(str(k), "some text", label="human" if k < 20 else "llm", group="one") for k in range(40)]
    with pytest.raises(InputError, match="two groups"):
        baseline_observations("length", documents)
    empty = [Document(str(k), "!", label="human" if k < 20 else "llm") for k in range(40)]
    with pytest.raises(InputError, match="no words"):
        baseline_observations("tfidf", empty)
