"""The contract between shapes and the reader: a shape turns one row into drafts of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Draft", "Row", "Shape", "drafts_of"]

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """One text of a row, with what the shape knows about it beyond the usual fields.

    Attributes
    ----------
    text : str
    tag : str
        Distinguishes the texts of one row: the document's id is ``row#tag``. Empty: they are numbered from 1 when
        there are several.
    facts : Mapping[str, str | None]
        Fields of the document that the shape sets itself; they win over the row's usual fields, None too.
    meta : Mapping[str, object]
        Added to the document's `meta`.
    """

    text: str
    tag: str = ""
    facts: Mapping[str, str | None] = field(default_factory=dict)
    meta: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """A known shape of row.

    Attributes
    ----------
    name : str
        What the user is told.
    fits : callable
        Tells whether a row has this shape; cheap, never raises.
    drafts : callable
        From a row that fits to its texts, with None for a part that has no text (a tool call, a null answer). Raises
        `RowError` where it holds none.
    used : frozenset of str
        Keys that are spent and do not go into `meta`.
    id_first : tuple of str
        Keys that name the row before the usual ones do.
    plain : str
        The key of the text, where the shape is nothing but one field with a string.
    """

    name: str
    fits: Callable[[Row], bool]
    drafts: Callable[[Row], list[Draft | None]]
    used: frozenset[str] = frozenset()
    id_first: tuple[str, ...] = ()
    plain: str = ""


def drafts_of(texts: Iterable[str | None], **facts: str | None) -> list[Draft | None]:
    """Return a draft for each text, all with the same facts."""
    return [None if text is None else Draft(text, facts=facts) for text in texts]
