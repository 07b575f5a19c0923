"""Cost and correctness of `trace` at size, and beside other tools.

    python benchmarks/trace.py scale --data ../shared/data -o benchmarks/results/trace-scale.json
    python benchmarks/trace.py peers --data ../shared/data --peers-python PYTHON -o benchmarks/results/trace-peers.json
    python benchmarks/trace.py plot benchmarks/results/trace-scale.json -o docs/trace-cost.svg

`scale`: the command `provenance trace`, in a process of its own, on a million rows of other text in which copies are
planted, in 16 files, against an index of 100,000 answers. Seconds, processor seconds and memory are those of the process,
noted at its start, at each file and at its end. Every match is checked again from strings.

`peers`: the same rows by datasketch, rensa and datatrove, which PYTHON must have (pip install datasketch rensa datatrove
spacy 'xxhash<4' tokenizers); the sides run one after another in one call, each in a process of its own. `plot`: the cost
as a chart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import trace_rows as made
from memory import most_memory

PARTS = 16
EACH = 500
THRESHOLD = 0.8
SLACK = 0.02  # the reference cuts words by a rule of its own


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def timed(command: list[str], mark: str = "") -> tuple[dict[str, float], list[tuple[float, float]]]:
    """Run a command; return its seconds, processor seconds and greatest memory in MB, and the first two at marked lines.

    A line on its standard error that holds `mark` is one of these. Memory is looked at with every line that is said.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE, text=True)
    marks, said, memory = [], "", 0
    for line in process.stderr or ():
        said = line
        memory = max(memory, most_memory(process.pid) >> 20)
        if mark and mark in line:
            marks.append((time.perf_counter() - start, processor_seconds(process.pid)))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command[:4])} ended with {process.returncode}: {said}")
    whole = {
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "memory_mb": memory,
    }
    return whole, marks


def processor_seconds(process: int) -> float:
    """Return what a running process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write_lines(rows: Any, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({key: row[key] for key in row if key not in ("of", "original")}) + "\n" for row in rows)


def provenance(*words: object) -> list[str]:
    return [sys.executable, "-m", "provenance.cli.main", *map(str, words), "--no-progress"]


def share(hits: int, n: int) -> dict[str, Any]:
    from provenance.evaluate.metrics import wilson

    estimate = wilson(hits, n)
    return {"value": hits / n if n else None, "low": estimate.low, "high": estimate.high, "n": n}


def judged(matches: Path, planted: list[dict[str, str]]) -> dict[str, Any]:
    """Recall of the planted copies, and every match against the reference made of strings."""
    of = {row["id"]: row for row in planted}
    own: dict[str, set[str]] = defaultdict(set)
    counts = {"records": 0, "of_planted_rows": 0, "of_other_rows": 0, "confirmed": 0}
    missed_by_reference = []
    with matches.open(encoding="utf-8") as file:
        for record in map(json.loads, file):
            counts["records"] += 1
            counts["of_planted_rows" if record["id"] in of else "of_other_rows"] += 1
            again = made.compared(record["text"], record["source_text"])
            confirmed = max(again.values()) >= THRESHOLD - SLACK
            counts["confirmed"] += confirmed
            if not confirmed:
                missed_by_reference.append([record["id"], record["source_id"], again])
            row = of.get(record["id"])
            if row and (record["source_id"] == row["of"] or record["source_text"] == row["original"]):
                own[record["id"]].add(record["match"])
            elif row and made.compared(row["original"], record["source_text"])["jaccard"] >= 0.99:
                own[record["id"]].add(record["match"])  # the data set holds that text more than once
    by_kind = {}
    for kind in made.KINDS:
        names = [row["id"] for row in planted if f"/{kind}/" in row["id"]]
        by_kind[kind] = share(sum(name in own for name in names), len(names))
    alike = [row for row in planted if made.compared(row["text"], row["original"])["jaccard"] >= THRESHOLD]
    return {
        "recall_by_kind": by_kind,
        "recall_at_jaccard_0.8": share(sum(row["id"] in own for row in alike), len(alike)),
        "precision": share(counts["confirmed"], counts["records"]),
        "matches": counts,
        "not_confirmed": missed_by_reference[:10],
    }


def scale(options: argparse.Namespace) -> dict[str, Any]:
    """Trace the rows, and note the cost file by file."""
    with tempfile.TemporaryDirectory(dir=options.work) as name:
        folder = Path(name)
        texts = made.indexed_texts(options.data, options.index)
        write_lines(texts, folder / "index.jsonl")
        planted = made.planted_rows(texts, EACH, seed=1)
        del texts
        parts = write_parts(folder, options.data, options.rows // PARTS, planted)
        say("rows are written")
        index, matches = folder / "index", folder / "matches.jsonl"
        build, _ = timed(provenance("index", "build", folder / "index.jsonl", "--name", "answers", "-o", index))
        say(f"the index is built: {build}")
        whole, marks = timed(provenance("trace", *parts, "--against", index, "-o", matches), mark=": read as")
        say(f"the rows are traced: {whole}")
        marks.append((whole["seconds"], whole["processor_seconds"]))
        size = options.rows // PARTS
        return {
            "index_rows": options.index,
            "rows": size * PARTS,
            "planted": len(planted),
            "bytes_of_rows": sum(part.stat().st_size for part in parts),
            "index_bytes": sum(item.stat().st_size for item in index.iterdir()),
            "building": build,
            "tracing": whole,
            "runs": [
                {"rows": size * number, "seconds": round(seconds, 1), "processor_seconds": round(spent, 1)}
                for number, (seconds, spent) in enumerate(marks)
            ],
            **judged(matches, planted),
        }


def write_parts(folder: Path, data: Path, size: int, planted: list[dict[str, str]]) -> list[Path]:
    """Write files of `size` rows, a share of the planted ones in each."""
    pool = made.sentences(data)
    parts = []
    for number in range(PARTS):
        own = planted[number::PARTS]
        parts.append(folder / f"rows-{number}.jsonl")
        write_lines((*own, *made.other_rows(pool, size - len(own), seed=number + 1)), parts[-1])
    return parts


def peers(options: argparse.Namespace) -> dict[str, Any]:
    """Trace the same rows by every tool, one after another."""
    with tempfile.TemporaryDirectory(dir=options.work) as name:
        folder = Path(name)
        texts = made.indexed_texts(options.data, options.index)
        planted = made.planted_rows(texts, 200, seed=2)
        write_lines(texts, folder / "index.jsonl")
        rows = [*planted, *made.other_rows(made.sentences(options.data), options.rows - len(planted), seed=99)]
        write_lines(rows, folder / "rows.jsonl")
        found: dict[str, Any] = {"index_rows": options.index, "rows": options.rows, "each": 200, "tools": {}}
        matches = folder / "matches.jsonl"
        build, _ = timed(provenance("index", "build", folder / "index.jsonl", "--name", "answers", "-o", folder / "index"))
        run, _ = timed(provenance("trace", folder / "rows.jsonl", "--against", folder / "index", "-o", matches))
        with matches.open(encoding="utf-8") as file:
            ours = {record["id"] for record in map(json.loads, file)}
        found["tools"]["provenance"] = {"building": build, "tracing": run, **rows_found(ours, planted)}
        for peer in ("datasketch", "rensa", "datatrove"):
            out = folder / f"{peer}.json"
            script = Path(__file__).with_name("trace_peers.py")
            words = [options.peers_python, str(script), peer, str(folder / "index.jsonl"), str(folder / "rows.jsonl"), str(out)]
            whole, _ = timed(words)
            del whole["memory_mb"]  # seen at lines on standard error alone, and peers say none in the end
            told = json.loads(out.read_text("utf-8"))
            found["tools"][peer] = {
                "version": told["version"], "building_s": round(told["building_s"], 1),
                "tracing_s": round(told["tracing_s"], 1), "whole": whole, **rows_found(set(told["found"]), planted),
            }  # fmt: skip
            say(f"{peer}: {whole}")
        return found


def rows_found(names: set[str], planted: list[dict[str, str]]) -> dict[str, Any]:
    """Share of the planted rows of each kind that a tool names, and how many other rows it names."""
    by_kind = {}
    for kind in made.KINDS:
        wanted = {row["id"] for row in planted if f"/{kind}/" in row["id"]}
        by_kind[kind] = share(len(wanted & names), len(wanted))
    return {"found_by_kind": by_kind, "other_rows_found": sum(name.startswith("other/") for name in names)}


def plot(options: argparse.Namespace) -> str:
    """Draw processor seconds by rows; seconds depend on what else the machine does."""
    from provenance.report.charts import Series, line_chart

    runs = json.loads(options.results.read_text("utf-8"))["runs"]
    last = runs[-1]
    return line_chart(
        [Series("processor seconds", [run["rows"] for run in runs], [run["processor_seconds"] for run in runs])],
        title="Cost of tracing rows to an index of 100,000 answers",
        description="Processor seconds of `provenance trace` by rows, all but a straight line: "
        f"{last['rows']:,} rows take {last['processor_seconds']:g}.",
        x_label="rows",
        y_label="processor seconds",
        y_range=(0, 1.1 * last["processor_seconds"]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("scale", "peers", "plot"))
    parser.add_argument("results", nargs="?", type=Path, help="for plot: what scale wrote")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--rows", type=int, help="rows to trace; 1,000,000 for scale, 6,000 for peers")
    parser.add_argument("--index", type=int, help="rows to index; 100,000 for scale, 3,000 for peers")
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter that has the peers")
    parser.add_argument("--work", type=Path, help="folder for the rows, about 3 GB for scale")
    parser.add_argument("-o", "--output", type=Path, help="write the result here")
    options = parser.parse_args()
    options.rows = options.rows or (1_000_000 if options.what == "scale" else 6_000)
    options.index = options.index or (100_000 if options.what == "scale" else 3_000)
    if options.what == "plot":
        text = plot(options)
    else:
        text = json.dumps({"scale": scale, "peers": peers}[options.what](options), indent=1)
    print(text)
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
