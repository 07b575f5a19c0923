"""Named style measures of a text: rates of marks and function words, word and sentence lengths, richness, rarity."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.features.counts import LONG, RARE, SHORT, UNLISTED, TokenCounts, count_tokens
from provenance.features.lexicon import CATEGORIES, look_up, word_list
from provenance.features.tokens import LOWER, NUMBER, PUNCTUATION, TITLE, UPPER, TokenBatch

_RICHNESS_WORDS = 100
_RICHNESS_SLOTS = 4096
_ENDS_SENTENCE = np.isin(CATEGORIES, ("period", "question_mark", "exclamation_mark"))

RATE_NAMES: tuple[str, ...] = tuple(f"rate_{name}" for name in CATEGORIES)
SHAPE_NAMES: tuple[str, ...] = (
    "word_length_mean",
    "word_length_sd",
    "share_long_words",
    "share_short_words",
    "share_capitalised",
    "share_upper_case",
    "share_numbers",
    "rarity_mean",
    "rarity_sd",
    "share_unlisted",
    "share_beyond_3000",
    "richness",
    "sentence_length_mean",
    "sentence_length_sd",
    "sentence_burstiness",
    "share_short_sentences",
    "share_long_sentences",
    "commas_per_sentence",
)
STYLE_NAMES: tuple[str, ...] = RATE_NAMES + SHAPE_NAMES
"""Names of the style measures, in column order."""


def style_measures(batch: TokenBatch) -> NDArray[np.float32]:
    """Measure the style of each text.

    Rates are occurrences per word. Lengths of words are in bytes, of sentences in words. `rarity` is the natural
    logarithm of 1 + the word's rank in the shipped list. `sentence_burstiness` is the coefficient of variation of
    sentence lengths. `richness` is the share of distinct words among the first 100.

    Returns
    -------
    ndarray of float32, shape (n_texts, len(STYLE_NAMES))
        Finite; zeros for a text without words.
    """
    if "style" not in batch.kept:
        counts = count_tokens(batch)
        words = np.maximum(batch.n_words, 1).astype(np.float64)
        columns = _word_measures(batch, counts, words) + _sentence_measures(batch, counts)
        batch.kept["style"] = np.hstack([counts.categories / words[:, None], np.column_stack(columns)]).astype(np.float32)
    return batch.kept["style"]


def _word_measures(batch: TokenBatch, counts: TokenCounts, words: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    kinds = batch.kinds
    is_word = kinds <= UPPER
    length = np.where(is_word, batch.ends - batch.starts, 0).astype(np.float64)
    rarity = np.where(is_word, _rarities().take(look_up(batch)[0]), 0.0)
    plain = np.maximum(counts.plain, 1).astype(np.float64)
    by_length = counts.shapes[:, : UPPER + 1].sum(axis=(1, 3))
    by_rank = counts.shapes.sum(axis=2)
    return [
        *_mean_and_sd(batch, length, plain),
        by_length[:, LONG] / plain,
        by_length[:, SHORT] / plain,
        by_rank[:, TITLE].sum(axis=1) / plain,
        by_rank[:, UPPER].sum(axis=1) / plain,
        by_rank[:, NUMBER].sum(axis=1) / words,
        *_mean_and_sd(batch, rarity, plain),
        by_rank[:, LOWER, UNLISTED] / plain,
        (by_rank[:, LOWER, RARE] + by_rank[:, LOWER, UNLISTED]) / plain,
        _richness(batch, is_word),
    ]


@lru_cache(maxsize=1)
def _rarities() -> NDArray[np.float64]:
    return np.log1p(np.arange(len(word_list()) + 1))


def _mean_and_sd(
    batch: TokenBatch, values: NDArray[np.float64], n: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = batch.sums(values) / n
    variance = batch.sums(values * values) / n - mean * mean
    return mean, np.sqrt(np.maximum(variance, 0.0))


def _richness(batch: TokenBatch, is_word: NDArray[np.bool_]) -> NDArray[np.float64]:
    before: NDArray[np.int64] = np.cumsum(is_word) - is_word
    first = np.zeros(len(batch), np.int64)
    filled = np.flatnonzero(np.diff(batch.offsets))
    first[filled] = before[batch.offsets[:-1][filled]]
    early = is_word & (before - np.repeat(first, np.diff(batch.offsets)) < _RICHNESS_WORDS)
    slots = (batch.hashes[early] & np.uint64(_RICHNESS_SLOTS - 1)).view(np.int64)
    owner = batch.text_of[early]
    seen = np.zeros(len(batch) * _RICHNESS_SLOTS, np.bool_)
    seen[owner * _RICHNESS_SLOTS + slots] = True
    distinct = seen.reshape(len(batch), _RICHNESS_SLOTS).sum(axis=1)
    total = np.bincount(owner, minlength=len(batch))
    return distinct / np.maximum(total, 1)


def _sentence_measures(batch: TokenBatch, counts: TokenCounts) -> list[NDArray[np.float64]]:
    ends = _ENDS_SENTENCE.take(look_up(batch)[1])
    number = batch.kinds == NUMBER
    inside_number = np.zeros(len(ends), np.bool_)
    inside_number[1:-1] = number[:-2] & number[2:]
    ends &= ~inside_number
    last = batch.offsets[1:][np.diff(batch.offsets) > 0] - 1
    ends[last] = True
    word = (batch.kinds != PUNCTUATION).astype(np.int64)
    ends_at = np.flatnonzero(ends)
    lengths = np.diff(np.concatenate([[0], np.cumsum(word)[ends_at]]))
    owner = batch.text_of.take(ends_at)[lengths > 0]
    lengths = lengths[lengths > 0].astype(np.float64)
    n = len(batch)
    count = np.maximum(np.bincount(owner, minlength=n), 1)

    def mean_of(values: NDArray) -> NDArray[np.float64]:
        return np.bincount(owner, weights=values, minlength=n) / count

    mean = mean_of(lengths)
    sd = np.sqrt(np.maximum(mean_of(lengths**2) - mean**2, 0.0))
    commas = counts.categories[:, CATEGORIES.index("comma")]
    return [mean, sd, sd / np.maximum(mean, 1), mean_of(lengths < 8), mean_of(lengths > 30), commas / count]
