"""Cross-fitting: texts scored by models that have not seen them, nor their corpus, nor their group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from provenance.detect.extras import Extra, Progress, make_trainers
from provenance.detect.fitting import TrainingMatrix
from provenance.detect.linear import LinearModel, batches
from provenance.detect.recipe import Recipe
from provenance.detect.sampling import Folds, Window
from provenance.errors import InputError

Models = tuple[LinearModel, dict[str, Extra]]


@dataclass(frozen=True)
class Scored:
    """Scores of texts by models that have not seen them.

    Attributes
    ----------
    windows : list of Window
    columns : ndarray of float64, shape (n_windows, 1 + n_extras)
        Log-odds of each channel, the linear one first.
    n_words : ndarray of int64, shape (n_windows,)
    style : ndarray of float64, shape (n_windows, len(STYLE_NAMES))
    """

    windows: list[Window]
    columns: NDArray[np.float64]
    n_words: NDArray[np.int64]
    style: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: list[Scored]) -> Scored:
        """Put the parts one after another."""
        return cls(
            [window for part in parts for window in part.windows],
            np.vstack([part.columns for part in parts]),
            np.concatenate([part.n_words for part in parts]),
            np.vstack([part.style for part in parts]),
        )


class CrossFit:
    """All channels over one set of windows and calibration texts.

    Attributes
    ----------
    places : tuple of two ndarrays of int64
        Windows and calibration texts that are scored: all of them, or a share of the windows where slow channels run.
    """

    def __init__(
        self, windows: list[Window], human: list[Window], recipe: Recipe, seed: int, cache: Path | None, say: Progress
    ) -> None:
        self.texts, self._say = (windows, human), say
        slow = bool(recipe.embedder or recipe.encoder_layers or recipe.surprisal)
        self.places = capped(windows, recipe.extras_per_corpus if slow else len(windows)), np.arange(len(human))
        self.trainers = make_trainers(windows, human, self.places, recipe, seed, cache, say)
        say("counting n-grams")
        self.matrix = TrainingMatrix(windows, recipe)

    def fit(self, rows: NDArray[np.int64], *, families: bool = True) -> Models:
        """Fit every channel on the windows at these places."""
        self._say("fitting the linear channel")
        linear = self.matrix.fit(rows, families=families)
        return linear, {name: trainer.fit(rows) for name, trainer in self.trainers.items()}

    def score(self, models: Models, rows: NDArray[np.int64], *, people: bool) -> Scored:
        """Score windows, or calibration texts, at these places by all channels."""
        linear, extras = models
        chosen = [self.texts[people][i] for i in rows]
        scores, words, style = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros((0, len(linear.style_mean)))]
        for batch in batches([window.text for window in chosen]):
            measures = linear.style(batch)
            scores.append(linear.log_odds(linear.rows(batch), measures))
            words.append(batch.n_words)
            style.append(measures)
        columns = [np.concatenate(scores)]
        columns += [self.trainers[name].score(extra, rows, people) for name, extra in extras.items()]
        return Scored(chosen, np.column_stack(columns), np.concatenate(words), np.vstack(style))

    def held_out(self, folds: Folds, *, people: bool) -> tuple[Scored, Scored]:
        """Score windows and, if `people`, calibration texts fold by fold, by models that were fitted without the fold."""
        windows, human = self.texts
        held: list[Scored] = []
        calibration: list[Scored] = []
        for fold in range(len(folds.groups)):
            rest = folds.rest(windows, fold)
            if len({windows[i].machine for i in rest}) < 2:
                continue
            self._say(f"cross-fitting, fold {fold + 1} of {len(folds.groups)}")
            models = self.fit(rest, families=False)
            held.append(self.score(models, _within(self.places[0], folds.held_out(windows, fold)), people=False))
            if people:
                calibration.append(self.score(models, _within(self.places[1], folds.held_out(human, fold)), people=True))
        if len({window.machine for part in held for window in part.windows}) < 2 or (
            people and not any(part.windows for part in calibration)
        ):
            raise InputError(
                f"{len({window.group for window in windows})} groups of texts, and none can be held out with both labels "
                "left; wanted 2 or more groups with texts by people and by models in each half: mend the field of the group"
            )
        return Scored.joined(held), Scored.joined(calibration) if people else held[0]


def _within(places: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    return places[np.isin(places, wanted)]


def capped(windows: list[Window], cap: int) -> NDArray[np.int64]:
    """Return the places of the first `cap` windows of each corpus and label, ascending."""
    cells: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for i, window in enumerate(windows):
        cells[window.corpus, window.machine].append(i)
    return np.array(sorted(i for members in cells.values() for i in members[:cap]), np.int64)
