"""The slower channels beside the linear one: each gives log-odds of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.detect.embedding import EmbeddingModel, embed, fit_embedding, make_embedder
from provenance.detect.encoder import StyleEncoder
from provenance.detect.lm import LanguageModelChannel, fit_language_model, read_texts
from provenance.detect.recipe import Recipe
from provenance.detect.sampling import Window

Progress = Callable[[str], object]


class Extra(Protocol):
    """A fitted channel."""

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one number a text, shape (n_texts,)."""

    def to_tensors(self) -> dict[str, NDArray]:
        """Return everything as named tensors."""


def read(extra: Extra, texts: Sequence[str], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a channel's log-odds of the texts at some places, shape (n_places,)."""
    return extra.log_odds([texts[i] for i in places])


class ExtraTrainer(Protocol):
    """What fits one channel on any part of the windows and scores others."""

    def fit(self, rows: NDArray[np.int64]) -> Extra:
        """Fit on the windows at these places."""

    def score(self, model: Any, rows: NDArray[np.int64], people: bool) -> NDArray[np.float64]:
        """Score windows, or calibration texts, at these places."""


class _FromNumbers:
    """Trainer of a linear head on numbers that are taken from every text once."""

    def __init__(
        self,
        windows: list[Window],
        human: list[Window],
        places: tuple[NDArray[np.int64], NDArray[np.int64]],
        read: Callable[[list[str]], NDArray],
        fit: Callable[[NDArray, list[Window]], Any],
    ) -> None:
        self.windows, self.places, self._fit = windows, places, fit
        texts = [windows[i].text for i in places[0]], [human[i].text for i in places[1]]
        self.numbers = [read(part) for part in texts]

    def fit(self, rows: NDArray[np.int64]) -> Any:
        """Fit on those of the windows whose numbers were taken."""
        use = np.isin(self.places[0], rows)
        return self._fit(self.numbers[0][use], [self.windows[i] for i in self.places[0][use]])

    def score(self, model: Any, rows: NDArray[np.int64], people: bool) -> NDArray[np.float64]:
        """Score texts by their numbers."""
        return model.from_vectors(self.numbers[people][np.searchsorted(self.places[people], rows)])


class _EncoderTrainer:
    """Trainer of the style encoder, which reads the texts themselves."""

    def __init__(
        self, windows: list[Window], human: list[Window], recipe: Recipe, seed: int, cache: Path | None, say: Progress
    ) -> None:
        self.texts = windows, human
        self.recipe, self.seed, self.cache, self.say = recipe, seed, cache, say

    def fit(self, rows: NDArray[np.int64]) -> StyleEncoder:
        """Tune the encoder."""
        from provenance.detect.tuning import tuned

        return tuned(self.texts[0], rows, self.recipe, seed=self.seed, cache=self.cache, progress=self.say)

    def score(self, model: StyleEncoder, rows: NDArray[np.int64], people: bool) -> NDArray[np.float64]:
        """Score texts."""
        return model.log_odds([self.texts[people][i].text for i in rows])


def make_trainers(
    windows: list[Window],
    human: list[Window],
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    recipe: Recipe,
    seed: int,
    cache: Path | None,
    say: Progress,
) -> dict[str, ExtraTrainer]:
    """Return a trainer for each channel that the recipe asks for, by name.

    `places` are the windows and the calibration texts that the channels read.
    """
    trainers: dict[str, ExtraTrainer] = {}
    n = sum(map(len, places))
    if recipe.embedder:
        say(f"embedding {n:,} texts")
        embedder = make_embedder(recipe)
        trainers["embedding"] = _FromNumbers(
            windows, human, places, lambda texts: embed(embedder, texts), lambda x, w: fit_embedding(x, w, recipe)
        )
    if recipe.encoder_layers:
        trainers["encoder"] = _EncoderTrainer(windows, human, recipe, seed, cache, say)
    if recipe.surprisal:
        say(f"reading {n:,} texts with the language model")
        trainers["surprisal"] = _FromNumbers(windows, human, places, lambda texts: read_texts(texts, cache), fit_language_model)
    return trainers


def extras_from_tensors(tensors: Mapping[str, NDArray], recipe: Recipe) -> dict[str, Extra]:
    """Build the channels of a detector from its tensors, named ``CHANNEL.NAME``.

    Raises
    ------
    KeyError, ValueError, IndexError
        When tensors are missing or do not fit together.
    """

    def part(name: str) -> dict[str, NDArray]:
        return {key[len(name) + 1 :]: value for key, value in tensors.items() if key.startswith(f"{name}.")}

    extras: dict[str, Extra] = {}
    if recipe.embedder:
        extras["embedding"] = EmbeddingModel.from_tensors(part("embedding"), recipe)
    if recipe.encoder_layers:
        extras["encoder"] = StyleEncoder.from_tensors(part("encoder"))
    if recipe.surprisal:
        extras["surprisal"] = LanguageModelChannel.from_tensors(part("surprisal"))
    return extras
