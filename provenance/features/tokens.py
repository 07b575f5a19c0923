"""Many texts at once as arrays of tokens: the vectorised tokeniser under every style feature.

All texts of a batch stand in one array of bytes. Word boundaries, hashes and kinds of tokens are found by a few passes of
numpy over that array, which is what makes scoring quick without compiled code of our own. White space is not seen.

A token is a run of letters (inner apostrophes included), a run of digits, or a run of one and the same punctuation mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.text import normalise

LOWER, TITLE, UPPER, NUMBER, PUNCTUATION = range(5)
"""Kinds of tokens: word in lower case, capitalised word, word in capitals (two letters or more), number, punctuation."""

_P = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_P_INVERSE = pow(_P, -1, 1 << 64)
U64 = NDArray[np.uint64]


def _byte_tables() -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    kind = np.full(256, 4, np.uint8)  # 0 space, 1 letter, 2 digit, 3 apostrophe, 4 punctuation
    kind[:33] = 0
    kind[127] = 0
    kind[128:] = 1
    kind[ord("0") : ord("9") + 1] = 2
    kind[ord("A") : ord("Z") + 1] = 1
    kind[ord("a") : ord("z") + 1] = 1
    kind[ord("'")] = 3
    lower = np.arange(1, 257, dtype=np.uint64)
    lower[ord("A") : ord("Z") + 1] += 32
    return kind, lower


_KIND, _LOWER = _byte_tables()
_IS_UPPER = np.zeros(256, np.bool_)
_IS_UPPER[ord("A") : ord("Z") + 1] = True


@lru_cache(maxsize=2)
def _powers(bits: int) -> tuple[U64, U64]:
    n = 1 << bits
    up = np.full(n, _P, np.uint64)
    down = np.full(n, _P_INVERSE, np.uint64)
    up[0] = down[0] = 1
    return np.multiply.accumulate(up), np.multiply.accumulate(down)


def mix(values: U64) -> U64:
    """Scramble 64-bit integers so that every bit of the result depends on all bits of the value (splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The tokens of some texts, text after text.

    Attributes
    ----------
    data : ndarray of uint8, shape (n_bytes,)
        UTF-8 of the normalised texts, a NUL byte after each.
    starts, ends : ndarray of int64, shape (n_tokens,)
        Byte range of each token in `data`.
    hashes : ndarray of uint64, shape (n_tokens,)
        Hash of the token in lower case (ASCII letters only are lowered).
    kinds : ndarray of uint8, shape (n_tokens,)
        One of `LOWER`, `TITLE`, `UPPER`, `NUMBER`, `PUNCTUATION`.
    offsets : ndarray of int64, shape (n_texts + 1,)
        Tokens of text ``i`` are ``offsets[i]:offsets[i + 1]``.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    hashes: U64
    kinds: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_words(self) -> NDArray[np.int64]:
        """Words and numbers of each text, shape (n_texts,)."""
        return self.sums((self.kinds != PUNCTUATION).astype(np.int64))

    def sums(self, values: NDArray) -> NDArray:
        """Sum a value per token over each text: shape (n_tokens, ...) to (n_texts, ...), zeros for empty texts."""
        return segment_sums(values, self.offsets)

    def words(self) -> list[str]:
        """Return every token as a string, in order; slow, for explanations and tests."""
        raw = self.data.tobytes()
        return [raw[a:b].decode("utf-8", "replace") for a, b in zip(self.starts, self.ends, strict=True)]


def segment_sums(values: NDArray, offsets: NDArray[np.int64]) -> NDArray:
    """Sum `values` over consecutive segments; the sum of one segment never depends on its neighbours."""
    out = np.zeros((len(offsets) - 1, *values.shape[1:]), values.dtype)
    filled = np.flatnonzero(offsets[1:] > offsets[:-1])
    if len(filled):
        out[filled] = np.add.reduceat(values, offsets[:-1][filled], axis=0)
    return out


def tokenise(texts: Sequence[str], *, normalised: bool = False) -> TokenBatch:
    """Split texts into tokens.

    Parameters
    ----------
    texts : sequence of str
        Any texts.
    normalised : bool
        Whether the artefacts of storage were removed already (`provenance.text.normalise`).
    """
    if not normalised:
        texts = [normalise(text, spacing=False) for text in texts]
    encoded = [text.encode("utf-8", "replace") for text in texts]
    data = np.frombuffer(b"\0".join(encoded) + b"\0", np.uint8)
    starts, ends = _boundaries(data)
    text_ends = np.cumsum(np.fromiter((len(e) + 1 for e in encoded), np.int64, len(encoded)))
    offsets = np.concatenate([[0], np.searchsorted(starts, text_ends)]).astype(np.int64)
    return TokenBatch(data, starts, ends, _hashes(data, starts, ends), _kinds(data, starts, ends), offsets)


def _boundaries(data: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    kind = _KIND[data]
    before, after = np.roll(kind, 1), np.roll(kind, -1)
    inner = (kind == 3) & (before == 1) & (after == 1)
    kind = np.where(inner, 1, np.where(kind == 3, 4, kind)).astype(np.uint8)
    same = np.empty(len(data), np.bool_)
    same[0] = False
    same[1:] = (kind[1:] == kind[:-1]) & ((kind[1:] != 4) | (data[1:] == data[:-1]))
    starts = np.flatnonzero(~same & (kind != 0))
    closes = np.ones(len(data), np.bool_)
    closes[:-1] = ~same[1:]
    ends = np.flatnonzero(closes & (kind != 0)) + 1
    return starts, ends


def _hashes(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> U64:
    up, down = _powers(max(16, int(len(data)).bit_length()))
    sums = np.zeros(len(data) + 1, np.uint64)
    np.cumsum(_LOWER[data] * up[: len(data)], out=sums[1:])
    return mix((sums[ends] - sums[starts]) * down[starts])


def _kinds(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint8]:
    first = data[starts]
    last = data[ends - 1]
    byte_kind = _KIND[first]
    kinds = np.full(len(starts), LOWER, np.uint8)
    capital = _IS_UPPER[first]
    kinds[capital] = TITLE
    kinds[capital & _IS_UPPER[last] & (ends - starts > 1)] = UPPER
    kinds[byte_kind == 2] = NUMBER
    kinds[byte_kind >= 3] = PUNCTUATION
    return kinds


def hash_word(word: str) -> int:
    """Return the hash that `tokenise` gives to one token."""
    value = 0
    power = 1
    for byte in word.encode("utf-8"):
        low = byte + 1 + (32 if 65 <= byte <= 90 else 0)
        value = (value + low * power) & _MASK
        power = (power * _P) & _MASK
    return int(mix(np.array([value], np.uint64))[0])
