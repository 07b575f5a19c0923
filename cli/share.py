"""``provenance share``: what share of a corpus is machine text, with an interval, or a refusal."""

from __future__ import annotations

import click

from provenance.cli.options import Common, common_options, example, fields_options

__all__ = ["share"]

REFUSED = 1


@click.command(
    short_help="Share of machine text in a corpus.",
    epilog=example("provenance share reviews_2024.jsonl --human reviews_2019.jsonl --by date --report share.html"),
)
@click.argument("inputs", nargs=-1, required=True, metavar="CORPUS...")
@click.option(
    "--human", multiple=True, metavar="REFERENCE",
    help="Texts by people from the same source, from before December 2022. Needed.",
)  # fmt: skip
@click.option("--llm", multiple=True, metavar="REFERENCE", help="Machine texts of the same kind; makes it much sharper.")
@click.option("--no-reference", is_flag=True, help="Guess without texts by people: wide, and marked exploratory.")
@click.option("--by", "column", metavar="COLUMN", help="Also the share by the values of a column; dates by month.")
@click.option("--detector", default="fast", metavar="NAME|FOLDER", show_default=True, help="Detector that scores.")
@click.option(
    "--sample", type=click.IntRange(min=100), default=50_000, show_default=True, metavar="N",
    help="Documents that are looked at, at most, of each input: a random sample.",
)  # fmt: skip
@click.option("--report", metavar="PAGE.HTML", help="Also write one HTML page to read.")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "group")
@common_options()
def share(
    common: Common,
    inputs: tuple[str, ...],
    human: tuple[str, ...],
    llm: tuple[str, ...],
    no_reference: bool,
    column: str | None,
    detector: str,
    sample: int,
    report: str | None,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Estimate what share of the documents of CORPUS is machine text.

    The share comes with an interval that allows for machine text unlike any seen. Checks stand before it: the human
    reference must come out near 0 against itself, and must be of the source of the corpus. Where one fails, the
    command says why and ends with 1.
    """
    from provenance.cli.render import emit_records, form_for
    from provenance.cli.sharing import Plan, measure, share_lines, write_page

    plan = Plan(inputs, human, llm, no_reference, column, detector, sample, report, common.output, fields)
    plan.check()
    result, unreadable = measure(plan, common)
    record = result.to_dict()
    if common.format == "table":
        record["estimators"] = [{"estimator": name} | found.to_dict() for name, found in result.estimators.items()]
    emit_records([record], form_for(common.format, single=True), common.output)
    write_page(plan, result)
    for line in share_lines(result):
        common.notes.say(line)
    if result.refused:
        common.notes.warn(f"Refused: {result.refused}")
        click.get_current_context().exit(REFUSED)
    from provenance.cli.inputs import end_after_bad_rows

    end_after_bad_rows(unreadable, skip_bad, common.notes)
