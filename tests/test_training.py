"""Training: what is kept out, what is refused, and that a seed settles everything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from provenance.detect.crossfit import CrossFit
from provenance.detect.detector import Detector
from provenance.detect.fitting import TrainingMatrix
from provenance.detect.folder import WEIGHTS
from provenance.detect.recipe import Recipe
from provenance.detect.sampling import Window, calibration_windows, corpus_weights, plan_folds, sample_windows, usable
from provenance.detect.train import FEWEST, train_detector
from provenance.documents import Document
from provenance.errors import InputError


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def weights_of(detector: Detector, folder: Path) -> bytes:
    detector.save(folder)
    return (folder / WEIGHTS).read_bytes()


def window(corpus: str, group: str, machine: bool = False) -> Window:
    return Window("some words", 0, machine, corpus, group, "other", corpus)


@pytest.fixture(scope="module")
def documents(make_documents) -> list[Document]:
    return make_documents(40, seed=3)


@pytest.mark.parametrize("missing", ["human", "llm"])
def test_texts_of_one_label_only_are_refused(documents, toy_recipe: Recipe, missing: str) -> None:
    with pytest.raises(InputError, match=f"0 usable texts with the label '{missing}'"):
        train_detector([d for d in documents if d.label != missing], toy_recipe)


def test_unlabelled_texts_do_not_count(documents, toy_recipe: Recipe) -> None:
    with pytest.raises(InputError, match="0 usable texts"):
        train_detector([replace(d, label=None) for d in documents], toy_recipe)


def test_no_documents_are_refused(toy_recipe: Recipe) -> None:
    with pytest.raises(InputError, match="0 usable texts"):
        train_detector([], toy_recipe)


def test_too_few_texts_of_a_label_are_refused_with_the_number_wanted(documents, toy_recipe: Recipe) -> None:
    machines = [d for d in documents if d.label == "llm"]
    people = [d for d in documents if d.label == "human"][: FEWEST - 1]
    with pytest.raises(InputError, match=rf"{FEWEST - 1} usable texts with the label 'human'; wanted {FEWEST}"):
        train_detector(machines + people, toy_recipe)


def test_texts_too_short_to_train_on_are_refused(documents, toy_recipe: Recipe) -> None:
    with pytest.raises(InputError, match="words"):
        train_detector([replace(d, text="Just a few words.") for d in documents], toy_recipe)


def test_human_texts_too_short_for_p_values_are_refused(documents, toy_recipe: Recipe) -> None:
    with pytest.raises(InputError, match="50 words"):
        train_detector(documents, toy_recipe, calibration=[Document(id="x", text="short", label="human")])


def test_rows_marked_unusable_and_base_models_leave_no_trace(documents, toy_recipe: Recipe, tmp_path: Path) -> None:
    recipe = replace(toy_recipe, exclude_sources=("gpt2-xl",))
    poison = [
        *(replace(d, id=f"u{d.id}", text="moreover " * 90, meta={"corpus": "toy", "usable": False}) for d in documents),
        *(replace(d, id=f"b{d.id}", text="kettle " * 90, source="gpt2-xl") for d in documents if d.label == "llm"),
    ]
    clean = weights_of(train_detector(documents, recipe), tmp_path / "clean")
    assert weights_of(train_detector(documents + poison, recipe), tmp_path / "poisoned") == clean


def test_a_recipe_may_let_unusable_rows_in(documents, toy_recipe: Recipe) -> None:
    marked = [replace(d, meta={"corpus": "toy", "usable": False}) for d in documents]
    with pytest.raises(InputError, match="0 usable"):
        train_detector(marked, toy_recipe)
    assert sample_windows(marked, replace(toy_recipe, exclude_unusable=False), generator())


def test_the_same_seed_gives_the_same_detector(documents, toy_recipe: Recipe, tmp_path: Path) -> None:
    one, two, other = (
        weights_of(train_detector(documents, toy_recipe, seed=seed), tmp_path / name)
        for name, seed in (("one", 1), ("two", 1), ("other", 2))
    )
    assert one == two
    assert one != other


def test_fit_and_train_give_the_same_detector(documents, toy_recipe: Recipe, tmp_path: Path) -> None:
    fitted = Detector(toy_recipe, random_state=4).fit(documents)
    trained = train_detector(documents, toy_recipe, seed=4)
    assert weights_of(fitted, tmp_path / "a") == weights_of(trained, tmp_path / "b")


def test_calibration_texts_of_ones_own_replace_the_training_texts(documents, make_documents, toy_recipe) -> None:
    people = [d for d in make_documents(30, seed=8) if d.label == "human"]
    detector = train_detector(documents, toy_recipe, calibration=people)
    assert detector.calibration_.n == len(people)


def test_progress_is_told_in_lines(documents, toy_recipe: Recipe) -> None:
    lines: list[str] = []
    train_detector(documents, toy_recipe, progress=lines.append)
    assert lines
    assert not any("\n" in line for line in lines)


def labelled(corpus: str, group: str, label: str) -> Document:
    return Document(id=f"{corpus}/{group}/{label}", text="", label=label, group=group, meta={"corpus": corpus})


@pytest.mark.parametrize("n_corpora", [1, 3])
def test_no_group_straddles_folds(n_corpora: int) -> None:
    documents = [labelled(f"c{i % n_corpora}", f"g{i % 37}", "human" if i % 2 else "llm") for i in range(300)]
    windows = [window(d.meta["corpus"], d.group, d.label == "llm") for d in documents]
    folds = plan_folds(documents, 4)
    for fold in range(4):
        held = {windows[i].group for i in folds.held_out(windows, fold)}
        assert held
        assert held.isdisjoint({windows[i].group for i in folds.rest(windows, fold)})


def test_no_text_is_scored_by_a_model_that_saw_its_group(documents, toy_recipe: Recipe, monkeypatch) -> None:
    """Groups that reach over two corpora count as well."""
    spread = [replace(d, meta={"corpus": f"c{i % 9}"}, group=f"g{i // 2 if i < 12 else i}") for i, d in enumerate(documents)]
    seen: dict[int, set[str]] = {}
    kept: list[object] = []
    scored: list[tuple[int, set[str]]] = []
    fit, score = TrainingMatrix.fit, CrossFit.score

    def watched_fit(self, rows, **options):
        model = fit(self, rows, **options)
        seen[id(model)] = {self.windows[i].group for i in rows}
        kept.append(model)
        return model

    def watched_score(self, models, rows, *, people):
        scored.append((id(models[0]), {self.texts[people][i].group for i in rows}))
        return score(self, models, rows, people=people)

    monkeypatch.setattr(TrainingMatrix, "fit", watched_fit)
    monkeypatch.setattr(CrossFit, "score", watched_score)
    train_detector(spread, toy_recipe)
    assert scored
    assert all(groups.isdisjoint(seen[model]) for model, groups in scored)


def test_no_corpus_straddles_folds_where_there_are_many() -> None:
    documents = [labelled(f"c{i % 9}", f"g{i}", "human" if i % 2 else "llm") for i in range(300)]
    folds = plan_folds(documents, 4)
    windows = [window(d.meta["corpus"], d.group, d.label == "llm") for d in documents]
    for fold in range(4):
        held = {windows[i].corpus for i in folds.held_out(windows, fold)}
        assert held.isdisjoint({windows[i].corpus for i in folds.rest(windows, fold)})


def test_two_sided_corpora_are_dealt_evenly_over_the_folds() -> None:
    documents = [labelled(f"both{i}", f"b{i}", label) for i in range(8) for label in ("human", "llm")]
    documents += [labelled(f"llm{i}", f"l{i}", "llm") for i in range(7)]
    folds = plan_folds(documents, 4, seed=3)
    assert sorted(folds.place[f"both{i}"] for i in range(8)) == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("kind", ["demo", "demo/news"])
def test_kinds_with_wrong_labels_are_left_out(kind: str, toy_recipe: Recipe) -> None:
    text = Document(id="a", text="", label="human", domain="news", meta={"corpus": "demo"})
    assert usable(text, toy_recipe)
    assert not usable(text, replace(toy_recipe, exclude_kinds=(kind,)))
    assert usable(replace(text, domain="essay"), replace(toy_recipe, exclude_kinds=("demo/news",)))


def test_windows_keep_to_the_lengths_of_the_recipe(documents, toy_recipe: Recipe) -> None:
    recipe = replace(toy_recipe, shortest=30, longest=60)
    lengths = [len(w.text.split()) for w in sample_windows(documents, recipe, generator())]
    assert min(lengths) >= 25
    assert max(lengths) <= 60
    assert len(set(lengths)) > 10


def test_windows_are_stretches_of_their_documents(documents, toy_recipe: Recipe) -> None:
    recipe = replace(toy_recipe, lower_case_share=0.0, strip_markdown_share=0.0)
    for one in sample_windows(documents, recipe, generator()):
        assert one.text in " ".join(documents[one.document].text.split())
        assert one.machine == (documents[one.document].label == "llm")
        assert one.group == documents[one.document].group


def test_a_large_corpus_is_capped(documents, toy_recipe: Recipe) -> None:
    windows = sample_windows(documents, replace(toy_recipe, per_corpus=10), generator())
    assert sum(w.machine for w in windows) <= 10
    assert sum(not w.machine for w in windows) <= 10


def test_calibration_takes_texts_by_people_of_fifty_words_and_more_only(documents) -> None:
    short = Document(id="s", text="word " * 49, label="human")
    windows = calibration_windows([*documents, short], 1000, generator())
    assert len(windows) == sum(d.label == "human" for d in documents)
    assert all(50 <= len(w.text.split()) <= 400 for w in windows)


def test_both_labels_weigh_the_same_and_small_corpora_are_not_drowned() -> None:
    windows = [window("big", str(i)) for i in range(90)] + [window("small", str(i)) for i in range(10)]
    windows += [window("big", str(i), True) for i in range(25)]
    weights = corpus_weights(windows)
    machine = np.array([w.machine for w in windows])
    assert weights[machine].sum() == pytest.approx(weights[~machine].sum())
    assert weights.mean() == pytest.approx(1)
    assert weights[90:100].sum() == pytest.approx(weights[:100].sum() / 4)


def test_texts_of_one_group_are_refused_in_a_line(documents, toy_recipe: Recipe) -> None:
    with pytest.raises(InputError, match="1 groups of texts"):
        train_detector([replace(d, group="all") for d in documents], toy_recipe)


def test_groups_that_leave_one_label_when_held_out_are_refused_in_a_line(documents, toy_recipe: Recipe) -> None:
    with pytest.raises(InputError, match="2 groups of texts"):
        train_detector([replace(d, group=str(d.label)) for d in documents], toy_recipe)
