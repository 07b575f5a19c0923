"""The check of a corpus before it is trained on or measured with: copies, leaks, shortcuts, languages, labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import Any

from provenance.corpora.artefacts import Artefact, count_artefacts
from provenance.corpora.duplicates import NEAR, Pair, exact_groups, near_pairs
from provenance.corpora.languages import language_of
from provenance.corpora.splits import split_of_row
from provenance.documents import Document
from provenance.errors import InputError
from provenance.evaluate.baselines import SHORTCUTS, baseline_observations
from provenance.evaluate.bootstrap import ranking
from provenance.evaluate.metrics import Estimate

__all__ = ["Check", "Leak", "Shortcut", "check_corpus"]

NAMED = 5
"""Examples that are named for each finding."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What one thing alone tells: AUROC on held-out folds, with its interval over groups; None, and why, where it cannot be."""

    name: str
    auroc: Estimate | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """What two splits share: texts that are equal, near copies, groups."""

    splits: tuple[str, str]
    exact: int
    near: int
    groups: int


@dataclass(frozen=True, slots=True)
class Check:
    """What was found in a corpus.

    Attributes
    ----------
    n : int
        Texts.
    labels, sources, domains, attacks, splits, languages : Counter of str
        Texts of each; languages by label in `languages_by_label`.
    words : dict of str to float
        Median words of each label.
    exact : list of list of int
        Places of texts that are equal but for case and white space.
    near : list of Pair
        Near copies that are not equal.
    both_labels : list of list of int
        Those of `exact` that stand under both labels.
    leaks : list of Leak
    shortcuts : list of Shortcut
    artefacts : list of Artefact
    warnings : list of str
    """

    n: int
    ids: list[str]
    labels: Counter[str]
    sources: Counter[str]
    domains: Counter[str]
    attacks: Counter[str]
    splits: Counter[str]
    languages: dict[str, Counter[str]]
    words: dict[str, float]
    n_groups: int
    exact: list[list[int]]
    near: list[Pair]
    both_labels: list[list[int]]
    leaks: list[Leak]
    shortcuts: list[Shortcut]
    artefacts: list[Artefact]
    warnings: list[str] = field(default_factory=list)

    @property
    def worst_shortcut(self) -> Shortcut | None:
        """The shortcut that tells most; None where none could be measured."""
        known = [shortcut for shortcut in self.shortcuts if shortcut.auroc is not None]
        return max(known, key=lambda shortcut: shortcut.auroc.value, default=None)  # type: ignore[union-attr]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON record."""
        spare = sum(len(places) - 1 for places in self.exact)
        return {
            "schema_version": 1,
            "n": self.n,
            "labels": dict(self.labels),
            "n_groups": self.n_groups,
            "median_words": self.words,
            "languages": {label: dict(found.most_common()) for label, found in self.languages.items()},
            "sources": dict(self.sources.most_common(50)),
            "domains": dict(self.domains.most_common(50)),
            "attacks": dict(self.attacks.most_common(50)),
            "splits": dict(self.splits),
            "duplicates": {
                "exact": spare,
                "exact_examples": self._named(self.exact),
                "near": len(self.near),
                "near_threshold": NEAR,
                "near_examples": self._named([[pair.first, pair.second] for pair in self.near]),
            },
            "both_labels": {"exact": len(self.both_labels), "examples": self._named(self.both_labels)},
            "leaks": [
                {"splits": list(leak.splits), "exact": leak.exact, "near": leak.near, "groups": leak.groups}
                for leak in self.leaks
            ],
            "shortcuts": [_shortcut_record(shortcut) for shortcut in self.shortcuts],
            "artefacts": [{"name": a.name, "human": a.human, "llm": a.llm} for a in self.artefacts if a.human or a.llm],
            "warnings": self.warnings,
        }

    def _named(self, found: list[list[int]]) -> list[list[str]]:
        """Ids of the first findings."""
        return [[self.ids[place] for place in places[:NAMED]] for places in found[:NAMED]]


def check_corpus(documents: Sequence[Document], *, seed: int = 0) -> Check:
    """Look a corpus over.

    Parameters
    ----------
    documents : sequence of Document
        ``meta['split']`` names the split, where there is one.
    seed : int
        Seed of the folds behind the shortcuts, and of their intervals.

    Raises
    ------
    InputError
        When there is no document.
    """
    if not documents:
        raise InputError("the corpus holds no document; wanted labelled texts")
    from provenance.corpora.warnings import warnings_of

    texts = [document.text for document in documents]
    labels = [document.label or "unlabelled" for document in documents]
    exact = exact_groups(texts)
    copies = {frozenset(pair) for places in exact for pair in combinations(places[:50], 2)}
    near = [pair for pair in near_pairs(texts) if frozenset((pair.first, pair.second)) not in copies]
    languages: dict[str, Counter[str]] = {label: Counter() for label in dict.fromkeys(labels)}
    for text, label in zip(texts, labels, strict=True):
        languages[label][language_of(text)] += 1
    found = Check(
        n=len(documents),
        ids=[document.id for document in documents],
        labels=Counter(labels),
        sources=_counted([document.source for document in documents]),
        domains=_counted([document.domain for document in documents]),
        attacks=_counted([document.meta.get("attack") for document in documents]),
        splits=_counted([split_of_row(document.meta) for document in documents]),
        languages=languages,
        words={label: _median_words(documents, label) for label in languages},
        n_groups=len({document.group for document in documents if document.group is not None}),
        exact=exact,
        near=near,
        both_labels=[places for places in exact if {"human", "llm"} <= {labels[place] for place in places}],
        leaks=_leaks(documents, exact, near),
        shortcuts=[_shortcut(name, documents, seed) for name in SHORTCUTS],
        artefacts=count_artefacts(documents),
    )
    found.warnings.extend(warnings_of(found))
    return found


def _counted(values: Sequence[object]) -> Counter[str]:
    return Counter(str(value) for value in values if value not in (None, ""))


def _median_words(documents: Sequence[Document], label: str) -> float:
    return float(median(len(d.text.split()) for d in documents if (d.label or "unlabelled") == label))


def _leaks(documents: Sequence[Document], exact: list[list[int]], near: list[Pair]) -> list[Leak]:
    """What each pair of splits shares; pairs that share nothing are left out."""
    splits = [split_of_row(document.meta) for document in documents]
    names = sorted({split for split in splits if split is not None})
    groups = {
        name: {d.group for d, split in zip(documents, splits, strict=True) if split == name and d.group} for name in names
    }
    found = []
    for one, other in combinations(names, 2):
        wanted = {one, other}
        shared = sum(wanted <= {splits[place] for place in places} for places in exact)
        close = sum({splits[pair.first], splits[pair.second]} == wanted for pair in near)
        leak = Leak((one, other), shared, close, len(groups[one] & groups[other]))
        if leak.exact or leak.near or leak.groups:
            found.append(leak)
    return found


def _shortcut(name: str, documents: Sequence[Document], seed: int) -> Shortcut:
    labelled = [document for document in documents if document.label is not None]
    try:
        observed = baseline_observations(name, labelled, seed=seed)
    except InputError as error:
        return Shortcut(name, None, str(error))
    known = observed.scores == observed.scores
    groups = [group for group, is_known in zip(observed.groups(), known, strict=True) if is_known]
    return Shortcut(name, ranking(observed.scores[known], observed.machine[known], groups, seed=seed).auroc)


def _shortcut_record(shortcut: Shortcut) -> dict[str, object]:
    area = shortcut.auroc
    record: dict[str, object] = {"name": shortcut.name}
    for part, key in (("value", "auroc"), ("low", "auroc_low"), ("high", "auroc_high")):
        value = getattr(area, part) if area else None
        record[key] = None if value is None or value != value else value
    return record if area else record | {"reason": shortcut.reason}
