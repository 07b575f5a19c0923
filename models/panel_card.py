"""The card of a panel, made from its config and its figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from provenance.audit.panel import Panel

__all__ = ["panel_card", "panel_metrics"]


def panel_metrics(results: Path) -> dict[str, Any]:
    """Read the figures that benchmarks/audit.py wrote; empty where there are none."""
    return orjson.loads(results.read_bytes()) if results.is_file() else {}


def panel_card(panel: Panel, metrics: dict[str, Any]) -> str:
    """Write the card as markdown."""
    lines = [f"# Panel {panel.label}", "", f"{panel.description[:1].upper()}{panel.description[1:]}.", ""]
    lines += [
        f"{len(panel.models)} models in {len(set(panel.lineages))} lineages, {len(panel.prompts)} prompts. The panel holds "
        "numbers and hashes: sets of hashed n-grams, style measures, similarities. No text comes back from them.",
        "",
        "| group | family | measures kinship | rival | models |",
        "|---|---|---|---|---|",
    ]
    members = Counter(model.group for model in panel.models)
    lines += [
        f"| {g.name} | {g.family} | {'yes' if g.teacher else 'no'} | {'yes' if g.rival else 'no'} | {members[g.name]} |"
        for g in panel.groups
    ]
    known = [model for model in panel.models if model.taught_by is not None]
    controls = {t: [m for m in panel.models if panel.is_control(m, t)] for t in panel.teachers}
    lines += ["", f"What taught a model is publicly known for {len(known)} of the models. Controls by teacher:", ""]
    lines += [f"- {t}: {len(c)} models in {len({m.lineage for m in c})} lineages" for t, c in controls.items()]
    return "\n".join(lines + _figures(metrics) + _limits()) + "\n"


def _figures(metrics: dict[str, Any]) -> list[str]:
    if not metrics:
        return []
    lines = ["", "## Figures", "", metrics["method"], "", f"Command: `{metrics['command']}`", ""]
    lines += ["| figure | value | 95 % interval | n |", "|---|---|---|---|"]
    for row in metrics["figures"]:
        lines.append(f"| {row['figure']} | {row['value']:.3f} | {row['low']:.3f} to {row['high']:.3f} | {row['n']} |")
    for title, table in metrics["tables"].items():
        lines += ["", f"### {title}", ""]
        names = list(table[0])
        lines += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
        lines += ["| " + " | ".join(_cell(row[name]) for name in names) + " |" for row in table]
    return lines


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _limits() -> list[str]:
    return [
        "",
        "## What it does not show",
        "",
        "- Resemblance is not training. A shared data set, a shared base model or text from the web give the same picture.",
        "- An assistant from a laboratory that is not in the panel may stand nearest to a teacher that is.",
        "- Models taught by people in a plain style, and students of text-davinci-003, are told apart badly.",
        "- The labels of what taught a model come from papers and model cards.",
    ]
