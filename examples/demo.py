"""Score the example outputs beside texts by people, and show the table.

The example outputs were written by a language model (see README.md beside this file). The texts by people are
docstrings of Python's standard library, read at run time from the Python that runs this file, so that both sides are
there on any machine and none is copied. Docstrings are manuals: an unusual kind of prose, and a fair test of what a
detector does with texts that it was not made for.

    python examples/demo.py                       # the default detector
    python examples/demo.py --detector fast       # options are handed on to `provenance score`
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

OUTPUTS = Path(__file__).with_name("outputs.jsonl")
N_DOCSTRINGS = 20
MIN_WORDS = 60
MAX_WORDS = 350
MAX_CODE_SHARE = 0.05

_CODE_MARK = re.compile(r"[_=<>{}\[\]()`|*\\/@#+]|--|\.\.|\w\.\w")
_NOT_PROSE = re.compile(r"^(\s+\S|[-*+]\s|\d+[.)]\s|>>>|\S+\s*(--|:)\s|.*:\s*\Z)", re.MULTILINE)
_PUBLIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Docstring(NamedTuple):
    """The prose of a docstring, its length, and where it stands."""

    n_words: int
    name: str
    text: str


def code_share(text: str) -> float:
    """Give marks of code per word; 0 is plain prose."""
    return len(_CODE_MARK.findall(text)) / max(len(text.split()), 1)


def prose(docstring: str) -> str:
    """Keep the paragraphs that read as prose: no examples, lists, tables or lines of code."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(docstring))
    kept = (p for p in paragraphs if not _NOT_PROSE.search(p) and code_share(p) <= 3 * MAX_CODE_SHARE)
    return "\n\n".join(kept).strip()


def docstrings(path: Path) -> Iterator[Docstring]:
    """Read the prose of a module, its classes and its functions without importing it."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, *_PUBLIC)):
            continue
        text = prose(ast.get_docstring(node, clean=False) or "")
        n_words = len(text.split())
        if MIN_WORDS <= n_words <= MAX_WORDS and code_share(text) <= MAX_CODE_SHARE:
            name = path.stem if isinstance(node, ast.Module) else f"{path.stem}.{node.name}"
            yield Docstring(n_words, name, text)


def stdlib_prose(folder: Path | None = None, n: int = N_DOCSTRINGS) -> list[Docstring]:
    """Gather the `n` longest docstrings that read as prose, at most one a module, ordered by name."""
    folder = folder or Path(sysconfig.get_path("stdlib"))
    longest = [max(found) for path in sorted(folder.glob("*.py")) if (found := list(docstrings(path)))]
    return sorted(sorted(longest, reverse=True)[:n], key=lambda found: found.name)


def demo_rows() -> list[dict[str, str]]:
    """Give the rows to score: what wrote each one is the first part of its id."""
    outputs = [json.loads(line) for line in OUTPUTS.read_text(encoding="utf-8").splitlines()]
    rows = [{"id": f"example/{row['id']}", "text": row["response"], "source": row["model"]} for row in outputs]
    rows += [{"id": f"stdlib/{found.name}", "text": found.text, "source": "human"} for found in stdlib_prose()]
    return rows


def main(options: list[str]) -> int:
    """Score the rows with the command line, handing `options` on to it; give its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "demo.jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for row in demo_rows()), encoding="utf-8")
        command = [sys.executable, "-m", "provenance.cli.main", "score", str(path), "--format", "table", *options]
        print("provenance score demo.jsonl", *options, flush=True)
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
