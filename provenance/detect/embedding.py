"""The embedding channel: a sentence encoder's vector of a text and a linear head on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.recipe import Recipe
from provenance.detect.sampling import Window, corpus_weights

PACKAGED = "minilm"
MAX_WORDS = 200
"""Words of a text that are embedded; the encoder reads no more than about as many."""


@dataclass(frozen=True)
class EmbeddingModel:
    """Log-odds from an embedding: ``vector . weights + bias``.

    Attributes
    ----------
    recipe : Recipe
        Names the embedder and its layers.
    weights : ndarray of float32, shape (n_dimensions,)
    bias : float
    """

    recipe: Recipe
    weights: NDArray[np.float32]
    bias: float
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one number a text, shape (n_texts,)."""
        if not self._loaded:
            self._loaded["embedder"] = make_embedder(self.recipe)
        return self.from_vectors(embed(self._loaded["embedder"], texts))

    def from_vectors(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one number a vector, shape (n_texts,)."""
        return vectors.astype(np.float64) @ self.weights.astype(np.float64) + self.bias

    def to_tensors(self) -> dict[str, NDArray]:
        """Return everything as named tensors."""
        return {"weights": self.weights, "bias": np.array([self.bias], np.float64)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray], recipe: Recipe) -> EmbeddingModel:
        """Build the channel from what `to_tensors` gave.

        Raises
        ------
        KeyError
            When weights or bias are missing.
        """
        return cls(recipe, tensors["weights"], float(tensors["bias"][0]))


def make_embedder(recipe: Recipe) -> Any:
    """Return the recipe's embedder, ready to transform texts."""
    from provenance.features.embed import Embedder

    model = None if recipe.embedder == PACKAGED else recipe.embedder
    return Embedder(model=model, n_layers=recipe.embedder_layers or None).fit([])


def embed(embedder: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed the beginning of each text, shape (n_texts, n_dimensions)."""
    return embedder.transform([" ".join(text.split()[:MAX_WORDS]) for text in texts])


def fit_embedding(vectors: NDArray[np.float32], windows: Sequence[Window], recipe: Recipe, c: float = 0.1) -> EmbeddingModel:
    """Fit the head by logistic regression on standardised vectors."""
    from sklearn.linear_model import LogisticRegression

    mean, sd = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    machine = np.array([window.machine for window in windows])
    model = LogisticRegression(C=c, max_iter=300)
    model.fit((vectors - mean) / sd, machine, sample_weight=corpus_weights(windows))
    weights = model.coef_[0] / sd
    return EmbeddingModel(recipe, weights.astype(np.float32), float(model.intercept_[0] - weights @ mean))
