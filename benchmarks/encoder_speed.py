"""Texts a second of `default` against the same pipeline with an encoder of RoBERTa-base's size, in one process.

    python benchmarks/encoder_speed.py --data ../shared/data -o benchmarks/results/encoder-speed.json

The large encoder has 12 layers of 768 dimensions with random weights (124 million parameters with RoBERTa's vocabulary;
the vocabulary costs no time) and reads the same word pieces of the same texts through the same cascade. Texts of 200 words,
from every labelled file in turn. One thread, processor time, best of three passes, the sides taking turns. Also given: both
without the cascade, where every text is read.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from throughput import best, labelled_texts

from provenance import load_detector
from provenance.detect.detector import Detector
from provenance.detect.encoder import StyleEncoder, packaged_layers
from provenance.detect.parts import Parts


def large_encoder() -> StyleEncoder:
    """Return an encoder like the shipped one with 12 layers of 768 dimensions and random weights."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    tokenizer, _ = packaged_layers(1)
    model = BertModel(BertConfig(vocab_size=len(tokenizer)), add_pooling_layer=False).eval()
    return StyleEncoder({}, np.zeros(768, np.float32), 0.0, {"tokenizer": tokenizer, "model": model})


def variant(detector: Detector, encoder: StyleEncoder, cascade: bool) -> Detector:
    """Return the detector with another encoder, with or without its cascade."""
    join = detector.joins_["encoder"]
    join = join if cascade else replace(join, low=-np.inf, high=np.inf)
    parts = Parts(detector.linear_, {"encoder": encoder}, {"encoder": join}, detector.calibration_, detector.gate_)
    return Detector(detector.recipe)._set(parts, {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("-n", type=int, default=256, help="texts")
    parser.add_argument("-o", "--output", type=Path, help="write the JSON line here too")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    texts = [text for _, text in labelled_texts(options.data, options.n)]
    shipped = load_detector("default")
    small, large = shipped.extras_["encoder"], large_encoder()
    sides = {
        "default": variant(shipped, small, True),
        "large": variant(shipped, large, True),
        "default_no_cascade": variant(shipped, small, False),
        "large_no_cascade": variant(shipped, large, False),
    }
    seconds = best({name: lambda side=side: side.score(texts) for name, side in sides.items()})
    join = shipped.joins_["encoder"]
    linear = _linear(shipped, texts)
    found = {
        "n_texts": len(texts),
        "texts_a_second": {name: round(len(texts) / value, 1) for name, value in seconds.items()},
        "ratio": round(seconds["large"] / seconds["default"], 1),
        "ratio_no_cascade": round(seconds["large_no_cascade"] / seconds["default_no_cascade"], 1),
        "share_read_by_encoder": round(float(np.mean((linear >= join.low) & (linear <= join.high))), 3),
    }
    print(json.dumps(found))
    if options.output:
        options.output.write_text(json.dumps(found) + "\n", "utf-8")


def _linear(detector: Detector, texts: list[str]) -> np.ndarray:
    parts = Parts(detector.linear_, {}, {}, detector.calibration_, detector.gate_)
    return Detector(detector.recipe)._set(parts, {}).raw_scores(texts)[0]


if __name__ == "__main__":
    main()
