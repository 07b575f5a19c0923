"""Published corpora of labelled text; installs as ``provenance.corpora``.

A corpus is a file or a folder that :func:`provenance.read_documents` reads, with a label ``human`` or ``llm`` on each
document. No text of a corpus is part of this package: the texts belong to their authors. What belongs here is what
one needs to know about a corpus before training on it or measuring with it: where it is published, under which
licence, how its rows are grouped, and which artefacts tell its two sides apart without any style.
"""
