"""When the detector should not speak: too short, code, not English, unlike every text that it was calibrated on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.detect.conformal import bin_of
from provenance.detect.result import Reason
from provenance.detect.sampling import LENGTH_BINS
from provenance.features.counts import count_tokens
from provenance.features.lexicon import CATEGORIES, WORD_CATEGORIES
from provenance.features.style import RATE_NAMES, style_measures
from provenance.features.tokens import TokenBatch

_FUNCTION = [i for i, name in enumerate(CATEGORIES) if name in WORD_CATEGORIES and name not in ("evaluation", "informal")]
_CODE = [RATE_NAMES.index(f"rate_{name}") for name in ("other_mark", "bracket", "semicolon")]
_OTHER_MARK = RATE_NAMES.index("rate_other_mark")

MAX_CODE_MARKS = 0.40
MAX_OTHER_MARKS = 0.20
MIN_FUNCTION_WORDS = 0.18
MIN_LISTED_WORDS = 0.55
GATE_QUANTILE = 0.995
"""Share of the calibration texts of like length that the gate lets through."""


@dataclass(frozen=True)
class Gate:
    """Recognises texts whose style measures lie beyond those of the calibration texts.

    Attributes
    ----------
    limits : ndarray of float64, shape (len(LENGTH_BINS),)
        Largest strangeness let through, by length.
    """

    limits: NDArray[np.float64]

    def closed(self, style: NDArray[np.float64], n_words: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each text is unlike the calibration texts, shape (n_texts,)."""
        return strangeness(style) > self.limits[bin_of(n_words)]


def strangeness(style: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean square of the standardised, clipped style measures: 1 for an average text."""
    return (style * style).mean(axis=1)


def gate_limit(style: NDArray[np.float64]) -> float:
    """Return the strangeness that all but the strangest of these texts stay within."""
    return float(np.quantile(strangeness(style), GATE_QUANTILE))


def fit_gate(style: NDArray[np.float64], n_words: NDArray[np.int64]) -> Gate:
    """Set the limits from calibration texts; a bin without 200 texts takes the limit of all."""
    values, k = strangeness(style), bin_of(n_words)
    overall = np.quantile(values, GATE_QUANTILE) if len(values) else np.inf
    limits = [np.quantile(values[k == b], GATE_QUANTILE) if (k == b).sum() >= 200 else overall for b in range(len(LENGTH_BINS))]
    return Gate(np.array(limits, np.float64))


def language_reasons(batch: TokenBatch, min_words: int) -> list[Reason | None]:
    """Say of each text whether it is too short, code, or not English; None where it is none of these."""
    n_words = batch.n_words
    rates, counts = style_measures(batch), count_tokens(batch)
    code = (rates[:, _CODE].sum(axis=1) > MAX_CODE_MARKS) | (rates[:, _OTHER_MARK] > MAX_OTHER_MARKS)
    plain = np.maximum(counts.plain, 1)
    function = counts.categories[:, _FUNCTION].sum(axis=1) / plain
    listed = counts.listed / plain
    foreign = (function < MIN_FUNCTION_WORDS) | (listed < MIN_LISTED_WORDS)
    reasons: list[Reason | None] = []
    for short, is_code, is_foreign in zip(n_words < min_words, code, foreign, strict=True):
        reasons.append("too_short" if short else "code" if is_code else "not_english" if is_foreign else None)
    return reasons
