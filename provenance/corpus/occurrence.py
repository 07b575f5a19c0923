"""Which words occur in a text: the likelihood of Liang et al. 2024, one log-ratio a text.

A reference pair gives for each word the share of human and of machine texts that it occurs in. The log-likelihood ratio of a
text is a sum over words that occur and words that do not. Words of one text hang together, so the ratio is far too sure of
itself; `channel` scales it by what held-out reference texts show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.density import FloatArray
from provenance.features.tokens import NUMBER, PUNCTUATION, tokenise

__all__ = ["BUCKETS", "OccurrenceModel", "word_sets"]

BUCKETS = 1 << 16
FEWEST = 5
BATCH = 64


def word_sets(texts: Sequence[str]) -> Any:
    """Say which words occur in which text.

    Returns
    -------
    scipy.sparse.csr_matrix of float32, shape (n_texts, BUCKETS)
        1 where a word, by the bucket of its hash, occurs. Numbers and punctuation are left out.
    """
    from scipy import sparse

    found: list[NDArray[np.int32]] = []
    for first in range(0, len(texts), BATCH):
        batch = tokenise(texts[first : first + BATCH])
        column = (batch.hashes & np.uint64(BUCKETS - 1)).astype(np.int32)
        word = (batch.kinds != PUNCTUATION) & (batch.kinds != NUMBER)
        for a, b in zip(batch.offsets[:-1], batch.offsets[1:], strict=True):
            found.append(np.unique(column[a:b][word[a:b]]))
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in found], dtype=np.int64)])
    columns = np.concatenate(found) if found else np.zeros(0, np.int32)
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, offsets), shape=(len(found), BUCKETS))


@dataclass(frozen=True, slots=True)
class OccurrenceModel:
    """Occurrence of words in two kinds of texts.

    Attributes
    ----------
    words : ndarray of int64, shape (n_words,)
        Buckets in use.
    weights : ndarray of float64, shape (n_words,)
        What the occurrence of a word adds to the log-ratio.
    base : float
        Log-ratio of a text in which none occurs.
    """

    words: NDArray[np.int64]
    weights: FloatArray
    base: float

    @classmethod
    def fit(cls, one: Any, other: Any) -> OccurrenceModel:
        """Learn from the word sets of two kinds of texts, `one` (human) and `other` (machine), with add-one smoothing."""
        in_one, in_other = (np.asarray(rows.sum(axis=0)).ravel() for rows in (one, other))
        words = np.flatnonzero(in_one + in_other >= FEWEST)
        p = (in_one[words] + 1) / (one.shape[0] + 2)
        q = (in_other[words] + 1) / (other.shape[0] + 2)
        absent = np.log((1 - q) / (1 - p))
        return cls(words, np.log(q / p) - absent, float(absent.sum()))

    def log_ratio(self, rows: Any) -> FloatArray:
        """Log-likelihood ratio of texts, shape (n_texts,); above 0 speaks for `other`."""
        return np.asarray(rows[:, self.words] @ self.weights).ravel() + self.base

    def per_word(self, rows: Any) -> FloatArray:
        """Log-ratio over the root of the number of words that occur, so that long texts are no surer; shape (n_texts,)."""
        used = rows[:, self.words]
        return (np.asarray(used @ self.weights).ravel() + self.base) / np.sqrt(np.maximum(np.diff(used.indptr), 1))
