"""One training loop for all lessons, and the teacher `tiny`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from provenance.teach.grammar import Grammar
from provenance.teach.objectives import hard
from provenance.teach.tiny_lm import TinyLM

__all__ = ["in_parts", "tiny_teacher", "train"]


def train(
    model: TinyLM, steps: int, rate: float = 6e-3, *, cool: bool = False
) -> Iterator[tuple[int, Callable[[Tensor], None]]]:
    """Give the number of each step and a function `learn`, which takes the losses of that step and moves the weights.

    ``learn(losses)`` wants one loss a copy, shape (S,). Copies share no weights, so their sum trains each on its own.

    Parameters
    ----------
    model : TinyLM
    steps : int
    rate : float
        Learning rate of AdamW, after thirty steps of warming up.
    cool : bool
        Whether the rate falls to 0 over the second half.
    """
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)

    def learn(losses: Tensor) -> None:
        """Take one step down the slope of the losses."""
        optimiser.zero_grad()
        losses.sum().backward()
        optimiser.step()

    for step in range(steps):
        warm, late = min(1.0, (step + 1) / 30), min(1.0, 2 * (steps - step) / steps) if cool else 1.0
        optimiser.param_groups[0]["lr"] = rate * warm * late
        yield step, learn


def tiny_teacher(grammar: Grammar, length: int, steps: int, seed: int = 0, width: int = 64) -> TinyLM:
    """Train the teacher on fresh text of the grammar, each text seen once; one copy.

    Parameters
    ----------
    grammar : Grammar
    length : int
        Positions of a text, the start included.
    steps : int
        600 bring it within 0.03 nats of the truth in half a minute.
    seed : int
    width : int
    """
    rng = torch.Generator().manual_seed(7 + seed)
    model = TinyLM(len(grammar.words), length, width=width, seed=7 + seed)

    for _, learn in train(model, steps, rate=4e-3, cool=True):
        tokens = grammar.sample(32, length + 1, rng)[None]  # (1, B, T + 1)
        learn(hard(model(tokens[:, :, :-1]), tokens[:, :, 1:]))
    return model


@torch.no_grad()
def in_parts(model: TinyLM, tokens: Tensor, size: int = 256) -> Tensor:
    """Probabilities of the next token for many texts, some at a time.

    Parameters
    ----------
    model : TinyLM
    tokens : Tensor of int64, shape (S, B, T)

    Returns
    -------
    Tensor, shape (S, B, T, V)
    """
    return torch.cat([model(part).softmax(-1) for part in tokens.split(size, 1)], 1)
