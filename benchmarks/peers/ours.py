"""Our side of the comparison: scores of texts that were left out of the training, and the speed of what ships."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import orjson
from figures import line_of
from left_out import LeftOut
from quality import say

from provenance.documents import Document
from provenance.evaluate.predictions import read_predictions
from provenance.models import load_detector


def our_scores(options: argparse.Namespace, name: str, texts: dict[str, list[Document]]) -> dict[str, float]:
    """Score every text by a detector that was trained without its corpus."""
    scores: dict[str, float] = {}
    for corpus, _, score in LeftOut.of(options, name).scorers(1):
        mine = texts[corpus]
        scores |= dict(zip([d.id for d in mine], score([d.text for d in mine]).tolist(), strict=True))
        say(f"{name}: {corpus} scored")
    return scores


def given_scores(file: str) -> dict[str, float]:
    """Scores of left-out texts that were made elsewhere: id (CORPUS/ROW) and score."""
    return {ident: item.score for ident, item in read_predictions(file).items() if item.score is not None}


def loco_lines(pairs: list[str], texts: list[str]) -> list[dict]:
    """Ours by `quality.py loco`: the same corpora, more texts of each, one corpus left out at a time; speed on `texts`."""
    lines = []
    for pair in pairs:
        name, file = pair.split("=", 1)
        rows = orjson.loads(Path(file).read_bytes())["table"]
        kind = "ours, one corpus left out at a time, on more texts of the same corpora"
        speed = our_speed(name, texts) if texts else {}
        lines.append(line_of(f"ours, {name} (one left out)", kind, rows, loco=True, **speed))
    return lines


def our_speed(name: str, texts: list[str]) -> dict[str, float]:
    """Speed of the shipped detector on some of the texts, verdicts and all."""
    start = time.perf_counter()
    detector = load_detector(name)
    detector.score(texts[:64])
    loaded, began = time.perf_counter() - start, time.process_time()
    detector.score(texts)
    return {"texts_per_cpu_second": len(texts) / (time.process_time() - began), "load_seconds": loaded}


def how(options: argparse.Namespace) -> str:
    """How ours were kept from the corpora that they are tested on, in words."""
    if options.loco and not options.recipes and not options.our_scores:
        return (
            "each corpus is scored by a detector of the same recipe that was trained without it and without every text that "
            "shares a group with it, on up to 1,000 texts a label of the same corpora (`benchmarks/quality.py loco`)"
        )
    if options.our_scores and not options.recipes:
        return "their scores are of texts that were left out of the training, corpus by corpus"
    if options.detectors:
        return "each corpus is scored by a detector that was made without it"
    return (
        f"the corpora are dealt into {options.parts} parts, and each part is scored by a detector of the same recipe that was "
        "trained without it and without every text that shares a group with it"
    )
