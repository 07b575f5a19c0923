"""What a detector says of one document: `Score` and `Span`, in the shape of the published JSON record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA_VERSION = 1

Verdict = Literal["flagged", "not_flagged", "abstained"]
Reason = Literal["too_short", "not_english", "unlike_calibration", "code"]

Explain = bool | Literal["occlusion"]
"""Whether scores carry the spans that moved them; with 'occlusion' also what each sentence adds to the slower channels."""

VERDICTS: tuple[Verdict, ...] = ("flagged", "not_flagged", "abstained")
REASONS: tuple[Reason, ...] = ("too_short", "not_english", "unlike_calibration", "code")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the document and what it added to the score.

    Attributes
    ----------
    start, end : int
        Character offsets into the document's text as it was read, ``text[start:end]``.
    text : str
        The characters of the stretch.
    weight : float
        Log-odds that the stretch added; above 0 speaks for a machine, below 0 for a person.
    human_rate, human_rate_most, llm_rate : float or None
        Share of the training windows (30 to 250 words) that hold the stretch's weightiest n-gram: of people's, of people's
        in the corpus that uses it most, of models'; in [0, 1].
    """

    start: int
    end: int
    text: str
    weight: float
    human_rate: float | None = None
    human_rate_most: float | None = None
    llm_rate: float | None = None

    @property
    def evidence(self) -> bool | None:
        """Whether the side that the stretch speaks for uses its weightiest n-gram more often; None where not known."""
        if self.human_rate is None or self.llm_rate is None:
            return None
        more, less = (self.llm_rate, self.human_rate) if self.weight > 0 else (self.human_rate, self.llm_rate)
        return more > less

    def to_dict(self) -> dict[str, object]:
        """Return the span as the JSON record has it."""
        record: dict[str, object] = {"start": self.start, "end": self.end, "text": self.text, "weight": self.weight}
        if self.evidence is not None:
            record |= {"human_rate": self.human_rate, "human_rate_most": self.human_rate_most, "llm_rate": self.llm_rate}
            record["evidence"] = self.evidence
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Span:
        """Build the span from its JSON record.

        Raises
        ------
        TypeError
            For a field that a span has not, or one that is missing.
        """
        return cls(**{name: value for name, value in record.items() if name != "evidence"})


@dataclass(frozen=True, slots=True)
class Score:
    """A detector's finding on one document.

    Attributes
    ----------
    id : str
        The document's id, as read.
    n_words : int
        Words in the normalised text.
    score : float or None
        Any real number, higher = more machine-like; None where the text holds no word.
    probability : float or None
        Calibrated probability of machine text at the detector's stated prior, in [0, 1].
    p_value : float or None
        Conformal p-value, in (0, 1]: the share of calibration human texts of like length that score at least as high.
    verdict : {'flagged', 'not_flagged', 'abstained'}
        'flagged' means that the detector did not abstain and ``p_value <= fpr``.
    reason : {'too_short', 'not_english', 'unlike_calibration', 'code'} or None
        Why it abstained.
    family : str or None
        Likeliest maker of the model, 'human' for a text that reads as a person's, 'unknown' for a machine text like
        none of the known makers'; None where the text holds no word.
    families : dict of str to float
        Probability of each known maker; sums to at most `probability`, the rest of it is 'unknown family'.
    chatgpt_probability : float or None
        Probability that the text carries the style of OpenAI's chat models.
    spans : tuple of Span or None
        The stretches that moved the score most, in order of position; None unless an explanation was asked for.
    detector : str
        Name and version of the detector, as in ``fast@1``.
    occlusion : tuple of Span or None
        Sentences and what each adds to the part of the slower channels; None unless asked for.
    """

    id: str
    n_words: int
    score: float | None
    probability: float | None
    p_value: float | None
    verdict: Verdict
    reason: Reason | None
    family: str | None
    families: dict[str, float] = field(default_factory=dict)
    chatgpt_probability: float | None = None
    spans: tuple[Span, ...] | None = None
    detector: str = ""
    occlusion: tuple[Span, ...] | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record, keys in the published order; `spans` and `occlusion` only where they were asked for."""
        record: dict[str, object] = {
            "schema_version": SCHEMA_VERSION,
            "id": self.id,
            "n_words": self.n_words,
            "score": self.score,
            "probability": self.probability,
            "p_value": self.p_value,
            "verdict": self.verdict,
            "reason": self.reason,
            "family": self.family,
            "families": self.families,
            "chatgpt_probability": self.chatgpt_probability,
        }
        if self.spans is not None:
            record["spans"] = [span.to_dict() for span in self.spans]
        if self.occlusion is not None:
            record["occlusion"] = [span.to_dict() for span in self.occlusion]
        record["detector"] = self.detector
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Score:
        """Build the score from its JSON record.

        Raises
        ------
        AttributeError, TypeError
            For a field that a score has not, or one that is missing or of another shape.
        """
        values = {name: value for name, value in record.items() if name != "schema_version"}
        for name in ("spans", "occlusion"):
            if name in values:
                values[name] = tuple(Span.from_dict(span) for span in values[name])
        return cls(**values)
