"""A fitted detector as named tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.detect.abstain import Gate
from provenance.detect.conformal import Calibration
from provenance.detect.embedding import EmbeddingHead
from provenance.detect.linear import LinearModel
from provenance.detect.recipe import Recipe

if TYPE_CHECKING:
    from provenance.detect.detector import Detector

_LINEAR = ("buckets", "weights", "style_mean", "style_sd", "style_weights", "family_weights", "family_units", "family_bias")
_CALIBRATION = ("scores", "offsets", "slope", "offset")


def to_tensors(detector: Detector) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Return the tensors of a fitted detector, and the names and numbers that go into its config."""
    linear, calibration = detector.linear_, detector.calibration_
    tensors = {f"linear.{name}": getattr(linear, name) for name in _LINEAR}
    tensors |= {f"calibration.{name}": getattr(calibration, name) for name in _CALIBRATION}
    tensors["linear.scalars"] = np.array([linear.unit, linear.bias], np.float64)
    tensors["gate.limits"] = detector.gate_.limits
    if detector.head_ is not None:
        tensors["head.weights"] = detector.head_.weights
        tensors["head.bias"] = np.array([detector.head_.bias], np.float64)
    return tensors, {"calibration_corpora": list(calibration.names), "n_calibration": calibration.n}


def from_tensors(
    tensors: Mapping[str, NDArray], config: Mapping[str, Any], recipe: Recipe
) -> tuple[LinearModel, EmbeddingHead | None, Calibration, Gate]:
    """Build the parts of a detector from its tensors.

    Raises
    ------
    KeyError, ValueError, IndexError
        When tensors are missing or do not fit together.
    """
    unit, bias = tensors["linear.scalars"].tolist()
    values = {name: tensors[f"linear.{name}"] for name in _LINEAR}
    if len(values["buckets"]) != len(values["weights"]) or len(values["weights"]) != len(values["family_weights"]):
        raise ValueError("n-gram tensors have different lengths")
    linear = LinearModel(recipe=recipe, unit=unit, bias=bias, **values)
    names = tuple(str(name) for name in config["calibration_corpora"])
    calibration = Calibration(names, **{name: tensors[f"calibration.{name}"] for name in _CALIBRATION})
    head = None
    if "head.weights" in tensors:
        head = EmbeddingHead(tensors["head.weights"], float(tensors["head.bias"][0]))
    return linear, head, calibration, Gate(tensors["gate.limits"])
