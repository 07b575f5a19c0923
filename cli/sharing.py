"""The work of ``provenance share``: sample, score, estimate, and say it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from provenance.cli.inputs import InputStream
from provenance.cli.notes import counted
from provenance.cli.options import Common
from provenance.cli.progress import Bar, progress_bar
from provenance.cli.sinks import check_target
from provenance.errors import UsageError

if TYPE_CHECKING:
    from provenance.corpus.result import ShareResult
    from provenance.corpus.scored import ScoredTexts
    from provenance.detect.detector import Detector
    from provenance.documents import Document

__all__ = ["Plan", "Scorer", "measure", "sampled", "share_lines", "write_page"]


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for: the options of ``share``."""

    inputs: tuple[str, ...]
    human: tuple[str, ...]
    llm: tuple[str, ...]
    no_reference: bool
    column: str | None
    detector: str
    sample: int
    report: str | None
    output: str
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
        if not self.human and not self.no_reference:
            raise UsageError(
                "no human reference, and without one a share means nothing; wanted --human TEXTS, texts by people from the "
                "same source from before December 2022 (--no-reference gives a wide guess all the same)"
            )
        if self.no_reference and (self.human or self.llm or self.column):
            raise UsageError("--no-reference goes with no --human, --llm or --by; leave it out to use them")
        read = (*self.inputs, *self.human, *self.llm)
        if read.count("-") > 1:
            raise UsageError("standard input is named twice; it can be read once")
        for target in filter(None, (self.output, self.report)):
            if target in read and target != "-":
                raise UsageError(f"{target} is read and would be written over; choose another output")
        if self.report is not None and self.report in ("-", self.output):
            raise UsageError(f"--report {self.report}: wanted a file of its own, as in --report page.html")
        for target in filter(None, (self.output, self.report)):
            if target != "-":
                check_target(target)


def measure(plan: Plan, common: Common) -> tuple[ShareResult, int]:
    """Read and score everything, and estimate the share; also give the number of rows that could not be read."""
    from provenance import load_detector
    from provenance.corpus.explore import explore_share, known_sources
    from provenance.corpus.share import ShareSettings, estimate_share
    from provenance.corpus.trends import column_of, groups_of

    detector = load_detector(plan.detector)
    settings = ShareSettings(common.seed)
    column = plan.column
    by = None if column is None else lambda document: column_of(document, column)
    with progress_bar("documents scored", wanted=common.progress) as bar:
        scorer = Scorer(plan, common, detector, bar)
        human, machine = scorer.side(plan.human, "llm"), scorer.side(plan.llm, "human")
        corpus = scorer.scored(InputStream(plan.inputs, plan.fields, common.notes), by=by)
    if human is None:
        found = explore_share(corpus, known_sources(detector.calibration_), settings.machine_prior(), common.seed)
    else:
        groups = [] if column is None or not len(corpus) else groups_of(corpus.column, column)
        found = estimate_share(corpus, human, machine, settings, groups)
    return replace(found, detector=detector.name, column=column), scorer.unreadable


@dataclass(slots=True)
class Scorer:
    """Reads inputs and scores a sample of each."""

    plan: Plan
    common: Common
    detector: Detector
    bar: Bar
    unreadable: int = 0

    def side(self, names: tuple[str, ...], other: str) -> ScoredTexts | None:
        """Score a reference, without the texts that are labelled as the other side's; None where none was named."""
        if not names:
            return None
        stream = InputStream(names, self.plan.fields, self.common.notes)
        dropped = 0

        def right() -> Iterator[Document]:
            nonlocal dropped
            for document in stream:
                if document.label == other:
                    dropped += 1
                else:
                    yield document

        scored = self.scored(stream, right())
        if dropped:
            self.common.notes.warn(f"{stream.names}: {counted(dropped, 'document')} labelled {other!r} left out")
        return scored

    def scored(
        self,
        stream: InputStream,
        documents: Iterable[Document] | None = None,
        by: Callable[[Document], object] | None = None,
    ) -> ScoredTexts:
        """Score a sample of an input."""
        from provenance.corpus.scored import score_texts

        chosen, n_read = sampled(stream if documents is None else documents, self.plan.sample, self.common.seed)
        if n_read > len(chosen):
            self.common.notes.say(f"{stream.names}: a random {len(chosen):,} of {n_read:,} documents are looked at")
        self.unreadable += stream.unreadable
        return score_texts(chosen, self.detector, column=by, progress=self.bar.advance)


def sampled(documents: Iterable[Item], size: int, seed: int) -> tuple[list[Item], int]:
    """Draw at most `size` items from a stream (Vitter 1985), in their order; also give the number that went by."""
    import random

    draw = random.Random(seed)
    kept: list[tuple[int, Item]] = []
    count = 0
    for count, document in enumerate(documents, start=1):
        if len(kept) < size:
            kept.append((count, document))
        elif (place := draw.randrange(count)) < size:
            kept[place] = (count, document)
    return [document for _, document in sorted(kept, key=lambda pair: pair[0])], count


def share_lines(result: ShareResult) -> list[str]:
    """Sum up a result in words."""
    left = sum(result.left_out.values())
    why = ", ".join(f"{name} {n:,}" for name, n in sorted(result.left_out.items()))
    lines = [f"{counted(result.n, 'document')} judged" + (f", {left:,} left out ({why})" if left else "")]
    if result.aa_check is not None:
        lines.append(
            f"A/A check: {100 * result.aa_check.share:.1f} % found in halves of the human reference "
            f"({result.aa_check.n:,} texts), {'passed' if result.aa_check.passed else 'failed'}"
        )
    if result.estimate is not None:
        found = result.estimate
        lines.append(
            f"share of machine text: {100 * found.share:.1f} % (95 % interval {100 * found.low:.1f} to "
            f"{100 * found.high:.1f} %){', exploratory' if result.exploratory else ''}"
        )
    return [*lines, *(f"Note: {note}" for note in result.notes)]


def write_page(plan: Plan, result: ShareResult) -> None:
    """Write the HTML page, whole, where one is asked for."""
    if plan.report is None:
        return
    from provenance.report.share_page import share_page
    from provenance.writing import atomic_writer

    names = [Path(name).name or name for name in plan.inputs]
    with atomic_writer(plan.report) as file:
        file.write(share_page(result, names).encode("utf-8", "replace"))
