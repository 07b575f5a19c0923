"""The folder of a panel: JSON and safetensors, read without running any code of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.audit.panel import Group, Panel, PanelModel
from provenance.audit.settings import CHANNELS, channel_records
from provenance.audit.sketch import BUCKETS, Bags
from provenance.detect.folder import CONFIG, METRICS, WEIGHTS, write_folder
from provenance.errors import DetectorError

__all__ = ["CONFIG", "METRICS", "load_panel_folder", "read_panel_config", "save_panel"]

FORMAT_VERSION = 2


def save_panel(panel: Panel, folder: str | Path, card: str = "", metrics: Mapping[str, Any] | None = None) -> None:
    """Write a panel folder, each file whole or not at all.

    Raises
    ------
    OutputError
        When the folder cannot be made or written.
    """
    write_folder(folder, _config(panel), _tensors(panel), metrics or {}, card, kind="panel")


def _config(panel: Panel) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "kind": "panel",
        "name": panel.name,
        "version": panel.version,
        "description": panel.description,
        "n_prompts": len(panel.prompts),
        "channels": channel_records(),
        "groups": [asdict(group) for group in panel.groups],
        "models": [asdict(model) for model in panel.models],
        "recipe": dict(panel.recipe),
    }


def _tensors(panel: Panel) -> dict[str, NDArray]:
    out: dict[str, NDArray] = {
        "prompts": panel.prompts,
        "rows.model": panel.row_model.astype(np.uint16),
        "rows.prompt": panel.row_prompt.astype(np.uint32),
        "style": np.round(panel.style * 31).astype(np.int8),
        "style.mean": panel.style_mean,
        "style.sd": panel.style_sd,
        "similarities": panel.similarities,
        "scales": panel.scales,
        "answers": panel.answers,
    }
    for channel, bags, idf in zip(CHANNELS, panel.bags, panel.idf, strict=True):
        out[f"{channel.name}.buckets"] = bags.buckets
        out[f"{channel.name}.lengths"] = np.diff(bags.offsets).astype(np.uint16)
        out[f"{channel.name}.idf"] = idf.astype(np.float16)
    return out


def read_panel_config(folder: str | Path) -> dict[str, Any]:
    """Read the config of a panel folder.

    Raises
    ------
    DetectorError
        When the folder or its config is missing, is no panel, or is of another format.
    """
    path = Path(folder)
    if not (path / CONFIG).is_file() or not (path / WEIGHTS).is_file():
        raise DetectorError(
            f"{path}: no panel; wanted a folder with {CONFIG} and {WEIGHTS}, as `provenance panel build -o` writes it: "
            "`provenance panel list` names those that ship"
        )
    try:
        config = orjson.loads((path / CONFIG).read_bytes())
    except (orjson.JSONDecodeError, OSError) as error:
        raise DetectorError(f"{path / CONFIG}: cannot be read ({error}); build the panel again") from error
    if not isinstance(config, dict) or config.get("kind") != "panel" or config.get("format_version") != FORMAT_VERSION:
        found = config.get("format_version") if isinstance(config, dict) else None
        raise DetectorError(f"{path}: no panel of format {FORMAT_VERSION} (format_version {found!r}); build the panel again")
    if config.get("channels") != channel_records():
        raise DetectorError(f"{path}: its channels are not those of this version; build the panel again")
    return config


def load_panel_folder(folder: str | Path) -> Panel:
    """Read a panel from its folder; no code of it is run.

    Raises
    ------
    DetectorError
        When the folder is no panel folder, or its files do not fit together.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = Path(folder)
    config = read_panel_config(path)
    try:
        data = (path / WEIGHTS).read_bytes()
        tensors = load(data)
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise DetectorError(f"{path / WEIGHTS}: not a safetensors file ({error}); build the panel again") from error
    if hashlib.sha256(data).hexdigest() != config.get("weights_sha256"):
        raise DetectorError(f"{path / WEIGHTS}: does not belong to its {CONFIG} (sha256 differs); take both from one folder")
    try:
        panel = _panel(config, tensors)
        _check(panel)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DetectorError(f"{path}: its tensors do not fit together ({error}); build the panel again") from error
    return panel


def _panel(config: Mapping[str, Any], tensors: Mapping[str, NDArray]) -> Panel:
    models = tuple(
        PanelModel(
            str(m["name"]), str(m["family"]), str(m["lineage"]), m["group"],
            None if m["taught_by"] is None else tuple(m["taught_by"]),
        )
        for m in config["models"]
    )  # fmt: skip
    bags = tuple(_bags(tensors, channel.name) for channel in CHANNELS)
    return Panel(
        name=str(config["name"]), version=int(config["version"]), description=str(config["description"]),
        models=models, groups=tuple(Group(**group) for group in config["groups"]),
        prompts=tensors["prompts"], row_model=tensors["rows.model"].astype(np.int64),
        row_prompt=tensors["rows.prompt"].astype(np.int64), bags=bags,
        idf=tuple(tensors[f"{channel.name}.idf"].astype(np.float32) for channel in CHANNELS),
        style=tensors["style"].astype(np.float32) / np.float32(31),
        style_mean=tensors["style.mean"], style_sd=tensors["style.sd"],
        similarities=tensors["similarities"], scales=tensors["scales"], answers=tensors["answers"],
        recipe=config.get("recipe", {}),
    )  # fmt: skip


def _bags(tensors: Mapping[str, NDArray], name: str) -> Bags:
    lengths = tensors[f"{name}.lengths"].astype(np.int64)
    return Bags(tensors[f"{name}.buckets"].astype(np.uint16), np.concatenate([[0], np.cumsum(lengths)]))


def _check(panel: Panel) -> None:
    """Refuse tensors of shapes that do not belong together.

    Raises
    ------
    ValueError
        With what does not fit.
    """
    models, prompts, rows = len(panel.models), len(panel.prompts), len(panel.row_model)
    wanted = (models, prompts, len(panel.groups), len(CHANNELS) + 1)
    if panel.similarities.shape != wanted or panel.answers.shape != wanted[:2] or panel.scales.shape != (wanted[3], 2):
        raise ValueError(f"similarities {panel.similarities.shape}, answers {panel.answers.shape}; wanted {wanted}")
    if len(panel.row_prompt) != rows or len(panel.style) != rows or panel.style.shape[1:] != panel.style_mean.shape:
        raise ValueError("rows and style measures differ in number")
    if rows and (panel.row_model.max() >= models or panel.row_prompt.max() >= prompts or np.any(np.diff(panel.row_prompt) < 0)):
        raise ValueError("rows name models or prompts that are not there")
    for bags, idf in zip(panel.bags, panel.idf, strict=True):
        if len(bags) != rows or bags.offsets[-1] != len(bags.buckets) or idf.shape != (BUCKETS,):
            raise ValueError("n-gram sketches are cut short")
