"""Distributions of scores on a common ruler: one unit is a standard deviation of the human reference, 0 is its mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["EDGES", "FloatArray", "Ruler", "bin_counts", "normal_mass", "smoothed"]

FloatArray = NDArray[np.float64]

EDGES: FloatArray = np.arange(-6.0, 16.01, 0.25)
"""Edges of the bins, in units of the ruler; what lies outside counts in the outermost bins."""

FAR = 2.5
FLOOR = 0.015
"""Share of a wide normal in every smoothed density, so that no score is impossible."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where 0 lies and how long a unit is.

    Attributes
    ----------
    mean, sd : float
        Of the human reference's scores.
    """

    mean: float
    sd: float

    @classmethod
    def of(cls, human: FloatArray) -> Ruler:
        """Take the ruler from scores of texts by people, shape (n_texts,)."""
        sd = float(human.std())
        return cls(float(human.mean()), sd if sd > 1e-9 else 1.0)

    def measure(self, scores: FloatArray) -> FloatArray:
        """Give scores in units of the ruler."""
        return (scores - self.mean) / self.sd


def bin_counts(values: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Count values in the bins, shape (len(EDGES) - 1,)."""
    inside = np.clip(values, EDGES[0], EDGES[-1] - 1e-9)
    return np.histogram(inside, EDGES, weights=weights)[0].astype(np.float64)


def normal_mass(mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Mass of normal distributions in each bin; shape (..., len(EDGES) - 1) for `mean` and `sd` of shape (...)."""
    from scipy.special import ndtr

    at = ndtr((EDGES - mean[..., None]) / sd[..., None])
    at[..., 0], at[..., -1] = 0.0, 1.0
    return np.diff(at, axis=-1)


def smoothed(draws: FloatArray) -> FloatArray:
    """Density of samples by Gaussian kernels with Silverman's bandwidth, as mass in each bin.

    Parameters
    ----------
    draws : ndarray, shape (n_draws, n_bins)
        Texts, or their weights, in each bin; draws of one sample, which get one bandwidth.

    Returns
    -------
    ndarray, shape (n_draws, n_bins)
        Each row sums to 1 and is nowhere 0.
    """
    centres = (EDGES[1:] + EDGES[:-1]) / 2
    share = draws / draws.sum(axis=1, keepdims=True)
    typical = share.mean(axis=0)
    mean = float(typical @ centres)
    sd = max(float(np.sqrt(typical @ (centres - mean) ** 2)), 0.05)
    bandwidth = 0.9 * sd * max(float(draws.sum(axis=1).mean()), 2.0) ** -0.2
    kernels = normal_mass(centres, np.full(len(centres), bandwidth))
    wide = normal_mass(np.array(mean), np.array(FAR * sd))
    mass = (1 - FLOOR) * (share @ kernels) + FLOOR * wide + 1e-9
    return mass / mass.sum(axis=1, keepdims=True)
