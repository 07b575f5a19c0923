"""Which stretches of a text moved the score: exact contributions of its n-grams, mapped to characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.detect.linear import LinearModel
from provenance.detect.result import Span
from provenance.features.tokens import TokenBatch, tokenise
from provenance.text import normalise_with_offsets

MAX_SPANS = 12
_LONGEST = 8


def token_weights(model: LinearModel, batch: TokenBatch) -> NDArray[np.float64]:
    """Share the log-odds of the n-grams of one text among the tokens they cover.

    The contribution of an n-gram is divided evenly among its occurrences, and each part among the tokens of the
    occurrence, so the result sums to the n-gram part of the score exactly.

    Returns
    -------
    ndarray of float64, shape (n_tokens,)
    """
    found = [(channel.n, keys, starts) for channel, keys, starts in model.hits(batch)]
    all_keys = np.concatenate([keys for _, keys, _ in found])
    counts = np.bincount(all_keys, minlength=max(len(model.buckets), 1))
    weights = np.zeros(len(batch.hashes))
    scale = model.unit / np.sqrt(max(len(batch.hashes), 1))
    for n, keys, starts in found:
        part = model.weights.take(keys) * scale / counts.take(keys) / n
        for step in range(n):
            np.add.at(weights, starts + step, part)
    return weights


def explain(model: LinearModel, text: str) -> tuple[Span, ...]:
    """Return the stretches with the largest contributions, in order of position.

    A stretch is a run of neighbouring tokens whose contributions have one sign, cut at its weakest places to at most
    eight tokens.
    """
    normalised, origin = normalise_with_offsets(text)
    batch = tokenise([normalised], normalised=True)
    if not len(batch.hashes):
        return ()
    weights = token_weights(model, batch)
    starts, ends = _characters(batch, normalised)
    spans = []
    for first, last in _runs(weights):
        begin, end = origin[starts[first]], origin[ends[last] - 1] + 1
        spans.append(Span(begin, end, text[begin:end], round(float(weights[first : last + 1].sum()), 4)))
    strongest = sorted(spans, key=lambda span: (-abs(span.weight), span.start))[:MAX_SPANS]
    return tuple(sorted(strongest, key=lambda span: span.start))


def _characters(batch: TokenBatch, text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Turn byte places into character places."""
    lead = (batch.data & 0xC0) != 0x80
    before = np.concatenate([[0], np.cumsum(lead)])
    return before[batch.starts], before[batch.ends]


def _runs(weights: NDArray[np.float64]) -> list[tuple[int, int]]:
    sign = np.sign(weights)
    edges = np.flatnonzero(np.diff(sign)) + 1
    bounds = np.concatenate([[0], edges, [len(weights)]])
    runs = []
    for first, stop in zip(bounds[:-1], bounds[1:], strict=True):
        for start in range(int(first), int(stop), _LONGEST):
            runs.append((start, min(start + _LONGEST, int(stop)) - 1))
    return runs
