"""The run behind ``score``: documents in, pages of records out, counts and the HTML page on the side."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.folders import fingerprint
from provenance.cli.inputs import InputStream, input_facts
from provenance.cli.options import Common
from provenance.cli.progress import Bar, progress_bar
from provenance.cli.render import Form, form_for
from provenance.cli.sinks import Sink, check_target, is_plain_target, open_sink
from provenance.errors import InputError, UsageError
from provenance.report.tally import Tally
from provenance.scale import PartialOutput, in_chunks, score_stream

if TYPE_CHECKING:
    from provenance.detect.result import Explain, Score
    from provenance.documents import Document
    from provenance.report.page import ScoreReport

__all__ = ["Findings", "Plan", "run"]

COLUMNS = (
    "schema_version", "id", "n_words", "score", "probability", "p_value", "verdict", "reason", "family", "families",
    "chatgpt_probability",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for: the options of ``score``."""

    inputs: tuple[str, ...]
    detector: str
    fpr: float
    explain: Explain
    report: str | None
    workers: int
    resume: bool
    fields: Mapping[str, str | None]
    format: str
    output: str

    @property
    def takes_up(self) -> bool:
        """Whether the output is of the kind that a cut run leaves to be taken up."""
        return self.format == "jsonl" and self.output != "-" and is_plain_target(self.output)

    def check(self) -> None:
        """Refuse options that do not fit together, before anything is read.

        Raises
        ------
        UsageError
            When they do not.
        OutputError
            When a file cannot be written where it was asked for.
        """
        if self.resume and not self.takes_up:
            raise UsageError("--resume needs JSON lines in a file: add -o FILE.jsonl, and no other --format")
        if self.resume and "-" in self.inputs:
            raise UsageError("--resume cannot read standard input again; wanted files: save it to a file first")
        for target in filter(None, (self.output, self.report)):
            if target != "-" and any(_same(target, name) for name in self.inputs):
                raise UsageError(f"{target} is read and would be written over; choose another output")
        if self.report is not None and (self.report == "-" or _same(self.report, self.output)):
            raise UsageError(f"--report {self.report}: wanted a file of its own, as in --report page.html")
        for target in filter(None, (self.output, self.report)):
            if target != "-":
                check_target(target)

    def settings(self) -> dict[str, object]:
        """Return what the records depend on, to be compared when a cut run is taken up."""
        from provenance import __version__

        return {
            "version": __version__,
            "detector": self.detector,
            "detector_sha256": fingerprint(self.detector),
            "fpr": self.fpr,
            "explain": self.explain,
            "inputs": [input_facts(name) for name in self.inputs],
            "fields": {name: value for name, value in self.fields.items() if value is not None},
        }


@dataclass(slots=True)
class Findings:
    """What a run has found so far."""

    tally: Tally = field(default_factory=Tally)
    page: ScoreReport | None = None
    detector: str = ""

    def add(self, document: Document, score: Score) -> None:
        """Take one score in."""
        self.detector = score.detector
        self.tally.add(score)
        if self.page is not None:
            self.page.add(document, score)


def run(plan: Plan, stream: InputStream, common: Common) -> Findings:
    """Score every document of `stream`, write the records, and the page if one is asked for.

    Raises
    ------
    InputError
        When the input holds no document at all.
    ProvenanceError
        What reading, scoring and writing raise.
    """
    findings = Findings(page=_page(plan))
    form = _form(plan)
    partial = PartialOutput(plan.output, plan.settings()) if plan.takes_up else None
    with (
        open_sink(plan.output, partial, resume=plan.resume, notes=common.notes) as sink,
        progress_bar("documents scored", wanted=common.progress) as bar,
    ):
        documents = iter(stream)
        if partial is not None and partial.records:
            _take_up(partial, documents, findings, common)
            bar.advance(partial.records)
        _write_records(plan, documents, findings, form, sink, bar)
        if not findings.tally.documents and not stream.unreadable:
            raise InputError(f"{stream.names}: holds no document; wanted at least one text: check the file")
    _write_page(plan, findings, stream)
    return findings


def _write_records(plan: Plan, documents: Iterator[Document], findings: Findings, form: Form, sink: Sink, bar: Bar) -> None:
    """Score and write page by page."""
    shared_terminal = plan.output == "-" and sys.stdout.isatty()
    sink.write(form.head(), 0)
    with closing(_scored(plan, documents)) as scored:
        for pairs in in_chunks(scored):
            for document, score in pairs:
                findings.add(document, score)
            data = form.page([score.to_dict() for _, score in pairs])
            with bar.aside() if shared_terminal else nullcontext():
                sink.write(data, len(pairs))
            bar.advance(len(pairs))
    sink.write(form.tail(), 0)


def _scored(plan: Plan, documents: Iterable[Document]) -> Generator[tuple[Document, Score], None, None]:
    """Documents with their scores; only what is in work is held."""
    waiting: deque[Document] = deque()

    def watched() -> Iterator[Document]:
        for document in documents:
            waiting.append(document)
            yield document

    scores = score_stream(plan.detector, watched(), workers=plan.workers, fpr=plan.fpr, explain=plan.explain)
    with closing(scores):
        for score in scores:
            yield waiting.popleft(), score


def _take_up(partial: PartialOutput, documents: Iterator[Document], findings: Findings, common: Common) -> None:
    """Pass over the documents whose records were kept, and count them.

    Raises
    ------
    UsageError
        When the input is another one than before.
    """
    count = 0
    for score, document in zip(partial.kept(), islice(documents, partial.records), strict=False):
        count += 1
        if score.id != document.id:
            raise UsageError(
                f"--resume: record {count:,} of the cut run is {score.id!r}, the input has {document.id!r} there; "
                "wanted the same input: leave --resume out to start again"
            )
        findings.add(document, score)
    if count < partial.records:
        raise UsageError(
            f"--resume: the cut run had scored {partial.records:,} documents, the input holds {count:,}; "
            "wanted the same input: leave --resume out to start again"
        )
    common.notes.say(f"going on behind {count:,} records of the cut run")


def _form(plan: Plan) -> Form:
    """Form of the records."""
    if plan.format == "table":
        from provenance.cli.tables import ScoreTable

        return ScoreTable(to_terminal=plan.output == "-")
    spans = ("spans",) if plan.explain else ()
    sentences = ("occlusion",) if plan.explain == "occlusion" else ()
    return form_for(plan.format, columns=(*COLUMNS, *spans, *sentences, "detector"))


def _page(plan: Plan) -> ScoreReport | None:
    """Collector of the HTML page, where one is asked for."""
    if plan.report is None:
        return None
    from provenance.report.page import ScoreReport

    return ScoreReport(detector=plan.detector, fpr=plan.fpr, inputs=plan.inputs)


def _write_page(plan: Plan, findings: Findings, stream: InputStream) -> None:
    """Write the HTML page, whole."""
    if plan.report is None or findings.page is None:
        return
    from provenance.writing import atomic_writer

    findings.page.detector = findings.detector or plan.detector
    findings.page.unreadable = stream.unreadable
    with atomic_writer(plan.report) as file:
        file.write(findings.page.html().encode("utf-8", "replace"))


def _same(one: str, other: str) -> bool:
    """Say whether two paths are one existing file, or the same path."""
    if "-" in (one, other):
        return False
    try:
        return Path(one).samefile(other)
    except OSError:
        return Path(one).absolute() == Path(other).absolute()
