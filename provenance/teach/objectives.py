"""What a student can be trained on: every loss of the lessons, each a few lines.

All take the student's logits of shape (S, B, T, V) and give one loss a copy, shape (S,), in nats a position. What the
teacher shows is a table of probabilities of the same shape: all of them, or zero where it shows none (see
:mod:`provenance.teach.exposure`).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["hard", "kl", "renormalised", "soft", "uld", "with_rest"]


def hard(logits: Tensor, tokens: Tensor) -> Tensor:
    """Text: the cross-entropy of the token that came next. All that a chat window allows.

    On whole answers of a teacher this is the sequence-level distillation of Kim & Rush (2016).

    Parameters
    ----------
    logits : Tensor, shape (S, B, T, V)
    tokens : Tensor of int64, shape (S, B, T)
        Token that came next at each position.
    """
    losses = F.cross_entropy(logits.flatten(0, 2), tokens.flatten(), reduction="none")  # (S·B·T,)
    return losses.view(tokens.shape).mean((1, 2))  # (S,)


def soft(logits: Tensor, shown: Tensor) -> Tensor:
    """Full logits, or frequencies of sampled ones: the cross-entropy of a whole distribution (Hinton et al. 2015).

    Its minimum, at the teacher itself, is the teacher's entropy; minus that it is KL(teacher || student).

    Parameters
    ----------
    logits : Tensor, shape (S, B, T, V)
    shown : Tensor, shape (S, B, T, V)
        Probabilities that sum to 1.
    """
    return -(shown * logits.log_softmax(-1)).sum(-1).mean((1, 2))  # (S,)


def renormalised(logits: Tensor, shown: Tensor) -> Tensor:
    """Top k, blown up to sum to 1: says that all other tokens are impossible, so the student's tail dies.

    Parameters
    ----------
    logits : Tensor, shape (S, B, T, V)
    shown : Tensor, shape (S, B, T, V)
        Probabilities of the top k; 0 elsewhere.
    """
    return soft(logits, shown / shown.sum(-1, keepdim=True))


def with_rest(logits: Tensor, shown: Tensor) -> Tensor:
    """Top k as they are, and what is missing to 1 as one bucket: nothing false, and nothing about the tail's shape.

    Parameters
    ----------
    logits : Tensor, shape (S, B, T, V)
    shown : Tensor, shape (S, B, T, V)
        Probabilities of the top k; 0 elsewhere.
    """
    log_q = logits.log_softmax(-1)  # (S, B, T, V)
    known = shown > 0  # (S, B, T, V)
    tail = log_q.masked_fill(known, -30.0).logsumexp(-1)  # (S, B, T)
    missing = (1 - shown.sum(-1)).clamp_min(0)  # (S, B, T)
    return -((shown * log_q).sum(-1) + missing * tail).mean((1, 2))  # (S,)


def uld(logits: Tensor, shown: Tensor) -> Tensor:
    """Universal logit distillation (Boizard et al. 2024): compare sorted probabilities, blind to which token has which.

    It needs no common vocabulary. The shorter list is filled up with zeros.

    Parameters
    ----------
    logits : Tensor, shape (S, B, T, V)
    shown : Tensor, shape (S, B, T, W)
        The teacher's probabilities over its own vocabulary of W tokens.
    """
    ours = logits.softmax(-1).sort(-1, descending=True).values  # (S, B, T, V)
    theirs = shown.sort(-1, descending=True).values  # (S, B, T, W)
    size = max(ours.shape[-1], theirs.shape[-1])
    gap = F.pad(ours, (0, size - ours.shape[-1])) - F.pad(theirs, (0, size - theirs.shape[-1]))
    return gap.abs().sum(-1).mean((1, 2))  # (S,)


@torch.no_grad()
def kl(truth: Tensor, logits: Tensor) -> Tensor:
    """KL(truth || student) in nats, position by position.

    Parameters
    ----------
    truth : Tensor, shape (..., V)
        Probabilities; may hold zeros.
    logits : Tensor, shape (..., V)

    Returns
    -------
    Tensor, shape (...)
    """
    return (torch.xlogy(truth, truth) - truth * logits.log_softmax(-1)).sum(-1)
