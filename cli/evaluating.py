"""The run behind ``evaluate``: labelled documents in, cells out, and the HTML page on the side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.cli.corpora import CorpusStream, corpus_documents
from provenance.cli.notes import Notes, counted
from provenance.cli.options import Common
from provenance.cli.progress import Bar, progress_bar
from provenance.cli.render import emit_records, form_for
from provenance.cli.sinks import check_target
from provenance.errors import InputError, UsageError

if TYPE_CHECKING:
    from provenance.documents import Document
    from provenance.evaluate.cells import Cell
    from provenance.evaluate.metrics import Estimate
    from provenance.evaluate.observations import Observations

__all__ = ["Plan", "run"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for: the options of ``evaluate``."""

    detector: str
    corpora: tuple[str, ...]
    predictions: str | None
    by: tuple[str, ...]
    fprs: tuple[float, ...]
    baselines: tuple[str, ...]
    threshold: float | None
    report: str | None
    workers: int

    @classmethod
    def of(cls, arguments: tuple[str, ...], predictions: str | None, *options: Any) -> Plan:
        """Tell the detector from the corpora among the arguments.

        Raises
        ------
        UsageError
            When no corpus is left.
        """
        if predictions is None:
            detector, corpora = arguments[0], arguments[1:]
        elif len(arguments) > 1 and _names_a_detector(arguments[0]):
            detector, corpora = arguments[0], arguments[1:]
        else:
            detector, corpora = Path(predictions).name, arguments
        if not corpora:
            raise UsageError(f"{detector}: no CORPUS is named; wanted DETECTOR CORPUS..., as in: evaluate {detector} FILE")
        return cls(detector, corpora, predictions, *options)

    def check(self, output: str) -> None:
        """Refuse options that do not fit together, before anything is read.

        Raises
        ------
        UsageError
            When they do not.
        OutputError
            When a file cannot be written where it was asked for.
        """
        if self.threshold is not None and self.predictions is None:
            raise UsageError("--threshold is for --predictions; the threshold of a detector is its p-value at --fpr")
        targets = [target for target in (output, self.report) if target not in (None, "-")]
        if self.report is not None and (self.report == "-" or len(set(targets)) < len(targets)):
            raise UsageError(f"--report {self.report}: wanted a file of its own, as in --report page.html")
        for target in targets:
            if target in (*self.corpora, self.predictions):
                raise UsageError(f"{target} is read and would be written over; choose another output")
            check_target(str(target))


def run(plan: Plan, stream: CorpusStream, common: Common) -> None:
    """Measure the detector and the baselines, write the records, and the page if one is asked for.

    Raises
    ------
    InputError
        When no document has a label.
    ProvenanceError
        What reading, scoring, measuring and writing raise.
    """
    from provenance.evaluate.facets import check_names

    if plan.predictions is None:
        import provenance

        provenance.load_detector(plan.detector)  # a wrong name shows before anything is read
    documents = _labelled(corpus_documents(stream), stream.names, common.notes)
    for name in check_names(documents, plan.by):
        common.notes.warn(f"no text has a {name}: --by {name} gives no records")
    with progress_bar("texts scored", wanted=common.progress) as bar:
        every = [_observed(plan, documents, common.notes, bar)]
        every += _beside(plan, every[0], common, bar)
        bar.note("intervals")
        cells = [_measured(observed, plan, common.seed) for observed in every]
    form = form_for(common.format)
    if common.format == "table":
        emit_records(_rows([*cells[0], *(found[0] for found in cells[1:])]), form, common.output)
    else:
        emit_records([cell.to_dict() for found in cells for cell in found], form, common.output)
    for line in _summary(cells[0][0], every[0], plan):
        common.notes.say(line)
    if plan.report is not None:
        _write_page(plan, stream, every, cells)


def _beside(plan: Plan, observed: Observations, common: Common, bar: Bar) -> list[Observations]:
    """What each baseline says of the documents; one that cannot be trained on them is left out, and why is said."""
    from provenance.evaluate.baselines import baseline_observations

    found = []
    for name in plan.baselines:
        bar.note(f"baseline {name}")
        try:
            found.append(baseline_observations(name, observed.documents, n_words=observed.n_words, seed=common.seed))
        except InputError as error:
            common.notes.warn(f"Left out: {error}")
    return found


def _measured(observed: Observations, plan: Plan, seed: int) -> list[Cell]:
    """Cells of one detector or baseline."""
    from provenance.evaluate.cells import measure_cells

    return measure_cells(observed, plan.by, plan.fprs, seed=seed)


def _labelled(documents: list[Document], names: str, notes: Notes) -> list[Document]:
    """Keep the documents with a label, and say what their labels do not allow.

    Raises
    ------
    InputError
        When no document has a label.
    """
    kept = [document for document in documents if document.label is not None]
    if not kept:
        raise InputError(
            f"{names}: none of {counted(len(documents), 'document')} has a label; wanted 'human' and 'llm': "
            "name the field that holds it by --label-field"
        )
    if len(kept) < len(documents):
        notes.warn(f"{counted(len(documents) - len(kept), 'document')} without a label left out")
    found = Counter(document.label for document in kept)
    if len(found) == 1:
        notes.warn(f"all {counted(len(kept), 'text')} are labelled {next(iter(found))!r}: there is no AUROC, only rates")
    return kept


def _observed(plan: Plan, documents: list[Document], notes: Notes, bar: Bar) -> Observations:
    """What the detector, or the file of predictions, says of the documents."""
    from provenance.evaluate.observations import observed_predictions, observed_scores
    from provenance.evaluate.predictions import match_predictions, read_predictions
    from provenance.scale import score_stream

    if plan.predictions is not None:
        found = match_predictions(documents, read_predictions(plan.predictions))
        missing = sum(item.score is None for item in found)
        if missing:
            notes.warn(f"{counted(missing, 'text')} without a score in {plan.predictions} counted as abstained")
        return observed_predictions(documents, found, plan.detector, plan.fprs[0], plan.threshold)
    scores = []
    for score in score_stream(plan.detector, documents, workers=plan.workers, fpr=plan.fprs[0]):
        scores.append(score)
        bar.advance(1)
    return observed_scores(documents, scores, scores[0].detector, plan.fprs[0])


def _names_a_detector(name: str) -> bool:
    """Whether an argument names a detector rather than a corpus."""
    if Path(name).is_dir():
        return (Path(name) / "config.json").is_file()
    from provenance.corpora import is_corpus_name

    return not Path(name).exists() and name != "-" and not is_corpus_name(name)


def _rows(cells: list[Cell]) -> list[dict[str, object]]:
    """Cells as a table shows them: the detector's, then each baseline on all texts."""
    rows = []
    for cell in cells:
        slice_ = ", ".join(f"{name}: {value if value is not None else 'not given'}" for name, value in cell.by.items())
        name = slice_ or ("all" if cell.detector == cells[0].detector else cell.detector)
        row: dict[str, object] = {"texts": name, "human": cell.n_human, "llm": cell.n_llm}
        row["AUROC"] = _spread(cell.ranking.auroc if cell.ranking else None, 3)
        for fpr in cell.fprs:
            row[f"TPR at {100 * fpr:g} %"] = _spread(cell.ranking.tpr_at_fpr[fpr] if cell.ranking else None, 2)
        rates = cell.rates.get(cell.fprs[0])
        row["human flagged"] = _spread(rates.fpr if rates else None, 3)
        row["abstained"] = "–" if cell.abstained is None else f"{cell.abstained:.3f}"
        rows.append(row)
    return rows


def _spread(estimate: Estimate | None, digits: int) -> str:
    """Figure with its interval."""
    if estimate is None or estimate.value != estimate.value:
        return "–"
    if estimate.low != estimate.low:
        return f"{estimate.value:.{digits}f}"
    return f"{estimate.value:.{digits}f} {estimate.low:.{digits}f}-{estimate.high:.{digits}f}"


def _summary(cell: Cell, observed: Observations, plan: Plan) -> list[str]:
    """Say what was measured, and how."""
    lines = [
        f"{observed.detector}: {counted(cell.n_human, 'human text')}, {counted(cell.n_llm, 'machine text')}, "
        f"{counted(cell.n_groups, 'group')}; AUROC and TPR over texts with a score, 95 % intervals over groups"
    ]
    if cell.n_groups == cell.n_human + cell.n_llm and cell.n_groups > 1:
        lines.append("every text is a group of its own: where texts belong together, name the field with --group-field")
    rates = cell.rates.get(plan.fprs[0])
    if rates is not None and cell.n_human:
        share = rates.fpr
        lines.append(
            f"human texts flagged at {plan.fprs[0]:g}: {100 * share.value:.2f} % of {cell.n_human:,} "
            f"(95 % interval {100 * share.low:.2f} to {100 * share.high:.2f} %, Wilson)"
        )
    if cell.brier is not None:
        lines.append(f"Brier score {cell.brier:.4f}, calibration error {cell.ece:.4f}, of the probabilities as they are stated")
    if rates is None:
        lines.append("no threshold: the predictions have neither p_value nor verdict; --threshold SCORE sets one")
    return lines


def _write_page(plan: Plan, stream: CorpusStream, every: list[Observations], cells: list[list[Cell]]) -> None:
    """Write the HTML page, whole."""
    from provenance.report.evaluation_page import EvaluationPage
    from provenance.writing import atomic_writer

    page = EvaluationPage(every[0], cells[0], cells[1:], stream.names, plan.fprs, stream.unreadable)
    with atomic_writer(str(plan.report)) as file:
        file.write(page.html().encode("utf-8", "replace"))
