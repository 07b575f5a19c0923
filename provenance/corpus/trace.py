"""Which rows come from a known data set: near copies of documents, found in indexes and verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.corpus.entries import FIELDS, EntryBatch, batches_of, entry_batch
from provenance.corpus.index import Index
from provenance.corpus.matching import Pairs, find_pairs
from provenance.documents import Document, as_documents
from provenance.errors import UsageError
from provenance.text import MAX_CHARACTERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FIELDS", "KINDS", "LIMIT", "SourceTally", "TraceTally", "trace_documents"]

SCHEMA_VERSION = 1

KINDS = ("copy", "part", "edited")
"""What a match is: found by Jaccard similarity, by containment, or by the share of its words in shared shingles."""

MEASURES = ("jaccard", "containment", "coverage", "in_source", "of_source")

LIMIT = 10
"""Matches told for one field of one document in one index, the closest ones."""


@dataclass(slots=True)
class SourceTally:
    """What was found of one field of one data set.

    Attributes
    ----------
    rows : int
        Documents with a match.
    matches : int
        Pairs, the ones not told included.
    kinds : Counter of str
        Documents by the kind of their closest match.
    licence, maker, generator : str or None
        Of the data set.
    """

    licence: str | None
    maker: str | None
    generator: str | None
    rows: int = 0
    matches: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class TraceTally:
    """Counts of a run; filled while `trace_documents` is consumed.

    Attributes
    ----------
    documents : int
        Documents read.
    matched : int
        Documents whose text, not their prompt alone, has a match.
    too_short : Counter of str
        Texts with fewer words than are compared, by field.
    cut : int
        Texts that were compared by their first `provenance.text.MAX_CHARACTERS` characters.
    untold : int
        Matches beyond `LIMIT`, which have no record.
    sources : dict
        By (name of the data set, field).
    """

    documents: int = 0
    matched: int = 0
    too_short: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    untold: int = 0
    sources: dict[tuple[str, str], SourceTally] = field(default_factory=dict)

    def source(self, index: Index, name: str) -> SourceTally:
        """Counts of one field of the data set of an index."""
        info = index.info
        fresh = SourceTally(info.licence, info.maker, info.generator)
        return self.sources.setdefault((info.name, name), fresh)


def trace_documents(
    documents: Iterable[str | Document],
    indexes: Index | str | Path | Sequence[Index | str | Path],
    threshold: float = 0.8,
    *,
    fields: Sequence[str] = FIELDS,
    limit: int = LIMIT,
    tally: TraceTally | None = None,
) -> Generator[dict[str, Any], None, None]:
    """Find near copies of documents in indexes of known data sets.

    Two texts are compared by their sets of hashed three-word shingles, without regard to case, white space and
    punctuation; prompts meet prompts and answers meet answers alone. Candidates come from sketches
    (:mod:`provenance.corpus.minhash`); each is verified on the full sets. A pair is a match, of the kind

    - ``copy`` when its Jaccard similarity is at least `threshold`,
    - ``part`` when the containment (shared shingles as a share of the smaller set) is, and that set has 16 or more,
    - ``edited`` when that share of the document's words lies in shared shingles, and the document has 16 or more.

    Parameters
    ----------
    documents : iterable of str or Document
        Read once; memory stays flat.
    indexes : Index, path, or a sequence of these
    threshold : float
        Above 0, at most 1.
    fields : sequence of str
        Of 'output' and 'prompt', the ones to compare.
    limit : int
        Most records for one field of one document in one index; the tally counts the others.
    tally : TraceTally, optional
        Filled while the records are consumed.

    Yields
    ------
    dict
        ``id, source, source_id, field, jaccard, containment, text, source_text, licence`` and, beyond these,
        ``schema_version, match, coverage, in_source`` and ``of_source`` (shared shingles as a share of the document's
        and of the source's), ``generator, maker, copies`` (rows of the source with this text) and ``index``. In the
        order of the documents. ``source_text`` is None where the index holds hashes alone.

    Raises
    ------
    UsageError
        When `threshold` or `fields` is out of range, or there is no index.
    InputError
        When an index cannot be opened.
    """
    opened = _opened(indexes)
    if not opened:
        raise UsageError("no index to trace against; wanted one or more")
    if not 0 < threshold <= 1:
        raise UsageError(f"threshold is {threshold:g}; wanted more than 0 and at most 1")
    unknown = [name for name in fields if name not in FIELDS]
    if unknown or not fields:
        raise UsageError(f"fields are {list(fields)}; wanted some of {', '.join(FIELDS)}")
    return _traced(documents, opened, threshold, fields, limit, TraceTally() if tally is None else tally)


def _opened(indexes: Index | str | Path | Sequence[Index | str | Path]) -> list[Index]:
    """Open what is no index yet."""
    given = [indexes] if isinstance(indexes, Index | str | Path) else indexes
    return [item if isinstance(item, Index) else Index(item) for item in given]


def _traced(
    documents: Iterable[str | Document],
    indexes: list[Index],
    threshold: float,
    fields: Sequence[str],
    limit: int,
    tally: TraceTally,
) -> Generator[dict[str, Any], None, None]:
    """Records, batch by batch, in the order of the documents."""
    for part in batches_of(as_documents(documents)):
        batch = entry_batch(part, fields)
        _count(batch, tally)
        records: list[tuple[int, dict[str, Any]]] = []
        matched: set[int] = set()
        for index in indexes:
            pairs = find_pairs(batch, index, threshold)
            kinds = pairs.kinds(threshold)
            first, told = _first(pairs), _told(pairs, limit)
            _tell(tally, index, batch.fields[pairs.left], kinds, first)
            owners = batch.owners[pairs.left]
            matched.update(owners[batch.fields[pairs.left] == FIELDS.index("output")].tolist())
            tally.untold += int((~told).sum())
            kept = pairs.where(told)
            made = _records(batch, index, kept, [KINDS[kind - 1] for kind in kinds[told]])
            records += zip(owners[told].tolist(), made, strict=True)
        tally.matched += len(matched)
        records.sort(key=lambda record: record[0])
        yield from (record for _, record in records)


def _tell(
    tally: TraceTally, index: Index, fields: NDArray[np.uint8], kinds: NDArray[np.uint8], first: NDArray[np.bool_]
) -> None:
    """Count the pairs of one index, and the documents by the kind of their closest pair."""
    for code, name in enumerate(FIELDS):
        own = fields == code
        if own.any():
            counts = tally.source(index, name)
            counts.matches += int(own.sum())
            counts.rows += int((own & first).sum())
            counts.kinds.update(KINDS[kind - 1] for kind in kinds[own & first].tolist())


def _count(batch: EntryBatch, tally: TraceTally) -> None:
    """Count what is read, and what is not compared."""
    tally.documents += len(batch.documents)
    for entry in (~batch.comparable).nonzero()[0]:
        tally.too_short[FIELDS[batch.fields[entry]]] += 1
    tally.cut += sum(len(text) > MAX_CHARACTERS for text in batch.texts)


def _first(pairs: Pairs) -> NDArray[np.bool_]:
    """Mark the first pair of each entry."""
    return _told(pairs, 1)


def _told(pairs: Pairs, limit: int) -> NDArray[np.bool_]:
    """Mark the first `limit` pairs of each entry."""
    import numpy as np

    return np.arange(len(pairs.left)) - np.searchsorted(pairs.left, pairs.left) < limit


def _records(batch: EntryBatch, index: Index, pairs: Pairs, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Matches as they are published."""
    import numpy as np

    in_source, of_source = pairs.in_right.round(4), pairs.in_left.round(4)
    columns = (
        pairs.left, pairs.right, kinds, pairs.jaccard.round(4), np.maximum(in_source, of_source), pairs.coverage.round(4),
        in_source, of_source,
    )  # fmt: skip
    rows = zip(*(column.tolist() if isinstance(column, np.ndarray) else column for column in columns), strict=True)
    return [
        {
            "schema_version": SCHEMA_VERSION,
            "id": batch.documents[batch.owners[entry]].id,
            "source": index.info.name,
            "source_id": index.id_of(source_entry),
            "field": FIELDS[batch.fields[entry]],
            "match": kind,
            **dict(zip(MEASURES, measures, strict=True)),
            "text": batch.texts[entry],
            "source_text": index.text_of(source_entry),
            "licence": index.info.licence,
            "generator": index.generator_of(source_entry),
            "maker": index.info.maker,
            "copies": index.copies_of(source_entry),
            "index": index.folder.name,
        }
        for entry, source_entry, kind, *measures in rows
    ]
