"""Help, version, and the commands besides `score`; training and the shipped detectors are stand-ins here."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import provenance
from provenance.cli.main import cli
from provenance.errors import InputError
from provenance.models import shipped_folder

HERE = Path(__file__).parent
SHARED = ("--format", "--seed", "--quiet", "--verbose", "--no-progress", "--debug", "--version", "--help")


def commands(command=cli, path=()):
    """All commands below the group, with the words that call them."""
    context = click.Context(command)
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(context):
        yield from commands(command.get_command(context, name), (*path, name))


ALL = dict(commands())


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def driver(monkeypatch):
    """Module of the stand-in detector, which is installed for the test."""
    monkeypatch.syspath_prepend(str(HERE))
    import cli_driver

    monkeypatch.setitem(vars(provenance), "load_detector", cli_driver.load_detector)
    return cli_driver


def module(monkeypatch, name, **contents):
    """Put a stand-in module in the place of one of the package."""
    stand_in = ModuleType(name)
    vars(stand_in).update(contents)
    monkeypatch.setitem(sys.modules, name, stand_in)
    monkeypatch.setattr(sys.modules[name.rpartition(".")[0]], name.rpartition(".")[2], stand_in, raising=False)


@pytest.mark.parametrize("path", [(), ("models",), *ALL], ids=" ".join)
def test_every_help_text_has_one_example_that_calls_its_command(call, path):
    shown = {option: call(*path, option) for option in ("-h", "--help")}
    assert shown["-h"].stdout == shown["--help"].stdout and shown["-h"].exit_code == 0
    examples = shown["-h"].stdout.split("Example:\n")[1:]
    assert len(examples) == 1
    words = examples[0].split()
    assert words[: len(path) + 1] == ["provenance", *path]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_example_of_a_command_parses(path):
    command = ALL[path]
    words = shlex.split(command.epilog.split("Example:\n")[1])[len(path) + 1 :]
    context = command.make_context(path[-1], words)
    assert context.params


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_the_shared_options(call, path):
    shown = call(*path, "-h").stdout
    assert all(option in shown for option in (*SHARED, "--output"))


@pytest.mark.parametrize("path", [(), *ALL], ids=" ".join)
def test_the_version_is_the_one_of_the_package(call, path):
    assert call(*path, "--version").stdout == f"provenance {provenance.__version__}\n"


def test_an_unknown_command_is_wrong_usage(call):
    result = call("scroe")
    assert result.exit_code == 2 and "score" in result.stderr


def test_help_loads_nothing_heavy(tmp_path):
    code = (
        "import sys\nfrom provenance.cli.main import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "heavy = {'rich', 'jinja2', 'numpy', 'torch', 'sklearn', 'scipy', 'pyarrow', 'datasets', 'orjson'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.fixture
def trained(monkeypatch, driver):
    """What the trainer was given; the trainer itself is a stand-in."""
    given = {}

    def train_detector(documents, recipe, *, calibration=None, seed=0, progress=None):
        given.update(documents=list(documents), recipe=recipe, calibration=calibration, seed=seed)
        progress("counting words")
        return driver.FakeDetector(5)

    def measure_holdout(documents, recipe, *, seed=0, progress=None):
        given["measured"] = (list(documents), recipe, seed)
        raise InputError("2 held-out texts; wanted 10")

    monkeypatch.setattr("provenance.evaluate.holdout.measure_holdout", measure_holdout)
    module(monkeypatch, "provenance.detect.train", train_detector=train_detector)
    module(monkeypatch, "provenance.detect.recipe", load_recipe=lambda name: f"recipe {name}")
    return given


def corpus(path, *labels, **more):
    rows = [{"text": f"text {k}", "label": label, **more} for k, label in enumerate(labels)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_train_says_the_figures_on_held_out_groups_and_keeps_them(call, tmp_path, trained, monkeypatch):
    row = {"value": 0.91, "low": 0.88, "high": 0.94}
    summary = {"auroc": row, "tpr_at_1": None, "n_human": 40, "n_llm": 50, "n_groups": 30}
    monkeypatch.setattr("provenance.evaluate.holdout.measure_holdout", lambda *_, **__: {"summary": summary})
    result = call("train", corpus(tmp_path / "a.jsonl", "human", "llm"), "-o", "made")
    assert json.loads(result.stdout)["metrics"] == {"summary": summary}
    assert "AUROC 0.910 (0.880 to 0.940)" in result.stderr
    assert "too few texts by people" in result.stderr


def test_train_measures_on_the_documents_that_it_trains_on_unless_told_not_to(call, tmp_path, trained):
    result = call("train", corpus(tmp_path / "a.jsonl", "human", "llm"), "-o", "made", "--seed", "3")
    assert "not measured on held-out texts: 2 held-out texts; wanted 10" in result.stderr
    documents, recipe, seed = trained.pop("measured")
    assert (documents, recipe, seed) == (trained["documents"], "recipe fast", 3)
    assert call("train", tmp_path / "a.jsonl", "-o", "made", "--no-measure").exit_code == 0
    assert "measured" not in trained


def test_train_gives_labelled_documents_to_the_trainer_and_saves(call, tmp_path, trained):
    one = corpus(tmp_path / "a.jsonl", "human", "llm", "llm", model="gpt-4o")
    two = corpus(tmp_path / "b.jsonl", "human", None)
    result = call("train", one, two, "-o", "made", "--seed", "7", "--recipe", "default")
    assert result.exit_code == 0, result.stderr
    record = json.loads(result.stdout)
    assert (record["n_human"], record["n_llm"], record["n_calibration"], record["folder"]) == (2, 2, 5, "made")
    assert record["metrics"] == {"auroc": 0.9}
    assert trained["seed"] == 7 and trained["recipe"] == "recipe default" and trained["calibration"] is None
    assert {document.source for document in trained["documents"]} == {"gpt-4o", None}
    assert "1 document without a label left out" in result.stderr
    assert (tmp_path / "made" / "config.json").is_file()


def test_train_takes_label_source_and_group_from_named_fields(call, tmp_path, trained):
    rows = [{"text": "t", "who": who, "by": "m1", "pair": "p1"} for who in ("human", "llm")]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    fields = ("--label-field", "who", "--source-field", "by", "--group-field", "pair")
    assert call("train", "in.jsonl", "-o", "made", *fields).exit_code == 0
    document = trained["documents"][1]
    assert (document.label, document.source, document.group) == ("llm", "m1", "p1")


def test_every_file_is_a_corpus_unless_its_rows_say_otherwise(call, tmp_path, trained):
    (tmp_path / "many").mkdir()
    corpus(tmp_path / "many" / "a.jsonl", "human", "llm")
    corpus(tmp_path / "many" / "b.jsonl", "human", "llm", corpus="named")
    assert call("train", "many", corpus(tmp_path / "c.jsonl", "human"), "-o", "made").exit_code == 0
    found = [document.meta["corpus"] for document in trained["documents"]]
    assert found == ["a.jsonl", "a.jsonl", "named", "named", "c.jsonl"]


def test_the_steps_of_training_are_told_on_request(call, tmp_path, trained):
    source = corpus(tmp_path / "in.jsonl", "human", "llm")
    assert "counting words" in call("train", source, "-o", "made", "-v").stderr
    assert "counting words" not in call("train", source, "-o", "made").stderr


def test_train_calibrates_on_human_texts_of_another_corpus(call, tmp_path, trained):
    own = corpus(tmp_path / "own.jsonl", None, "human", "llm")
    result = call("train", corpus(tmp_path / "in.jsonl", "human", "llm"), "--calibrate-on", own, "-o", "made")
    assert result.exit_code == 0
    assert [document.label for document in trained["calibration"]] == [None, "human"]


@pytest.mark.parametrize(("labels", "told"), [((None, None), "none of 2 documents has a label"), (("llm", "llm"), "'llm'")])
def test_train_needs_both_labels(call, tmp_path, trained, labels, told):
    result = call("train", corpus(tmp_path / "in.jsonl", *labels), "-o", "made")
    assert result.exit_code == 1
    assert told in result.stderr.splitlines()[-1] and not (tmp_path / "made").exists()


@pytest.mark.parametrize("command", ["train", "calibrate"])
def test_a_folder_with_other_things_is_never_written_into(call, tmp_path, trained, command):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.tex").write_text("years of work")
    source = corpus(tmp_path / "in.jsonl", "human", "llm")
    before = ("fake",) if command == "calibrate" else ()
    for folder in ("papers", "in.jsonl"):
        result = call(command, *before, source, "-o", folder)
        assert result.exit_code == 2 and folder in result.stderr
    assert [path.name for path in (tmp_path / "papers").iterdir()] == ["thesis.tex"]


def test_train_writes_over_a_detector(call, tmp_path, trained):
    source = corpus(tmp_path / "in.jsonl", "human", "llm")
    assert [call("train", source, "-o", "made").exit_code for _ in range(2)] == [0, 0]


def test_calibrate_tells_n_and_the_smallest_p_value(call, tmp_path, driver):
    result = call("calibrate", "fake", corpus(tmp_path / "in.jsonl", *["human"] * 199), "-o", "made")
    record = json.loads(result.stdout)
    assert result.exit_code == 0 and "Warning" not in result.stderr
    assert (record["n_human"], record["smallest_p_value"]) == (199, 0.005)


@pytest.mark.parametrize(("n", "warned"), [(98, True), (99, False)])
def test_calibrate_warns_where_a_one_per_cent_cut_is_out_of_reach(call, tmp_path, driver, n, warned):
    result = call("calibrate", "fake", corpus(tmp_path / "in.jsonl", *["human"] * n), "-o", "made")
    assert result.exit_code == 0 and ("Warning" in result.stderr) is warned


def test_calibrate_leaves_out_machine_texts_and_refuses_nothing_but_them(call, tmp_path, driver):
    mixed = call("calibrate", "fake", corpus(tmp_path / "in.jsonl", "human", "llm", None), "-o", "made")
    assert json.loads(mixed.stdout)["n_human"] == 2 and "1 document labelled 'llm'" in mixed.stderr
    assert call("calibrate", "fake", corpus(tmp_path / "llm.jsonl", "llm"), "-o", "other").exit_code == 1


def test_calibrate_on_an_unknown_detector_is_one_line(call, tmp_path, driver):
    result = call("calibrate", "nope", corpus(tmp_path / "in.jsonl", "human"), "-o", "made", "-q")
    assert result.exit_code == 1 and len(result.stderr.splitlines()) == 1


def test_calibrate_tells_of_texts_that_were_too_short(call, tmp_path, driver):
    rows = [{"text": "tiny" if k < 3 else f"text {k}"} for k in range(10)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = call("calibrate", "fake", "in.jsonl", "-o", "made")
    assert json.loads(result.stdout)["n_human"] == 7 and "3 texts too short" in result.stderr


def test_models_list_gives_a_record_a_detector(call):
    records = {record["name"]: record for record in map(json.loads, call("models", "list").stdout.splitlines())}
    assert list(records) == sorted(records) and records["fast"]["needs_torch"] is False
    assert list(records["fast"]) == ["schema_version", "name", "version", "bytes", "needs_torch", "description"]


def test_models_list_as_a_table_is_for_reading(call):
    lines = call("models", "list", "--format", "table").stdout.splitlines()
    assert lines[0].split() == ["name", "version", "bytes", "needs_torch", "description"]
    assert any(line.startswith("fast ") for line in lines[1:])


def test_models_info_shows_the_card_of_a_detector_that_ships(call):
    assert json.loads(call("models", "info", "fast").stdout)["card"].lstrip("-").strip()


def test_models_info_shows_a_hostile_card_without_its_escape_codes(call, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("# mine\n\n    kept   as it is\n[x](http://x)\x1b[2J **figures**\n")
    shown = call("models", "info", "mine", "--format", "table").stdout
    assert "figures" in shown and "    kept   as it is" in shown and "\x1b" not in shown


@pytest.mark.parametrize("command", ["info", "inspect"])
def test_models_names_those_that_ship_when_there_is_no_such_detector(call, command):
    result = call("models", command, "nope")
    assert result.exit_code == 1 and len(result.stderr.splitlines()) == 1
    assert "nope" in result.stderr


def test_models_inspect_says_what_a_folder_holds(call):
    record = json.loads(call("models", "inspect", "fast").stdout)
    assert {"config", "tensors", "files", "foreign_files"} <= set(record)
    assert {"name", "dtype", "shape", "bytes"} == set(record["tensors"][0])
    assert all(len(file["sha256"]) == 64 for file in record["files"])


def test_models_inspect_takes_a_folder_and_names_foreign_files(call, tmp_path):
    shutil.copytree(shipped_folder("fast"), tmp_path / "mine")
    (tmp_path / "mine" / "extra.pkl").write_bytes(b"x")
    record = json.loads(call("models", "inspect", "mine").stdout)
    assert record["folder"] == "mine" and record["foreign_files"] == ["extra.pkl"]


def test_models_inspect_as_a_table_lists_settings_and_tensors(call):
    shown = call("models", "inspect", "fast", "--format", "table").stdout
    assert "min_words" in shown and "int8" in shown and "weights.safetensors" in shown


def test_output_of_a_command_goes_to_a_file_on_request(call, tmp_path):
    assert call("models", "list", "-o", "list.csv").stdout == ""
    assert (tmp_path / "list.csv").read_text().splitlines()[0].startswith("schema_version,name")
