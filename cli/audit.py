"""``provenance audit``: does a model write like a student of a teacher?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from provenance.cli.options import Common, common_options, example, fields_options

if TYPE_CHECKING:
    from provenance.audit.result import AuditResult
    from provenance.cli.notes import Notes
    from provenance.documents import Document

__all__ = ["audit"]


@click.command(
    short_help="Does a MODEL write like a student of another?",
    epilog=example("provenance audit outputs.jsonl --report page.html"),
)
@click.argument("outputs", nargs=-1, required=True, metavar="OUTPUTS...")
@click.option("--panel", default="alpaca-eval", show_default=True, metavar="NAME|FOLDER", help="Reference answers.")
@click.option("--teacher", "teachers", multiple=True, metavar="NAME", help="Ask about this teacher only; may be repeated.")
@click.option("--source", metavar="NAME", help="The model to audit, where the input holds several.")
@click.option(
    "--related", multiple=True, metavar="LINEAGE", help="Lineage of the panel that the model belongs to; may be repeated."
)
@click.option("--report", metavar="PAGE.HTML", help="Also write one HTML page to read.")
@click.option("--answers", multiple=True, metavar="FILE", help="Texts of the panel's models, to show pairs on the page.")
@click.option("--no-scores", is_flag=True, help="Leave out the share of answers that `fast` flags.")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "prompt", "source")
@common_options()
def audit(
    common: Common,
    outputs: tuple[str, ...],
    panel: str,
    teachers: tuple[str, ...],
    source: str | None,
    related: tuple[str, ...],
    report: str | None,
    answers: tuple[str, ...],
    no_scores: bool,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Ask whether a model writes like a student of a teacher.

    OUTPUTS carry the prompts and the answers of ONE model. They are compared with what reference models answered to
    the same prompts. Kinship is closeness beyond what control models show; it is resemblance, not proof of training.
    """
    from provenance.audit.verdict import audit as run_audit
    from provenance.cli.inputs import InputStream, end_after_bad_rows
    from provenance.cli.render import emit_records, form_for
    from provenance.cli.sinks import check_target
    from provenance.models.audit_panels import load_panel

    for target in filter(None, (report, None if common.to_stdout else common.output)):
        check_target(target)
    reference = load_panel(panel)
    stream = InputStream(outputs, fields, common.notes)
    documents = list(stream)
    own = _chosen(documents, source)
    scores = {} if no_scores else _scores(own)
    result = run_audit(documents, reference, source=source, teachers=teachers, related=related, scores=scores, seed=common.seed)
    record: dict[str, Any] = result.to_dict()
    if common.format == "table":
        record = _for_reading(record)
    emit_records([record], form_for(common.format, single=True), common.output)
    if report:
        _write_page(report, result, own, reference, answers, common.notes)
    for line in _summary(result):
        common.notes.say(line)
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)


def _chosen(documents: list[Document], source: str | None) -> list[Document]:
    """Documents of the one model; errors name the models there are."""
    from provenance.audit.answers import one_model

    return one_model(documents, source)[1]


def _scores(documents: list[Document]) -> dict[str, float]:
    """Share of the judged answers that the quick detector flags; no evidence of kinship, and said to be none."""
    from provenance.models import load_detector

    verdicts = [score.verdict for score in load_detector("fast").iter_scores(documents)]
    judged = len(verdicts) - verdicts.count("abstained")
    return {"flagged": round(verdicts.count("flagged") / judged, 4), "judged": judged} if judged else {"judged": 0}


def _for_reading(record: dict[str, Any]) -> dict[str, Any]:
    """Record as a table shows it: what was left out where it is empty, the teachers without their eras."""
    teachers = [{k: v for k, v in teacher.items() if k != "eras"} for teacher in record["teachers"]]
    shown = {
        k: v for k, v in record.items() if k not in ("schema_version", "teachers", "notes", "identity_intervals") and v != {}
    }
    return {**shown, "teachers": teachers, "notes": [{"note": note} for note in record["notes"]]}


def _write_page(
    target: str, result: AuditResult, own: list[Document], panel: Any, answers: tuple[str, ...], notes: Notes
) -> None:
    """Write the HTML page."""
    from provenance.cli.inputs import InputStream
    from provenance.report.audit_page import AuditPage
    from provenance.writing import atomic_writer

    theirs = list(InputStream(answers, {}, notes)) if answers else []
    page = AuditPage.of(result, own, panel, theirs)
    with atomic_writer(target) as file:
        file.write(page.html().encode())


def _summary(result: AuditResult) -> list[str]:
    """Lines on standard error: what was compared, the verdict, and what is special about this audit."""
    left = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in result.left_out.items())
    first = f"{result.model}: {result.n_prompts} prompts shared with {result.panel}" + (f"; left out: {left}" if left else "")
    verdict = f"verdict: {result.verdict.replace('_', ' ')}"
    top = result.top
    if top is not None and result.paired:
        interval = f" ({top.low:.2f} to {top.high:.2f})" if top.low is not None and top.high is not None else ""
        verdict += (
            f"; nearest teacher {top.teacher}, kinship {top.kinship:.2f}{interval}, "
            f"rank {top.rank} among {top.n_controls} control pairs, p = {top.p_value:.3g}; resemblance is not training"
        )
    return [first, verdict, *result.remarks]
