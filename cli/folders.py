"""Detector folders as commands meet them: may one be written here, and what was written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.cli.options import Common
from provenance.errors import UsageError

if TYPE_CHECKING:
    from provenance.detect.detector import Detector

__all__ = ["check_detector_folder", "fingerprint", "report_saved"]


def check_detector_folder(folder: str | Path) -> None:
    """Refuse to write a detector among other things.

    Raises
    ------
    UsageError
        When `folder` is a file, or holds files but no detector.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise UsageError(f"-o {folder}: is a file; wanted a folder: name one that does not exist yet")
    if path.is_dir() and any(path.iterdir()) and not (path / "config.json").is_file():
        raise UsageError(
            f"-o {folder}: holds files, but no detector (no config.json); wanted a new folder, an empty one or a "
            "detector to replace: name another"
        )


def report_saved(detector: Detector, folder: Path, common: Common, facts: Mapping[str, Any]) -> None:
    """Write the record of a saved detector to standard output and say where it lies."""
    from provenance.cli.render import emit_records, form_for

    record = {"schema_version": 1, "detector": detector.name, "folder": str(folder), **facts}
    if detector.metrics_:
        record["metrics"] = detector.metrics_
    emit_records([record], form_for(common.format, single=True))
    common.notes.say(f"saved in {folder}; use it by: provenance score INPUT --detector {folder}")


def fingerprint(detector: str) -> str:
    """SHA-256 of what a detector scores with: its settings and weights.

    Parameters
    ----------
    detector : str
        Name of a detector that ships, or a folder.

    Raises
    ------
    DetectorError
        When there is no such detector.
    """
    import hashlib

    folder = Path(detector)
    if not folder.is_dir():
        from provenance.models import shipped_folder

        folder = Path(shipped_folder(detector))
    digest = hashlib.sha256()
    for name in ("config.json", "weights.safetensors"):
        if (folder / name).is_file():
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()
