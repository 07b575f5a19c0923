"""Bootstrap draws as counts in bins: groups are drawn whole, so that texts that vary together do so in every draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.density import FloatArray, bin_counts

__all__ = ["drawn_counts", "spread_of"]


def drawn_counts(
    values: FloatArray, groups: NDArray[np.int64], n_draws: int, rng: np.random.Generator, *, first_as_is: bool = False
) -> FloatArray:
    """Draw a sample again and again, and count each draw in the bins.

    Parameters
    ----------
    values : ndarray, shape (n_texts,)
        In units of the ruler.
    groups : ndarray of int64, shape (n_texts,)
        Texts of one number are drawn together.
    n_draws : int
    rng : numpy.random.Generator
    first_as_is : bool
        Whether the first row is the sample itself.

    Returns
    -------
    ndarray, shape (n_draws, n_bins)
    """
    counts = bin_counts(values)
    names, place = np.unique(groups, return_inverse=True)
    if len(names) == len(values):
        draws = rng.multinomial(len(values), counts / counts.sum(), n_draws).astype(np.float64)
    else:
        draws = np.array([_one_draw(values, place.ravel(), len(names), rng) for _ in range(n_draws)])
    if first_as_is:
        draws[0] = counts
    return draws


def _one_draw(values: FloatArray, place: NDArray[np.int64], n_groups: int, rng: np.random.Generator) -> FloatArray:
    """Counts of one draw of whole groups."""
    times = np.bincount(rng.integers(0, n_groups, n_groups), minlength=n_groups)
    return bin_counts(values, times[place].astype(np.float64))


def spread_of(draws: FloatArray, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Percentile interval of each column of `draws`, shape (n_draws, n_columns)."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
