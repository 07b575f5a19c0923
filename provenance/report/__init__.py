"""Results as people read them: counts with their interval, and one HTML page that needs nothing else."""

from __future__ import annotations

from provenance.report.page import ScoreReport
from provenance.report.tally import Tally

__all__ = ["ScoreReport", "Tally"]
