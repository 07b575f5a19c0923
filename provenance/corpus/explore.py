"""A share without a reference of one's own: what each known source of human texts would make of it, pooled and wide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.corpus.density import FloatArray, Ruler, bin_counts
from provenance.corpus.draws import drawn_counts
from provenance.corpus.mixture import MachinePrior, share_posterior
from provenance.corpus.result import Estimated, ShareResult
from provenance.corpus.scored import ScoredTexts
from provenance.detect.conformal import ENOUGH, Calibration
from provenance.detect.sampling import LENGTH_BINS
from provenance.errors import InputError

__all__ = ["explore_share", "known_sources"]

DRAWS = 4
NOTE = (
    "exploratory: no human reference was given, so nothing shows that the figure holds for this source; it pools what "
    "each known source of human texts would make of it"
)


def known_sources(calibration: Calibration) -> list[FloatArray]:
    """Scores of the human texts that a detector was calibrated on, a source with 99 or more each."""
    n = len(LENGTH_BINS)
    ends = calibration.offsets[::n]
    scores = [calibration.scores[a:b].astype(np.float64) for a, b in zip(ends[:-1], ends[1:], strict=True)]
    return [source for source in scores if len(source) >= ENOUGH]


def explore_share(corpus: ScoredTexts, sources: Sequence[FloatArray], prior: MachinePrior, seed: int = 0) -> ShareResult:
    """Guess the share of machine texts without a human reference.

    Parameters
    ----------
    corpus : ScoredTexts
    sources : sequence of ndarray
        Scores of texts by people, one array a source.
    prior : MachinePrior
    seed : int

    Raises
    ------
    InputError
        When there is no judged document, or no source.
    """
    if not len(corpus) or not sources:
        raise InputError(
            f"{len(corpus)} judged documents and {len(sources)} known sources of human texts; wanted some of each: give "
            "longer texts, or a human reference by --human"
        )
    rng = np.random.default_rng(seed)
    mass: FloatArray = np.zeros(0)
    for source in sources:
        ruler = Ruler.of(source)
        draws = drawn_counts(ruler.measure(source), np.arange(len(source)), DRAWS, rng)
        found = share_posterior(draws, bin_counts(ruler.measure(corpus.scores)), prior)
        mass = found.mass + (mass if len(mass) else 0)
    below = np.cumsum(mass) / mass.sum()
    low, high = (float(found.shares[np.searchsorted(below, q)]) for q in (0.025, 0.975))
    estimate = Estimated(float(found.shares @ mass / mass.sum()), low, high)
    n_human = sum(len(source) for source in sources)
    return ShareResult(
        n=len(corpus), n_human=n_human, n_machine=0, estimate=estimate, left_out=dict(corpus.left_out), exploratory=True,
        notes=(NOTE,),
    )  # fmt: skip
