"""Seconds of `provenance score` by one worker and by several, on texts cut from the labelled files; as a ratio.

    python benchmarks/workers.py --data ../shared/data
    python benchmarks/workers.py --data ../shared/data -n 20000 --workers 2

The outputs must be the same bytes, else the exit code is 1. The ratio says nothing on a machine that is busy with other
things: the load average, which is printed beside it, should be well below the number of cores. One JSON line on standard
output.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from throughput import labelled_texts


def seconds(source: Path, target: Path, detector: str, workers: int) -> float:
    """Run the command and return its wall-clock time."""
    code = "from provenance.cli.main import main; main()"
    options = ["score", str(source), "--detector", detector, "--workers", str(workers), "-o", str(target), "--no-progress"]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"provenance ended with {done.returncode}: {done.stderr.strip()}")
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--detector", default="fast", help="name or folder")
    parser.add_argument("-n", type=int, default=20_000, help="texts; those there are are used again and again")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, help="write the JSON line here too")
    options = parser.parse_args()
    texts = [text for _, text in labelled_texts(options.data, min(options.n, 8000))]
    with tempfile.TemporaryDirectory() as folder:
        source, one, more = (Path(folder) / name for name in ("in.jsonl", "one.jsonl", "more.jsonl"))
        with source.open("w", encoding="utf-8") as file:
            for i in range(options.n):
                file.write(json.dumps({"id": str(i), "text": texts[i % len(texts)]}) + "\n")
        times = seconds(source, one, options.detector, 1), seconds(source, more, options.detector, options.workers)
        same = one.read_bytes() == more.read_bytes()
    found = {
        "n_texts": options.n,
        "detector": options.detector,
        "seconds_1": round(times[0], 2),
        f"seconds_{options.workers}": round(times[1], 2),
        "speed_up": round(times[0] / times[1], 2),
        "same_bytes": same,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(found))
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(found) + "\n", "utf-8")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
