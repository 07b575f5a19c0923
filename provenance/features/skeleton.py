"""Skeleton tokens: common words kept, all others replaced by their ending and case class.

A skeleton carries how sentences are built and forgets what they are about: "The quiet River flowed" becomes
"the -et/a -er/A -ed/a". Trigrams and 4-grams of it hold across topics where n-grams of words do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.features.lexicon import look_up
from provenance.features.tokens import NUMBER, PUNCTUATION, TokenBatch, mix

N_COMMON = 700
"""Words that a skeleton keeps."""

_NUMBER_HASH = np.uint64(0x6E756D626572)


def skeleton_hashes(batch: TokenBatch, n_common: int = N_COMMON) -> NDArray[np.uint64]:
    """Return the hash of each token's skeleton, shape (n_tokens,)."""
    ranks, _ = look_up(batch)
    hashes = batch.hashes.copy()
    replaced = np.flatnonzero((ranks >= n_common) & (batch.kinds != PUNCTUATION))
    endings = _ending_hashes(batch, replaced)
    endings[batch.kinds.take(replaced) == NUMBER] = _NUMBER_HASH
    hashes[replaced] = mix(endings)
    return hashes


def _ending_hashes(batch: TokenBatch, tokens: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Pack the last two bytes (three for words of seven and more), a length class and the case class."""
    data, ends = batch.data, batch.ends.take(tokens)
    length = ends - batch.starts.take(tokens)
    last = data.take(ends - 1) | 32
    second = data.take(np.maximum(ends - 2, 0)) | 32
    third = data.take(np.maximum(ends - 3, 0)) | 32
    packed = last.astype(np.uint64) | (second.astype(np.uint64) << np.uint64(8))
    packed[length < 3] = 0
    packed |= np.where(length >= 7, third, 0).astype(np.uint64) << np.uint64(16)
    packed |= (np.minimum(length, 9) // 3).astype(np.uint64) << np.uint64(24)
    return packed | (batch.kinds.take(tokens).astype(np.uint64) << np.uint64(32))
