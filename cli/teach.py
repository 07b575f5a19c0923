"""``provenance teach``: experiments on what a student learns from text and from logits, and a page to play with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from provenance.cli.options import Common, common_options, example

if TYPE_CHECKING:
    from provenance.cli.notes import Notes

__all__ = ["teach"]


@click.group(short_help="Lessons: is training on text distillation?", epilog=example("provenance teach page -o page.html"))
def teach() -> None:
    """Run lessons on what a student learns from a teacher's text and from its logits, or make a page of them to play with."""


@teach.command("list", epilog=example("provenance teach list"))
@common_options()
def list_lessons(common: Common) -> None:
    """List the lessons and what they ask."""
    from provenance.cli.render import emit_records, form_for
    from provenance.teach.catalogue import lessons

    records: list[dict[str, Any]] = [
        {
            "number": item.number,
            "lesson": item.name,
            "question": item.question,
            "teachers": " or ".join(item.teachers) if common.format == "table" else list(item.teachers),
            "why tiny alone" if common.format == "table" else "only_tiny": item.only_tiny,
        }
        for item in lessons()
    ]
    if common.format != "table":
        records = [{"schema_version": 1, **record} for record in records]
    emit_records(records, form_for(common.format), common.output)


@teach.command(epilog=example("provenance teach run logits-vs-text --seeds 5 --out lesson1"))
@click.argument("lesson")
@click.option(
    "--seeds", type=click.IntRange(min=1, max=100), default=5, show_default=True, metavar="N",
    help="Students of each kind; intervals are over them.",
)  # fmt: skip
@click.option("--out", metavar="FOLDER", help="Keep results.json and the figures as SVG.")
@click.option(
    "--teacher",
    default="tiny",
    show_default=True,
    metavar="tiny|smollm2",
    help="Teacher; smollm2, a real language model, needs the extra [lm]: `teach list` says which lessons take it.",
)
@click.option("--quick", is_flag=True, help="Small sizes, done in seconds: to see that it runs, not for its numbers.")
@common_options()
def run(common: Common, lesson: str, seeds: int, out: str | None, teacher: str, quick: bool) -> None:
    """Run LESSON, a name or a number of `teach list`, and show what it found.

    Standard output gets the table. The figures, and every number with its seeds, go to FOLDER.
    """
    from provenance.cli.progress import progress_bar
    from provenance.cli.render import emit_records, form_for
    from provenance.teach.running import check_folder, run_lesson, save_result
    from provenance.teach.settings import Settings

    if out is not None:
        check_folder(out)
    with progress_bar(lesson, wanted=common.progress, counted=False) as bar:
        settings = Settings(seeds=seeds, seed=common.seed, quick=quick, teacher=teacher, tell=bar.note)
        record = run_lesson(lesson, settings)
    rows = record["table"]
    if common.format != "table":
        rows = [{"schema_version": 1, "lesson": record["lesson"], **row} for row in rows]
    emit_records(rows, form_for(common.format), common.output)
    _say(record, common.notes)
    for path in save_result(record, out) if out is not None else ():
        common.notes.say(f"Written: {path}")


@teach.command(epilog=example("provenance teach page -o page.html"))
@common_options(("html",))
def page(common: Common) -> None:
    """Write one interactive page of all lessons, from the results that ship. It needs no network."""
    from provenance.cli.render import emit_bytes
    from provenance.teach.page import lesson_page

    emit_bytes(lesson_page().encode(), common.output)


def _short(value: float) -> str:
    """Number to three digits, or whole from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _say(record: dict[str, Any], notes: Notes) -> None:
    """Say the findings with their intervals, and what they do not show."""
    for found in record["findings"]:
        span = f" ({_short(found['low'])} to {_short(found['high'])})" if found["n"] > 1 else ""
        notes.say(f"{found['text']}: {_short(found['value'])}{span}, n = {found['n']}")
    for line in record["not_shown"]:
        notes.say(f"Not shown: {line}")
    if record["quick"]:
        notes.say("A quick run: its numbers say nothing. Leave --quick out for numbers to read.")
