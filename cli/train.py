"""``provenance train``: labelled texts to a detector folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.notes import counted
from provenance.cli.options import Common, common_options, example, fields_options

if TYPE_CHECKING:
    from provenance.detect.recipe import Recipe
    from provenance.documents import Document

__all__ = ["train"]


@click.command(
    short_help="Train a detector on labelled texts.",
    epilog=example("provenance train essays.jsonl news.csv --calibrate-on my_texts/ -o my_detector"),
)
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("-o", "--output", "folder", required=True, metavar="FOLDER", help="Where the detector is saved.")
@click.option("--recipe", default="fast", metavar="NAME|FILE", show_default=True, help="Recipe that ships, or a TOML file.")
@fields_options("text", "id", "label", "source", "group")
@click.option(
    "--calibrate-on",
    metavar="CORPUS",
    help="Human texts for the p-values; the human texts of CORPUS if left out, held out in turn.",
)
@click.option(
    "--no-measure", "measure", flag_value=False, default=True,
    help="Do not train a second time, on four fifths of the groups, to measure on the rest.",
)  # fmt: skip
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@common_options(("table", "jsonl", "json"), output=False)
def train(
    common: Common,
    corpus: tuple[str, ...],
    folder: str,
    recipe: str,
    calibrate_on: str | None,
    measure: bool,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Train a detector on labelled texts and save it in FOLDER.

    A row of CORPUS needs a text and a label, 'human' or 'llm'. Its source (the model's name) teaches families; its
    group keeps texts that belong together (one prompt, one author) on one side of every split. Each file is a corpus
    of its own, unless its rows name another in a field corpus: several are better than one. CORPUS may also be a
    registered name: see provenance corpora list.
    """
    from provenance.cli.corpora import CorpusStream, corpus_documents, human_only, labelled
    from provenance.cli.folders import check_detector_folder, report_saved
    from provenance.cli.inputs import end_after_bad_rows
    from provenance.cli.progress import progress_bar
    from provenance.detect.recipe import load_recipe
    from provenance.detect.train import train_detector

    check_detector_folder(folder)
    plan = load_recipe(recipe)
    stream = CorpusStream(corpus, fields, common.notes, by_file=True)
    own = CorpusStream((calibrate_on,), fields, common.notes, by_file=True) if calibrate_on else None
    documents = labelled(corpus_documents(stream), stream.names, common.notes)
    calibration = human_only(corpus_documents(own), own.names, common.notes) if own else None
    with progress_bar("training", wanted=common.progress, counted=False) as bar:

        def tell(step: str) -> None:
            """Show the step that begins."""
            bar.note(step)
            common.notes.detail(step)

        detector = train_detector(documents, plan, calibration=calibration, seed=common.seed, progress=tell)
        if measure and (found := _measured(documents, plan, common, tell)):
            detector.metrics_ = found
        detector.save(folder)
    report_saved(detector, Path(folder), common, _counts(documents, detector.calibration_.n))
    end_after_bad_rows(stream.unreadable + (own.unreadable if own else 0), skip_bad, common.notes)


def _measured(documents: list[Document], recipe: Recipe, common: Common, tell: Callable[[str], object]) -> dict[str, Any]:
    """Figures on held-out groups, and a line that says them; none where there are too few texts."""
    from provenance.errors import InputError
    from provenance.evaluate.holdout import measure_holdout

    try:
        found = measure_holdout(documents, recipe, seed=common.seed, progress=tell)
    except InputError as error:
        common.notes.warn(f"not measured on held-out texts: {error}")
        return {}
    summary = found["summary"]
    found_at_1 = _said(summary["tpr_at_1"]) if summary["tpr_at_1"] else "not measured: too few texts by people"
    common.notes.say(
        f"held-out groups: AUROC {_said(summary['auroc'])}, machine texts found at 1 % false positives {found_at_1} "
        f"({counted(summary['n_human'], 'text')} by people, {summary['n_llm']:,} by models, "
        f"{counted(summary['n_groups'], 'group')}); on other kinds of text expect less"
    )
    return found


def _said(row: Mapping[str, Any]) -> str:
    """Figure with its interval."""
    if row["low"] is None or row["high"] is None:
        return f"{row['value']:.3f}"
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def _counts(documents: list[Document], n_calibration: int) -> dict[str, int]:
    """Texts of each label, and human texts behind the p-values."""
    counts = Counter(document.label for document in documents)
    return {"n_human": counts["human"], "n_llm": counts["llm"], "n_calibration": n_calibration}
