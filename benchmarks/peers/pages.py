"""The results of the peers as a page of the documentation: every figure on it comes from the results file."""

from __future__ import annotations

import textwrap

HEAD = """# Peers

Other tools that tell machine texts from human ones, on the same texts as ours, in one run:

    python benchmarks/peers/run.py --data ../shared/data --recipes fast --lm-per-label 20 \\
        -o benchmarks/results/peers.json --docs docs/peers.md

The texts: {n_corpora} corpora with both sides, English, 50 words and more, no base-model continuations, at most
{per_label} a label and corpus, drawn with a fixed seed. **Our shipped detectors were trained on these corpora**, so the figures
of ours come from detectors that were not: {how}. What the peers were trained on is not known to us; each is taken as it comes
from its package, with the score that it gives.

"found at 1 %" is the share of machine texts above the cut that lets one in a hundred of that corpus's own human texts through.
Means are over corpora, and so are the 95 % intervals: corpora drawn with replacement. Texts a CPU second are of one
thread, loading left out, in one run on one machine: compare them with each other, not with those of another machine.
"""

SLOW = """
## Against a language model

Fast-DetectGPT reads every text with a language model, so it was given the first {lm_per_label} texts a label and corpus. Ours
on those same texts stand beside it.
"""


def page(found: dict) -> str:
    """Write the page."""
    systems = found["systems"]
    many = [line for line in systems if not line.get("fewer")]
    few = [line for line in systems if line.get("fewer")]
    n_corpora = max((line["n_corpora"] for line in systems if "n_corpora" in line and not line.get("loco")), default=0)
    facts = {"n_corpora": n_corpora, "per_label": found["per_label"], "how": found["how"]}
    parts = [_filled(HEAD.format(**facts)), _table(many), _notes(many)]
    if few:
        parts += [SLOW.format(lm_per_label=found["lm_per_label"]), _table(few), _notes(few)]
    parts.append(_corpora([line for line in many if "table" in line]))
    return "\n".join(part for part in parts if part)


def _filled(text: str) -> str:
    """Paragraphs broken anew at 118 characters; headings and indented lines as they are."""
    blocks = text.split("\n\n")
    return "\n\n".join(b if b.startswith(("#", "    ")) else textwrap.fill(b, 118) for b in blocks) + "\n"


def _table(lines: list[dict]) -> str:
    rows = [
        "| system | what it is | mean AUROC | found at 1 % | worst corpus | texts a CPU second | n |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in sorted(lines, key=lambda line: -line.get("mean_auroc", 0)):
        if "reason" in line:
            rows.append(f"| {line['name']} | {line['kind']} | could not be run (below) | | | | |")
            continue
        area, rate = (_spread(line, f"mean_{key}", digits) for key, digits in (("auroc", 3), ("tpr_at_1", 2)))
        speed = f"{line['texts_per_cpu_second']:,.0f}" if "texts_per_cpu_second" in line else ""
        if speed and line["texts_per_cpu_second"] < 10:
            speed = f"{line['texts_per_cpu_second']:.1f}"
        worst = f"{line['worst_auroc']:.3f} ({line['worst_corpus']})"
        rows.append(f"| {line['name']} | {line['kind']} | {area} | {rate} | {worst} | {speed} | {line['n_texts']:,} |")
    return "\n".join(rows)


def _notes(lines: list[dict]) -> str:
    notes = []
    for line in lines:
        if line.get("reason"):
            notes.append(f"- {line['name']}: {line['reason']}")
        if line.get("note"):
            notes.append(f"- {line['name']}: {line['note']}")
        if line.get("without_a_score"):
            notes.append(f"- {line['name']}: gave no score for {line['without_a_score']:,} texts ({line['failed']})")
    return "\n" + "\n".join(notes) + "\n" if notes else ""


def _corpora(lines: list[dict]) -> str:
    """AUROC by corpus."""
    corpora = list(dict.fromkeys(row["corpus"] for line in lines for row in line["table"]))
    if not corpora:
        return ""
    rows = [
        "\n## AUROC by corpus\n",
        f"| corpus | {' | '.join(line['name'] for line in lines)} |",
        "|---|" + "---|" * len(lines),
    ]
    for corpus in corpora:
        cells = []
        for line in lines:
            row = next((row for row in line["table"] if row["corpus"] == corpus), None)
            cells.append(f"{row['auroc']:.3f}" if row else "–")
        rows.append(f"| {corpus} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _spread(line: dict, key: str, digits: int) -> str:
    return f"{line[key]:.{digits}f} ({line[f'{key}_low']:.{digits}f} to {line[f'{key}_high']:.{digits}f})"
