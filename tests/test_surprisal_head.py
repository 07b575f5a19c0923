"""The surprisal channel: fitting, exact contributions, limits, tensors and back."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.detect.lm import LanguageModelChannel, fit_language_model
from provenance.detect.sampling import Window
from provenance.detect.surprisal import (
    CHOSEN,
    LIMIT,
    SurprisalHead,
    columns_of,
    fit_surprisal_head,
    make_surprisal,
)
from provenance.features.surprisal_measures import MEASURES

N = 200


def windows() -> list[Window]:
    return [Window("text", i, i % 2 == 1, f"corpus {i % 4 // 2}", str(i), "other", "kind") for i in range(N)]


def rows(seed: int = 0) -> np.ndarray:
    """Give measures of noise; machine texts are likelier by two standard deviations."""
    out = np.random.default_rng(seed).normal(size=(N, len(MEASURES))).astype(np.float32)
    out[1::2, MEASURES.index("log_prob")] += 2
    return out


@pytest.fixture(scope="module")
def head() -> SurprisalHead:
    return fit_surprisal_head(rows(), windows())


def test_machine_texts_get_higher_log_odds(head: SurprisalHead) -> None:
    scores = head.log_odds(rows(1))
    assert scores[1::2].mean() > 0 > scores[::2].mean()
    assert (scores[1::2] > np.median(scores[::2])).mean() > 0.9
    assert max(head.weights) == head.weights[head.names.index("log_prob")]


def test_contributions_add_up_to_the_log_odds(head: SurprisalHead) -> None:
    given = rows(2)
    np.testing.assert_allclose(head.contributions(given).sum(axis=1) + head.bias, head.log_odds(given))


def test_one_wild_measure_moves_the_log_odds_no_further_than_its_limit(head: SurprisalHead) -> None:
    wild = np.tile(rows()[:1], (2, 1))
    column = MEASURES.index("log_prob")
    wild[:, column] = 50, 5e6
    assert head.log_odds(wild)[0] == head.log_odds(wild)[1]
    top = head.contributions(wild)[0, head.names.index("log_prob")]
    assert top == pytest.approx(LIMIT * head.weights[head.names.index("log_prob")])


def test_only_the_chosen_measures_are_read(head: SurprisalHead) -> None:
    other = rows()
    other[:, [i for i, name in enumerate(MEASURES) if name not in CHOSEN]] = 7
    assert np.array_equal(head.log_odds(other), head.log_odds(rows()))


def test_a_measure_that_never_moves_is_harmless() -> None:
    still = rows()
    still[:, columns_of(CHOSEN)[-1]] = 3
    fitted = fit_surprisal_head(still, windows())
    assert fitted.scale[-1] == 1
    assert np.isfinite(fitted.log_odds(rows())).all()


def states(seed: int = 0) -> np.ndarray:
    """Give states of noise; the third dimension of machine texts is larger by three standard deviations."""
    out = np.random.default_rng(seed).normal(size=(N, 5)).astype(np.float32)
    out[1::2, 2] += 3
    return out


def test_a_channel_comes_back_from_its_tensors_as_it_was() -> None:
    channel = fit_language_model(states(), windows())
    tensors = channel.to_tensors()
    assert set(tensors) == {"mean", "scale", "weights", "bias"}
    again = LanguageModelChannel.from_tensors(tensors)
    assert again.from_vectors(states(1)).tobytes() == channel.from_vectors(states(1)).tobytes()


def test_a_head_on_states_alone_reads_rows_of_states() -> None:
    fitted = fit_surprisal_head(states(), windows(), names=(), n_states=5, c=1.0)
    assert int(np.argmax(fitted.weights)) == 2
    assert (fitted.log_odds(states())[1::2] > 0).mean() > 0.9


def test_states_stand_behind_the_measures() -> None:
    fitted = fit_surprisal_head(np.hstack([rows(), states()]), windows(), n_states=5)
    given = np.hstack([rows(1), states()])
    moved = given.copy()
    moved[:, -1] += 1
    step = fitted.contributions(moved) - fitted.contributions(given)
    assert step.shape == (N, len(CHOSEN) + 5)
    assert not step[:, :-1].any()
    assert step[:, -1].any()


def test_a_head_that_reads_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        make_surprisal(names=(), states=False)


def test_tensors_that_do_not_fit_are_refused() -> None:
    tensors = fit_language_model(states(), windows()).to_tensors()
    for name, wrong in (("mean", np.zeros(2, np.float32)), ("scale", 0 * tensors["scale"])):
        with pytest.raises(ValueError, match="do not fit"):
            LanguageModelChannel.from_tensors({**tensors, name: wrong})
    with pytest.raises(KeyError, match="mean"):
        LanguageModelChannel.from_tensors({k: v for k, v in tensors.items() if k != "mean"})


def test_a_measure_of_another_version_is_named() -> None:
    with pytest.raises(ValueError, match="no_such_measure"):
        columns_of(["no_such_measure", *CHOSEN])


def test_rows_and_windows_of_different_number_are_refused() -> None:
    with pytest.raises(ValueError, match="199 rows"):
        fit_surprisal_head(rows()[:-1], windows())


def test_every_chosen_measure_is_there_once() -> None:
    assert len(set(CHOSEN)) == len(CHOSEN)
    assert set(CHOSEN) <= set(MEASURES)
