"""Arrays that grow on disk: a .npy file is written piece by piece, so that no array need fit into memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["GrowingArray", "SortedPostings"]

_BUCKET_BITS = 6


class GrowingArray:
    """A .npy file of one dimension to which values are appended.

    Parameters
    ----------
    path : Path
    dtype : str
        Name of the type.
    """

    def __init__(self, path: Path, dtype: str) -> None:
        self._file = open(path, "wb")  # noqa: SIM115  (closed by `close`)
        self._dtype = dtype
        self.length = 0
        self._write_header()

    def append(self, values: NDArray[Any]) -> None:
        """Write values behind those that are there."""
        import numpy as np

        self._file.write(np.ascontiguousarray(values, dtype=self._dtype).data)
        self.length += len(values)

    def close(self) -> None:
        """Put the final length into the header and close the file."""
        self._file.seek(0)
        self._write_header()
        self._file.close()

    def _write_header(self) -> None:
        """Write the header; numpy leaves room in it for the first dimension to grow."""
        import numpy as np

        descr = np.lib.format.dtype_to_descr(np.dtype(self._dtype))
        header = {"descr": descr, "fortran_order": False, "shape": (self.length,)}
        np.lib.format.write_array_header_1_0(self._file, header)


class SortedPostings:
    """Pairs of key and entry, given in any order of keys, written in order of keys.

    The pairs are dealt by the upper bits of their keys into files of which each can be sorted in memory by itself.

    Parameters
    ----------
    folder : Path
        For the files, which are removed in the end.
    key_bits : int
        Bits of a key.
    """

    def __init__(self, folder: Path, key_bits: int) -> None:
        self._paths = [folder / f"bucket-{number}.tmp" for number in range(1 << _BUCKET_BITS)]
        self._files = [open(path, "wb") for path in self._paths]  # noqa: SIM115  (closed by `write`)
        self._shift = key_bits - _BUCKET_BITS

    def add(self, keys: NDArray[np.uint64], entries: NDArray[np.int64]) -> None:
        """Take pairs in; entries never fall from one call to the next."""
        import numpy as np

        order = np.argsort(keys, kind="stable")
        pairs = np.stack([keys[order], entries[order].astype(np.uint64)], axis=1)
        edges = np.searchsorted(pairs[:, 0] >> np.uint64(self._shift), np.arange(len(self._files) + 1))
        for file, start, end in zip(self._files, edges[:-1], edges[1:], strict=True):
            if end > start:
                file.write(pairs[start:end].tobytes())

    def write(self, keys: GrowingArray, postings: GrowingArray, shift: int, most: int, n_entries: int) -> NDArray[np.int64]:
        """Write all pairs by key, then entry; of the pairs of one key the first `most` alone.

        Parameters
        ----------
        keys, postings : GrowingArray
        shift : int
            Lower bits of the keys that are left out.
        most : int
        n_entries : int

        Returns
        -------
        ndarray of int64, shape (n_entries,)
            Pairs written of each entry.
        """
        import numpy as np

        written = np.zeros(n_entries, np.int64)
        for file, path in zip(self._files, self._paths, strict=True):
            file.close()
            pairs = np.fromfile(path, np.uint64).reshape(-1, 2)
            found = pairs[:, 0] >> np.uint64(shift)
            order = np.lexsort((pairs[:, 1], found))
            found, entries = found[order], pairs[order, 1]
            kept = np.arange(len(found)) - np.searchsorted(found, found) < most
            keys.append(found[kept])
            postings.append(entries[kept])
            written += np.bincount(entries[kept].astype(np.int64), minlength=n_entries)
            path.unlink()
        return written
