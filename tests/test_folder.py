"""The folder of a detector: read without running anything of it, refused in a line when it is not whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.detect.detector import Detector
from provenance.detect.folder import CONFIG, FILES, FORMAT_VERSION, METRICS, WEIGHTS, inspect_folder, read_metrics
from provenance.errors import DetectorError, OutputError


@pytest.fixture
def folder(toy_folder: Path, tmp_path: Path) -> Path:
    """Give a copy of the toy detector's folder, to be spoilt."""
    return Path(shutil.copytree(toy_folder, tmp_path / "copy"))


@pytest.fixture
def change(folder: Path) -> Callable[..., None]:
    def changed(**values: object) -> None:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        config.update(values)
        (folder / CONFIG).write_text(json.dumps(config), "utf-8")

    return changed


def refusal(folder: Path) -> str:
    with pytest.raises(DetectorError) as caught:
        Detector.load(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert folder.name in message
    return message


def test_a_saved_detector_is_the_files_it_says(folder: Path) -> None:
    assert sorted(item.name for item in folder.iterdir()) == sorted(FILES)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "nowhere")


def test_a_file_is_no_folder(folder: Path) -> None:
    assert "no such folder" in refusal(folder / CONFIG)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name} is missing" in refusal(folder)


@pytest.mark.parametrize("text", [b"", b"not json", b"\xff\xfe\x00", b"{", b'{"format_version": NaN}'])
def test_a_config_that_is_no_json_is_refused(folder: Path, text: bytes) -> None:
    (folder / CONFIG).write_bytes(text)
    assert "JSON" in refusal(folder)


@pytest.mark.parametrize("text", ["[]", "3", "null", '"x"', "{}"])
def test_json_that_is_no_config_is_refused(folder: Path, text: str) -> None:
    (folder / CONFIG).write_text(text, "utf-8")
    assert "format_version is None" in refusal(folder)


@pytest.mark.parametrize("version", [0, FORMAT_VERSION + 1, "1", None])
def test_another_format_is_refused_with_both_versions(folder: Path, change: Callable, version: object) -> None:
    change(format_version=version)
    message = refusal(folder)
    assert f"format_version is {version!r}" in message
    assert f"reads {FORMAT_VERSION}" in message


def test_weights_of_another_detector_are_refused(folder: Path, toy_detector: Detector, tmp_path: Path) -> None:
    other = toy_detector.calibrate(["the cat and I went to the sea and it was cold there so we came back " * 5] * 100)
    other.save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / WEIGHTS, folder / WEIGHTS)
    assert "sha256" in refusal(folder)


@pytest.mark.parametrize("keep", [0, 7, 40, 1000])
def test_cut_weights_are_refused(folder: Path, keep: int) -> None:
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[:keep])
    assert "safetensors" in refusal(folder)


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(60), b"\x80\x04K\x01.", b"\xff" * 200, b"text " * 40])
def test_foreign_bytes_are_refused(folder: Path, data: bytes) -> None:
    (folder / WEIGHTS).write_bytes(data)
    assert "not a safetensors file" in refusal(folder)


def test_one_changed_byte_of_the_weights_is_noticed(folder: Path) -> None:
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (folder / WEIGHTS).write_bytes(bytes(data))
    assert "sha256" in refusal(folder)


@pytest.mark.parametrize(
    "values",
    [{"recipe": None}, {"recipe": {"no_such_key": 1}}, {"recipe": {"bits": "many"}}, {"recipe": {"bits": 3}},
     {"recipe": {"bits": -1}}, {"calibration_corpora": None}, {"recipe": []}],
    ids=str,
)  # fmt: skip
def test_a_config_that_does_not_fit_its_weights_is_refused(folder: Path, change: Callable, values: dict[str, object]) -> None:
    change(**values)
    refusal(folder)


def test_loading_runs_nothing_that_lies_in_the_folder(folder: Path, tmp_path: Path, monkeypatch) -> None:
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'w').close()\n"
    for name in ("__init__.py", "detector.py", "modeling.py", "sitecustomize.py", "conftest.py"):
        (folder / name).write_text(code, "utf-8")
    monkeypatch.chdir(folder)
    assert "no part of a detector" in refusal(folder)
    inspect_folder(folder)
    (folder / WEIGHTS).write_bytes(f"cbuiltins\nexec\n(S{code.strip()!r}\ntR.".encode())
    refusal(folder)
    assert not marker.exists()


def test_lost_or_broken_figures_do_not_keep_a_detector_from_loading(folder: Path) -> None:
    (folder / METRICS).write_bytes(b"{broken")
    assert Detector.load(folder).metrics_ == {}
    (folder / METRICS).unlink()
    assert read_metrics(folder) == {}
    assert Detector.load(folder).score(["Some words."])[0].n_words == 2


def test_inspection_lists_tensors_files_and_strangers(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(b"x")
    (folder / "sub").mkdir()
    found = inspect_folder(folder)
    assert found["foreign_files"] == ["model.pkl", "sub"]
    assert [file["name"] for file in found["files"]] == sorted(FILES)
    assert all(len(file["sha256"]) == 64 and file["bytes"] > 0 for file in found["files"])
    weights = next(tensor for tensor in found["tensors"] if tensor["name"] == "linear.weights")
    assert weights["dtype"] == "int8"
    assert weights["bytes"] == weights["shape"][0]
    assert found["config"]["format_version"] == FORMAT_VERSION


def test_a_whole_folder_has_no_strangers(toy_folder: Path) -> None:
    assert inspect_folder(toy_folder)["foreign_files"] == []


def test_a_place_that_cannot_be_made_is_one_clear_line(toy_detector: Detector, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(OutputError, match="taken"):
        toy_detector.save(tmp_path / "taken" / "detector")
    assert (tmp_path / "taken").read_text("utf-8") == "a file"


def test_saving_again_replaces_the_folder_whole(folder: Path, toy_detector: Detector) -> None:
    (folder / CONFIG).write_text("old", "utf-8")
    toy_detector.save(folder)
    assert Detector.load(folder).score(["One more text."]) == toy_detector.score(["One more text."])


@pytest.mark.parametrize("name", ["model.pkl", "weights.bin", "sub/"])
def test_a_folder_with_a_file_that_does_not_belong_is_refused_with_its_name(folder: Path, name: str) -> None:
    if name.endswith("/"):
        (folder / name).mkdir()
    else:
        (folder / name).write_bytes(b"x")
    assert repr(name.rstrip("/")) in refusal(folder)


def test_a_hidden_file_is_overlooked(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"x")
    assert Detector.load(folder).score(["Some words."])[0].n_words == 2
