"""Figures of one system: a row a corpus, and the means over corpora."""

from __future__ import annotations

import numpy as np

from provenance.documents import Document
from provenance.evaluate.bootstrap import ranking


def by_corpus(texts: dict[str, list[Document]], scores: dict[str, float]) -> list[dict]:
    """A row a corpus: AUROC and share found at 1 %, with intervals over groups; texts without a score are left out."""
    rows = []
    for corpus, test in texts.items():
        known = [d for d in test if scores.get(d.id) is not None]
        machine = np.array([d.label == "llm" for d in known], bool)
        if not 0 < machine.sum() < len(known):
            continue
        values = np.array([scores[d.id] for d in known], np.float64)
        found = ranking(values, machine, [d.group or d.id for d in known], (0.01,), draws=200)
        rate = found.tpr_at_fpr[0.01]
        rows.append(
            {"corpus": corpus, "n_human": int((~machine).sum()), "n_llm": int(machine.sum()),
             "auroc": found.auroc.value, "auroc_low": found.auroc.low, "auroc_high": found.auroc.high,
             "tpr_at_1": rate.value, "tpr_at_1_low": rate.low, "tpr_at_1_high": rate.high}
        )  # fmt: skip
    return rows


def line_of(name: str, kind: str, rows: list[dict], **facts: object) -> dict:
    """A system's line: means over corpora with intervals from drawing corpora."""
    line: dict = {"name": name, "kind": kind, "n_corpora": len(rows), "n_texts": sum(r["n_human"] + r["n_llm"] for r in rows)}
    rng = np.random.default_rng(0)
    for key in ("auroc", "tpr_at_1"):
        values = np.array([row[key] for row in rows])
        draws = values[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
        low, high = np.quantile(draws, [0.025, 0.975])
        line |= {f"mean_{key}": float(values.mean()), f"mean_{key}_low": float(low), f"mean_{key}_high": float(high)}
    worst = min(rows, key=lambda row: row["auroc"])
    return line | {"worst_corpus": worst["corpus"], "worst_auroc": worst["auroc"], **facts, "table": rows}
