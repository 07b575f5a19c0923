"""Estimators of a class's share from one score a text: the published ones, side by side.

All work on counts in bins and take any number of bootstrap draws at once. Each assumes that the references are like the two
sides of the corpus; `provenance.corpus.mixture` does not.
"""

from __future__ import annotations

import numpy as np

from provenance.corpus.density import EDGES, FloatArray, smoothed

__all__ = ["ESTIMATORS", "calibrated_posterior", "estimate_all", "likelihood_share"]

ESTIMATORS = (
    "classify_and_count",
    "adjusted_count",
    "probabilistic_adjusted_count",
    "expectation_maximisation",
    "kernel_mixture",
)
"""Names, in the order of the columns of `estimate_all`; the first is there as a warning, it is biased by design."""

STEPS = 40
LEAST_GAP = 0.02


def calibrated_posterior(human: FloatArray, machine: FloatArray) -> FloatArray:
    """Probability of a machine text in each bin at even odds, by logistic regression (Platt 1999).

    Parameters
    ----------
    human, machine : ndarray, shape (n_bins,)
        Counts or mass of the references; each side weighs the same.

    Returns
    -------
    ndarray, shape (n_bins,)
    """
    x = (EDGES[1:] + EDGES[:-1]) / 2
    weights = np.concatenate([human / human.sum(), machine / machine.sum()]) * 100
    rows = np.column_stack([np.ones(2 * len(x)), np.concatenate([x, x])])
    target = np.repeat([0.0, 1.0], len(x))
    beta = np.zeros(2)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(rows @ beta, -30, 30)))
        gradient = rows.T @ (weights * (target - p)) - 1e-3 * beta
        curve = (rows * (weights * p * (1 - p))[:, None]).T @ rows + 1e-3 * np.eye(2)
        step = np.linalg.solve(curve, gradient)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return 1 / (1 + np.exp(-np.clip(beta[0] + beta[1] * x, -30, 30)))


def estimate_all(human: FloatArray, machine: FloatArray, corpus: FloatArray, posterior: FloatArray) -> FloatArray:
    """Estimate the share of machine texts by each of `ESTIMATORS`.

    Parameters
    ----------
    human, machine, corpus : ndarray, shape (n_draws, n_bins)
        Counts of the references and of the corpus, a row a bootstrap draw.
    posterior : ndarray, shape (n_bins,)
        From `calibrated_posterior`, fitted once.

    Returns
    -------
    ndarray, shape (n_draws, 5)
        Shares in [0, 1]: classify and count; adjusted count (Forman 2008); probabilistic adjusted count (Bella et al.
        2010); EM with calibrated posteriors (Saerens, Latinne and Decaestecker 2002); maximum likelihood of a mixture of
        two kernel densities (KDEy-ML, Moreo, Gonzalez and del Coz 2025).
    """
    h, m, c = (counts / counts.sum(axis=1, keepdims=True) for counts in (human, machine, corpus))
    hard = (posterior > 0.5).astype(np.float64)
    ratio = np.broadcast_to(posterior / (1 - posterior), c.shape)
    kernels = smoothed(machine) / smoothed(human)
    return np.column_stack(
        [
            c @ hard,
            _adjusted(h @ hard, m @ hard, c @ hard),
            _adjusted(h @ posterior, m @ posterior, c @ posterior),
            likelihood_share(ratio, corpus),
            likelihood_share(kernels, corpus),
        ]
    )


def _adjusted(human: FloatArray, machine: FloatArray, corpus: FloatArray) -> FloatArray:
    """Solve ``corpus = (1 - share) * human + share * machine``; where the sides are one, nothing is adjusted."""
    gap = machine - human
    share = np.where(np.abs(gap) < LEAST_GAP, corpus, (corpus - human) / np.where(np.abs(gap) < LEAST_GAP, 1, gap))
    return np.clip(share, 0, 1)


def likelihood_share(ratio: FloatArray, counts: FloatArray) -> FloatArray:
    """Share that makes the corpus likeliest, where each text's machine-to-human density ratio is known.

    Parameters
    ----------
    ratio, counts : ndarray, shape (n_draws, n_bins)
        Density ratio in each bin, and texts in it.

    Returns
    -------
    ndarray, shape (n_draws,)
        The log-likelihood ``sum(counts * log(1 + share * (ratio - 1)))`` is concave: its top is found by bisection.
    """
    excess = ratio - 1
    low, high = np.zeros(len(counts)), np.ones(len(counts))
    for _ in range(STEPS):
        middle = (low + high) / 2
        slope = (counts * excess / (1 + middle[:, None] * excess)).sum(axis=1)
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    return (low + high) / 2
