"""Documents for training and calibration: which corpus they are of, and whether their labels will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.inputs import InputStream
from provenance.cli.notes import Notes, counted
from provenance.errors import InputError

if TYPE_CHECKING:
    from provenance.documents import Document
    from provenance.reading import Fields

__all__ = ["CorpusStream", "corpus_documents", "human_only", "labelled"]


class CorpusStream(InputStream):
    """Documents of several corpora: paths as elsewhere, registered names, and NAME:PATH for a file in its schema.

    A file or folder of that very name comes first. Naming a registered corpus is a request to read it: from its copy
    in the cache, where ``provenance corpora get`` left one, else from where it is published.
    """

    def _check_name(self, name: str) -> None:
        """Let registered names pass."""
        from provenance.corpora import is_corpus_name

        if not is_corpus_name(name):
            super()._check_name(name)

    def _read(self, name: str, fields: Fields) -> Iterator[Document]:
        """Documents of one corpus."""
        from provenance.corpora import is_corpus_name, open_corpus

        if not is_corpus_name(name):
            yield from super()._read(name, fields)
            return
        with open_corpus(name, on_bad=self._report) as reading:
            self._notes.say(f"{name}: {reading.origin}")
            for document in reading:
                self._documents += 1
                yield document
            if reading.passed_over:
                self._notes.say(f"{name}: {counted(reading.passed_over, 'file')} without a text of the corpus passed over")


def corpus_documents(stream: InputStream) -> list[Document]:
    """Read all documents; one that names no corpus gets the name of its file as ``meta['corpus']``."""
    return [
        document
        if document.meta.get("corpus") is not None
        else replace(document, meta={**document.meta, "corpus": Path(stream.current).name})
        for document in stream
    ]


def labelled(documents: Sequence[Document], names: str, notes: Notes) -> list[Document]:
    """Keep the documents with a label, both labels being there.

    Raises
    ------
    InputError
        When no document has a label, or all have the same.
    """
    kept = [document for document in documents if document.label is not None]
    found = Counter(document.label for document in kept)
    if not kept:
        raise InputError(
            f"{names}: none of {counted(len(documents), 'document')} has a label; wanted 'human' and 'llm': "
            "name the field that holds it by --label-field"
        )
    if len(found) == 1:
        raise InputError(
            f"{names}: all {counted(len(kept), 'labelled document')} are {next(iter(found))!r}; wanted texts by people "
            "and by models: add a corpus with the other label"
        )
    if len(kept) < len(documents):
        notes.warn(f"{counted(len(documents) - len(kept), 'document')} without a label left out")
    return kept


def human_only(documents: Sequence[Document], names: str, notes: Notes) -> list[Document]:
    """Keep the texts that are by people as far as the input says.

    Raises
    ------
    InputError
        When there is no document, or every one is labelled 'llm'.
    """
    kept = [document for document in documents if document.label != "llm"]
    if not kept:
        raise InputError(f"{names}: all of {counted(len(documents), 'document')} labelled 'llm'; wanted texts by people")
    if len(kept) < len(documents):
        notes.warn(f"{counted(len(documents) - len(kept), 'document')} labelled 'llm' left out")
    return kept
