"""Which stretches of a text moved the score: exact contributions of its n-grams, mapped to characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.detect.linear import LinearModel, unpack_rates
from provenance.detect.result import Span
from provenance.features.tokens import TokenBatch, tokenise
from provenance.text import normalise_with_offsets

MAX_SPANS = 12
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Occurrences of known n-grams in one text.

    Attributes
    ----------
    starts, sizes : ndarray of int64, shape (n_occurrences,)
        First token and number of tokens.
    places : ndarray of int64, shape (n_occurrences,)
        Place in the model's n-gram list.
    parts : ndarray of float64, shape (n_occurrences,)
        Log-odds of the n-gram, divided evenly among its occurrences.
    """

    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    places: NDArray[np.int64]
    parts: NDArray[np.float64]


def occurrences(model: LinearModel, batch: TokenBatch) -> Occurrences:
    """Find the n-grams of a batch that holds one text."""
    found = [(np.full(len(keys), channel.n), keys, starts) for channel, keys, starts in model.hits(batch)]
    sizes, places, starts = (np.concatenate(column) for column in zip(*found, strict=True))
    counts = np.bincount(places, minlength=max(len(model.buckets), 1))
    scale = model.unit / np.sqrt(max(len(batch.hashes), 1))
    return Occurrences(starts, sizes, places, model.weights.take(places) * scale / counts.take(places))


def token_weights(model: LinearModel, batch: TokenBatch) -> NDArray[np.float64]:
    """Share the log-odds of the n-grams of one text among the tokens they cover.

    The contribution of an n-gram is divided evenly among its occurrences, and each part among the tokens of the
    occurrence, so the result sums to the n-gram part of the score exactly.

    Returns
    -------
    ndarray of float64, shape (n_tokens,)
    """
    return _spread(occurrences(model, batch), len(batch.hashes))


def _spread(found: Occurrences, n_tokens: int) -> NDArray[np.float64]:
    weights = np.zeros(n_tokens)
    for n in np.unique(found.sizes):
        mine = found.sizes == n
        for step in range(n):
            np.add.at(weights, found.starts[mine] + step, found.parts[mine] / n)
    return weights


def explain(model: LinearModel, text: str) -> tuple[Span, ...]:
    """Return the stretches with the largest contributions, in order of position.

    A stretch is a run of neighbouring tokens whose contributions have one sign, cut at its weakest places to at most
    eight tokens. With each stands how often people and models use its weightiest n-gram.
    """
    normalised, origin = normalise_with_offsets(text)
    batch = tokenise([normalised], normalised=True)
    if not len(batch.hashes):
        return ()
    found = occurrences(model, batch)
    weights = _spread(found, len(batch.hashes))
    runs = [(first, last, float(weights[first : last + 1].sum())) for first, last in _runs(weights)]
    strongest = sorted(runs, key=lambda run: (-abs(run[2]), run[0]))[:MAX_SPANS]
    starts, ends = _characters(batch, normalised)
    spans = []
    for first, last, weight in sorted(strongest):
        begin, end = origin[starts[first]], origin[ends[last] - 1] + 1
        spans.append(Span(begin, end, text[begin:end], round(weight, 4), *_rates(model, found, (first, last, weight))))
    return tuple(spans)


def _rates(model: LinearModel, found: Occurrences, run: tuple[int, int, float]) -> tuple[float, ...]:
    """Look up how often the n-gram that adds most to a run is used; nothing where the run holds none."""
    first, last, weight = run
    inside = np.flatnonzero((found.starts <= last) & (found.starts + found.sizes > first))
    if not len(inside):
        return ()
    best = inside[np.argmax(found.parts[inside] * np.sign(weight))]
    return tuple(round(float(rate), 5) for rate in unpack_rates(model.rates[found.places[best]]))


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
