"""Share estimators on scores: against QuaPy, against known shares, and the arithmetic under them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from provenance.corpus.density import EDGES, Ruler, bin_counts, normal_mass, smoothed
from provenance.corpus.draws import drawn_counts
from provenance.corpus.estimators import ESTIMATORS, calibrated_posterior, estimate_all, likelihood_share
from provenance.corpus.mixture import MachinePrior, share_posterior
from provenance.corpus.panel import PanelRow, panel_rows, prior_from_panel, prior_from_reference

ROOT = Path(__file__).resolve().parents[1]


def scores(n_human: int, n_machine: int, seed: int, distance: float = 2.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, n_human), rng.normal(distance, 1.2, n_machine)


def estimates(human: np.ndarray, machine: np.ndarray, corpus: np.ndarray) -> dict[str, float]:
    h, m, c = (bin_counts(values)[None] for values in (human, machine, corpus))
    return dict(zip(ESTIMATORS, estimate_all(h, m, c, calibrated_posterior(h[0], m[0]))[0], strict=True))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_estimators_find_a_known_share_but_classify_and_count_is_biased(share: float) -> None:
    human, machine = scores(2000, 2000, 0, distance=1.5)
    corpus = np.concatenate(scores(round(4000 * (1 - share)), round(4000 * share), 1, distance=1.5))
    found = estimates(human, machine, corpus)
    assert [name for name in ESTIMATORS[1:] if abs(found[name] - share) > 0.04] == []
    if share in (0.0, 1.0):
        assert abs(found["classify_and_count"] - share) > 0.15


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
def test_estimators_agree_with_quapy(share: float) -> None:
    pytest.importorskip("quapy")
    from quapy.method.aggregative import ACC, CC, EMQ, PACC, KDEyML
    from sklearn.linear_model import LogisticRegression

    human, machine = scores(600, 600, 2)
    corpus = np.concatenate(scores(round(800 * (1 - share)), round(800 * share), 3))
    x, y = np.concatenate([human, machine])[:, None], np.repeat([0, 1], 600)
    ours = estimates(human, machine, corpus)
    kinds = {
        "classify_and_count": CC(LogisticRegression()),
        "adjusted_count": ACC(LogisticRegression(), val_split=5),
        "probabilistic_adjusted_count": PACC(LogisticRegression(), val_split=5),
        "expectation_maximisation": EMQ(LogisticRegression()),
        "kernel_mixture": KDEyML(LogisticRegression(), val_split=5, random_state=0),
    }
    theirs = {name: float(kind.fit(x, y).predict(corpus[:, None])[1]) for name, kind in kinds.items()}
    assert {name: ours[name] for name in theirs} == pytest.approx(theirs, abs=0.03)


def test_the_likelihood_is_highest_at_the_share_found() -> None:
    rng = np.random.default_rng(4)
    ratio, counts = rng.lognormal(0, 1.5, (1, 40)), rng.integers(0, 30, (1, 40)).astype(float)
    found = float(likelihood_share(ratio, counts)[0])
    values = [(counts * np.log(1 + share * (ratio - 1))).sum() for share in np.linspace(0, 1, 2001)]
    assert found == pytest.approx(np.linspace(0, 1, 2001)[np.argmax(values)], abs=1e-3)


def test_an_uninformative_machine_side_is_not_adjusted() -> None:
    human = np.random.default_rng(5).normal(0, 1, 500)
    found = estimates(human, human, human)
    assert all(0 <= share <= 1 for share in found.values())


def test_densities_sum_to_one_and_are_nowhere_zero() -> None:
    counts = bin_counts(np.array([0.0, 0.1, 40.0, -40.0]))
    assert counts.sum() == 4 and counts[0] == counts[-1] == 1
    density = smoothed(counts[None])[0]
    assert density.sum() == pytest.approx(1) and density.min() > 0
    assert normal_mass(np.array([0.0, 30.0]), np.array([1.0, 1.0])).sum(axis=1) == pytest.approx([1, 1])


def test_a_ruler_of_equal_scores_does_not_divide_by_zero() -> None:
    assert Ruler.of(np.full(5, 3.0)).measure(np.array([3.0, 4.0])) == pytest.approx([0, 1])


def test_groups_are_drawn_whole() -> None:
    values = np.repeat([0.1, 5.1], 50)
    rng = np.random.default_rng(0)
    draws = drawn_counts(values, np.repeat([0, 1], 50), 40, rng, first_as_is=True)
    place = np.searchsorted(EDGES, 0.1, "right") - 1
    assert set(draws[1:, place]) == {0, 50, 100}
    assert draws[0, place] == 50


def posterior(human: np.ndarray, corpus: np.ndarray, prior: MachinePrior):
    rng = np.random.default_rng(0)
    return share_posterior(drawn_counts(human, np.arange(len(human)), 8, rng), bin_counts(corpus), prior)


@pytest.mark.parametrize("distance", [1.6, 2.7, 4.0])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
def test_the_mixture_needs_no_known_machine_side(distance: float, share: float) -> None:
    prior = prior_from_panel(panel_rows())
    human, _ = scores(500, 0, 6)
    corpus = np.concatenate(scores(round(600 * (1 - share)), round(600 * share), 7, distance))
    found = posterior(human, corpus, prior)
    low, high = found.interval()
    assert low <= share <= high
    assert abs((found.mean + found.mode) / 2 - share) < 0.1


def test_the_interval_narrows_with_documents_but_not_without_end() -> None:
    prior = prior_from_panel(panel_rows())
    human, _ = scores(2000, 0, 8)
    widths = []
    for n in (50, 500, 5000, 50_000):
        low, high = posterior(human, np.concatenate(scores(n - n // 4, n // 4, 9)), prior).interval()
        widths.append(high - low)
    assert widths[0] > widths[1] > widths[2]
    assert widths[3] > 0.3 * widths[2]


def test_the_mass_of_a_posterior_sums_to_one_and_its_interval_holds_the_mode() -> None:
    human, machine = scores(100, 30, 10)
    found = posterior(human, np.concatenate([human[:50], machine]), prior_from_reference(machine))
    assert found.mass.sum() == pytest.approx(1)
    low, high = found.interval()
    assert low <= found.mode <= high
    assert found.machine[0] < 0.1 < 0.9 < found.machine[np.searchsorted(EDGES, 4.0)]


def test_a_panel_weighs_every_corpus_the_same_and_can_leave_one_out() -> None:
    rows = [PanelRow("a/x", f"m{k}", 100, 100, 2.0, 1.0) for k in range(9)] + [PanelRow("b", "m", 100, 100, 3.0, 1.0)]
    assert prior_from_panel(rows).distance == pytest.approx(2.5)
    assert prior_from_panel(rows, without=["a"]).distance == pytest.approx(3.0)
    with pytest.raises(ValueError, match="no row"):
        prior_from_panel(rows, without=["a", "b"])


def test_the_shipped_panel_covers_many_corpora_and_generators() -> None:
    rows = panel_rows()
    assert len({row.corpus.partition("/")[0] for row in rows}) >= 14
    assert len({row.source for row in rows}) >= 20
    prior = prior_from_panel(rows)
    assert 1.5 < prior.distance < 4 and 0.7 < prior.width < 2


@pytest.mark.parametrize("name", ["share-mixtures", "share-shift", "share-generators"])
def test_figures_in_the_document_are_those_of_the_benchmark(name: str) -> None:
    results = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text())["settings"]
    rows = [line for line in (ROOT / "docs" / "share.md").read_text().splitlines() if line.startswith("| ")]
    for setting, found in results.items():
        mae = found["mae"]
        interval = f"({_short(mae['low'])} to {_short(mae['high'])})"
        figures = f"| {found['runs']} | {found['answered']} | {_short(mae['value'])} {interval} |"
        assert any(figures in row for row in rows), f"{setting}: {figures}"


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")
