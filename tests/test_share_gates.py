"""When a share is given and when it is refused: the A/A check, the source check, sizes, overlap, shape."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.corpus import analysis
from provenance.corpus.explore import explore_share, known_sources
from provenance.corpus.gate import SourceCheck, check_halves
from provenance.corpus.occurrence import BUCKETS, OccurrenceModel, word_sets
from provenance.corpus.panel import panel_rows, prior_from_panel
from provenance.corpus.scored import ScoredTexts, text_key
from provenance.corpus.share import estimate_share
from provenance.detect.conformal import fit_calibration
from provenance.errors import InputError

COMMON, TOPIC = 300, 80


def texts(
    n: int, seed: int, *, mean: float = 0.0, sd: float = 1.0, topic: int = 0, style: int = 0, groups: int = 0
) -> ScoredTexts:
    """Made-up scored texts: 40 of 300 common words (their rates by `style`), 15 of 80 words of a topic."""
    from scipy import sparse

    rng = np.random.default_rng(seed)
    rates = np.random.default_rng(1000 + style).gamma(0.6, 1, COMMON)
    rows = []
    for _ in range(n):
        common = rng.choice(COMMON, 40, replace=False, p=rates / rates.sum())
        rows.append(np.concatenate([common, 1000 * (topic + 1) + rng.choice(TOPIC, 15, replace=False)]))
    columns = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    offsets = np.arange(n + 1) * 55
    words = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, offsets), shape=(n, BUCKETS))
    group = rng.integers(0, groups, n) if groups else np.arange(n)
    return ScoredTexts(rng.normal(mean, sd, n), words, group, rng.integers(1, 1 << 62, n).astype(np.uint64))


def joined(*parts: ScoredTexts) -> ScoredTexts:
    from scipy import sparse

    n = sum(len(part) for part in parts)
    return ScoredTexts(
        np.concatenate([part.scores for part in parts]),
        sparse.vstack([part.words for part in parts], format="csr"),
        np.arange(n),
        np.concatenate([part.keys for part in parts]),
    )


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("with_machine", [False, True])
def test_a_known_share_lies_in_the_interval(share: float, with_machine: bool) -> None:
    n = round(400 * share)
    corpus = joined(texts(400 - n, 1), texts(n, 2, mean=2.6, sd=1.2, style=1))
    machine = texts(200, 3, mean=2.6, sd=1.2, style=1) if with_machine else None
    found = estimate_share(corpus, texts(300, 4), machine)
    assert found.refused is None and found.estimate is not None
    assert found.estimate.low <= share <= found.estimate.high
    assert abs(found.estimate.share - share) < (0.03 if with_machine else 0.1)
    assert found.aa_check is not None and found.aa_check.passed
    assert ("token_likelihood" in found.estimators) is with_machine


def test_a_reference_of_another_source_is_refused_by_its_words() -> None:
    corpus = joined(texts(200, 5, mean=0.3), texts(60, 6, mean=3.0, style=1))
    found = estimate_share(corpus, texts(300, 7, topic=1))
    assert found.estimate is None and found.estimators == {}
    assert "told from the human reference" in str(found.refused)
    assert found.source_check is not None and found.source_check.passed is False


def test_a_reference_that_mixes_machine_text_in_fails_the_aa_check() -> None:
    mixed = joined(texts(150, 8), texts(150, 9, mean=4.0, sd=0.8))
    found = estimate_share(texts(300, 10), mixed)
    assert "A/A check" in str(found.refused)
    assert found.aa_check is not None and not found.aa_check.passed and found.estimate is None


def test_an_even_reference_passes_the_aa_check_near_zero() -> None:
    reference = texts(400, 11)
    found = check_halves(reference.scores, reference.groups, prior_from_panel(panel_rows()), np.random.default_rng(0))
    assert found.passed and found.share <= 0.02 and found.unevenness < 0.05


def test_a_reference_of_one_group_is_checked_by_single_texts() -> None:
    reference = texts(100, 12, groups=1)
    found = check_halves(reference.scores, reference.groups, prior_from_panel(panel_rows()), np.random.default_rng(0))
    assert found.n_splits > 0


def test_few_texts_are_refused_with_the_number_wanted() -> None:
    assert "wanted 50 or more" in str(estimate_share(texts(100, 13), texts(20, 14)).refused)
    assert "the corpus has 10" in str(estimate_share(texts(10, 15), texts(100, 16)).refused)
    assert "machine reference has 5" in str(estimate_share(texts(100, 17), texts(100, 18), texts(5, 19)).refused)


def test_a_small_corpus_is_answered_with_a_wide_interval_and_a_note() -> None:
    found = estimate_share(texts(60, 20), texts(300, 21))
    assert found.estimate is not None and found.estimate.high > 0.05
    assert any("60 judged documents" in note for note in found.notes)


def test_texts_of_the_corpus_leave_the_reference_and_are_counted() -> None:
    corpus, reference = texts(100, 22), texts(300, 23)
    found = estimate_share(corpus, joined(reference, corpus.take(np.arange(30))))
    assert found.overlap == 30 and found.n_human == 300
    assert any("30 texts of the corpus stand in a reference" in note for note in found.notes)


def test_a_reference_that_is_part_of_the_corpus_is_refused_with_what_to_do() -> None:
    corpus = texts(200, 45)
    found = estimate_share(corpus, corpus.take(np.arange(80)))
    assert "the corpus holds 80 texts of the references" in str(found.refused)
    assert "take the texts of the reference out of the corpus" in str(found.refused)


def test_a_corpus_below_its_reference_is_refused() -> None:
    found = estimate_share(texts(200, 24, mean=-1.5), texts(300, 25))
    assert found.refused is not None and "below the human reference" in found.refused


def test_references_that_are_alike_are_refused() -> None:
    found = estimate_share(texts(200, 26), texts(300, 27), texts(200, 28))
    assert found.refused is not None and "not told apart" in found.refused


def test_a_machine_reference_of_another_kind_is_set_aside_with_a_note() -> None:
    corpus = joined(texts(200, 29), texts(200, 30, mean=2.6, sd=1.2, style=1))
    found = estimate_share(corpus, texts(300, 31), texts(200, 32, mean=2.6, sd=1.2, topic=3, style=2))
    assert found.machine_check is not None and found.machine_check.passed is False
    assert any("machine reference was not used" in note for note in found.notes)
    assert found.estimate is not None and found.estimate.low <= 0.5 <= found.estimate.high


def test_all_machine_text_of_unknown_source_gets_an_interval_that_allows_for_doubt() -> None:
    found = estimate_share(texts(200, 33, mean=4.5, sd=0.8, topic=1, style=1), texts(300, 34))
    assert found.source_check is not None and found.source_check.passed is None
    assert found.refused or (found.estimate and found.estimate.low < 0.98)


def test_the_same_seed_gives_the_same_record() -> None:
    corpus, reference = texts(150, 35), texts(150, 36)
    assert estimate_share(corpus, reference).to_dict() == estimate_share(corpus, reference).to_dict()


def test_groups_of_rows_are_judged_each_by_itself() -> None:
    corpus = joined(texts(200, 37), texts(150, 38), texts(50, 39, mean=3.0, style=1), texts(5, 40))
    rows = [("early", np.arange(200)), ("late", np.arange(200, 400)), ("few", np.arange(400, 405))]
    early, late, few = estimate_share(corpus, texts(300, 41), groups=rows).groups
    assert early.estimate and late.estimate
    assert early.estimate.share < 0.1 < late.estimate.share < 0.45
    assert few.estimate is None and "5 judged documents" in str(few.refused)


def test_without_a_reference_the_figure_is_wide_and_says_so() -> None:
    rng = np.random.default_rng(0)
    sources = [rng.normal(mean, 1, 200) for mean in (-1.0, 0.0, 1.0)]
    found = explore_share(joined(texts(200, 42), texts(100, 43, mean=3.0)), sources, prior_from_panel(panel_rows()))
    assert found.exploratory and found.estimate is not None
    assert found.estimate.high - found.estimate.low > 0.2
    with pytest.raises(InputError, match="0 judged"):
        explore_share(texts(0, 44), sources, prior_from_panel(panel_rows()))


def test_known_sources_are_those_with_enough_texts() -> None:
    rng = np.random.default_rng(1)
    n_words = rng.integers(50, 300, 250)
    window = rng.normal(0, 1, 200), rng.integers(50, 300, 200), np.arange(200) % 2 == 0, np.ones(200)
    found = known_sources(fit_calibration(["a"] * 200 + ["b"] * 50, rng.normal(0, 1, 250), n_words, *window))
    assert [len(source) for source in found] == [200]


def test_word_sets_hold_each_word_once_and_no_numbers() -> None:
    rows = word_sets(["The cat, the cat and 42 dogs!", "", "cat"])
    assert rows.shape[0] == 3
    assert list(np.diff(rows.indptr)) == [4, 0, 1]
    assert rows[2].indices[0] in rows[0].indices


def test_the_log_ratio_speaks_for_the_kind_that_uses_the_words() -> None:
    model = OccurrenceModel.fit(word_sets(["red apple"] * 30), word_sets(["green pear"] * 30))
    red, green, neither = model.log_ratio(word_sets(["red apple", "green pear", "blue"]))
    assert red < neither < green


def test_keys_are_equal_for_texts_that_differ_in_spacing_and_case_alone() -> None:
    assert text_key("It  is\nso.") == text_key("it is so .") != text_key("It is not so.")


@pytest.mark.parametrize(
    ("told_apart", "passed", "matched", "with_words", "hidden"),
    [
        (0.6, True, True, True, 0.1),
        (0.8, True, False, True, 0.25),
        (None, None, False, True, 0.25),
        (0.9, False, False, False, 0.35),
    ],
)
def test_a_machine_reference_is_trusted_as_far_as_the_corpus_was_seen_to_be_like_it(
    monkeypatch, told_apart, passed, matched, with_words, hidden
) -> None:
    monkeypatch.setattr(analysis, "check_machine", lambda *_: SourceCheck(told_apart, 50, passed))
    corpus = joined(texts(100, 1), texts(100, 2, mean=2.6, style=1))
    prior = prior_from_panel(panel_rows())
    machine = texts(100, 3, mean=2.6, style=1)
    plain, used, _ = analysis.analyse(corpus, texts(100, 4), machine, prior, np.random.default_rng(0))
    assert (used.matched, used is not plain, used.hidden) == (matched, with_words, hidden)


def test_machine_texts_nearer_to_people_than_an_unchecked_reference_lie_in_the_interval() -> None:
    corpus = joined(texts(380, 1), texts(20, 2, mean=1.6, style=2))
    machine = texts(300, 3, mean=5.0, sd=0.6, style=1)  # another model: far from people, in scores and in words
    found = estimate_share(corpus, texts(300, 4), machine)
    assert found.machine_check is not None and found.machine_check.passed is None
    assert found.estimate is not None
    assert found.estimate.low <= 0.05 <= found.estimate.high
