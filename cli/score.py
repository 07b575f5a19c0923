"""``provenance score``: one record a document, in the order of the input."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import click

from provenance.cli.options import Common, common_options, example, fields_options, in_range

if TYPE_CHECKING:
    from provenance.detect.result import Explain

__all__ = ["score"]

GATE = 3
"""Exit code when more documents are flagged than ``--fail-above`` allows."""


@click.command(
    short_help="Score texts: verdict, p-value, family.",
    epilog=example("provenance score outputs.jsonl --explain -o scores.jsonl"),
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--detector", default="default", metavar="NAME|FOLDER", show_default=True, help="Detector that ships, or a folder."
)
@click.option(
    "--fpr", type=in_range(0, 1, open_ends=True), default=0.01, show_default=True, metavar="RATE",
    help="Share of human texts that may be flagged: flagged means p-value <= RATE.",
)  # fmt: skip
@click.option("--explain", is_flag=True, help="Add the spans that moved each score.")
@click.option("--occlusion", is_flag=True, help="With --explain: what each sentence adds to the encoder's part; slow.")
@click.option("--report", metavar="PAGE.HTML", help="Also write one HTML page to read.")
@click.option(
    "--workers", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="Processes; 0: all cores."
)
@click.option("--resume", is_flag=True, help="Go on with a run to -o FILE that was cut.")
@click.option(
    "--fail-above", type=in_range(0, 1), metavar="SHARE",
    help="End with 3 when more than SHARE of the judged documents are flagged.",
)  # fmt: skip
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "prompt", "source")
@common_options()
def score(
    common: Common,
    inputs: tuple[str, ...],
    detector: str,
    fpr: float,
    explain: bool,
    occlusion: bool,
    report: str | None,
    workers: int,
    resume: bool,
    fail_above: float | None,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Score texts: a record a document with score, p-value, verdict or abstention, and likely family.

    INPUT is JSON lines, JSON, CSV, Parquet, plain text or a folder of these, compressed or not; - is standard input.
    The usual shapes of model outputs are recognised. Flagged documents carry a machine's style; a flag is no proof of
    who wrote them.
    """
    from provenance.cli.inputs import InputStream, end_after_bad_rows
    from provenance.cli.scoring import Plan, run
    from provenance.cli.summary import summary_lines

    wanted: Explain = "occlusion" if occlusion else explain
    plan = Plan(inputs, detector, fpr, wanted, report, workers, resume, fields, common.format, common.output)
    plan.check()
    stream = InputStream(inputs, fields, common.notes)
    began = monotonic()
    findings = run(plan, stream, common)
    common.notes.detail(f"{monotonic() - began:.1f} seconds from the first document to the last")
    for line in summary_lines(findings.tally, detector=findings.detector or detector, fpr=fpr, unreadable=stream.unreadable):
        common.notes.say(line)
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)
    share = findings.tally.share
    if fail_above is not None and share is not None and share > fail_above:
        common.notes.warn(f"Gate passed: {share:.4g} of the judged documents are flagged, above {fail_above:g}")
        click.get_current_context().exit(GATE)
