"""Leave-one-corpus-out and false alarms of the detectors, into JSON that cards and README are made from.

    python benchmarks/quality.py loco --data ../shared/data --recipe fast -o benchmarks/results/loco-fast.json
    python benchmarks/quality.py alarms --data ../shared/data --recipe fast -o benchmarks/results/alarms-fast.json

`loco`: train without one corpus (and without every text that shares a group with it), test on it: English, 50 words and
more, no base-model texts, at most 1,000 texts a label. A plain TF-IDF 1-2-gram logistic regression is run beside it on
request (--baseline). `alarms`: corpora in four parts; train and calibrate on three, flag human texts of the fourth at
p <= 0.01. `people`: the shipped detector on the dated texts by people, none of which it was trained or calibrated on.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson

from provenance.detect.embedding import embed, fit_head, make_embedder
from provenance.detect.fitting import TrainingMatrix
from provenance.detect.linear import batches
from provenance.detect.recipe import Recipe, load_recipe
from provenance.detect.sampling import corpus_of, sample_windows, usable
from provenance.detect.train import _capped, train_detector
from provenance.documents import Document
from provenance.evaluate.metrics import group_bootstrap, wilson
from provenance.models import load_detector
from provenance.models.corpora import ANSWERS, TWO_SIDED, answer_documents, detection_documents, people_documents

CAP = 1000


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def tested(documents: list[Document], corpus: str, recipe: Recipe, cap: int = CAP) -> list[Document]:
    rng = np.random.default_rng(1)
    out: list[Document] = []
    for label in ("human", "llm"):
        mine = [
            d for d in documents
            if corpus_of(d) == corpus and d.label == label and usable(d, recipe)
            and d.meta.get("n_words", 0) >= 50 and d.meta.get("lang") == "en"
        ]  # fmt: skip
        out += [mine[i] for i in rng.permutation(len(mine))[:cap]]
    return out


def loco(data: Path, recipe: Recipe, baseline: bool, embedded_cap: int) -> dict:
    documents = detection_documents(data)
    pool = documents + answer_documents(data)
    windows = sample_windows(pool, recipe, np.random.default_rng(0))
    say(f"{len(windows)} windows")
    matrix = TrainingMatrix(windows, replace(recipe))
    embedder = make_embedder(recipe) if recipe.embedder else None
    chosen = _capped(windows, recipe.embedder_per_corpus)
    vectors = embed(embedder, [windows[i].text for i in chosen]) if embedder else None
    tfidf = _tfidf(pool, recipe) if baseline else None
    table = []
    for corpus in TWO_SIDED:
        test = tested(documents, corpus, recipe, embedded_cap if embedder else CAP)
        machine = np.array([d.label == "llm" for d in test])
        groups = [d.group or d.id for d in test]
        barred = set(groups) | {w.group for w in windows if w.corpus == corpus}
        allowed = np.array([w.corpus != corpus and w.group not in barred for w in windows])
        model = matrix.fit(np.flatnonzero(allowed), families=False)
        scores = np.concatenate([model.log_odds(model.rows(b), model.style(b)) for b in batches([d.text for d in test])])
        row: dict = {"corpus": corpus, "n_human": int((~machine).sum()), "n_llm": int(machine.sum())}
        if embedder and vectors is not None:
            use = allowed[chosen]
            head = fit_head(vectors[use], [windows[i] for i in chosen[use]])
            scores = scores + recipe.embedder_weight * head.log_odds(embed(embedder, [d.text for d in test]))
        area, rate = group_bootstrap(scores, machine, groups)
        row |= {"auroc": area.value, "auroc_low": area.low, "auroc_high": area.high}
        row |= {"tpr_at_1": rate.value, "tpr_at_1_low": rate.low, "tpr_at_1_high": rate.high}
        if tfidf:
            area, rate = group_bootstrap(tfidf(corpus, barred, test), machine, groups, n=2)
            row |= {"tfidf_auroc": area.value, "tfidf_tpr_at_1": rate.value}
        table.append(row)
        say(orjson.dumps(row).decode())
    return {"table": table, **_means(table)}


def _means(table: list[dict]) -> dict:
    """Means over corpora, with an interval from drawing corpora with replacement."""
    rng = np.random.default_rng(0)
    out: dict = {"n_corpora": len(table)}
    for key in ("auroc", "tpr_at_1", "tfidf_auroc", "tfidf_tpr_at_1"):
        if key in table[0]:
            values = np.array([row[key] for row in table])
            draws = values[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
            low, high = np.quantile(draws, [0.025, 0.975])
            out[f"mean_{key}"] = float(values.mean())
            out[f"mean_{key}_low"], out[f"mean_{key}_high"] = float(low), float(high)
    worst = min(table, key=lambda row: row["auroc"])
    return out | {"worst_corpus": worst["corpus"], "worst_auroc": worst["auroc"]}


def _tfidf(pool: list[Document], recipe: Recipe):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    documents = [d for d in pool if usable(d, recipe) and d.meta.get("corpus") not in ANSWERS]
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True, max_features=300_000)
    features = vectoriser.fit_transform([d.text for d in documents]).astype(np.float32)
    machine = np.array([d.label == "llm" for d in documents])

    def scores(corpus: str, barred: set[str], test: list[Document]) -> np.ndarray:
        rows = np.flatnonzero([corpus_of(d) != corpus and d.group not in barred for d in documents])
        model = LogisticRegression(C=10, max_iter=100, class_weight="balanced").fit(features[rows], machine[rows])
        return model.decision_function(vectoriser.transform([d.text for d in test]))

    return scores


def alarms(data: Path, recipe: Recipe) -> dict:
    documents, answers = detection_documents(data), answer_documents(data)
    names = list(np.random.default_rng(0).permutation(TWO_SIDED))
    table, caught = [], []
    for part in range(4):
        left_out = set(names[part::4])
        barred = {d.group for d in documents if corpus_of(d) in left_out}
        kept = [d for d in documents + answers if corpus_of(d) not in left_out and d.group not in barred]
        detector = train_detector(kept, recipe, progress=say)
        for corpus in sorted(left_out):
            test = tested(documents, corpus, recipe, 500 if recipe.embedder else CAP)
            scores = detector.score(test)
            people = [s for s, d in zip(scores, test, strict=True) if d.label == "human"]
            machine = [s for s, d in zip(scores, test, strict=True) if d.label == "llm"]
            table.append(_alarm_row(corpus, people))
            caught.append({"corpus": corpus, "flagged_llm": sum(s.verdict == "flagged" for s in machine) / len(machine)})
            say(orjson.dumps(table[-1] | caught[-1]).decode())
    large = [row for row in table if row["n"] >= 100]
    return {
        "table": table,
        "caught": caught,
        "worst_flagged": max(row["flagged"] for row in large),
        "worst_corpus": max(large, key=lambda row: row["flagged"])["corpus"],
        "worst_abstained": max(row["abstained"] for row in large),
        "mean_flagged_llm": float(np.mean([row["flagged_llm"] for row in caught])),
    }


def people(data: Path, name: str) -> dict:
    """Flag the dated texts by people, which no shipped detector is trained or calibrated on."""
    detector = load_detector(name)
    cells: dict[str, list] = defaultdict(list)
    for document in people_documents(data):
        if document.meta["n_words"] >= 50:
            cells[corpus_of(document)].append(document)
    limit = 60 if detector.head_ is not None else 2000
    table = [_alarm_row(corpus, detector.score(mine[:limit])) for corpus, mine in sorted(cells.items())]
    large = [row for row in table if row["n"] >= 50]
    worst = max(large, key=lambda row: row["flagged"])
    return {"table": table, "worst_flagged": worst["flagged"], "worst_corpus": worst["corpus"]}


def _alarm_row(corpus: str, scores: list) -> dict:
    flagged = sum(s.verdict == "flagged" for s in scores)
    share = wilson(flagged, len(scores))
    abstained = sum(s.verdict == "abstained" for s in scores) / max(len(scores), 1)
    return {"corpus": corpus, "n": len(scores), "flagged": share.value, "flagged_low": share.low,
            "flagged_high": share.high, "abstained": abstained}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("loco", "alarms", "people"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--recipe", default="fast")
    parser.add_argument("--baseline", action="store_true", help="run plain TF-IDF beside it")
    parser.add_argument("--embedded-cap", type=int, default=300, help="test texts a label where an encoder runs")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    recipe, start = load_recipe(options.recipe), time.time()
    if options.what == "loco":
        found = loco(options.data, recipe, options.baseline, options.embedded_cap)
    elif options.what == "people":
        found = people(options.data, options.recipe)
    else:
        found = alarms(options.data, recipe)
    found |= {"recipe": recipe.label, "what": options.what, "seconds": round(time.time() - start)}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    say(orjson.dumps({k: v for k, v in found.items() if k not in ("table", "caught")}).decode())


if __name__ == "__main__":
    main()
