"""The suspect's answers: which model they are of, which can be compared, and which are left out and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.audit.panel import Panel
from provenance.audit.sketch import answer_key, prompt_key
from provenance.documents import Document
from provenance.errors import InputError, UsageError

__all__ = ["Matched", "copied_model", "is_refusal", "match", "one_model"]

_REFUSAL = re.compile(
    r"^\W*(?:(?:i['’]?m|i am) (?:very |really |so )?sorry\W+(?:but )?(?:(?:as an ai|i)\b.{0,60})?(?:can(?:no|')?t|unable|won't)"
    r"|(?:sorry\W+(?:but )?)?i (?:can(?:no|')?t|am unable to|am not able to|won't|will not) "
    r"(?:assist|help|comply|fulfil|provide|answer|write|create|generate|do that)"
    r"|as an ai(?: language)?(?: model)?\W+i (?:can(?:no|')?t|am unable|am not able)"
    r"|lo siento\W+pero no puedo|je suis désolé|es tut mir leid\W+aber ich kann|(?:对不起|抱歉).{0,4}我(?:不能|无法))",
    re.IGNORECASE,
)
_REFUSAL_WORDS = 60


def is_refusal(text: str) -> bool:
    """Whether a short answer declines to answer, in one of several languages."""
    return len(text.split()) <= _REFUSAL_WORDS and bool(_REFUSAL.match(text.replace("’", "'")))


@dataclass(frozen=True, slots=True)
class Matched:
    """Answers that can be compared with a panel.

    Attributes
    ----------
    texts : tuple of str
        One a prompt.
    prompts : ndarray of int64, shape (n,)
        Their places in the panel, ascending.
    others : tuple of str
        Answers to prompts that the panel does not have.
    left_out : Mapping of str to int
        Counts of what was left out: ``empty``, ``refusal``, ``no_prompt``, ``other_prompt``, ``repeated``.
    """

    texts: tuple[str, ...]
    prompts: NDArray[np.int64]
    others: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)


def one_model(documents: Iterable[Document], source: str | None = None) -> tuple[str, list[Document]]:
    """Take the documents of one model.

    Parameters
    ----------
    documents : iterable of Document
    source : str, optional
        The model to take; needed where there are several.

    Returns
    -------
    name : str
        The model, or 'unnamed'.
    documents : list of Document

    Raises
    ------
    InputError
        When there are no documents, or none of `source`.
    UsageError
        When several models answer and none was chosen.
    """
    found = list(documents)
    counts = Counter(document.source or "unnamed" for document in found)
    if not found:
        raise InputError("no answers found; wanted rows with a prompt and the answer of one model")
    if source is not None:
        if source not in counts:
            raise InputError(f"no answers of {source!r}; the input has those of {_listed(counts)}")
        return source, [document for document in found if (document.source or "unnamed") == source]
    if len(counts) > 1:
        raise UsageError(
            f"answers of {len(counts)} models: {_listed(counts)}; an audit is of one: choose it with --source NAME"
        )
    return next(iter(counts)), found


def _listed(counts: Counter[str]) -> str:
    shown = [f"{name} ({n})" for name, n in counts.most_common(12)]
    return ", ".join(shown) + (f" and {len(counts) - 12} more" if len(counts) > 12 else "")


def match(documents: Iterable[Document], panel: Panel) -> Matched:
    """Find the prompts of the panel among the suspect's; the first full answer to a prompt counts."""
    places = {int(key): place for place, key in enumerate(panel.prompts)}
    kept: dict[int, str] = {}
    others: list[str] = []
    out: Counter[str] = Counter()
    for document in documents:
        place = places.get(prompt_key(document.prompt)) if document.prompt else None
        reason = _reason(document, place, kept)
        if reason:
            out[reason] += 1
        if reason in ("no_prompt", "other_prompt"):
            others.append(document.text)
        if not reason and place is not None:
            kept[place] = document.text
    order = sorted(kept)
    return Matched(tuple(kept[place] for place in order), np.array(order, np.int64), tuple(others), dict(sorted(out.items())))


def _reason(document: Document, place: int | None, kept: Mapping[int, str]) -> str | None:
    """Why an answer is left out; None where it is not."""
    if not any(character.isalnum() for character in document.text):
        return "empty"
    if is_refusal(document.text):
        return "refusal"
    if not document.prompt:
        return "no_prompt"
    if place is None:
        return "other_prompt"
    return "repeated" if place in kept else None


def copied_model(matched: Matched, panel: Panel) -> tuple[str, int] | None:
    """Return the panel model whose answers the suspect's equal most often, and how often; None where none is equal."""
    if not matched.texts:
        return None
    keys = np.array([answer_key(text) for text in matched.texts], np.uint64)
    equal = (panel.answers[:, matched.prompts] == keys).sum(axis=1)
    best = int(equal.argmax())
    return (panel.models[best].name, int(equal[best])) if equal[best] else None
