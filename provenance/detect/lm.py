"""The language-model channel: a head on the mean hidden state of SmolLM2-135M while it reads a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.sampling import Window
from provenance.detect.surprisal import SurprisalHead, fit_surprisal_head, make_surprisal

_TENSORS = ("mean", "scale", "weights")


@dataclass(frozen=True)
class LanguageModelChannel:
    """Log-odds from the mean state of a middle layer. Measures of surprisal add little beside it (docs/surprisal.md).

    Attributes
    ----------
    head : SurprisalHead
        Reads the state alone.
    """

    head: SurprisalHead
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one number a text, shape (n_texts,), rounded to four decimals.

        Raises
        ------
        DependencyError
            When the package with the language model is missing.
        """
        if not self._loaded:
            self._loaded["reader"] = make_surprisal(names=(), states=True)
        return np.round(self.from_vectors(self._loaded["reader"].transform(list(texts))), 4)

    def from_vectors(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one number a state, shape (n_texts,)."""
        return self.head.log_odds(rows)

    def to_tensors(self) -> dict[str, NDArray]:
        """Return everything as named tensors."""
        tensors: dict[str, NDArray] = {name: getattr(self.head, name) for name in _TENSORS}
        return {**tensors, "bias": np.array([self.head.bias], np.float64)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray]) -> LanguageModelChannel:
        """Build the channel from what `to_tensors` gave.

        Raises
        ------
        KeyError, ValueError
            When tensors are missing or do not fit together.
        """
        mean, scale, weights = (tensors[name] for name in _TENSORS)
        if not mean.shape == scale.shape == weights.shape or not (scale > 0).all():
            raise ValueError("the tensors of the language-model channel do not fit together")
        return cls(SurprisalHead((), len(weights), mean, scale, weights, float(tensors["bias"][0])))


def read_texts(texts: Sequence[str], cache: Path | None = None) -> NDArray[np.float32]:
    """Read texts with the language model; rows of states, kept in the folder `cache` where one is given.

    Raises
    ------
    DependencyError
        When the package with the language model is missing.
    """
    from provenance.features.cache import EmbeddingCache

    kept = EmbeddingCache(cache) if cache else None
    return make_surprisal(names=(), states=True, cache=kept).transform(list(texts))


def fit_language_model(rows: NDArray[np.float32], windows: Sequence[Window]) -> LanguageModelChannel:
    """Fit the head on rows of `read_texts`."""
    return LanguageModelChannel(fit_surprisal_head(rows, windows, names=(), n_states=rows.shape[1]))
