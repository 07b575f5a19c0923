"""Shares of machine text in mixtures of known share: in domain, with a reference of the source, and under shift.

    python benchmarks/share.py prepare --data ../shared/data --cache build/share.npz
    python benchmarks/share.py panel --cache build/share.npz -o provenance/corpus/data/panel.json
    python benchmarks/share.py mixtures --cache build/share.npz -o benchmarks/results/share-mixtures.json
    python benchmarks/share.py shift --cache build/share.npz -o benchmarks/results/share-shift.json
    python benchmarks/share.py generators --cache build/share.npz -o benchmarks/results/share-generators.json

The protocol is that of QuaPy (artificial prevalences): mixtures of 50 to 5,000 documents with a share from 0 to 1, drawn
without replacement; a run's references and corpus share no group. `mixtures`: `in_domain`, a detector that knows the corpus,
and references of both sides; `pair`, a detector that never saw the corpus, and references of both sides from its source;
`human`, the same with a human reference alone; `people`, texts by people alone, from before 2007. In half of the runs one
generator makes all machine text. `shift`, always by a detector that never saw either corpus: a human reference of another
source, a pair of another source, a machine reference of another generator or source, machine text that was attacked.
`generators`: a machine reference of another generator alone, on the corpora by which the trust in such a reference was
chosen, and on others. The panel never holds the tested corpus.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from share_data import Cell, Data, prepare, say, write_json  # noqa: E402

from provenance.corpus.panel import prior_from_panel  # noqa: E402
from provenance.corpus.result import ShareResult  # noqa: E402
from provenance.corpus.share import ShareSettings, estimate_share  # noqa: E402

SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
SIZES = (50, 100, 200, 500, 1000, 2000, 5000)
REFERENCE_SIZES = (100, 300, 1000)
CHOSEN_ON = ("agt2025", "detectrl", "llm_misinformation", "raidar")
"""Corpora by which the trust in a machine reference was chosen; every second one of those with several generators."""


@dataclass(frozen=True)
class Run:
    """One mixture and what was said of it."""

    setting: str
    cell: str
    other: str
    n: int
    share: float
    result: ShareResult

    @property
    def answered(self) -> bool:
        return self.result.estimate is not None

    @property
    def within(self) -> bool:
        found = self.result.estimate
        return found is not None and found.low - 1e-9 <= self.share <= found.high + 1e-9


class Bench:
    """Draws mixtures and estimates their share."""

    def __init__(self, data: Data, seed: int) -> None:
        self.data, self.rng, self.seed = data, np.random.default_rng(seed), seed
        rows = data.panel()
        self.priors = {c.corpus: prior_from_panel(rows, without=[c.corpus]) for c in data.cells}

    def halves(self, cell: Cell) -> tuple[Cell, Cell]:
        """Split a cell by groups."""
        groups = np.unique(self.data.group[np.concatenate([cell.human, cell.machine])])
        first = self.rng.permutation(groups)[: len(groups) // 2]
        one = [np.isin(self.data.group[rows], first) for rows in (cell.human, cell.machine)]
        return (
            Cell(cell.name, cell.human[one[0]], cell.machine[one[1]]),
            Cell(cell.name, cell.human[~one[0]], cell.machine[~one[1]]),
        )

    def mixture(self, human: np.ndarray, machine: np.ndarray, share: float) -> tuple[np.ndarray, float]:
        """Draw a mixture; the size is the drawn one or what there is; also give its true share."""
        n = int(self.rng.choice(SIZES))
        n = min(n, int(len(human) / (1 - share)) if share < 1 else n, int(len(machine) / share) if share else n)
        k = round(n * share)
        rows = [self.rng.choice(human, min(n - k, len(human)), False), self.rng.choice(machine, min(k, len(machine)), False)]
        mixed = self.rng.permutation(np.concatenate(rows)).astype(np.int64)
        return mixed, len(rows[1]) / max(len(mixed), 1)

    def capped(self, rows: np.ndarray, size: int) -> np.ndarray:
        return self.rng.permutation(rows)[:size]

    def run(self, setting: str, cell: Cell, other: str, parts: tuple, share: float, scores: np.ndarray) -> Iterator[Run]:
        """Estimate one mixture; `parts` are rows of corpus, human and machine reference."""
        corpus, human, machine = parts
        if len(corpus) < 40:
            return
        sides = [None if rows is None else self.data.scored(rows, scores) for rows in (corpus, human, machine)]
        settings = ShareSettings(self.seed, self.priors[cell.corpus])
        yield Run(setting, cell.name, other, len(corpus), share, estimate_share(sides[0], sides[1], sides[2], settings))


def mixtures(bench: Bench, repeats: int) -> Iterator[Run]:
    data, rng = bench.data, bench.rng
    for cell in (c for c in data.cells for _ in range(repeats) if len(c.machine)):
        known, tested = bench.halves(cell)
        source = rng.choice(np.unique(data.source[tested.machine])) if rng.random() < 0.5 else ""
        machine, reference = (rows[data.source[rows] == source] if source else rows for rows in (tested.machine, known.machine))
        if len(machine) < 30 or len(reference) < 30:
            continue
        for share in rng.choice(SHARES, 3, replace=False):
            corpus, true = bench.mixture(tested.human, machine, float(share))
            both, alone = (corpus, known.human, reference), (corpus, known.human, None)
            honest = data.honest_scores(cell)
            yield from bench.run("in_domain", cell, str(source), both, true, data.known)
            yield from bench.run("pair", cell, str(source), both, true, honest)
            yield from bench.run("human", cell, str(source), alone, true, honest)


def people(bench: Bench, repeats: int) -> Iterator[Run]:
    """Dated texts by people, that no detector was trained on: the share is 0."""
    for cell in (c for c in bench.data.cells for _ in range(repeats) if not len(c.machine)):
        known, tested = bench.halves(cell)
        corpus, _ = bench.mixture(tested.human, tested.machine, 0.0)
        scores = bench.data.left_out[:, int(bench.rng.integers(0, 4))]
        yield from bench.run("people", cell, "", (corpus, known.human, None), 0.0, scores)


def shifted(bench: Bench, repeats: int) -> Iterator[Run]:
    for cell in (c for c in bench.data.cells for _ in range(repeats)):
        share = float(bench.rng.choice(SHARES)) if len(cell.machine) else 0.0
        yield from _other_human(bench, cell, share)
        if len(cell.machine):
            known, tested = bench.halves(cell)
            yield from _other_machine(bench, cell, known, tested, share)
            yield from _attacked(bench, cell, known, tested, share)


def _others(bench: Bench, cell: Cell) -> list[Cell]:
    """Cells of other corpora that the same detector never saw."""
    part = bench.data.part
    return [
        c for c in bench.data.cells
        if c.corpus != cell.corpus and part.get(c.corpus, part.get(cell.corpus)) == part.get(cell.corpus, part.get(c.corpus))
    ]  # fmt: skip


def _other_human(bench: Bench, cell: Cell, share: float) -> Iterator[Run]:
    others = _others(bench, cell)
    other = others[bench.rng.integers(len(others))]
    scores = bench.data.honest_scores(cell, other)
    human = bench.capped(other.human, int(bench.rng.choice(REFERENCE_SIZES)))
    machine = bench.capped(other.machine, int(bench.rng.choice(REFERENCE_SIZES)))
    corpus, true = bench.mixture(cell.human, cell.machine, share)
    yield from bench.run("human_of_other_source", cell, other.name, (corpus, human, None), true, scores)
    if len(machine) >= 60:
        yield from bench.run("pair_of_other_source", cell, other.name, (corpus, human, machine), true, scores)


def generators(bench: Bench, repeats: int) -> Iterator[Run]:
    for cell in (c for c in bench.data.cells for _ in range(repeats) if len(c.machine)):
        setting = "chosen_on" if cell.corpus in CHOSEN_ON else "tried_on"
        yield from _other_generator(bench, cell, *bench.halves(cell), float(bench.rng.choice(SHARES)), setting)


def _other_generator(
    bench: Bench, cell: Cell, known: Cell, tested: Cell, share: float, setting: str = "machine_of_other_generator"
) -> Iterator[Run]:
    data, scores = bench.data, bench.data.honest_scores(cell)
    sources = np.unique(data.source[cell.machine])
    if len(sources) < 2:
        return
    one, two = bench.rng.choice(sources, 2, replace=False)
    reference = known.machine[data.source[known.machine] == one]
    machine = tested.machine[data.source[tested.machine] == two]
    if len(reference) >= 30 and len(machine) >= 20:
        corpus, true = bench.mixture(tested.human, machine, share)
        yield from bench.run(setting, cell, f"{one}, corpus {two}", (corpus, known.human, reference), true, scores)


def _other_machine(bench: Bench, cell: Cell, known: Cell, tested: Cell, share: float) -> Iterator[Run]:
    scores = bench.data.honest_scores(cell)
    yield from _other_generator(bench, cell, known, tested, share)
    others = [c for c in _others(bench, cell) if len(c.machine) >= 100]
    if others:
        other = others[bench.rng.integers(len(others))]
        corpus, true = bench.mixture(tested.human, tested.machine, share)
        parts = corpus, known.human, bench.capped(other.machine, 500)
        yield from bench.run("machine_of_other_source", cell, other.name, parts, true, scores)


def _attacked(bench: Bench, cell: Cell, known: Cell, tested: Cell, share: float) -> Iterator[Run]:
    data, scores = bench.data, bench.data.honest_scores(cell)
    attacks = [a for a in np.unique(data.attack[tested.machine]) if a]
    if not attacks:
        return
    attack = bench.rng.choice(attacks)
    machine = tested.machine[data.attack[tested.machine] == attack]
    plain = known.machine[data.attack[known.machine] == ""]
    corpus, true = bench.mixture(tested.human, machine, share)
    yield from bench.run("attacked_human_alone", cell, str(attack), (corpus, known.human, None), true, scores)
    if len(plain) >= 60:
        yield from bench.run("attacked_plain_machine", cell, str(attack), (corpus, known.human, plain), true, scores)


def summary(runs: list[Run], seed: int = 0) -> dict:
    """Figures of some runs, with intervals by drawing cells with replacement."""
    cells = sorted({run.cell for run in runs})
    of_cell = [np.array([_figures(run) for run in runs if run.cell == cell]) for cell in cells]
    rng = np.random.default_rng(seed)
    draws = [_means(np.concatenate([of_cell[k] for k in rng.integers(0, len(cells), len(cells))])) for _ in range(500)]
    out: dict = {"runs": len(runs), "cells": len(cells), "answered": sum(run.answered for run in runs)}
    low, high = np.nanquantile(draws, [0.025, 0.975], axis=0)
    for k, (name, value) in enumerate(zip(NAMES, _means(np.concatenate(of_cell)), strict=True)):
        out[name] = {"value": value, "low": low[k], "high": high[k]}
    return out


NAMES = ("mae", "coverage", "width", "no_silent_failure")


def _figures(run: Run) -> tuple[float, float, float, float]:
    found = run.result.estimate
    if found is None:
        return np.nan, np.nan, np.nan, 1.0
    return abs(found.share - run.share), float(run.within), found.high - found.low, float(run.within)


def _means(figures: np.ndarray) -> np.ndarray:
    answered = figures[~np.isnan(figures[:, 0])]
    means = answered[:, :3].mean(axis=0) if len(answered) else np.full(3, np.nan)
    return np.append(means, figures[:, 3].mean())


def tables(runs: list[Run]) -> dict:
    """Summary by setting; within each by size, share and cell, the estimators side by side, refusals, and misses."""
    out = {}
    for setting in sorted({run.setting for run in runs}):
        mine = [run for run in runs if run.setting == setting]
        names = sorted({name for run in mine for name in run.result.estimators})
        out[setting] = summary(mine) | {
            "by_size": _by(mine, lambda r: next(f"<= {s}" for s in (50, 100, 200, 500, 1000, 5000) if r.n <= s)),
            "by_share": _by(mine, lambda r: next(f"<= {s}" for s in (0.0, 0.05, 0.2, 0.5, 0.8, 0.99, 1.0) if r.share <= s)),
            "by_cell": _by(mine, lambda r: r.cell),
            "mae_of_estimators": {
                name: _mae_of(name, mine)
                for name in names
            },
            "refusals": Counter(_why(run) for run in mine if not run.answered),
            "outside": [
                {"cell": r.cell, "other": r.other, "n": r.n, "true": round(r.share, 4), **r.result.estimate.to_dict()}
                for r in mine if r.result.estimate and not r.within
            ],
        }  # fmt: skip
    return out


def _mae_of(name: str, runs: list[Run]) -> float:
    return float(np.mean([abs(r.result.estimators[name].share - r.share) for r in runs if name in r.result.estimators]))


def _by(runs: list[Run], key) -> dict:
    cells: dict[str, list[Run]] = {}
    for run in runs:
        cells.setdefault(key(run), []).append(run)
    found = {}
    for name, mine in sorted(cells.items()):
        mae, coverage, width, safe = _means(np.array([_figures(run) for run in mine]))
        found[name] = {"runs": len(mine), "answered": sum(r.answered for r in mine), "mae": mae, "coverage": coverage,
                       "width": width, "no_silent_failure": safe}  # fmt: skip
    return found


def _why(run: Run) -> str:
    reason = run.result.refused or ""
    for word, name in (("A/A", "aa_check"), ("human-looking", "other_source"), ("below the human", "scores_below_reference"),
                       ("no mixture", "misfit"), ("says nothing", "too_wide"), ("told apart", "references_alike")):  # fmt: skip
        if word in reason:
            return name
    return "too_few"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("prepare", "panel", "mixtures", "shift", "generators"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path("build/share.npz"))
    parser.add_argument("--repeats", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    if options.what == "prepare":
        prepare(options.data, options.cache)
        return
    if options.output is None:
        parser.error("-o FILE is wanted")
    data, start = Data(options.cache), time.time()
    if options.what == "panel":
        command = "python benchmarks/share.py panel --cache build/share.npz -o provenance/corpus/data/panel.json"
        write_json(options.output, {"made_by": command, "rows": [asdict(row) for row in data.panel()]})
        return
    bench, runs = Bench(data, options.seed), []
    kinds = {"mixtures": (mixtures, people), "shift": (shifted,), "generators": (generators,)}[options.what]
    for kind in kinds:
        for run in kind(bench, options.repeats):
            runs.append(run)
            if len(runs) % 100 == 0:
                say(f"{len(runs)} runs, {time.time() - start:.0f} s")
    found = {"what": options.what, "repeats": options.repeats, "seed": options.seed, "settings": tables(runs)}
    write_json(options.output, found | {"seconds": round(time.time() - start)})
    for setting, figures in found["settings"].items():
        shown = ", ".join(f"{name} {figures[name]['value']:.3f}" for name in NAMES)
        say(f"{setting}: {figures['runs']} runs, {figures['answered']} answered, {shown}")


if __name__ == "__main__":
    main()
