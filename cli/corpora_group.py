"""``provenance corpora``: published corpora that can be named, and the check of any corpus."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.options import Common, common_options, example, fields_options, in_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.corpora.check import Check
    from provenance.documents import Document

__all__ = ["corpora"]

GATE = 3
"""Exit code when a shortcut tells more than ``--fail-above`` allows."""


@click.group(short_help="List, read and check labelled corpora.", epilog=example("provenance corpora list"))
def corpora() -> None:
    """List published corpora, read them, and check any corpus for copies, leaks and shortcuts.

    No text of a corpus ships with this tool, and none is fetched unless a corpus is named.
    """


@corpora.command("list", epilog=example("provenance corpora list --format json"))
@common_options()
def list_corpora(common: Common) -> None:
    """List the corpora that can be named."""
    from provenance.cli.render import emit_records, form_for
    from provenance.corpora import CORPORA
    from provenance.corpora.sources import cached_path

    records: list[dict[str, object]] = []
    for corpus in CORPORA.values():
        facts = corpus.to_dict()
        record = {name: facts[name] for name in ("name", "sides", "languages", "licence", "description")}
        record |= {"on_hub": corpus.hub is not None, "cached": cached_path(corpus.name).is_file()}
        records.append(record if common.format == "table" else {"schema_version": 1, **record})
    emit_records(records, form_for(common.format), common.output)


@corpora.command(epilog=example("provenance corpora info raid"))
@click.argument("name")
@common_options(("table", "jsonl", "json"))
def info(common: Common, name: str) -> None:
    """Show the card of a corpus: what it holds, its licence and groups, what to mind, how to read it."""
    from provenance.cli.render import emit_bytes, emit_records, form_for
    from provenance.corpora import find_corpus
    from provenance.corpora.card import card_of

    corpus = find_corpus(name)
    card = card_of(corpus)
    if common.format != "table":
        record = {"schema_version": 1, **corpus.to_dict(), "card": card}
        emit_records([record], form_for(common.format), common.output)
    elif common.to_stdout and sys.stdout.isatty():
        from provenance.cli.tables import markdown

        emit_bytes(markdown(card))
    else:
        emit_bytes(card.encode(), common.output)


@corpora.command(epilog=example("provenance corpora get hc3 --limit 1000 -o hc3.jsonl"))
@click.argument("name", metavar="NAME[:PATH]")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after N texts.")
@click.option("--cache", is_flag=True, help="Keep it in the cache instead, where NAME is found from then on.")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@common_options(("jsonl", "json", "csv"))
def get(common: Common, name: str, limit: int | None, cache: bool, skip_bad: bool) -> None:
    """Read a corpus and write its texts as plain records: id, text, label, source, family, domain, group and more.

    NAME reads it from where it is published; NAME:PATH reads files at hand in the corpus's own schema.
    """
    from itertools import islice

    from provenance.cli.inputs import end_after_bad_rows
    from provenance.cli.notes import counted
    from provenance.cli.progress import progress_bar
    from provenance.corpora import open_corpus

    _check_target(common, cache)
    bad: list[str] = []

    def report(row: object) -> None:
        """Tell of one row that cannot be read."""
        bad.append(str(row))
        common.notes.warn(f"Not read: {row}")

    with open_corpus(name, on_bad=report, refresh=cache) as reading, progress_bar("texts", wanted=common.progress) as bar:
        common.notes.say(f"{name}: {reading.origin}")
        n = _write(common, reading.corpus.name if cache else None, islice(reading, limit), bar)
        passed_over = reading.passed_over
    if passed_over:
        common.notes.say(f"{counted(passed_over, 'file')} that hold no text of the corpus passed over")
    common.notes.say(f"{counted(n, 'text')} of {name}; they belong to their authors: see provenance corpora info")
    end_after_bad_rows(len(bad), skip_bad, common.notes)


@corpora.command(epilog=example("provenance corpora check essays.jsonl --fail-above 0.8"))
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--fail-above", type=in_range(0, 1), metavar="AUROC", help="End with 3 when a shortcut tells more than this.")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "label", "source", "group")
@common_options(("table", "jsonl", "json"))
def check(common: Common, files: tuple[str, ...], fail_above: float | None, skip_bad: bool, **fields: str | None) -> None:
    """Check a corpus: copies, leaks between splits, shortcuts, languages, labels.

    FILE is a file, a folder or a registered name. Splits are told by the field split, or by file names such as
    train.jsonl. A shortcut is what a model reaches, on held-out folds, that looks at length, punctuation or layout alone.
    """
    from provenance.cli.corpora import CorpusStream
    from provenance.cli.inputs import end_after_bad_rows
    from provenance.cli.progress import progress_bar
    from provenance.cli.render import emit_records, form_for
    from provenance.corpora.check import check_corpus

    stream = CorpusStream(files, fields, common.notes, by_file=True)
    with progress_bar("checking", wanted=common.progress, counted=False):
        found = check_corpus(list(_with_splits(stream)), seed=common.seed)
    record = {"inputs": list(files), **found.to_dict()}
    emit_records([record], form_for(common.format, single=True), common.output)
    for line in found.warnings:
        common.notes.warn(f"Warning: {line}")
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)
    _end_at_gate(found, fail_above, common)


def _with_splits(stream: Any) -> Iterator[Document]:
    """Documents, each with the split that its file name tells where its row tells none."""
    from dataclasses import replace
    from pathlib import Path

    from provenance.corpora.splits import split_of_name, split_of_row

    for document in stream:
        split = None if split_of_row(document.meta) else split_of_name(Path(stream.current).name)
        yield replace(document, meta={**document.meta, "split": split}) if split else document


def _end_at_gate(found: Check, fail_above: float | None, common: Common) -> None:
    """End with 3 when the gate that the user set was passed."""
    worst = found.worst_shortcut
    if fail_above is None or worst is None or worst.auroc is None or worst.auroc.value <= fail_above:
        return
    common.notes.warn(f"Gate passed: {worst.name} alone has AUROC {worst.auroc.value:.3f}, above {fail_above:g}")
    click.get_current_context().exit(GATE)


def _check_target(common: Common, cache: bool) -> None:
    """Refuse early what cannot be written.

    Raises
    ------
    UsageError
        When both the cache and a file are asked for.
    """
    from provenance.cli.sinks import check_target
    from provenance.errors import UsageError

    if cache and not common.to_stdout:
        raise UsageError("--cache and -o do not go together; wanted one place: leave one of them out")
    if not common.to_stdout:
        check_target(common.output)


def _write(common: Common, cached: str | None, documents: Iterator[Document], bar: Any) -> int:
    """Write the documents where they go, and count them; nothing is left where reading breaks off."""
    from provenance.cli.render import form_for
    from provenance.cli.sinks import open_sink
    from provenance.corpora.sources import cached_path
    from provenance.scale import in_chunks
    from provenance.writing import write_jsonl

    if cached is not None:
        target = cached_path(cached)
        target.parent.mkdir(parents=True, exist_ok=True)
        return write_jsonl(documents, target)
    form, n = form_for(common.format, columns=COLUMNS), 0
    with open_sink(common.output, None, resume=False, notes=common.notes) as sink:
        sink.write(form.head(), 0)
        for chunk in in_chunks(documents):
            sink.write(form.page([document.to_dict() for document in chunk]), len(chunk))
            n += len(chunk)
            bar.advance(len(chunk))
        sink.write(form.tail(), 0)
    return n


COLUMNS = ("id", "text", "label", "source", "family", "domain", "prompt", "group", "attack", "split", "corpus")
"""Columns of the CSV form."""
