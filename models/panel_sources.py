"""Who is who in the shipped panel: the groups of reference models, and what is publicly known to have taught the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from provenance.audit.panel import PEOPLE, Group, PanelModel
from provenance.documents import Document

__all__ = ["GROUPS", "alpaca_documents", "panel_models", "taught_by"]

FILES = ("alpaca_eval.parquet", "alpaca_eval_llama_base.parquet")

# Group, family, is the teacher measured by it, is it a rival, and the names of its models. Rivals are families whose own
# teaching is known, by label or by their maker's word; Mistral, Qwen and Google's Gemma stand as teachers only.
_TABLE: tuple[tuple[str, str, bool, bool, str], ...] = (
    ("gpt-3.5", "openai", True, True, r"gpt-3\.5-turbo-(0301|0613|1106)|gpt35_turbo_instruct"),
    ("gpt-4", "openai", False, True, r"gpt4|gpt4_0314|gpt4_0613"),
    ("gpt-4-turbo", "openai", False, False, r"gpt4_1106_preview|gpt-4-0125-preview|gpt-4-turbo-2024-04-09"),
    ("gpt-4o", "openai", False, False, r"gpt-4o(-mini)?-2024-.*"),
    ("text-davinci-003", "openai", False, False, r"text_davinci_003"),
    ("claude-1-2", "anthropic", True, True, r"claude|claude-2|claude-instant-1\.2"),
    ("claude-3", "anthropic", True, True, r"claude-3-.*"),
    ("llama-2-chat", "meta", True, True, r"llama-2-(7|13)b-chat-hf"),
    ("llama-3-instruct", "meta", True, True, r"Meta-Llama-3.*-Instruct.*"),
    (
        "mistral",
        "mistral",
        True,
        False,
        r"Mistral-7B-Instruct-v0\.3|Mixtral-8x(7|22)B-Instruct-v0\.1|mistral-(medium|large-2402)",
    ),
    ("qwen", "qwen", True, False, r"Qwen-14B-Chat|Qwen1\.5-(7|72|110)B-Chat|Qwen2-72B-Instruct"),
    ("gemma", "google", True, False, r"gemma-2b-it"),
    ("people-1", PEOPLE, False, True, r"oasst-sft-pythia-12b"),
    ("people-2", PEOPLE, False, True, r"text_davinci_001"),
    ("base-models", PEOPLE, False, True, r"Llama-2-13b-hf \(base\)|Meta-Llama-3-8B \(base\)"),
)

GROUPS: tuple[Group, ...] = tuple(Group(name, family, teacher, rival) for name, family, teacher, rival, _ in _TABLE)
_RULES = tuple((re.compile(pattern), name, family) for name, family, _, _, pattern in _TABLE)
_LABS = ("anthropic", "google", "meta", "mistral", "openai", "qwen")
_WORDS = {
    "chatgpt": ("openai",),
    "gpt3": ("openai",),
    "human": (),
    "none": (),
    "claude": ("anthropic",),
    "mixtral": ("mistral",),
}


def alpaca_documents(data: Path) -> list[Document]:
    """Read the answers to the AlpacaEval prompts from the folder `data`, which holds models/."""
    from provenance.reading import read_documents

    return [document for name in FILES for document in read_documents(data / "models" / name)]


def taught_by(row: Mapping[str, object], family: str) -> tuple[str, ...] | None:
    """Say which families taught a model, by the labels of its rows; None where it is not firmly known.

    Parameters
    ----------
    row : Mapping
        `taught_by`, `label_strength`, `base` of a row.
    family : str
        Maker of the model.
    """
    word = str(row.get("taught_by") or "")
    strength = str(row.get("label_strength") or "")
    if word == "self" and strength != "C":
        return (family,)
    if strength not in ("A", "B") or word not in _WORDS:
        return None
    base = str(row.get("base") or "")
    return _WORDS[word] + (("meta",) if re.fullmatch(r"llama-\d.*-(instruct|chat)", base) else ())


def panel_models(documents: Iterable[Document]) -> tuple[PanelModel, ...]:
    """List the models of the shipped panel: reference models, labelled models, and the makers' other models."""
    first: dict[str, Document] = {}
    for document in documents:
        first.setdefault(str(document.source), document)
    models = [_model(name, document) for name, document in sorted(first.items())]
    return tuple(m for m in models if m.group or m.taught_by is not None or m.family in _LABS or _labelled(first[m.name]))


def _labelled(document: Document) -> bool:
    return document.meta.get("label_strength") in ("A", "B", "C")


def _model(name: str, document: Document) -> PanelModel:
    group, family = next(((g, f) for rule, g, f in _RULES if rule.fullmatch(name)), (None, document.family or "other"))
    return PanelModel(name, family, str(document.meta.get("lineage") or name), group, taught_by(document.meta, family))
