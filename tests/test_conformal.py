"""P-values: valid for exchangeable texts, the largest over corpora, never zero."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.detect.conformal import ENOUGH, Calibration, bin_of, fit_calibration
from provenance.detect.detector import Detector
from provenance.documents import Document

SHORT = 60
LONG = 300


def words(n: int, size: int = SHORT) -> np.ndarray:
    return np.full(n, size, np.int64)


def calibration(corpora: dict[str, np.ndarray], size: int = SHORT) -> Calibration:
    """Calibrate on these human scores; the probabilities come from two fixed bell curves."""
    rng = np.random.default_rng(0)
    windows = np.concatenate([rng.normal(-1, 1, 100), rng.normal(1, 1, 100)])
    machine = np.repeat([False, True], 100)
    names = [name for name, scores in corpora.items() for _ in scores]
    scores = np.concatenate(list(corpora.values()))
    return fit_calibration(names, scores, words(len(scores), size), windows, words(200, size), machine, np.ones(200))


@pytest.fixture(scope="module")
def bell() -> Calibration:
    return calibration({"a": np.random.default_rng(1).normal(size=100)})


@pytest.mark.parametrize("rounded", [False, True], ids=["distinct", "tied"])
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2, 0.5])
def test_human_texts_like_the_calibration_are_flagged_at_most_at_the_stated_rate(
    bell: Calibration, alpha: float, rounded: bool
) -> None:
    rng = np.random.default_rng(2)
    hits, n = 0, 0
    for _ in range(150):
        scores = rng.normal(size=299)
        scores = np.round(scores, 1) if rounded else scores
        one = bell.replaced("x", scores[:199], words(199))
        hits += int((one.p_values(scores[199:], words(100)) <= alpha).sum())
        n += 100
    # scores that share a calibration set rise and fall together: allow for the spread over 150 sets
    assert hits / n <= alpha + 3 * np.sqrt(alpha * (1 - alpha) * (1 / 100 + 1 / 199) / 150)
    assert hits / n >= alpha * 0.6 or rounded


@pytest.mark.parametrize("n", [99, 100, 250])
def test_the_smallest_p_value_is_one_over_n_plus_one(bell: Calibration, n: int) -> None:
    one = bell.replaced("x", np.arange(n, dtype=float), words(n))
    assert one.p_values(np.array([1e9]), words(1))[0] == pytest.approx(1 / (n + 1))
    assert one.p_values(np.array([-1e9]), words(1))[0] == 1


def test_a_higher_score_never_has_a_higher_p_value(bell: Calibration) -> None:
    scores = np.linspace(-5, 5, 101)
    assert (np.diff(bell.p_values(scores, words(101))) <= 0).all()


def test_a_text_must_stand_out_against_every_large_corpus() -> None:
    low, high = np.linspace(-3, -1, 120), np.linspace(2, 4, 120)
    both = calibration({"low": low, "high": high})
    score = np.array([3.0])
    alone = calibration({"high": high}).p_values(score, words(1))
    assert both.p_values(score, words(1)) == pytest.approx(alone)
    assert alone[0] > 0.4
    assert calibration({"low": low}).p_values(score, words(1))[0] < 0.01


def test_a_corpus_too_small_for_one_per_cent_does_not_rule() -> None:
    low, few = np.linspace(-3, -1, 120), np.full(ENOUGH - 1, 10.0)
    assert calibration({"low": low, "few": few}).p_values(np.array([3.0]), words(1))[0] == pytest.approx(1 / 121)


def test_small_corpora_are_pooled_where_no_corpus_is_large() -> None:
    pooled = calibration({"a": np.zeros(60), "b": np.ones(60)})
    assert pooled.p_values(np.array([2.0]), words(1))[0] == pytest.approx(1 / 121)


def test_texts_are_compared_with_texts_of_like_length(bell: Calibration) -> None:
    scores = np.concatenate([np.full(150, -1.0), np.full(150, 1.0)])
    mixed = bell.replaced("x", scores, np.concatenate([words(150, SHORT), words(150, LONG)]))
    short, long = mixed.p_values(np.zeros(2), np.array([SHORT, LONG]))
    assert short == pytest.approx(1 / 151)
    assert long == 1


def test_a_length_without_calibration_texts_takes_all_of_them(bell: Calibration) -> None:
    assert bell.p_values(np.array([1e9]), words(1, LONG))[0] == pytest.approx(1 / 101)


def test_length_bins_begin_at_their_lower_bound() -> None:
    assert bin_of(np.array([0, 99, 100, 199, 200, 10**6])).tolist() == [0, 0, 1, 1, 2, 2]


def test_the_order_of_calibration_texts_does_not_matter() -> None:
    scores = np.random.default_rng(4).normal(size=300)
    asked = np.linspace(-2, 2, 9)
    forwards = calibration({"a": scores[:150], "b": scores[150:]})
    backwards = calibration({"b": scores[150:][::-1], "a": scores[:150][::-1]})
    assert np.array_equal(forwards.p_values(asked, words(9)), backwards.p_values(asked, words(9)))


def test_probabilities_rise_with_score_and_prior_and_stay_within_bounds(bell: Calibration) -> None:
    scores = np.array([-1e6, -1.0, 0.0, 1.0, 1e6])
    even, rare = (bell.probabilities(scores, words(5), prior) for prior in (0.5, 0.01))
    assert ((even >= 0) & (even <= 1)).all()
    assert (np.diff(even) > 0).all()
    assert (rare[1:4] < even[1:4]).all()
    assert even[2] == pytest.approx(0.5, abs=0.1)


def test_a_hundred_texts_of_your_own_give_p_values_down_to_one_in_101(toy_detector: Detector, make_documents) -> None:
    people = [document for document in make_documents(100, seed=9) if document.label == "human"]
    own = toy_detector.calibrate(people)
    machine = [document for document in make_documents(20, seed=10) if document.label == "llm"]
    assert own.calibration_.n == 100
    assert min(score.p_value for score in own.score(machine)) == pytest.approx(1 / 101, abs=1e-6) or _split(own)
    equal = [Document(id=str(i), text=f"{people[0].text} {i}") for i in range(100)]
    best = toy_detector.calibrate(equal).score([machine[0]])[0]
    assert best.p_value == pytest.approx(1 / 101, abs=1e-6)


def _split(detector: Detector) -> bool:
    """Whether the texts lie in several length bins, so that a bin of 99 rules its length."""
    return int((np.diff(detector.calibration_.offsets) > 0).sum()) > 1


def test_fresh_texts_by_people_are_seldom_flagged_after_calibration(toy_detector: Detector, make_documents) -> None:
    people = [document for document in make_documents(400, seed=11) if document.label == "human"]
    scores = toy_detector.calibrate(people[:200]).score(people[200:], fpr=0.05)
    assert sum(score.verdict == "flagged" for score in scores) <= 0.05 * 200 + 3 * np.sqrt(200 * 0.05 * 2)
