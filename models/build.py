"""Train the shipped detectors: ``python -m provenance.models.build DATA [--only NAME]``.

DATA holds detection/ and models/. Figures are taken from benchmarks/results, which benchmarks/quality.py writes; a
detector whose figures are not there is saved without them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from provenance.detect.recipe import load_recipe
from provenance.detect.train import train_detector
from provenance.models.corpora import answer_documents, detection_documents

NAMES = ("fast", "default", "surprisal")
HERE = Path(__file__).resolve().parent


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(NAMES), multiple=True, help="Train only this detector.")
@click.option("--results", type=click.Path(path_type=Path), default=HERE.parent / "benchmarks" / "results")
@click.option("--cache", type=click.Path(path_type=Path), default=HERE.parent / "build" / "cache", help="Tuned encoders.")
@click.option("--figures-only", is_flag=True, help="Renew metrics and card; train nothing.")
def main(data: Path, only: tuple[str, ...], results: Path, cache: Path, figures_only: bool) -> None:
    """Train the shipped detectors on DATA and write them to models/shipped."""
    documents = [] if figures_only else detection_documents(data) + answer_documents(data)
    for name in only or NAMES:
        folder = HERE / "shipped" / name
        if figures_only:
            from provenance.detect.detector import Detector

            detector = Detector.load(folder)
        else:
            recipe = load_recipe(name)
            detector = train_detector(documents, recipe, cache=cache, progress=lambda line: click.echo(line, err=True))
        detector.metrics_ = figures(name, results)
        detector.save(folder)
        click.echo(f"{folder}: {sum(f.stat().st_size for f in folder.iterdir()):,} bytes", err=True)


def figures(name: str, results: Path) -> dict[str, Any]:
    """Gather the figures of a detector from the benchmark results; empty where there are none."""
    found = {what: _read(results / f"{what}-{name}.json") for what in ("loco", "parts", "alarms", "people")}
    tables: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    if loco := found["loco"]:
        summary |= {k: v for k, v in loco.items() if k not in ("table", "recipe", "what", "seconds")}
        tables["Leave one corpus out (AUROC and TPR at 1 % FPR, 95 % interval over groups)"] = loco["table"]
    if parts := found["parts"]:
        summary |= {f"parts_{k}": v for k, v in parts.items() if k not in ("table", "recipe", "seconds")}
        tables[f"A quarter of the corpora left out at a time, {parts['cap']} texts a label and corpus"] = parts["table"]
    if alarms := found["alarms"]:
        summary |= {f"alarms_{k}": v for k, v in alarms.items() if k not in ("table", "caught", "recipe", "what", "seconds")}
        tables["False alarms at --fpr 0.01 on human corpora kept out of training and calibration"] = alarms["table"]
        tables["Machine texts flagged at --fpr 0.01 in the same left-out corpora"] = alarms["caught"]
    if people := found["people"]:
        summary |= {f"people_{k}": people[k] for k in ("worst_flagged", "worst_corpus")}
        tables["Dated texts by people at --fpr 0.01, none of them in training or calibration"] = people["table"]
    if not tables:
        return {}
    command = f"python benchmarks/quality.py {LEFT_OUT[name]}"
    command += f"; python benchmarks/quality.py people --recipe {name}" if found["people"] else ""
    return {"method": METHOD, "command": command, "summary": summary, "tables": tables}


LEFT_OUT = {
    "fast": "left-out --recipe default",
    "default": "left-out --recipe default",
    "surprisal": "left-out --recipe surprisal --parts --cap 100",
}
"""What makes the figures of each detector; the run of `default` writes those of `fast` too."""

METHOD = (
    "Trained without a corpus and without every text that shares a group with it, tested on it: English, texts of 50 words "
    "and more, no base-model continuations, at most 500 texts a label unless a table says otherwise; the encoder is tuned "
    "without a quarter of the corpora at a time. False alarms: texts by models that saw neither the corpus nor its groups, "
    "against p-values from all other corpora."
)


def _read(path: Path) -> dict[str, Any]:
    return orjson.loads(path.read_bytes()) if path.is_file() else {}


if __name__ == "__main__":
    sys.exit(main())
