"""Panels that ship with the package: their names and folders, and how to load one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import DetectorError

if TYPE_CHECKING:
    from provenance.audit.panel import Panel

__all__ = ["PanelInfo", "list_panels", "load_panel", "panel_folder"]


@dataclass(frozen=True, slots=True)
class PanelInfo:
    """A panel: name, version, numbers of models and prompts, teachers, size on disk in bytes, one line about it."""

    name: str
    version: int
    models: int
    prompts: int
    teachers: tuple[str, ...]
    bytes: int
    description: str


def _shipped() -> Path:
    return Path(str(files("provenance.models"))) / "panels"


def _names() -> list[str]:
    folder = _shipped()
    return sorted(item.name for item in folder.iterdir() if (item / "config.json").is_file()) if folder.is_dir() else []


def panel_folder(name: str) -> Path:
    """Return the folder of a panel that ships, or the path as given.

    Raises
    ------
    DetectorError
        When it is neither; the message lists the panels that ship.
    """
    if name in _names():
        return _shipped() / name
    if Path(name).is_dir():
        return Path(name)
    raise DetectorError(f"no panel {name!r}; wanted one of {', '.join(_names())}, or the folder of a panel")


def list_panels() -> list[PanelInfo]:
    """List the panels that ship, by name."""
    from provenance.audit.store import read_panel_config

    found = []
    for name in _names():
        folder = _shipped() / name
        config = read_panel_config(folder)
        teachers = tuple(dict.fromkeys(g["family"] for g in config["groups"] if g["teacher"]))
        size = sum(item.stat().st_size for item in folder.iterdir() if item.is_file())
        numbers = len(config["models"]), config["n_prompts"]
        found.append(PanelInfo(name, config["version"], *numbers, teachers, size, config["description"]))
    return found


@lru_cache(maxsize=4)
def load_panel(name: str) -> Panel:
    """Load a panel that ships ('alpaca-eval') or one from a folder; it is kept, so a second call is free.

    Raises
    ------
    DetectorError
        When there is no such panel, or its folder is incomplete, foreign or of another format.
    """
    from provenance.audit.store import load_panel_folder

    return load_panel_folder(panel_folder(name))
