"""Kinship: how much nearer a model stands to a teacher than its rivals do, beyond what controls show.

On each shared prompt an answer is compared with the answers of groups of reference models, channel by channel. Then

1. *double centring*: a group's mean over the panel's models and the model's mean over groups are taken off, so that
   neither a talkative model nor a typical teacher stands near everything;
2. each channel is put on the scale of its residuals in the panel, and the channels are averaged by fixed weights;
3. *rivals*: from the residual to a teacher the soft maximum of the residuals to the other known families is taken off,
   people among them. A model that is merely plain stands as near to models taught by people as to ChatGPT;
4. the mean of the controls, models known to have no tie to the teacher, is taken off, each lineage counting once.

The result is given in standard deviations of the null: all pairs of a control model and a teacher that the control has no
tie to. Its p-value is its rank among them. Relatives of a rival's own models are left out of the null: step 3 puts them far
from every other teacher by construction, and they would make a small p-value cheap.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.audit.centring import centred, lineage_weights, soft_maximum
from provenance.audit.panel import PEOPLE, Panel
from provenance.audit.settings import CHANNELS, STYLE_WEIGHT

__all__ = ["Kinships", "kinships", "null_teachers"]

_ROWS = 64
SHARES: tuple[float, ...] = (*(channel.weight for channel in CHANNELS), STYLE_WEIGHT)
"""Weights of the channels as the settings have them, style last."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Kinships:
    """Kinship of one suspect and of all models of the panel to each teacher.

    Attributes
    ----------
    teachers : tuple of str
    suspect : ndarray, shape (n_teachers,)
    draws : ndarray, shape (n_draws, n_teachers)
        The suspect's, over bootstrap draws of the prompts.
    models : ndarray, shape (n_models, n_teachers)
        The panel's models'; nan where it cannot be measured.
    control : ndarray of bool, shape (n_models, n_teachers)
        Whether a model is a control of a teacher in this audit.
    null : ndarray, shape (n_pairs,)
        Kinships of all pairs of a control and a teacher, ascending.
    eras : ndarray, shape (n_groups,)
        The suspect's kinship to each group, on the scale of the group's family.
    rivals : ndarray of int, shape (n_teachers,)
        Rival families of each teacher that the suspect was compared with.
    """

    teachers: tuple[str, ...]
    suspect: Values
    draws: Values
    models: Values
    control: NDArray[np.bool_]
    null: Values
    eras: Values
    rivals: NDArray[np.int64]

    def rank(self, value: float) -> int:
        """Place of a kinship among the null pairs: 1 where none is as large."""
        return 1 + int(len(self.null) - np.searchsorted(self.null, value, side="left"))


def null_teachers(panel: Panel) -> tuple[str, ...]:
    """Teachers whose controls make the null: those that stand as rivals, as what taught them is known."""
    rivals = {group.family for group in panel.groups if group.rival} - {PEOPLE}
    return tuple(teacher for teacher in panel.teachers if teacher in rivals)


def kinships(
    panel: Panel,
    measured: NDArray[np.float32],
    prompts: NDArray[np.int64],
    *,
    related: Collection[str] = (),
    draws: int = 300,
    seed: int = 0,
    shares: Sequence[float] = SHARES,
) -> Kinships:
    """Measure the kinship of a suspect.

    Parameters
    ----------
    panel : Panel
    measured : ndarray, shape (n, n_groups, n_channels + 1)
        As `provenance.audit.similarity.measure` gives them.
    prompts : ndarray of int64, shape (n,)
        Places of the prompts in the panel.
    related : collection of str
        Lineages of the panel that the suspect belongs to: they are no controls of it, and no background.
    draws : int
        Bootstrap draws over prompts; 0 for none.
    seed : int
        Of the draws.
    shares : sequence of float
        Weight of each channel; those of the settings where none are given.

    References
    ----------
    Double centring as in classical scaling: Torgerson, Psychometrika 17 (1952).
    """
    every = np.concatenate([measured[None], panel.measured(prompts)])
    weights = _draw_weights(len(prompts), draws, seed)
    foreign = ~np.isin(panel.lineages, list(related))
    control = panel.controls & foreign[:, None]
    background = np.concatenate([[0.0], lineage_weights(panel.lineages, foreign)])
    values, eras = [], np.zeros(0)
    for first in range(0, len(weights), _ROWS):
        residuals = _residuals(every, weights[first : first + _ROWS], background, shares)
        closeness = _family_closeness(panel, residuals)
        values.append(_off_controls(panel, closeness, control))
        if first == 0:
            eras = _eras(panel, residuals[0], closeness[0], control)
    all_values = np.concatenate(values)
    null = _null(panel, all_values[0, 1:], control)
    unit = float(null.std()) if len(null) > 1 and null.std() > 0 else 1.0
    first_values = all_values[0] / unit
    return Kinships(
        panel.teachers,
        first_values[0],
        all_values[1:, 0] / unit,
        first_values[1:],
        control,
        np.sort(null) / unit,
        eras / unit,
        _rivals_met(panel, measured),
    )


def _draw_weights(n: int, draws: int, seed: int) -> Values:
    """All prompts once, then how often each draw takes each prompt."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n, np.full(n, 1 / max(n, 1)), size=draws) if draws else np.zeros((0, n))
    return np.vstack([np.ones((1, n)), drawn]).astype(np.float64)


def _residuals(every: NDArray[np.float32], weights: Values, background: Values, shares: Sequence[float]) -> Values:
    """Weighted means over prompts, double-centred, scaled and summed over channels: (n_draws, n_models + 1, n_groups)."""
    models, prompts, groups, n_channels = every.shape
    flat = np.moveaxis(every, 1, 0).reshape(prompts, -1)
    there = ~np.isnan(flat)
    total = weights.astype(np.float32) @ np.where(there, flat, 0)
    count = weights.astype(np.float32) @ there.astype(np.float32)
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float64)
    means = means.reshape(len(weights), models, groups, n_channels)
    out = np.zeros((len(weights), models, groups))
    for c, share in enumerate(shares):
        rest = centred(means[..., c], background)
        scale = np.nanstd(rest[:, background > 0], axis=(1, 2), keepdims=True)
        out += share / sum(shares) * rest / np.maximum(scale, 1e-12)
    return out


def _family_closeness(panel: Panel, residuals: Values) -> Values:
    """Residual to each teacher minus the soft maximum of its rivals': shape (n_draws, n_models + 1, n_teachers)."""
    return np.stack([_closeness(panel, residuals, teacher, _own(panel, teacher)) for teacher in panel.teachers], axis=-1)


def _own(panel: Panel, teacher: str) -> list[int]:
    return [g for g, group in enumerate(panel.groups) if group.family == teacher and group.teacher]


def _closeness(panel: Panel, residuals: Values, teacher: str, own: Sequence[int]) -> Values:
    rivals: dict[str, list[int]] = {}
    for place, group in enumerate(panel.groups):
        if group.rival and group.family != teacher:
            rivals.setdefault(group.family, []).append(place)
    near = _mean(residuals[..., list(own)])
    if not rivals:
        return near
    return near - soft_maximum(np.stack([_mean(residuals[..., places]) for places in rivals.values()], axis=-1))


def _rivals_met(panel: Panel, measured: NDArray[np.float32]) -> NDArray[np.int64]:
    """Count the rival families of each teacher that have answers to compare with."""
    met = np.any(~np.isnan(measured), axis=(0, 2)).tolist()
    families = {group.family for place, group in enumerate(panel.groups) if group.rival and met[place]}
    return np.array([len(families - {teacher}) for teacher in panel.teachers], np.int64)


def _mean(values: Values) -> Values:
    there = ~np.isnan(values)
    count = there.sum(axis=-1)
    return np.where(count > 0, np.where(there, values, 0).sum(axis=-1) / np.maximum(count, 1), np.nan)


def _off_controls(panel: Panel, closeness: Values, control: NDArray[np.bool_]) -> Values:
    """Take the controls' mean off, each lineage counting once; all zeros where a teacher has no control."""
    out = np.array(closeness)
    for t in range(len(panel.teachers)):
        out[..., t] -= _control_mean(panel, closeness[:, 1:, t], control[:, t])[:, None]
    return out


def _control_mean(panel: Panel, values: Values, chosen: NDArray[np.bool_]) -> Values:
    weights = lineage_weights(panel.lineages, chosen) * ~np.isnan(values)
    total = np.maximum(weights.sum(axis=1), 1e-12)
    return (np.nan_to_num(values) * weights).sum(axis=1) / total


def _null(panel: Panel, values: Values, control: NDArray[np.bool_]) -> Values:
    """Values of all pairs of a control and a teacher that makes the null, without the rivals' own relatives."""
    chosen = np.isin(panel.teachers, null_teachers(panel))
    own = {model.lineage for model in panel.models if model.group and model.family in null_teachers(panel)}
    open_to_all = ~np.isin(panel.lineages, list(own))
    pairs = values[:, chosen][control[:, chosen] & open_to_all[:, None]]
    return pairs[~np.isnan(pairs)]


def _eras(panel: Panel, residuals: Values, closeness: Values, control: NDArray[np.bool_]) -> Values:
    """Kinship of the suspect to each group, measured as if the group were all of its family."""
    out = np.full(len(panel.groups), np.nan)
    for place, group in enumerate(panel.groups):
        if group.family not in panel.teachers:
            continue
        t = panel.teachers.index(group.family)
        near = _closeness(panel, residuals, group.family, [place])
        out[place] = near[0] - _control_mean(panel, near[None, 1:], control[:, t])[0]
    return out
