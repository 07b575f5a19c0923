"""A transformer language model of about a hundred lines: the student of every lesson, and their teacher `tiny`.

It is the usual decoder: embeddings, blocks of causal attention and a two-layer network, RMS norms before each, a linear
layer to logits (Vaswani et al. 2017; Radford et al. 2019). One thing is unusual: a `TinyLM` holds `copies` models side by side,
each with weights of its own, so that five seeds train in one go. Shapes at line ends: S copies, B texts, T positions,
D width, V words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["TinyLM", "generate"]


class TinyLM(nn.Module):
    """`copies` language models of one size, each with its own weights.

    Parameters
    ----------
    vocabulary : int
        Number of tokens, V.
    length : int
        Most positions in a text.
    width : int
        D, a multiple of `heads`.
    layers, heads : int
    copies : int
        S. Copy s starts from the seed ``seed + s`` whatever the number of copies is.
    seed : int
    """

    def __init__(
        self, vocabulary: int, length: int, width: int = 48, layers: int = 2, heads: int = 2, copies: int = 1, seed: int = 0
    ) -> None:
        super().__init__()
        self.vocabulary, self.length, self.layers, self.heads, self.copies = vocabulary, length, layers, heads, copies
        small, inner = 0.02, 1 / math.sqrt(width)
        shapes = {"tokens": (vocabulary, width, small), "places": (length, width, small), "logits": (width, vocabulary, inner)}
        for k in range(layers):
            shapes[f"attend{k}"] = (width, 3 * width, inner)
            shapes[f"mix{k}"] = (width, width, inner / math.sqrt(2 * layers))
            shapes[f"widen{k}"] = (width, 4 * width, inner)
            shapes[f"narrow{k}"] = (4 * width, width, inner / math.sqrt(8 * layers))
        rngs = [torch.Generator().manual_seed(1000 + seed + s) for s in range(copies)]
        self.weights = nn.ParameterDict(
            {
                name: nn.Parameter(torch.stack([torch.randn(rows, columns, generator=rng) * scale for rng in rngs]))
                for name, (rows, columns, scale) in shapes.items()
            }
        )  # each (S, rows, columns)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits of the next token after every position.

        Parameters
        ----------
        tokens : Tensor of int64, shape (S, B, T)
            Copy s reads ``tokens[s]``.

        Returns
        -------
        Tensor, shape (S, B, T, V)
        """
        return self.linear(norm(self.hidden(tokens)), "logits")  # (S, B, T, V)

    def hidden(self, tokens: Tensor, past: dict[int, tuple[Tensor, Tensor]] | None = None) -> Tensor:
        """State after the last block; shape (S, B, T, D).

        `past`, where given, holds the keys and values of positions before these, and is grown by those of these.
        """
        begin = past[0][0].shape[2] if past else 0
        offsets = torch.arange(self.copies)[:, None, None] * self.vocabulary  # (S, 1, 1)
        x = F.embedding(tokens + offsets, self.weights["tokens"].flatten(0, 1))  # (S, B, T, D)
        x = x + self.weights["places"][:, None, begin : begin + tokens.shape[2]]  # (S, B, T, D)
        for k in range(self.layers):
            x = x + self.linear(self.attention(norm(x), k, past), f"mix{k}")  # (S, B, T, D)
            x = x + self.linear(F.gelu(self.linear(norm(x), f"widen{k}")), f"narrow{k}")  # (S, B, T, D)
        return x

    def attention(self, x: Tensor, k: int, past: dict[int, tuple[Tensor, Tensor]] | None) -> Tensor:
        """Every position looks back at those before it; shape (S, B, T, D)."""
        copies, texts, length, width = x.shape
        parts = self.linear(x, f"attend{k}").view(copies * texts, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (S·B, heads, T, D/heads)
        if past is not None:
            if k in past:
                key, value = torch.cat([past[k][0], key], 2), torch.cat([past[k][1], value], 2)
            past[k] = key, value
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=length > 1)  # (S·B, heads, T, D/heads)
        return seen.transpose(1, 2).reshape(copies, texts, length, width)  # (S, B, T, D)

    def linear(self, x: Tensor, name: str) -> Tensor:
        """Multiply by the weights `name`, copy by copy; shape (S, B, T, columns)."""
        weight = self.weights[name]  # (S, rows, columns)
        return torch.bmm(x.flatten(1, 2), weight).unflatten(1, x.shape[1:3])  # (S, B, T, columns)

    def n_parameters(self) -> int:
        """Numbers that one copy learns."""
        return sum(weight.numel() for weight in self.parameters()) // self.copies


def norm(x: Tensor) -> Tensor:
    """Scale to a mean square of 1 along the last axis."""
    return F.rms_norm(x, x.shape[-1:])


@torch.no_grad()
def generate(
    model: TinyLM,
    prompts: Tensor,
    length: int,
    rng: torch.Generator | Sequence[torch.Generator],
    temperature: float = 1.0,
) -> Tensor:
    """Continue prompts token by token.

    Parameters
    ----------
    model : TinyLM
    prompts : Tensor of int64, shape (S, B, P)
    length : int
        Length of the whole, P included; at most ``model.length``.
    rng : torch.Generator or sequence of torch.Generator
        One for all copies, or one a copy.
    temperature : float
        0 takes the likeliest token; 1 samples from the model; between, the likely ones are favoured.

    Returns
    -------
    Tensor of int64, shape (S, B, length)
    """
    rngs = [rng] * model.copies if isinstance(rng, torch.Generator) else rng
    tokens, new = prompts, prompts
    past: dict[int, tuple[Tensor, Tensor]] = {}
    while tokens.shape[2] < length:
        state = model.hidden(new, past)[:, :, -1:]  # (S, B, 1, D)
        logits = model.linear(norm(state), "logits")[:, :, 0]  # (S, B, V)
        if temperature == 0:
            new = logits.argmax(-1, keepdim=True)  # (S, B, 1)
        else:
            chances = (logits / temperature).softmax(-1)  # (S, B, V)
            drawn = [torch.multinomial(own, 1, generator=its) for own, its in zip(chances, rngs, strict=True)]
            new = torch.stack(drawn)  # (S, B, 1)
        tokens = torch.cat([tokens, new], 2)  # (S, B, P + 1)
    return tokens
