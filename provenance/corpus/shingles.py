"""Texts as sequences of words, and the shingles (runs of words) that two texts share.

Case, white space and punctuation are not seen, so that copies that differ in nothing else have the same shingles.
Characters of scripts that set no spaces between words count as a word each. The words of many texts are hashed in one
pass by :mod:`provenance.features.tokens`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.text import MAX_CHARACTERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MIN_WORDS", "SHINGLE", "SKETCHED", "WordBatch", "distinct_shingles", "fold", "shingle_hashes", "word_batch"]

SHINGLE = 3
"""Words of the shingles on which two texts are compared."""

SKETCHED = 5
"""Words of the shingles by which candidates are found: longer, so that chance rarely shares one."""

MIN_WORDS = 5
"""Texts of fewer words are not compared: sharing them says nothing."""

_WEIGHTS = (
    0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F,
)  # fmt: skip

_MARKS = dict.fromkeys("‘’‚‛′ʼ´", "'")
_MARKS |= dict.fromkeys("“”„‟″«»‐‑‒–—―−…•●▪◦·、。！？，：；（）「」『』【】《》〈〉¿¡", " ")
_MARKS |= dict.fromkeys("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
_HIDDEN = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065))
_MARKS |= dict.fromkeys("\xad\ufeff" + "".join(map(chr, _HIDDEN)), "")
_MARK = re.compile(f"[{re.escape(''.join(_MARKS))}]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class WordBatch:
    """Words of some texts, text after text.

    Attributes
    ----------
    hashes : ndarray of uint64, shape (n_words,)
        Hash of each word.
    offsets : ndarray of int64, shape (n_texts + 1,)
        Words of text ``i`` are ``offsets[i]:offsets[i + 1]``.
    """

    hashes: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each text."""
        return self.offsets[1:] - self.offsets[:-1]


def fold(text: str) -> str:
    """Return the text as it is compared: no case, plain quotes, no dashes, unspaced scripts cut into characters.

    Only the first `provenance.text.MAX_CHARACTERS` characters are used.
    """
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", _MARK.sub(lambda mark: _MARKS[mark[0]], text)).casefold()
    return _UNSPACED.sub(r" \g<0> ", text)


def word_batch(texts: Sequence[str]) -> WordBatch:
    """Cut texts into words and hash them; a word is a run of letters and digits, all else only parts words."""
    import numpy as np

    from provenance.features.tokens import PUNCTUATION, mix, tokenise

    tokens = tokenise([fold(text) for text in texts], normalised=True)
    runs = tokens.kinds != PUNCTUATION
    joined = np.zeros(len(runs), np.bool_)  # runs that go on from a run before them, as the 4 of gpt4 does
    joined[1:] = runs[1:] & runs[:-1] & (tokens.starts[1:] == tokens.ends[:-1])
    first = np.flatnonzero(runs & ~joined)
    before = np.zeros(len(runs) + 1, np.int64)
    np.cumsum(runs & ~joined, out=before[1:])
    hashes = tokens.hashes[first]
    later = np.flatnonzero(joined)
    word = before[later] - 1
    np.add.at(hashes, word, mix(tokens.hashes[later] + (later - first[word]).astype(np.uint64)))
    return WordBatch(hashes, before[tokens.offsets])


def shingle_hashes(
    batch: WordBatch, salts: NDArray[np.uint64], length: int = SHINGLE
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Hash the shingle that begins at each word.

    Parameters
    ----------
    batch : WordBatch
    salts : ndarray of uint64, shape (n_texts,)
        Texts with different salts have no shingle in common.
    length : int
        Words of a shingle, 1 to 5.

    Returns
    -------
    hashes : ndarray of uint64, shape (n_words,)
    valid : ndarray of bool, shape (n_words,)
        False where the text ends before the shingle does, and for texts of fewer than `MIN_WORDS` words.
    """
    import numpy as np

    from provenance.features.tokens import mix

    n = len(batch.hashes)
    sums = np.repeat(salts, batch.lengths)
    for step in range(length):
        sums[: max(n - step, 0)] += batch.hashes[step:] * np.uint64(_WEIGHTS[step])
    lengths = batch.lengths
    last = np.where(lengths >= MIN_WORDS, batch.offsets[1:] - length, -1)
    valid = np.arange(n) <= np.repeat(last, lengths)
    return mix(sums), valid


def distinct_shingles(texts: Sequence[str], length: int = SHINGLE) -> list[NDArray[np.uint64]]:
    """Return the distinct hashes of the shingles of each text, in rising order; none for texts too short to compare."""
    import numpy as np

    batch = word_batch(texts)
    hashes, valid = shingle_hashes(batch, np.zeros(len(texts), np.uint64), length)
    ends = zip(batch.offsets[:-1], batch.offsets[1:], strict=True)
    return [np.unique(hashes[first:last][valid[first:last]]) for first, last in ends]
