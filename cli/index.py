"""``provenance index``: indexes of known data sets, for ``provenance trace``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.notes import counted
from provenance.cli.options import Common, common_options, example, fields_options

if TYPE_CHECKING:
    from provenance.corpus.index_writer import SourceFacts
    from provenance.corpus.known import KnownSource

__all__ = ["index"]

SHOWN = ("name", "title", "generator", "licence", "rows", "has_texts", "index")
KNOWN = ("name", "title", "generator", "licence", "hub", "note")


@click.group(short_help="Index known data sets, to trace rows to them.", epilog=example("provenance index list"))
def index() -> None:
    """Build and list indexes of known data sets, for `provenance trace`."""


@index.command(epilog=example("provenance index build answers.jsonl --licence MIT --generator gpt-4 -o my_index"))
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("-o", "--output", "folder", required=True, metavar="INDEX", help="Folder to write; an index is replaced.")
@click.option("--as", "known", metavar="NAME", help="CORPUS is this data set, of those in `index list --known`.")
@click.option("--name", metavar="NAME", help="Short name of the data set; that of the file if left out.")
@click.option("--licence", metavar="TEXT", help="Its terms, to be told with each match.")
@click.option("--maker", metavar="TEXT", help="Who published it.")
@click.option("--generator", metavar="TEXT", help="The model that wrote the answers, where rows do not say.")
@click.option("--url", metavar="URL", help="Where it is published.")
@click.option("--texts/--no-texts", default=True, show_default=True, help="Keep the texts, to show matches in pairs.")
@click.option("--small", is_flag=True, help="Keep 4 bytes of a hash, not 8.")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@fields_options("text", "id", "prompt", "source")
@common_options(("table", "jsonl", "json"), output=False)
def build(
    common: Common,
    corpus: tuple[str, ...],
    folder: str,
    known: str | None,
    texts: bool,
    small: bool,
    skip_bad: bool,
    **options: str | None,
) -> None:
    """Build an index of a data set: its prompts and its answers.

    CORPUS is anything that `provenance score` reads, a data set of the hub as hf://NAME, or the name of a data set in
    `provenance index list --known`, which is then fetched from the hub. Without --no-texts the index holds the texts,
    under the terms of the data set.
    """
    from provenance.cli.indexes import index_record
    from provenance.cli.inputs import InputStream, end_after_bad_rows
    from provenance.cli.progress import progress_bar
    from provenance.cli.render import emit_records, form_for
    from provenance.corpus.index import Index
    from provenance.corpus.index_build import build_index
    from provenance.corpus.known import find_known

    source = find_known(known) if known else _named(corpus)
    fields = {name: value for name, value in options.items() if name.endswith("_field")}
    if source is not None:
        own: dict[str, str | None] = {f"{name}_field": value for name, value in source.fields.items()}
        fields = own | {name: value for name, value in fields.items() if value}
        common.notes.say(f"{source.title}: licence {source.licence} (read on: {source.licence_from}); {source.url}")
    stream = InputStream(_paths(corpus, source if not known else None), fields, common.notes)
    documents = source.arranged(stream) if source else iter(stream)
    with progress_bar("rows indexed", wanted=common.progress) as bar:
        build_index(documents, folder, _facts(corpus, source, options), texts=texts, small=small, progress=bar.advance)
    record = index_record(Index(folder))
    emit_records([record], form_for(common.format, single=True))
    entries, short = record["entries"], record["too_short"]
    common.notes.say(
        f"{counted(entries['output'], 'different answer')} and {counted(entries['prompt'], 'prompt')} of "
        f"{counted(record['rows'], 'row')}; {counted(short, 'text')} of under five words left out; "
        f"use it by: provenance trace DATA --against {folder}"
    )
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)


@index.command("list", epilog=example("provenance index list my_indexes --format json"))
@click.argument("folders", nargs=-1, metavar="[FOLDER...]")
@click.option("--known", is_flag=True, help="List the public data sets that can be indexed by name instead.")
@common_options()
def list_indexes(common: Common, folders: tuple[str, ...], known: bool) -> None:
    """List indexes and what each covers: those that ship, and those in FOLDER."""
    from provenance.cli.render import emit_records, form_for

    records = _known_records() if known else _index_records(folders)
    if common.format == "table":
        records = [{name: record[name] for name in (KNOWN if known else SHOWN)} for record in records]
    emit_records(records, form_for(common.format), common.output)
    if not known:
        common.notes.say("public data sets that can be indexed by name: provenance index list --known")


def _known_records() -> list[dict[str, Any]]:
    """Public data sets, with how to load each."""
    from dataclasses import asdict

    from provenance.corpus.known import known_sources

    return [{"schema_version": 1, **asdict(source), "load": source.path} for source in known_sources().values()]


def _index_records(folders: tuple[str, ...]) -> list[dict[str, Any]]:
    """Indexes that ship, and those that folders are or hold.

    Raises
    ------
    InputError
        When a folder holds no index.
    """
    from provenance.cli.indexes import index_record
    from provenance.corpus.index import Index
    from provenance.errors import InputError
    from provenance.models.shipped_indexes import list_indexes, shipped_indexes_folder

    records = [index_record(Index(shipped_indexes_folder() / name)) | {"index": name, "ships": True} for name in list_indexes()]
    for folder in folders:
        found = [item.parent for item in sorted([*Path(folder).glob("index.json"), *Path(folder).glob("*/index.json")])]
        if not found:
            raise InputError(f"{folder}: holds no index; wanted a folder made by `provenance index build`, or one with such")
        records += [index_record(Index(path)) | {"ships": False} for path in found]
    return records


def _named(corpus: tuple[str, ...]) -> KnownSource | None:
    """Data set that the one argument names, where it is no path."""
    from provenance.corpus.known import known_sources

    if len(corpus) != 1 or Path(corpus[0]).exists():
        return None
    return known_sources().get(corpus[0])


def _paths(corpus: tuple[str, ...], source: KnownSource | None) -> tuple[str, ...]:
    """What to read.

    Raises
    ------
    UsageError
        When the data set cannot be fetched by name.
    """
    from provenance.errors import UsageError

    if source is None:
        return corpus
    if source.path is None:
        raise UsageError(
            f"{source.name}: is not on the hub; wanted its files: download them from {source.url} and build by: "
            f"provenance index build FILES --as {source.name} -o INDEX"
        )
    return (source.path,)


def _facts(corpus: tuple[str, ...], source: KnownSource | None, options: dict[str, str | None]) -> SourceFacts:
    """What is known of the data set: what is given, before what is on record."""
    from dataclasses import replace

    from provenance.corpus.index_writer import SourceFacts

    own = corpus[0].removeprefix("hf://").rstrip("/").rpartition("/")[2]
    facts = source.facts if source else SourceFacts("stdin" if own == "-" else own.partition(".")[0] or own)
    given = {name: value for name in ("name", "licence", "maker", "generator", "url") if (value := options.get(name))}
    return replace(facts, **given)
