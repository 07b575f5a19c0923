"""Sums of rows of eight small integers, four at a time: a row is one 64-bit number, and a segment is one run of additions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.features.tokens import segment_sums

WIDTH = 8
_BLOCK = 256
"""Rows whose bytes, 255 at most, sum to less than 2**16."""
_EVEN = np.uint64(0x00FF00FF00FF00FF)
_OFFSET = 128


def pack_bytes(rows: NDArray[np.int8]) -> NDArray[np.uint64]:
    """Pack rows of eight 8-bit integers, each raised by 128 so that none is negative.

    Parameters
    ----------
    rows : ndarray of int8, shape (n, 8)

    Returns
    -------
    ndarray of uint64, shape (n,)
    """
    raised = (rows.astype(np.int16) + _OFFSET).astype(np.uint8)
    return np.ascontiguousarray(raised).view("<u8").reshape(len(rows)).astype(np.uint64)


def sum_bytes(packed: NDArray[np.uint64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum packed rows over segments, exactly.

    Parameters
    ----------
    packed : ndarray of uint64, shape (n_rows,)
        As `pack_bytes` gives them.
    offsets : ndarray of int64, shape (n_segments + 1,)
        Rows of segment ``i`` are ``offsets[i]:offsets[i + 1]``.

    Returns
    -------
    ndarray of int64, shape (n_segments, 8)
    """
    sizes = np.diff(offsets)
    n_blocks = -(-sizes // _BLOCK)
    firsts = np.concatenate([[0], np.cumsum(n_blocks)])
    within = np.arange(firsts[-1]) - np.repeat(firsts[:-1], n_blocks)
    bounds = np.append(np.repeat(offsets[:-1], n_blocks) + within * _BLOCK, offsets[-1])
    out = np.empty((len(bounds) - 1, WIDTH), np.int64)
    for half in range(2):
        sums = segment_sums((packed >> np.uint64(8 * half)) & _EVEN, bounds)
        out[:, half::2] = sums.astype("<u8").view("<u2").reshape(len(sums), WIDTH // 2)
    return segment_sums(out, firsts) - _OFFSET * sizes[:, None]
