"""A run of ``trace``: the matches as they are found, the page, and the summary."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from provenance.cli.inputs import InputStream
from provenance.cli.notes import counted
from provenance.cli.options import Common
from provenance.cli.progress import progress_bar
from provenance.cli.render import Form, form_for
from provenance.cli.sinks import check_target, open_sink
from provenance.corpus.trace import FIELDS, KINDS, TraceTally, trace_documents
from provenance.errors import InputError, UsageError

if TYPE_CHECKING:
    from provenance.corpus.index import Index
    from provenance.documents import Document

__all__ = ["TracePlan", "run_trace", "summary_lines"]

COLUMNS = (
    "id", "source", "source_id", "field", "match", "jaccard", "containment", "coverage", "in_source", "of_source",
    "text", "source_text", "licence", "generator", "maker", "copies", "index",
)  # fmt: skip
SHOWN = ("id", "source", "source_id", "field", "match", "jaccard", "containment", "generator")
PAGE = 256


@dataclass(frozen=True, slots=True)
class TracePlan:
    """What was asked for on the command line."""

    inputs: tuple[str, ...]
    threshold: float
    fields: Sequence[str]
    limit: int
    report: str | None
    format: str
    output: str

    def check(self) -> None:
        """Refuse what cannot be written, before a long run.

        Raises
        ------
        UsageError
            When an output is an input, or both outputs are one.
        OutputError
            When a file cannot be written where it was asked for.
        """
        for target in filter(None, (self.output, self.report)):
            if target != "-" and target in self.inputs:
                raise UsageError(f"{target} is read and would be written over; choose another output")
        if self.report is not None and self.report in ("-", self.output):
            raise UsageError(f"--report {self.report}: wanted a file of its own, as in --report page.html")
        for target in filter(None, (self.output, self.report)):
            if target != "-":
                check_target(target)


def run_trace(plan: TracePlan, stream: InputStream, indexes: Sequence[Index], common: Common) -> TraceTally:
    """Trace every document of `stream`, write the matches, and the page if one is asked for.

    Raises
    ------
    InputError
        When the input holds no document.
    ProvenanceError
        What reading and writing raise.
    """
    from provenance.report.trace_page import TraceReport

    tally = TraceTally()
    page = TraceReport(plan.inputs, plan.threshold, tally) if plan.report else None
    form = form_for(plan.format, columns=COLUMNS)
    with (
        open_sink(plan.output, None, resume=False, notes=common.notes) as sink,
        progress_bar("documents traced", wanted=common.progress) as bar,
    ):
        matches = trace_documents(
            _watched(stream, bar.advance), indexes, plan.threshold, fields=plan.fields, limit=plan.limit, tally=tally
        )
        sink.write(form.head(), 0)
        for records in _pages(matches, plan):
            if page is not None:
                for record in records:
                    page.add(record)
            sink.write(_rendered(form, records, plan), len(records))
        sink.write(form.tail(), 0)
    if not tally.documents and not stream.unreadable:
        raise InputError(f"{stream.names}: holds no document; wanted at least one text: check the file")
    if page is not None and plan.report is not None:
        from provenance.writing import atomic_writer

        page.unreadable = stream.unreadable
        with atomic_writer(plan.report) as file:
            file.write(page.html().encode("utf-8", "replace"))
    return tally


def _watched(stream: InputStream, advance: Any) -> Iterator[Document]:
    """Documents, counted as they go by."""
    for document in stream:
        advance(1)
        yield document


def _pages(matches: Generator[dict[str, Any], None, None], plan: TracePlan) -> Iterator[list[dict[str, Any]]]:
    """Matches in lists; every one alone where a reader waits for it."""
    size = 1 if plan.format == "jsonl" and plan.output == "-" else PAGE
    with closing(matches):
        while records := list(islice(matches, size)):
            yield records


def _rendered(form: Form, records: list[dict[str, Any]], plan: TracePlan) -> bytes:
    """Bytes of some records; a table has the short columns alone."""
    if plan.format != "table":
        return form.page(records)
    return form.page([{name: record[name] for name in SHOWN} for record in records])


def summary_lines(tally: TraceTally, indexes: Sequence[Index], unreadable: int, limit: int) -> Iterator[str]:
    """Say what was found, by data set, and what was not compared."""
    share = f" ({100 * tally.matched / tally.documents:.2f} %)" if tally.documents else ""
    rows = f"; {counted(unreadable, 'row')} not read" if unreadable else ""
    yield f"{counted(tally.documents, 'document')}: {tally.matched:,}{share} with an answer that is in an index{rows}"
    for (name, field), found in sorted(tally.sources.items(), key=lambda item: (item[0][0], FIELDS.index(item[0][1]))):
        kinds = ", ".join(f"{found.kinds[kind]:,} {kind}" for kind in KINDS if found.kinds[kind])
        terms = "; ".join(filter(None, (f"licence {found.licence}" if found.licence else "", found.generator or "")))
        yield f"- {name}, {field}: {counted(found.rows, 'row')} ({kinds}){f'; {terms}' if terms else ''}"
    if tally.untold:
        yield f"{tally.untold:,} matches beyond the closest {limit} of their text are counted, not written"
    short = sum(tally.too_short.values())
    if short:
        parts = ", ".join(f"{tally.too_short[name]:,} {name}" for name in FIELDS if tally.too_short[name])
        yield f"Note: {counted(short, 'text')} of under five words not compared ({parts})"
    if tally.cut:
        yield f"Note: {counted(tally.cut, 'text')} of over 200,000 characters compared by the first 200,000"
    if any(not index.info.has_texts for index in indexes):
        names = ", ".join(index.info.name for index in indexes if not index.info.has_texts)
        yield f"Note: {names} holds hashes alone, so source_text is null there"
