"""Shapes of evaluation tools (AlpacaEval, lm-evaluation-harness) and of published corpora (HC3, RAID, MAGE, ...)."""

from __future__ import annotations

import re
from typing import Any

from provenance.documents import HUMAN, LLM, label_of
from provenance.reading.drafts import Draft, Row, Shape, drafts_of
from provenance.reading.rows import RowError
from provenance.reading.values import as_name, clean_text, prompt_text, texts_of

__all__ = ["ALPACA_EVAL", "DETECTRL", "HARNESS", "HC3", "M4", "MAGE", "RAID"]

_MAGE_SOURCE = re.compile(r"(?P<domain>.+?)_(?:human|machine(?:_(?:continuation|specified|topical))?_(?P<model>.+))")


def _alpaca_eval(row: Row) -> list[Draft | None]:
    return drafts_of([row["output"]], domain=as_name(row.get("dataset", row.get("domain"))))


def _is_alpaca_eval(row: Row) -> bool:
    return isinstance(row.get("output"), str) and "instruction" in row and "generator" in row


def _is_harness(row: Row) -> bool:
    return isinstance(row.get("resps"), list) or isinstance(row.get("filtered_resps"), list)


def _harness(row: Row) -> list[Draft | None]:
    found = (texts_of(row.get(key, [])) for key in ("resps", "filtered_resps"))
    texts = next((texts for texts in found if any(text is not None for text in texts)), None)
    if texts is None:
        raise RowError("resps hold no text (a request for log-likelihoods?)")
    return drafts_of(texts, prompt=_harness_prompt(row))


def _harness_prompt(row: Row) -> str | None:
    value: Any = row.get("arguments")
    for _ in range(3):  # [["prompt", {...}]] or {"gen_args_0": {"arg_0": "prompt", ...}}
        if isinstance(value, dict):
            value = next(iter(value.values()), None)
        elif isinstance(value, list):
            value = value[0] if value else None
    if isinstance(value, str):
        return clean_text(value) or None
    doc = row.get("doc")
    keys = ("prompt", "question", "instruction", "query", "input")
    found = (prompt_text(doc.get(key)) for key in keys) if isinstance(doc, dict) else ()
    return next((text for text in found if text), prompt_text(row.get("prompt")))


def _is_hc3(row: Row) -> bool:
    return isinstance(row.get("human_answers"), list) or isinstance(row.get("chatgpt_answers"), list)


def _hc3(row: Row) -> list[Draft | None]:
    domain = as_name(row.get("source"))
    drafts = _side(row.get("human_answers", []), "human", HUMAN, source=HUMAN, family=HUMAN, domain=domain)
    drafts += _side(row.get("chatgpt_answers", []), "chatgpt", LLM, source="chatgpt", family="openai", domain=domain)
    if not any(drafts):
        raise RowError("neither human_answers nor chatgpt_answers hold a text")
    return drafts


def _is_m4(row: Row) -> bool:
    return "machine_text" in row and "human_text" in row


def _m4(row: Row) -> list[Draft | None]:
    domain = as_name(row.get("source"))
    drafts = _side(row["human_text"], "human", HUMAN, source=HUMAN, family=HUMAN, domain=domain)
    drafts += _side(row["machine_text"], "machine", LLM, source=as_name(row.get("model")), domain=domain)
    if not any(drafts):
        raise RowError("neither human_text nor machine_text holds a text")
    return drafts


def _side(value: Any, tag: str, label: str, **facts: str | None) -> list[Draft | None]:
    several = isinstance(value, list)
    drafts: list[Draft | None] = []
    for number, text in enumerate(texts_of(value), 1):
        name = f"{tag}-{number}" if several else tag
        drafts.append(None if text is None else Draft(text, name, {"label": label, **facts}))
    return drafts


def _is_raid(row: Row) -> bool:
    return isinstance(row.get("generation"), str) and "model" in row and ("attack" in row or "adv_source_id" in row)


def _raid(row: Row) -> list[Draft | None]:
    human = row["model"] == HUMAN
    attack = row.get("attack")
    facts = {"label": HUMAN if human else LLM, "group": as_name(row.get("source_id"))}
    return [Draft(row["generation"], facts=facts, meta={"attack": None if attack in ("none", "") else attack})]


def _is_mage(row: Row) -> bool:
    return isinstance(row.get("text"), str) and "src" in row and "label" in row


def _mage(row: Row) -> list[Draft | None]:
    label = label_of(row["label"], one_is=HUMAN)
    found = _MAGE_SOURCE.fullmatch(row["src"]) if isinstance(row["src"], str) else None
    source = HUMAN if label == HUMAN else found and found["model"]
    return drafts_of([row["text"]], label=label, source=source, domain=found and found["domain"])


def _is_detectrl(row: Row) -> bool:
    return isinstance(row.get("text"), str) and "llm_type" in row and "label" in row


def _detectrl(row: Row) -> list[Draft | None]:
    label = label_of(row["label"])
    source = HUMAN if label == HUMAN else as_name(row["llm_type"])
    return drafts_of([row["text"]], label=label, source=source, domain=as_name(row.get("data_type")))


ALPACA_EVAL = Shape("AlpacaEval outputs", _is_alpaca_eval, _alpaca_eval, frozenset({"output", "dataset"}))
HARNESS = Shape(
    "lm-evaluation-harness samples",
    _is_harness,
    _harness,
    frozenset({"resps", "filtered_resps", "arguments"}),
    ("doc_id",),
)
HC3 = Shape("HC3", _is_hc3, _hc3, frozenset({"human_answers", "chatgpt_answers", "source"}))
M4 = Shape("M4", _is_m4, _m4, frozenset({"human_text", "machine_text", "source"}))
RAID = Shape("RAID", _is_raid, _raid, frozenset({"generation", "source_id"}))
MAGE = Shape("MAGE", _is_mage, _mage, frozenset({"text", "label"}))
DETECTRL = Shape("DetectRL", _is_detectrl, _detectrl, frozenset({"text", "label", "data_type"}))
