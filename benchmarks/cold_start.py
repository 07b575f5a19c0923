"""Seconds from process start to exit of `provenance score` on one text, and the heavy modules that it imported.

    python benchmarks/cold_start.py
    python benchmarks/cold_start.py --detector fast --limit 1.5

One run that is not counted, then seven; the median counts. With --limit, the exit code is 1 when the median is above it
or a heavy module was imported. One JSON line on standard output.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAVY = (
    "torch", "sklearn", "scipy", "sentence_transformers", "transformers", "datasets", "pyarrow", "pandas",
    "jinja2", "rich",
)  # fmt: skip
BARRED = frozenset(HEAVY) - {"rich", "jinja2"}
TEXT = "We walked down to the harbour after lunch and looked at the boats, as one does when there is little to do. " * 4

RUN = "from provenance.cli.main import main; main()"
LIST = f"""
import atexit, sys
atexit.register(lambda: print("modules:", *[n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr))
{RUN}
"""


def command(code: str | None, arguments: list[str]) -> list[str]:
    """Return the installed command, or a Python that behaves as it does and runs `code`."""
    script = Path(sys.executable).with_name("provenance")
    if code is None and script.is_file():
        return [str(script), *arguments]
    return [sys.executable, "-c", code or RUN, *arguments]


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command(None, arguments), capture_output=True, text=True, check=False)
    spent = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"provenance ended with {done.returncode}: {done.stderr.strip()}")
    return spent


def heavy_modules(arguments: list[str]) -> list[str]:
    done = subprocess.run(command(LIST, arguments), capture_output=True, text=True, check=True)
    line = next(line for line in done.stderr.splitlines() if line.startswith("modules:"))
    return line.split()[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", default="fast", help="name or folder")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--limit", type=float, help="seconds that the median may take")
    parser.add_argument("-o", "--output", type=Path, help="write the JSON line here too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.jsonl"
        path.write_text(json.dumps({"id": "one", "text": TEXT}) + "\n", "utf-8")
        arguments = ["score", "--detector", options.detector, str(path), "-o", str(Path(folder) / "scores.jsonl")]
        heavy = heavy_modules(arguments)
        times = [seconds(arguments) for _ in range(options.runs + 1)][1:]
    median = statistics.median(times)
    found = {
        "detector": options.detector,
        "runs": len(times),
        "median_s": round(median, 3),
        "fastest_s": round(min(times), 3),
        "slowest_s": round(max(times), 3),
        "heavy_modules": heavy,
    }
    print(json.dumps(found))
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(found) + "\n", "utf-8")
    if options.limit is not None and (median > options.limit or BARRED & set(heavy)):
        sys.exit(1)


if __name__ == "__main__":
    main()
