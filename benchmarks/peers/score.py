"""Runs inside the environment of one peer: texts in, one score a text out, with the CPU seconds that it took.

    build/peers/lmscan/bin/python benchmarks/peers/score.py lmscan texts.jsonl scores.json [MODEL_FOLDER]

Only the standard library and the peer are imported. A higher score means more machine-like.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import resource
import sys
import time
import types
from collections.abc import Callable


def is_it_slop(_: str) -> Callable[[str], float]:
    from is_it_slop import is_this_slop

    return lambda text: is_this_slop(text).ai_probability


def lmscan(_: str) -> Callable[[str], float]:
    from lmscan import scan

    return lambda text: scan(text).ai_probability


def slopcheck(_: str) -> Callable[[str], float]:
    from slopcheck.scorer import DEFAULT_PHRASE_BANK_PATH, analyze
    from slopcheck.signals.phrases import load_phrase_bank

    bank = load_phrase_bank(DEFAULT_PHRASE_BANK_PATH)
    return lambda text: analyze(text, bank)["total_score"]


def k_uncanny(_: str) -> Callable[[str], float]:
    from uncanny import ensemble
    from uncanny.cli import _get_analyzers

    analysers = _get_analyzers()
    return lambda text: ensemble.combine([analyser.analyze(text) for analyser in analysers]).score


def text_part_of_detectzoo() -> type:
    """The class of Fast-DetectGPT, without the package's image and audio parts.

    Importing the package loads all of it, and a torchvision that does not fit the torch that is there stops it. So
    the packages above the class stand here empty, and its registry takes everything.
    """
    place = importlib.util.find_spec("detectzoo").submodule_search_locations[0]
    for name in ("detectzoo", "detectzoo.core", "detectzoo.detectors", "detectzoo.detectors.text"):
        empty = types.ModuleType(name)
        empty.__path__ = ["/".join([place, *name.split(".")[1:]])]
        sys.modules[name] = empty
    registry = types.ModuleType("detectzoo.core.registry")
    registry.register_detector = registry.register_dataset = lambda *_, **__: lambda kind: kind
    sys.modules["detectzoo.core.registry"] = registry
    from detectzoo.detectors.text.fast_detect_gpt import FastDetectGPTDetector

    return FastDetectGPTDetector


def fast_detectgpt(folder: str) -> Callable[[str], float]:
    import torch

    detector = text_part_of_detectzoo()(model_name=folder, reference_model_name=folder, device="cpu")
    torch.set_num_threads(1)
    return lambda text: detector.predict(text).score


PEERS = {
    "is-it-slop": is_it_slop,
    "lmscan": lmscan,
    "slopcheck-cli": slopcheck,
    "k-uncanny": k_uncanny,
    "detectzoo": fast_detectgpt,
}


MODULES = {"is-it-slop": "is_it_slop", "lmscan": "lmscan", "slopcheck-cli": "slopcheck.scorer", "k-uncanny": "uncanny.cli"}


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    if sys.argv[2] == "--probe":  # does it load?
        importlib.import_module(MODULES[sys.argv[1]]) if sys.argv[1] in MODULES else text_part_of_detectzoo()
        return
    name, source, target, *rest = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    start = time.perf_counter()
    score = PEERS[name](rest[0] if rest else "")
    score("A first text, so that what is loaded late is loaded before the clock starts. " * 5)
    loaded, began = time.perf_counter() - start, cpu()
    scores: list[float | None] = []
    failed = ""
    for text in texts:
        try:
            scores.append(float(score(text)))
        except Exception as error:  # a peer that cannot take a text is a fact about it, not the end of the run
            scores.append(None)
            failed = failed or f"{type(error).__name__}: {error}"
    result = {"scores": scores, "cpu_seconds": cpu() - began, "load_seconds": loaded, "failed": failed[:300]}
    with open(target, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
