"""The work of ``provenance inspect-corpus``: one pass over the data, the page, and the rows that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.inputs import InputStream
from provenance.cli.notes import counted
from provenance.cli.options import Common
from provenance.cli.progress import Bar, progress_bar
from provenance.cli.sharing import Plan, Scorer, sampled
from provenance.cli.sinks import check_target
from provenance.corpus.filtering import RowFilter
from provenance.corpus.inspection import Inspection
from provenance.corpus.near import NearCopies
from provenance.corpus.trace import TraceTally, trace_documents
from provenance.errors import UsageError

if TYPE_CHECKING:
    from provenance.corpus.index import Index
    from provenance.corpus.result import ShareResult
    from provenance.detect.detector import Detector
    from provenance.detect.result import Score
    from provenance.documents import Document

__all__ = ["InspectPlan", "Outcome", "inspect", "summary_lines"]


@dataclass(frozen=True, slots=True)
class InspectPlan:
    """What was asked for: the options of ``inspect-corpus``."""

    inputs: tuple[str, ...]
    page: str
    human: tuple[str, ...]
    llm: tuple[str, ...]
    indexes: tuple[str, ...]
    no_trace: bool
    detector: str
    fpr: float
    kept_file: str | None
    max_probability: float | None
    drop: tuple[str, ...]
    sample: int
    fields: Mapping[str, str | None]

    def check(self) -> None:
        """Refuse options that do not fit together, before anything is read.

        Raises
        ------
        UsageError
            When they do not.
        OutputError
            When a file cannot be written where it was asked for.
        """
        read = (*self.inputs, *self.human, *self.llm)
        if (self.max_probability is not None or self.drop) and self.kept_file is None:
            raise UsageError("--max-probability and --drop say which rows --write-filtered FILE keeps; add it")
        if self.kept_file is not None and self.max_probability is None and not self.drop:
            raise UsageError("--write-filtered keeps every row unless told; add --max-probability P or --drop KIND")
        if self.llm and not self.human:
            raise UsageError("--llm without --human: the share needs texts by people from the same source; add --human")
        if self.no_trace and self.indexes:
            raise UsageError("--no-trace and --against do not go together; leave one out")
        if read.count("-") > 1:
            raise UsageError("standard input is named twice; it can be read once")
        targets = [target for target in (self.page, self.kept_file) if target is not None]
        if "-" in targets or len(set(targets)) < len(targets):
            raise UsageError("-o and --write-filtered: wanted two files; the counts go to standard output")
        for target in targets:
            if target in read:
                raise UsageError(f"{target} is read and would be written over; choose another output")
            check_target(target)


@dataclass(frozen=True)
class Outcome:
    """What one look found.

    Attributes
    ----------
    inspection : Inspection
    trace : TraceTally or None
    filter : RowFilter or None
    share : ShareResult or None
    """

    inspection: Inspection
    trace: TraceTally | None
    filter: RowFilter | None
    share: ShareResult | None
    detector: str
    fpr: float
    inputs: Sequence[str]
    unreadable: int

    def record(self) -> dict[str, object]:
        """Return everything as one JSON record."""
        record: dict[str, object] = {"schema_version": 1, **self.inspection.to_dict(), "unreadable": self.unreadable}
        if self.trace is not None:
            record["known_sources"] = [
                {"source": source, "field": name, "rows": tally.rows, "licence": tally.licence, "generator": tally.generator}
                for (source, name), tally in sorted(self.trace.sources.items())
            ]
        if self.share is not None:
            record["share"] = self.share.to_dict()
        if self.filter is not None:
            record["kept"], record["left_out"] = self.filter.kept, dict(self.filter.left_out)
        return record | {"detector": self.detector}


def inspect(plan: InspectPlan, common: Common) -> Outcome:
    """Go over the data once, then write the page."""
    from provenance import load_detector
    from provenance.audit.identity import claims_in
    from provenance.corpora.languages import language_of

    detector = load_detector(plan.detector)
    indexes = _indexes(plan)
    with progress_bar("documents looked at", wanted=common.progress) as bar:
        scorer = Scorer(_share_plan(plan), common, detector, bar)
        human, machine = scorer.side(plan.human, "llm"), scorer.side(plan.llm, "human")
        look = _Look(
            plan, detector, indexes, Inspection(language_of, claims_in), TraceTally(),
            RowFilter(plan.max_probability, plan.drop) if plan.kept_file else None, NearCopies(), bar,
        )  # fmt: skip
        stream = InputStream(plan.inputs, plan.fields, common.notes)
        chosen, _ = sampled(look.over(stream), plan.sample if human else 0, common.seed)
    share = None
    if human is not None:
        from provenance.corpus.scored import scored_texts
        from provenance.corpus.share import ShareSettings, estimate_share

        found = estimate_share(scored_texts(chosen), human, machine, ShareSettings(common.seed))
        share = replace(found, detector=detector.name)
    outcome = Outcome(
        look.inspection, look.tally if indexes else None, look.filter, share, detector.name, plan.fpr,
        [Path(name).name or name for name in plan.inputs], stream.unreadable + scorer.unreadable,
    )  # fmt: skip
    _write_page(plan, outcome)
    return outcome


@dataclass(slots=True)
class _Look:
    """One pass over the data."""

    plan: InspectPlan
    detector: Detector
    indexes: list[Index]
    inspection: Inspection
    tally: TraceTally
    filter: RowFilter | None
    near: NearCopies
    bar: Bar

    def over(self, stream: InputStream) -> Iterator[tuple[Document, Score]]:
        """Give each document with its score, after it was counted, and written where it is kept."""
        from provenance.corpus.scored import chunks

        with self._sink() as write:
            for chunk in chunks(stream):
                scores = self.detector.score(chunk, fpr=self.plan.fpr)
                known = self._known(chunk)
                copied = self.near.add([document.id for document in chunk], [document.text for document in chunk])
                for place, (document, score) in enumerate(zip(chunk, scores, strict=True)):
                    found = self.inspection.add(document, score, place in known, copied[place])
                    if self.filter is not None and self.filter.keeps(found):
                        write(document)
                    yield document, score
                self.bar.advance(len(chunk))

    def _known(self, chunk: Sequence[Document]) -> set[int]:
        """Places of the documents whose text stands in a known data set."""
        if not self.indexes:
            return set()
        placed = [replace(document, id=str(place)) for place, document in enumerate(chunk)]
        records = trace_documents(placed, self.indexes, limit=1, tally=self.tally)
        return {int(record["id"]) for record in records if record["field"] == "output"}

    @contextmanager
    def _sink(self) -> Iterator[Callable[[Document], object]]:
        """Give the writer of kept rows, which are in place when the block ends well; one that does nothing where none are."""
        from provenance.writing import atomic_writer, dumps

        if self.plan.kept_file is None:
            yield lambda document: None
            return
        with atomic_writer(self.plan.kept_file) as file:
            yield lambda document: file.write(dumps(document) + b"\n")


def _indexes(plan: InspectPlan) -> list[Index]:
    """Open the indexes that were named, or those that ship."""
    if plan.no_trace:
        return []
    from provenance.cli.indexes import open_indexes
    from provenance.models.shipped_indexes import list_indexes

    return open_indexes(plan.indexes or list_indexes())


def _share_plan(plan: InspectPlan) -> Plan:
    """Plan by which the references are read."""
    return Plan(plan.inputs, plan.human, plan.llm, False, None, plan.detector, plan.sample, None, "-", plan.fields)


def _write_page(plan: InspectPlan, outcome: Outcome) -> None:
    """Write the HTML page, whole."""
    from provenance.report.corpus_page import CorpusPage
    from provenance.writing import atomic_writer

    page = CorpusPage(
        outcome.inspection, outcome.trace, outcome.filter, outcome.share, outcome.detector, outcome.fpr, outcome.inputs,
        outcome.unreadable,
    )  # fmt: skip
    with atomic_writer(plan.page) as file:
        file.write(page.html().encode("utf-8", "replace"))


def summary_lines(outcome: Outcome) -> list[str]:
    """Sum up one look in words."""
    total = outcome.inspection.total
    lines = [
        f"{counted(total.documents, 'document')}: {total.flagged:,} of {total.judged:,} judged are flagged, "
        f"{counted(total.duplicates, 'duplicate')}, {total.near:,} near {'copy' if total.near == 1 else 'copies'}, "
        f"{counted(total.known, 'row')} of known data sets, {total.naming:,} name their model"
    ]
    if outcome.share is not None:
        from provenance.cli.sharing import share_lines

        lines += share_lines(outcome.share)
        lines += [f"No share: {outcome.share.refused}"] if outcome.share.refused else []
    if outcome.filter is not None:
        why = ", ".join(f"{name} {n:,}" for name, n in outcome.filter.left_out.most_common())
        left = outcome.filter.left_out.total()
        lines.append(f"{counted(outcome.filter.kept, 'row')} kept, {left:,} left out{f' ({why})' if why else ''}")
    return lines
