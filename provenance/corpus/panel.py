"""The panel: how far machine texts lie from human texts of the same source, measured over many corpora and generators.

It stands in for a machine reference where the user has none. The figures are those of a detector that had not seen the
corpus, in standard deviations of the corpus's human scores; ``benchmarks/share.py panel`` makes them. No text is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from provenance.corpus.density import FloatArray
from provenance.corpus.mixture import MachinePrior

__all__ = ["PanelRow", "panel_rows", "prior_from_panel", "prior_from_reference"]

LEAST_DISTANCE = 0.6
"""Machine texts that lie nearer are taken for mislabelled or indistinguishable and teach nothing."""


@dataclass(frozen=True, slots=True)
class PanelRow:
    """Machine texts of one generator in one corpus.

    Attributes
    ----------
    corpus, source : str
        Corpus, with its kind of text where it holds several; generator.
    n_human, n_machine : int
    distance, width : float
        Mean and standard deviation of the machine scores, in units of the human ones.
    """

    corpus: str
    source: str
    n_human: int
    n_machine: int
    distance: float
    width: float


@lru_cache(maxsize=1)
def panel_rows() -> tuple[PanelRow, ...]:
    """Read the shipped panel."""
    import orjson

    table = orjson.loads(files("provenance.corpus").joinpath("data/panel.json").read_bytes())
    return tuple(PanelRow(**row) for row in table["rows"])


def prior_from_panel(rows: Collection[PanelRow], without: Collection[str] = ()) -> MachinePrior:
    """Make the prior that many corpora give, every corpus weighing the same.

    Parameters
    ----------
    rows : collection of PanelRow
    without : collection of str
        Corpora to leave out, by the part of their name before a slash.

    Raises
    ------
    ValueError
        When no row is left.
    """
    cells: dict[str, list[PanelRow]] = defaultdict(list)
    for row in rows:
        if row.corpus.partition("/")[0] not in without and row.distance >= LEAST_DISTANCE:
            cells[row.corpus].append(row)
    kept = [(row, 1 / len(cell)) for cell in cells.values() for row in cell]
    if not kept:
        raise ValueError("the panel has no row left; wanted at least one")
    weight = np.array([w for _, w in kept])
    distance, spread = _moments(np.array([row.distance for row, _ in kept]), weight)
    log_width, log_spread = _moments(np.log([row.width for row, _ in kept]), weight)
    return MachinePrior(distance, spread, 1.5 * spread, 0.05, float(np.exp(log_width)), max(log_spread, 0.1))


def prior_from_reference(machine: FloatArray, *, matched: bool = False) -> MachinePrior:
    """Make the prior that a machine reference gives: near it, unless its generators are not those of the corpus.

    Parameters
    ----------
    machine : ndarray, shape (n_texts,)
        Scores in units of the human reference.
    matched : bool
        Whether the corpus was seen to hold texts like them, which leaves less doubt.
    """
    distance, width = float(machine.mean()), max(float(machine.std()), 0.3)
    near = 0.2 + width / np.sqrt(len(machine))
    return MachinePrior(distance, near, max(0.4 * abs(distance), 2 * near), 0.04 if matched else 0.12, width, 0.12)


def _moments(values: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Weighted mean and standard deviation."""
    mean = float((weight * values).sum() / weight.sum())
    return mean, float(np.sqrt((weight * (values - mean) ** 2).sum() / weight.sum()))
