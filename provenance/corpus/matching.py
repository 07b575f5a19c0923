"""From entries to verified pairs: look up candidates in an index, then compare every one of them shingle by shingle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from provenance.corpus.entries import EntryBatch, ragged
from provenance.corpus.index import Index
from provenance.corpus.shingles import SHINGLE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MIN_PART", "Pairs", "find_pairs"]

MIN_PART = 16
"""Shingles that a text must have to be found as a part of another, or as an edited copy."""

BUDGET = 256
"""Candidates looked up for an entry, those with the rarest shingles first; a long entry has `A_KEY` for each key."""

A_KEY = 4

WORTH = 0.2
"""Pairs are compared that share this much of the smaller sketch, times the threshold."""

_ELEMENTS = 500_000
_ODD = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Pairs:
    """Entries of a batch beside entries of an index; arrays of shape (n_pairs,).

    Attributes
    ----------
    left, right : ndarray of int64
        Entry of the batch, entry of the index.
    shared, left_size, right_size : ndarray of int64
        Shingles in both, in the first, in the second; each counted once.
    coverage : ndarray of float64
        Share of the words of the first that lie in a shared shingle, 0 to 1.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    shared: NDArray[np.int64]
    left_size: NDArray[np.int64]
    right_size: NDArray[np.int64]
    coverage: NDArray[np.float64]

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Shared shingles as a share of all that the two have."""
        return self.shared / (self.left_size + self.right_size - self.shared)

    @property
    def in_right(self) -> NDArray[np.float64]:
        """Share of the first that is in the second."""
        return self.shared / self.left_size

    @property
    def in_left(self) -> NDArray[np.float64]:
        """Share of the second that is in the first."""
        return self.shared / self.right_size

    def kinds(self, threshold: float) -> NDArray[np.uint8]:
        """Say what each pair is: 0 none, 1 a copy (Jaccard), 2 a part (containment), 3 an edited copy (coverage)."""
        import numpy as np

        smaller = np.minimum(self.left_size, self.right_size)
        part = (np.maximum(self.in_left, self.in_right) >= threshold) & (smaller >= MIN_PART)
        edited = (self.coverage >= threshold) & (self.left_size >= MIN_PART)
        return np.select([self.jaccard >= threshold, part, edited], [1, 2, 3], 0).astype(np.uint8)

    def where(self, kept: NDArray) -> Pairs:
        """Pairs at some positions, or where a mask is True."""
        return Pairs(*(getattr(self, item.name)[kept] for item in fields(self)))


def find_pairs(batch: EntryBatch, index: Index, threshold: float) -> Pairs:
    """Find the entries of an index that an entry copies, contains, is a part of, or is edited from.

    Parameters
    ----------
    batch : EntryBatch
    index : Index
    threshold : float
        0 to 1; least Jaccard similarity, containment or coverage.

    Returns
    -------
    Pairs
        In order of `left`; the ones with the highest Jaccard similarity, then containment, first.
    """
    import numpy as np

    left, right = _candidates(batch, index, threshold)
    found = [_compared(batch, index, left[part], right[part]) for part in _parts(batch, index, left, right)]
    pairs = Pairs(*(np.concatenate([getattr(pair, item.name) for pair in found]) for item in fields(Pairs)))
    pairs = pairs.where(pairs.kinds(threshold) > 0)
    order = np.lexsort((pairs.right, -np.maximum(pairs.in_left, pairs.in_right), -pairs.jaccard, pairs.left))
    return pairs.where(order)


def _candidates(batch: EntryBatch, index: Index, threshold: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs that share enough of their sketches to be worth a comparison."""
    import numpy as np

    owners, starts, counts, looked_up = _looked_up(batch, index)
    left = np.repeat(owners, counts)
    right = index.postings[ragged(starts, counts)].astype(np.int64)
    both, hits = np.unique((left << 32) | right, return_counts=True)
    left, right = both >> 32, both & 0xFFFFFFFF
    sizes = np.bincount(batch.sketches[1], minlength=len(batch))
    smaller = np.minimum(sizes[left], index.sketch_sizes[right].astype(np.int64))
    worth = hits >= WORTH * threshold * smaller * looked_up[left]
    worth &= index.fields[right] == batch.fields[left]
    return left[worth], right[worth]


def _looked_up(
    batch: EntryBatch, index: Index
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Keys of the batch that the index has: their entries, first postings and numbers of postings.

    Of an entry with many, the rarest are kept, until its budget of postings is reached. Last comes the share of its
    keys that each entry kept, shape (n_entries,).
    """
    import numpy as np

    owners, starts, counts = _found_keys(batch, index)
    order = np.lexsort((counts, owners))
    owners, starts, counts = owners[order], starts[order], counts[order]
    sums = np.cumsum(counts)
    first = np.searchsorted(owners, owners)
    spent = sums - (sums[first] - counts[first])
    there = np.bincount(owners, minlength=len(batch))
    kept = (spent <= np.maximum(BUDGET, A_KEY * there)[owners]) | (first == np.arange(len(first)))
    share = np.bincount(owners[kept], minlength=len(batch)) / np.maximum(there, 1)
    return owners[kept], starts[kept], counts[kept], share


def _found_keys(batch: EntryBatch, index: Index) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Look all keys of a batch up: entry, first posting and number of postings of those that are there."""
    import numpy as np

    keys, owners = batch.sketches
    order = np.argsort(keys)  # in order, neighbours share what they load from the index
    keys, owners = keys[order], owners[order]
    if index.keys.dtype == np.uint32:
        keys = keys >> np.uint64(8)
    keys = keys.astype(index.keys.dtype)
    starts = np.searchsorted(index.keys, keys)
    there = index.keys[np.minimum(starts, len(index.keys) - 1)] == keys
    keys, owners, starts = keys[there], owners[there], starts[there]
    return owners, starts, np.searchsorted(index.keys, keys, side="right") - starts


def _parts(batch: EntryBatch, index: Index, left: NDArray[np.int64], right: NDArray[np.int64]) -> Iterator[slice]:
    """Cut pairs into parts of a bounded number of shingles; at least one part, which may be empty."""
    import numpy as np

    sizes = batch.words.lengths[left] + (index.starts[right + 1] - index.starts[right])
    marks = np.cumsum(sizes) // _ELEMENTS
    edges = np.flatnonzero(np.diff(marks)) + 1
    for start, end in zip([0, *edges], [*edges, len(left)], strict=True):
        yield slice(int(start), int(end))


def _compared(batch: EntryBatch, index: Index, left: NDArray[np.int64], right: NDArray[np.int64]) -> Pairs:
    """Compare pairs by all their shingles."""
    import numpy as np

    hashes, valid = batch.shingles
    lengths = batch.words.lengths[left]
    places = ragged(batch.words.offsets[left], lengths)
    pair_of = np.repeat(np.arange(len(left)), lengths)
    found = hashes[places] >> np.uint64(64 - 8 * index.info.hash_bytes)
    salts = _salts(len(left))
    right_size = index.starts[right + 1] - index.starts[right]
    others = index.shingles_at(ragged(index.starts[right], right_size))
    own = (found * np.uint64(_ODD)) ^ salts[pair_of]
    others = np.sort((others * np.uint64(_ODD)) ^ np.repeat(salts, right_size))
    shared, new = _in_sorted(own, valid[places], others)
    covered = shared.copy()
    for step in range(1, SHINGLE):
        covered[step:] |= shared[:-step]
    count = lambda mask: np.bincount(pair_of[mask], minlength=len(left))  # noqa: E731
    return Pairs(left, right, count(shared & new), count(new), right_size, count(covered) / np.maximum(lengths, 1))


def _salts(n: int) -> NDArray[np.uint64]:
    """Numbers that keep the shingles of one pair apart from those of another."""
    import numpy as np

    from provenance.features.tokens import mix

    return mix(np.arange(1, n + 1, dtype=np.uint64))


def _in_sorted(
    values: NDArray[np.uint64], asked: NDArray[np.bool_], others: NDArray[np.uint64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which of the values that are asked for occur among sorted others, and mark one of each that are equal."""
    import numpy as np

    places = np.flatnonzero(asked)
    places = places[np.argsort(values[places])]
    ordered = values[places]
    there, new = np.zeros((2, len(values)), np.bool_)
    if len(others):
        there[places] = others[np.minimum(np.searchsorted(others, ordered), len(others) - 1)] == ordered
    new[places] = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]
    return there, new
