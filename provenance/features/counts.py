"""How many tokens of each sort a text has: counted once a batch, for the style measures and for the abstention."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.features.lexicon import CATEGORIES, look_up, word_list
from provenance.features.tokens import PUNCTUATION, UPPER, TokenBatch

SHORT, MIDDLING, LONG = range(3)
"""Classes of length: up to 3 bytes, 4 to 7, 8 and more."""
COMMON, RARE, UNLISTED = range(3)
"""Classes of rank in the word list: the first 3,000, the others, not in the list."""

_N_KINDS = PUNCTUATION + 1
_COMMON_WORDS = 3000


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens of each text by sort.

    Attributes
    ----------
    categories : ndarray of int64, shape (n_texts, len(CATEGORIES))
        By style category.
    shapes : ndarray of int64, shape (n_texts, 5, 3, 3)
        By kind, class of length, class of rank.
    """

    categories: NDArray[np.int64]
    shapes: NDArray[np.int64]

    @property
    def plain(self) -> NDArray[np.int64]:
        """Words that are no numbers, shape (n_texts,)."""
        return self.shapes[:, : UPPER + 1].sum(axis=(1, 2, 3))

    @property
    def listed(self) -> NDArray[np.int64]:
        """Words that stand in the word list, shape (n_texts,)."""
        return self.shapes[:, : UPPER + 1, :, :UNLISTED].sum(axis=(1, 2, 3))


def count_tokens(batch: TokenBatch) -> TokenCounts:
    """Count the tokens of each text; done once a batch."""
    if "counts" not in batch.kept:
        ranks, categories = look_up(batch)
        length = batch.ends - batch.starts
        shape = batch.kinds * np.uint8(9)
        shape += ((length > 3).view(np.uint8) + (length > 7)) * np.uint8(3)
        shape += (ranks >= _COMMON_WORDS).view(np.uint8) + (ranks >= len(word_list()))
        by_category = _table(batch, categories, len(CATEGORIES))
        by_shape = _table(batch, shape, _N_KINDS * 9).reshape(len(batch), _N_KINDS, 3, 3)
        batch.kept["counts"] = TokenCounts(by_category, by_shape)
    return batch.kept["counts"]


def _table(batch: TokenBatch, sorts: NDArray[np.uint8], n_sorts: int) -> NDArray[np.int64]:
    found = np.bincount(batch.text_of * n_sorts + sorts, minlength=len(batch) * n_sorts)
    return found.reshape(len(batch), n_sorts)
