"""The style encoder: what it reads, that tuning learns, and that it comes back from disk as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from provenance.detect.detector import Detector
from provenance.detect.encoder import SEGMENT, SEGMENTS, StyleEncoder, packaged_layers, segments
from provenance.detect.recipe import Recipe
from provenance.detect.sampling import Window, sample_windows
from provenance.detect.train import train_detector
from provenance.detect.tuning import tune_encoder, tuned
from provenance.errors import InputError

TEXTS = [
    "The cat sat on the mat and looked at the rain. " * 8,
    "In conclusion, it is worth noting that cats are vital. " * 40,
    "",
]


@pytest.fixture(scope="module")
def recipe(toy_recipe: Recipe) -> Recipe:
    return replace(toy_recipe, encoder_layers=1, encoder_steps=12, extras_per_corpus=24, folds=2)


@pytest.fixture(scope="module")
def windows(make_documents, recipe: Recipe) -> list[Window]:
    return sample_windows(make_documents(40, seed=2), recipe, np.random.default_rng(0))


@pytest.fixture(scope="module")
def encoder(windows: list[Window], recipe: Recipe) -> StyleEncoder:
    return tune_encoder(windows, np.arange(len(windows)), recipe, seed=1)


def test_tuning_tells_the_labels_of_its_own_windows_apart(encoder: StyleEncoder, windows: list[Window]) -> None:
    scores = encoder.log_odds([window.text for window in windows])
    machine = np.array([window.machine for window in windows])
    assert scores[machine].mean() > scores[~machine].mean()


def test_a_seed_settles_the_tuning(encoder: StyleEncoder, windows: list[Window], recipe: Recipe) -> None:
    again = tune_encoder(windows, np.arange(len(windows)), recipe, seed=1)
    assert again.log_odds(TEXTS).tolist() == encoder.log_odds(TEXTS).tolist()


def test_an_encoder_comes_back_from_its_tensors(encoder: StyleEncoder) -> None:
    again = StyleEncoder.from_tensors(encoder.to_tensors())
    assert again.n_layers == encoder.n_layers == 1
    assert again.log_odds(TEXTS).tolist() == encoder.log_odds(TEXTS).tolist()


def test_an_encoder_is_kept_and_taken_from_its_folder(windows, recipe: Recipe, tmp_path: Path, monkeypatch) -> None:
    rows = np.arange(len(windows))
    first = tuned(windows, rows, recipe, cache=tmp_path)
    monkeypatch.setattr("provenance.detect.tuning.tune_encoder", None)
    assert tuned(windows, rows, recipe, cache=tmp_path).log_odds(TEXTS).tolist() == first.log_odds(TEXTS).tolist()


def test_scores_do_not_depend_on_the_other_texts(encoder: StyleEncoder) -> None:
    together = encoder.log_odds(TEXTS)
    alone = np.concatenate([encoder.log_odds([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=2e-4)


def test_a_text_without_words_scores_nothing(encoder: StyleEncoder) -> None:
    assert encoder.log_odds([""])[0] == 0
    assert encoder.log_odds([]).shape == (0,)


def test_texts_are_read_in_segments_from_their_beginning() -> None:
    tokenizer, _ = packaged_layers(1)
    pieces, owner = segments(tokenizer, ["cat " * 1000, "dog " * (SEGMENT + 5), "owl " * 3])
    assert owner.tolist() == [0] * SEGMENTS + [1, 2]
    assert max(map(len, pieces)) == SEGMENT


def test_corpora_of_one_side_only_are_refused(windows: list[Window], recipe: Recipe) -> None:
    rows = np.array([i for i, window in enumerate(windows) if window.machine])
    with pytest.raises(InputError, match="both labels"):
        tune_encoder(windows, rows, recipe)


def test_a_detector_with_an_encoder_scores_the_same_after_reload(make_documents, recipe: Recipe, tmp_path: Path) -> None:
    detector = train_detector(make_documents(40, seed=2), recipe)
    assert set(detector.extras_) == {"encoder"} == set(detector.joins_)
    detector.save(tmp_path / "d")
    again = Detector.load(tmp_path / "d")
    assert [s.to_dict() for s in again.score(TEXTS)] == [s.to_dict() for s in detector.score(TEXTS)]


def test_the_encoders_part_is_explained_by_sentences_on_request(make_documents, recipe: Recipe) -> None:
    detector = train_detector(make_documents(40, seed=2), recipe)
    text = make_documents(1, seed=3)[0].text
    (plain,), (explained,) = detector.score([text], explain=True), detector.score([text], explain="occlusion")
    assert "occlusion" not in plain.to_dict()
    found = explained.to_dict()["occlusion"]
    assert len(found) > 1
    assert all(text[span["start"] : span["end"]] == span["text"] for span in found)
    assert explained.score == plain.score
