"""What an audit says beside its numbers: limits that always hold, and what was special about this one."""

from __future__ import annotations

from provenance.audit.kinship import Kinships, null_teachers
from provenance.audit.panel import Panel
from provenance.audit.settings import AuditSettings

__all__ = ["LIMITS", "copy_note", "few_prompts_note", "no_teacher_note", "null_note", "off_topic_note"]

LIMITS: tuple[str, ...] = (
    "resemblance is not training: a shared data set, a shared base model or text from the web give the same picture",
    "style cannot tell training on a teacher's texts from distillation of its logits, nor either from training on a third "
    "model's copies of them",
    "it says nothing about terms of service, consent or law",
    "an assistant from a laboratory that the panel lacks may stand nearest to a teacher that it has",
    "models taught by people in a plain style are told apart from students of text-davinci-003 badly",
    "names that a model gives itself are weak evidence: text from the web explains them",
)


def null_note(found: Kinships, panel: Panel) -> str:
    """Say what the p-values rest on."""
    n = len(found.null)
    models = int(found.control.any(axis=1).sum())
    return (
        f"p-values are ranks among {n} pairs of a control model and a teacher it has no tie to ({models} controls; teachers "
        f"{', '.join(null_teachers(panel))}); the smallest possible is {1 / (n + 1):.3g}; pairs of one lineage are not "
        "independent; p_holm corrects for the number of teachers, the verdict rests on p_value of the nearest"
    )


def few_prompts_note(n: int, panel: Panel, rule: AuditSettings) -> str:
    """Say that there are too few shared prompts, and how to get more."""
    return (
        f"{n} answers to prompts of the panel; {rule.min_prompts} are needed: `provenance panel prompts {panel.name}` says how "
        "to get the prompts, `provenance panel build` makes a panel from answers of other models to your prompts; kinships are "
        "unpaired here, exploratory, and have no p-value"
    )


def copy_note(model: str, equal: int, n: int) -> str:
    """Say that the answers are those of a panel model."""
    return (
        f"{equal} of {n} answers equal those of {model} in the panel: this is that model's file or a copy of it; its "
        "lineage is no control"
    )


def off_topic_note(level: float, least: float) -> str:
    """Say that the answers do not look like answers to their prompts."""
    return (
        f"the answers share too few words with what the panel's models say to the same prompts ({level:.3f}, the least of any "
        f"panel model is {least:.3f}): prompts and answers may be mixed up, or the answers in another language; check that "
        "each answer stands beside its own prompt"
    )


def no_teacher_note() -> str:
    """Say that no kinship could be measured."""
    return "no teacher of the panel answered these prompts; audit with another panel, or ask about other teachers"
