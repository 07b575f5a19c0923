"""Hashed n-grams of words, marks and skeletons: one bucket number for every n-gram of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.features.skeleton import N_COMMON, skeleton_hashes
from provenance.features.tokens import TokenBatch, mix

_STEP = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class Channel:
    """Which n-grams are read: those of `kind` ('word' or 'skeleton') with `n` tokens."""

    kind: str
    n: int

    @property
    def salt(self) -> np.uint64:
        """A constant that keeps the buckets of channels apart."""
        return _salt(self.kind, self.n)


@lru_cache(maxsize=64)
def _salt(kind: str, n: int) -> np.uint64:
    return mix(np.array([n + (64 if kind == "skeleton" else 0)], np.uint64))[0] | np.uint64(1)


def channels(kind: str, lowest: int, highest: int) -> tuple[Channel, ...]:
    """Return the channels of `kind` for n from `lowest` to `highest`.

    Raises
    ------
    ValueError
        If `kind` is not 'word' or 'skeleton', or the range is empty or outside 1 to 6.
    """
    if kind not in ("word", "skeleton"):
        raise ValueError(f"kind is {kind!r}; it must be 'word' or 'skeleton'")
    if not 1 <= lowest <= highest <= 6:
        raise ValueError(f"n-gram range is ({lowest}, {highest}); it must lie within 1 to 6, lowest first")
    return tuple(Channel(kind, n) for n in range(lowest, highest + 1))


def ngram_hashes(
    batch: TokenBatch, wanted: Sequence[Channel], n_common: int = N_COMMON
) -> Iterator[tuple[Channel, NDArray[np.uint64]]]:
    """Yield, channel by channel, the hash of the n-gram that starts at each token, shape (n_tokens,).

    Those of n + 1 tokens come from those of n by one multiplication and one addition. The last n - 1 of a text run over its
    end. Each array is good until the next is asked for.
    """
    for kind in dict.fromkeys(channel.kind for channel in wanted):
        tokens = batch.hashes if kind == "word" else skeleton_hashes(batch, n_common)
        rolling = tokens.copy()
        for n in range(1, max(channel.n for channel in wanted if channel.kind == kind) + 1):
            if n > 1:
                rolling *= _STEP
                rolling[: max(len(tokens) - n + 1, 0)] += tokens[n - 1 :]
            if Channel(kind, n) in wanted:
                yield Channel(kind, n), rolling


def ngram_buckets(
    batch: TokenBatch, wanted: Sequence[Channel], bits: int, n_common: int = N_COMMON
) -> Iterator[tuple[Channel, NDArray[np.int64], NDArray[np.int64]]]:
    """Yield, channel by channel, the bucket of every n-gram.

    Parameters
    ----------
    batch : TokenBatch
        The tokenised texts.
    wanted : sequence of Channel
        In the order in which they are yielded.
    bits : int
        Buckets are numbered from 0 to ``2**bits - 1``.

    Yields
    ------
    channel : Channel
    buckets : ndarray of int64, shape (n_tokens,)
        The bucket of the n-gram that starts at each token; 0 where the n-gram would cross the end of its text.
    inside : ndarray of int64, shape (n_texts,)
        How many n-grams each text has.
    """
    shift = np.uint64(64 - bits)
    lengths = np.diff(batch.offsets)
    for channel, hashes in ngram_hashes(batch, wanted, n_common):
        buckets = hashes * channel.salt
        buckets >>= shift
        buckets[crossing(batch, channel.n)] = 0
        yield channel, buckets.view(np.int64), np.maximum(lengths - channel.n + 1, 0)


def crossing(batch: TokenBatch, n: int) -> NDArray[np.int64]:
    """Return the tokens at which an n-gram would run over the end of its text."""
    last = batch.offsets[1:, None] - np.arange(1, n)
    return last[last >= batch.offsets[:-1, None]]
