"""Near copies within one corpus, found while it streams by: each text is compared with the distinct texts before it.

Candidates share one of the eight smallest hashes of their five-word shingles (bottom-k MinHash; Broder 1997); each is
compared on all its three-word shingles, as in :mod:`provenance.corpus.trace`. A near copy is not itself compared with later
texts, so that a text copied a million times is held once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from provenance.corpus.minhash import BOTTOM
from provenance.corpus.shingles import SHINGLE, SKETCHED, distinct_shingles
from provenance.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NEAR", "NearCopies", "NearCopy"]

NEAR = 0.8
"""Jaccard similarity of three-word shingles from which on a text is a near copy."""

CROWD = 64
"""Texts with one hash in common beyond which it is boilerplate and leads to the first of them alone."""

MOST = 64
"""Candidates that a text is compared with, those that share the most hashes first."""

IN_MEMORY = 1 << 26
"""Bytes of shingles beyond which they go to a temporary file."""


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A near copy of an earlier text.

    Attributes
    ----------
    earlier : str
        Id of the earlier text.
    jaccard : float
        Shared shingles as a share of all that the two have, in [0, 1].
    """

    earlier: str
    jaccard: float


@dataclass(slots=True)
class NearCopies:
    """Finder of near copies in a stream; of each distinct text it holds some 250 bytes, beyond 64 MB its shingles on disk.

    Attributes
    ----------
    threshold : float
        Least Jaccard similarity, above 0 and at most 1.

    Raises
    ------
    UsageError
        When `threshold` is out of range.
    """

    threshold: float = NEAR
    _runs: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = field(default_factory=list)
    _ids: list[str] = field(default_factory=list)
    _ends: list[int] = field(default_factory=lambda: [0])
    _file: IO[bytes] = field(default_factory=lambda: tempfile.SpooledTemporaryFile(max_size=IN_MEMORY), repr=False)

    def __post_init__(self) -> None:
        """Check the threshold."""
        if not 0 < self.threshold <= 1:
            raise UsageError(f"threshold is {self.threshold:g}; wanted more than 0 and at most 1")

    def __len__(self) -> int:
        """Distinct texts so far."""
        return len(self._ids)

    def add(self, ids: Sequence[str], texts: Sequence[str]) -> list[NearCopy | None]:
        """Take the next texts of the stream; say of each what it is a near copy of, None where of nothing.

        Equal texts are near copies too. Texts of fewer than five words are not compared.
        """
        import numpy as np

        shingles, sketches = distinct_shingles(texts, SHINGLE), distinct_shingles(texts, SKETCHED)
        keys = [hashes[:BOTTOM] for hashes in sketches]
        before = self._candidates(keys)
        here: dict[int, list[int]] = {}
        found, first, own = [], len(self), []
        for place, name in enumerate(ids):
            wanted = before[place] + [k for key in keys[place].tolist() for k in here.get(key, ())]
            best = self._closest(shingles[place], wanted)
            found.append(best)
            if best is None and len(keys[place]):
                own.append(np.full(len(keys[place]), len(self), np.int64))
                for key in keys[place].tolist():
                    if len(holders := here.setdefault(key, [])) < CROWD:
                        holders.append(len(self))
                self._keep(name, shingles[place])
        if len(self) > first:
            new = [k for k, best in zip(keys, found, strict=True) if best is None and len(k)]
            self._remember(np.concatenate(new), np.concatenate(own))
        return found

    def _keep(self, name: str, shingles: NDArray[np.uint64]) -> None:
        """Keep one distinct text."""
        import numpy as np

        self._file.seek(self._ends[-1])
        self._file.write((shingles >> np.uint64(32)).astype(np.uint32).tobytes())
        self._ids.append(name)
        self._ends.append(self._file.tell())

    def _candidates(self, keys: list[NDArray[np.uint64]]) -> list[list[int]]:
        """Kept texts that share a hash with each text, once for each hash that they share."""
        import numpy as np

        found: list[list[int]] = [[] for _ in keys]
        asked = np.concatenate(keys)
        owner = np.repeat(np.arange(len(keys)), [len(k) for k in keys])
        for held, places in self._runs:
            first = np.searchsorted(held, asked)
            count = np.minimum(np.searchsorted(held, asked, "right") - first, CROWD)
            for k in np.flatnonzero(count):
                found[owner[k]] += places[first[k] : first[k] + count[k]].tolist()
        return found

    def _closest(self, shingles: NDArray[np.uint64], candidates: list[int]) -> NearCopy | None:
        """Compare a text with its candidates, in full."""
        import numpy as np

        if not candidates:
            return None
        places, hits = np.unique(candidates, return_counts=True)
        own = np.unique((shingles >> np.uint64(32)).astype(np.uint32))
        best = NearCopy("", 0.0)
        for place in places[np.lexsort((places, -hits))][:MOST].tolist():
            other = self._read(place)
            shared = len(np.intersect1d(own, other, assume_unique=True))
            jaccard = shared / max(len(own) + len(other) - shared, 1)
            if jaccard > best.jaccard:
                best = NearCopy(self._ids[place], jaccard)
        return best if best.jaccard >= self.threshold else None

    def _read(self, place: int) -> NDArray[np.uint32]:
        """Shingles of a kept text, distinct."""
        import numpy as np

        self._file.seek(self._ends[place])
        return np.unique(np.frombuffer(self._file.read(self._ends[place + 1] - self._ends[place]), np.uint32))

    def _remember(self, keys: NDArray[np.uint64], places: NDArray[np.int64]) -> None:
        """Add hashes as a sorted run; runs of like size are joined, so that there are few."""
        import numpy as np

        while True:
            order = np.lexsort((places, keys))
            keys, places = keys[order], places[order]
            if not self._runs or len(self._runs[-1][0]) > 2 * len(keys):
                self._runs.append((keys, places))
                return
            held = self._runs.pop()
            keys, places = np.concatenate([held[0], keys]), np.concatenate([held[1], places])
