"""What each kind of access shows of a teacher's mind, and what it costs in bits.

A language model has a probability for every token at every position. An interface shows a part of it. `show` cuts a
teacher's full table down to that part, and a loss of :mod:`provenance.teach.objectives` can use no more than what is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["ACCESS", "Access", "NUMBER_BITS", "bits_a_token", "can_train", "frequencies", "hidden_directions", "top_k"]

NUMBER_BITS = 16
"""Bits of one log-probability as it is sent: more digits carry noise."""


@dataclass(frozen=True, slots=True)
class Access:
    """A way to reach a teacher.

    Attributes
    ----------
    name : str
    numbers : str
        Which probabilities it shows: 'none', 'top' or 'all'.
    text : bool
        Whether it shows the tokens of the answer.
    reasoning : bool
        Whether it shows the steps before the answer.
    resumes : bool
        Whether it goes on from any beginning of an answer, so that one position can be drawn many times.
    where : str
        Where one meets it.
    """

    name: str
    numbers: str
    text: bool
    reasoning: bool
    resumes: bool
    where: str


ACCESS = (
    Access("chat window", "none", True, False, False, "a chat product: the answer as text, nothing else"),
    Access("API, text", "none", True, False, False, "an API that gives no log-probabilities"),
    Access(
        "API, top 20", "top", True, False, False, "an API that documents up to 20 top log-probabilities, for some chat models"
    ),
    Access("hidden reasoning", "none", False, False, False, "steps that a model takes before its answer and that are not sent"),
    Access("completion API", "top", True, False, True, "an API that continues a given beginning, with top log-probabilities"),
    Access("open weights", "all", True, True, True, "a model that runs on your own machine"),
)
"""Kinds of access, from what a user of a product has to what an owner of the weights has."""


def can_train(access: Access) -> dict[str, bool]:
    """Say which objectives of the lessons an access allows.

    Returns
    -------
    dict of str to bool
        'text': cross-entropy on answers, sequence-level distillation among it; 'top k': the likeliest tokens;
        'sampled logits': many draws at one position, which a sampled answer gives only if it can be asked to go on from any
        prefix; 'full logits': KL over the whole vocabulary; 'reasoning': text of the steps before the answer.
    """
    return {
        "text": access.text,
        "top k": access.numbers != "none",
        "sampled logits": access.numbers == "all" or (access.text and access.resumes),
        "full logits": access.numbers == "all",
        "reasoning": access.reasoning,
    }


def top_k(chances: Tensor, k: int) -> Tensor:
    """Keep the k likeliest tokens as they are and show 0 for all others.

    Parameters
    ----------
    chances : Tensor, shape (..., V)
    k : int
        What is more than V shows everything.
    """
    values, places = chances.topk(min(k, chances.shape[-1]), -1)
    return torch.zeros_like(chances).scatter_(-1, places, values)


def frequencies(chances: Tensor, draws: int, rng: torch.Generator) -> Tensor:
    """Ask the teacher for several tokens at each position and show how often each came (sampled logits).

    It is unbiased: on average over draws it is the teacher's table (Anshumann et al. 2025).

    Parameters
    ----------
    chances : Tensor, shape (..., V)
    draws : int
    rng : torch.Generator
    """
    flat = chances.flatten(0, -2)  # (N, V)
    drawn = torch.multinomial(flat, draws, replacement=True, generator=rng)  # (N, draws)
    counts = torch.zeros_like(flat).scatter_add_(1, drawn, torch.full(drawn.shape, 1 / draws))
    return counts.view_as(chances)


def bits_a_token(chances: Tensor, shown: int | None, number_bits: int = NUMBER_BITS) -> float:
    """Bits that one position of an answer brings.

    A sampled token brings the teacher's entropy, in bits. With each shown log-probability come its number and, where
    not all are shown, the name of its token.

    Parameters
    ----------
    chances : Tensor, shape (..., V)
    shown : int or None
        Log-probabilities sent beside the token; None for all of them.
    number_bits : int
    """
    vocabulary = chances.shape[-1]
    sampled = float(torch.special.entr(chances).sum(-1).mean()) / math.log(2)
    if shown is None:
        return sampled + vocabulary * number_bits
    return sampled + shown * (number_bits + math.log2(vocabulary))


def hidden_directions(logits: Tensor, tolerance: float = 1e-4) -> tuple[int, Tensor]:
    """Count the directions that tables of logits span: the width of the hidden layer behind them.

    A softmax layer is one matrix of shape (D, V). So all logits lie in D directions, however many tokens there are, and
    singular values tell how many (Carlini et al. 2024; Finlayson et al. 2024). Where only log-probabilities are shown,
    each row is off by a constant; one more direction takes it up.

    Parameters
    ----------
    logits : Tensor, shape (N, V)
        N positions, more than the directions one looks for.
    tolerance : float
        Share of the largest singular value below which one counts as zero.

    Returns
    -------
    directions : int
    values : Tensor
        Singular values, falling.
    """
    values = torch.linalg.svdvals(logits.double())
    return int((values > tolerance * values[0]).sum()), values
