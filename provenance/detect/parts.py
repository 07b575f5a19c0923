"""What a fitted detector consists of."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.detect.abstain import Gate
from provenance.detect.conformal import Calibration
from provenance.detect.extras import Extra
from provenance.detect.linear import LinearModel


@dataclass(frozen=True)
class Parts:
    """What `Detector.fit` learns.

    Attributes
    ----------
    linear : LinearModel
    extras : dict of str to Extra
        The slower channels, by name.
    weights : dict of str to float
        Weight of each extra channel's log-odds beside those of the linear one.
    calibration : Calibration
    gate : Gate
    """

    linear: LinearModel
    extras: dict[str, Extra]
    weights: dict[str, float]
    calibration: Calibration
    gate: Gate
