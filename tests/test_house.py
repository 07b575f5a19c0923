"""What the project says about itself is true: README, changelog, licence, links, paths, commands and examples."""

from __future__ import annotations

import doctest
import importlib
import re
import tomllib
from pathlib import Path

import pytest

import provenance

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = " ".join(README.splitlines()[:24])
INSTALLED = {"provenance": "", "cli": "provenance.", "corpora": "provenance.", "models": "provenance."}
FOLDERS = "provenance|cli|corpora|models|tests|docs|examples"

each_document = pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())


@pytest.mark.parametrize("said", ["evidence about style", "not proof of authorship", "not for accusing a person"])
def test_first_screen_of_the_readme_warns(said: str) -> None:
    assert said in FIRST_SCREEN.replace("> ", "")


def test_newest_version_in_the_changelog_is_that_of_the_package() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == provenance.__version__


def test_licence_is_the_one_that_the_package_declares() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text
    assert config["project"]["license"] == "Apache-2.0"


@each_document
def test_links_to_files_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert broken == []


@each_document
def test_files_that_are_named_exist(path: Path) -> None:
    named = re.findall(rf"`((?:{FOLDERS})/[\w/]+(?:\.py|\.md|/))`", path.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_modules_in_the_picture_of_the_house_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    house = text.split("```")[1]
    folder, missing = ROOT, []
    for line in house.splitlines():
        indent, names = len(line) - len(line.lstrip()), re.split(r"\s{2,}", line.strip())[0]
        if line.startswith("tests/") or not names:
            continue
        if names.endswith("/"):
            folder = ROOT / names if indent == 0 else ROOT / "provenance" / names
            missing += [] if folder.is_dir() else [names]
        elif indent == 2:
            missing += [] if (ROOT / "provenance" / names).is_file() else [names]
        else:
            missing += [name for name in names.split(", ") if not (folder / f"{name}.py").is_file()]
    assert missing == []


def test_commands_in_the_documents_exist() -> None:
    import click

    from provenance.cli.main import cli

    text = "\n".join(path.read_text("utf-8") for path in DOCS)
    said = set(re.findall(r"(?:\$ |`|bin/|\| )provenance (\w[\w-]*)", text))
    assert said >= {"score", "train", "calibrate", "models"}
    assert said <= set(cli.list_commands(click.Context(cli)))


def test_options_in_the_readme_exist() -> None:
    import click

    from provenance.cli.main import cli

    context = click.Context(cli)
    for name, rest in re.findall(r"^\$ .*?provenance (\w[\w-]*)(.*)$", README, re.MULTILINE):
        known = {option for parameter in cli.get_command(context, name).params for option in parameter.opts}
        said = set(re.findall(r"(?<=\s)(--?[a-z][\w-]*)", rest.partition(" | ")[0].partition("#")[0]))
        assert said <= known, f"provenance {name}"


def documented_modules() -> list[str]:
    """List the modules whose docstrings hold examples."""
    found = []
    for folder, prefix in INSTALLED.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            if ">>> " in path.read_text(encoding="utf-8"):
                dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found.append(prefix + dotted.removesuffix(".__init__"))
    return found


@pytest.mark.parametrize("module", documented_modules())
def test_examples_in_docstrings_are_true(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
