"""From documents to the windows that a detector is trained and calibrated on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from provenance.detect.recipe import FAMILIES, Recipe
from provenance.documents import Document
from provenance.errors import InputError
from provenance.text import strip_markdown, strip_opening

LENGTH_BINS: tuple[int, ...] = (0, 100, 200)
"""Lower bounds, in words, of the bins in which texts count as 'of like length'."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one document, the document's place in its list, and what is known of it.

    `kind` names the corpus and, where known, the kind of text: p-values are taken within it.
    """

    text: str
    document: int
    machine: bool
    corpus: str
    group: str
    family: str
    kind: str


def corpus_of(document: Document) -> str:
    """Name the corpus of a document: its `meta['corpus']`, or one name for all."""
    return str(document.meta.get("corpus", "corpus"))


def usable(document: Document, recipe: Recipe) -> bool:
    """Whether the recipe trains on the document: labelled, no base model, not marked unusable."""
    if document.label not in ("human", "llm") or document.source in recipe.exclude_sources:
        return False
    return not (recipe.exclude_unusable and document.meta.get("usable") is False)


def sample_windows(documents: Sequence[Document], recipe: Recipe, rng: np.random.Generator) -> list[Window]:
    """Cut random windows, every corpus and label capped, rarer sources and attacks drawn more often.

    Raises
    ------
    InputError
        When the usable documents hold no text of one of the labels.
    """
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, document in enumerate(documents):
        if usable(document, recipe):
            cells[corpus_of(document), str(document.label)].append(i)
    windows: list[Window] = []
    for members in cells.values():
        for i in _draw(documents, members, recipe.per_corpus, rng):
            text = _window(documents[i].text, recipe, rng)
            if text:
                windows.append(_as_window(text, i, documents[i]))
    for machine, name in ((False, "human"), (True, "llm")):
        if not any(window.machine == machine for window in windows):
            raise InputError(
                f"no usable {name!r} text of {recipe.shortest} words or more among {len(documents)} documents; "
                "wanted labelled texts by people and by models: add some"
            )
    return windows


def _draw(documents: Sequence[Document], members: list[int], cap: int, rng: np.random.Generator) -> np.ndarray:
    kinds = [(documents[i].source, documents[i].meta.get("attack"), documents[i].domain) for i in members]
    counts = Counter(kinds)
    weights = np.array([counts[kind] ** -0.5 for kind in kinds])
    weights /= weights.sum()
    n = min(cap, int(1.5 * len(members)) + 1)
    drawn = rng.choice(members, size=min(n, len(members)), replace=False, p=weights)
    more = rng.choice(members, size=max(n - len(members), 0), p=weights)
    return np.concatenate([drawn, more])


def _window(text: str, recipe: Recipe, rng: np.random.Generator) -> str:
    if recipe.strip_openings:
        text = strip_opening(text)
    if rng.random() < recipe.strip_markdown_share:
        text = strip_markdown(text)
    words = text.split()
    size = int(np.exp(rng.uniform(np.log(recipe.shortest), np.log(recipe.longest))))
    if len(words) > size:
        first = int(rng.integers(0, len(words) - size + 1))
        words = words[first : first + size]
    if len(words) < min(recipe.shortest, 25):
        return ""
    joined = " ".join(words)
    return joined.lower() if rng.random() < recipe.lower_case_share else joined


def _as_window(text: str, i: int, document: Document) -> Window:
    family = document.family if document.family in FAMILIES else "other"
    corpus = corpus_of(document)
    kind = f"{corpus}/{document.domain}" if document.domain else corpus
    return Window(text, i, document.label == "llm", corpus, document.group or document.id, str(family), kind)


def calibration_windows(documents: Sequence[Document], per_corpus: int, rng: np.random.Generator) -> list[Window]:
    """Cut one window from each human document, 50 to 400 words, as a user's texts would be."""
    cells: dict[str, list[int]] = defaultdict(list)
    for i, document in enumerate(documents):
        if document.label in ("human", None):
            cells[corpus_of(document)].append(i)
    windows = []
    for members in cells.values():
        for i in rng.permutation(members)[:per_corpus]:
            words = documents[i].text.split()
            size = int(np.exp(rng.uniform(np.log(50), np.log(400))))
            if len(words) >= 50:
                first = int(rng.integers(0, max(len(words) - size, 0) + 1))
                windows.append(_as_window(" ".join(words[first : first + size]), int(i), documents[i]))
    return windows


def corpus_weights(windows: Sequence[Window]) -> np.ndarray:
    """Weigh windows so that both labels weigh the same and a corpus weighs as the root of its size; mean 1."""
    counts = Counter((window.corpus, window.machine) for window in windows)
    weights = np.array([counts[window.corpus, window.machine] ** -0.5 for window in windows])
    machine = np.array([window.machine for window in windows])
    for label in (False, True):
        weights[machine == label] /= weights[machine == label].sum()
    return weights * len(windows) / 2


def folds_of(windows: Sequence[Window], n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Give every window a fold: whole corpora where there are enough of them, else whole groups."""
    names = sorted({window.corpus for window in windows})
    if len(names) >= 2 * n_folds:
        place = {name: k % n_folds for k, name in enumerate(rng.permutation(names))}
        return np.array([place[window.corpus] for window in windows])
    groups = sorted({window.group for window in windows})
    place = {name: k % n_folds for k, name in enumerate(rng.permutation(groups))}
    return np.array([place[window.group] for window in windows])
