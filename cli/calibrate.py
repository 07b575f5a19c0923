"""``provenance calibrate``: the p-values of a detector from the user's own human texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.cli.notes import counted
from provenance.cli.options import Common, common_options, example, fields_options

if TYPE_CHECKING:
    from provenance.detect.detector import Detector

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
    from provenance.cli.corpora import human_only
    from provenance.cli.folders import check_detector_folder, report_saved
    from provenance.cli.inputs import InputStream, end_after_bad_rows

    check_detector_folder(folder)
    stream = InputStream(human_texts, fields, common.notes)
    model = load_detector(detector)
    documents = human_only(list(stream), stream.names, common.notes)
    calibrated = model.calibrate(documents)
    calibrated.save(folder)
    n = calibrated.calibration_.n
    if n < len(documents):
        common.notes.warn(f"{counted(len(documents) - n, 'text')} too short for this detector left out")
    if n < ENOUGH:
        common.notes.warn(
            f"Warning: {counted(n, 'human text')} can give no p-value below {1 / (n + 1):.3g}; a cut at 1 % needs "
            f"{ENOUGH}: add texts, or score with a higher --fpr"
        )
    facts = {"n_human": n, "smallest_p_value": _smallest_p_value(calibrated)}
    report_saved(calibrated, Path(folder), common, facts)
    end_after_bad_rows(stream.unreadable, skip_bad, common.notes)


def _smallest_p_value(detector: Detector) -> float:
    """P-value of a text that outscores every calibration text, at the length with the most of them."""
    import numpy as np

    from provenance.detect.sampling import LENGTH_BINS

    words = np.array(LENGTH_BINS, np.int64)
    return round(float(detector.calibration_.p_values(np.full(len(words), 1e9), words).min()), 6)
