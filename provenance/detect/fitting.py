"""Fitting of the linear channel by scikit-learn's logistic regression."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.linear import N_FAMILIES, LinearModel, batches, pack_rates, quantise, recipe_channels, standardise
from provenance.detect.recipe import FAMILIES, Recipe
from provenance.detect.sampling import Window, corpus_weights
from provenance.features.ngrams import ngram_buckets
from provenance.features.style import style_measures

_FAMILY_CLASSES = (*FAMILIES, "other")


class TrainingMatrix:
    """Windows as numbers: which bucket stands in which window, and the style measures; made once, used in every fold.

    Attributes
    ----------
    windows : list of Window
    presence : csr_matrix of float32, shape (n_windows, 2**bits)
        1 where a bucket stands in a window.
    style : ndarray of float32, shape (n_windows, len(STYLE_NAMES))
    norm : ndarray of float64, shape (n_windows,)
    """

    def __init__(self, windows: Sequence[Window], recipe: Recipe) -> None:
        from scipy import sparse

        self.windows, self.recipe = list(windows), recipe
        blocks, style, norm = [], [], []
        wanted = recipe_channels(recipe)
        for batch in batches([window.text for window in windows]):
            text_of = np.repeat(np.arange(len(batch)), np.diff(batch.offsets))
            found = ngram_buckets(batch, wanted, recipe.bits, recipe.n_common)
            keys = np.concatenate([(text_of << recipe.bits) + buckets for _, buckets, _ in found])
            keys = np.unique(keys[keys & ((1 << recipe.bits) - 1) > 0])
            offsets = np.searchsorted(keys, np.arange(len(batch) + 1) << recipe.bits)
            columns = (keys & ((1 << recipe.bits) - 1)).astype(np.int32)
            shape = (len(batch), 1 << recipe.bits)
            blocks.append(sparse.csr_matrix((np.ones(len(columns), np.float32), columns, offsets), shape=shape))
            style.append(style_measures(batch))
            norm.append(1 / np.sqrt(np.maximum(np.diff(batch.offsets), 1)))
        self.presence = sparse.vstack(blocks, format="csr")
        self.style, self.norm = np.vstack(style), np.concatenate(norm)

    def fit(self, rows: NDArray[np.int64], *, families: bool = True) -> LinearModel:
        """Fit the linear channel on some of the windows, choosing the n-grams from them alone.

        `families` says whether the makers are fitted and the rates counted too, which a measurement of human against
        machine does not need.
        """
        from scipy import sparse

        windows = [self.windows[i] for i in rows]
        presence = self.presence[rows]
        buckets, idf = self._select(presence, np.array([window.corpus for window in windows]))
        mean, sd = self.style[rows].mean(axis=0), self.style[rows].std(axis=0) + 1e-6
        style = standardise(self.style[rows], mean, sd)
        held = presence[:, buckets]
        grams = sparse.diags(self.norm[rows]) @ held @ sparse.diags(idf)
        scaled = sparse.hstack([grams, sparse.csr_matrix(style * self.recipe.style_scale)], format="csr")
        machine = np.array([window.machine for window in windows])
        model = _logistic(self.recipe, scaled.astype(np.float32), machine, corpus_weights(windows))
        coefficients = model.coef_[0].astype(np.float64)
        weights, unit = quantise((coefficients[: len(buckets)] * idf)[:, None])
        family = self._families(grams.tocsr(), windows if families else [], idf)
        return LinearModel(
            recipe=self.recipe,
            buckets=buckets.astype(np.uint32),
            weights=weights[:, 0],
            unit=float(unit[0]),
            style_mean=mean.astype(np.float32),
            style_sd=sd.astype(np.float32),
            style_weights=(coefficients[len(buckets) :] * self.recipe.style_scale).astype(np.float32),
            bias=float(model.intercept_[0]),
            family_weights=family[0],
            family_units=family[1],
            family_bias=family[2],
            rates=pack_rates(_rates(held, windows) if families else np.zeros((len(buckets), 3))),
        )

    def _select(self, presence: Any, corpora: NDArray[np.str_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Choose buckets that are frequent enough and stand in enough corpora; return them and their idf."""
        frequency = np.bincount(presence.indices, minlength=presence.shape[1])
        names = np.unique(corpora)
        spread = np.zeros(presence.shape[1], np.int32)
        for name in names:
            spread += np.bincount(presence[corpora == name].indices, minlength=presence.shape[1]) > 0
        enough = min(self.recipe.min_corpora, max(len(names) // 2, 1))
        least = min(self.recipe.min_documents, max(presence.shape[0] // 20, 2))
        buckets = np.flatnonzero((frequency >= least) & (spread >= enough))
        return buckets, np.log(1 + presence.shape[0] / frequency[buckets])

    def _families(self, grams: Any, windows: list[Window], idf: NDArray[np.float64]) -> tuple[Any, Any, Any]:
        """Fit the makers of the machine windows against each other; zeros where there is only one."""
        from scipy import sparse

        machine = np.flatnonzero([window.machine for window in windows])
        names = np.array([_FAMILY_CLASSES.index(windows[i].family) for i in machine], np.int64)
        weights = np.zeros((len(idf), N_FAMILIES))
        bias = np.full(N_FAMILIES, -20.0)
        classes, counts = np.unique(names, return_counts=True)
        bias[classes] = 0.0
        if len(classes) > 1:
            balance = (1 / counts)[np.searchsorted(classes, names)]
            recipe = replace(self.recipe, c=self.recipe.family_c)
            model = _logistic(recipe, (grams[machine]).astype(np.float32), names, balance / balance.mean())
            rows = model.coef_ if len(classes) > 2 else np.vstack([-model.coef_[0], model.coef_[0]]) / 2
            level = model.intercept_ if len(classes) > 2 else np.array([-1, 1]) * model.intercept_[0] / 2
            weights[:, classes] = (sparse.csr_matrix(rows) @ sparse.diags(idf)).toarray().T
            bias[classes] = level
        quantised, units = quantise(weights)
        return quantised, units, bias.astype(np.float32)


def _rates(presence: Any, windows: list[Window]) -> NDArray[np.float64]:
    """Return the share of windows that hold each n-gram: people's, those of people's likeliest corpus, models'.

    Corpora weigh the same. Corpora with fewer than 50 windows by people are left out where there are larger ones.
    """
    cells: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for i, window in enumerate(windows):
        cells[window.machine, window.corpus].append(i)
    people = {key: rows for key, rows in cells.items() if not key[0]}
    large = {key: rows for key, rows in people.items() if len(rows) >= 50} or people
    shares = {key: np.asarray(presence[rows].mean(axis=0)).ravel() for key, rows in cells.items()}
    by_people = np.array([shares[key] for key in large])  # (n_corpora, n_ngrams)
    by_models = np.mean([share for key, share in shares.items() if key[0]], axis=0)
    return np.column_stack([by_people.mean(axis=0), by_people.max(axis=0), by_models])


def _logistic(recipe: Recipe, features: Any, labels: NDArray, weights: NDArray) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=recipe.c, max_iter=recipe.max_iter, tol=1e-3)
        return model.fit(features, labels, sample_weight=weights)
