"""The transfer matrix: calibrate on the human texts of one corpus, flag those of another.

    python benchmarks/quality.py left-out --recipe default --results benchmarks/results    # writes transfer-fast.json too
    python benchmarks/transfer.py --results benchmarks/results/transfer-fast.json -o docs/transfer.md

Every text is scored by a model that saw neither its corpus nor its groups. A row of the matrix is the corpus whose texts
give the p-values (99 texts or more), a column the corpus whose texts are flagged at p <= 0.01. The last rows are the rule
that ships (the largest p-value over the kinds, the flagged corpus left out) and one pooled list of all other corpora.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.detect.conformal import ENOUGH, Calibration
from provenance.detect.crossfit import Scored

FPR = 0.01
SHIPPED, POOLED = "largest p over kinds", "all others pooled"


def transfer(human: Scored, scores: NDArray[np.float64]) -> dict:
    """Return the matrix of flagged shares, and how many texts each corpus has."""
    corpora = np.array([window.corpus for window in human.windows])
    kinds = np.array([window.kind for window in human.windows])
    names = [str(name) for name in sorted(set(corpora))]
    n = {name: int((corpora == name).sum()) for name in names}
    table = []
    for source in (name for name in names if n[name] >= ENOUGH):
        calibration = _calibration(human, scores, corpora == source, corpora)
        rates = {name: _flagged(calibration, human, scores, corpora == name) for name in names if name != source}
        table.append({"calibrated_on": source, "n": n[source], "flagged": rates})
    for rule, labels in ((POOLED, np.full(len(kinds), "all")), (SHIPPED, kinds)):
        rates = {}
        for name in names:
            barred = {window.group for window in human.windows if window.corpus == name}
            free = np.array([w.corpus != name and w.group not in barred for w in human.windows])
            rates[name] = _flagged(_calibration(human, scores, free, labels), human, scores, corpora == name)
        table.append({"calibrated_on": rule, "n": None, "flagged": rates})
    return {"fpr": FPR, "n": n, "table": table}


def _calibration(human: Scored, scores: NDArray[np.float64], use: NDArray[np.bool_], labels: NDArray[np.str_]) -> Calibration:
    return Calibration.of_people(labels[use].tolist(), scores[use], human.n_words[use])


def _flagged(calibration: Calibration, human: Scored, scores: NDArray[np.float64], mine: NDArray[np.bool_]) -> float:
    return float((calibration.p_values(scores[mine], human.n_words[mine]) <= FPR).mean())


def page(found: dict, name: str) -> str:
    """Write the matrix as a page of the documentation."""
    columns = sorted(found["n"])
    short = {column: f"{k}" for k, column in enumerate(columns, 1)}
    own = [row for row in found["table"] if row["n"]]
    rates = np.array([rate for row in own for rate in row["flagged"].values()])
    lines = [
        f"# Transfer of thresholds: `{name}`",
        "",
        "A threshold that holds on one kind of writing does not hold on another. Here each human corpus in turn gives the "
        f"p-values, and the texts of every other are flagged at p <= {found['fpr']:g}: a perfect transfer would show 1.0 "
        "everywhere. Scores come from models that saw neither the corpus nor its groups; the page is made by",
        "",
        "```",
        "python benchmarks/quality.py left-out --recipe default --results benchmarks/results",
        f"python benchmarks/transfer.py --results benchmarks/results/transfer-{name}.json -o docs/transfer.md",
        "```",
        "",
        f"Of {len(rates)} pairs, {np.mean(rates > 0.02):.0%} flag more than 2 % and {np.mean(rates > 0.1):.0%} more than 10 %; "
        f"the worst flags {rates.max():.0%}. The two last rows leave the flagged corpus out and use all others: pooled into "
        "one list, and by the rule that ships, the largest p-value over the kinds of text.",
        "",
        "Shares flagged, in per cent. Rows: the corpus that calibrates. Columns: the corpus that is flagged.",
        "",
        "| calibrated on | n | " + " | ".join(short[c] for c in columns) + " |",
        "|---|---|" + "---|" * len(columns),
    ]
    for row in found["table"]:
        cells = [f"{100 * row['flagged'][c]:.1f}" if c in row["flagged"] else "–" for c in columns]
        label = f"{short[row['calibrated_on']]} {row['calibrated_on']}" if row["n"] else f"**{row['calibrated_on']}**"
        lines.append(f"| {label} | {row['n'] or ''} | " + " | ".join(cells) + " |")
    lines += ["", "Columns: " + ", ".join(f"{short[c]} {c} (n {found['n'][c]:,})" for c in columns) + "."]
    lines += ["", "Learners' essays: l2_short_essays; essays by native and other students: authenticheck_asap, outfox."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, required=True, help="transfer-NAME.json, as quality.py left-out writes it")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    text = page(orjson.loads(options.results.read_bytes()), options.results.stem.removeprefix("transfer-"))
    options.output.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
