"""Training of a detector: windows, all channels, their weights, cross-fitted calibration, the gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from provenance.detect.abstain import fit_gate
from provenance.detect.conformal import fit_calibration
from provenance.detect.crossfit import CrossFit
from provenance.detect.detector import Detector
from provenance.detect.extras import Progress
from provenance.detect.joining import fit_joins, joined
from provenance.detect.parts import Parts
from provenance.detect.recipe import Recipe
from provenance.detect.sampling import calibration_windows, corpus_weights, plan_folds, sample_windows, usable
from provenance.documents import Document
from provenance.errors import InputError

FEWEST = 20
"""Texts of each label without which training is refused."""


def train_detector(
    documents: Sequence[Document],
    recipe: Recipe,
    *,
    calibration: Iterable[Document] | None = None,
    seed: int = 0,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Detector:
    """Train a detector on labelled documents.

    Parameters
    ----------
    documents : sequence of Document
        With labels 'human' and 'llm'; `source` and `family` teach makers, `group` and ``meta['corpus']`` keep texts that
        belong together on one side of every split.
    recipe : Recipe
    calibration : iterable of Document, optional
        Texts by people for the p-values. Without them the human texts of `documents` are used, each scored by a model
        that has not seen its corpus (or its group, where there are few corpora).
    seed : int
        Seed of all draws.
    cache : Path, optional
        Folder where tuned encoders and readings of the language model are kept, for a training that is run again.
    progress : callable, optional
        Called with a short line at each step.

    Returns
    -------
    Detector

    Raises
    ------
    InputError
        When a label is missing or has fewer than 20 usable texts, or no calibration text is long enough.
    """
    parts = fit_parts(list(documents), recipe, calibration, seed, cache, progress)
    return Detector(recipe, seed)._set(parts, {})


def fit_parts(
    documents: Sequence[Document],
    recipe: Recipe,
    calibration: Iterable[Document] | None,
    seed: int,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Parts:
    """Learn all parts of a detector; see `train_detector`."""
    say = progress or (lambda _: None)
    _check_labels(documents, recipe)
    rng = np.random.default_rng(seed)
    windows = sample_windows(documents, recipe, rng)
    own = [document for document in documents if document.label == "human" and usable(document, recipe)]
    people = own if calibration is None else list(calibration)
    human = calibration_windows(people, recipe.calibration_per_corpus, rng)
    if not human:
        raise InputError(f"none of {len(people)} human texts has 50 words or more; wanted 100 or more for the p-values")
    say(f"{len(windows):,} windows")
    fitter = CrossFit(windows, human, recipe, seed, cache, say)
    linear, extras = fitter.fit(np.arange(len(windows)))
    folds = plan_folds(documents, max(recipe.folds, 2), seed)
    held, people_scored = fitter.held_out(folds, people=calibration is None)
    if calibration is not None:
        people_scored = fitter.score((linear, extras), fitter.places[1], people=True)
    joins = fit_joins(held.columns, held.windows, recipe.clear)
    fitted = fit_calibration(
        [window.kind for window in people_scored.windows],
        joined(people_scored.columns, joins),
        people_scored.n_words,
        joined(held.columns, joins),
        held.n_words,
        np.array([window.machine for window in held.windows]),
        corpus_weights(held.windows),
    )
    gate = fit_gate(people_scored.style, people_scored.n_words)
    return Parts(linear, extras, dict(zip(extras, joins, strict=True)), fitted, gate)


def _check_labels(documents: Sequence[Document], recipe: Recipe) -> None:
    for label in ("human", "llm"):
        n = sum(document.label == label and usable(document, recipe) for document in documents)
        if n < FEWEST:
            raise InputError(f"{n} usable texts with the label {label!r}; wanted {FEWEST} or more, better some thousands")
