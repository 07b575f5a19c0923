"""Layouts of public data sets that pair prompts and answers in ways of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from provenance.documents import Document

__all__ = ["LAYOUTS"]

_SPEAKER = re.compile(r"\[\|(Human|AI)\|\]")


def rows(documents: Iterable[Document]) -> Iterator[Document]:
    """Prompts and answers as the reader found them."""
    yield from documents


def turns(documents: Iterable[Document]) -> Iterator[Document]:
    """A list of texts a row, user and assistant in turn (UltraChat, LIMA): ``id#1`` is a prompt, ``id#2`` its answer."""
    for _, items in groupby(documents, key=lambda document: document.id.rpartition("#")[0] or document.id):
        prompt = None
        for position, document in enumerate(items):
            if position % 2 == 0:
                prompt = document
            else:
                yield replace(document, prompt=prompt.text if prompt else None)
                prompt = None
        if prompt is not None:
            yield replace(prompt, text="", prompt=prompt.text)


def messages(documents: Iterable[Document]) -> Iterator[Document]:
    """One message a row with its role (OpenAssistant): a prompter's text is a prompt without an answer."""
    for document in documents:
        if document.meta.get("role") in ("prompter", "user", "human"):
            yield replace(document, text="", prompt=document.text)
        else:
            yield document


def completions(documents: Iterable[Document]) -> Iterator[Document]:
    """Several answers to one prompt, each with its model (UltraFeedback)."""
    for document in documents:
        listed = document.meta.get("completions")
        answers = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
        for position, answer in enumerate(answers, 1):
            text, model = answer.get("response"), answer.get("model")
            if isinstance(text, str) and text:
                yield replace(
                    document, id=f"{document.id}#{position}", text=text, source=model if isinstance(model, str) else None
                )


def dialogue(documents: Iterable[Document]) -> Iterator[Document]:
    """One text a row, with ``[|Human|]`` and ``[|AI|]`` before what each says (Baize)."""
    for document in documents:
        parts = _SPEAKER.split(document.text)
        prompt = None
        for number, (speaker, text) in enumerate(zip(parts[1::2], parts[2::2], strict=True), 1):
            if speaker == "Human":
                prompt = text.strip() or None
            elif text.strip():
                yield replace(document, id=f"{document.id}#{number}", text=text.strip(), prompt=prompt)
                prompt = None


LAYOUTS: Mapping[str, Callable[[Iterable[Document]], Iterator[Document]]] = {
    "rows": rows, "turns": turns, "messages": messages, "completions": completions, "dialogue": dialogue,
}  # fmt: skip
"""Layouts by name; each takes what the reader gives and yields documents with prompt and answer."""
