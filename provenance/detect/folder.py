"""The folder of a saved detector: JSON and safetensors, read without running any code of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.errors import DetectorError, OutputError

FORMAT_VERSION = 1
CONFIG, WEIGHTS, METRICS, CARD = "config.json", "weights.safetensors", "metrics.json", "README.md"
FILES = (CONFIG, WEIGHTS, METRICS, CARD)


def write_folder(
    folder: str | Path,
    config: Mapping[str, Any],
    tensors: Mapping[str, NDArray],
    metrics: Mapping[str, Any],
    card: str,
    kind: str = "detector",
) -> None:
    """Write the folder of a detector, or of another `kind` that is laid out alike, each file whole or not at all.

    Raises
    ------
    OutputError
        When the folder cannot be made or written.
    """
    from safetensors.numpy import save

    from provenance.writing import atomic_writer

    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be made ({error.strerror}); wanted a folder to write the {kind} to") from error
    weights = save({name: np.ascontiguousarray(tensor) for name, tensor in sorted(tensors.items())})
    config = {"format_version": FORMAT_VERSION, **config, "weights_sha256": hashlib.sha256(weights).hexdigest()}
    contents = {WEIGHTS: weights, METRICS: _json(metrics), CARD: card.encode(), CONFIG: _json(config)}
    for name, data in contents.items():
        with atomic_writer(path / name) as file:
            file.write(data)


def _json(value: Mapping[str, Any]) -> bytes:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(value, option=options)


def read_config(folder: str | Path) -> dict[str, Any]:
    """Read the config of a detector folder.

    Raises
    ------
    DetectorError
        When the folder or a file of it is missing, the config is no JSON object, or its format is another.
    """
    path = Path(folder)
    if not path.is_dir():
        raise DetectorError(f"{path}: no such folder; wanted a detector folder, as `provenance train -o` writes it")
    missing = [name for name in (CONFIG, WEIGHTS) if not (path / name).is_file()]
    if missing:
        raise DetectorError(f"{path}: {missing[0]} is missing; a detector folder holds {', '.join(FILES)}: train it again")
    try:
        config = orjson.loads((path / CONFIG).read_bytes())
    except (orjson.JSONDecodeError, OSError) as error:
        raise DetectorError(f"{path / CONFIG}: cannot be read ({error}); wanted JSON: train the detector again") from error
    found = config.get("format_version") if isinstance(config, dict) else None
    if found != FORMAT_VERSION:
        raise DetectorError(
            f"{path}: format_version is {found!r}; this version reads {FORMAT_VERSION}: train the detector again, or "
            "install the version of provenance-detector that wrote it"
        )
    return config


def refuse_foreign(folder: str | Path) -> None:
    """Check that a detector folder holds nothing else; files whose names begin with a dot are overlooked.

    Raises
    ------
    DetectorError
        When it holds a file or folder that no detector has.
    """
    foreign = sorted(item.name for item in Path(folder).iterdir() if item.name not in FILES and item.name[0] != ".")
    if foreign:
        raise DetectorError(
            f"{folder}: holds {foreign[0]!r}, which is no part of a detector; wanted {', '.join(FILES)} alone: take it out"
        )


def read_weights(folder: str | Path, config: Mapping[str, Any]) -> dict[str, NDArray]:
    """Read the tensors of a detector folder and check that they are those the config was written with.

    Raises
    ------
    DetectorError
        When the file is no safetensors file, or not the one that belongs to the config.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = Path(folder) / WEIGHTS
    try:
        data = path.read_bytes()
        tensors = load(data)
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise DetectorError(f"{path}: not a safetensors file ({error}); train the detector again") from error
    if hashlib.sha256(data).hexdigest() != config.get("weights_sha256"):
        raise DetectorError(f"{path}: does not belong to its {CONFIG} (sha256 differs); take both from one folder")
    return tensors


def read_metrics(folder: str | Path) -> dict[str, Any]:
    """Read the figures of a detector folder; an empty dict where there are none or they cannot be read."""
    try:
        found = orjson.loads((Path(folder) / METRICS).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def inspect_folder(folder: str | Path) -> dict[str, Any]:
    """Say what a detector folder holds, without building the detector.

    Returns
    -------
    dict
        `config`, `tensors` (name, dtype, shape, bytes), `files` (name, bytes, sha256) and `foreign_files`.

    Raises
    ------
    DetectorError
        When the folder is no detector folder of this format.
    """
    path = Path(folder)
    config = read_config(path)
    tensors = read_weights(path, config)
    present = sorted(item.name for item in path.iterdir() if item.is_file())
    return {
        "folder": str(path),
        "config": config,
        "tensors": [
            {"name": name, "dtype": str(t.dtype), "shape": list(t.shape), "bytes": t.nbytes} for name, t in tensors.items()
        ],
        "files": [_file_record(path / name) for name in present if name in FILES],
        "foreign_files": [item.name for item in sorted(path.iterdir()) if item.name not in FILES],
    }


def _file_record(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"name": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
