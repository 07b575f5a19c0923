"""A panel: what reference teachers and control models answered to common prompts, as numbers and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from provenance.audit.sketch import Bags

__all__ = ["MISSING", "PEOPLE", "Group", "Panel", "PanelModel"]

PEOPLE = "people"
"""Family of models taught by people alone, and of base models that nobody taught."""
MISSING = 255
"""Stored similarity that stands for 'no answer'."""


@dataclass(frozen=True, slots=True)
class PanelModel:
    """One model of a panel.

    Attributes
    ----------
    name : str
    family : str
        Its maker ('openai', 'other', ...), or 'people'.
    lineage : str
        Shared by a model, its variants and close relatives.
    group : str or None
        Group of reference models that it belongs to; None for a control alone.
    taught_by : tuple of str or None
        Families that are publicly known to have taught it; empty: it learnt from no other model; None: not known.
    """

    name: str
    family: str
    lineage: str
    group: str | None
    taught_by: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Group:
    """Reference models that stand together, an era of one maker say.

    Attributes
    ----------
    name : str
    family : str
        The teacher that the group belongs to.
    teacher : bool
        Whether kinship to the teacher is measured by it.
    rival : bool
        Whether it stands for its family when kinship to another teacher is measured.
    """

    name: str
    family: str
    teacher: bool
    rival: bool


@dataclass(frozen=True)
class Panel:
    """Reference answers as sketches, and how near every model of the panel stands to them.

    Attributes
    ----------
    name : str
    version : int
    description : str
    models : tuple of PanelModel
    groups : tuple of Group
    prompts : ndarray of uint64, shape (n_prompts,)
        Keys of the prompts, ascending.
    row_model, row_prompt : ndarray of int64, shape (n_rows,)
        Model and prompt of each sketched answer, by prompt.
    bags : tuple of Bags
        One a channel, a row a sketched answer.
    idf : tuple of ndarray of float32, shape (65536,)
        Weight of each bucket, one array a channel.
    style : ndarray of float32, shape (n_rows, n_measures)
        Standardised style measures.
    style_mean, style_sd : ndarray of float32, shape (n_measures,)
    similarities : ndarray of uint8, shape (n_models, n_prompts, n_groups, n_channels + 1)
        Nearness of a model's answer to those of each group (root of the mean similarity), its own left out, in steps;
        255 where there is none.
    scales : ndarray of float32, shape (n_channels + 1, 2)
        Lowest value and step of the similarities of a channel.
    answers : ndarray of uint64, shape (n_models, n_prompts)
        Keys of the answers; 0 where there is none.
    recipe : Mapping
        How and from what the panel was made.
    """

    name: str
    version: int
    description: str
    models: tuple[PanelModel, ...]
    groups: tuple[Group, ...]
    prompts: NDArray[np.uint64]
    row_model: NDArray[np.int64]
    row_prompt: NDArray[np.int64]
    bags: tuple[Bags, ...]
    idf: tuple[NDArray[np.float32], ...]
    style: NDArray[np.float32]
    style_mean: NDArray[np.float32]
    style_sd: NDArray[np.float32]
    similarities: NDArray[np.uint8]
    scales: NDArray[np.float32]
    answers: NDArray[np.uint64]
    recipe: Mapping[str, object]

    @property
    def label(self) -> str:
        """Name and version, as in ``alpaca-eval@1``."""
        return f"{self.name}@{self.version}"

    @property
    def teachers(self) -> tuple[str, ...]:
        """Families to which kinship is measured, in the order of the groups."""
        return tuple(dict.fromkeys(group.family for group in self.groups if group.teacher and group.family != PEOPLE))

    @cached_property
    def lineages(self) -> NDArray[np.str_]:
        """Lineage of each model, shape (n_models,)."""
        return np.array([model.lineage for model in self.models])

    @cached_property
    def prompt_rows(self) -> NDArray[np.int64]:
        """Rows of prompt ``p`` are ``prompt_rows[p]:prompt_rows[p + 1]``."""
        return np.searchsorted(self.row_prompt, np.arange(len(self.prompts) + 1)).astype(np.int64)

    @cached_property
    def row_group(self) -> NDArray[np.int64]:
        """Number of the group of each sketched answer, shape (n_rows,)."""
        places = {group.name: place for place, group in enumerate(self.groups)}
        of_model = np.array([places.get(model.group or "", -1) for model in self.models])
        return of_model[self.row_model]

    def measured(self, prompts: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the similarities of all models on some prompts, nan where there is none.

        Returns
        -------
        ndarray of float32, shape (n_models, n_prompts, n_groups, n_channels + 1)
        """
        return self._decoded[:, prompts]

    @cached_property
    def _decoded(self) -> NDArray[np.float32]:
        values = self.similarities.astype(np.float32) * self.scales[:, 1] + self.scales[:, 0]
        values[self.similarities == MISSING] = np.nan
        return values

    @cached_property
    def controls(self) -> NDArray[np.bool_]:
        """Whether each model is a control of each teacher, shape (n_models, n_teachers)."""
        flags = [[self.is_control(model, teacher) for teacher in self.teachers] for model in self.models]
        return np.array(flags, np.bool_).reshape(len(self.models), len(self.teachers))

    def is_control(self, model: PanelModel, teacher: str) -> bool:
        """Whether a model is known to have no tie to a teacher: neither taught by it, nor made by it, nor of its line."""
        if model.taught_by is None or model.family == teacher or teacher in model.taught_by:
            return False
        return model.lineage not in {m.lineage for m in self.models if m.family == teacher and m.group is not None}
