"""The document: one text with what is known about it.

Everything in the package that takes texts takes documents; :func:`provenance.reading.read_documents` makes them from
files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from provenance.errors import InputError

__all__ = ["HUMAN", "LLM", "Document", "as_documents", "label_of"]

HUMAN = "human"
LLM = "llm"

_HUMAN_WORDS = frozenset({"human", "humans", "human-written", "human_written", "human written", "person", "people", "real"})
_LLM_WORDS = frozenset(
    {
        "llm", "ai", "machine", "model", "generated", "synthetic", "fake", "bot", "gpt", "chatgpt",
        "ai-generated", "ai_generated", "ai generated",
        "machine-generated", "machine_generated", "machine generated",
        "llm-generated", "llm_generated", "llm generated",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """One text and what is known about it.

    Attributes
    ----------
    id : str
        Name of the text in its input; unique where the input's ids are.
    text : str
        The text itself. May be empty; holds neither NUL characters nor lone surrogates when it comes from a reader.
    source : str or None
        The generator as the input names it ('gpt-4o'), or 'human'.
    family : str or None
        Maker of the generator ('openai', 'meta', ...), or 'human'.
    domain : str or None
        Kind of text ('news', 'essay', ...).
    prompt : str or None
        What the text answers.
    label : {'human', 'llm'} or None
        Who wrote the text, where the input says so.
    group : str or None
        Texts of one group must not be split between training and test.
    meta : Mapping[str, object]
        Everything else that the row held.
    """

    id: str
    text: str
    source: str | None = None
    family: str | None = None
    domain: str | None = None
    prompt: str | None = None
    label: str | None = None
    group: str | None = None
    meta: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse what is no text, so that the mistake shows where it is made.

        Raises
        ------
        InputError
            When `text` is not a string.
        """
        if not isinstance(self.text, str):
            raise InputError(f"document {self.id!r}: text is {type(self.text).__name__}; wanted a string")

    def to_dict(self) -> dict[str, object]:
        """Return one flat record: id and text, the fields that are known, then `meta`; readers read it back."""
        record: dict[str, object] = {"id": self.id, "text": self.text}
        for name in ("source", "family", "domain", "prompt", "label", "group"):
            value = getattr(self, name)
            if value is not None:
                record[name] = value
        return record | {key: value for key, value in self.meta.items() if key not in record}


def as_documents(documents: Iterable[str | Document]) -> Iterator[Document]:
    """Give documents for texts and documents alike; a bare text gets its position, from 0, as its id.

    Parameters
    ----------
    documents : iterable of str or Document
        Consumed one at a time, so that streams stay streams.

    Yields
    ------
    Document

    Raises
    ------
    InputError
        When `documents` is a single string, or an element is neither text nor document.
    """
    if isinstance(documents, str):
        raise InputError("got one string; wanted a list of texts: put it in a list, as in [text]")
    for position, item in enumerate(documents):
        if isinstance(item, Document):
            yield item
        elif isinstance(item, str):
            yield Document(id=str(position), text=item)
        else:
            raise InputError(f"element {position} is {type(item).__name__}; wanted a text or a Document")


def label_of(value: object, *, one_is: str | None = None) -> str | None:
    """Read a label by the conventions of published corpora.

    Parameters
    ----------
    value : object
        What the row holds: a word ('human', 'llm', 'AI', 'machine-generated', ...), a number or a boolean.
    one_is : {'human', 'llm'} or None
        What 1 (or true) means in this corpus. Corpora disagree (MAGE says 1 = human), so numbers mean nothing
        unless the corpus is known.

    Returns
    -------
    {'human', 'llm'} or None
        None where the value says neither.

    Examples
    --------
    >>> label_of("Machine-generated"), label_of("1"), label_of("1", one_is="human")
    ('llm', None, 'human')
    """
    word = value.strip().lower() if isinstance(value, str) else value
    if isinstance(word, str):
        if word in _HUMAN_WORDS:
            return HUMAN
        if word in _LLM_WORDS:
            return LLM
    if one_is is None:
        return None
    other = LLM if one_is == HUMAN else HUMAN
    if word in (1, "1", "1.0", "true"):
        return one_is
    return other if word in (0, "0", "0.0", "false") else None
