"""The card of a detector: what it is made from, its figures, what it does not show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.detect.detector import Detector

_LIMITS = """## What it does not show

A flag is evidence about style, not proof of authorship, and not for accusing a person. A text by a person can read like
a model's, most of all where the writing is formal, edited, or by a learner of the language; a model's text that was
edited or prompted for another style can read like a person's. The p-value holds for texts like those of the
calibration: re-calibrate with your own human texts (`provenance calibrate`). Texts under the least length, texts that
are not English, code, and texts unlike the calibration are abstained from. Families are those the training texts had;
a maker that is not among them is at best 'unknown'.
"""


def render_card(detector: Detector) -> str:
    """Write the card of a fitted detector from its recipe, calibration and `metrics_`."""
    plan, calibration = detector.plan, detector.calibration_
    lines = [
        f"# {plan.label}",
        "",
        plan.description,
        "",
        f"- N-grams kept: {len(detector.linear_.buckets):,} of word {plan.word_ngrams[0]}-{plan.word_ngrams[1]}-grams and "
        f"skeleton {plan.skeleton_ngrams[0]}-{plan.skeleton_ngrams[1]}-grams; "
        f"{len(detector.linear_.style_mean)} style measures",
        f"- Embedding channel: {plan.embedder or 'none'}",
        f"- Calibration: {calibration.n:,} texts by people of {len(calibration.names)} kinds; a text must stand out against "
        "each kind that has 99 texts of like length, and against the small ones together",
        f"- Probability at a prior of {plan.prior:g}; texts under {plan.min_words} words are abstained from",
        "",
    ]
    return "\n".join(lines) + "\n" + _figures(detector.metrics_) + _LIMITS


def _figures(metrics: Mapping[str, Any]) -> str:
    if not metrics:
        return "## Figures\n\nNot measured on held-out texts yet: run `provenance score` on texts whose writers you know.\n\n"
    out = ["## Figures", "", metrics.get("method", ""), "", f"Command: `{metrics.get('command', '')}`", ""]
    for title, table in metrics.get("tables", {}).items():
        columns = list(table[0])
        out += [f"### {title}", "", "| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        out += ["| " + " | ".join(_cell(row[column]) for column in columns) + " |" for row in table]
        out.append("")
    return "\n".join(out) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
