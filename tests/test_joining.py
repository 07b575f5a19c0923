"""Joining of channels: weights, and the cascade that spares clear texts the slow ones."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.detect.joining import Join, fit_joins, joined
from provenance.detect.sampling import Window

WINDOWS = [Window("", i, bool(i % 2), f"c{i % 5}", str(i), "other", "c") for i in range(2000)]
TRUTH = np.array([1.0 if window.machine else -1.0 for window in WINDOWS])


def columns(*sharpness: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.column_stack([sharp * TRUTH + rng.normal(0, 1, len(TRUTH)) for sharp in sharpness])


def accuracy(scores: np.ndarray) -> float:
    return float(np.mean((scores > np.median(scores)) == (TRUTH > 0)))


def test_a_channel_that_is_noise_gets_no_weight_and_a_good_one_does() -> None:
    good, wrong = fit_joins(columns(0.5, 1.0, -0.5), WINDOWS, 0.0)
    assert good.weight > 1
    assert wrong.weight == 0


def test_without_bounds_the_joint_score_is_the_weighted_sum() -> None:
    table = columns(1.0, 1.0)
    (join,) = fit_joins(table, WINDOWS, 0.0)
    assert joined(table, [join]) == pytest.approx(table[:, 0] + join.weight * table[:, 1], abs=1e-4)


def test_a_clear_text_is_not_read_by_the_slow_channel() -> None:
    asked: list[int] = []

    def read(places: np.ndarray) -> np.ndarray:
        asked.extend(places.tolist())
        return np.full(len(places), 10.0)

    join = Join(2.0, low=-1.0, high=1.0, below=-3.0, above=4.0)
    assert join.add(np.array([-2.0, 0.0, 1.0, 5.0]), read).tolist() == [-5.0, 20.0, 21.0, 9.0]
    assert asked == [1, 2]


def test_the_cascade_spares_many_texts_and_costs_little_accuracy() -> None:
    table = columns(1.5, 1.0)
    (plain,), (bounded,) = fit_joins(table, WINDOWS, 0.0), fit_joins(table, WINDOWS, 0.01)
    spared = np.mean((table[:, 0] < bounded.low) | (table[:, 0] > bounded.high))
    assert spared > 0.3
    assert accuracy(joined(table, [bounded])) > accuracy(joined(table, [plain])) - 0.01
    assert bounded.below < 0 < bounded.above


def test_machine_texts_below_the_lower_bound_are_as_rare_as_asked_for() -> None:
    table = columns(1.0, 1.0)
    (join,) = fit_joins(table, WINDOWS, 0.02)
    assert np.mean(table[TRUTH > 0, 0] < join.low) == pytest.approx(0.02, abs=0.005)


def test_one_channel_needs_no_joining() -> None:
    table = columns(1.0)
    assert fit_joins(table, WINDOWS, 0.01) == []
    assert joined(table, []).tolist() == table[:, 0].tolist()
