"""Make a panel from the answers of many models to common prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.audit.panel import MISSING, Group, Panel, PanelModel
from provenance.audit.settings import CHANNELS
from provenance.audit.similarity import measure, standardised
from provenance.audit.sketch import BUCKETS, Bags, Sketches, answer_key, prompt_key, sketch
from provenance.documents import Document
from provenance.errors import InputError

__all__ = ["PanelPlan", "assemble", "build_panel", "gather", "in_bytes"]

Answers = dict[str, dict[int, str]]


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """What a panel is made of.

    Attributes
    ----------
    name, description : str
    version : int
    models : tuple of PanelModel
    groups : tuple of Group
    recipe : Mapping
        Recorded as it is.
    """

    name: str
    description: str
    models: tuple[PanelModel, ...]
    groups: tuple[Group, ...]
    version: int = 1
    recipe: Mapping[str, object] = field(default_factory=dict)


def gather(documents: Iterable[Document]) -> Answers:
    """Collect answers by model and prompt; the first answer of a model to a prompt counts, empty ones do not.

    Raises
    ------
    InputError
        When there is no document with a prompt, an answer and the name of its model.
    """
    answers: Answers = {}
    total = 0
    for document in documents:
        total += 1
        if document.prompt and document.source and document.text.strip():
            answers.setdefault(document.source, {}).setdefault(prompt_key(document.prompt), document.text)
    if not answers:
        raise InputError(
            f"{total} rows, none with a prompt, an answer and the name of its model; wanted rows such as "
            '{"prompt": …, "text": …, "model": …}: give --prompt-field, --text-field and --source-field'
        )
    return answers


def build_panel(answers: Answers, plan: PanelPlan, progress: Callable[[str], None] | None = None) -> Panel:
    """Make a panel.

    Parameters
    ----------
    answers : dict of str to dict of int to str
        As `gather` gives them.
    plan : PanelPlan
        Its models must all have answers.
    progress : callable, optional
        Told each step.

    Raises
    ------
    InputError
        When a model of the plan has no answers, or no prompt was answered by half of the models.
    """
    tell = progress or (lambda _: None)
    missing = [model.name for model in plan.models if model.name not in answers]
    if missing:
        raise InputError(f"no answers of {', '.join(missing[:5])}; wanted answers of every model of the panel")
    prompts = _common_prompts(answers, plan.models)
    tell(f"{len(plan.models)} models, {len(prompts)} prompts")
    keys = {int(key): place for place, key in enumerate(prompts)}
    places, texts = _laid_out(answers, plan.models, keys)
    sketches = sketch(texts)
    tell(f"{len(texts)} answers sketched")
    return assemble(plan, prompts, places, texts, sketches, tell)


def _common_prompts(answers: Answers, models: Sequence[PanelModel]) -> NDArray[np.uint64]:
    counts = Counter(key for model in models for key in answers[model.name])
    kept = sorted(key for key, n in counts.items() if n * 2 >= len(models))
    if len(models) < 2 or not kept:
        raise InputError(
            f"{len(models)} models share {len(kept)} prompts; wanted two models or more that answer the same prompts"
        )
    return np.array(kept, np.uint64)


def _laid_out(answers: Answers, models: Sequence[PanelModel], keys: Mapping[int, int]) -> tuple[NDArray[np.int64], list[str]]:
    """Model and prompt of each answer, by prompt, and its text."""
    found = [(keys[key], m, text) for m, model in enumerate(models) for key, text in answers[model.name].items() if key in keys]
    found.sort(key=lambda item: item[:2])
    places = np.array([(m, p) for p, m, _ in found], np.int64).reshape(-1, 2)
    return places, [text for _, _, text in found]


def assemble(
    plan: PanelPlan,
    prompts: NDArray[np.uint64],
    places: NDArray[np.int64],
    texts: Sequence[str],
    sketches: Sketches,
    tell: Callable[[str], None],
) -> Panel:
    """Put a panel together from sketched answers, and measure its models against its groups."""
    mean = sketches.style.mean(axis=0)
    sd = np.maximum(sketches.style.std(axis=0), 1e-6)
    kept = np.flatnonzero([plan.models[m].group is not None for m in places[:, 0]])
    if not len(kept):
        raise InputError("no model of the panel belongs to a group; wanted at least one teacher: name the makers of the models")
    shape = (len(plan.models), len(prompts), len(plan.groups), len(CHANNELS) + 1)
    answers = np.zeros(shape[:2], np.uint64)
    answers[places[:, 0], places[:, 1]] = [answer_key(text) for text in texts]
    panel = Panel(
        name=plan.name, version=plan.version, description=plan.description, models=plan.models, groups=plan.groups,
        prompts=prompts, row_model=places[kept, 0], row_prompt=places[kept, 1],
        bags=tuple(bags.pick(kept) for bags in sketches.bags),
        idf=tuple(_idf(bags) for bags in sketches.bags),
        style=_eighths(standardised(sketches.style[kept], mean, sd)), style_mean=mean, style_sd=sd,
        similarities=np.full(shape, MISSING, np.uint8), scales=np.ones((shape[3], 2), np.float32),
        answers=answers, recipe=plan.recipe,
    )  # fmt: skip
    return _with_similarities(panel, places, sketches, tell)


def _idf(bags: Bags) -> NDArray[np.float32]:
    """Weight of each bucket: the logarithm of one over the share of answers that hold it."""
    held = np.bincount(bags.buckets, minlength=BUCKETS)
    return np.log((1 + len(bags)) / (1 + held)).astype(np.float16).astype(np.float32)


def _eighths(style: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round to what a signed byte holds, so that a saved panel and a fresh one are the same."""
    return np.round(style * 31) / np.float32(31)


def _with_similarities(panel: Panel, places: NDArray[np.int64], sketches: Sketches, tell: Callable[[str], None]) -> Panel:
    from dataclasses import replace

    values = np.full(panel.similarities.shape, np.nan, np.float32)
    for m in range(len(panel.models)):
        rows = np.flatnonzero(places[:, 0] == m)
        own = Sketches(tuple(bags.pick(rows) for bags in sketches.bags), sketches.style[rows])
        values[m, places[rows, 1]] = measure(panel, own, places[rows, 1], without=m)
        if m % 20 == 19:
            tell(f"{m + 1} of {len(panel.models)} models measured")
    stored, scales = in_bytes(values)
    return replace(panel, similarities=stored, scales=scales)


def in_bytes(values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Store similarities in a byte each, 255 for nan.

    Parameters
    ----------
    values : ndarray, shape (n_models, n_prompts, n_groups, n_channels)

    Returns
    -------
    stored : ndarray of uint8, shape of `values`
    scales : ndarray of float32, shape (n_channels, 2)
        Lowest value and step of each channel.
    """
    low = np.nanmin(values, axis=(0, 1, 2))
    step = np.maximum((np.nanmax(values, axis=(0, 1, 2)) - low) / (MISSING - 1), 1e-9)
    stored = np.where(np.isnan(values), MISSING, np.round((np.nan_to_num(values) - low) / step)).astype(np.uint8)
    return stored, np.column_stack([low, step]).astype(np.float32)
