"""Texts that stand in a corpus twice, word for word or nearly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.near import NEAR
from provenance.corpus.shingles import SKETCHED, distinct_shingles

__all__ = ["NEAR", "Pair", "exact_groups", "near_pairs"]

BOTTOM = 10
"""Smallest hashes of a text by which candidates are found: a copy at 0.8 is missed once in ten million."""

CROWD = 60
"""Texts that share a hash beyond which it is boilerplate; each is then compared with the next alone."""

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, by their places, and the Jaccard similarity of their shingles, in [0, 1]."""

    first: int
    second: int
    jaccard: float


def exact_groups(texts: Sequence[str]) -> list[list[int]]:
    """Give the places of texts that are equal but for case and white space; texts without a word are left out."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        key = " ".join(text.casefold().split())
        if key:
            found[key].append(place)
    return [places for places in found.values() if len(places) > 1]


def near_pairs(texts: Sequence[str], threshold: float = NEAR) -> list[Pair]:
    """Find the pairs of texts that share most of their three-word shingles.

    Equal texts are pairs too. Candidates share one of the ten smallest hashes of their five-word shingles (bottom-k
    MinHash; Broder 1997); every candidate is compared in full.

    Parameters
    ----------
    texts : sequence of str
        Texts of fewer than 5 words are not compared.
    threshold : float
        Least similarity, in (0, 1].
    """
    candidates = sorted(_candidates(_sketches(texts)))
    wanted = sorted({place for pair in candidates for place in pair})
    shingles = dict(zip(wanted, _shingles([texts[place] for place in wanted], 3), strict=True))
    found = []
    for first, second in candidates:
        one, other = shingles[first], shingles[second]
        shared = len(np.intersect1d(one, other, assume_unique=True))
        total = len(one) + len(other) - shared
        if total and shared / total >= threshold:
            found.append(Pair(first, second, shared / total))
    return found


def _sketches(texts: Sequence[str]) -> list[NDArray[np.uint64]]:
    return [hashes[:BOTTOM] for hashes in _shingles(texts, SKETCHED)]


def _shingles(texts: Sequence[str], length: int) -> Iterator[NDArray[np.uint64]]:
    """Distinct hashes of the shingles of each text, in rising order."""
    for start in range(0, len(texts), CHUNK):
        yield from distinct_shingles(texts[start : start + CHUNK], length)


def _candidates(sketches: list[NDArray[np.uint64]]) -> set[tuple[int, int]]:
    """Pairs of texts that share a hash of their sketches."""
    holders: dict[int, list[int]] = defaultdict(list)
    for place, hashes in enumerate(sketches):
        for value in hashes.tolist():
            holders[value].append(place)
    pairs: set[tuple[int, int]] = set()
    for places in holders.values():
        if len(places) > CROWD:
            pairs.update(zip(places, places[1:], strict=False))
        else:
            pairs.update((one, other) for k, one in enumerate(places) for other in places[k + 1 :])
    return pairs
