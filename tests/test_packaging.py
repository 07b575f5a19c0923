"""What an install brings: declared dependencies, the files of the wheel, and commands that start without a wait."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("provenance", "cli", "corpora", "models")  # the last three install inside the first

STDLIB = sys.stdlib_module_names | {"compression"}  # new in Python 3.14

HEAVY = {
    "datasets", "jinja2", "model2vec", "pandas", "pyarrow", "scipy",
    "sentence_transformers", "sklearn", "tokenizers", "torch", "transformers",
}  # fmt: skip


def installed(path: Path) -> str:
    """Give the name that a file of the repository has in the wheel."""
    inside = path.relative_to(ROOT).as_posix()
    return inside if inside.startswith("provenance/") else f"provenance/{inside}"


def files(*, python: bool) -> list[Path]:
    """List the modules, or everything that is none."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in found if path.suffix != ".pyc" and (path.suffix == ".py") == python]


def distribution(requirement: str) -> str:
    """Give the bare name in a requirement such as ``scikit-learn>=1.6``."""
    for mark in "[<>=!~; ":
        requirement = requirement.partition(mark)[0]
    return requirement.lower().replace("_", "-")


def third_party(path: Path) -> set[str]:
    """Give the top names of what a module imports from other projects."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return {name.split(".")[0] for name in names} - STDLIB - {"provenance"}


def test_every_import_is_declared_as_a_dependency() -> None:
    declared = {distribution(line) for line in CONFIG["project"]["dependencies"]}
    owners = packages_distributions()
    used = {name: path for path in files(python=True) for name in third_party(path)}
    undeclared = {
        name: str(path.relative_to(ROOT))
        for name, path in used.items()
        if declared.isdisjoint(distribution(owner) for owner in owners.get(name, []))
    }
    assert undeclared == {}


def test_constraints_give_one_exact_version_of_each_dependency() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    extras = CONFIG["project"]["optional-dependencies"]
    wanted = {distribution(line) for line in sum(extras.values(), CONFIG["project"]["dependencies"])}
    assert wanted - set(pinned) == set()
    assert [name for name, version in pinned.items() if not version.replace(".", "").isdigit()] == []


def python(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter, away from the repository, so that only what is installed is found."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


LOADED = "sys.stderr.write('LOADED ' + ' '.join({name.split('.')[0] for name in sys.modules}))"
HELP = f"""
import runpy, sys
sys.argv = ["provenance", *sys.argv[1:]]
try:
    runpy.run_module("provenance.cli.main", run_name="__main__")
finally:
    {LOADED}
"""


def loaded(run: subprocess.CompletedProcess[str]) -> set[str]:
    """Give the top names of the modules that a run had loaded at its end."""
    assert run.returncode == 0, run.stderr
    return set(run.stderr.rpartition("LOADED ")[2].split())


def test_import_of_the_package_loads_nothing_heavy(tmp_path: Path) -> None:
    run = python(f"import sys, provenance; {LOADED}", tmp_path)
    assert loaded(run) & (HEAVY | {"numpy", "rich", "click"}) == set()


@pytest.mark.parametrize("command", [(), ("score",), ("train",), ("calibrate",), ("models",)], ids=" ".join)
def test_help_loads_nothing_heavy(command: tuple[str, ...], tmp_path: Path) -> None:
    run = python(HELP, tmp_path, *command, "--help")
    assert "Usage: provenance" in run.stdout
    assert loaded(run) & HEAVY == set()


def test_the_command_runs_outside_the_repository(tmp_path: Path) -> None:
    import provenance

    script = Path(sys.executable).with_name("provenance")
    run = subprocess.run([script, "--version"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    assert provenance.__version__ in run.stdout


BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel from a copy, without a network, and list what is in it."""
    pytest.importorskip("setuptools", minversion="77")
    work = tmp_path_factory.mktemp("wheel")
    tree = work / "tree"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    run = python(BUILD, tree, str(work))
    assert run.returncode == 0, run.stderr
    (wheel,) = work.glob("provenance_detector-*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_holds_every_module(wheel_names: set[str]) -> None:
    assert {installed(path) for path in files(python=True)} - wheel_names == set()


def test_wheel_holds_every_data_file(wheel_names: set[str]) -> None:
    assert {installed(path) for path in files(python=False)} - wheel_names == set()
    assert "provenance/py.typed" in wheel_names


def test_wheel_holds_the_licence_and_nothing_beside_the_package(wheel_names: set[str]) -> None:
    outside = {name for name in wheel_names if not name.startswith("provenance/")}
    assert {name.split("/")[0].partition("-")[2] for name in outside} == {"0.1.0.dist-info"}
    assert any(name.endswith("/LICENSE") for name in outside)
