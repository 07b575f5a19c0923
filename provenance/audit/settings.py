"""What an audit measures and by which rule it decides: channels with their weights, limits, levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

__all__ = ["CHANNELS", "STYLE_WEIGHT", "AuditSettings", "NgramChannel", "channel_records"]


@dataclass(frozen=True, slots=True)
class NgramChannel:
    """One kind of n-gram of which answers are compared.

    Attributes
    ----------
    name : str
    kind : {'word', 'skeleton'}
    low, high : int
        Shortest and longest n-gram.
    first : int or None
        Tokens from the beginning of an answer that are read; None reads all.
    one_in : int
        One n-gram in so many is kept, the same ones in every answer: keeps long answers small.
    weight : float
        Weight of the channel in the sum.
    """

    name: str
    kind: str
    low: int
    high: int
    first: int | None
    one_in: int
    weight: float


CHANNELS: tuple[NgramChannel, ...] = (
    NgramChannel("opening_words", "word", 2, 3, 30, 1, 1.0),
    NgramChannel("opening_skeleton", "skeleton", 3, 4, 30, 1, 1.0),
    NgramChannel("words", "word", 2, 3, None, 8, 0.5),
)
"""Openings weigh most: the first 30 tokens of two answers are of one length, whatever the length of the answers."""

STYLE_WEIGHT = 0.5
"""Weight of the style measures, taken as deviations from what the panel does on the same prompt."""


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Numbers of the decision.

    Attributes
    ----------
    min_prompts : int
        Shared prompts below which there is no verdict.
    level : float
        Largest p-value at which a teacher is named.
    lead : float
        By how much the named teacher must stand nearer than every other teacher whose own teaching is known. One whose
        teaching is not known may itself be a student, and stands near its teacher's other students for that.
    rivals : int
        Families with known teaching, people among them and the teacher's own apart, that must have answered: with fewer
        a stranger has nowhere else to stand, and kinship was measured to say little.
    draws : int
        Bootstrap draws over prompts.
    confidence : float
        Of the intervals.
    copied : float
        Share of answers equal to those of one panel model from which on the outputs are called a copy of it.
    on_topic : float
        Nearness of whole answers to the panel's on the same prompts, as a share of the least that any panel model has, below
        which the answers are not taken for answers to these prompts.
    """

    min_prompts: int = 25
    level: float = 0.05
    lead: float = 0.5
    rivals: int = 3
    draws: int = 300
    confidence: float = 0.95
    copied: float = 0.5
    on_topic: float = 0.5


def channel_records(channels: Sequence[NgramChannel] = CHANNELS) -> list[dict[str, object]]:
    """Return channels as the config of a panel records them."""
    return [asdict(channel) for channel in channels]
