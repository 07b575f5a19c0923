"""Opening a corpus: from a file at hand, from a copy in the cache, or, only because it was named, from the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from provenance.corpora.card import Corpus
from provenance.corpora.registry import split_name
from provenance.corpora.splits import split_of_name, split_of_row
from provenance.documents import Document
from provenance.errors import DependencyError, InputError

if TYPE_CHECKING:
    from provenance.reading import BadRow

__all__ = ["CorpusReading", "cached_path", "open_corpus"]


class CorpusReading:
    """Documents of one corpus, read while they are iterated over.

    Attributes
    ----------
    corpus : Corpus
    origin : str
        Where they come from, in words.
    passed_over : int
        Files so far that hold no text of the corpus, such as prompts.
    """

    def __init__(
        self, corpus: Corpus, origin: str, documents: Iterator[Document], *, place: str = "", finished: bool = False
    ) -> None:
        self.corpus = corpus
        self.origin = origin
        self.passed_over = 0
        self._split = split_of_name(Path(place).name)
        self._source = documents
        self._stream = documents if finished else self._adapted()

    def __iter__(self) -> Iterator[Document]:
        return self._stream

    def __enter__(self) -> CorpusReading:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for stream in (self._stream, self._source):
            close = getattr(stream, "close", None)
            if close is not None:
                close()

    def _adapted(self) -> Iterator[Document]:
        """Documents as the corpus means them, with its name in `meta`."""
        for document in self._source:
            found = self.corpus.adapt(document) if self.corpus.adapt else document
            if found is None:
                self.passed_over += 1
                continue
            split = split_of_row(found.meta) or split_of_name(document.id.rpartition(":")[0]) or self._split
            told = {"split": split} if split else {}
            yield replace(found, meta={**found.meta, **told, "corpus": self.corpus.name})


def open_corpus(argument: str, *, on_bad: Callable[[BadRow], None] | None = None, refresh: bool = False) -> CorpusReading:
    """Open a registered corpus.

    Parameters
    ----------
    argument : str
        ``NAME`` reads the copy in the cache, or else the hub; ``NAME:PATH`` reads files in the corpus's own schema.
    on_bad : callable, optional
        Called with a `BadRow` for each row that could not be read.
    refresh : bool
        Leave the copy in the cache aside.

    Returns
    -------
    CorpusReading

    Raises
    ------
    InputError
        When the argument names no corpus, the file is missing or in another schema, the corpus is not on the hub, or
        the hub cannot be reached.
    DependencyError
        When `datasets` is not installed.
    """
    named = split_name(argument)
    if named is None:
        from provenance.corpora.registry import find_corpus

        named = find_corpus(argument.partition(":")[0]), None
    corpus, path = named
    if path is not None:
        origin = f"{path} read in the schema of {corpus.title}"
        return CorpusReading(corpus, origin, _local(corpus, path, on_bad), place=path)
    kept = cached_path(corpus.name)
    if kept.is_file() and not refresh:
        return CorpusReading(corpus, f"read from {kept}", _plain(kept, on_bad), finished=True)
    if corpus.hub is None:
        raise InputError(
            f"{corpus.name}: is not on the hub; wanted its files: get them from {corpus.home} "
            f"and name them as {corpus.name}:PATH"
        )
    return CorpusReading(corpus, f"reading {', '.join(corpus.hub.places)}", _hub(corpus, on_bad))


def cached_path(name: str) -> Path:
    """Return where the copy of a corpus lies, or would lie."""
    from provenance.features.cache import default_folder

    return default_folder() / "corpora" / f"{name}.jsonl.gz"


def _plain(path: Path, on_bad: Callable[[BadRow], None] | None) -> Iterator[Document]:
    from provenance.reading import read_documents

    yield from read_documents(path, on_bad=on_bad)


def _local(corpus: Corpus, path: str, on_bad: Callable[[BadRow], None] | None) -> Iterator[Document]:
    if not Path(path).exists():
        raise InputError(f"{corpus.name}:{path}: no such file or folder; wanted {corpus.files}")
    if corpus.read is None:
        return _plain(Path(path), on_bad)
    if not Path(path).is_dir():
        raise InputError(f"{corpus.name}:{path}: is a file; wanted {corpus.files}")
    return corpus.read(Path(path))


def _hub(corpus: Corpus, on_bad: Callable[[BadRow], None] | None) -> Iterator[Document]:
    """Documents of the hub, streamed; opened at once, so that what is wrong shows before anything is read."""
    data = _open_hub(corpus)
    return _hub_documents(corpus, data, on_bad)


def _open_hub(corpus: Corpus) -> dict[str, Any]:
    try:
        import datasets
    except ImportError as error:
        raise DependencyError(
            f"{corpus.name}: reading from the hub needs the package datasets: pip install datasets"
        ) from error
    hub = corpus.hub
    if hub is None:
        raise InputError(f"{corpus.name}: is not on the hub; wanted its files")
    try:
        data: Any = datasets.load_dataset(hub.builder, data_files=dict(hub.files) or None, streaming=True)
    except Exception as error:  # the library raises errors of its own, of its transport and of the hub client
        raise InputError(_unreachable(corpus, error)) from error
    return data if isinstance(data, dict) else {"train": data}


def _unreachable(corpus: Corpus, error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
    return (
        f"{corpus.name}: cannot be read from the hub ({reason}); wanted a connection, or its files: get them from "
        f"{corpus.home} and name them as {corpus.name}:PATH"
    )


def _hub_documents(corpus: Corpus, data: dict[str, Any], on_bad: Callable[[BadRow], None] | None) -> Iterator[Document]:
    from provenance.reading import BadRow, Fields
    from provenance.reading.rows import Notes, RowError
    from provenance.reading.shaping import Shaper

    for split, rows in data.items():
        label = f"{corpus.name}/{split}"
        shaper = Shaper(label, label, "row", Fields(), Notes())
        stream, number = iter(rows), 0
        while True:
            number += 1
            try:
                row = next(stream, None)
            except Exception as error:  # as above: a connection that breaks, a file that does not parse
                raise InputError(_unreachable(corpus, error)) from error
            if row is None:
                break
            try:
                documents = shaper.documents(number, dict(row))
            except RowError as error:
                if on_bad is not None:
                    on_bad(BadRow(label, number, str(error), "row"))
                continue
            for document in documents:
                yield replace(document, meta={**document.meta, "split": split})
