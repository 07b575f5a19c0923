"""``provenance inspect-corpus``: one look at a corpus for those who curate it, and the rows that they keep."""

from __future__ import annotations

import click

from provenance.cli.options import Common, common_options, example, fields_options, in_range

__all__ = ["inspect_corpus"]


@click.command(
    "inspect-corpus",
    short_help="One page on a corpus: flags, sources, copies, share.",
    epilog=example("provenance inspect-corpus data.jsonl -o page.html --write-filtered keep.jsonl --max-probability .5"),
)
@click.argument("inputs", nargs=-1, required=True, metavar="DATA...")
@click.option("-o", "--output", "page", required=True, metavar="PAGE.HTML", help="Where the page goes.")
@click.option("--human", multiple=True, metavar="REFERENCE", help="Texts by people from the same source: adds the share.")
@click.option("--llm", multiple=True, metavar="REFERENCE", help="Machine texts of the same kind, for the share.")
@click.option(
    "--against", "indexes", multiple=True, metavar="INDEX",
    help="Index of known data sets to look for rows in; may be given again. Default: those that ship.",
)  # fmt: skip
@click.option("--no-trace", is_flag=True, help="Do not look for rows of known data sets.")
@click.option("--detector", default="fast", metavar="NAME|FOLDER", show_default=True, help="Detector that scores.")
@click.option(
    "--fpr", type=in_range(0, 1, open_ends=True), default=0.01, show_default=True, metavar="RATE",
    help="Share of human texts that may be flagged.",
)  # fmt: skip
@click.option("--write-filtered", "kept_file", metavar="FILE", help="Also write the rows that are kept, in order.")
@click.option(
    "--max-probability",
    type=in_range(0, 1),
    metavar="P",
    help="Leave out judged rows with a higher probability of machine text.",
)
@click.option(
    "--drop", multiple=True, type=click.Choice(("duplicates", "near-copies", "known", "self-naming", "unjudged")),
    help="Leave these out too; may be given again.",
)  # fmt: skip
@click.option(
    "--sample", type=click.IntRange(min=100), default=50_000, show_default=True, metavar="N",
    help="Documents of each input that the share is estimated from, at most.",
)  # fmt: skip
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "prompt", "source", "group")
@common_options(output=False)
def inspect_corpus(
    common: Common,
    inputs: tuple[str, ...],
    page: str,
    human: tuple[str, ...],
    llm: tuple[str, ...],
    indexes: tuple[str, ...],
    no_trace: bool,
    detector: str,
    fpr: float,
    kept_file: str | None,
    max_probability: float | None,
    drop: tuple[str, ...],
    sample: int,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Look at a corpus once: flags by source, languages, lengths, copies, self-naming texts, rows of known data sets.

    With a human reference also the share of machine text. The page goes to PAGE.HTML, the counts to standard output.
    """
    from provenance.cli.inputs import end_after_bad_rows
    from provenance.cli.inspecting import InspectPlan, Outcome, inspect, summary_lines
    from provenance.cli.render import emit_records, form_for

    plan = InspectPlan(
        inputs, page, human, llm, indexes, no_trace, detector, fpr, kept_file, max_probability, drop, sample, fields
    )
    plan.check()
    outcome: Outcome = inspect(plan, common)
    emit_records([outcome.record()], form_for(common.format, single=True))
    for line in summary_lines(outcome):
        common.notes.say(line)
    end_after_bad_rows(outcome.unreadable, skip_bad, common.notes)
