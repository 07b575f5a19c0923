"""Texts as the share estimators see them: a score, the words that occur, a group. The texts themselves are let go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.density import FloatArray
from provenance.corpus.occurrence import word_sets
from provenance.text import normalise

if TYPE_CHECKING:
    from provenance.detect.detector import Detector
    from provenance.detect.result import Score
    from provenance.documents import Document

__all__ = ["LEFT_OUT", "ScoredTexts", "chunks", "score_texts", "scored_texts", "text_key"]

CHUNK = 256
Item = TypeVar("Item")
LEFT_OUT = ("too_short", "not_english", "code")
"""Reasons of abstention that take a text out of the estimate."""


@dataclass(frozen=True)
class ScoredTexts:
    """Judged texts of one corpus.

    Attributes
    ----------
    scores : ndarray, shape (n_texts,)
    words : scipy.sparse.csr_matrix, shape (n_texts, occurrence.BUCKETS)
    groups : ndarray of int64, shape (n_texts,)
        Texts of one number vary together.
    keys : ndarray of uint64, shape (n_texts,)
        Equal for equal texts, white space and the like apart.
    column : sequence of object, length n_texts or 0
        What the rows hold in the column of a trend.
    left_out : Counter of str
        Texts that were not judged, by reason.
    """

    scores: FloatArray
    words: Any
    groups: NDArray[np.int64]
    keys: NDArray[np.uint64]
    column: Sequence[object] = ()
    left_out: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: NDArray[Any]) -> ScoredTexts:
        """Return some of the texts, by index or by mask."""
        rows = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        column = [self.column[int(i)] for i in rows] if len(self.column) else ()
        return ScoredTexts(self.scores[rows], self.words[rows], self.groups[rows], self.keys[rows], column, self.left_out)


def text_key(text: str) -> int:
    """Give a number, below 2**64, that is the same for texts that differ in white space, quotes and case alone."""
    import hashlib

    plain = "".join(normalise(text).lower().split())
    return int.from_bytes(hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def score_texts(
    documents: Iterable[Document],
    detector: Detector,
    *,
    column: Callable[[Document], object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> ScoredTexts:
    """Score documents and keep what an estimate of the share needs.

    Parameters
    ----------
    documents : iterable of Document
        Read once, in chunks.
    detector : Detector
    column : callable, optional
        Gives the value of a document by which a trend goes.
    progress : callable, optional
        Is called with the size of each chunk.
    """

    def pairs() -> Iterator[tuple[Document, Score]]:
        for chunk in chunks(documents):
            yield from zip(chunk, detector.score(chunk), strict=True)
            if progress is not None:
                progress(len(chunk))

    return scored_texts(pairs(), column)


def scored_texts(pairs: Iterable[tuple[Document, Score]], column: Callable[[Document], object] | None = None) -> ScoredTexts:
    """Keep what an estimate of the share needs of documents that have their scores."""
    scores: list[float] = []
    groups: list[str] = []
    keys: list[int] = []
    values: list[object] = []
    blocks: list[Any] = []
    left_out: Counter[str] = Counter()
    for part in chunks(pairs):
        kept: list[Document] = []
        for document, score in part:
            if score.score is None or score.reason in LEFT_OUT:
                left_out[score.reason or "no_words"] += 1
                continue
            kept.append(document)
            scores.append(score.score)
        groups += [document.group or f"\0{len(groups) + i}" for i, document in enumerate(kept)]
        keys += [text_key(document.text) for document in kept]
        values += [column(document) for document in kept] if column else []
        blocks.append(word_sets([document.text for document in kept]))
    return ScoredTexts(
        np.array(scores, np.float64),
        _stacked(blocks),
        np.unique(np.array(groups, np.str_), return_inverse=True)[1].astype(np.int64).ravel(),
        np.array(keys, np.uint64),
        values,
        left_out,
    )


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut a stream into lists of 256."""
    stream = iter(items)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _stacked(blocks: list[Any]) -> Any:
    from scipy import sparse

    return sparse.vstack(blocks, format="csr") if blocks else word_sets([])
