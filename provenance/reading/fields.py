"""What a row says about its text besides the text: id, source, prompt, label and so on, under their many names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from typing import Any, TypeAlias

from provenance.documents import HUMAN, label_of
from provenance.reading.values import as_name, clean_text, prompt_text

__all__ = [
    "FACT_READERS",
    "ID_KEYS",
    "MISSING",
    "Aliases",
    "Facts",
    "Fields",
    "aliases_in",
    "facts_of",
    "look_up",
]

ID_KEYS = ("id", "_id", "question_id", "custom_id", "doc_id", "idx", "index")

# In order of preference. 'source' comes last: beside a model's name it usually names where the human text came from.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "source": ("model", "generator", "model_id", "model_name", "source"),
    "family": ("family",),
    "domain": ("domain",),
    "prompt": ("prompt", "instruction", "question", "query", "input"),
    "label": ("label",),
    "group": ("group",),
}

MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of the fields to read, where the recognised ones are not meant; None leaves the choice to the reader.

    Each may be a path into the row: names and list positions joined by dots, as in ``response.body.text`` or
    ``choices.0.text``. A field whose own name holds the dots comes first.
    """

    text: str | None = None
    id: str | None = None
    prompt: str | None = None
    source: str | None = None
    label: str | None = None
    group: str | None = None

    def chosen(self) -> dict[str, str]:
        """Return the fields that were given."""
        pairs = ((item.name, getattr(self, item.name)) for item in dataclass_fields(self))
        return {name: path for name, path in pairs if path is not None}


@dataclass(slots=True)
class Facts:
    """The named facts of one row, and the keys under which they stood."""

    source: str | None = None
    family: str | None = None
    domain: str | None = None
    prompt: str | None = None
    label: str | None = None
    group: str | None = None
    used: list[str] = field(default_factory=list)


FACT_READERS: Mapping[str, Callable[[Any], str | None]] = {
    "source": as_name,
    "family": as_name,
    "domain": as_name,
    "prompt": prompt_text,
    "label": label_of,
    "group": as_name,
}

Aliases: TypeAlias = Sequence[tuple[str, Sequence[str]]]


def aliases_in(keys: Iterable[str]) -> Aliases:
    """Return the facts that rows with these keys can hold, with the keys for each in order of preference."""
    there = set(keys)
    found = ((fact, [key for key in names if key in there]) for fact, names in ALIASES.items())
    return [(fact, names) for fact, names in found if names]


def facts_of(row: Mapping[str, Any], aliases: Aliases) -> Facts:
    """Read the facts that stand in a row under their usual names; what is not understood is not marked as used."""
    facts = Facts()
    for fact, keys in aliases:
        read = FACT_READERS[fact]
        for key in keys:
            value = row[key]
            found = None if value is None else read(value)
            if found is not None:
                setattr(facts, fact, found)
                facts.used.append(key)
                break
    if "instruction" in facts.used:
        extra = row.get("input")
        if isinstance(extra, str) and extra.strip():  # Alpaca's rows
            facts.prompt = f"{facts.prompt}\n\n{clean_text(extra)}"
            facts.used.append("input")
    if facts.label is None and facts.source is not None and facts.source.lower() == HUMAN:
        facts.label = HUMAN
    return facts


def look_up(row: Any, path: str) -> Any:
    """Follow a dotted path into a row.

    Returns
    -------
    object
        `MISSING` where the path leads nowhere.
    """
    if isinstance(row, dict) and path in row:
        return row[path]
    for step in path.split("."):
        if isinstance(row, dict) and step in row:
            row = row[step]
        elif isinstance(row, list) and step.isdecimal() and int(step) < len(row):
            row = row[int(step)]
        else:
            return MISSING
    return row
