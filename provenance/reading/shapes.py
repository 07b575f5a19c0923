"""Which shape a row has: the known shapes in the order in which they are tried, and the plain text fields."""

from __future__ import annotations

from typing import Any

from provenance.reading import answers, benchmarks, chats
from provenance.reading.drafts import Draft, Row, Shape, drafts_of
from provenance.reading.fields import MISSING, look_up
from provenance.reading.rows import RowError
from provenance.reading.values import content_text, texts_of

__all__ = ["CLEAR_KEYS", "TABLE_KEYS", "TEXT_KEYS", "NoField", "plain_shape", "shape_by_field", "shape_of"]

TEXT_KEYS = (
    "text",
    "output",
    "response",
    "completion",
    "generation",
    "content",
    "answer",
    "generated_text",
    "output_text",
    "model_output",
    "prediction",
)
_SAMPLE_KEYS = (*TEXT_KEYS, "outputs", "responses", "completions", "generations", "answers")

TABLE_KEYS = frozenset(TEXT_KEYS) | {"human_text", "machine_text"}
"""Columns that mark the first line of an unnamed file as the header of a table."""

CLEAR_KEYS = frozenset(
    {"custom_id", "error", "choices", "resps", "filtered_resps", "human_answers", "chatgpt_answers", "machine_text"}
    | {"src", "llm_type", "generator", *chats.CHAT_KEYS}
)
"""Keys that may give a row another shape than a plain text field; rows without them need no second look."""

_CHATS = (chats.MESSAGES, chats.SHAREGPT)
_SHAPES = (
    answers.BATCH,
    answers.ANTHROPIC_BATCH,
    chats.FASTCHAT,
    answers.COMPLETIONS,
    answers.RESPONSES,
    benchmarks.HARNESS,
    benchmarks.HC3,
    benchmarks.M4,
    *_CHATS,
    benchmarks.RAID,
    benchmarks.MAGE,
    benchmarks.DETECTRL,
    benchmarks.ALPACA_EVAL,
)


class NoField(RowError):
    """A row none of whose fields is known to hold a text."""


def shape_of(row: Row) -> Shape:
    """Recognise the shape of a row.

    Raises
    ------
    NoField
        When no known field is there.
    RowError
        When the field for the text is there and holds none.
    """
    plain = plain_shape(row)
    for shape in _SHAPES:
        if shape.fits(row) and not (plain and shape in _CHATS and not chats.answered(row)):
            return shape
    if plain:
        return plain
    for key in _SAMPLE_KEYS:
        if isinstance(row.get(key), list | dict) and _SAMPLES[key].fits(row):
            return _SAMPLES[key]
    for key in _SAMPLE_KEYS:
        if key in row:
            raise RowError(f"field {key!r} holds no text: it is {_kind(row[key])}")
    names = ", ".join(repr(name[:40]) for name in list(row)[:20])
    more = f" and {len(row) - 20} more" if len(row) > 20 else ""
    has = f"the row has {names}{more}" if row else "the row is empty"
    raise NoField(f"no field that is known to hold a text: {has}; name the right one with --text-field")


def plain_shape(row: Row) -> Shape | None:
    """Return the shape that takes the first usual field with a string, or None."""
    for key in TEXT_KEYS:
        if isinstance(row.get(key), str):
            return _PLAIN[key]
    return None


def shape_by_field(path: str) -> Shape:
    """Return the shape that takes its text from the field that the user named."""

    def drafts(row: Row) -> list[Draft | None]:
        value = look_up(row, path)
        if value is MISSING:
            names = ", ".join(repr(name[:40]) for name in list(row)[:20]) or "none"
            raise NoField(f"no field {path!r}; the row has the fields {names}")
        return _texts(value, path)

    used = frozenset() if "." in path else frozenset({path})
    return Shape(f"field {path!r}, as asked", lambda row: True, drafts, used)


def _plain(key: str) -> Shape:
    return Shape(
        f"field {key!r}",
        lambda row: isinstance(row.get(key), str),
        lambda row: [Draft(row[key])],
        frozenset({key}),
        plain=key,
    )


def _samples(key: str) -> Shape:
    def fits(row: Row) -> bool:
        try:
            return any(_texts(row[key], key))
        except RowError:
            return False

    return Shape(f"field {key!r} (several texts a row)", fits, lambda row: _texts(row[key], key), frozenset({key}))


def _texts(value: Any, key: str) -> list[Draft | None]:
    """Return the texts of a field that holds a string, a list of messages, of parts or of samples."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        if all("role" in item or "from" in item for item in value):
            return chats.assistant_turns(value)
        if all("type" in item for item in value):
            value = content_text(value)
    drafts = drafts_of(texts_of(value))
    if not any(drafts):
        raise RowError(f"field {key!r} holds no text: it is {_kind(value)}")
    return drafts


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list without texts", bool: "true or false", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


_PLAIN = {key: _plain(key) for key in TEXT_KEYS}
_SAMPLES = {key: _samples(key) for key in _SAMPLE_KEYS}
