"""What a causal language model says of each token of a text: surprisal, rank, entropy, from one forward pass."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.errors import DetectorError
from provenance.features.smollm import load_causal, load_smollm2, smollm2_key

__all__ = ["PRECISIONS", "LanguageModel", "Reading", "TokenTrace", "language_model", "resolve_precision"]

PRECISIONS = ("auto", "float32", "bfloat16")
_DOCUMENT_START = "<|endoftext|>"
_CHUNK = 8
"""Tokens whose logits are looked at together: with 49,152 words, 1.5 MB, which stays in a core's cache."""

_CHARACTERS_PER_TOKEN = 40
"""Text beyond so many characters a token read is not even tokenised."""


@dataclass(frozen=True, slots=True)
class TokenTrace:
    """What the model says of the tokens of one text, in nats.

    Attributes
    ----------
    surprisal : ndarray of float64, shape (n_tokens,)
        Minus the log-probability of the token that stands there.
    log_rank : ndarray of float64, shape (n_tokens,)
        ``log(1 + rank)``; the likeliest token has rank 0.
    entropy : ndarray of float64, shape (n_tokens,)
        Mean surprisal of what the model expects there.
    variance : ndarray of float64, shape (n_tokens,)
        Variance of the surprisal of what the model expects there.
    best : ndarray of float64, shape (n_tokens,)
        Surprisal of the likeliest token.
    starts_word, is_mark, ends_sentence : ndarray of bool, shape (n_tokens,)
        Whether a token begins a word, holds neither letter nor digit, or ends in ``.``, ``!`` or ``?``.
    """

    surprisal: NDArray[np.float64]
    log_rank: NDArray[np.float64]
    entropy: NDArray[np.float64]
    variance: NDArray[np.float64]
    best: NDArray[np.float64]
    starts_word: NDArray[np.bool_]
    is_mark: NDArray[np.bool_]
    ends_sentence: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.surprisal)


def resolve_precision(precision: str) -> str:
    """Say what 'auto' is on this processor: bfloat16 where it multiplies such numbers itself, else float32."""
    if precision != "auto":
        return precision
    import torch

    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bfloat16" if known.get("avx512_bf16") or known.get("amx_bf16") else "float32"


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as the model reads it.

    Attributes
    ----------
    trace : TokenTrace or None
        None where the model was loaded without its vocabulary.
    state : ndarray of float32, shape (n_dimensions,), or None
        Mean over the tokens of the hidden state after one layer; zeros for a text without a token, None where no layer was
        asked for.
    """

    trace: TokenTrace | None
    state: NDArray[np.float32] | None


@lru_cache(maxsize=2)
def language_model(folder: str | None, precision: str, layer: int | None = None, vocabulary: bool = True) -> LanguageModel:
    """Load a model once in a process: the packaged SmolLM2-135M, or that of a folder.

    Raises
    ------
    DependencyError
        If the packaged model is missing.
    DetectorError
        If there is no model in the folder, or no stack of layers is known in it.
    ValueError
        If the model has no such layer.
    """
    model, tokenizer = load_smollm2() if folder is None else load_causal(folder)
    return LanguageModel(model, tokenizer, precision, _key_of(folder), layer, vocabulary)


def _key_of(folder: str | None) -> str:
    if folder is None:
        return smollm2_key()
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    facts = [f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(facts).encode("utf-8", "replace")).hexdigest()


class LanguageModel:
    """A causal language model and its tokeniser, made ready to read texts.

    Texts are read one at a time: on a processor a batch is no faster for texts of a hundred tokens or more, and so a text
    gives the same numbers whatever stands beside it.

    Parameters
    ----------
    model, tokenizer
        As `transformers` loads them; the model in float32.
    precision : {'float32', 'bfloat16'}
        Of the layers and the vocabulary.
    key : str
        Says which model it is.
    layer : int, optional
        The layer, from 1, whose mean hidden state is read.
    vocabulary : bool
        Whether tokens are judged. Without it, the layers after `layer` are dropped.
    """

    def __init__(
        self, model: Any, tokenizer: Any, precision: str, key: str, layer: int | None = None, vocabulary: bool = True
    ) -> None:
        import torch

        kind = getattr(torch, precision)
        self._head: Any = model.get_output_embeddings().weight.detach().to(kind).clone() if vocabulary else None
        self._body = model.base_model.to(kind).eval()
        self._states: list[Any] = []
        if layer is not None:
            self._listen(layer, vocabulary)
        self.n_dimensions = int(model.config.hidden_size) if layer is not None else 0
        self._tokenizer = tokenizer.backend_tokenizer
        self._start = self._tokenizer.token_to_id(_DOCUMENT_START)
        if self._start is None:
            self._start = int(model.config.bos_token_id or 0)
        self._kinds = _kinds_of(self._tokenizer)
        self._longest = int(getattr(model.config, "max_position_embeddings", 0) or 1024) - 1
        self.key = f"{key}|{precision}|{layer}"

    def _listen(self, layer: int, vocabulary: bool) -> None:
        layers = getattr(self._body, "layers", None)
        if layers is None:
            raise DetectorError(f"no layers are known in {type(self._body).__name__}; wanted a model built like Llama")
        if not 1 <= layer <= len(layers):
            raise ValueError(f"the layer is {layer}; it must be within 1 to {len(layers)}, the layers of the model")
        layers[layer - 1].register_forward_hook(
            lambda _, __, out: self._states.append(out[0] if isinstance(out, tuple) else out)
        )
        if not vocabulary:
            self._body.layers = layers[:layer]

    def read(self, text: str, max_tokens: int) -> Reading:
        """Read the first `max_tokens` tokens of a text; the first one is judged as the beginning of a document."""
        encoding = self._tokenizer.encode(text[: max_tokens * _CHARACTERS_PER_TOKEN], add_special_tokens=False)
        ids = encoding.ids[: min(max_tokens, self._longest)]
        numbers, state = self._pass(ids) if ids else (np.zeros((5, 0)), np.zeros(self.n_dimensions, np.float32))
        trace = TokenTrace(*numbers, *self._kinds[:, ids]) if self._head is not None else None
        return Reading(trace, state if self.n_dimensions else None)

    def _pass(self, ids: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        import torch

        self._states.clear()
        with torch.inference_mode():
            hidden = self._body(input_ids=torch.tensor([[self._start, *ids]]), use_cache=False).last_hidden_state[0]
            states = [state[0, 1:].float().mean(dim=0).numpy() for state in self._states]
            numbers = self._judged(hidden[:-1].float(), torch.tensor(ids)) if self._head is not None else np.zeros((5, 0))
        return numbers, states[0] if states else np.zeros(0, np.float32)

    def _judged(self, hidden: Any, ids: Any) -> NDArray[np.float64]:
        import torch

        logits, wanted = hidden.to(self._head.dtype) @ self._head.T, ids[:, None]
        own = torch.linalg.vecdot(hidden, self._head[ids].float())[:, None]
        spans = [slice(i, i + _CHUNK) for i in range(0, len(ids), _CHUNK)]
        parts = [_chunk(logits[span].float(), wanted[span], own[span]) for span in spans]
        return torch.cat(parts, dim=1).double().numpy()


def _chunk(logits: Any, wanted: Any, own: Any) -> Any:
    """Turn logits (overwritten) into surprisal, log rank, entropy, variance and the best surprisal, shape (5, n_tokens).

    `own` are the logits of the tokens that stand there, in float32: coarser ones would tie with their neighbours in rank.
    """
    import torch

    logits.scatter_(1, wanted, own)
    pairs = zip(logits.numpy(), own[:, 0].tolist(), strict=True)
    rank = torch.tensor([np.count_nonzero(row > value) for row, value in pairs])
    top = logits.amax(dim=1, keepdim=True)
    logits.sub_(top)
    weight = logits.exp()
    total = weight.sum(dim=1)
    mean = torch.linalg.vecdot(weight, logits) / total
    square = torch.linalg.vecdot(weight.mul_(logits), logits) / total
    best = total.log()
    surprisal = best - (own - top)[:, 0]
    return torch.stack([surprisal, rank.float().log1p(), best - mean, (square - mean * mean).clamp_min(0), best])


def _kinds_of(tokenizer: Any) -> NDArray[np.bool_]:
    """Say of each token of the vocabulary whether it starts a word, is a mark, ends a sentence; shape (3, n_vocabulary)."""
    kinds = np.zeros((3, tokenizer.get_vocab_size()), bool)
    for token, i in tokenizer.get_vocab().items():
        bare = token.lstrip("ĠĊ▁")
        kinds[0, i] = token[:1] in "Ġ▁" and bare[:1].isalpha()
        kinds[1, i] = not any(character.isalnum() for character in bare)
        kinds[2, i] = token.endswith((".", "!", "?"))
    return kinds
