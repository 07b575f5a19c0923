"""Arithmetic of kinship: double centring with holes, weights of lineages, a soft maximum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["centred", "lineage_weights", "soft_maximum"]

_ROUNDS = 10


def centred(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take row means and weighted column means off tables that have holes.

    Parameters
    ----------
    values : ndarray, shape (n_tables, n_rows, n_columns)
        Nan where there is no value.
    weights : ndarray, shape (n_rows,)
        Weights of the rows in the column means; at least one above 0.

    Returns
    -------
    ndarray, shape of `values`
        What is left when the additive part, fitted by turns, is taken off; nan where there was no value.
    """
    there = ~np.isnan(values)
    filled = np.where(there, values, 0.0)
    per_row = np.maximum(there.sum(axis=2), 1)[..., None]
    share = there * weights[None, :, None]
    per_column = np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    columns = np.zeros((len(values), 1, values.shape[2]))
    rows = np.zeros((*values.shape[:2], 1))
    for _ in range(_ROUNDS):
        rows = (np.where(there, filled - columns, 0.0)).sum(axis=2, keepdims=True) / per_row
        columns = ((filled - rows) * share).sum(axis=1, keepdims=True) / per_column
    return np.where(there, filled - rows - columns, np.nan)


def lineage_weights(lineages: NDArray[np.str_], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return weights by which each lineage counts once among the chosen models; 0 for the others."""
    out = np.zeros(len(lineages))
    for lineage in np.unique(lineages[chosen]):
        members = chosen & (lineages == lineage)
        out[members] = 1 / members.sum()
    return out


def soft_maximum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the mean exponential over the last axis, holes left out: between mean and maximum."""
    there = ~np.isnan(values)
    count = there.sum(axis=-1)
    highest = np.max(np.where(there, values, -np.inf), axis=-1, initial=-np.inf)
    base = np.where(np.isfinite(highest), highest, 0.0)
    total = np.where(there, np.exp(np.where(there, values, 0.0) - base[..., None]), 0.0).sum(axis=-1)
    return np.where(count > 0, base + np.log(np.maximum(total, 1e-300) / np.maximum(count, 1)), np.nan)
