"""Why no share is given, in words: what was found, what was wanted, what would help."""

from __future__ import annotations

import numpy as np

from provenance.corpus.analysis import Analysis
from provenance.corpus.channel import separation
from provenance.corpus.density import bin_counts
from provenance.corpus.gate import AACheck, SourceCheck
from provenance.corpus.mixture import SharePosterior
from provenance.corpus.result import Estimated

__all__ = ["misfit", "of_halves", "of_machine", "of_shape", "of_sizes", "of_source", "of_width"]

FEWEST_HUMAN = 50
FEWEST_MACHINE = 30
FEWEST = 20
LEAST_SEPARATION = 0.65
LOWEST = -0.5
MISFIT_LIMIT = 0.25
WIDEST = 0.7


def of_sizes(n: int, n_human: int, n_machine: int | None, overlap: int = 0) -> str | None:
    """Refuse too few texts."""
    if n_human < FEWEST_HUMAN and overlap:
        return (
            f"the corpus holds {overlap} texts of the references, and {n_human} are left to the human one; wanted "
            f"{FEWEST_HUMAN} or more: take the texts of the reference out of the corpus"
        )
    if n_human < FEWEST_HUMAN:
        return (
            f"the human reference has {n_human} judged texts; wanted {FEWEST_HUMAN} or more, "
            "better some hundreds: add texts by people from the same source, from before December 2022"
        )
    if n_machine is not None and n_machine < FEWEST_MACHINE:
        return (
            f"the machine reference has {n_machine} judged texts that the corpus does not hold; wanted {FEWEST_MACHINE} or "
            "more: add some, or leave --llm out"
        )
    if n < FEWEST:
        documents = "document" if n == 1 else "documents"
        return f"the corpus has {n} judged {documents}; wanted {FEWEST} or more: a share of so few says nothing"
    return None


def of_halves(check: AACheck) -> str | None:
    """Refuse where the reference, taken for a corpus, does not come out near 0."""
    if check.passed:
        return None
    return (
        f"A/A check: in halves of the human reference itself a share of {100 * check.share:.0f} % is found, give or take "
        f"{100 * check.unevenness:.0f}, wanted 5 % or less and 15 at most; it mixes several kinds of text, or holds "
        "machine text: give one kind of text, like the corpus, from before December 2022, and more of it"
    )


def of_machine(used: Analysis) -> str | None:
    """Refuse where human and machine reference cannot be told apart."""
    if not len(used.machine):
        return None
    found = separation(used.human, used.machine)
    if found >= LEAST_SEPARATION:
        return None
    return (
        f"the references are not told apart: a machine text stands above a human one in {100 * found:.0f} % of pairs, wanted "
        f"{100 * LEAST_SEPARATION:.0f} % or more; check that neither holds the other's texts, or use another detector"
    )


def of_source(check: SourceCheck) -> str | None:
    """Refuse where reference and corpus are of different sources."""
    if check.passed is not False:
        return None
    return (
        f"the human-looking texts of the corpus are told from the human reference in {100 * (check.told_apart or 0):.0f} % of "
        "pairs by their words alone, wanted 70 % or less; the reference is of another source, topic or time: give texts by "
        "people from the source of the corpus"
    )


def of_shape(found: SharePosterior, used: Analysis) -> str | None:
    """Refuse where the scores of the corpus are like no mixture of the two sides."""
    middle = float(used.corpus.mean())
    if middle < LOWEST:
        return (
            f"the corpus scores {-middle:.1f} standard deviations below the human reference, wanted at or above it; the "
            "reference is not of its source: give texts by people from the source of the corpus"
        )
    off = misfit(found, used)
    if off > MISFIT_LIMIT:
        return (
            f"the scores of the corpus are like no mixture of the two sides (misfit {off:.2f}, wanted {MISFIT_LIMIT} or less); "
            "give references of its own source"
        )
    return None


def misfit(found: SharePosterior, used: Analysis) -> float:
    """How much worse the best mixture explains the scores than they do themselves, in nats a document, less chance."""
    counts = bin_counts(used.corpus)
    share = counts[counts > 0] / counts.sum()
    return float((share * np.log(share)).sum() - found.fit - (len(share) - 1) / (2 * counts.sum()))


def of_width(estimate: Estimated) -> str | None:
    """Refuse an interval that says nothing."""
    if estimate.high - estimate.low <= WIDEST:
        return None
    return (
        f"the share lies between {100 * estimate.low:.0f} and {100 * estimate.high:.0f} %, which says nothing; give more "
        "texts, a machine reference (--llm), or a human reference of the same source"
    )
