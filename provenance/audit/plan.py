"""A plan for a panel of one's own: who made each model and what taught it, by the columns of the rows and by names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from provenance.audit.build import PanelPlan
from provenance.audit.panel import PEOPLE, Group, PanelModel
from provenance.documents import Document
from provenance.errors import InputError

__all__ = ["LABS", "ModelFacts", "facts_of", "plan_panel"]

LABS = ("openai", "anthropic", "google", "meta", "mistral", "deepseek", "qwen")
"""Makers whose models stand as teachers."""
BASE_MODELS = "base-models"
"""Group of the models that nobody taught."""
MOST_IN_GROUP = 10
"""Models of a group that are kept as reference; the others are controls."""

_WORDS: dict[str, tuple[str, ...]] = {
    "chatgpt": ("openai",),
    "gpt3": ("openai",),
    "claude": ("anthropic",),
    "mixtral": ("mistral",),
    "human": (),
    "people": (),
    "none": (),
}


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the rows say of a model; fields are None where they say nothing."""

    name: str
    family: str | None
    lineage: str | None
    taught_by: str | None
    strength: str | None
    answers: int


def facts_of(documents: Iterable[Document]) -> tuple[ModelFacts, ...]:
    """Gather what the rows say of each model: `family`, and `lineage`, `taught_by`, `label_strength` where they are there."""
    first: dict[str, Document] = {}
    counts: Counter[str] = Counter()
    for document in documents:
        if document.source:
            first.setdefault(document.source, document)
            counts[document.source] += 1
    return tuple(
        ModelFacts(
            name, document.family, _word(document.meta, "lineage"), _word(document.meta, "taught_by"),
            _word(document.meta, "label_strength"), counts[name],
        )
        for name, document in sorted(first.items())
    )  # fmt: skip


def _word(meta: Mapping[str, object], name: str) -> str | None:
    value = meta.get(name)
    return str(value) if value not in (None, "", "None", "-") else None


def plan_panel(
    facts: Iterable[ModelFacts], name: str, *, maker: Callable[[str], str | None], description: str = ""
) -> PanelPlan:
    """Say who is a teacher, who is a control, and what is known of them.

    A model of a known maker stands in the group of that maker, a model taught by people alone among the people. The
    column `taught_by` takes names of makers, joined by commas, or chatgpt, human, none; 'self' and every other word
    count as not known, and so does a label of strength C. Without any such column nothing is known: then all
    models of other makers serve as controls, and the recipe says so.

    Parameters
    ----------
    facts : iterable of ModelFacts
    name : str
    maker : callable
        Names the maker of a model by its name.
    description : str

    Raises
    ------
    InputError
        When there is no model of a known maker, so that nobody could be a teacher.
    """
    known = list(facts)
    labelled = any(fact.taught_by for fact in known)
    models = [_model(fact, maker, labelled) for fact in known]
    models = _within_limits(models, {fact.name: fact.answers for fact in known})
    families = {str(model.group): model.family for model in models if model.group}
    if not set(families.values()) & set(LABS):
        names = ", ".join(fact.name for fact in known[:6])
        raise InputError(f"models {names}: none of a known maker; wanted one or more of {', '.join(LABS)} in a `family` column")
    groups = tuple(
        Group(group, family, family != PEOPLE, _is_rival(family, models, labelled)) for group, family in families.items()
    )
    recipe = {"controls": "by label" if labelled else "assumed: all models of other makers, as the rows carry no taught_by"}
    return PanelPlan(name, description or f"answers of {len(models)} models", tuple(models), groups, 1, recipe)


def _model(fact: ModelFacts, maker: Callable[[str], str | None], labelled: bool) -> PanelModel:
    family = (fact.family or maker(fact.name) or "other").lower()
    taught = _taught_by(fact, family) if labelled else ((family,) if family in LABS else ())
    if taught == () and labelled and (family not in LABS or fact.taught_by == "none"):
        family = PEOPLE
    group = family if family in (*LABS, PEOPLE) else None
    if family == PEOPLE and fact.taught_by == "none":
        group = BASE_MODELS
    return PanelModel(fact.name, family, fact.lineage or fact.name, group, taught)


def _taught_by(fact: ModelFacts, family: str) -> tuple[str, ...] | None:
    word = (fact.taught_by or "").lower().strip()
    if fact.strength == "C" or not word:
        return None
    if word == "self":
        return (family,)
    if word in _WORDS:
        return _WORDS[word]
    parts = tuple(part.strip() for part in word.split(",") if part.strip())
    return parts if parts and set(parts) <= set(LABS) else None


def _within_limits(models: Iterable[PanelModel], answers: Mapping[str, int]) -> list[PanelModel]:
    """Keep the models with most answers as reference of their group; the rest become controls."""
    taken: Counter[str] = Counter()
    out = []
    for model in sorted(models, key=lambda m: (-answers[m.name], m.name)):
        group = model.group
        if group is not None:
            taken[group] += 1
            group = group if taken[group] <= MOST_IN_GROUP else None
        out.append(PanelModel(model.name, model.family, model.lineage, group, model.taught_by))
    return sorted(out, key=lambda m: m.name)


def _is_rival(family: str, models: Iterable[PanelModel], labelled: bool) -> bool:
    """Whether what taught a family's models is known; without labels everybody is a rival."""
    return not labelled or any(m.family == family and m.group and m.taught_by is not None for m in models)
