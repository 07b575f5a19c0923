"""What share of a corpus is machine text: an estimate with an interval that means what it says, or a refusal.

The human side comes from a reference of the same source, the machine side from a reference or, more loosely, from the panel.
The figure is that of `mixture`, which does not take the machine side for known; published estimators stand beside it, and their
disagreement widens the interval. `gate` and `refusal` say when no figure may be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import refusal
from provenance.corpus.analysis import Analysis, analyse, combined, side_by_side
from provenance.corpus.gate import AACheck, SourceCheck, belief_of, check_halves, check_source
from provenance.corpus.mixture import MachinePrior
from provenance.corpus.panel import panel_rows, prior_from_panel
from provenance.corpus.result import Estimated, GroupShare, ShareResult
from provenance.corpus.scored import ScoredTexts

__all__ = ["Group", "ShareSettings", "estimate_share"]

FEW = 100
Group = tuple[str, NDArray[np.int64]]
"""Name of a group of rows, and the rows."""


@dataclass(frozen=True, slots=True)
class ShareSettings:
    """Settings of an estimate.

    Attributes
    ----------
    seed : int
        Seed of splits and draws.
    prior : MachinePrior or None
        What is known of machine texts where there is no machine reference; the panel's unless given.
    """

    seed: int = 0
    prior: MachinePrior | None = None

    def machine_prior(self) -> MachinePrior:
        """The prior in force."""
        return self.prior or prior_from_panel(panel_rows())


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in some rows."""

    estimate: Estimated | None = None
    estimators: dict[str, Estimated] = field(default_factory=dict)
    source: SourceCheck | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class _Study:
    """Corpus and human reference, analysed by the score alone and by all that is used, and the A/A check."""

    corpus: ScoredTexts
    human: ScoredTexts
    plain: Analysis
    used: Analysis
    halves: AACheck
    seed: int

    def judge(self, rows: NDArray[np.int64]) -> _Found:
        """Estimate the share in some rows of the corpus, or say why not."""
        rng = np.random.default_rng(self.seed + 1)
        corpus, used = self.corpus.take(rows), self.used.taken(rows)
        plain = used if self.plain is self.used else self.plain.taken(rows)
        found = used.posterior()
        source = check_source(self.human, corpus, (belief_of(found, used.human), belief_of(found, used.corpus)), rng)
        refused = refusal.of_source(source) or refusal.of_shape(found, used)
        if refused:
            return _Found(source=source, refused=refused)
        estimators = side_by_side(used, self.human, corpus, rng)
        estimate = combined(found, plain, used, estimators, self.halves.unevenness, source)
        refused = refusal.of_width(estimate)
        return _Found(source=source, refused=refused) if refused else _Found(estimate, estimators, source)


def estimate_share(
    corpus: ScoredTexts,
    human: ScoredTexts,
    machine: ScoredTexts | None = None,
    settings: ShareSettings | None = None,
    groups: Sequence[Group] = (),
) -> ShareResult:
    """Estimate the share of machine texts in a corpus.

    Parameters
    ----------
    corpus : ScoredTexts
    human : ScoredTexts
        Texts by people from the same source. Those that stand in the corpus too are left out of it.
    machine : ScoredTexts, optional
        Machine texts of the same kind.
    settings : ShareSettings, optional
    groups : sequence of (str, ndarray of int64)
        Groups of rows of the corpus whose share is estimated too, each by itself.

    Returns
    -------
    ShareResult
        With `refused` set, and no share, where a check fails.
    """
    settings = settings or ShareSettings()
    human, machine, overlap = _without_overlap(corpus, human, machine)
    n_machine = None if machine is None else len(machine)
    result = ShareResult(
        n=len(corpus), n_human=len(human), n_machine=n_machine or 0, left_out=dict(corpus.left_out), overlap=overlap,
        refused=refusal.of_sizes(len(corpus), len(human), n_machine, overlap),
    )  # fmt: skip
    if result.refused:
        return result
    rng = np.random.default_rng(settings.seed)
    plain, used, machine_check = analyse(corpus, human, machine, settings.machine_prior(), rng)
    halves = check_halves(used.human, human.groups, used.prior, rng)
    refused = refusal.of_machine(used) or refusal.of_halves(halves)
    result = replace(result, aa_check=halves, machine_check=machine_check, refused=refused)
    if result.refused:
        return result
    study = _Study(corpus, human, plain, used, halves, settings.seed)
    found = study.judge(np.arange(len(corpus)))
    return replace(
        result, estimate=found.estimate, estimators=found.estimators, source_check=found.source, refused=found.refused,
        notes=_notes(result, found), groups=tuple(_group(study, name, rows) for name, rows in groups),
    )  # fmt: skip


def _without_overlap(
    corpus: ScoredTexts, human: ScoredTexts, machine: ScoredTexts | None
) -> tuple[ScoredTexts, ScoredTexts | None, int]:
    """Leave texts that the corpus holds out of the references; count the texts of the corpus that they held."""
    overlap = int(np.isin(corpus.keys, human.keys).sum())
    if overlap:
        human = human.take(~np.isin(human.keys, corpus.keys))
    if machine is not None and (twice := int(np.isin(corpus.keys, machine.keys).sum())):
        machine, overlap = machine.take(~np.isin(machine.keys, corpus.keys)), overlap + twice
    return human, machine, overlap


def _group(study: _Study, name: str, rows: NDArray[np.int64]) -> GroupShare:
    """Judge one group of rows."""
    if len(rows) < refusal.FEWEST:
        return GroupShare(name, len(rows), None, f"{len(rows)} judged documents; wanted {refusal.FEWEST} or more")
    found = study.judge(rows)
    return GroupShare(name, len(rows), found.estimate, found.refused)


def _notes(result: ShareResult, found: _Found) -> tuple[str, ...]:
    """What to keep in mind about a share."""
    notes = []
    if result.overlap:
        notes.append(f"{result.overlap:,} texts of the corpus stand in a reference too; they were left out of the reference")
    if result.n < FEW:
        notes.append(f"{result.n} judged documents: the interval is wide; a corpus of some hundreds says more")
    if result.n_human < FEW:
        notes.append(f"{result.n_human} human texts in the reference: the checks are weak; give some hundreds")
    if found.estimate and found.source and found.source.passed is None:
        notes.append(
            f"{found.source.n} documents look like a person's, too few to check that the reference is of the same source; "
            "the interval allows for a reference that lies off"
        )
    if result.machine_check is not None and result.machine_check.passed is False:
        notes.append(
            f"the machine reference was not used: the machine-looking documents are told from it in "
            f"{100 * (result.machine_check.told_apart or 0):.0f} % of pairs, wanted 85 % or less; give ones of this kind"
        )
    if found.estimate and not result.n_machine:
        notes.append("no machine reference: the share is of texts as plainly a machine's as those of known models")
    return tuple(notes)
