"""The linear channel: hashed n-grams, present or not, and style measures; trained by scikit-learn, scored by numpy.

A text's log-odds are ``sum of w[g] over the distinct n-grams g it holds / sqrt(tokens) + style measures . v + bias``.
The n-gram weights are 8-bit integers, so their sum is exact and does not depend on order, batch or processor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from provenance.detect.recipe import FAMILIES, Recipe
from provenance.features.ngrams import Channel, channels, crossing, ngram_hashes
from provenance.features.packed import pack_bytes, sum_bytes
from provenance.features.style import style_measures
from provenance.features.tokens import TokenBatch, segment_sums, tokenise

BATCH = 64
_CLIP = 4.0


def recipe_channels(recipe: Recipe) -> tuple[Channel, ...]:
    """Return the n-gram channels that the recipe reads."""
    found: tuple[Channel, ...] = ()
    for kind, (low, high) in (("word", recipe.word_ngrams), ("skeleton", recipe.skeleton_ngrams)):
        found += channels(kind, low, high) if high else ()
    return found


@dataclass(frozen=True, slots=True)
class Rows:
    """Distinct known n-grams of some texts.

    Attributes
    ----------
    columns : ndarray of int32, shape (n_entries,)
        Place in the model's n-gram list.
    offsets : ndarray of int64, shape (n_texts + 1,)
        Entries of text ``i`` are ``offsets[i]:offsets[i + 1]``.
    norm : ndarray of float64, shape (n_texts,)
        ``1 / sqrt(tokens)``.
    """

    columns: NDArray[np.int32]
    offsets: NDArray[np.int64]
    norm: NDArray[np.float64]


@dataclass(frozen=True)
class LinearModel:
    """Weights of the linear channel.

    Attributes
    ----------
    recipe : Recipe
    buckets : ndarray of uint32, shape (n_ngrams,)
        Buckets that are known, ascending.
    weights : ndarray of int8, shape (n_ngrams,)
    unit : float
        Log-odds of one step of `weights`.
    style_mean, style_sd, style_weights : ndarray of float32, shape (len(STYLE_NAMES),)
    bias : float
    family_weights : ndarray of int8, shape (n_ngrams, len(FAMILIES) + 1)
        The last column stands for every other maker.
    family_units, family_bias : ndarray of float32, shape (len(FAMILIES) + 1,)
    rates : ndarray of uint8, shape (n_ngrams, 3)
        How common each n-gram is among training windows by people, in the human corpus that uses it most, and among those
        by models; see `pack_rates`.
    """

    recipe: Recipe
    buckets: NDArray[np.uint32]
    weights: NDArray[np.int8]
    unit: float
    style_mean: NDArray[np.float32]
    style_sd: NDArray[np.float32]
    style_weights: NDArray[np.float32]
    bias: float
    family_weights: NDArray[np.int8]
    family_units: NDArray[np.float32]
    family_bias: NDArray[np.float32]
    rates: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Lay out the look-up table from bucket to place."""
        table = np.full(1 << self.recipe.bits, -1, np.int32)
        table[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        table[0] = -1
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_packed", pack_bytes(self.family_weights))
        object.__setattr__(self, "_channels", recipe_channels(self.recipe))

    def rows(self, batch: TokenBatch) -> Rows:
        """Find the distinct known n-grams of each text."""
        places = self._places(batch).ravel()
        found = np.flatnonzero(places >= 0)
        columns = places.take(found)
        offsets = np.asarray(np.searchsorted(found, batch.offsets * len(self._channels)), np.int64)  # type: ignore[attr-defined]
        first = _first_of_each(columns, offsets, len(self.buckets))
        kept = np.concatenate([[0], np.cumsum(first)]).take(offsets)
        tokens = np.maximum(np.diff(batch.offsets), 1)
        return Rows(columns[first], kept, 1 / np.sqrt(tokens))

    def _places(self, batch: TokenBatch) -> NDArray[np.int32]:
        """Look up the n-gram that starts at each token, in each channel; -1 for one that is not known."""
        wanted: tuple[Channel, ...] = self._channels  # type: ignore[attr-defined]
        shift = np.uint64(64 - self.recipe.bits)
        places = np.empty((len(batch.hashes), len(wanted)), np.int32)
        buckets = np.empty(len(batch.hashes), np.uint64)
        for k, (channel, hashes) in enumerate(ngram_hashes(batch, wanted, self.recipe.n_common)):
            np.multiply(hashes, channel.salt, out=buckets)
            buckets >>= shift
            places[:, k] = self._table.take(buckets.view(np.int64))  # type: ignore[attr-defined]
            places[crossing(batch, channel.n), k] = -1
        return places

    def hits(self, batch: TokenBatch) -> Iterator[tuple[Channel, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield for each channel the known n-grams: a key ``text * n_ngrams + place`` and the token it starts at."""
        base = batch.text_of * max(len(self.buckets), 1)
        for channel, places in zip(self._channels, self._places(batch).T, strict=True):  # type: ignore[attr-defined]
            known = np.flatnonzero(places >= 0)
            yield channel, base.take(known) + places.take(known), known

    def style(self, batch: TokenBatch) -> NDArray[np.float64]:
        """Return the standardised, clipped style measures, shape (n_texts, len(STYLE_NAMES))."""
        return standardise(style_measures(batch), self.style_mean, self.style_sd)

    def log_odds(self, rows: Rows, style: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each text, shape (n_texts,)."""
        total = segment_sums(self.weights.take(rows.columns).astype(np.int64), rows.offsets)
        return self.unit * total * rows.norm + (style * self.style_weights).sum(axis=1) + self.bias

    def family_logits(self, rows: Rows) -> NDArray[np.float64]:
        """Return one number a maker and text, shape (n_texts, len(FAMILIES) + 1)."""
        total = sum_bytes(self._packed.take(rows.columns), rows.offsets)  # type: ignore[attr-defined]
        return total.astype(np.int32) * self.family_units * rows.norm[:, None] + self.family_bias


def _first_of_each(columns: NDArray[np.int32], offsets: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Mark one of the entries of a text that have the same column; `columns` are below `n`."""
    first = np.empty(len(columns), np.bool_)
    slot = np.empty(n, np.int32)
    numbers = np.arange(np.diff(offsets).max(initial=0), dtype=np.int32)
    places = columns.astype(np.intp)
    for start, end in pairwise(offsets.tolist()):
        mine, mark = places[start:end], numbers[: end - start]
        slot[mine] = mark
        np.equal(slot.take(mine), mark, out=first[start:end])
    return first


def standardise(measures: NDArray, mean: NDArray, sd: NDArray) -> NDArray[np.float64]:
    """Centre and scale style measures and clip them at four standard deviations."""
    return np.clip((measures.astype(np.float64) - mean) / sd, -_CLIP, _CLIP)


def batches(texts: Sequence[str]) -> Iterator[TokenBatch]:
    """Tokenise texts a few at a time."""
    for first in range(0, len(texts), BATCH):
        yield tokenise(texts[first : first + BATCH])


def quantise(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round the columns of `weights` to 8 bits, clipping one value in ten thousand; returns them and their units."""
    if not len(weights):
        return weights.astype(np.int8), np.ones(weights.shape[1:], np.float32)
    unit = np.maximum(np.quantile(np.abs(weights), 0.9999, axis=0) / 127, 1e-12).astype(np.float32)
    return np.clip(np.rint(weights / unit), -127, 127).astype(np.int8), unit


_NEVER = 255
_OCTAVE = 16.0


def pack_rates(rates: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Keep rates in [0, 1] in a byte: sixteen steps from one to its half, down to 2**-15.9; 255 stands for never."""
    steps = np.rint(-_OCTAVE * np.log2(np.clip(rates, 2.0**-30, 1.0)))
    return np.where(rates > 0, np.minimum(steps, _NEVER - 1), _NEVER).astype(np.uint8)


def unpack_rates(packed: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the rates that `pack_rates` was given, to within 2.2 %."""
    return np.where(packed == _NEVER, 0.0, 2.0 ** (-packed.astype(np.float64) / _OCTAVE))


N_FAMILIES = len(FAMILIES) + 1
