"""Published corpora of labelled text: what is known of each, and readers of their schemas; installs as ``provenance.corpora``.

No text of a corpus is part of this package: the texts belong to their authors. What is here is what one needs to know
about a corpus before training on it or measuring with it: where it is published, under which licence, how its rows are
grouped, and which artefacts tell its two sides apart without any style. Nothing is fetched unless a corpus is asked for
by its name.
"""

from __future__ import annotations

from provenance.corpora.registry import CORPORA, Corpus, corpus_names, find_corpus, is_corpus_name
from provenance.corpora.sources import CorpusReading, open_corpus

__all__ = ["CORPORA", "Corpus", "CorpusReading", "corpus_names", "find_corpus", "is_corpus_name", "open_corpus"]
