"""Named style measures of a text: rates of marks and function words, word and sentence lengths, richness, rarity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.features.lexicon import CATEGORIES, look_up, word_list
from provenance.features.tokens import LOWER, NUMBER, PUNCTUATION, TITLE, UPPER, TokenBatch

_RICHNESS_WORDS = 100
_RICHNESS_SLOTS = 4096

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
    ranks, categories = look_up(batch)
    n_texts = len(batch)
    text_of = np.repeat(np.arange(n_texts), np.diff(batch.offsets))
    words = np.maximum(batch.n_words, 1).astype(np.float64)
    counts = np.bincount(text_of * len(CATEGORIES) + categories, minlength=n_texts * len(CATEGORIES))
    rates = counts.reshape(n_texts, len(CATEGORIES)) / words[:, None]
    columns = _word_measures(batch, ranks, text_of, words) + _sentence_measures(batch, categories, text_of)
    return np.hstack([rates, np.column_stack(columns)]).astype(np.float32)


def _word_measures(
    batch: TokenBatch, ranks: NDArray[np.int64], text_of: NDArray[np.int64], words: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    kinds = batch.kinds
    is_word = (kinds != PUNCTUATION) & (kinds != NUMBER)
    length = np.where(is_word, batch.ends - batch.starts, 0).astype(np.float64)
    rarity = np.where(is_word, np.log1p(ranks), 0.0)
    plain = np.maximum(batch.sums(is_word.astype(np.float64)), 1)

    def share(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        return batch.sums((mask & is_word).astype(np.float64)) / plain

    return [
        *_mean_and_sd(batch, length, plain),
        share(length >= 8),
        share(length <= 3),
        share(kinds == TITLE),
        share(kinds == UPPER),
        batch.sums((kinds == NUMBER).astype(np.float64)) / words,
        *_mean_and_sd(batch, rarity, plain),
        share((ranks >= len(word_list())) & (kinds == LOWER)),
        share((ranks >= 3000) & (kinds == LOWER)),
        _richness(batch, is_word, text_of),
    ]


def _mean_and_sd(
    batch: TokenBatch, values: NDArray[np.float64], n: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = batch.sums(values) / n
    variance = batch.sums(values * values) / n - mean * mean
    return mean, np.sqrt(np.maximum(variance, 0.0))


def _richness(batch: TokenBatch, is_word: NDArray[np.bool_], text_of: NDArray[np.int64]) -> NDArray[np.float64]:
    before: NDArray[np.int64] = np.cumsum(is_word) - is_word
    first = np.zeros(len(batch), np.int64)
    filled = np.flatnonzero(np.diff(batch.offsets))
    first[filled] = before[batch.offsets[:-1][filled]]
    early = is_word & (before - np.repeat(first, np.diff(batch.offsets)) < _RICHNESS_WORDS)
    slots = (batch.hashes[early] % np.uint64(_RICHNESS_SLOTS)).astype(np.int64)
    seen = np.zeros(len(batch) * _RICHNESS_SLOTS, np.bool_)
    seen[text_of[early] * _RICHNESS_SLOTS + slots] = True
    distinct = seen.reshape(len(batch), _RICHNESS_SLOTS).sum(axis=1)
    total = np.bincount(text_of[early], minlength=len(batch))
    return distinct / np.maximum(total, 1)


def _sentence_measures(
    batch: TokenBatch, categories: NDArray[np.uint8], text_of: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    ends = np.isin(categories, [CATEGORIES.index(n) for n in ("period", "question_mark", "exclamation_mark")])
    number = batch.kinds == NUMBER
    inside_number = np.zeros(len(ends), np.bool_)
    inside_number[1:-1] = number[:-2] & number[2:]
    ends &= ~inside_number
    last = batch.offsets[1:][np.diff(batch.offsets) > 0] - 1
    ends[last] = True
    word = (batch.kinds != PUNCTUATION).astype(np.int64)
    ends_at = np.flatnonzero(ends)
    lengths = np.diff(np.concatenate([[0], np.cumsum(word)[ends_at]]))
    owner = text_of[ends_at][lengths > 0]
    lengths = lengths[lengths > 0].astype(np.float64)
    n = len(batch)
    count = np.maximum(np.bincount(owner, minlength=n), 1)

    def mean_of(values: NDArray) -> NDArray[np.float64]:
        return np.bincount(owner, weights=values, minlength=n) / count

    mean = mean_of(lengths)
    sd = np.sqrt(np.maximum(mean_of(lengths**2) - mean**2, 0.0))
    commas = batch.sums((categories == CATEGORIES.index("comma")).astype(np.float64))
    return [mean, sd, sd / np.maximum(mean, 1), mean_of(lengths < 8), mean_of(lengths > 30), commas / count]
