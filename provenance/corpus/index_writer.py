"""The files of one index, written batch by batch."""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.corpus.entries import FIELDS, EntryBatch, entry_batch
from provenance.corpus.index_format import ARRAYS, BLOCK, FORMAT_VERSION, MAX_POSTINGS, SETTINGS, IndexInfo
from provenance.corpus.minhash import KEY_BITS
from provenance.corpus.npy_stream import GrowingArray, SortedPostings
from provenance.documents import Document
from provenance.errors import InputError
from provenance.writing import atomic_writer, dumps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["IndexWriter", "SourceFacts", "distinct_shingles"]

_SMALL_KEY_SHIFT = 8
_MANY = 1 << 16


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known about a data set before it is read: see :class:`provenance.corpus.index.IndexInfo`."""

    name: str
    title: str = ""
    licence: str | None = None
    maker: str | None = None
    generator: str | None = None
    url: str | None = None


class IndexWriter:
    """Writer of the files of one index, batch by batch."""

    def __init__(self, folder: Path, texts: bool, hash_bytes: int) -> None:
        self._folder = folder
        self._small = hash_bytes == 4
        self._has_texts = texts
        self._hash_bytes = hash_bytes
        self._files = {
            name: GrowingArray(folder / f"{name}.npy", types[-1 if self._small else 0])
            for name, types in ARRAYS.items()
            if name not in ("keys", "postings")
        }
        self._postings = SortedPostings(folder, KEY_BITS)
        self._seen: dict[int, int] = {}
        self._copies = array("I")
        self._generators: dict[str, int] = {}
        self._block: list[str] = []
        self._counts: Counter[str] = Counter()
        self._rows = self._too_short = 0

    def add(self, documents: list[Document]) -> None:
        """Take documents in."""
        import numpy as np

        batch = entry_batch(documents)
        self._rows += len(documents)
        self._too_short += int((~batch.comparable).sum())
        hashes, owners = distinct_shingles(batch, self._hash_bytes)
        edges = np.searchsorted(owners, np.arange(len(batch) + 1))
        new = self._new_entries(batch, signatures(hashes, edges))
        numbers = np.full(len(batch), -1, np.int64)
        numbers[new] = np.arange(len(new)) + len(self._copies) - len(new)
        self._write_sets(hashes[numbers[owners] >= 0], (edges[1:] - edges[:-1])[new])
        keys, key_owners = batch.sketches
        kept = numbers[key_owners] >= 0
        self._postings.add(keys[kept], numbers[key_owners[kept]])
        self._files["fields"].append(batch.fields[new])
        self._write_facts(batch, new)

    def _new_entries(self, batch: EntryBatch, marks: list[int]) -> NDArray[np.int64]:
        """Entries that were not met before; the others are counted as copies."""
        import numpy as np

        new = []
        for position in np.flatnonzero(batch.comparable):
            number = self._seen.setdefault(marks[position], len(self._copies))
            if number == len(self._copies):
                self._copies.append(0)
                new.append(position)
            self._copies[number] += 1
        return np.array(new, np.int64)

    def _write_sets(self, hashes: NDArray[np.uint64], lengths: NDArray[np.int64]) -> None:
        import numpy as np

        shingles = self._files["shingles"]
        self._files["shingle_ends"].append(np.cumsum(lengths) + shingles.length)
        shingles.append(hashes)

    def _write_facts(self, batch: EntryBatch, new: NDArray[np.int64]) -> None:
        """Write id and generator of each new entry, and its text."""
        import numpy as np

        documents = [batch.documents[batch.owners[position]] for position in new]
        ids = [document.id.encode("utf-8", "replace") for document in documents]
        self._files["id_ends"].append(np.cumsum([0, *map(len, ids)])[1:] + self._files["ids"].length)
        self._files["ids"].append(np.frombuffer(b"".join(ids), np.uint8))
        codes = [self._generators.setdefault(d.source, len(self._generators) + 1) if d.source else 0 for d in documents]
        self._files["generators"].append(np.array(codes, np.uint32))
        self._counts.update(FIELDS[code] for code in batch.fields[new])
        for position in new if self._has_texts else ():
            self._block.append(batch.texts[position].replace("\0", " "))
            if len(self._block) == BLOCK:
                self._write_block()

    def _write_block(self) -> None:
        import numpy as np

        data = zlib.compress("\0".join(self._block).encode("utf-8", "surrogatepass"), 6)
        self._files["texts"].append(np.frombuffer(data, np.uint8))
        self._files["text_ends"].append(np.array([self._files["texts"].length]))
        self._block = []

    def finish(self, facts: SourceFacts) -> IndexInfo:
        """Write what is known only in the end."""
        import numpy as np

        if not self._copies:
            wanted = SETTINGS["min_words"]
            raise InputError(f"none of {self._rows:,} rows has a text of {wanted} words; wanted texts that can be compared")
        if self._block:
            self._write_block()
        self._files["copies"].append(np.array(self._copies, np.uint32))
        small = self._small and len(self._copies) <= _MANY
        types = {"keys": ARRAYS["keys"][self._small], "postings": ARRAYS["postings"][small]}
        self._files |= {name: GrowingArray(self._folder / f"{name}.npy", kind) for name, kind in types.items()}
        shift = _SMALL_KEY_SHIFT if self._small else 0
        keys, postings = self._files["keys"], self._files["postings"]
        self._files["sizes"].append(self._postings.write(keys, postings, shift, MAX_POSTINGS, len(self._copies)))
        for file in self._files.values():
            file.close()
        info = IndexInfo(
            **asdict(facts), rows=self._rows, entries={field: self._counts[field] for field in FIELDS},
            too_short=self._too_short, hash_bytes=self._hash_bytes, has_texts=self._has_texts,
        )  # fmt: skip
        lengths = {name: file.length for name, file in self._files.items()}
        config = {
            "format_version": FORMAT_VERSION, "settings": SETTINGS, "info": asdict(info),
            "generators": list(self._generators), "lengths": lengths,
        }  # fmt: skip
        with atomic_writer(self._folder / "index.json") as target:
            target.write(dumps(config) + b"\n")
        return info


def distinct_shingles(batch: EntryBatch, hash_bytes: int = 8) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give the set of shingles of each entry, in order within it, and the entry of each; shapes (n_shingles,)."""
    import numpy as np

    hashes, valid = batch.shingles
    owners = batch.text_of[valid]
    found = hashes[valid] >> np.uint64(64 - 8 * hash_bytes)
    order = np.lexsort((found, owners))
    found, owners = found[order], owners[order]
    first = np.ones(len(found), np.bool_)
    first[1:] = (found[1:] != found[:-1]) | (owners[1:] != owners[:-1])
    return found[first], owners[first]


def signatures(hashes: NDArray[np.uint64], edges: NDArray[np.int64]) -> list[int]:
    """Give each set of shingles a number that is the same for the same set."""
    import numpy as np

    from provenance.features.tokens import mix

    sums = np.zeros(len(hashes) + 1, np.uint64)
    np.cumsum(mix(hashes + np.uint64(1)), out=sums[1:])
    return (sums[edges[1:]] - sums[edges[:-1]]).tolist()
