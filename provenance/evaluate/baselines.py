"""The shortcut report: what length, punctuation or layout alone tell, and plain TF-IDF, beside the detector.

A corpus whose sides can be told apart by their length says little about a detector that does well on it. Each baseline is
a logistic regression, trained and tested on the very texts that are evaluated, in five folds that keep groups whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.documents import Document
from provenance.errors import InputError
from provenance.evaluate.metrics import group_numbers
from provenance.evaluate.observations import Observations, group_of

__all__ = [
    "BASELINES",
    "FEWEST",
    "SHORTCUTS",
    "baseline_observations",
    "layout_features",
    "length_features",
    "punctuation_features",
]

SHORTCUTS: tuple[str, ...] = ("length", "punctuation", "layout")
BASELINES: tuple[str, ...] = ("tfidf", *SHORTCUTS)

FOLDS = 5
FEWEST = 10
"""Texts of each label that a baseline needs."""

MARKS = ".,;:!?'\"()[]-–—…“”‘’/*#&%$@_`~<>|+="
_LIST_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•+]|\d{1,3}[.)])[ \t]")
_HEADING = re.compile(r"(?m)^[ \t]*#{1,6}[ \t]")
_INDENT = re.compile(r"(?m)^[ \t]+\S")
_TRAILING = re.compile(r"(?m)[ \t]+$")
_DOUBLE = re.compile(r"\S  +\S")
_SPLIT_MARK = re.compile(r" [.,;:!?](?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Held:
    """Scores and probabilities of texts that the model had not seen."""

    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]


def length_features(text: str) -> list[float]:
    """Log of the number of words and its square; not characters, which tell how long the words are."""
    words = float(np.log1p(len(text.split())))
    return [words, words**2]


def punctuation_features(text: str) -> list[float]:
    """Occurrences of each mark a word; of letters and layout nothing."""
    words = max(len(text.split()), 1)
    return [text.count(mark) / words for mark in MARKS]


def layout_features(text: str) -> list[float]:
    """Line breaks, blank lines, indents, list marks, headings, spaces at odd places, how the text begins and ends."""
    words = max(len(text.split()), 1)
    counts = [text.count("\n"), text.count("\n\n"), text.count("\t"), text.count("\r"), text.count("**"), text.count("\xa0")]
    counts += [len(pattern.findall(text)) for pattern in (_LIST_MARK, _HEADING, _INDENT, _TRAILING, _DOUBLE, _SPLIT_MARK)]
    stripped = text.strip()
    edges = [text[:1].isspace(), text[-1:].isspace(), stripped[:1].isupper(), stripped[-1:] in ".!?\"'”’)"]
    return [*(count / words for count in counts), *(float(np.log1p(count)) for count in counts), *map(float, edges)]


_FEATURES: dict[str, Callable[[str], list[float]]] = {
    "length": length_features,
    "punctuation": punctuation_features,
    "layout": layout_features,
}


def baseline_observations(
    name: str, documents: Sequence[Document], *, n_words: NDArray[np.int64] | None = None, seed: int = 0
) -> Observations:
    """Train and test a baseline on labelled documents, five folds, whole groups in each.

    Parameters
    ----------
    name : {'tfidf', 'length', 'punctuation', 'layout'}
    documents : sequence of Document
        With labels; texts of one group never stand on both sides of a fold.
    n_words : ndarray of int64, shape (n_documents,), optional
        Words of each text as the detector beside it counts them; words between white space where it is not given.
    seed : int
        Seed of the folds.

    Returns
    -------
    Observations
        Its scores are log-odds on texts that the model of the fold had not seen.

    Raises
    ------
    InputError
        When a label has fewer than 10 texts, or all texts of a label are in one group.
    """
    machine = np.array([document.label == "llm" for document in documents], np.bool_)
    texts = [document.text for document in documents]
    _check(name, machine)
    features = _tfidf(texts) if name == "tfidf" else _standardised(np.array([_FEATURES[name](text) for text in texts]))
    held = _cross_validated(features, machine, [group_of(document) for document in documents], seed, name)
    n = len(documents)
    return Observations(
        detector=f"baseline:{name}",
        documents=list(documents),
        machine=machine,
        scores=held.scores,
        probabilities=held.probabilities,
        p_values=np.full(n, np.nan),
        abstained=np.isnan(held.scores),
        flagged=None,
        n_words=np.array([len(text.split()) for text in texts], np.int64) if n_words is None else n_words,
    )


def _check(name: str, machine: NDArray[np.bool_]) -> None:
    fewest = min(int(machine.sum()), int((~machine).sum()))
    if fewest < FEWEST:
        raise InputError(
            f"baseline {name}: {fewest} texts of one label; wanted {FEWEST} or more of each, "
            "for it is trained on the texts themselves"
        )


def _standardised(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features at mean 0 and spread 1, far-out values cut at 5."""
    spread = features.std(axis=0)
    return np.clip((features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0), -5, 5)


def _tfidf(texts: list[str]) -> Any:
    """Word 1-2-grams, weighed by TF-IDF; the vocabulary does not look at labels."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    fewest = 1 if len(texts) < 200 else 2 if len(texts) < 2000 else 5
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=fewest, sublinear_tf=True, max_features=300_000)
    try:
        return vectoriser.fit_transform(texts).astype(np.float32)
    except ValueError as error:
        raise InputError(f"baseline tfidf: the texts hold no words ({error}); wanted texts of words") from error


def _cross_validated(features: Any, machine: NDArray[np.bool_], groups: list[str], seed: int, name: str) -> _Held:
    """Log-odds and probability of every text by a model that has seen nothing of its group; nan where there is none."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    place = group_numbers(groups)
    sides = [len(np.unique(place[side])) for side in (machine, ~machine)]
    folds = min(FOLDS, *sides)
    if folds < 2:
        raise InputError(f"baseline {name}: all texts of a label are in one group; wanted two groups or more of each label")
    scores, probabilities = np.full(len(machine), np.nan), np.full(len(machine), np.nan)
    splits = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    for train, test in splits.split(np.zeros(len(machine)), machine, place):
        if not 0 < machine[train].sum() < len(train) or not len(test):
            continue
        strength = 10.0 if name == "tfidf" else 1.0
        model = LogisticRegression(C=strength, max_iter=1000, class_weight="balanced").fit(features[train], machine[train])
        scores[test] = model.decision_function(features[test])
        probabilities[test] = model.predict_proba(features[test])[:, 1]
    return _Held(scores, probabilities)
