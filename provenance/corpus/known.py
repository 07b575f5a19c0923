"""Public data sets that rows of training data often come from: licence, maker, generator, and how to read each.

The facts stand in ``data/known_sources.toml``; no text of a data set is part of the package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from provenance.corpus.index_writer import SourceFacts
from provenance.corpus.layouts import LAYOUTS
from provenance.documents import Document
from provenance.errors import UsageError

__all__ = ["KnownSource", "find_known", "known_sources"]


@dataclass(frozen=True, slots=True)
class KnownSource:
    """What is known of a public data set.

    Attributes
    ----------
    name, title, maker, generator, url : str
        Short name, full name, who published it, the model that wrote the answers ('human' for people), where it is.
    licence, licence_from : str
        Terms as stated, and where they were read: 'card', 'repository' or 'third party'.
    hub : str or None
        Name on the Hugging Face hub; None where it has to be downloaded by hand.
    fields : Mapping of str to str
        Fields of a row that the reader does not find by itself.
    layout : str
        How rows become prompts and answers; a name in :data:`provenance.corpus.layouts.LAYOUTS`.
    gated : bool
        Whether its terms must be accepted on the hub first.
    note : str
        What else one needs to know.
    """

    name: str
    title: str
    maker: str
    generator: str
    licence: str
    licence_from: str
    url: str
    hub: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    layout: str = "rows"
    gated: bool = False
    note: str = ""

    @property
    def path(self) -> str | None:
        """What `provenance.read_documents` reads it from: ``hf://NAME``; None where there is no such name."""
        return f"hf://{self.hub}" if self.hub else None

    @property
    def facts(self) -> SourceFacts:
        """What an index of it says."""
        return SourceFacts(self.name, self.title, self.licence, self.maker, self.generator, self.url)

    def arranged(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Turn what the reader gives for its rows into documents with prompt and answer."""
        return LAYOUTS[self.layout](documents)


@cache
def known_sources() -> dict[str, KnownSource]:
    """Return the data sets by name."""
    text = (files("provenance.corpus") / "data" / "known_sources.toml").read_text(encoding="utf-8")
    return {name: KnownSource(name=name, **facts) for name, facts in tomllib.loads(text).items()}


def find_known(name: str) -> KnownSource:
    """Return one data set.

    Raises
    ------
    UsageError
        When there is none of that name; the message lists those that there are.
    """
    known = known_sources()
    if name not in known:
        raise UsageError(f"no data set {name!r} is known; wanted one of {', '.join(known)}")
    return known[name]
