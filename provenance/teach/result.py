"""What a lesson finds: tables, figures and findings, each number with its seeds and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from provenance.teach.figures import Figure, interval

__all__ = ["Finding", "Result", "finding", "ratio_finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One number that a lesson stands on.

    Attributes
    ----------
    name, text : str
        Key, and a sentence that the number belongs in.
    value, low, high : float
        Mean over seeds and the ends of its 95 % interval.
    n : int
        Seeds.
    method : str
        How the interval was made.
    """

    name: str
    text: str
    value: float
    low: float
    high: float
    n: int
    method: str


@dataclass(frozen=True, slots=True)
class Result:
    """All that a lesson found.

    Attributes
    ----------
    findings : list of Finding
    table : list of dict
        Rows for reading.
    figures : list of Figure
    settings : dict
        Sizes that the run used, for the record.
    samples : dict
        Texts worth a look: what a teacher and its students wrote.
    extra : dict
        More numbers for the page.
    """

    findings: list[Finding]
    table: list[dict[str, Any]]
    figures: list[Figure]
    settings: dict[str, Any] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """Plain lists and dictionaries, numbers to six digits."""
        record: dict[str, Any] = _rounded(asdict(self))
        return record


def finding(name: str, text: str, runs: Sequence[float]) -> Finding:
    """Finding with a t interval over seeds."""
    return Finding(name, text, *interval(runs), len(runs), "mean over seeds, 95 % interval by Student's t")


def ratio_finding(name: str, text: str, runs: Sequence[float]) -> Finding:
    """Finding about a ratio: the geometric mean, its interval made on logarithms."""
    value, low, high = (math.exp(v) for v in interval([math.log(run) for run in runs]))
    return Finding(name, text, value, low, high, len(runs), "geometric mean over seeds, 95 % interval by Student's t on logs")


def _rounded(value: Any) -> Any:
    """Round every number within to six significant digits."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
