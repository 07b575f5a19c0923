"""A fitted detector as named tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.abstain import Gate
from provenance.detect.conformal import Calibration
from provenance.detect.extras import extras_from_tensors
from provenance.detect.joining import Join
from provenance.detect.linear import LinearModel
from provenance.detect.parts import Parts
from provenance.detect.recipe import Recipe

if TYPE_CHECKING:
    from provenance.detect.detector import Detector

_LINEAR = (
    "buckets", "weights", "style_mean", "style_sd", "style_weights", "family_weights", "family_units", "family_bias", "rates",
)  # fmt: skip
_CALIBRATION = ("scores", "offsets", "slope", "offset")


def to_tensors(detector: Detector) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Return the tensors of a fitted detector, and the names and numbers that go into its config."""
    linear, calibration = detector.linear_, detector.calibration_
    tensors = {f"linear.{name}": getattr(linear, name) for name in _LINEAR}
    tensors |= {f"calibration.{name}": getattr(calibration, name) for name in _CALIBRATION}
    tensors["linear.scalars"] = np.array([linear.unit, linear.bias], np.float64)
    tensors["gate.limits"] = detector.gate_.limits
    for channel, extra in detector.extras_.items():
        tensors |= {f"{channel}.{name}": tensor for name, tensor in extra.to_tensors().items()}
    names = {"calibration_corpora": list(calibration.names), "n_calibration": calibration.n}
    return tensors, {**names, "joins": {name: join.to_dict() for name, join in detector.joins_.items()}}


def from_tensors(tensors: Mapping[str, NDArray], config: Mapping[str, Any], recipe: Recipe) -> Parts:
    """Build the parts of a detector from its tensors.

    Raises
    ------
    KeyError, ValueError, IndexError
        When tensors are missing or do not fit together.
    """
    unit, bias = tensors["linear.scalars"].tolist()
    values = {name: tensors[f"linear.{name}"] for name in _LINEAR}
    if len({len(values[name]) for name in ("buckets", "weights", "family_weights", "rates")}) > 1:
        raise ValueError("n-gram tensors have different lengths")
    linear = LinearModel(recipe=recipe, unit=unit, bias=bias, **values)
    names = tuple(str(name) for name in config["calibration_corpora"])
    calibration = Calibration(names, **{name: tensors[f"calibration.{name}"] for name in _CALIBRATION})
    extras = extras_from_tensors(tensors, recipe)
    joins = {name: Join(**{key: float(value) for key, value in config["joins"][name].items()}) for name in extras}
    return Parts(linear, extras, joins, calibration, Gate(tensors["gate.limits"]))
