"""Scores and word sets of every usable text, by detectors that never saw its corpus; no text is kept.

`prepare` trains the linear channel of `fast` six times: on four parts of the corpora left out in turn (a text is scored by the
detector that saw neither its corpus nor any text of its group), and on two halves of the groups (a text is scored by the
detector that knows its corpus, but not its group). The dated texts by people are scored by all four of the first kind.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from provenance.corpus.occurrence import BUCKETS, word_sets
from provenance.corpus.panel import PanelRow
from provenance.corpus.scored import LEFT_OUT, ScoredTexts
from provenance.detect.abstain import language_reasons
from provenance.detect.fitting import TrainingMatrix
from provenance.detect.linear import batches
from provenance.detect.recipe import load_recipe
from provenance.detect.sampling import corpus_of, sample_windows, usable
from provenance.features.tokens import tokenise
from provenance.models.corpora import TWO_SIDED, answer_documents, detection_documents, people_documents

PARTS = 4
SEVERAL_KINDS = ("detectrl", "raidar", "agt2025")
MISLABELLED = ("raidar/news",)
"""Cells whose human texts score above their machine texts by any detector: the labels are not to be trusted."""
FEWEST_HUMAN, FEWEST_MACHINE = 190, 120
PEOPLE = ("abc_rural", "abc_science", "movie_reviews", "pil", "state_union")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def prepare(data: Path, cache: Path) -> None:
    recipe = load_recipe("fast")
    labelled = detection_documents(data)
    pool = labelled + answer_documents(data)
    tested = [
        d for d in labelled
        if d.label in ("human", "llm") and usable(d, recipe) and d.meta.get("n_words", 0) >= 50 and corpus_of(d) in TWO_SIDED
    ]  # fmt: skip
    everything = tested + [d for d in people_documents(data) if d.meta["n_words"] >= 50 and corpus_of(d) in PEOPLE]
    texts = [d.text for d in everything]
    reasons = [r for i in range(0, len(texts), 64) for r in language_reasons(tokenise(texts[i : i + 64]), recipe.min_words)]
    words = word_sets(texts)
    say(f"{len(texts):,} texts")
    corpus = np.array([corpus_of(d) for d in everything])
    group = np.array([d.group or d.id for d in everything])
    windows = sample_windows(pool, recipe, np.random.default_rng(0))
    matrix = TrainingMatrix(windows, recipe)
    of_window = np.array([w.corpus for w in windows]), np.array([w.group for w in windows])
    known, left_out = np.full(len(texts), np.nan), np.full((len(texts), PARTS), np.nan)
    half, window_half = (np.array([zlib.crc32(g.encode()) % 2 for g in names]) for names in (group, of_window[1]))
    for h in range(2):
        rows = np.flatnonzero((half == h) & ~np.isin(corpus, PEOPLE))
        known[rows] = _scores(matrix, window_half != h, texts, rows)
    names = np.random.default_rng(0).permutation(TWO_SIDED)
    for part in range(PARTS):
        mine = names[part::PARTS]
        barred = np.unique(group[np.isin(corpus, mine)])
        rows = np.flatnonzero(np.isin(corpus, mine) | np.isin(corpus, PEOPLE))
        allowed = ~np.isin(of_window[0], mine) & ~np.isin(of_window[1], barred)
        left_out[rows, part] = _scores(matrix, allowed, texts, rows)
        say(f"part {part + 1} of {PARTS}: {', '.join(mine)}")
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        cache, known=known, left_out=left_out, indices=words.indices, indptr=words.indptr, corpus=corpus, group=group,
        label=np.array([d.label for d in everything]), source=np.array([d.source or "" for d in everything]),
        attack=np.array([d.meta.get("attack") or "" for d in everything]),
        domain=np.array([d.domain or "" for d in everything]), judged=~np.isin([r or "" for r in reasons], LEFT_OUT),
    )  # fmt: skip


def _scores(matrix: TrainingMatrix, allowed: np.ndarray, texts: list[str], rows: np.ndarray) -> np.ndarray:
    model = matrix.fit(np.flatnonzero(allowed), families=False)
    return np.concatenate([model.log_odds(model.rows(b), model.style(b)) for b in batches([texts[i] for i in rows])])


@dataclass(frozen=True)
class Cell:
    """One source: human and machine texts of one corpus and kind, by row."""

    name: str
    human: np.ndarray
    machine: np.ndarray

    @property
    def corpus(self) -> str:
        return self.name.partition("/")[0]


class Data:
    """What `prepare` wrote."""

    def __init__(self, cache: Path) -> None:
        from scipy import sparse

        held = np.load(cache)
        self.known, self.left_out = held["known"], held["left_out"]
        self.corpus, self.label, self.source, self.attack = (held[k] for k in ("corpus", "label", "source", "attack"))
        self.group = np.unique(held["group"], return_inverse=True)[1]
        self.domain, self.judged = held["domain"], held["judged"]
        ones = np.ones(len(held["indices"]), np.float32)
        self.words = sparse.csr_matrix((ones, held["indices"], held["indptr"]), shape=(len(self.corpus), BUCKETS))
        names = np.random.default_rng(0).permutation(TWO_SIDED)
        self.part = {str(name): k % PARTS for k, name in enumerate(names)}
        self.cells = list(self._cells())

    def _cells(self):
        for corpus in [*sorted(TWO_SIDED), *PEOPLE]:
            mine = self.judged & (self.corpus == corpus)
            kinds = [f"{corpus}/{d}" for d in np.unique(self.domain[mine])] if corpus in SEVERAL_KINDS else []
            for name in [corpus, *kinds] if corpus == "detectrl" else kinds or [corpus]:
                rows = mine & (self.domain == name.partition("/")[2]) if "/" in name else mine
                human, machine = (np.flatnonzero(rows & (self.label == side)) for side in ("human", "llm"))
                large = len(human) >= FEWEST_HUMAN and len(machine) >= FEWEST_MACHINE
                if name not in MISLABELLED and (large or corpus in PEOPLE):
                    yield Cell(name, human, machine)

    def scored(self, rows: np.ndarray, scores: np.ndarray) -> ScoredTexts:
        rows = np.asarray(rows, np.int64)
        return ScoredTexts(scores[rows], self.words[rows], self.group[rows], rows.astype(np.uint64))

    def honest_scores(self, cell: Cell, other: Cell | None = None) -> np.ndarray:
        """Scores by a detector that saw neither cell's corpus."""
        parts = [self.part[c.corpus] for c in (cell, other) if c is not None and c.corpus in self.part]
        return self.left_out[:, parts[0] if parts else 0]

    def panel(self) -> list[PanelRow]:
        rows = []
        for cell in self.cells:
            if not len(cell.machine) or cell.name == "detectrl":
                continue
            scores = self.honest_scores(cell)
            human = scores[cell.human]
            for source in np.unique(self.source[cell.machine]):
                mine = cell.machine[self.source[cell.machine] == source]
                if len(mine) >= 60:
                    z = (scores[mine] - human.mean()) / human.std()
                    rows.append(PanelRow(cell.name, str(source), len(human), len(mine), round(float(z.mean()), 3),
                                         round(float(z.std()), 3)))  # fmt: skip
        return rows


def write_json(path: Path, found: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY))
