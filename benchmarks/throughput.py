"""Texts a second of `fast` against a fastText classifier trained on the same texts, in one process, on one thread.

    python benchmarks/throughput.py --data ../shared/data
    python benchmarks/throughput.py --data ../shared/data --profile

Texts of 200 words, from every labelled file in turn. Both sides get them as Python strings and give labels with
probabilities; `fast` gives whole records (p-value, verdict, families). Best of three passes, the sides taking turns, in
seconds of processor time of this process, so that other work on the machine counts little. One JSON line on standard
output; --profile adds where the time goes.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from provenance import load_detector
from provenance.detect.abstain import language_reasons
from provenance.detect.detector import Detector
from provenance.detect.linear import BATCH
from provenance.features.cleaning import normalised_bytes
from provenance.features.tokens import token_batch

WORDS = 200
PASSES = 3


def labelled_texts(data: Path, n: int) -> list[tuple[str, str]]:
    """Return `n` pairs of label and text of 200 words, an equal share of every file as far as it goes."""
    from pyarrow import parquet

    pools = []
    for path in sorted((data / "detection").glob("*.parquet")):
        rows = parquet.read_table(path, columns=["label", "text", "lang"]).slice(0, 2000).to_pylist()
        cut = [(row["label"], row["text"].split()[:WORDS]) for row in rows if row["lang"] == "en"]
        pools.append([(label, " ".join(words)) for label, words in cut if len(words) == WORDS])
    found: list[tuple[str, str]] = []
    for i in range(max(map(len, pools), default=0)):
        found += [pool[i] for pool in pools if i < len(pool)]
        if len(found) >= n:
            break
    if not found:
        sys.exit(f"{data}: no texts of {WORDS} words; wanted the folder that holds detection/*.parquet")
    return found[:n]


def best(runs: dict[str, Callable[[], object]], passes: int = PASSES) -> dict[str, float]:
    """Return the shortest processor time of each run, in seconds; the runs take turns."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(passes):
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: min(spent) for name, spent in times.items()}


def fasttext_predictor(pairs: list[tuple[str, str]], word_ngrams: int) -> Callable[[], object]:
    """Train fastText on the texts, all else as it comes, and return a run over them."""
    try:
        import fasttext
    except ImportError:
        sys.exit("fastText is missing: pip install fasttext-numpy2-wheel (or run with --no-fasttext)")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"__label__{label} {text}\n" for label, text in pairs)
        file.flush()
        model = fasttext.train_supervised(file.name, wordNgrams=word_ngrams, thread=1, verbose=0)
    texts = [text for _, text in pairs]
    model.predict(texts[:100])
    return lambda: model.predict(texts)


def profile(detector: Detector, texts: list[str]) -> dict[str, float]:
    """Return the milliseconds per 1,000 texts of each step; `records` is what is left of the whole."""
    linear = detector.linear_
    spent = dict.fromkeys(("normalise", "tokenise", "n-grams", "style", "score", "families", "language"), 0.0)

    def timed(step: str, run: Callable) -> object:
        start = time.process_time()
        value = run()
        spent[step] += time.process_time() - start
        return value

    for first in range(0, len(texts), BATCH):
        part = texts[first : first + BATCH]
        clean = timed("normalise", lambda part=part: normalised_bytes(part))
        batch = timed("tokenise", lambda clean=clean: token_batch(clean))
        rows = timed("n-grams", lambda batch=batch: linear.rows(batch))
        style = timed("style", lambda batch=batch: linear.style(batch))
        timed("score", lambda rows=rows, style=style: linear.log_odds(rows, style))
        timed("families", lambda rows=rows: linear.family_logits(rows))
        timed("language", lambda batch=batch: language_reasons(batch, detector.plan.min_words))
    spent["records"] = max(best({"all": lambda: detector.score(texts)})["all"] - sum(spent.values()), 0.0)
    return {step: round(seconds * 1e6 / len(texts), 1) for step, seconds in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--detector", default="fast", help="name or folder")
    parser.add_argument("-n", type=int, default=4000, help="texts")
    parser.add_argument("--no-fasttext", action="store_true")
    parser.add_argument("--profile", action="store_true", help="add milliseconds per 1,000 texts of each step")
    parser.add_argument("-o", "--output", type=Path, help="write the JSON line here too")
    options = parser.parse_args()
    pairs = labelled_texts(options.data, options.n)
    texts = [text for _, text in pairs]
    detector = load_detector(options.detector)
    detector.score(texts[:100])
    runs: dict[str, Callable[[], object]] = {"ours": lambda: detector.score(texts)}
    for word_ngrams in () if options.no_fasttext else (3, 1):
        runs[f"{word_ngrams}grams"] = fasttext_predictor(pairs, word_ngrams)
    seconds = best(runs)
    found: dict[str, object] = {"n_texts": len(texts), "words": WORDS, "detector": detector.name}
    found["texts_per_s"] = round(len(texts) / seconds.pop("ours"))
    for name, spent in seconds.items():
        found[f"fasttext_{name}_texts_per_s"] = round(len(texts) / spent)
        found[f"ratio_to_{name}"] = round(int(str(found["texts_per_s"])) * spent / len(texts), 3)
    if options.profile:
        found["ms_per_1000_texts"] = profile(detector, texts)
    print(json.dumps(found))
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(found) + "\n", "utf-8")


if __name__ == "__main__":
    main()
