"""Random choices: one generator a seed, so what a seed is dealt does not hang on how many seeds there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from provenance.teach.settings import Settings

__all__ = ["each", "generators", "picks", "shared_generator"]

SHARED = 1_000_003
"""Moves the seed of what all seeds share away from the seeds themselves."""


def generators(settings: Settings) -> list[torch.Generator]:
    """One generator a seed; a list of length S. Called twice, it gives the same choices twice."""
    return [torch.Generator().manual_seed(settings.seed + s) for s in range(settings.seeds)]


def shared_generator(settings: Settings) -> torch.Generator:
    """Generator of what all seeds have in common: the texts that they are measured on, say."""
    return torch.Generator().manual_seed(SHARED + settings.seed)


def each(rngs: Sequence[torch.Generator], draw: Callable[[torch.Generator], Tensor]) -> Tensor:
    """Draw once a seed and stack; S times a shape becomes (S, *shape)."""
    return torch.stack([draw(rng) for rng in rngs])


def picks(rngs: Sequence[torch.Generator], high: int, size: int) -> Tensor:
    """Numbers below `high`, with replacement; int64 of shape (S, size)."""
    return each(rngs, lambda rng: torch.randint(high, (size,), generator=rng))
