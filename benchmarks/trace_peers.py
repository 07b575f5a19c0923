"""One peer of `trace` on rows in JSON lines, in an interpreter that has it: datasketch, rensa or datatrove.

    python benchmarks/trace_peers.py datasketch index.jsonl rows.jsonl found.json

Called by benchmarks/trace.py. All use word shingles of 3 and 128 hashes (datatrove: its own 14 x 8, on word 5-grams, its
default). Writes one JSON object: for each row found its sources (datatrove: none, it names only the row), and seconds.
"""

from __future__ import annotations

import json
import re
import struct
import sys
import tempfile
import time
from pathlib import Path

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
HASHES = 128
THRESHOLD = 0.8


def rows_of(path: str) -> list[tuple[str, str]]:
    with open(path, encoding="utf-8") as file:
        return [(row["id"], row["text"]) for row in map(json.loads, file)]


def tokens(text: str) -> list[str]:
    words = WORD.findall(text.replace("’", "'").casefold())
    return sorted({" ".join(words[k : k + 3]) for k in range(len(words) - 2)})


def datasketch_run(index: list[tuple[str, str]], rows: list[tuple[str, str]]) -> tuple[dict[str, list[str]], float, float]:
    from datasketch import MinHash, MinHashLSH

    start = time.perf_counter()
    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=HASHES)
    for position, (_, text) in enumerate(index):
        one = MinHash(num_perm=HASHES)
        one.update_batch([token.encode() for token in tokens(text)])
        lsh.insert(position, one)
    built = time.perf_counter()
    found = {}
    for name, text in rows:
        one = MinHash(num_perm=HASHES)
        one.update_batch([token.encode() for token in tokens(text)])
        hits = lsh.query(one)
        if hits:
            found[name] = [index[hit][0] for hit in hits]
    return found, built - start, time.perf_counter() - built


def rensa_run(index: list[tuple[str, str]], rows: list[tuple[str, str]]) -> tuple[dict[str, list[str]], float, float]:
    from rensa import RMinHash, RMinHashLSH

    start = time.perf_counter()
    lsh = RMinHashLSH(threshold=THRESHOLD, num_perm=HASHES, num_bands=16)
    for position, (_, text) in enumerate(index):
        one = RMinHash(num_perm=HASHES, seed=1)
        one.update(tokens(text))
        lsh.insert(position, one)
    built = time.perf_counter()
    found = {}
    for name, text in rows:
        one = RMinHash(num_perm=HASHES, seed=1)
        one.update(tokens(text))
        hits = lsh.query(one)
        if hits:
            found[name] = [index[hit][0] for hit in hits]
    return found, built - start, time.perf_counter() - built


def datatrove_run(index: list[tuple[str, str]], rows: list[tuple[str, str]]) -> tuple[dict[str, list[str]], float, float]:
    from datatrove.data import Document
    from datatrove.pipeline.dedup.minhash import (
        MinhashBuildIndex,
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupSignature,
    )

    config = MinhashConfig()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def sign(texts: list[tuple[str, str]], place: str) -> None:
            documents = (Document(text=text, id=ident) for ident, text in texts)
            MinhashDedupSignature(str(folder / place), config).run(documents, 0, 1)

        start = time.perf_counter()
        sign(index, "index_signatures")
        for bucket in range(config.num_buckets):
            step = MinhashBuildIndex(str(folder / "index_signatures"), str(folder / "index"), "known", config)
            step.run(None, bucket, config.num_buckets)
        built = time.perf_counter()
        sign(rows, "signatures")
        for bucket in range(config.num_buckets):
            places = (str(folder / "signatures"), str(folder / "buckets"), str(folder / "index"))
            # With True, of rows that share a signature it compares the first alone with the index.
            step = MinhashDedupBuckets(*places, config=config, only_dedup_in_index=False)
            step.run(None, bucket, config.num_buckets)
        MinhashDedupCluster(str(folder / "buckets"), str(folder / "removed"), config).run(None, 0, 1)
        data = b"".join(path.read_bytes() for path in sorted((folder / "removed").glob("*.remove")))
        places = [number for (number,) in struct.iter_unpack("<I", data)]
        return {rows[place][0]: [] for place in places}, built - start, time.perf_counter() - built


RUNS = {"datasketch": datasketch_run, "rensa": rensa_run, "datatrove": datatrove_run}

if __name__ == "__main__":
    from importlib.metadata import version

    peer, index_path, rows_path, out = sys.argv[1:]
    found, building, tracing = RUNS[peer](rows_of(index_path), rows_of(rows_path))
    told = {"version": version(peer), "building_s": building, "tracing_s": tracing, "found": found}
    Path(out).write_text(json.dumps(told), "utf-8")
