"""From numbered rows of one file to documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provenance.documents import HUMAN, Document
from provenance.reading.drafts import Draft, Row, Shape
from provenance.reading.fields import (
    FACT_READERS,
    ID_KEYS,
    MISSING,
    Aliases,
    Facts,
    Fields,
    aliases_in,
    facts_of,
    look_up,
)
from provenance.reading.rows import Notes, RowError
from provenance.reading.shapes import CLEAR_KEYS, TEXT_KEYS, NoField, shape_by_field, shape_of
from provenance.reading.values import as_name, clean_text, prompt_text

__all__ = ["Shaper"]

_MAX_PLANS = 256


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to read rows with the same keys and a plain text field, so that each is not studied anew."""

    text: str
    ids: tuple[str, ...]
    aliases: Aliases


class Shaper:
    """Turns the rows of one file into documents.

    Parameters
    ----------
    name : str
        Name of the file in the ids of rows that have none.
    label : str
        Name of the file in notes.
    unit : {'line', 'element', 'row', 'file'}
        What the rows' numbers count.
    fields : Fields
    notes : Notes

    Attributes
    ----------
    shape : str or None
        The first shape met.
    """

    def __init__(self, name: str, label: str, unit: str, fields: Fields, notes: Notes) -> None:
        self._name = name
        self._label = label
        self._unit = unit
        self._chosen = fields.chosen()
        self._by_field = shape_by_field(fields.text) if fields.text is not None else None
        self._notes = notes
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._first = True
        self.shape: str | None = None

    def documents(self, number: int, row: Any) -> list[Document]:
        """Return the documents of a row, at least one.

        Raises
        ------
        NoField
            When a field that is needed is not in the row.
        RowError
            When the row holds no text.
        """
        if type(row) is dict:
            plan = self._plans.get(tuple(row))
            if plan is not None:
                text = row[plan.text]
                if type(text) is str:
                    return [self._plain(number, row, text, plan)]
        try:
            return self._studied(number, row)
        except RecursionError as error:
            raise RowError("nested too deep to read") from error

    def _plain(self, number: int, row: Row, text: str, plan: _Plan) -> Document:
        del row[plan.text]
        name = None
        for key in plan.ids:
            name = as_name(row[key])
            if name is not None:
                del row[key]
                break
        if name is None:
            name = f"{self._name}:{number}"
        text = clean_text(text)
        if not plan.aliases:
            return Document(name, text, meta=row)
        facts = facts_of(row, plan.aliases)
        for key in facts.used:
            del row[key]
        self._watch_label(row)
        return Document(name, text, facts.source, facts.family, facts.domain, facts.prompt, facts.label, facts.group, row)

    def _studied(self, number: int, value: Any) -> list[Document]:
        if isinstance(value, str) and (self._unit == "file" or self._by_field is None):
            self._took("plain text, one document a file" if self._unit == "file" else "plain strings")
            name = self._name if self._unit == "file" else f"{self._name}:{number}"
            return [Document(name, clean_text(value))]
        row = _as_row(value)
        shape = self._by_field or shape_of(row)
        parts = shape.drafts(row)
        drafts = [draft for draft in parts if draft is not None]
        if len(drafts) < len(parts):
            self._notes.add(f"{self._label}: parts of rows without text were left out", len(parts) - len(drafts))
        documents = self._finished(number, row, shape, drafts)
        self._took(shape.name)
        self._learn(row, shape)
        return documents

    def _finished(self, number: int, row: Row, shape: Shape, drafts: list[Draft]) -> list[Document]:
        facts = facts_of(row, aliases_in(row))
        name, id_key = self._id_of(row, shape, number)
        chosen = self._chosen_facts(row)
        used = shape.used.union(facts.used, (id_key,), chosen.pop("used", ()))
        meta = {key: value for key, value in row.items() if key not in used}
        self._watch_label(meta)
        if facts.prompt is None and "messages" in row:
            facts.prompt = prompt_text(row["messages"])
        several = len(drafts) > 1
        group = name if several else None
        documents = []
        for position, draft in enumerate(drafts, 1):
            tag = draft.tag or (str(position) if several else "")
            known = {**_as_dict(facts), **draft.facts, **chosen}
            if known["label"] is None and (known["source"] or "").lower() == HUMAN:
                known["label"] = HUMAN
            known["group"] = known["group"] or group
            ident = f"{name}#{tag}" if tag else name
            documents.append(Document(ident, clean_text(draft.text), **known, meta={**meta, **draft.meta}))
        return documents

    def _id_of(self, row: Row, shape: Shape, number: int) -> tuple[str, str]:
        """Return the row's id, and the key under which it stood."""
        path = self._chosen.get("id")
        if path is not None:
            value = look_up(row, path)
            self._check(value, path, row)
            return as_name(None if value is MISSING else value) or f"{self._name}:{number}", path
        for key in (*shape.id_first, *ID_KEYS):
            name = as_name(row.get(key))
            if name is not None:
                return name, key
        return f"{self._name}:{number}", ""

    def _chosen_facts(self, row: Row) -> dict[str, Any]:
        """Return the facts that the user named fields for, and under 'used' the keys that were understood."""
        found: dict[str, Any] = {"used": []}
        for fact, path in self._chosen.items():
            if fact in ("text", "id"):
                continue
            value = look_up(row, path)
            self._check(value, path, row)
            found[fact] = None if value is MISSING else FACT_READERS[fact](value)
            if found[fact] is not None:
                found["used"].append(path)
        return found

    def _check(self, value: Any, path: str, row: Row) -> None:
        """Refuse a named field that the first row lacks: it is a slip of the pen. Later rows may lack it."""
        if value is MISSING and self._first:
            names = ", ".join(repr(key[:40]) for key in list(row)[:20])
            raise NoField(f"no field {path!r}; the row has the fields {names}")

    def _learn(self, row: Row, shape: Shape) -> None:
        """Remember how to read rows like this one, where a plain field is all there is to it."""
        keys = tuple(row)
        key = shape.plain
        if not key or self._chosen or keys in self._plans or CLEAR_KEYS.intersection(keys):
            return
        others = [other for other in TEXT_KEYS if other != key and isinstance(row.get(other), str)]
        if others:
            self._notes.add(f"{self._label}: took {key!r} as the text; rows also have {others[0]!r} (see --text-field)")
        if len(self._plans) < _MAX_PLANS:
            ids = tuple(name for name in ID_KEYS if name in row)
            self._plans[keys] = _Plan(key, ids, aliases_in(name for name in keys if name != key))

    def _took(self, name: str) -> None:
        self._first = False
        if self.shape is None:
            self.shape = name
        elif name != self.shape:
            self._notes.add(f"{self._label}: rows of another shape follow: {name}")

    def _watch_label(self, meta: Row) -> None:
        if meta.get("label") is not None:
            self._notes.add(f"{self._label}: labels that say neither human nor llm were not taken as labels")


def _as_row(value: Any) -> Row:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return {"messages": value}
    kinds = {str: "a string", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    raise NoField(f"the row is {kinds.get(type(value), 'null')}; wanted an object with a text")


def _as_dict(facts: Facts) -> dict[str, Any]:
    return {
        "source": facts.source,
        "family": facts.family,
        "domain": facts.domain,
        "prompt": facts.prompt,
        "label": facts.label,
        "group": facts.group,
    }
