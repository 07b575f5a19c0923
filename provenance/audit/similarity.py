"""How near one answer stands to reference answers on the same prompt: cosines of n-gram sets, and of style deviations.

A mean cosine is given as its square root, with its sign. Small similarities vary less than large ones, in proportion to
their size; the root brings their spreads nearer to each other. It was chosen by what it did on labelled models
(docs/audit.md), and does not keep a few copied answers from weighing much.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.audit.panel import Panel
from provenance.audit.sketch import BUCKETS, Bags, Sketches
from provenance.features.tokens import segment_sums

__all__ = ["group_means", "measure", "nearness", "rooted", "standardised"]

_CLIP = 4.0


def standardised(style: NDArray[np.float32], mean: NDArray[np.float32], sd: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return style measures in standard deviations, cut at 4 on both sides."""
    return np.clip((style - mean) / sd, -_CLIP, _CLIP)


def measure(panel: Panel, sketches: Sketches, prompts: NDArray[np.int64], without: int | None = None) -> NDArray[np.float32]:
    """Compare answers with the panel's, each with those to the same prompt.

    Parameters
    ----------
    panel : Panel
    sketches : Sketches
        One a prompt of `prompts`.
    prompts : ndarray of int64, shape (n,)
        Places of the prompts in the panel.
    without : int, optional
        Model of the panel that is left out of its group: the one that wrote the answers.

    Returns
    -------
    ndarray of float32, shape (n, n_groups, n_channels + 1)
        Signed square root of the mean similarity to each group, the style channel last; nan where the group has no answer.
    """
    style = standardised(sketches.style, panel.style_mean, panel.style_sd)
    out = np.full((len(prompts), len(panel.groups), len(panel.bags) + 1), np.nan, np.float32)
    dense = np.zeros(BUCKETS, np.float32)
    for i, prompt in enumerate(prompts):
        first, last = panel.prompt_rows[prompt], panel.prompt_rows[prompt + 1]
        kept = panel.row_model[first:last] != (-1 if without is None else without)
        groups = panel.row_group[first:last][kept]
        for c, (bags, idf) in enumerate(zip(panel.bags, panel.idf, strict=True)):
            values = _cosines(sketches.bags[c].of(i), bags, int(first), int(last), idf, dense)
            out[i, :, c] = group_means(values[kept], groups, len(panel.groups))
        values = _style_cosines(style[i], panel.style[first:last])
        out[i, :, -1] = group_means(values[kept], groups, len(panel.groups))
    return rooted(out)


def nearness(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Average over prompts and groups how near whole answers stand to the panel's.

    Parameters
    ----------
    values : ndarray, shape (..., n_prompts, n_groups, n_channels + 1)
        Of `measure`.

    Returns
    -------
    ndarray of float64, shape (...)
        0 where there is no answer at all.
    """
    whole = values[..., -2].astype(np.float64)  # the last n-gram channel reads whole answers
    there = ~np.isnan(whole)
    return np.nansum(whole, axis=(-2, -1)) / np.maximum(there.sum(axis=(-2, -1)), 1)


def rooted(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return square roots of the absolute values, with the signs of the values."""
    return np.sign(values) * np.sqrt(np.abs(values))


def group_means(values: NDArray[np.float32], groups: NDArray[np.int64], n: int) -> NDArray[np.float32]:
    """Return the mean of the values of each of `n` groups; nan for a group without any."""
    counts = np.bincount(groups, minlength=n)
    sums = np.bincount(groups, weights=values, minlength=n)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32)


def _cosines(
    own: NDArray[np.uint16], bags: Bags, first: int, last: int, idf: NDArray[np.float32], dense: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Cosines of one set of buckets with those of some rows; `dense` comes and goes as zeros."""
    start, stop = bags.offsets[first], bags.offsets[last]
    theirs = bags.buckets[start:stop]
    squares = idf[theirs] ** 2
    offsets = bags.offsets[first : last + 1] - start
    dense[own] = 1.0
    shared = segment_sums(squares * dense[theirs], offsets)
    dense[own] = 0.0
    norms = np.sqrt(segment_sums(squares, offsets) * (idf[own] ** 2).sum())
    return shared / np.maximum(norms, 1e-9)


def _style_cosines(own: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines of deviations from the mean of the panel's answers to the prompt."""
    if not len(theirs):
        return np.zeros(0, np.float32)
    centre = theirs.mean(axis=0)
    rest, mine = theirs - centre, own - centre
    norms = np.linalg.norm(rest, axis=1) * np.linalg.norm(mine)
    return (rest @ mine) / np.maximum(norms, 1e-9)
