"""What is known of a published corpus: `Corpus`, and its card as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from provenance.documents import Document

__all__ = ["Corpus", "Hub", "card_of"]


@dataclass(frozen=True, slots=True)
class Hub:
    """Where a corpus lies on the hub, as `datasets.load_dataset` takes it.

    Attributes
    ----------
    builder : str
        'json' or 'csv', or the name of a data set that needs no more than its name.
    files : dict of str to str
        Split and place of its files, as ``hf://datasets/...``; a star stands for several. Empty beside a name.
    """

    builder: str
    files: dict[str, str]

    @property
    def places(self) -> list[str]:
        """Where it lies, for reading."""
        return list(self.files.values()) or [f"hf://datasets/{self.builder}"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A published corpus.

    Attributes
    ----------
    name : str
        As commands take it.
    title, description : str
    home, paper : str
        Where it is published, and where it is described.
    licence : str
        As its publishers state it; 'none stated' where they do not.
    languages : tuple of str
    sides : {'both', 'llm'}
        Whether it has texts by people too.
    domains, sources : tuple of str
        Kinds of text and generators, as the publishers name them.
    files : str
        What to give where files lie at hand.
    grouped_by : str
        What joins texts that must not be split.
    traps : tuple of str
        What tells the sides apart without any style, and what else to mind.
    hub : Hub or None
        None where the publishers offer a repository or an archive only.
    adapt : callable or None
        Adapter of documents, see `provenance.corpora.readers`.
    read : callable or None
        Reader of a folder, where the general reader does not know the files.
    """

    name: str
    title: str
    description: str
    home: str
    paper: str
    licence: str
    languages: tuple[str, ...]
    sides: str
    domains: tuple[str, ...]
    sources: tuple[str, ...]
    files: str
    grouped_by: str
    traps: tuple[str, ...]
    hub: Hub | None = None
    adapt: Callable[[Document], Document | None] | None = None
    read: Callable[[Path], Iterator[Document]] | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the plain facts, for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "home": self.home,
            "paper": self.paper,
            "licence": self.licence,
            "languages": list(self.languages),
            "sides": self.sides,
            "domains": list(self.domains),
            "sources": list(self.sources),
            "files": self.files,
            "grouped_by": self.grouped_by,
            "traps": list(self.traps),
            "hub": self.hub.places if self.hub else None,
        }


def card_of(corpus: Corpus) -> str:
    """Write the card of a corpus as markdown."""
    sides = "texts by people and by models" if corpus.sides == "both" else "texts by models only"
    where = (
        f"`provenance corpora get {corpus.name}` reads it from the hub; `{corpus.name}:PATH` reads {corpus.files}."
        if corpus.hub
        else f"It is not on the hub: get it from its home, then `{corpus.name}:PATH` reads {corpus.files}."
    )
    lines = [
        f"# {corpus.title} (`{corpus.name}`)", "", corpus.description, "",
        f"- Holds: {sides}; {', '.join(corpus.languages)}",
        f"- Kinds of text: {', '.join(corpus.domains)}",
        f"- Generators: {', '.join(corpus.sources)}",
        f"- Licence: {corpus.licence}. No text of it is part of this package.",
        f"- Home: {corpus.home}",
        f"- Paper: {corpus.paper}",
        f"- Groups: {corpus.grouped_by}", "",
        "## How to read it", "", where, "",
        "## Mind", "",
        *(f"- {trap}" for trap in corpus.traps),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
