"""Tuning of the style encoder on labelled windows."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.encoder import SEGMENT, StyleEncoder, packaged_layers, padded, pool, word_pieces
from provenance.detect.recipe import Recipe
from provenance.detect.sampling import Window
from provenance.errors import InputError

PAIRS = 16
"""Pairs of a text by a person and one by a model, both of one corpus, in a step."""
SHORTEST = 32
"""Word pieces of the shortest training segments; a step's length lies between this and a whole segment."""
_WARM_UP, _PIECES = 60, 320


def tune_encoder(
    windows: Sequence[Window],
    rows: NDArray[np.int64],
    recipe: Recipe,
    *,
    seed: int = 0,
    progress: Callable[[str], object] | None = None,
) -> StyleEncoder:
    """Tune layers and head on some of the windows.

    Every step reads pairs of one text by a person and one by a model from the same corpus, so that the corpus itself
    says nothing about the label. Corpora with one side only are left out. Corpora are drawn by the root of their size.

    Parameters
    ----------
    windows : sequence of Window
    rows : ndarray of int64
        Places of the windows that may be used.
    recipe : Recipe
        `encoder_layers`, `encoder_steps` and `encoder_rate` are read; small data take fewer steps, three times over it.
    seed : int
    progress : callable, optional
        Called with a short line every hundred steps.

    Raises
    ------
    InputError
        When no corpus holds both labels.
    """
    import torch

    torch.manual_seed(seed)
    tokenizer, model = packaged_layers(recipe.encoder_layers)
    for parameter in model.embeddings.parameters():
        parameter.requires_grad = False
    steps = _batches(windows, rows, tokenizer, np.random.default_rng(seed))
    n_steps = max(min(recipe.encoder_steps, 3 * len(rows) // (2 * PAIRS)), 1)
    head = torch.nn.Linear(model.config.hidden_size, 1)
    drop = torch.nn.Dropout(0.1)
    tuned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": tuned, "lr": recipe.encoder_rate}, {"params": head.parameters(), "lr": 1e-3}], weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, n_steps))
    model.train()
    running = math.log(2)
    for step in range(n_steps):
        pieces, labels = next(steps)
        logits = head(drop(pool(model, *padded(pieces)))).squeeze(1)  # (2 * PAIRS,)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(labels))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimiser.step()
        schedule.step()
        running += 0.02 * (loss.item() - running)
        if progress and step % 100 == 99:
            progress(f"tuning the encoder, step {step + 1} of {n_steps}, loss {running:.3f}")
    return _packed(model, head)


def tuned(
    windows: Sequence[Window],
    rows: NDArray[np.int64],
    recipe: Recipe,
    *,
    seed: int = 0,
    cache: Path | None = None,
    progress: Callable[[str], object] | None = None,
) -> StyleEncoder:
    """Tune an encoder, or take it from the folder `cache` where the same one has been tuned before; see `tune_encoder`."""
    if cache is None:
        return tune_encoder(windows, rows, recipe, seed=seed, progress=progress)
    from safetensors.numpy import load, save

    from provenance.writing import atomic_writer

    path = cache / f"encoder-{_key(windows, rows, recipe, seed)}.safetensors"
    if path.is_file():
        return StyleEncoder.from_tensors(load(path.read_bytes()))
    encoder = tune_encoder(windows, rows, recipe, seed=seed, progress=progress)
    cache.mkdir(parents=True, exist_ok=True)
    with atomic_writer(path) as file:
        file.write(save(encoder.to_tensors()))
    return encoder


def _key(windows: Sequence[Window], rows: NDArray[np.int64], recipe: Recipe, seed: int) -> str:
    digest = hashlib.sha256(repr((recipe.encoder_layers, recipe.encoder_steps, recipe.encoder_rate, seed)).encode())
    for i in rows:
        window = windows[i]
        digest.update(repr((window.corpus, window.machine, window.text)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _rate(step: int, n_steps: int) -> float:
    warm = min(1.0, (step + 1) / min(_WARM_UP, n_steps))
    return warm * max(0.02, 0.5 * (1 + math.cos(math.pi * step / n_steps)))


def _batches(
    windows: Sequence[Window], rows: NDArray[np.int64], tokenizer: Any, rng: np.random.Generator
) -> Iterator[tuple[list[list[int]], list[float]]]:
    cells: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for i in rows:
        cells[windows[i].corpus][windows[i].machine].append(int(i))
    names = sorted(name for name, sides in cells.items() if all(sides))
    if not names:
        raise InputError("no corpus holds texts of both labels; the encoder needs both within one corpus: add some")
    size = np.array([min(map(len, cells[name])) for name in names]) ** 0.5
    known: dict[int, list[int]] = {}
    while True:
        length = int(np.exp(rng.uniform(np.log(SHORTEST), np.log(SEGMENT))))
        pieces = []
        for k in rng.choice(len(names), PAIRS, p=size / size.sum()):
            for side in cells[names[k]]:
                i = side[rng.integers(len(side))]
                if i not in known:
                    known[i] = word_pieces(tokenizer, windows[i].text, _PIECES)
                first = rng.integers(0, max(len(known[i]) - length, 0) + 1)
                pieces.append(known[i][first : first + length])
        yield pieces, [0.0, 1.0] * PAIRS


def _packed(model: Any, head: Any) -> StyleEncoder:
    tensors: dict[str, NDArray] = {}
    for name, parameter in model.named_parameters():
        if not name.startswith("encoder."):
            continue
        values = parameter.detach().numpy()
        if values.ndim == 2:
            scale = np.maximum(np.abs(values).max(axis=1) / 127, 1e-12).astype(np.float32)
            tensors[name] = np.clip(np.rint(values / scale[:, None]), -127, 127).astype(np.int8)
            tensors[f"{name}.scale"] = scale
        else:
            tensors[name] = values.astype(np.float32)
    return StyleEncoder(tensors, head.weight.detach().numpy()[0].astype(np.float32), float(head.bias.detach()))
