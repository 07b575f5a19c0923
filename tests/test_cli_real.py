"""The commands over a real, small detector: train, calibrate, inspect, score, with one worker and with two."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from provenance import load_detector
from provenance.cli.main import cli
from provenance.scale import CHUNK
from provenance.writing import write_jsonl


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def texts(tmp_path, make_documents):
    """900 toy texts, more than three chunks, a few too short to be judged."""
    path = tmp_path / "in.jsonl"
    documents = make_documents(450, seed=11)
    write_jsonl(({"id": d.id, "text": d.text if k % 50 else d.text[:40]} for k, d in enumerate(documents)), path)
    return path


def test_the_command_gives_the_records_of_the_library(call, texts, toy_folder):
    result = call("score", texts, "--detector", toy_folder, "--fpr", "0.05", "--explain")
    rows = [json.loads(line) for line in texts.read_text().splitlines()]
    scores = load_detector(toy_folder).score([row["text"] for row in rows], fpr=0.05, explain=True)
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0 and len(found) == 900 > 3 * CHUNK
    for row, record, score in zip(rows, found, scores, strict=True):
        assert record == json.loads(json.dumps({**score.to_dict(), "id": row["id"]}))


def test_two_workers_write_the_bytes_of_one(texts, toy_folder):
    outputs = []
    for workers in ("1", "2"):
        command = [
            "score",
            texts,
            "--detector",
            toy_folder,
            "--explain",
            "--workers",
            workers,
            "-o",
            f"{workers}.jsonl",
        ]
        code = "from provenance.cli.main import main\nif __name__ == '__main__': main()\n"
        script = texts.parent / "run.py"
        script.write_text(code)
        done = subprocess.run([sys.executable, script, *command], cwd=texts.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        outputs.append((texts.parent / f"{workers}.jsonl").read_bytes())
    assert outputs[0] == outputs[1] and outputs[0].count(b"\n") == 900


def test_a_detector_is_trained_calibrated_inspected_and_used(call, tmp_path, make_documents, toy_recipe):
    rows = [{"text": d.text, "label": d.label, "model": d.source, "group": d.group} for d in make_documents(60, seed=5)]
    write_jsonl(rows, "train.jsonl")
    write_jsonl(({"text": d.text, "label": d.label} for d in make_documents(120, seed=6)), "own.jsonl")
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(toy_recipe).items()}
    (tmp_path / "toy.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))

    trained = call("train", "train.jsonl", "-o", "made", "--recipe", "toy.toml")
    assert trained.exit_code == 0, trained.stderr
    assert {key: json.loads(trained.stdout)[key] for key in ("n_human", "n_llm", "detector")} == {
        "n_human": 60, "n_llm": 60, "detector": "toy@1"
    }  # fmt: skip
    calibrated = call("calibrate", "made", "own.jsonl", "-o", "ours")
    record = json.loads(calibrated.stdout)
    assert record["n_human"] == 120 and 0.008 < record["smallest_p_value"] <= 0.01
    assert json.loads(call("models", "inspect", "ours").stdout)["foreign_files"] == []
    assert "toy" in call("models", "info", "ours", "--format", "table").stdout

    scored = call("score", "own.jsonl", "--detector", "ours", "--fpr", "0.05")
    found = [json.loads(line) for line in scored.stdout.splitlines()]
    flagged = [row["verdict"] == "flagged" for row in found]
    assert sum(flagged[1::2]) > 60 > 12 >= sum(flagged[::2])


def test_the_same_seed_trains_the_same_detector(call, tmp_path, make_documents, toy_recipe, monkeypatch):
    monkeypatch.setattr("provenance.detect.recipe.load_recipe", lambda name: toy_recipe)
    rows = [{"text": d.text, "label": d.label} for d in make_documents(40, seed=5)]
    write_jsonl(rows, "train.jsonl")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert call("train", "train.jsonl", "-o", name, "--seed", seed).exit_code == 0
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in "abc"]
    assert weights[0] == weights[1] != weights[2]


@pytest.mark.parametrize("missing", ["config.json", "weights.safetensors"])
@pytest.mark.parametrize("command", [("score", "in.jsonl", "--detector"), ("models", "inspect")])
def test_a_folder_with_a_missing_file_is_one_line(call, texts, toy_folder, tmp_path, missing, command):
    shutil.copytree(toy_folder, tmp_path / "broken")
    (tmp_path / "broken" / missing).unlink()
    result = call(*command, "broken", "-q")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1 and missing in result.stderr


def test_an_unknown_detector_is_told_with_those_that_ship_and_leaves_a_cut_run_alone(call, texts):
    Path("out.jsonl.partial").write_text("kept")
    Path("out.jsonl.partial.json").write_text("{}")
    result = call("score", texts, "--detector", "nope", "-o", "out.jsonl")
    assert result.exit_code == 1 and "fast" in result.stderr.splitlines()[-1]
    assert Path("out.jsonl.partial").read_text() == "kept"


def test_a_page_of_a_taken_up_run_shows_the_kept_records_too(call, texts, toy_folder):
    arguments = ("score", texts, "--detector", toy_folder, "-o", "out.jsonl", "--report", "page.html")
    assert call(*arguments).exit_code == 0
    whole, page = Path("out.jsonl").read_bytes(), Path("page.html").read_bytes()
    from provenance.cli.scoring import Plan
    from provenance.scale import PartialOutput

    plan = Plan((str(texts),), str(toy_folder), 0.01, False, None, 1, False, {}, "jsonl", "out.jsonl")
    partial = PartialOutput("out.jsonl", plan.settings())
    partial.start()
    partial.write(b"".join(whole.splitlines(keepends=True)[:300]), 300)
    partial.give_up()
    result = call(*arguments, "--resume")
    assert result.exit_code == 0 and "going on behind 256 records" in result.stderr
    assert Path("out.jsonl").read_bytes() == whole and Path("page.html").read_bytes() == page
