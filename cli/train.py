"""``provenance train``: labelled texts to a detector folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.notes import counted
from provenance.cli.options import Common, common_options, example, fields_options

if TYPE_CHECKING:
    from provenance.documents import Document

__all__ = ["train"]


@click.command(
    short_help="Train a detector on labelled texts.",
    epilog=example("provenance train essays.jsonl news.csv --calibrate-on my_texts/ -o my_detector"),
)
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("-o", "--output", "folder", required=True, metavar="FOLDER", help="Where the detector is saved.")
@click.option(
    "--recipe", default="fast", metavar="NAME|FILE", show_default=True, help="Recipe that ships, or a TOML file."
)
@fields_options("text", "id", "label", "source", "group")
@click.option(
    "--calibrate-on",
    metavar="CORPUS",
    help="Human texts for the p-values; part of the human texts of CORPUS if left out.",
)
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@common_options(("table", "jsonl", "json"), output=False)
def train(
    common: Common,
    corpus: tuple[str, ...],
    folder: str,
    recipe: str,
    calibrate_on: str | None,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Train a detector on labelled texts and save it in FOLDER.

    A row of CORPUS needs a text and a label, 'human' or 'llm'. Its source (the model's name) teaches families; its
    group keeps texts that belong together (one prompt, one author) on one side of every split.
    """
    from provenance.cli.folders import check_detector_folder, report_saved
    from provenance.cli.inputs import InputStream, end_after_bad_rows
    from provenance.cli.progress import progress_bar
    from provenance.detect.recipe import load_recipe
    from provenance.detect.train import train_detector

    check_detector_folder(folder)
    plan = load_recipe(recipe)
    stream = InputStream(corpus, fields, common.notes)
    documents = labelled(list(stream), stream.names, common)
    calibration, unreadable = _calibration(calibrate_on, fields, common)
    with progress_bar("training", wanted=common.progress) as bar:
        detector = train_detector(documents, plan, calibration=calibration, seed=common.seed, progress=bar.note)
        detector.save(folder)
    counts = Counter(document.label for document in documents)
    report_saved(detector, Path(folder), common, {"n_human": counts["human"], "n_llm": counts["llm"]})
    end_after_bad_rows(stream.unreadable + unreadable, skip_bad, common.notes)


def labelled(documents: list[Document], names: str, common: Common) -> list[Document]:
    """Keep the documents with a label, both labels being there.

    Raises
    ------
    InputError
        When no document has a label, or all have the same.
    """
    from provenance.errors import InputError

    kept = [document for document in documents if document.label is not None]
    found = Counter(document.label for document in kept)
    if not kept:
        raise InputError(
            f"{names}: none of {len(documents):,} documents has a label; wanted 'human' and 'llm': "
            "name the field that holds it by --label-field"
        )
    if len(found) == 1:
        raise InputError(
            f"{names}: all {len(kept):,} labelled documents are {next(iter(found))!r}; wanted texts by people and by "
            "models: add a corpus with the other label"
        )
    if len(kept) < len(documents):
        common.notes.warn(f"{counted(len(documents) - len(kept), 'document')} without a label left out")
    return kept


def _calibration(corpus: str | None, fields: dict[str, Any], common: Common) -> tuple[list[Document] | None, int]:
    """Human texts for the p-values and the number of rows that could not be read; None where none are given."""
    if corpus is None:
        return None, 0
    from provenance.cli.folders import human_texts
    from provenance.cli.inputs import InputStream

    stream = InputStream((corpus,), fields, common.notes)
    return human_texts(list(stream), corpus, common.notes), stream.unreadable
