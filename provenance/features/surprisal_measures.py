"""Named measures of how surprising a text is to a language model, from what the model says of its tokens.

Mean log-probability, log-rank and entropy are those of GLTR (Gehrmann et al. 2019) and DetectGPT (Mitchell et al. 2023);
their quotient is that of DetectLLM (Su et al. 2023); the conditional curvature is Fast-DetectGPT's (Bao et al. 2024) with
one model for both parts; the diversity entropy over scales follows Lastde (Xu et al. 2024).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from provenance.features.surprisal_tokens import TokenTrace

__all__ = ["MEASURES", "measure"]

_TINY = 1e-3
_TOP = (1, 10, 100, 1000)
_QUANTILES = (5, 10, 25, 50, 75, 90, 95)
_WINDOWS = (5, 10, 20)
_SCALES = (1, 2, 5)
_BINS = 20
_SHORTEST_SENTENCE = 3

Measured = dict[str, float]
Array = NDArray[np.float64]


def measure(trace: TokenTrace) -> NDArray[np.float32]:
    """Measure one text.

    Returns
    -------
    ndarray of float32, shape (n_measures,)
        In the order of `MEASURES`. All zero for a text without a token.
    """
    return np.array(list(_measured(trace).values()), np.float32) if len(trace) else np.zeros(len(MEASURES), np.float32)


def _measured(trace: TokenTrace) -> Measured:
    return {name: value for part in _PARTS for name, value in part(trace).items()}


def _levels(t: TokenTrace) -> Measured:
    less = t.entropy - t.surprisal
    return {
        "log_prob": -t.surprisal.mean(),
        "log_rank": t.log_rank.mean(),
        "entropy": t.entropy.mean(),
        "surprisal_per_log_rank": t.surprisal.mean() / (t.log_rank.mean() + _TINY),
        "log_prob_minus_expected": less.mean(),
        "surprisal_per_entropy": t.surprisal.mean() / (t.entropy.mean() + _TINY),
        "curvature": less.sum() / np.sqrt(t.variance.sum() + _TINY),
        "curvature_per_token": less.sum() / np.sqrt(t.variance.sum() * len(t) + _TINY),
        "expected_sd": np.sqrt(t.variance).mean(),
        "best_log_prob": -t.best.mean(),
        "gap_to_best": (t.surprisal - t.best).mean(),
        "absolute_deviation": abs(less).mean(),
        "mean_log_surprisal": np.log1p(t.surprisal).mean(),
    }


def _shares(t: TokenTrace) -> Measured:
    rank = np.expm1(t.log_rank)
    beyond = t.surprisal > t.entropy + 2 * np.sqrt(t.variance + _TINY)
    return {
        **{f"top_{k}": (rank < k - 0.5).mean() for k in _TOP},
        "below_expected": (t.surprisal < t.entropy).mean(),
        "far_above_expected": beyond.mean(),
        "confident": (t.entropy < 1).mean(),
        "surprisal_where_confident": _mean_where(t.surprisal, t.entropy < 1),
        "surprisal_where_unsure": _mean_where(t.surprisal, t.entropy > 4),
    }


def _spread(t: TokenTrace) -> Measured:
    centred, sd = t.surprisal - t.surprisal.mean(), t.surprisal.std()
    scaled = (t.entropy - t.surprisal) / np.sqrt(t.variance + 0.01)
    return {
        "surprisal_sd": sd,
        "surprisal_cv": sd / (t.surprisal.mean() + _TINY),
        "surprisal_skew": (centred**3).mean() / (sd**3 + _TINY),
        "log_rank_sd": t.log_rank.std(),
        "entropy_sd": t.entropy.std(),
        "log_surprisal_sd": np.log1p(t.surprisal).std(),
        "scaled_mean": scaled.mean(),
        "scaled_sd": scaled.std(),
        "scaled_q5": np.quantile(scaled, 0.05),
        "surprisal_max": t.surprisal.max(),
        **{f"surprisal_q{q}": np.quantile(t.surprisal, q / 100) for q in _QUANTILES},
        **{f"entropy_q{q}": np.quantile(t.entropy, q / 100) for q in (10, 50, 90)},
    }


def _course(t: TokenTrace) -> Measured:
    s, h = t.surprisal, t.entropy
    together = ((s - s.mean()) * (h - h.mean())).mean() / (s.std() * h.std() + 0.01)
    return {
        **{f"surprisal_lag_{k}": _lagged(s, k) for k in (1, 2, 3)},
        "log_rank_lag_1": _lagged(t.log_rank, 1),
        "entropy_lag_1": _lagged(h, 1),
        "surprisal_step": _step(s),
        "surprisal_step_relative": _step(s) / (s.mean() + _TINY),
        "surprisal_bend": _step(np.diff(s)),
        "log_rank_step": _step(t.log_rank),
        "entropy_step": _step(h),
        "surprisal_with_entropy": together,
        **{f"window_{w}_sd": _scaled_down(s, w).std() for w in _WINDOWS},
        **{f"diversity_{scale}": _diversity(_scaled_down(s, scale)) for scale in _SCALES},
    }


def _places(t: TokenTrace) -> Measured:
    quarter = max(len(t) // 4, 1)
    first, last = t.surprisal[:quarter].mean(), t.surprisal[-quarter:].mean()
    return {
        "log_tokens": float(np.log(len(t))),
        "surprisal_opening": t.surprisal[:16].mean(),
        "surprisal_first_quarter": first,
        "surprisal_last_quarter": last,
        "surprisal_fall": first - last,
    }


def _sentences(t: TokenTrace) -> Measured:
    cuts = np.unique(np.concatenate([[0], np.flatnonzero(t.ends_sentence) + 1, [len(t)]]))
    parts = [t.surprisal[a:b] for a, b in zip(cuts[:-1], cuts[1:], strict=True) if b - a >= _SHORTEST_SENTENCE]
    means = np.array([part.mean() for part in parts] or [t.surprisal.mean()])
    return {
        "sentence_sd": means.std(),
        "sentence_max": means.max(),
        "sentence_min": means.min(),
        "sentence_step": _step(means),
        "sentence_length_sd": float(np.log([len(part) for part in parts] or [1]).std()),
    }


def _kinds(t: TokenTrace) -> Measured:
    kinds = {"words": t.starts_word, "marks": t.is_mark, "pieces": ~(t.starts_word | t.is_mark)}
    out: Measured = {}
    for name, mask in kinds.items():
        out[f"surprisal_{name}"] = _mean_where(t.surprisal, mask)
        out[f"log_prob_minus_expected_{name}"] = _mean_where(t.entropy - t.surprisal, mask)
        out[f"entropy_{name}"] = _mean_where(t.entropy, mask)
        out[f"share_{name}"] = mask.mean()
    return out


def _mean_where(values: Array, mask: NDArray[np.bool_]) -> float:
    """Average where the mask holds, drawn towards the average of all as if two of its tokens more were there."""
    return (values[mask].sum() + 2 * values.mean()) / (mask.sum() + 2)


def _lagged(values: Array, lag: int) -> float:
    centred = values - values.mean()
    return (centred[lag:] * centred[:-lag]).mean() / (centred.var() + _TINY) if len(values) > lag else 0.0


def _step(values: Array) -> float:
    return abs(np.diff(values)).mean() if len(values) > 1 else 0.0


def _scaled_down(values: Array, scale: int) -> Array:
    n = len(values) // scale
    return values[: n * scale].reshape(n, scale).mean(axis=1) if n else values[:1]


def _diversity(values: Array, size: int = 3) -> float:
    """Entropy, 0 to 1, of how alike neighbouring stretches of `size` values are."""
    if len(values) < size + 2:
        return 0.0
    views = np.lib.stride_tricks.sliding_window_view(values, size)
    lengths = np.sqrt((views**2).sum(axis=1)) + 1e-6
    alike = (views[1:] * views[:-1]).sum(axis=1) / (lengths[1:] * lengths[:-1])
    shares = np.histogram(alike, _BINS, (-1, 1))[0] / len(alike)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum() / np.log(_BINS))


_PARTS: tuple[Callable[[TokenTrace], Measured], ...] = (_levels, _shares, _spread, _course, _places, _sentences, _kinds)


def _names() -> tuple[str, ...]:
    one, no = np.zeros(1), np.zeros(1, bool)
    return tuple(_measured(TokenTrace(one, one, one, one, one, no, no, no)))


MEASURES: tuple[str, ...] = _names()
"""The names of the measures. Surprisal, entropy and their kin are in nats; shares, lags and diversities lie within 0 and 1
(lags within -1 and 1)."""
