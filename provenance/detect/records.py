"""From numbers to the record of one document: verdict, makers, rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.detect.recipe import FAMILIES
from provenance.detect.result import Reason, Score, Span, Verdict

LIKELY = 0.5
_LEAST = 0.005


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn rows of log-odds into probabilities that sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def likeliest(probability: float, makers: NDArray[np.float64]) -> str:
    """Name the maker if it is likelier than all others together, 'human' for a text that reads as a person's."""
    if probability < LIKELY:
        return "human"
    best = int(makers.argmax())
    return FAMILIES[best] if best < len(FAMILIES) and makers[best] > LIKELY else "unknown"


def make_score(
    name: str,
    numbers: tuple[int, float, float, float],
    reason: Reason | None,
    fpr: float,
    makers: NDArray[np.float64],
    spans: tuple[Span, ...] | None,
    detector: str,
) -> Score:
    """Make the record of a text with words.

    Parameters
    ----------
    name : str
        Id of the document.
    numbers : tuple of int, float, float, float
        Words, score, probability, p-value.
    reason : str or None
        Why the detector abstains.
    fpr : float
        Largest p-value that is flagged.
    makers : ndarray, shape (len(FAMILIES) + 1,)
        Probability of each maker, given a machine text; the last one is every other maker.
    spans : tuple of Span or None
    detector : str
        Name and version.
    """
    n_words, score, probability, p_value = numbers
    verdict: Verdict = "abstained" if reason else "flagged" if p_value <= fpr else "not_flagged"
    shares = makers.tolist()
    families = {family: round(probability * shares[k], 4) for k, family in enumerate(FAMILIES)}
    return Score(
        id=name,
        n_words=n_words,
        score=round(score, 4),
        probability=round(probability, 4),
        p_value=round(p_value, 6),
        verdict=verdict,
        reason=reason,
        family=likeliest(probability, makers),
        families={f: p for f, p in sorted(families.items(), key=lambda item: -item[1]) if p >= _LEAST},
        chatgpt_probability=families["openai"],
        spans=spans,
        detector=detector,
    )
