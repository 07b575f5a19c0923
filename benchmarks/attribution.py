"""Which maker's model wrote it: five-way accuracy, makers left out of training, and how `chatgpt_probability` is calibrated.

    python benchmarks/attribution.py --data ../shared/data -o benchmarks/results/attribution.json --docs docs/attribution.md

*Five-way* (OpenAI, Anthropic, Google, Meta, all others): the makers' part of `fast` is fitted on the AlpacaEval answers to
half of the prompts and names the maker of the answers to the other half: as they are, with markdown removed, with their
words shuffled, cut to 50 words. *Left out*: fitted without one maker, whose answers should then be called 'unknown'.
*Elsewhere*: the shipped detector on answers of four other collections, none of which taught it makers. *Calibration*:
`chatgpt_probability` of the same answers and of dated texts by people against who wrote them. Intervals are 95 % bootstraps
over prompts.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pyarrow.parquet as pq
from numpy.typing import NDArray
from quality import say

from provenance.detect.fitting import TrainingMatrix
from provenance.detect.linear import LinearModel, batches
from provenance.detect.recipe import FAMILIES, load_recipe
from provenance.detect.records import likeliest, softmax
from provenance.detect.sampling import Window, corpus_of, sample_windows
from provenance.documents import Document
from provenance.evaluate import metrics
from provenance.evaluate.transforms import transform
from provenance.models import load_detector
from provenance.models.corpora import answer_documents, detection_documents, people_documents

FIVE = ("openai", "anthropic", "google", "meta")
OTHERS = "others"
ELSEWHERE = ("oasst_model_eval", "arena_bench_v1", "mt_bench", "llmonitor")
CHANGES: dict[str, Callable[[str, int], str]] = {
    "as they are": lambda text, seed: text,
    "markdown removed": lambda text, seed: transform(text, "no-markdown", seed),
    "words shuffled": lambda text, seed: " ".join(np.random.default_rng(seed).permutation(text.split())),
    "cut to 50 words": lambda text, seed: transform(text, "words-50", seed),
}
PER_MAKER = 3_000
BINS = 5


def five(family: str | None) -> str:
    return family if family in FIVE else OTHERS


def split(data: Path) -> tuple[list[Document], list[Document]]:
    """Deal the AlpacaEval prompts into two halves; answers of 20 words and more."""
    answers = [d for d in answer_documents(data) if corpus_of(d) == "alpaca_eval" and len(d.text.split()) >= 20]
    prompts = sorted({d.group for d in answers})
    taught = {prompts[i] for i in np.random.default_rng(0).permutation(len(prompts))[: len(prompts) // 2]}
    return [d for d in answers if d.group in taught], [d for d in answers if d.group not in taught]


def balanced(documents: Sequence[Document], per_family: int, seed: int = 0) -> list[Document]:
    """Draw as many answers of every maker, all its models alike."""
    rng = np.random.default_rng(seed)
    found = []
    for family in (*FAMILIES, None):
        mine = [d for d in documents if (d.family if d.family in FAMILIES else None) == family]
        found += [mine[i] for i in rng.permutation(len(mine))[:per_family]]
    return found


def windows_for(data: Path, taught: list[Document]) -> tuple[list[Window], TrainingMatrix]:
    """Cut windows of the taught answers and, since the detector wants both labels, of some texts by people."""
    recipe = replace(load_recipe("fast"), per_corpus=30_000, min_corpora=1, longest=400)
    people = [d for d in detection_documents(data) if d.label == "human" and corpus_of(d) == "self_instruct_eval"]
    windows = sample_windows([*balanced(taught, PER_MAKER), *people], recipe, np.random.default_rng(0))
    return windows, TrainingMatrix(windows, recipe)


def makers(model: LinearModel, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the probability of each maker, the last one every other, shape (n_texts, len(FAMILIES) + 1)."""
    return softmax(np.vstack([model.family_logits(model.rows(batch)) for batch in batches(texts)]))


def five_way(model: LinearModel, test: list[Document]) -> list[dict]:
    rows = []
    names = np.array([*FIVE, OTHERS])
    columns = [FAMILIES.index(name) for name in FIVE]
    truth = np.array([five(d.family) for d in test])
    for change, apply in CHANGES.items():
        shares = makers(model, [apply(d.text, i) for i, d in enumerate(test)])
        rest = (1 - shares[:, columns].sum(axis=1)) / (shares.shape[1] - len(FIVE))  # five makers, equally likely beforehand
        grouped = np.column_stack([shares[:, columns], rest])
        right = names[grouped.argmax(axis=1)] == truth
        recalls = {str(name): float(right[truth == name].mean()) for name in names}
        mean = float(np.mean(list(recalls.values())))
        low, high = _over_prompts([d.group for d in test], truth, right)
        rows.append({"answers": change, "n": len(test), "balanced_accuracy": mean, "low": low, "high": high, **recalls})
        say(orjson.dumps(rows[-1]).decode())
    return rows


def _over_prompts(groups: Sequence[str | None], truth: NDArray[np.str_], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Bootstrap the balanced accuracy over prompts."""
    rng = np.random.default_rng(0)
    _, prompt = np.unique(np.array([str(g) for g in groups]), return_inverse=True)
    draws = []
    for _ in range(500):
        weight = np.bincount(rng.integers(0, prompt.max() + 1, prompt.max() + 1), minlength=prompt.max() + 1)[prompt]
        draws.append(np.mean([np.average(right[truth == c], weights=weight[truth == c]) for c in np.unique(truth)]))
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def verdicts(shares: NDArray[np.float64]) -> NDArray[np.str_]:
    """Name the maker of each text that is known to be a model's."""
    return np.array([likeliest(1.0, row) for row in shares])


def left_out(windows: list[Window], matrix: TrainingMatrix, test: list[Document]) -> list[dict]:
    rows = []
    for family in FAMILIES:
        held = [d for d in test if d.family == family]
        if len(held) < 50:
            continue
        keep = np.flatnonzero([not w.machine or w.family != family for w in windows])
        model = matrix.fit(keep)
        said = verdicts(makers(model, [d.text for d in held]))
        known = [d for d in test if d.family in FAMILIES and d.family != family]
        named = verdicts(makers(model, [d.text for d in known]))
        truth = np.array([d.family for d in known])
        rows.append({
            "left_out": family, "n": len(held), "called_unknown": float((said == "unknown").mean()),
            "taken_for": {str(n): float((said == n).mean()) for n in np.unique(said) if n != "unknown"},
            "others_right": float((named == truth).mean()), "others_unknown": float((named == "unknown").mean()),
        })  # fmt: skip
        say(orjson.dumps(rows[-1]).decode())
    return rows


def answers_elsewhere(data: Path) -> list[Document]:
    found = []
    for name in ELSEWHERE:
        for row in pq.read_table(data / "models" / f"{name}.parquet").to_pylist():
            if row["text"] and len(row["text"].split()) >= 50:
                values = {"id": str(row["id"]), "text": row["text"], "source": row["model"], "family": row["family"]}
                found.append(Document(**values, label="llm", meta={"corpus": name}))
    return balanced(found, 1_500)


def elsewhere(data: Path, detector_name: str) -> tuple[list[dict], dict]:
    """Figures of the shipped detector on collections that did not teach it makers."""
    detector = load_detector(detector_name)
    documents = answers_elsewhere(data)
    scores = detector.score(documents)
    rows = []
    for family in (*FAMILIES, OTHERS):
        mine = [s for d, s in zip(documents, scores, strict=True) if (d.family if d.family in FAMILIES else OTHERS) == family]
        said = [s.family for s in mine]
        if len(mine) >= 20:
            right = "unknown" if family == OTHERS else family
            rows.append({
                "maker": family, "n": len(mine), "right": said.count(right) / len(mine),
                "unknown": said.count("unknown") / len(mine), "human": said.count("human") / len(mine),
                "mean_chatgpt_probability": float(np.mean([s.chatgpt_probability for s in mine])),
            })  # fmt: skip
    people = [d for d in people_documents(data) if d.meta["n_words"] >= 50]
    people = [people[i] for i in np.random.default_rng(0).permutation(len(people))[: len(documents)]]
    said = detector.score(people)
    p = np.array([s.chatgpt_probability for s in (*scores, *said)])
    truth = np.array([d.family == "openai" for d in documents] + [False] * len(people))
    return rows, reliability(p, truth)


def reliability(p: NDArray[np.float64], truth: NDArray[np.bool_]) -> dict:
    place = np.unique(np.minimum((p * BINS).astype(int), BINS - 1)).tolist()
    cells = [
        {"from": k / BINS, "to": (k + 1) / BINS, "n": cell.n, "mean_probability": cell.probability, "share_openai": cell.share}
        for k, cell in zip(place, metrics.reliability(p, truth, n_bins=BINS), strict=True)
    ]
    error, squared = metrics.ece(p, truth, n_bins=BINS), metrics.brier(p, truth)
    return {"n": len(p), "n_openai": int(truth.sum()), "ece": error, "brier": squared, "bins": cells}


def page(found: dict) -> str:
    """Write the figures as a page of the documentation."""
    five_rows = [
        f"| {r['answers']} | {r['balanced_accuracy']:.3f} ({r['low']:.3f}–{r['high']:.3f}) | "
        + " | ".join(f"{r[name]:.3f}" for name in (*FIVE, OTHERS)) + " |" for r in found["five_way"]
    ]  # fmt: skip
    left_rows = [
        f"| {r['left_out']} | {r['n']:,} | {r['called_unknown']:.2f} | "
        + ", ".join(f"{name} {share:.2f}" for name, share in sorted(r["taken_for"].items(), key=lambda i: -i[1])[:3])
        + f" | {r['others_right']:.2f} | {r['others_unknown']:.2f} |" for r in found["left_out"]
    ]  # fmt: skip
    else_rows = [
        f"| {r['maker']} | {r['n']:,} | {r['right']:.2f} | {r['unknown']:.2f} | {r['human']:.2f} | "
        f"{r['mean_chatgpt_probability']:.2f} |" for r in found["elsewhere"]
    ]  # fmt: skip
    c = found["calibration"]
    bins = [
        f"| {b['from']:.1f}–{b['to']:.1f} | {b['n']:,} | {b['mean_probability']:.2f} | {b['share_openai']:.2f} |"
        for b in c["bins"]
    ]
    tables = {"five": five_rows, "left": left_rows, "elsewhere": else_rows, "bins": bins}
    return TEXT.format(
        n=found["five_way"][0]["n"], names=" | ".join((*FIVE, OTHERS)), total=c["n"], openai=c["n_openai"], ece=c["ece"],
        brier=c["brier"], detector=found["detector"], **{name: "\n".join(rows) for name, rows in tables.items()},
    )  # fmt: skip


TEXT = """# Which maker's model wrote it

How far `family` and `chatgpt_probability` can be believed. All figures are made by

```
python benchmarks/attribution.py --data ../shared/data -o benchmarks/results/attribution.json --docs docs/attribution.md
```

## Five makers, new prompts

The makers' part of `fast` is fitted on the AlpacaEval answers to half of the prompts and tested on {n:,} answers to the
other half. Balanced accuracy with a 95 % bootstrap over prompts, then the share named right of each maker. All models of
a maker, old and new, are in both halves, so this says how well known models are told apart, no more. The others are 133
models, many of them taught by OpenAI's, and Google is one small Gemma; the training holds some 2,500 windows a maker. (A 7B
encoder that was fine-tuned on many answers of five chosen models, one a maker, reaches .971: Sun et al. 2025,
Idiosyncrasies in Large Language Models.)

| answers | balanced accuracy | {names} |
|---|---|---|---|---|---|---|
{five}

## A maker that was never seen

Fitted without one maker: its answers should be called 'unknown'. The two last columns say what the same model does with
the makers that it knows.

| left out | n | called unknown | taken for | others named right | others called unknown |
|---|---|---|---|---|---|
{left}

## Other prompts, other models

The shipped `{detector}` on answers of four collections that taught it no makers. 'Right' for the others is 'unknown'.

| maker | n | right | unknown | human | mean `chatgpt_probability` |
|---|---|---|---|---|---|
{elsewhere}

## `chatgpt_probability`

The same answers and as many dated texts by people, {total:,} in all, {openai:,} of them by OpenAI's models: expected
calibration error {ece:.3f}, Brier score {brier:.3f}. Students of ChatGPT write like it, so that a high value is a statement
about style, not about the maker.

| probability | n | mean | share by OpenAI's models |
|---|---|---|---|
{bins}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--detector", default="fast")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--docs", type=Path)
    options = parser.parse_args()
    taught, rest = split(options.data)
    test = balanced(rest, 1_200, seed=1)
    windows, matrix = windows_for(options.data, taught)
    say(f"{len(windows):,} windows, {len(test):,} test answers")
    model = matrix.fit(np.arange(len(windows)))
    found: dict = {"detector": load_detector(options.detector).name, "five_way": five_way(model, test)}
    found["left_out"] = left_out(windows, matrix, test)
    found["elsewhere"], found["calibration"] = elsewhere(options.data, options.detector)
    if options.output:
        options.output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    if options.docs:
        options.docs.write_text(page(found), "utf-8")


if __name__ == "__main__":
    main()
