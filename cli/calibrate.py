"""``provenance calibrate``: the p-values of a detector from the user's own human texts."""

from __future__ import annotations

from pathlib import Path

import click

from provenance.cli.notes import counted
from provenance.cli.options import Common, common_options, example, fields_options

__all__ = ["calibrate"]

ENOUGH = 99
"""Human texts that a 1 % cut needs: the smallest p-value is 1 / (n + 1)."""


@click.command(
    short_help="Take p-values from your own human texts.",
    epilog=example("provenance calibrate default our_authors.jsonl -o our_detector"),
)
@click.argument("detector")
@click.argument("human_texts", nargs=-1, required=True, metavar="HUMAN_TEXTS...")
@click.option("-o", "--output", "folder", required=True, metavar="FOLDER", help="Where the new detector is saved.")
@fields_options("text", "id", "label")
@click.option("--skip-bad", is_flag=True, help="End with 0 although rows could not be read.")
@common_options(("table", "jsonl", "json"), output=False)
def calibrate(
    common: Common,
    detector: str,
    human_texts: tuple[str, ...],
    folder: str,
    skip_bad: bool,
    **fields: str | None,
) -> None:
    """Take the p-values of DETECTOR from your own HUMAN_TEXTS and save the result in FOLDER.

    The texts should be like those you will score, and surely by people: written before December 2022, or by known
    hands. Texts with the label 'llm' are left out.
    """
    from provenance import load_detector
    from provenance.cli.folders import check_detector_folder, report_saved
    from provenance.cli.folders import human_texts as only_human
    from provenance.cli.inputs import InputStream, end_after_bad_rows

    check_detector_folder(folder)
    stream = InputStream(human_texts, fields, common.notes)
    model = load_detector(detector)
    documents = only_human(list(stream), stream.names, common.notes)
    calibrated = model.calibrate(documents)
    calibrated.save(folder)
    n = len(documents)
    if n < ENOUGH:
        common.notes.warn(
            f"Warning: {counted(n, 'human text')} can give no p-value below {1 / (n + 1):.3g}; a cut at 1 % needs "
            f"{ENOUGH}: add texts, or score with a higher --fpr"
        )
    report_saved(calibrated, Path(folder), common, {"n_human": n, "smallest_p_value": 1 / (n + 1)})
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)
