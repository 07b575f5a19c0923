"""The registry: every corpus that can be named, with its card and its reader."""

from __future__ import annotations

from pathlib import Path

from provenance.corpora.answers import ANSWERS
from provenance.corpora.card import Corpus
from provenance.corpora.labelled import LABELLED
from provenance.errors import InputError

__all__ = ["CORPORA", "Corpus", "corpus_names", "find_corpus", "is_corpus_name", "split_name"]

CORPORA: dict[str, Corpus] = {corpus.name: corpus for corpus in (*LABELLED, *ANSWERS)}
"""Every registered corpus, by name."""


def corpus_names() -> list[str]:
    """Names of the registered corpora, in the order of the registry."""
    return list(CORPORA)


def find_corpus(name: str) -> Corpus:
    """Return a registered corpus.

    Raises
    ------
    InputError
        When there is none of that name; the message lists those there are.
    """
    if name not in CORPORA:
        raise InputError(f"no corpus {name!r}; registered are {', '.join(CORPORA)}")
    return CORPORA[name]


def split_name(argument: str) -> tuple[Corpus, str | None] | None:
    """Read an argument that names a registered corpus: NAME, or NAME:PATH; None for anything else.

    A file or folder of that very name comes before a corpus.
    """
    name, colon, path = argument.partition(":")
    if name not in CORPORA or Path(argument).exists():
        return None
    return CORPORA[name], (path if colon else None)


def is_corpus_name(argument: str) -> bool:
    """Whether an argument names a registered corpus."""
    return split_name(argument) is not None
