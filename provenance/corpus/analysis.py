"""References and corpus on one ruler, and what the estimators make of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.channel import Channel, joint_channel, score_channel
from provenance.corpus.density import FloatArray, Ruler, bin_counts, normal_mass
from provenance.corpus.draws import drawn_counts, spread_of
from provenance.corpus.estimators import ESTIMATORS, calibrated_posterior, estimate_all
from provenance.corpus.gate import SOURCE_LIMIT, SourceCheck, belief_of, check_machine
from provenance.corpus.mixture import MachinePrior, SharePosterior, share_posterior
from provenance.corpus.panel import prior_from_reference
from provenance.corpus.result import Estimated
from provenance.corpus.scored import ScoredTexts

__all__ = ["Analysis", "analyse", "combined", "side_by_side"]

DRAWS = 100
POSTERIOR_DRAWS = 12
HUMAN_SHIFT = 1.5
"""How far the human side may lie off, in units of the ruler, where nothing shows that it does not."""
MACHINE_MASS = 1000.0
LIKELIHOODS = ("expectation_maximisation", "kernel_mixture")
"""Estimators that are trusted as much as the mixture where the machine reference is like the corpus."""
HIDDEN, HIDDEN_UNMATCHED, HIDDEN_ASIDE = 0.1, 0.25, 0.35
"""Machine texts that may hide among human ones, as a part of those found: with a machine reference like them, without one, and
where the one given was seen to be unlike them."""


@dataclass(frozen=True)
class Analysis:
    """A channel on the ruler of its human reference.

    Attributes
    ----------
    human, machine, corpus : ndarray
        Values in units of the human reference; `machine` is empty without a machine reference.
    human_draws : ndarray, shape (n_draws, n_bins)
        Bootstrap draws of the human reference.
    prior : MachinePrior
    words : tuple of ndarray or None
        Word log-ratios of the three, in units of the human ones.
    matched : bool
        Whether the corpus was seen to hold texts like the machine reference: told from it in at most 70 % of pairs, the limit
        that holds for the human side too.
    hidden : float
        Machine texts that may hide among human ones, as a part of those found.
    """

    human: FloatArray
    machine: FloatArray
    corpus: FloatArray
    human_draws: FloatArray
    prior: MachinePrior
    words: tuple[FloatArray, FloatArray, FloatArray] | None = None
    matched: bool = False
    hidden: float = HIDDEN_UNMATCHED

    @classmethod
    def of(
        cls,
        channel: Channel,
        human: ScoredTexts,
        prior: MachinePrior | None,
        rng: np.random.Generator,
        *,
        matched: bool = False,
    ) -> Analysis:
        """Put a channel on the ruler; without a prior, the machine reference gives it."""
        ruler = Ruler.of(channel.human)
        values, machine = ruler.measure(channel.human), ruler.measure(channel.machine)
        words = None
        if channel.words is not None:
            own = Ruler.of(channel.words[0])
            words = own.measure(channel.words[0]), own.measure(channel.words[1]), own.measure(channel.words[2])
        draws = drawn_counts(values, human.groups, POSTERIOR_DRAWS, rng)
        prior = prior or prior_from_reference(machine, matched=matched)
        hidden = HIDDEN if matched else HIDDEN_UNMATCHED
        return cls(values, machine, ruler.measure(channel.corpus), draws, prior, words, matched, hidden)

    def posterior(self, shift: float = 0.0) -> SharePosterior:
        """Posterior for the corpus, with the human side moved up by `shift`."""
        return share_posterior(self.human_draws, bin_counts(self.corpus - shift), self.prior)

    def taken(self, rows: NDArray[np.int64]) -> Analysis:
        """Return the analysis of some rows of the corpus."""
        words = None if self.words is None else (*self.words[:2], self.words[2][rows])
        return replace(self, corpus=self.corpus[rows], words=words)


def analyse(
    corpus: ScoredTexts,
    human: ScoredTexts,
    machine: ScoredTexts | None,
    prior: MachinePrior,
    rng: np.random.Generator,
) -> tuple[Analysis, Analysis, SourceCheck | None]:
    """Analyse the score alone, and what is used; also give the check of the machine reference.

    With a machine reference that the machine-looking texts of the corpus are like, score and words are used together;
    otherwise the score alone.
    """
    plain = Analysis.of(score_channel(human, corpus), human, prior, rng)
    if machine is None:
        return plain, plain, None
    belief, ruler = plain.posterior(), Ruler.of(human.scores)
    beliefs = belief_of(belief, ruler.measure(machine.scores)), belief_of(belief, plain.corpus)
    check = check_machine(machine, corpus, beliefs, rng)
    if check.passed is False:
        aside = replace(plain, hidden=HIDDEN_ASIDE)
        return aside, aside, check
    joint = joint_channel(human, machine, corpus, rng)
    matched = check.told_apart is not None and check.told_apart <= SOURCE_LIMIT
    return plain, Analysis.of(joint, human, None, rng, matched=matched), check


def side_by_side(used: Analysis, human: ScoredTexts, corpus: ScoredTexts, rng: np.random.Generator) -> dict[str, Estimated]:
    """Run the published estimators, each with the percentile interval of 100 bootstrap draws of all sides."""
    found = _estimates(used.human, used.machine, used.corpus, human, corpus, used.prior, rng)
    estimates = dict(zip(ESTIMATORS, found, strict=True))
    if used.words is not None:
        sides = _estimates(*used.words, human, corpus, used.prior, rng)
        estimates["token_likelihood"] = sides[ESTIMATORS.index("expectation_maximisation")]
    return estimates


def _estimates(
    human: FloatArray,
    machine: FloatArray,
    corpus: FloatArray,
    human_texts: ScoredTexts,
    corpus_texts: ScoredTexts,
    prior: MachinePrior,
    rng: np.random.Generator,
) -> list[Estimated]:
    """All of `ESTIMATORS` on values; without a machine reference its place and width are those of the prior."""
    h = drawn_counts(human, human_texts.groups, DRAWS, rng, first_as_is=True)
    c = drawn_counts(corpus, corpus_texts.groups, DRAWS, rng, first_as_is=True)
    if len(machine):
        m = drawn_counts(machine, np.arange(len(machine)), DRAWS, rng, first_as_is=True)
    else:
        distance = prior.distance + prior.near * rng.standard_normal(DRAWS) * (np.arange(DRAWS) > 0)
        m = MACHINE_MASS * normal_mass(np.maximum(distance, 0.5), np.full(DRAWS, prior.width))
    shares = estimate_all(h, m, c, calibrated_posterior(h[0], m[0]))
    low, high = spread_of(shares)
    return [Estimated(*map(float, row)) for row in zip(shares[0], low, high, strict=True)]


def combined(
    found: SharePosterior,
    plain: Analysis,
    used: Analysis,
    estimates: dict[str, Estimated],
    unevenness: float,
    source: SourceCheck,
) -> Estimated:
    """Give the share with an interval that the disagreement of estimators and the unevenness of the reference widen.

    The half-widths are added as independent errors are, by their squares; upwards also one for machine texts that look like a
    person's, smaller where the corpus was seen to hold texts like the machine reference, larger where it was seen to hold
    others. The interval also holds what the score alone gives; where the machine reference was not seen to be like the corpus,
    its upper end is also that of the score alone, whose machine side is the panel's; and where the source could not be
    checked, it holds what a human side that lies off would give.
    """
    low, high = found.interval()
    share = _point(found, low, high)
    if used.matched:
        share = float(np.median([share, *(estimates[name].share for name in LIKELIHOODS)]))
    others = [estimate.share for name, estimate in estimates.items() if name != "classify_and_count"]
    alone = found if plain is used else plain.posterior()
    by_score = share if plain is used else alone.mean
    disagreement = float(np.sqrt(np.mean((np.array(others) - share) ** 2)))
    extra = (0.5 * disagreement) ** 2 + (unevenness * (1 - share)) ** 2
    low = share - float(np.hypot(share - min(low, share), np.sqrt(extra)))
    extra += (share * used.hidden) ** 2
    high = share + float(np.hypot(max(high, share) - share, np.sqrt(extra)))
    low, high = min(low, by_score), max(high, by_score)
    if plain is not used and not used.matched:
        high = max(high, alone.interval()[1])
    if source.passed is None:
        low = min(low, used.posterior(shift=HUMAN_SHIFT).interval()[0])
    return Estimated(share, max(low, 0.0), min(high, 1.0))


def _point(found: SharePosterior, low: float, high: float) -> float:
    """Middle of posterior mean and mode; nearer to the mode where the interval does not exclude 0 or 1."""
    weight = 0.75 if low <= 0 or high >= 1 else 0.5
    return weight * found.mode + (1 - weight) * found.mean
