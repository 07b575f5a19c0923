"""What in a check of a corpus deserves a warning, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.corpora.check import Check

__all__ = ["warnings_of"]

TELLING = 0.7
"""AUROC of a shortcut, by the lower end of its interval, from which on a warning is given."""

WIDE = 1.5
"""Ratio of median lengths from which on a warning is given."""

GAP = 0.3
"""Gap between the shares of texts with a mark from which on a warning is given."""


def warnings_of(found: Check) -> list[str]:
    """List what to mind, the worst first; empty where nothing stands out."""
    return [*_of_labels(found), *_of_copies(found), *_of_shortcuts(found), *_of_groups(found)]


def _of_labels(found: Check) -> list[str]:
    lines = []
    if found.both_labels:
        lines.append(f"{len(found.both_labels):,} texts stand under both labels: one of the two is wrong, take them out")
    missing = found.labels["unlabelled"]
    if missing:
        lines.append(f"{missing:,} {'text has' if missing == 1 else 'texts have'} no label")
    for label, other in (("human", "llm"), ("llm", "human")):
        if found.labels[label] and not found.labels[other]:
            lines.append(f"all labelled texts are {label!r}: the corpus must not tell the label by itself")
    return lines


def _of_copies(found: Check) -> list[str]:
    lines = []
    for leak in found.leaks:
        lines.append(
            f"splits {leak.splits[0]} and {leak.splits[1]} share {leak.exact:,} texts, {leak.near:,} near copies and "
            f"{leak.groups:,} groups: a test on one after training on the other proves nothing"
        )
    spare = sum(len(places) - 1 for places in found.exact)
    if spare:
        lines.append(f"{spare:,} {'text is a copy' if spare == 1 else 'texts are copies'} of another, word for word")
    if found.near:
        what = "pair is a near copy" if len(found.near) == 1 else "pairs are near copies"
        lines.append(f"{len(found.near):,} {what}: keep each pair in one group")
    return lines


def _of_shortcuts(found: Check) -> list[str]:
    lines = []
    for shortcut in found.shortcuts:
        area = shortcut.auroc
        if area is not None and (area.low if area.low == area.low else area.value) >= TELLING:
            lines.append(
                f"{shortcut.name} alone tells the sides apart: AUROC {area.value:.3f} ({area.low:.3f} to {area.high:.3f})"
            )
    human, llm = found.words.get("human"), found.words.get("llm")
    if human and llm and max(human, llm) / min(human, llm) >= WIDE:
        lines.append(f"median lengths differ: {human:,.0f} words by people, {llm:,.0f} by models; cut or match lengths")
    for mark in found.artefacts:
        if mark.gap >= GAP:
            lines.append(f"{mark.name}: in {100 * mark.human:.0f} % of human and {100 * mark.llm:.0f} % of machine texts")
    return lines


def _of_groups(found: Check) -> list[str]:
    lines = []
    if not found.n_groups:
        lines.append("no groups: texts that belong together cannot be kept on one side of a split")
    for label, counts in found.languages.items():
        most, n = counts.most_common(1)[0]
        if n < 0.95 * counts.total():
            lines.append(f"{label} texts are in several languages: {most} in {100 * n / counts.total():.0f} % of them")
    return lines
