"""``provenance models``: the detectors that ship, their cards, and what a saved one holds."""

from __future__ import annotations

import sys

import click

from provenance.cli.options import Common, common_options, example

__all__ = ["models"]


@click.group(short_help="Show the detectors that ship.", epilog=example("provenance models list"))
def models() -> None:
    """Show the detectors that ship, and what a saved detector holds."""


@models.command("list", epilog=example("provenance models list --format json"))
@common_options()
def list_models(common: Common) -> None:
    """List the detectors that ship with this version."""
    from dataclasses import asdict

    from provenance.cli.render import emit_records, form_for
    from provenance.models import list_detectors

    records = [{"schema_version": 1, **asdict(info)} for info in list_detectors()]
    if common.format == "table":
        records = [{name: value for name, value in record.items() if name != "schema_version"} for record in records]
    emit_records(records, form_for(common.format), common.output)


@models.command(epilog=example("provenance models info fast"))
@click.argument("name", metavar="NAME|FOLDER")
@common_options(("table", "jsonl", "json"))
def info(common: Common, name: str) -> None:
    """Show the card of a detector: what it was made from, its figures, what it does not show."""
    from provenance.cli.render import emit_bytes, emit_records, form_for

    card = _card(name)
    if common.format != "table":
        emit_records([{"schema_version": 1, "detector": name, "card": card}], form_for(common.format), common.output)
        return
    if common.to_stdout and sys.stdout.isatty():
        from provenance.cli.tables import markdown

        emit_bytes(markdown(card))
        return
    emit_bytes(card.encode(), common.output)


@models.command(epilog=example("provenance models inspect my_detector"))
@click.argument("folder", metavar="NAME|FOLDER")
@common_options(("table", "jsonl", "json"))
def inspect(common: Common, folder: str) -> None:
    """Print what a saved detector holds, without loading it: settings, tensors, files that do not belong there."""
    from provenance.cli.render import emit_records, form_for
    from provenance.detect.folder import inspect_folder

    record = {"schema_version": 1, **inspect_folder(_folder(folder))}
    emit_records([record], form_for(common.format, single=True), common.output)


def _folder(name: str) -> str:
    """Folder of a detector that ships, or the path as given."""
    from pathlib import Path

    from provenance.models import list_detectors, shipped_folder

    if Path(name).is_dir() or name not in {info.name for info in list_detectors()}:
        return name
    return str(shipped_folder(name))


def _card(name: str) -> str:
    """Text of a detector's card.

    Raises
    ------
    DetectorError
        When there is no such detector, or it has no card.
    """
    from pathlib import Path

    from provenance.cli.render import clean_lines
    from provenance.errors import DetectorError
    from provenance.models import shipped_folder

    folder = Path(name) if Path(name).is_dir() else Path(shipped_folder(name))
    try:
        return clean_lines((folder / "README.md").read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise DetectorError(
            f"{name}: its card README.md cannot be read ({error.strerror}); wanted a detector folder: "
            "`provenance models list` names those that ship"
        ) from error
