"""``provenance trace``: which rows come from a known data set."""

from __future__ import annotations

import click

from provenance.cli.options import Common, common_options, example, fields_options, in_range

__all__ = ["trace"]


@click.command(
    short_help="Find rows that come from a known data set.",
    epilog=example("provenance trace data.jsonl --against alpaca-eval-teachers --report page.html"),
)
@click.argument("inputs", nargs=-1, required=True, metavar="DATA...")
@click.option(
    "--against", "indexes", multiple=True, metavar="INDEX...",
    help="Index to look in: a folder made by `provenance index build`, or one that ships. May be given again.",
)  # fmt: skip
@click.option(
    "--threshold", type=in_range(0, 1), default=0.8, show_default=True, metavar="SHARE",
    help="Least Jaccard similarity, containment or coverage of a match.",
)  # fmt: skip
@click.option(
    "--only",
    type=click.Choice(("output", "prompt")),
    help="Compare answers alone, or prompts alone. Default: each with its like.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, metavar="N",
    help="Most records for one text in one index, the closest.",
)  # fmt: skip
@click.option("--report", metavar="PAGE.HTML", help="Also write one HTML page to read.")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "prompt", "source")
@common_options()
def trace(
    common: Common,
    inputs: tuple[str, ...],
    indexes: tuple[str, ...],
    threshold: float,
    only: str | None,
    limit: int,
    report: str | None,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Find rows of DATA that are copies, parts or edited copies of rows of a known data set: a record a match.

    Every candidate is verified on all its three-word shingles; case, white space and punctuation do not count.
    Answers are compared with answers, prompts with prompts. A match says that the two share the text; it does not say
    which was first.
    """
    from provenance.cli.indexes import open_indexes, parted
    from provenance.cli.inputs import InputStream, end_after_bad_rows
    from provenance.cli.tracing import TracePlan, run_trace, summary_lines
    from provenance.corpus.trace import FIELDS
    from provenance.errors import UsageError

    data, more = parted(inputs)
    if not indexes and not more:
        raise UsageError("nothing to compare with; wanted --against INDEX: `provenance index list` names those that ship")
    if not data:
        raise UsageError("no data; wanted DATA before --against INDEX, as in: provenance trace data.jsonl --against INDEX")
    plan = TracePlan(tuple(data), threshold, (only,) if only else FIELDS, limit, report, common.format, common.output)
    plan.check()
    opened = open_indexes([*indexes, *more])
    stream = InputStream(data, fields, common.notes)
    tally = run_trace(plan, stream, opened, common)
    for line in summary_lines(tally, opened, stream.unreadable, limit):
        common.notes.say(line)
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)
