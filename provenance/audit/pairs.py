"""The pairs of answers that stand nearest: which words of the suspect's opening a teacher's answer shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.audit.panel import Panel
from provenance.audit.settings import CHANNELS
from provenance.audit.similarity import measure
from provenance.audit.sketch import BITS, sketch
from provenance.features.ngrams import channels, ngram_buckets
from provenance.features.tokens import TokenBatch, tokenise

__all__ = ["Pair", "nearest_pairs", "shared_pieces"]

OPENING = 0
"""Channel by which pairs are found: the words of the opening."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An answer of the suspect beside the nearest answer of a teacher to the same prompt.

    Attributes
    ----------
    prompt : int
        Place of the prompt in the panel.
    model : str
        The teacher's model.
    similarity, usual : float
        Cosine of the openings' n-grams, with the teacher's answer and, on average, with all reference answers.
    pieces : tuple of (str, bool)
        The suspect's answer, artefacts of storage removed; True where the words are shared with the teacher's opening.
    """

    prompt: int
    model: str
    similarity: float
    usual: float
    pieces: tuple[tuple[str, bool], ...]


def nearest_pairs(panel: Panel, texts: Sequence[str], prompts: NDArray[np.int64], teacher: str, n: int = 8) -> list[Pair]:
    """Find the prompts on which a suspect's opening stands nearest to a teacher's, above what is usual on the prompt.

    Parameters
    ----------
    panel : Panel
    texts : sequence of str
        The suspect's answers, one a prompt.
    prompts : ndarray of int64
        Places of the prompts in the panel.
    teacher : str
    n : int
        Pairs wanted.
    """
    own = [g for g, group in enumerate(panel.groups) if group.family == teacher and group.teacher]
    opening = measure(panel, sketch(texts), prompts)[:, :, OPENING] ** 2
    count = np.maximum((~np.isnan(opening)).sum(axis=1), 1)
    usual = np.nansum(opening, axis=1) / count
    near = np.nan_to_num(opening[:, own], nan=-1.0).max(axis=1)
    order = np.argsort(-(near - usual), kind="stable")[:n]
    pairs = [_pair(panel, texts[i], int(prompts[i]), own, float(usual[i])) for i in order]
    return [pair for pair in pairs if pair is not None]


def _pair(panel: Panel, text: str, prompt: int, own: Sequence[int], usual: float) -> Pair | None:
    rows = np.arange(panel.prompt_rows[prompt], panel.prompt_rows[prompt + 1])
    rows = rows[np.isin(panel.row_group[rows], own)]
    if not len(rows):
        return None
    mine = sketch([text]).bags[OPENING].of(0)
    cosines = [_cosine(mine, panel.bags[OPENING].of(int(row)), panel.idf[OPENING]) for row in rows]
    best = int(np.argmax(cosines))
    shared = panel.bags[OPENING].of(int(rows[best]))
    model = panel.models[int(panel.row_model[rows[best]])].name
    return Pair(prompt, model, cosines[best], usual, shared_pieces(text, shared))


def _cosine(a: NDArray[np.uint16], b: NDArray[np.uint16], idf: NDArray[np.float32]) -> float:
    both = np.intersect1d(a, b)
    norm = np.sqrt((idf[a] ** 2).sum() * (idf[b] ** 2).sum())
    return float((idf[both] ** 2).sum() / max(norm, 1e-9))


def shared_pieces(text: str, buckets: NDArray[np.uint16]) -> tuple[tuple[str, bool], ...]:
    """Cut a text into pieces that are, or are not, part of an opening n-gram among `buckets`."""
    batch = tokenise([text])
    marked = _marked(batch, buckets)
    raw = batch.data.tobytes().rstrip(b"\0")
    pieces: list[tuple[str, bool]] = []
    position = 0
    for first, last in _runs(marked):
        start, stop = int(batch.starts[first]), int(batch.ends[last])
        pieces += [(raw[position:start].decode("utf-8", "replace"), False), (raw[start:stop].decode("utf-8", "replace"), True)]
        position = stop
    pieces.append((raw[position:].decode("utf-8", "replace"), False))
    return tuple(piece for piece in pieces if piece[0])


def _marked(batch: TokenBatch, buckets: NDArray[np.uint16]) -> NDArray[np.bool_]:
    channel = CHANNELS[OPENING]
    n_tokens = len(batch.starts)
    limit = min(n_tokens, channel.first or n_tokens)
    marked = np.zeros(n_tokens, np.bool_)
    for one, found, _ in ngram_buckets(batch, channels(channel.kind, channel.low, channel.high), BITS):
        for place in np.flatnonzero(np.isin(found[: max(limit - one.n + 1, 0)], buckets)):
            marked[place : place + one.n] = True
    return marked


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
