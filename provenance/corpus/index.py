"""Indexes of known data sets: a folder of JSON and memory-mapped arrays, in which near copies of a text are looked up.

An index holds, for each prompt and each answer of a data set, the full set of its hashed shingles, the sketch by which
it is found, its id, and (unless it was built without) its text. Nothing is loaded whole, and no code runs on loading.
"""

from __future__ import annotations

import zlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.corpus.entries import FIELDS
from provenance.corpus.index_format import ARRAYS, BLOCK, IndexInfo, read_config
from provenance.corpus.shingles import MIN_WORDS
from provenance.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Index", "IndexInfo"]

_MAX_BLOCK_BYTES = 1 << 30


class Index:
    """An index, open for reading; made by :func:`provenance.corpus.index_build.build_index`.

    Parameters
    ----------
    folder : str or Path

    Attributes
    ----------
    info : IndexInfo
    folder : Path

    Raises
    ------
    InputError
        When `folder` is no index, is of another format version, is empty, or a file of it is missing or damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        config = read_config(self.folder)
        self.info = IndexInfo(**config["info"])
        self._generators: list[str] = config["generators"]
        self._arrays = {name: self._open(name, config["lengths"]) for name in ARRAYS}
        self._check()

    def __len__(self) -> int:
        return len(self._arrays["fields"])

    def __repr__(self) -> str:
        return f"Index({str(self.folder)!r}: {self.info.name}, {len(self):,} texts)"

    @property
    def keys(self) -> NDArray[np.unsignedinteger]:
        """Sketched shingles in order, once for each entry that has them; shape (n_postings,)."""
        return self._arrays["keys"]

    @property
    def postings(self) -> NDArray[np.unsignedinteger]:
        """Entry of each of `keys`; shape (n_postings,)."""
        return self._arrays["postings"]

    @property
    def fields(self) -> NDArray[np.uint8]:
        """Position in `FIELDS` of each entry; shape (n_entries,)."""
        return self._arrays["fields"]

    @property
    def sketch_sizes(self) -> NDArray[np.uint32]:
        """Postings that lead to each entry; shape (n_entries,)."""
        return self._arrays["sizes"]

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where the shingles of each entry begin, and the end of the last; shape (n_entries + 1,)."""
        return _with_zero(self._arrays["shingle_ends"])

    def shingles_at(self, places: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Hashes at some places of the list of all shingles, `info.hash_bytes` bytes of each; shape (n_places,)."""
        import numpy as np

        return self._arrays["shingles"][places].astype(np.uint64)

    def id_of(self, entry: int) -> str:
        """Id, in the data set, of the first row with this text."""
        ends = self._arrays["id_ends"]
        start = int(ends[entry - 1]) if entry else 0
        return bytes(self._arrays["ids"][start : int(ends[entry])]).decode("utf-8", "replace")

    def copies_of(self, entry: int) -> int:
        """Rows of the data set that hold this text."""
        return int(self._arrays["copies"][entry])

    def generator_of(self, entry: int) -> str | None:
        """Model that wrote the text: as its row named it, else as the data set does; None for prompts."""
        if FIELDS[int(self.fields[entry])] == "prompt":
            return None
        code = int(self._arrays["generators"][entry])
        return self._generators[code - 1] if code else self.info.generator

    def text_of(self, entry: int) -> str | None:
        """Text of an entry; None where the index holds hashes alone.

        Raises
        ------
        InputError
            When the texts are damaged.
        """
        if not self.info.has_texts:
            return None
        try:
            return self._block(entry // BLOCK)[entry % BLOCK]
        except (zlib.error, IndexError, UnicodeDecodeError, EOFError) as error:
            raise InputError(f"{self.folder}: texts are damaged ({error}); build the index again") from error

    def _block(self, number: int) -> list[str]:
        """Texts that were compressed together; the last block is kept."""
        kept = getattr(self, "_last_block", None)
        if kept is None or kept[0] != number:
            ends = self._arrays["text_ends"]
            start = int(ends[number - 1]) if number else 0
            packed = self._arrays["texts"][start : int(ends[number])].tobytes()
            data = zlib.decompressobj().decompress(packed, _MAX_BLOCK_BYTES)
            kept = self._last_block = (number, data.decode("utf-8", "surrogatepass").split("\0"))
        return kept[1]

    def _open(self, name: str, lengths: dict[str, int]) -> NDArray[Any]:
        """Map one array, if its type and its length are those that are on record."""
        import numpy as np

        path = self.folder / f"{name}.npy"
        try:
            found = np.load(path, mmap_mode="r" if lengths[name] else None, allow_pickle=False)
        except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
            raise InputError(f"{path}: missing or damaged ({error}); build the index again") from error
        if found.dtype.name not in ARRAYS[name] or found.shape != (lengths[name],):
            wanted = f"{' or '.join(ARRAYS[name])} {(lengths[name],)}"
            raise InputError(f"{path}: holds {found.dtype} {found.shape}; wanted {wanted}: build the index again")
        return found

    def _check(self) -> None:
        """Refuse arrays that point outside each other."""
        arrays = self._arrays
        n = len(self)
        ends = {"shingle_ends": "shingles", "id_ends": "ids", "text_ends": "texts"}
        bad = [
            name
            for name, target in ends.items()
            if len(arrays[name]) and ((arrays[name][1:] < arrays[name][:-1]).any() or arrays[name][-1] != len(arrays[target]))
        ]
        bad += [name for name in ("shingle_ends", "generators", "copies", "sizes", "id_ends") if len(arrays[name]) != n]
        if len(arrays["keys"]) != len(arrays["postings"]) or (n and arrays["postings"].max(initial=0) >= n):
            bad.append("postings")
        if arrays["shingles"].dtype.itemsize != self.info.hash_bytes:
            bad.append("shingles")
        if arrays["fields"].max(initial=0) >= len(FIELDS):
            bad.append("fields")
        if arrays["generators"].max(initial=0) > len(self._generators):
            bad.append("generators")
        if self.info.has_texts and len(arrays["text_ends"]) != -(-n // BLOCK):
            bad.append("text_ends")
        if bad:
            raise InputError(f"{self.folder}: {bad[0]}.npy does not fit the other files; build the index again")
        if not n:
            raise InputError(f"{self.folder}: the index is empty; build it from rows with {MIN_WORDS} words or more")


def _with_zero(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Prepend 0."""
    import numpy as np

    return np.concatenate([np.zeros(1, np.int64), ends])
