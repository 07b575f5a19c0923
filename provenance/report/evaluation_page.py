"""One self-contained HTML page from a run of ``evaluate``: what a detector gets right, and first of all what it gets wrong.

Texts, ids and values are hostile input: the template escapes every one, and control characters are taken out first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.evaluation_charts import facet_chart, reliability_chart, roc_charts
from provenance.report.rendering import render
from provenance.writing import printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from provenance.evaluate.cells import Cell
    from provenance.evaluate.metrics import Estimate
    from provenance.evaluate.observations import Observations

__all__ = ["EvaluationPage", "Mistake"]

EXCERPT = 1500
SHOWN = 60
"""Human texts flagged that are shown; of missed machine texts a third as many."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text that was judged wrongly, or nearly so, as the page shows it."""

    id: str
    facts: str
    score: float | None
    p_value: float | None
    probability: float | None
    n_words: int
    verdict: str
    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """The page of one evaluation.

    Attributes
    ----------
    observed : Observations
        What the detector said of each text.
    cells : list of Cell
        Its figures; the first is that of all texts.
    baselines : list of list of Cell
        Those of each baseline.
    inputs : str
        Names of what was read.
    fprs : tuple of float
        False-positive rates; the first is that of the verdicts.
    unreadable : int
        Rows that could not be read.
    """

    observed: Observations
    cells: list[Cell]
    baselines: list[list[Cell]]
    inputs: str
    fprs: tuple[float, ...]
    unreadable: int = 0

    def html(self) -> str:
        """Render the page."""
        filters = dict(figure=_figure, share=_share, spread=_spread, slice=_slice)
        return render(
            "evaluation.html",
            filters,
            page=self,
            whole=self.cells[0],
            slices=self.cells[1:],
            beside=[cells[0] for cells in self.baselines],
            false_positives=self.false_positives(),
            n_flagged=self._n_flagged(),
            missed=self.missed(),
        )

    def _n_flagged(self) -> int:
        """Human texts flagged."""
        flagged = self.observed.flagged
        return 0 if flagged is None else int((flagged & ~self.observed.machine).sum())

    def false_positives(self) -> list[Mistake]:
        """Human texts that are flagged, or where there is no threshold the highest scored, the worst first."""
        seen = self.observed
        wrong = ~seen.machine if seen.flagged is None else ~seen.machine & seen.flagged
        return self._mistakes(wrong, -seen.scores, SHOWN)

    def missed(self) -> list[Mistake]:
        """Machine texts that are not flagged though they were judged, the lowest scored first."""
        seen = self.observed
        wrong = seen.machine & ~seen.abstained
        if seen.flagged is not None:
            wrong &= ~seen.flagged
        return self._mistakes(wrong, seen.scores, SHOWN // 3)

    def _mistakes(self, wrong: NDArray[np.bool_], key: NDArray[np.float64], n: int) -> list[Mistake]:
        """The first `n` of the texts marked, by rising key; texts without a score come last."""
        rows = [int(row) for row in key.argsort(kind="stable") if wrong[row]]
        return [self._mistake(row) for row in rows[:n]]

    def _mistake(self, row: int) -> Mistake:
        """One text as it is shown."""
        seen, document = self.observed, self.observed.documents[row]
        parts = [document.meta.get("corpus"), document.domain, document.source, document.meta.get("attack")]
        verdict = "abstained" if seen.abstained[row] else "no verdict"
        if seen.flagged is not None and not seen.abstained[row]:
            verdict = "flagged" if seen.flagged[row] else "not_flagged"
        lines = document.text[:EXCERPT].split("\n")
        return Mistake(
            id=printable(document.id, 200),
            facts=printable(" · ".join(str(part) for part in parts if part is not None), 200),
            score=_known(seen.scores[row]),
            p_value=_known(seen.p_values[row]),
            probability=_known(seen.probabilities[row]),
            n_words=int(seen.n_words[row]),
            verdict=verdict,
            text="\n".join(printable(line) for line in lines),
            cut=len(document.text) > EXCERPT,
        )

    @property
    def roc(self) -> list[str]:
        """Charts of the ROC curve: whole, and where few human texts are flagged."""
        return roc_charts(self.observed)

    @property
    def reliability(self) -> str:
        """Chart of stated probability against observed share; '' without probabilities of both labels."""
        return reliability_chart(self.observed)

    def facets(self) -> list[str]:
        """Names of the slices, in their order."""
        return list(dict.fromkeys(name for cell in self.cells[1:] for name in cell.by))

    def chart(self, facet: str) -> str:
        """Chart of the error rates by the values of a facet; '' where there is nothing to draw."""
        return facet_chart([cell for cell in self.cells[1:] if facet in cell.by], facet, self.fprs[0])


def _known(value: float) -> float | None:
    """The number, or None for nan."""
    return float(value) if value == value else None


def _figure(value: float | None, digits: int = 3) -> str:
    """Number for reading; a dash where there is none."""
    return "–" if value is None or value != value else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    """Share for reading, in per cent."""
    return "–" if value is None or value != value else f"{100 * value:.1f} %"


def _spread(estimate: Estimate | None, percent: bool = False) -> str:
    """Value with its interval."""
    if estimate is None or estimate.value != estimate.value:
        return "–"
    show = _share if percent else _figure
    if estimate.low != estimate.low:
        return show(estimate.value)
    return f"{show(estimate.value)} ({show(estimate.low)} to {show(estimate.high)})"


def _slice(by: dict[str, str | None]) -> str:
    """Name of a slice."""
    return ", ".join(f"{name}: {value if value is not None else 'not given'}" for name, value in by.items()) or "all"
