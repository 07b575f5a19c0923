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


def kind_of(document: Document) -> str:
    """Name the corpus and, where known, the kind of text: `corpus/domain`."""
    corpus = corpus_of(document)
    return f"{corpus}/{document.domain}" if document.domain else corpus


def usable(document: Document, recipe: Recipe) -> bool:
    """Whether the recipe trains on the document: labelled, no base model, of no excluded kind, not marked unusable."""
    if document.label not in ("human", "llm") or document.source in recipe.exclude_sources:
        return False
    if {corpus_of(document), kind_of(document)} & set(recipe.exclude_kinds):
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
    return Window(text, i, document.label == "llm", corpus, document.group or document.id, str(family), kind_of(document))


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


@dataclass(frozen=True)
class Folds:
    """Parts of the documents for cross-fitting: whole corpora where there are enough of them, else whole groups.

    Attributes
    ----------
    by_corpus : bool
    place : dict of str to int
        Fold of each corpus or group.
    groups : tuple of set of str
        Groups of the documents of each fold: no other text of theirs is trained on while the fold is held out.
    """

    by_corpus: bool
    place: dict[str, int]
    groups: tuple[frozenset[str], ...]

    def of(self, window: Window) -> int:
        """Return the fold of a window."""
        return self.place[window.corpus if self.by_corpus else window.group]

    def held_out(self, windows: Sequence[Window], fold: int) -> np.ndarray:
        """Return the places of the windows that belong to the fold."""
        return np.flatnonzero([self.of(window) == fold for window in windows])

    def rest(self, windows: Sequence[Window], fold: int) -> np.ndarray:
        """Return the places of the windows that may be trained on while the fold is held out."""
        barred = self.groups[fold]
        return np.flatnonzero([self.of(window) != fold and window.group not in barred for window in windows])


def plan_folds(documents: Sequence[Document], n_folds: int, seed: int = 0) -> Folds:
    """Deal corpora (those with both labels first) or, where there are few, groups into folds."""
    rng = np.random.default_rng(seed)
    labels: dict[str, set[str | None]] = defaultdict(set)
    for document in documents:
        labels[corpus_of(document)].add(document.label)
    by_corpus = len(labels) >= 2 * n_folds
    if by_corpus:
        two_sided = sorted(name for name, found in labels.items() if {"human", "llm"} <= found)
        names = [str(name) for part in (two_sided, sorted(set(labels) - set(two_sided))) for name in rng.permutation(part)]
    else:
        names = [str(name) for name in rng.permutation(sorted({document.group or document.id for document in documents}))]
    place = {name: k % n_folds for k, name in enumerate(names)}
    groups: list[set[str]] = [set() for _ in range(n_folds)]
    for document in documents:
        group = document.group or document.id
        groups[place[corpus_of(document) if by_corpus else group]].add(group)
    return Folds(by_corpus, place, tuple(frozenset(found) for found in groups))
