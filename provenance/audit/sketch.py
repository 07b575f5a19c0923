"""Answers as sketches: sets of n-gram buckets, one a channel, and style measures. Numbers, from which no text comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.audit.settings import CHANNELS, NgramChannel
from provenance.features.ngrams import channels, ngram_buckets
from provenance.features.style import style_measures
from provenance.features.tokens import TokenBatch, tokenise
from provenance.text import normalise

__all__ = ["BUCKETS", "Bags", "Sketches", "answer_key", "prompt_key", "sketch"]

BITS = 16
BUCKETS = 1 << BITS
_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Bags:
    """Sets of buckets, one set a text.

    Attributes
    ----------
    buckets : ndarray of uint16
        Sorted within a text, each once.
    offsets : ndarray of int64, shape (n_texts + 1,)
    """

    buckets: NDArray[np.uint16]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def of(self, row: int) -> NDArray[np.uint16]:
        """Buckets of one text."""
        return self.buckets[self.offsets[row] : self.offsets[row + 1]]

    def pick(self, rows: Sequence[int] | NDArray[np.int64]) -> Bags:
        """Return the bags of some texts, in the order asked for."""
        parts = [self.of(int(row)) for row in rows]
        offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
        return Bags(np.concatenate([np.zeros(0, np.uint16), *parts]), offsets)


@dataclass(frozen=True, slots=True)
class Sketches:
    """Sketches of some texts: one `Bags` a channel, and style measures, shape (n_texts, n_measures)."""

    bags: tuple[Bags, ...]
    style: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.style)


def prompt_key(prompt: str) -> int:
    """Return the 64-bit key of a prompt; case, white space and storage artefacts make no difference."""
    return _key(" ".join(normalise(prompt).lower().split()))


def answer_key(text: str) -> int:
    """Return the 64-bit key of an answer, for finding copies; 0 stands for no answer and is never returned."""
    return _key(" ".join(normalise(text).split())) or 1


def _key(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def sketch(texts: Sequence[str], wanted: Sequence[NgramChannel] = CHANNELS) -> Sketches:
    """Sketch texts.

    Parameters
    ----------
    texts : sequence of str
    wanted : sequence of NgramChannel
    """
    parts: list[list[Bags]] = [[] for _ in wanted]
    style = [style_measures(tokenise(["."]))[:0]]
    for first in range(0, len(texts), _CHUNK):
        batch = tokenise(texts[first : first + _CHUNK])
        style.append(style_measures(batch))
        for part, channel in zip(parts, wanted, strict=True):
            part.append(_bags(batch, channel))
    return Sketches(tuple(_joined(part) for part in parts), np.vstack(style))


def _bags(batch: TokenBatch, channel: NgramChannel) -> Bags:
    lengths = np.diff(batch.offsets)
    text = np.repeat(np.arange(len(batch)), lengths)
    place = np.arange(len(text)) - np.repeat(batch.offsets[:-1], lengths)
    limit = np.minimum(lengths, channel.first or np.iinfo(np.int64).max)[text]
    extra = channel.one_in.bit_length() - 1
    keys = [np.zeros(0, np.int64)]
    for one, buckets, _ in ngram_buckets(batch, channels(channel.kind, channel.low, channel.high), BITS + extra):
        kept = (place + one.n <= limit) & (buckets % channel.one_in == 0)
        keys.append(text[kept] * BUCKETS + buckets[kept] // channel.one_in)
    unique = np.unique(np.concatenate(keys))
    counts = np.bincount(unique // BUCKETS, minlength=len(batch))
    return Bags((unique % BUCKETS).astype(np.uint16), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))


def _joined(parts: Sequence[Bags]) -> Bags:
    offsets, end = [np.zeros(1, np.int64)], 0
    for part in parts:
        offsets.append(part.offsets[1:] + end)
        end += int(part.offsets[-1])
    return Bags(np.concatenate([np.zeros(0, np.uint16), *(part.buckets for part in parts)]), np.concatenate(offsets))
