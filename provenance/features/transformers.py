"""The vectorised features as scikit-learn transformers: n-grams of words, of skeletons, and style measures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.base import BaseEstimator, TransformerMixin

from provenance.features.base import TextTransformer
from provenance.features.ngrams import Channel, channels, ngram_buckets
from provenance.features.skeleton import N_COMMON
from provenance.features.style import STYLE_NAMES, style_measures
from provenance.features.tokens import TokenBatch, tokenise

__all__ = ["SkeletonNgrams", "StyleMeasures", "WordNgrams"]

_CHUNK = 512
_BITS_RANGE = (1, 24)


class _Vectorised(TextTransformer, TransformerMixin, BaseEstimator):
    """Texts are tokenised in chunks; a row never depends on the chunk that it falls in."""

    def _batches(self, texts: list[str]) -> Iterator[TokenBatch]:
        for first in range(0, len(texts), _CHUNK):
            yield tokenise(texts[first : first + _CHUNK])


class _Ngrams(_Vectorised):
    _kind = "word"
    lowest: int
    highest: int
    bits: int
    binary: bool

    def _prepare(self, texts: list[str]) -> None:
        self._channels()
        low, high = _BITS_RANGE
        if not low <= self.bits <= high:
            raise ValueError(f"bits is {self.bits}; it must lie within {low} to {high}")
        self.n_features_out_ = 1 << self.bits

    def _channels(self) -> tuple[Channel, ...]:
        return channels(self._kind, self.lowest, self.highest)

    def _common(self) -> int:
        return N_COMMON

    def _rows(self, texts: list[str]) -> csr_matrix:
        parts = [self._count(batch) for batch in self._batches(texts)]
        return vstack(parts, format="csr") if parts else csr_matrix((0, self.n_features_out_), dtype=np.float32)

    def _count(self, batch: TokenBatch) -> csr_matrix:
        lengths = np.diff(batch.offsets)
        text_of = np.repeat(np.arange(len(batch)), lengths)
        left = np.repeat(batch.offsets[1:], lengths) - np.arange(len(text_of))
        cells = [
            (text_of[left >= channel.n] << self.bits) | buckets[left >= channel.n]
            for channel, buckets, _ in ngram_buckets(batch, self._channels(), self.bits, self._common())
        ]
        places, counts = np.unique(np.concatenate(cells), return_counts=True)
        values = np.ones(len(places), np.float32) if self.binary else counts.astype(np.float32)
        ends = np.searchsorted(places, np.arange(len(batch) + 1) << self.bits)
        columns = places & (self.n_features_out_ - 1)
        return csr_matrix((values, columns, ends), shape=(len(batch), self.n_features_out_))


class WordNgrams(_Ngrams):
    """Hashed n-grams of words and marks.

    Parameters
    ----------
    lowest, highest : int
        Tokens in an n-gram, from 1 to 6.
    bits : int
        There are ``2**bits`` columns; from 1 to 24. All lengths share them.
    binary : bool
        1 for each n-gram that occurs instead of how often it does.
    """

    _kind = "word"
    _column = "word_ngram"

    def __init__(self, lowest: int = 1, highest: int = 3, bits: int = 18, binary: bool = True) -> None:
        self.lowest = lowest
        self.highest = highest
        self.bits = bits
        self.binary = binary


class SkeletonNgrams(_Ngrams):
    """Hashed n-grams of skeletons: common words kept, all others replaced by their ending and case class.

    Parameters
    ----------
    lowest, highest : int
        Tokens in an n-gram, from 1 to 6.
    bits : int
        There are ``2**bits`` columns; from 1 to 24. All lengths share them.
    n_common : int
        How many of the commonest words are kept; 0 keeps none.
    binary : bool
        1 for each n-gram that occurs instead of how often it does.
    """

    _kind = "skeleton"
    _column = "skeleton_ngram"

    def __init__(
        self, lowest: int = 1, highest: int = 4, bits: int = 18, n_common: int = N_COMMON, binary: bool = True
    ) -> None:
        self.lowest = lowest
        self.highest = highest
        self.bits = bits
        self.n_common = n_common
        self.binary = binary

    def _prepare(self, texts: list[str]) -> None:
        if self.n_common < 0:
            raise ValueError(f"n_common is {self.n_common}; it must be 0 or more")
        super()._prepare(texts)

    def _common(self) -> int:
        return self.n_common


class StyleMeasures(_Vectorised):
    """Named style measures; columns as in `provenance.features.style.STYLE_NAMES`.

    Parameters
    ----------
    standardise : bool
        Subtract the mean of the texts of `fit` and divide by their standard deviation. A measure that is the same in
        all of them is only centred. Without texts in `fit`, nothing is changed.

    Attributes
    ----------
    mean_, scale_ : ndarray of float32, shape (n_features_out_,)
    """

    def __init__(self, standardise: bool = True) -> None:
        self.standardise = standardise

    def _prepare(self, texts: list[str]) -> None:
        n = len(STYLE_NAMES)
        self.mean_, self.scale_ = np.zeros(n, np.float32), np.ones(n, np.float32)
        if self.standardise and texts:
            raw = self._measure(texts).astype(np.float64)
            spread = raw.std(axis=0)
            self.mean_ = raw.mean(axis=0).astype(np.float32)
            self.scale_ = np.where(spread > 1e-6, spread, 1.0).astype(np.float32)
        self.n_features_out_ = n

    def _rows(self, texts: list[str]) -> NDArray[np.float32]:
        return (self._measure(texts) - self.mean_) / self.scale_

    def _measure(self, texts: list[str]) -> NDArray[np.float32]:
        parts = [style_measures(batch) for batch in self._batches(texts)]
        return np.concatenate([np.zeros((0, len(STYLE_NAMES)), np.float32), *parts])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Return the names of the measures, shape (n_features_out_,)."""
        self._check_fitted()
        return np.array(STYLE_NAMES, dtype=object)
