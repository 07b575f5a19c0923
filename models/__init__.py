"""Detectors that ship with the package: their folders, cards and recipes, and how to load one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import DetectorError

if TYPE_CHECKING:
    from provenance.detect.detector import Detector

__all__ = ["DetectorInfo", "list_detectors", "load_detector", "shipped_folder"]


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """A shipped detector: name, version, size on disk in bytes, whether scoring needs torch, and one line about it."""

    name: str
    version: int
    bytes: int
    needs_torch: bool
    description: str


def _shipped() -> Path:
    return Path(str(files("provenance.models"))) / "shipped"


def _names() -> list[str]:
    folder = _shipped()
    return sorted(item.name for item in folder.iterdir() if (item / "config.json").is_file()) if folder.is_dir() else []


def shipped_folder(name: str) -> Path:
    """Return the folder of a shipped detector.

    Raises
    ------
    DetectorError
        When no detector of that name ships; the message lists those that do.
    """
    if name not in _names():
        raise DetectorError(f"no detector {name!r}; wanted one of {', '.join(_names())}, or the path of a detector folder")
    return _shipped() / name


def list_detectors() -> list[DetectorInfo]:
    """List the detectors that ship, by name."""
    from provenance.detect.folder import read_config

    found = []
    for name in _names():
        folder = _shipped() / name
        recipe = read_config(folder)["recipe"]
        size = sum(item.stat().st_size for item in folder.iterdir() if item.is_file())
        found.append(DetectorInfo(name, recipe["version"], size, _needs_torch(recipe), recipe["description"]))
    return found


def _needs_torch(recipe: dict[str, object]) -> bool:
    return any(recipe.get(key) for key in ("embedder", "encoder_layers", "surprisal"))


def load_detector(name: str | Path) -> Detector:
    """Load a detector that ships ('fast', 'default') or one from a folder; it is kept, so a second call is free.

    Raises
    ------
    DetectorError
        When there is no such detector, or its folder is incomplete, foreign or of another format.
    """
    from provenance.detect.detector import Detector

    if isinstance(name, str) and name in _names():
        return _load_shipped(name)
    folder = Path(name)
    return Detector.load(folder if folder.is_dir() else shipped_folder(str(name)))


@lru_cache(maxsize=4)
def _load_shipped(name: str) -> Detector:
    from provenance.detect.detector import Detector

    return Detector.load(_shipped() / name)
