"""Honest figures of a detector that a user trains: the same recipe on four fifths of the groups, tested on the rest.

The detector that is saved learns from all texts, so no text is left to test it on. A second one, trained without a fifth
of the groups, stands in for it. The figures hold for more texts of the same kinds; on other kinds expect less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from provenance.detect.conformal import ENOUGH
from provenance.detect.recipe import Recipe
from provenance.detect.result import Score
from provenance.detect.sampling import usable
from provenance.detect.train import train_detector
from provenance.documents import Document
from provenance.errors import InputError
from provenance.evaluate.bootstrap import ranking
from provenance.evaluate.metrics import Estimate, wilson

__all__ = ["SHARE", "figures", "held_out_groups", "measure_holdout"]

SHARE = 0.2
"""Share of the groups that is held out."""
FEWEST = 10
"""Held-out texts of each label without which nothing is measured."""
FPR = 0.01
_METHOD = (
    "Trained by the same recipe without {share:.0f} % of the groups ({n_groups:,} held out, drawn at random), tested on them, "
    "on texts of {min_words} words and more. Intervals: 95 %, bootstrap over groups; of the share of texts by people flagged, "
    "Wilson's. The texts tested are of the same kinds as those trained on: on other kinds of text expect less."
)


def measure_holdout(
    documents: Sequence[Document], recipe: Recipe, *, seed: int = 0, progress: Callable[[str], object] | None = None
) -> dict[str, Any]:
    """Train on four fifths of the groups and measure on the rest.

    Parameters
    ----------
    documents : sequence of Document
        With labels; those that the recipe leaves out are left out here too.
    recipe : Recipe
    seed : int
        Seed of the split, the training and the bootstrap.
    progress : callable, optional
        Called with a short line at each step.

    Returns
    -------
    dict
        For ``metrics.json``: `method`, `summary`, `tables`. The share found at 1 % is None, and in no table, where fewer
        than 99 texts by people are held out: so few cannot say what 1 % of them is.

    Raises
    ------
    InputError
        When there are too few groups or texts to hold any out.
    """
    kept = [document for document in documents if usable(document, recipe)]
    groups = held_out_groups(kept, seed)
    tested = [document for document in kept if _group(document) in groups]
    trained = [document for document in kept if _group(document) not in groups]
    for label in ("human", "llm"):
        _check(sum(document.label == label for document in tested), label)
    say = progress or (lambda _: None)
    detector = train_detector(trained, replace(recipe, folds=2), seed=seed, progress=lambda step: say(f"hold-out: {step}"))
    found = figures(tested, detector.score(tested, fpr=FPR), recipe.min_words, seed)
    method = _METHOD.format(share=100 * SHARE, n_groups=len(groups), min_words=recipe.min_words)
    return {"method": method, "command": "provenance train", **found}


def held_out_groups(documents: Sequence[Document], seed: int) -> frozenset[str]:
    """Draw a fifth of the groups, corpus by corpus."""
    corpora: dict[str, set[str]] = {}
    for document in documents:
        corpora.setdefault(str(document.meta.get("corpus", "")), set()).add(_group(document))
    rng = np.random.default_rng(seed)
    drawn: set[str] = set()
    for name in sorted(corpora):
        groups = sorted(corpora[name])
        drawn.update(str(group) for group in rng.permutation(groups)[: round(SHARE * len(groups))])
    return frozenset(drawn)


def figures(documents: Sequence[Document], scores: Sequence[Score], min_words: int, seed: int = 0) -> dict[str, Any]:
    """Turn scores of held-out texts into a table and a summary.

    Raises
    ------
    InputError
        When fewer than ten texts of a label have `min_words` words.
    """
    pairs = [(d, s) for d, s in zip(documents, scores, strict=True) if s.score is not None and s.n_words >= min_words]
    human = [score for document, score in pairs if document.label == "human"]
    n_llm = len(pairs) - len(human)
    for label, n in (("human", len(human)), ("llm", n_llm)):
        _check(n, label)
    machine = np.array([document.label == "llm" for document, _ in pairs])
    values = np.array([score.score for _, score in pairs], np.float64)
    found = ranking(values, machine, [_group(document) for document, _ in pairs], (FPR,), seed=seed)
    judged = [score for score in human if score.verdict != "abstained"]
    flagged = wilson(sum(score.verdict == "flagged" for score in judged), len(judged)) if judged else None
    auroc = _row("AUROC", found.auroc, len(pairs))
    tpr = _row("share of machine texts found at 1 % false positives of these texts", found.tpr_at_fpr[FPR], n_llm)
    rows = [auroc, *([tpr] if len(human) >= ENOUGH else [])]
    if flagged:
        rows.append(_row("share of texts by people flagged at --fpr 0.01", flagged, len(judged)))
    summary: dict[str, Any] = {"auroc": auroc, "tpr_at_1": tpr if tpr in rows else None}
    summary |= {"n_human": len(human), "n_llm": n_llm, "n_groups": found.n_groups}
    return {"summary": summary, "tables": {"Held-out groups": rows}}


def _row(name: str, estimate: Estimate, n: int) -> dict[str, Any]:
    low, high = (None if np.isnan(bound) else round(float(bound), 6) for bound in (estimate.low, estimate.high))
    return {"figure": name, "value": round(float(estimate.value), 6), "low": low, "high": high, "n": n}


def _group(document: Document) -> str:
    return document.group or document.id


def _check(n: int, label: str) -> None:
    if n < FEWEST:
        raise InputError(
            f"{n} held-out texts with the label {label!r}; wanted {FEWEST} or more, in groups of their own, to measure"
        )
