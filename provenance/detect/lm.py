"""The language-model channel: a head on what SmolLM2-135M's reading of a text shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.sampling import Window
from provenance.detect.surprisal import CHOSEN, SurprisalHead, fit_surprisal_head, make_surprisal

_TENSORS = ("mean", "scale", "weights")


@dataclass(frozen=True)
class LanguageModelChannel:
    """Log-odds from the measures of surprisal and the mean hidden state.

    Attributes
    ----------
    head : SurprisalHead
        Reads the measures named in `CHOSEN`, then the state.
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
            self._loaded["reader"] = make_surprisal(states=self.head.n_states > 0)
        return np.round(self.from_vectors(self._loaded["reader"].transform(list(texts))), 4)

    def from_vectors(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one number a row of measures, shape (n_texts,)."""
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
        if not mean.shape == scale.shape == weights.shape or len(weights) < len(CHOSEN) or not (scale > 0).all():
            raise ValueError("the tensors of the language-model channel do not fit together")
        n_states = len(weights) - len(CHOSEN)
        return cls(SurprisalHead(CHOSEN, n_states, mean, scale, weights, float(tensors["bias"][0])))


def read_texts(texts: Sequence[str], cache: Path | None = None) -> NDArray[np.float32]:
    """Read texts with the language model; rows of measures and states, kept in the folder `cache` where one is given.

    Raises
    ------
    DependencyError
        When the package with the language model is missing.
    """
    from provenance.features.cache import EmbeddingCache

    kept = EmbeddingCache(cache) if cache else None
    return make_surprisal(states=True, cache=kept).transform(list(texts))


def fit_language_model(rows: NDArray[np.float32], windows: Sequence[Window]) -> LanguageModelChannel:
    """Fit the head on rows of `read_texts`."""
    from provenance.features.surprisal_measures import MEASURES

    return LanguageModelChannel(fit_surprisal_head(rows, windows, n_states=rows.shape[1] - len(MEASURES)))
