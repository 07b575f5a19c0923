"""Kinship without shared prompts: mean style against mean style. Exploratory: topics differ, so no p-value is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from provenance.audit.panel import Panel
from provenance.audit.result import TeacherKinship
from provenance.audit.similarity import standardised
from provenance.audit.sketch import sketch

__all__ = ["unpaired_kinships"]


def unpaired_kinships(panel: Panel, texts: Sequence[str], teachers: Sequence[str]) -> tuple[TeacherKinship, ...]:
    """Compare the mean style of some texts with the mean style of each teacher's models.

    Parameters
    ----------
    panel : Panel
    texts : sequence of str
        Answers to any prompts.
    teachers : sequence of str

    Returns
    -------
    tuple of TeacherKinship
        Cosine of the deviations from the mean of all groups, minus its mean over the teachers, the nearest first;
        without intervals, ranks and p-values. Empty where there are no texts.
    """
    if not texts:
        return ()
    style = standardised(sketch(texts).style, panel.style_mean, panel.style_sd).mean(axis=0)
    means = _group_means(panel)
    centre = np.nanmean(means, axis=0)
    mine, rest = style - centre, means - centre
    norms = np.linalg.norm(rest, axis=1) * np.linalg.norm(mine)
    values = (rest @ mine) / np.maximum(norms, 1e-9)
    by_teacher = {t: _mean(panel, values, t) for t in teachers}
    known = {t: value for t, value in by_teacher.items() if not np.isnan(value)}
    middle = float(np.mean(list(known.values()))) if known else 0.0
    ordered = sorted(known.items(), key=lambda item: -item[1])
    return tuple(TeacherKinship(t, value - middle, None, None, None, 0, None, None) for t, value in ordered)


def _group_means(panel: Panel) -> NDArray[np.float64]:
    out = np.full((len(panel.groups), panel.style.shape[1]), np.nan)
    for place in range(len(panel.groups)):
        rows = panel.row_group == place
        if rows.any():
            out[place] = panel.style[rows].mean(axis=0)
    return out


def _mean(panel: Panel, values: NDArray[np.float64], teacher: str) -> float:
    own = [values[g] for g, group in enumerate(panel.groups) if group.family == teacher and group.teacher]
    return float(np.nanmean(own)) if own and not np.all(np.isnan(own)) else float("nan")
