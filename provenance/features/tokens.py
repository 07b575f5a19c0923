"""Many texts at once as arrays of tokens: the vectorised tokeniser under every style feature.

All texts of a batch stand in one array of bytes. Word boundaries, hashes and kinds of tokens are found by a few passes of
numpy over that array, which is what makes scoring quick without compiled code of our own. White space is not seen.

A token is a run of letters (inner apostrophes included), a run of digits, or a run of one and the same punctuation mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.features.cleaning import normalised_bytes

LOWER, TITLE, UPPER, NUMBER, PUNCTUATION = range(5)
"""Kinds of tokens: word in lower case, capitalised word, word in capitals (two letters or more), number, punctuation."""

_P = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_P_INVERSE = pow(_P, -1, 1 << 64)
U64 = NDArray[np.uint64]


_LETTER, _DIGIT, _APOSTROPHE = 1, 2, ord("'")


def _byte_tables() -> tuple[bytes, bytes]:
    """Tables from a byte to its class, and to its term of the hash.

    The class is 0 for space, 1 for a letter, 2 for a digit, and the byte itself for a mark, so that a token is a run of
    one class. The term is 1 + the byte, capitals as small letters; UTF-8 has no byte 255.
    """
    classes = np.arange(256, dtype=np.uint8)
    classes[:33] = 0
    classes[127] = 0
    classes[128:] = _LETTER
    classes[ord("0") : ord("9") + 1] = _DIGIT
    classes[ord("A") : ord("Z") + 1] = _LETTER
    classes[ord("a") : ord("z") + 1] = _LETTER
    lower = np.arange(1, 257).astype(np.uint8)
    lower[ord("A") : ord("Z") + 1] += 32
    return classes.tobytes(), lower.tobytes()


_CLASS, _LOWER = _byte_tables()


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
    kept : dict
        What was worked out from the tokens already, by name, so that several channels can use it.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    hashes: U64
    kinds: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def text_of(self) -> NDArray[np.int64]:
        """Number of the text of each token, shape (n_tokens,)."""
        if "text_of" not in self.kept:
            self.kept["text_of"] = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        return self.kept["text_of"]

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
    return token_batch([text.encode("utf-8", "replace") for text in texts] if normalised else normalised_bytes(texts))


def token_batch(encoded: Sequence[bytes]) -> TokenBatch:
    """Split the UTF-8 of normalised texts into tokens."""
    raw = b"\0".join(encoded) + b"\0"
    data = np.frombuffer(raw, np.uint8)
    classes = _classes(raw)
    starts, ends = _boundaries(classes)
    text_ends = np.cumsum(np.fromiter((len(e) + 1 for e in encoded), np.int64, len(encoded)))
    offsets = np.concatenate([[0], np.searchsorted(starts, text_ends)]).astype(np.int64)
    kinds = _kinds(data, classes.take(starts), starts, ends)
    return TokenBatch(data, starts, ends, _hashes(raw, starts, ends), kinds, offsets)


def _classes(raw: bytes) -> NDArray[np.uint8]:
    """Return the class of each byte; an apostrophe between letters is a letter."""
    classes = np.frombuffer(bytearray(raw.translate(_CLASS)), np.uint8)
    marks = np.flatnonzero(classes[:-1] == _APOSTROPHE)
    inner = marks[(classes.take(marks - 1) == _LETTER) & (classes.take(marks + 1) == _LETTER)]
    classes[inner] = _LETTER
    return classes


def _boundaries(classes: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where runs of one class begin and end, spaces left out; the last byte is a space."""
    edges = np.flatnonzero(classes[1:] != classes[:-1]) + 1
    starts = np.concatenate([np.zeros(1, np.int64), edges])[: len(edges)]
    tokens = np.flatnonzero(classes.take(starts))
    return starts.take(tokens), edges.take(tokens)


def _hashes(raw: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> U64:
    up, down = _powers(max(16, int(len(raw)).bit_length()))
    sums = np.zeros(len(raw) + 1, np.uint64)
    terms = np.frombuffer(raw.translate(_LOWER), np.uint8) * up[: len(raw)]
    np.cumsum(terms, out=sums[1:])
    return mix((sums.take(ends) - sums.take(starts)) * down.take(starts))


def _kinds(
    data: NDArray[np.uint8], classes: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return the kind of each token, from the class of its bytes and its first and last one."""
    capital = (data.take(starts) - ord("A")) < 26
    closed = capital & ((data.take(ends - 1) - ord("A")) < 26) & (ends - starts > 1)
    kinds = capital.astype(np.uint8) + closed
    kinds[classes == _DIGIT] = NUMBER
    kinds[classes > _DIGIT] = PUNCTUATION
    return kinds


def hash_word(word: str) -> int:
    """Return the hash that `tokenise` gives to one token; a lone surrogate counts as a question mark."""
    value = 0
    power = 1
    for byte in word.encode("utf-8", "replace"):
        low = byte + 1 + (32 if 65 <= byte <= 90 else 0)
        value = (value + low * power) & _MASK
        power = (power * _P) & _MASK
    return int(mix(np.array([value], np.uint64))[0])
