"""``provenance evaluate``: how good a detector is on labelled corpora, and where it fails."""

from __future__ import annotations

from typing import Any

import click

from provenance.cli.options import Common, common_options, example, fields_options

__all__ = ["evaluate"]

BASELINES = ("tfidf", "length", "punctuation", "layout")


class Rates(click.ParamType):
    """One or more rates between 0 and 1, joined by commas."""

    name = "rates"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Read the rates."""
        if isinstance(value, tuple):
            return value
        try:
            rates = tuple(dict.fromkeys(float(part) for part in value.split(",")))
        except ValueError:
            self.fail(f"{value!r} is no list of rates; wanted numbers such as 0.01,0.05", param, ctx)
        if not all(0 < rate < 1 for rate in rates):
            self.fail(f"{value!r}: wanted rates between 0 and 1, such as 0.01,0.05", param, ctx)
        return rates


class Names(click.ParamType):
    """Names joined by commas."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Read the names."""
        if isinstance(value, tuple):
            return value
        return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


@click.command(
    short_help="Measure a detector on labelled corpora.",
    epilog=example("provenance evaluate fast essays.jsonl news.csv --by domain,attack --baseline length --report page.html"),
)
@click.argument("arguments", nargs=-1, required=True, metavar="DETECTOR CORPUS...")
@click.option(
    "--by", type=Names(), default=(), metavar="NAME,...",
    help="Also a record for each value of: domain, source, family, attack, length, corpus, or a field of the rows.",
)  # fmt: skip
@click.option(
    "--fpr", type=Rates(), default="0.01", show_default=True, metavar="RATE,...",
    help="False-positive rates; verdicts are taken at the first.",
)  # fmt: skip
@click.option(
    "--baseline", "baselines", type=click.Choice(BASELINES), multiple=True,
    help="Measure this beside it, trained on the corpora themselves in folds; may be given again.",
)  # fmt: skip
@click.option(
    "--predictions", metavar="FILE",
    help="Measure the scores of FILE (fields id and score) instead; DETECTOR is then a mere name, or left out.",
)  # fmt: skip
@click.option("--threshold", type=float, metavar="SCORE", help="With --predictions: texts from this score on are flagged.")
@click.option("--report", metavar="PAGE.HTML", help="Also write one HTML page to read.")
@click.option(
    "--workers", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="Processes; 0: all cores."
)
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "label", "source", "group")
@common_options()
def evaluate(
    common: Common,
    arguments: tuple[str, ...],
    by: tuple[str, ...],
    fpr: tuple[float, ...],
    baselines: tuple[str, ...],
    predictions: str | None,
    threshold: float | None,
    report: str | None,
    workers: int,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Measure DETECTOR on labelled texts: a record for all of them, and one for each value of --by.

    CORPUS is a file, a folder or a registered name (see: provenance corpora list); a row needs a text and a label,
    'human' or 'llm'. Intervals are 95 % bootstraps over groups (the field group, else the prompt), not over rows. A
    text that the detector was trained on says nothing about it: measure on corpora that it has not seen.
    """
    from provenance.cli.corpora import CorpusStream
    from provenance.cli.evaluating import Plan, run
    from provenance.cli.inputs import end_after_bad_rows

    plan = Plan.of(arguments, predictions, by, fpr, tuple(dict.fromkeys(baselines)), threshold, report, workers)
    plan.check(common.output)
    stream = CorpusStream(plan.corpora, fields, common.notes, by_file=True)
    run(plan, stream, common)
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)
