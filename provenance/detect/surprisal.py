"""The language-model channel: how a small language model reads a text, and a frozen linear head on it.

A row holds measures of surprisal, the mean hidden state of one layer, or first the measures and then the state, as the
transformers of `provenance.features.surprisal` give them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.sampling import Window, corpus_weights

__all__ = ["CHOSEN", "SurprisalHead", "columns_of", "fit_surprisal_head", "make_surprisal"]

CHOSEN: tuple[str, ...] = (
    "entropy_marks", "surprisal_marks", "diversity_1", "surprisal_max", "share_marks", "log_prob", "entropy",
    "mean_log_surprisal", "top_1", "absolute_deviation", "sentence_length_sd", "surprisal_last_quarter", "entropy_step",
)  # fmt: skip
"""Measures that the head reads, chosen across corpora (docs/surprisal.md)."""

LIMIT = 4.0
"""A standardised column counts as no further than so many standard deviations from the mean."""


@dataclass(frozen=True, slots=True)
class SurprisalHead:
    """Log-odds from a row: ``clip((columns - mean) / scale) . weights + bias``.

    Attributes
    ----------
    names : tuple of str
        The measures that are read, by their names in `provenance.features.surprisal_measures.MEASURES`; empty where the
        row holds a state only.
    n_states : int
        Dimensions of the state, the last columns of a row; 0 where it is not read.
    mean, scale : ndarray of float32, shape (n_names + n_states,)
        Of the texts that the head was fitted on; every scale is above 0.
    weights : ndarray of float32, shape (n_names + n_states,)
        Log-odds of a machine text a standard deviation.
    bias : float
    """

    names: tuple[str, ...]
    n_states: int
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: float

    def log_odds(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one number a text, shape (n_texts,), from its row."""
        return self.contributions(rows).sum(axis=1) + self.bias

    def contributions(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return what each column adds to the log-odds of each text, shape (n_texts, n_names + n_states)."""
        standard = (_columns(rows, self.names, self.n_states) - self.mean) / self.scale
        return np.clip(standard, -LIMIT, LIMIT) * self.weights


def _columns(rows: NDArray[np.float32], names: Sequence[str], n_states: int) -> NDArray[np.float64]:
    states = rows[:, rows.shape[1] - n_states :]
    return np.hstack([rows[:, columns_of(names)], states]).astype(np.float64)


def columns_of(names: Sequence[str]) -> list[int]:
    """Return the columns of measures by name.

    Raises
    ------
    ValueError
        If there is no measure of a name; the message lists what is unknown.
    """
    from provenance.features.surprisal_measures import MEASURES

    place = {name: i for i, name in enumerate(MEASURES)}
    unknown = [name for name in names if name not in place]
    if unknown:
        raise ValueError(f"no measures of surprisal named {', '.join(unknown)}")
    return [place[name] for name in names]


def make_surprisal(names: Sequence[str] = CHOSEN, states: bool = True, cache: Any = None) -> Any:
    """Return the transformer whose rows a head reads, ready to transform texts.

    Parameters
    ----------
    names : sequence of str
        The measures that the head reads; without any, the cheaper transformer of states alone.
    states : bool
        Whether the head reads the state.
    cache : EmbeddingCache, optional
        Where rows are kept between runs.

    Raises
    ------
    ValueError
        If neither is read.
    DependencyError
        If the package with the language model is missing.
    """
    from provenance.features.surprisal import STATE_LAYER, HiddenStates, SurprisalFeatures

    if names:
        return SurprisalFeatures(state_layer=STATE_LAYER if states else None, cache=cache).fit([])
    if not states:
        raise ValueError("neither measures nor states are read; the head needs one of them")
    return HiddenStates(cache=cache).fit([])


def fit_surprisal_head(
    rows: NDArray[np.float32],
    windows: Sequence[Window],
    names: Sequence[str] = CHOSEN,
    n_states: int = 0,
    c: float = 0.01,
) -> SurprisalHead:
    """Fit the head by logistic regression, corpora and labels weighted as for the other channels.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_texts, n_measures + n_states), or (n_texts, n_states) where `names` is empty
    windows : sequence of Window, length n_texts
        The texts, of both labels.
    names : sequence of str
        The measures to read.
    n_states : int
        Dimensions of the state to read, the last columns of a row.
    c : float
        Inverse strength of the penalty.

    Raises
    ------
    ValueError
        If a name is unknown, rows and windows differ in number, or there is nothing to read.
    """
    from sklearn.linear_model import LogisticRegression

    if len(rows) != len(windows):
        raise ValueError(f"{len(rows)} rows of measures for {len(windows)} windows; one row a window is wanted")
    read = _columns(rows, names, n_states)
    weight = corpus_weights(windows)
    mean = np.average(read, axis=0, weights=weight)
    spread = np.sqrt(np.average((read - mean) ** 2, axis=0, weights=weight))
    scale = np.where(spread > 1e-6, spread, 1.0)
    model = LogisticRegression(C=c, max_iter=2000)
    machine = np.array([window.machine for window in windows])
    model.fit(np.clip((read - mean) / scale, -LIMIT, LIMIT), machine, sample_weight=weight)
    return SurprisalHead(
        names=tuple(names),
        n_states=n_states,
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        weights=model.coef_[0].astype(np.float32),
        bias=float(model.intercept_[0]),
    )
