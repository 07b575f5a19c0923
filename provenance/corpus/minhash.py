"""Sketches: the few shingles of a text by which its near copies are found.

A sketch holds the smallest hashes of a text: the `BOTTOM` smallest of all (bottom-k MinHash), and every hash in the
lowest `1 / SCALE` of the range (FracMinHash). Texts of Jaccard similarity J share one of the bottom k with probability
at least ``1 - (1 - J) ** BOTTOM``. The second rule takes the same shingles out of a text and out of a piece of it, so
pieces are found too, which signatures of fixed length (MinHash with bands) cannot do: a half copy has a Jaccard
similarity of one half only.

References
----------
A. Broder (1997): On the resemblance and containment of documents.
L. Irber et al. (2022): Lightweight compositional analysis of metagenomes with FracMinHash and minimum metagenome covers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BOTTOM", "KEY_BITS", "SCALE", "sketch"]

BOTTOM = 8
"""Smallest hashes that every text keeps, however short it is."""

SCALE = 4
"""One shingle in `SCALE` is kept besides."""

KEY_BITS = 40
"""Bits of a hash that are kept as the key in an index."""

_TEXTS = 1 << (64 - KEY_BITS)


def sketch(
    hashes: NDArray[np.uint64], text_of: NDArray[np.int64], n_texts: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Choose the shingles by which each text is found.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n_shingles,)
        Hashes of the shingles of all texts, repeated ones too.
    text_of : ndarray of int64, shape (n_shingles,)
        The text, from 0, that each is of.
    n_texts : int
        At most 2 ** 24.

    Returns
    -------
    keys : ndarray of uint64, shape (n_keys,)
        The upper `KEY_BITS` bits of the chosen hashes, distinct within a text, in order within a text.
    text_of : ndarray of int64, shape (n_keys,)
        The text of each, in order.

    Raises
    ------
    ValueError
        When there are more texts than fit.
    """
    import numpy as np

    if n_texts > _TEXTS:
        raise ValueError(f"{n_texts} texts at once; at most {_TEXTS} fit: give them in parts")
    owned = (text_of.astype(np.uint64) << np.uint64(KEY_BITS)) | (hashes >> np.uint64(64 - KEY_BITS))
    low = _distinct(owned[hashes < np.uint64((1 << 64) // SCALE)])
    few = np.bincount((low >> np.uint64(KEY_BITS)).astype(np.int64), minlength=n_texts) < BOTTOM
    smallest = _bottom(_distinct(owned[few[text_of]]), n_texts)
    kept = np.sort(np.concatenate([low[~few[(low >> np.uint64(KEY_BITS)).astype(np.int64)]], smallest]))
    return kept & np.uint64((1 << KEY_BITS) - 1), (kept >> np.uint64(KEY_BITS)).astype(np.int64)


def _distinct(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sort and keep one of each; `numpy.unique` hashes first, which takes ten times as long here."""
    import numpy as np

    values = np.sort(values)
    first = np.ones(len(values), np.bool_)
    first[1:] = values[1:] != values[:-1]
    return values[first]


def _bottom(owned: NDArray[np.uint64], n_texts: int) -> NDArray[np.uint64]:
    """Keep the first `BOTTOM` of each text; `owned` is sorted by text, then hash."""
    import numpy as np

    text_of = (owned >> np.uint64(KEY_BITS)).astype(np.int64)
    first = np.searchsorted(text_of, np.arange(n_texts))
    return owned[np.arange(len(owned)) - first[text_of] < BOTTOM]
