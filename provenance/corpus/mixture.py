"""Share of machine text as a mixture: the human side is known from a reference, the machine side only roughly.

What fails silently under shift is a machine side that is taken as known: a model that writes closer to people than the one
in the reference moves every estimate. Here it is a normal distribution whose place and width are unknown. What is known of
them is a prior: how far machine texts lie from human texts of the same source, over many corpora (`panel`), or near the
user's own machine reference. Where the corpus holds many machine texts, it shows their place by itself; where it
holds few, the prior keeps the answer honest. Given both, the posterior of the share is summed over all places and widths
on a grid, and averaged over bootstrap draws of the reference, groups drawn whole (bagged posteriors: Buehlmann 2014).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provenance.corpus.density import FloatArray, normal_mass, smoothed

__all__ = ["MachinePrior", "SharePosterior", "share_posterior"]

SHARES: FloatArray = np.concatenate([[0.0, 0.0025, 0.005, 0.01, 0.015], np.arange(0.02, 0.98, 0.025), [0.98, 0.99, 0.995, 1.0]])
SHAPE_LIMIT = 1000.0
"""Documents at which chance and the unknown shape of the curves weigh the same; n of them count as n / (1 + n / limit)."""
OUTLIERS = 0.02
NEAREST = 0.7
"""Distance below which machine texts could not be told from human ones at all."""


@dataclass(frozen=True, slots=True)
class MachinePrior:
    """What is known beforehand of where machine texts lie, in units of the human reference.

    Attributes
    ----------
    distance : float
        Likeliest distance of their mean from that of human texts.
    near, far : float
        Standard deviations of the distance: if the prior's ground (a reference) is like the corpus, and if it is not.
    doubt : float
        Probability that it is not, in [0, 1].
    width, log_width_sd : float
        Standard deviation of the scores of machine texts, and the spread of its logarithm.
    """

    distance: float
    near: float
    far: float
    doubt: float
    width: float
    log_width_sd: float

    def grid(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Distances, widths and log prior of a grid, each of shape (n_places,)."""
        lowest = max(self.distance - 2.4 * self.far, NEAREST)
        distances = np.linspace(lowest, max(self.distance, lowest) + 2.4 * self.far, 19)
        spread = np.linspace(-1.5, 1.5, 3)
        off = distances - self.distance
        near = (1 - self.doubt) / self.near * np.exp(-0.5 * (off / self.near) ** 2)
        far = self.doubt / self.far * np.exp(-0.5 * (off / self.far) ** 2)
        prior = np.log(near + far + 1e-12)[:, None] - 0.5 * spread**2
        widths = np.broadcast_to(self.width * np.exp(self.log_width_sd * spread), prior.shape)
        return np.repeat(distances, len(spread)), widths.ravel(), prior.ravel()


@dataclass(frozen=True, slots=True)
class SharePosterior:
    """What is believed of the share after the corpus was seen.

    Attributes
    ----------
    shares, mass : ndarray, shape (n_shares,)
        Grid of shares, and the probability of each.
    machine : ndarray, shape (n_bins,)
        Probability that a text in each bin is a machine's; it never falls as the score rises.
    fit : float
        Mean log-likelihood a document of the best mixture.
    """

    shares: FloatArray
    mass: FloatArray
    machine: FloatArray
    fit: float

    @property
    def mean(self) -> float:
        """Posterior mean of the share."""
        return float(self.mass @ self.shares)

    @property
    def mode(self) -> float:
        """Share of highest posterior density."""
        return float(self.shares[np.argmax(self.mass / _cells(self.shares))])

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Interval of highest posterior density that holds `level` of the probability."""
        order = np.argsort(-self.mass / _cells(self.shares), kind="stable")
        inside = order[: int(np.searchsorted(np.cumsum(self.mass[order]), level)) + 1]
        return float(self.shares[inside].min()), float(self.shares[inside].max())


def share_posterior(human_draws: FloatArray, corpus: FloatArray, prior: MachinePrior) -> SharePosterior:
    """Posterior of the share of machine texts.

    Parameters
    ----------
    human_draws : ndarray, shape (n_draws, n_bins)
        Counts of the human reference in the bins of `density.EDGES`, one row a bootstrap draw.
    corpus : ndarray, shape (n_bins,)
        Counts of the corpus.
    prior : MachinePrior

    Returns
    -------
    SharePosterior
    """
    distances, widths, log_prior = prior.grid()
    machine = (1 - OUTLIERS) * normal_mass(distances, widths) + OUTLIERS * normal_mass(distances, 2 * widths)
    n = corpus.sum()
    used = np.flatnonzero(corpus)
    counts = corpus[used] / (1 + n / SHAPE_LIMIT)
    mass, belief, fit = np.zeros(len(SHARES)), np.zeros(corpus.shape[0]), []
    for human in smoothed(human_draws):
        mixed = (1 - SHARES)[:, None, None] * human[used] + SHARES[:, None, None] * machine[:, used]
        likelihood = np.log(mixed) @ counts
        post = likelihood + log_prior + np.log(_cells(SHARES))[:, None]
        post = np.exp(post - post.max())
        post /= post.sum()
        mass += post.sum(axis=1) / len(human_draws)
        best = machine.T @ post.sum(axis=0)
        share = float(post.sum(axis=1) @ SHARES)
        belief += share * best / ((1 - share) * human + share * best) / len(human_draws)
        fit.append(float(likelihood.max() / counts.sum()))
    return SharePosterior(SHARES, mass, _rising(belief), float(np.mean(fit)))


def _rising(belief: FloatArray) -> FloatArray:
    """Make beliefs rise with the score, where the tails of the curves, of which nothing is known, would have them fall."""
    top = int(np.argmax(belief))
    below = np.minimum.accumulate(belief[: top + 1][::-1])[::-1]
    return np.concatenate([below, np.full(len(belief) - top - 1, belief[top])])


def _cells(shares: FloatArray) -> FloatArray:
    """Length of the stretch that each grid point stands for."""
    middle = np.concatenate([[shares[0]], (shares[1:] + shares[:-1]) / 2, [shares[-1]]])
    return np.diff(middle)
