"""Training of a detector: windows, the linear channel, the embedding channel, cross-fitted calibration, the gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.abstain import Gate, fit_gate
from provenance.detect.conformal import Calibration, fit_calibration
from provenance.detect.detector import Detector
from provenance.detect.embedding import EmbeddingHead, embed, fit_head, make_embedder
from provenance.detect.fitting import TrainingMatrix
from provenance.detect.linear import LinearModel, batches
from provenance.detect.recipe import Recipe
from provenance.detect.sampling import Window, calibration_windows, corpus_weights, folds_of, sample_windows, usable
from provenance.documents import Document
from provenance.errors import InputError

Progress = Callable[[str], object]
FEWEST = 20
"""Texts of each label without which training is refused."""


@dataclass(frozen=True)
class Parts:
    """What `Detector.fit` learns."""

    linear: LinearModel
    head: EmbeddingHead | None
    calibration: Calibration
    gate: Gate


@dataclass(frozen=True)
class _Scored:
    """Held-out scores of windows: log-odds, words, style; the windows they belong to."""

    windows: list[Window]
    scores: NDArray[np.float64]
    n_words: NDArray[np.int64]
    style: NDArray[np.float64]


def train_detector(
    documents: Sequence[Document],
    recipe: Recipe,
    *,
    calibration: Iterable[Document] | None = None,
    seed: int = 0,
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
    parts = fit_parts(list(documents), recipe, calibration, seed, progress)
    detector = Detector(recipe, seed)
    return detector._set(parts.linear, parts.head, parts.calibration, parts.gate, {})


def fit_parts(
    documents: Sequence[Document],
    recipe: Recipe,
    calibration: Iterable[Document] | None,
    seed: int,
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
    say(f"reading {len(windows):,} windows")
    matrix = TrainingMatrix(windows, recipe)
    channel = _EmbeddingChannel(windows, human, recipe, say) if recipe.embedder else None
    say("fitting the linear channel")
    linear = matrix.fit(np.arange(len(windows)))
    head = channel.fit(np.arange(len(windows))) if channel else None
    held, people_scored = _cross_fit(matrix, channel, human, calibration is None, (linear, head), rng, say)
    fitted = fit_calibration(
        [window.kind for window in people_scored.windows],
        people_scored.scores,
        people_scored.n_words,
        held.scores,
        held.n_words,
        np.array([window.machine for window in held.windows]),
        corpus_weights(held.windows),
    )
    return Parts(linear, head, fitted, fit_gate(people_scored.style, people_scored.n_words))


def _check_labels(documents: Sequence[Document], recipe: Recipe) -> None:
    for label in ("human", "llm"):
        n = sum(document.label == label and usable(document, recipe) for document in documents)
        if n < FEWEST:
            raise InputError(f"{n} usable texts with the label {label!r}; wanted {FEWEST} or more, better some thousands")


class _EmbeddingChannel:
    """Vectors of a part of the windows and of the calibration texts, made once."""

    def __init__(self, windows: list[Window], human: list[Window], recipe: Recipe, say: Progress) -> None:
        embedder = make_embedder(recipe)
        self.windows, self.weight = windows, recipe.embedder_weight
        self.rows = _capped(windows, recipe.embedder_per_corpus)
        self.people = _capped(human, recipe.embedder_per_corpus)
        say(f"embedding {len(self.rows) + len(self.people):,} texts")
        self.vectors = embed(embedder, [windows[i].text for i in self.rows])
        self.people_vectors = embed(embedder, [human[i].text for i in self.people])

    def fit(self, rows: NDArray[np.int64]) -> EmbeddingHead:
        """Fit the head on those of `rows` that were embedded."""
        use = np.isin(self.rows, rows)
        return fit_head(self.vectors[use], [self.windows[i] for i in self.rows[use]])


def _capped(windows: list[Window], cap: int) -> NDArray[np.int64]:
    cells: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for i, window in enumerate(windows):
        cells[window.corpus, window.machine].append(i)
    return np.array(sorted(i for members in cells.values() for i in members[:cap]), np.int64)


def _cross_fit(
    matrix: TrainingMatrix,
    channel: _EmbeddingChannel | None,
    human: list[Window],
    inner: bool,
    final: tuple[LinearModel, EmbeddingHead | None],
    rng: np.random.Generator,
    say: Progress,
) -> tuple[_Scored, _Scored]:
    """Score windows and calibration texts by models that have not seen them.

    `inner` says that the calibration texts come from the training documents; others are scored by the final model.
    """
    n, folds = len(matrix.windows), max(matrix.recipe.folds, 2)
    everything = matrix.windows + (human if inner else [])
    place = folds_of(everything, folds, rng)
    groups = np.array([window.group for window in everything])
    held_rows = channel.rows if channel else np.arange(n)
    people_rows = channel.people if channel else np.arange(len(human))
    held, people = [], []
    for fold in range(folds):
        say(f"cross-fitting, fold {fold + 1} of {folds}")
        rest = np.flatnonzero((place[:n] != fold) & ~np.isin(groups[:n], groups[place == fold]))
        if not _two_sided(matrix.windows, rest):
            continue
        models = matrix.fit(rest, families=False), channel.fit(rest) if channel else None
        mine = np.flatnonzero(place[held_rows] == fold)
        held.append(_scored(models, matrix.windows, held_rows[mine], channel, channel and channel.vectors[mine]))
        if inner:
            theirs = np.flatnonzero(place[n + people_rows] == fold)
            vectors = channel and channel.people_vectors[theirs]
            people.append(_scored(models, human, people_rows[theirs], channel, vectors))
    if not inner:
        people = [_scored(final, human, people_rows, channel, channel and channel.people_vectors)]
    return _joined(held), _joined(people)


def _two_sided(windows: list[Window], rows: NDArray[np.int64]) -> bool:
    return len({windows[i].machine for i in rows}) == 2


def _scored(
    models: tuple[LinearModel, EmbeddingHead | None],
    windows: list[Window],
    rows: NDArray[np.int64],
    channel: _EmbeddingChannel | None,
    vectors: Any,
) -> _Scored:
    linear, head = models
    chosen = [windows[i] for i in rows]
    scores, words, style = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros((0, len(linear.style_mean)))]
    for batch in batches([window.text for window in chosen]):
        measures = linear.style(batch)
        scores.append(linear.log_odds(linear.rows(batch), measures))
        words.append(batch.n_words)
        style.append(measures)
    total = np.concatenate(scores)
    if head is not None and channel is not None and len(chosen):
        total = total + channel.weight * head.log_odds(vectors)
    return _Scored(chosen, total, np.concatenate(words), np.vstack(style))


def _joined(parts: list[_Scored]) -> _Scored:
    return _Scored(
        [window for part in parts for window in part.windows],
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.n_words for part in parts]),
        np.vstack([part.style for part in parts]),
    )
