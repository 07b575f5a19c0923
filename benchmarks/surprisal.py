"""What SmolLM2-135M knows of a text: quality of its measures and hidden states with one corpus left out, and speed.

    python benchmarks/surprisal.py quality --data ../shared/data --texts 30
    python benchmarks/surprisal.py speed --data ../shared/data

`quality` reads `--texts` texts a corpus and label (one forward pass each, kept below --cache, so that a second run is
quick), fits a head on 16 of the 17 two-sided corpora without the groups of the 17th, and scores that one. `speed` gives
texts and tokens a second of processor time on one thread. One JSON line a result on standard output. `make lm` first.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import json
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from quality import say, tested

from provenance.detect.recipe import load_recipe
from provenance.detect.sampling import Window, corpus_of
from provenance.detect.surprisal import CHOSEN, fit_surprisal_head, make_surprisal
from provenance.documents import Document
from provenance.evaluate.metrics import auroc, tpr_at_fpr
from provenance.features.cache import EmbeddingCache
from provenance.features.surprisal import HiddenStates, SurprisalFeatures
from provenance.features.surprisal_measures import MEASURES
from provenance.models.corpora import TWO_SIDED, detection_documents

CHUNK = 100


def drawn(data: Path, n: int) -> list[Window]:
    """Draw `n` texts a corpus and label."""
    documents = detection_documents(data)
    recipe = load_recipe("fast")
    return [as_window(i, d) for corpus in TWO_SIDED for i, d in enumerate(tested(documents, corpus, recipe, n))]


def as_window(i: int, document: Document) -> Window:
    corpus = corpus_of(document)
    return Window(document.text, i, document.label == "llm", corpus, document.group or document.id, "other", corpus)


def read(windows: list[Window], cache: Path) -> NDArray[np.float32]:
    """Read measures and states of all texts by one pass each, a chunk at a time."""
    features = make_surprisal(cache=EmbeddingCache(cache))
    rows = []
    for first in range(0, len(windows), CHUNK):
        rows.append(features.transform([window.text for window in windows[first : first + CHUNK]]))
        say(f"{min(first + CHUNK, len(windows)):,} of {len(windows):,} texts read")
    return np.vstack(rows)


def left_out(rows: NDArray[np.float32], windows: list[Window], names: tuple[str, ...], n_states: int, c: float) -> dict:
    """Score every corpus by a head that has not seen it."""
    machine = np.array([window.machine for window in windows])
    found = {}
    for corpus in TWO_SIDED:
        test = np.array([window.corpus == corpus for window in windows])
        barred = {windows[i].group for i in np.flatnonzero(test)}
        kept = [i for i in np.flatnonzero(~test) if windows[i].group not in barred]
        head = fit_surprisal_head(rows[kept], [windows[i] for i in kept], names, n_states, c)
        scores = head.log_odds(rows[test])
        found[corpus] = auroc(scores, machine[test]), tpr_at_fpr(scores, machine[test])
    aurocs, tprs = np.array(list(found.values())).T
    by_corpus = {corpus: round(float(a), 3) for corpus, (a, _) in found.items()}
    return {"auroc": round(float(aurocs.mean()), 4), "tpr_at_1": round(float(tprs.mean()), 3), "by_corpus": by_corpus}


def quality(data: Path, n: int, cache: Path) -> None:
    windows = drawn(data, n)
    rows = read(windows, cache)
    states = rows.shape[1] - len(MEASURES)
    views = {
        "all measures": (rows[:, : len(MEASURES)], MEASURES, 0, 0.03),
        "chosen measures": (rows[:, : len(MEASURES)], CHOSEN, 0, 0.03),
        "states": (rows, (), states, 0.003),
        "chosen measures and states": (rows, CHOSEN, states, 0.003),
    }
    for name, (part, names, n_states, c) in views.items():
        print(json.dumps({"view": name, "n": len(windows), **left_out(part, windows, names, n_states, c)}), flush=True)


def speed(data: Path) -> None:
    texts = [window.text for window in drawn(data, 10) if len(window.text.split()) > 170][:8]
    for precision in ("float32", "bfloat16"):
        for tokens in (64, 128, 192):
            options = {"precision": precision, "max_tokens": tokens}
            kinds = {
                "measures": SurprisalFeatures(**options),
                "measures and states": SurprisalFeatures(**options, state_layer=18),
                "states": HiddenStates(**options),
            }
            for name, features in kinds.items():
                rate = len(texts) / seconds(features.fit([]), texts)
                result = {"read": name, **options, "texts_a_second": round(rate, 2), "tokens_a_second": round(rate * tokens)}
                print(json.dumps(result), flush=True)


def seconds(features: SurprisalFeatures | HiddenStates, texts: list[str], passes: int = 2) -> float:
    """Return the shortest processor time of reading the texts."""
    features.transform(texts[:1])
    times = []
    for _ in range(passes):
        start = time.process_time()
        features.transform(texts)
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("quality", "speed"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--texts", type=int, default=30, help="texts a corpus and label")
    parser.add_argument("--cache", type=Path, default=Path("build/surprisal"))
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    if options.what == "speed":
        speed(options.data)
    else:
        quality(options.data, options.texts, options.cache)


if __name__ == "__main__":
    main()
