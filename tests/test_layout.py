"""The house keeps its shape: who may import whom, what is packaged, how long a module and a function may be."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = CONFIG["tool"]["setuptools"]
FOLDERS = ("provenance", "cli", "corpora", "models")  # the last three install inside the first

# A part may import itself and any part on an earlier line. "" is the root: a table of lazy names, for users.
LAYERS = (
    {"errors"},
    {"rules"},
    {"documents", "text"},
    {"reading", "writing"},
    {"features"},
    {"detect"},
    {"evaluate"},
    {"audit", "corpus"},
    {"report"},
    {"teach", "corpora"},
    {"models"},
    {""},
    {"scale"},
    {"cli"},
)
RANK = {part: rank for rank, parts in enumerate(LAYERS) for part in parts}
# Lessons take the shipped detector as users do, by the root's lazy name.
TEACH_MAY_USE = {"", "errors", "documents", "text", "reading", "writing", "features", "detect", "report", "teach"}

NO_PICKLES = {"pickle", "cPickle", "cloudpickle", "dill", "shelve", "marshal"}
NO_LOADERS = {("joblib", "load"), ("joblib", "dump"), ("torch", "load"), ("torch", "save")}

MAX_MODULE_LINES = 250
MAX_FUNCTION_LINES = 40


def modules() -> Iterator[tuple[str, Path]]:
    """Give the dotted name and the file of every module that installs."""
    for folder in FOLDERS:
        prefix = () if folder == "provenance" else ("provenance",)
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = (*prefix, *path.relative_to(ROOT).with_suffix("").parts)
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


each_module = pytest.mark.parametrize("module", MODULES)


def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def part_of(dotted: str) -> str:
    """Give the part of the house that a dotted path names; a name of the root itself is no part."""
    part = dotted.split(".")[1] if "." in dotted else ""
    return part if any(module.split(".")[1:2] == [part] for module in MODULES) else ""


def imports_of(module: str) -> Iterator[tuple[int, str]]:
    """Give line and dotted target of every import, those inside functions too; relative ones are resolved."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [base])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def wrong_imports(module: str) -> list[str]:
    """List the imports of a module that run upwards or sideways."""
    own = part_of(module)
    wrong = []
    for line, target in imports_of(module):
        part = part_of(target)
        if target.split(".")[0] != "provenance" or target == "provenance.__version__" or part == own:
            continue
        if part not in TEACH_MAY_USE if own == "teach" else RANK[part] >= RANK[own]:
            wrong.append(f"line {line} imports {target}")
    return wrong


@each_module
def test_every_part_has_a_layer(module: str) -> None:
    assert part_of(module) in RANK, f"give {part_of(module)!r} its line in LAYERS"


@each_module
def test_imports_run_downwards_only(module: str) -> None:
    assert wrong_imports(module) == []


def test_packages_of_the_wheel_are_the_folders_there_are() -> None:
    folders = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    assert set(SETUPTOOLS["packages"]) == folders
    assert len(SETUPTOOLS["packages"]) == len(folders)


@each_module
def test_every_folder_with_modules_is_a_package(module: str) -> None:
    folder = MODULES[module].parent
    assert (folder / "__init__.py").is_file(), f"{folder.relative_to(ROOT)} has no __init__.py"


@each_module
def test_modules_and_functions_stay_short(module: str) -> None:
    source = MODULES[module].read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MAX_MODULE_LINES
    if part_of(module) == "teach":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert code_lines(node) <= MAX_FUNCTION_LINES, f"{node.name}, line {node.lineno}"


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


@each_module
def test_only_the_command_line_prints(module: str) -> None:
    if part_of(module) == "cli":
        return
    prints = [n.lineno for n in ast.walk(tree_of(module)) if isinstance(n, ast.Name) and n.id == "print"]
    assert prints == []


@each_module
def test_nothing_is_pickled(module: str) -> None:
    imported = {target for _, target in imports_of(module)}
    assert {target.split(".")[0] for target in imported}.isdisjoint(NO_PICKLES)
    assert {tuple(target.split(".")[:2]) for target in imported}.isdisjoint(NO_LOADERS)
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in NO_LOADERS, f"line {node.lineno}"
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant), f"line {node.value.lineno}"
            assert node.value.value is False, f"line {node.value.lineno}"


def test_public_names_load_on_first_use() -> None:
    import provenance

    assert all(getattr(provenance, name) is not None for name in provenance.__all__)
    assert set(provenance.__all__) <= set(dir(provenance))


def test_an_unknown_public_name_is_refused_with_the_known_ones() -> None:
    import provenance

    with pytest.raises(AttributeError, match="load_detector"):
        _ = provenance.no_such_name
