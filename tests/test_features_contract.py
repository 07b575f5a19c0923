"""What every transformer of texts promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from provenance.features.embed import Embedder
from provenance.features.static import StaticEmbedder
from provenance.features.surprisal import HiddenStates, SurprisalFeatures
from provenance.features.transformers import SkeletonNgrams, StyleMeasures, WordNgrams

CALM = [f"The river was calm, and the boats lay still at pier {i}." for i in range(6)]
LOUD = [f"no way!! i got {i} fish lol!! you should see it!!" for i in range(6)]
JUNK = ["", " ", "\x00\x01", "\ud800 lone", "\u200b\ufeff", "👩‍👩‍👧 é漢字 \u202e", "'" * 50, "a" * 5000, "Yes.", "one"]


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = ["[UNK]", "[PAD]", *sorted({w for text in CALM + LOUD for w in text.replace("!", " ").split()})]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.random.default_rng(0).normal(size=(len(words), 16)).astype(np.float32)
    folder = tmp_path_factory.mktemp("static")
    StaticModel(vectors, tokenizer, config={"model_type": "model2vec", "normalize": True}).save_pretrained(str(folder))
    return folder


Make = Callable[[], Any]
KINDS = ("word", "skeleton", "skeleton counts", "style", "style raw", "embed", "static", "surprisal", "states")


@pytest.fixture(scope="session", params=KINDS)
def make(request: pytest.FixtureRequest, static_folder: Path, tiny_lm: Path) -> Make:
    makers: dict[str, Make] = {
        "word": lambda: WordNgrams(bits=12),
        "skeleton": lambda: SkeletonNgrams(bits=12, n_common=100),
        "skeleton counts": lambda: SkeletonNgrams(bits=12, binary=False),
        "style": lambda: StyleMeasures(),
        "style raw": lambda: StyleMeasures(standardise=False),
        "embed": lambda: Embedder(n_layers=1, batch_size=4),
        "static": lambda: StaticEmbedder(model=str(static_folder)),
        "surprisal": lambda: SurprisalFeatures(model=tiny_lm),
        "states": lambda: HiddenStates(model=tiny_lm, layer=1),
    }
    return makers[request.param]


@pytest.fixture(scope="session")
def fitted(make: Make) -> Any:
    return make().fit(CALM + LOUD)


def dense(rows: Any) -> np.ndarray:
    return rows.toarray() if issparse(rows) else rows


def test_a_clone_has_the_same_parameters_and_is_not_fitted(fitted: Any) -> None:
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        check_is_fitted(twin)
    check_is_fitted(fitted)


def test_parameters_can_be_set_by_name_and_unknown_ones_are_refused(make: Make) -> None:
    transformer = make()
    name, value = next(iter(transformer.get_params().items()))
    assert transformer.set_params(**{name: value}) is transformer
    with pytest.raises(ValueError, match="no_such"):
        transformer.set_params(no_such=1)


def test_rows_are_float32_one_a_text_with_one_name_a_column(fitted: Any) -> None:
    rows = fitted.transform(CALM)
    assert rows.dtype == np.float32
    assert rows.shape == (len(CALM), fitted.n_features_out_)
    names = fitted.get_feature_names_out()
    assert len(set(names)) == rows.shape[1]


def test_no_texts_give_no_rows(fitted: Any) -> None:
    assert fitted.transform([]).shape == (0, fitted.n_features_out_)


def test_the_same_texts_give_the_same_rows(make: Make, fitted: Any) -> None:
    again = make().fit(CALM + LOUD)
    assert np.array_equal(dense(fitted.transform(CALM)), dense(again.transform(CALM)))


def test_a_row_does_not_depend_on_the_other_texts(fitted: Any) -> None:
    together = dense(fitted.transform(CALM + JUNK))
    alone = np.vstack([dense(fitted.transform([text])) for text in CALM + JUNK])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("text", JUNK, ids=ascii)
def test_odd_texts_give_finite_rows(fitted: Any, text: str) -> None:
    assert np.isfinite(dense(fitted.transform([text]))).all()


def test_use_before_fit_is_refused(make: Make) -> None:
    with pytest.raises(NotFittedError, match="fit"):
        make().transform(CALM)
    with pytest.raises(NotFittedError, match="fit"):
        make().get_feature_names_out()


@pytest.mark.parametrize("wrong", ["one text", b"bytes", 7, None, {"a": "b"}], ids=repr)
def test_what_is_no_sequence_of_texts_is_refused_by_its_type(fitted: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match=type(wrong).__name__):
        fitted.transform(wrong)


@pytest.mark.parametrize("wrong", [None, 3, b"x", ["x"]], ids=repr)
def test_an_item_that_is_no_text_is_named_by_its_place(fitted: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"texts\[1\]"):
        fitted.transform(["fine", wrong])


def test_a_pipeline_learns_a_toy_set_and_an_array_of_texts_will_do(make: Make) -> None:
    model = Pipeline([("features", make()), ("model", LogisticRegression(C=100, max_iter=500))])
    labels = [0] * len(CALM) + [1] * len(LOUD)
    model.fit(np.array(CALM + LOUD), labels)
    assert model.score(np.array(CALM + LOUD), labels) == 1.0


def test_a_union_joins_it_with_style_measures(make: Make) -> None:
    union = FeatureUnion([("a", make()), ("b", StyleMeasures())])
    rows = union.fit_transform(CALM)
    assert rows.shape == (len(CALM), len(union.get_feature_names_out()))
    assert rows.dtype == np.float32


@pytest.mark.parametrize(
    "wrong",
    [WordNgrams(lowest=0), WordNgrams(lowest=3, highest=2), WordNgrams(bits=0), WordNgrams(bits=40)]
    + [SkeletonNgrams(n_common=-1), Embedder(batch_size=0), Embedder(max_words=0), StaticEmbedder(dimensions=0)],
    ids=repr,
)
def test_a_parameter_out_of_its_range_is_refused_by_fit(wrong: Any) -> None:
    with pytest.raises(ValueError, match="must|range"):
        wrong.fit(CALM)


def test_binary_and_counted_ngrams_agree_where_they_are_zero() -> None:
    text = ["the cat and the dog"]
    once, often = (WordNgrams(highest=1, binary=b).fit_transform(text).toarray() for b in (True, False))
    assert np.array_equal(once > 0, often > 0)
    assert (once.sum(), often.sum(), often.max()) == (4, 5, 2)


def test_standardised_measures_have_mean_zero_and_spread_one() -> None:
    rows = StyleMeasures().fit_transform(CALM + LOUD)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-4)
    spread = rows.std(axis=0)
    assert np.all((abs(spread - 1) < 1e-3) | (spread < 1e-3))
