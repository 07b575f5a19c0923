"""What a fitted detector consists of."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.detect.abstain import Gate
from provenance.detect.conformal import Calibration
from provenance.detect.extras import Extra
from provenance.detect.joining import Join
from provenance.detect.linear import LinearModel


@dataclass(frozen=True)
class Parts:
    """What `Detector.fit` learns.

    Attributes
    ----------
    linear : LinearModel
    extras : dict of str to Extra
        The slower channels, by name.
    joins : dict of str to Join
        How each extra channel is added to the linear one, in the order in which they read a text.
    calibration : Calibration
    gate : Gate
    """

    linear: LinearModel
    extras: dict[str, Extra]
    joins: dict[str, Join]
    calibration: Calibration
    gate: Gate
