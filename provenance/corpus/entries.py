"""Documents as the entries that are compared: answers and prompts apart, many at once, with their shingles and sketches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from provenance.corpus.minhash import sketch
from provenance.corpus.shingles import MIN_WORDS, SHINGLE, SKETCHED, WordBatch, shingle_hashes, word_batch
from provenance.documents import Document

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FIELDS", "EntryBatch", "batches_of", "entry_batch", "ragged"]

FIELDS = ("output", "prompt")
"""What is compared, each with its like alone; a position in this tuple is the code of a field."""

BATCH_DOCUMENTS = 512
BATCH_CHARACTERS = 1_000_000

_SALTS = (0x5851F42D4C957F2D, 0x14057B7EF767814F)


@dataclass(frozen=True)
class EntryBatch:
    """Entries of some documents.

    Attributes
    ----------
    documents : list of Document
    owners : ndarray of int64, shape (n_entries,)
        Position in `documents` of the document that an entry is of; in order.
    fields : ndarray of uint8, shape (n_entries,)
        Position in `FIELDS`.
    texts : list of str
        Text of each entry.
    words : WordBatch
    """

    documents: Sequence[Document]
    owners: NDArray[np.int64]
    fields: NDArray[np.uint8]
    texts: list[str]
    words: WordBatch

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def comparable(self) -> NDArray[np.bool_]:
        """Whether an entry has `MIN_WORDS` words; shape (n_entries,)."""
        return self.words.lengths >= MIN_WORDS

    @cached_property
    def text_of(self) -> NDArray[np.int64]:
        """Entry of each word; shape (n_words,)."""
        import numpy as np

        return np.repeat(np.arange(len(self)), self.words.lengths)

    @cached_property
    def _salts(self) -> NDArray[np.uint64]:
        import numpy as np

        return np.array(_SALTS, np.uint64)[self.fields]

    @cached_property
    def shingles(self) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """Hash of the shingle at each word, and whether there is one; shapes (n_words,)."""
        return shingle_hashes(self.words, self._salts, SHINGLE)

    @cached_property
    def sketches(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Keys by which the entries are found, and the entry of each; shapes (n_keys,)."""
        hashes, valid = shingle_hashes(self.words, self._salts, SKETCHED)
        return sketch(hashes[valid], self.text_of[valid], len(self))


def batches_of(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut a stream into lists of at most 512 documents and about a million characters."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text) + len(document.prompt or "")
        if len(batch) >= BATCH_DOCUMENTS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def entry_batch(documents: Sequence[Document], fields: Sequence[str] = FIELDS) -> EntryBatch:
    """Take the prompts and the answers out of documents; empty ones are no entries."""
    import numpy as np

    found = [
        (position, FIELDS.index(field), text)
        for position, document in enumerate(documents)
        for field in fields
        if (text := document.text if field == "output" else document.prompt)
    ]
    texts = [text for _, _, text in found]
    return EntryBatch(
        documents,
        np.array([position for position, _, _ in found], np.int64),
        np.array([code for _, code, _ in found], np.uint8),
        texts,
        word_batch(texts),
    )


def ragged(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the numbers ``start, start + 1, ...`` of each run, `length` of them, run after run."""
    import numpy as np

    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
