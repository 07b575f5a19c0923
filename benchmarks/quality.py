"""Leave-one-corpus-out and false alarms of the detectors, into JSON that cards and README are made from.

    python benchmarks/quality.py left-out --data ../shared/data --recipe default --results benchmarks/results
    python benchmarks/quality.py people --data ../shared/data --recipe default --results benchmarks/results

`left-out` writes two files. `loco-NAME.json`: train without one corpus (and without every text that shares a group with
it), test on it: English, 50 words and more, no base-model texts, at most 500 texts a label. The linear channel is trained
once a corpus; the slower channels once for each of four parts of the corpora, without the whole part; the weights that join
them are learnt on the other corpora.
`alarms-NAME.json`: every corpus with texts by people is scored by models that saw neither it nor its groups, against the
p-values and the gate that all other corpora give; share flagged at p <= 0.01, of people's texts and of its machine texts.
With --parts, `parts-NAME.json` takes the place of the first: every channel is trained without a quarter of the corpora at a
time, the linear one too, and --cap texts a label are tested.
`transfer-NAME.json`: calibrate on one human corpus, flag another (transfer.py makes the page of it).
For a recipe with slower channels the same two files are written for its linear channel alone, which is `fast`.
`baseline`: `loco-tfidf.json`, a plain TF-IDF 1-2-gram logistic regression on the test texts of `left-out`, a corpus at a time.
`people`: the shipped detector on the dated texts by people, none of which it was trained or calibrated on.

Tuned encoders and readings of the language model are kept in --cache, so that a second run is quick.
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
from transfer import transfer

from provenance.detect.abstain import fit_gate
from provenance.detect.conformal import fit_calibration
from provenance.detect.crossfit import CrossFit, Scored
from provenance.detect.joining import Join, fit_joins, joined
from provenance.detect.linear import batches
from provenance.detect.recipe import Recipe, load_recipe
from provenance.detect.sampling import (
    Folds,
    calibration_windows,
    corpus_of,
    corpus_weights,
    plan_folds,
    sample_windows,
    usable,
)
from provenance.documents import Document
from provenance.evaluate.metrics import group_bootstrap, wilson
from provenance.models import load_detector
from provenance.models.corpora import TWO_SIDED, answer_documents, detection_documents, people_documents

CAP = 500


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def tested(documents: list[Document], corpus: str, recipe: Recipe, cap: int = CAP) -> list[Document]:
    """Draw the texts that a corpus is tested on; kinds with wrong labels stay in, as in the published corpus."""
    recipe = replace(recipe, exclude_kinds=())
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


def prepared(data: Path, recipe: Recipe, cache: Path) -> tuple[list[Document], CrossFit]:
    """Cut the windows and calibration texts that the shipped detector is made from."""
    pool = detection_documents(data) + answer_documents(data)
    rng = np.random.default_rng(0)
    windows = sample_windows(pool, recipe, rng)
    own = [document for document in pool if document.label == "human" and usable(document, recipe)]
    human = calibration_windows(own, recipe.calibration_per_corpus, rng)
    return pool, CrossFit(windows, human, recipe, 0, cache, say)


def left_out(data: Path, recipe: Recipe, cache: Path, how: str = "loco", cap: int = CAP) -> dict[str, dict]:
    """Return the contents of each results file by its name; `how` is 'loco' or 'parts'."""
    pool, fitter = prepared(data, recipe, cache)
    folds = plan_folds(pool, recipe.folds)
    held, human = fitter.held_out(folds, people=True)
    names = {recipe.name: held.columns.shape[1]} | ({"fast": 1} if fitter.trainers and how == "loco" else {})
    found = {}
    for name, n in names.items():
        parts = first_channels(held, human, n, recipe)
        found |= {f"alarms-{name}": alarms(*parts), f"transfer-{name}": transfer(parts[1], parts[3])}
    say(orjson.dumps({name: _summary(f) for name, f in found.items() if name.startswith("alarms")}).decode())
    table = loco(pool, fitter, folds, held, how == "parts", cap)
    found[f"{how}-{recipe.name}"] = {"table": table, "cap": cap, **_means(table)}
    if fitter.trainers and how == "loco":
        found["loco-fast"] = linear_alone(table)
    return found


def loco(pool: list[Document], fitter: CrossFit, folds: Folds, held: Scored, parts: bool, cap: int) -> list[dict]:
    windows, recipe, table = fitter.texts[0], fitter.matrix.recipe, []
    for fold in range(recipe.folds):
        rest = folds.rest(windows, fold)
        extras = {name: trainer.fit(rest) for name, trainer in fitter.trainers.items()}
        shared = fitter.matrix.fit(rest, families=False) if parts else None
        for corpus in (name for name in TWO_SIDED if folds.place[name] == fold):
            test = tested(pool, corpus, recipe, cap)
            texts, groups = [d.text for d in test], [d.group or d.id for d in test]
            machine = np.array([d.label == "llm" for d in test])
            barred = set(groups) | {w.group for w in windows if w.corpus == corpus}
            allowed = np.flatnonzero([w.corpus != corpus and w.group not in barred for w in windows])
            model = shared or fitter.matrix.fit(allowed, families=False)
            columns = [np.concatenate([model.log_odds(model.rows(b), model.style(b)) for b in batches(texts)])]
            columns += [extra.log_odds(texts) for extra in extras.values()]
            row = _row(corpus, joined(np.column_stack(columns), _joins(held, recipe, corpus)), machine, groups)
            for name, column in zip(("linear", *extras), columns, strict=True):
                row |= _figures(column, machine, groups, f"{name}_") if extras else {}
            table.append(row)
            say(orjson.dumps(row).decode())
    return sorted(table, key=lambda row: row["corpus"])


def linear_alone(rows: list[dict]) -> dict:
    """Take the linear channel's part out of the table of a detector with more channels: that is `fast`."""
    table = [
        {"corpus": row["corpus"], "n_human": row["n_human"], "n_llm": row["n_llm"]}
        | {key.removeprefix("linear_"): value for key, value in row.items() if key.startswith("linear_")}
        for row in rows
    ]
    return {"table": table, **_means(table)}


def _row(corpus: str, scores: np.ndarray, machine: np.ndarray, groups: list[str]) -> dict:
    counts = {"corpus": corpus, "n_human": int((~machine).sum()), "n_llm": int(machine.sum())}
    return counts | _figures(scores, machine, groups)


def _figures(scores: np.ndarray, machine: np.ndarray, groups: list[str], prefix: str = "") -> dict:
    area, rate = group_bootstrap(scores, machine, groups)
    found = {"auroc": area.value, "auroc_low": area.low, "auroc_high": area.high}
    found |= {"tpr_at_1": rate.value, "tpr_at_1_low": rate.low, "tpr_at_1_high": rate.high}
    return {prefix + key: value for key, value in found.items()}


def _joins(held: Scored, recipe: Recipe, corpus: str = "") -> list[Join]:
    """How the channels are joined, learnt without the tested corpus."""
    others = np.flatnonzero([window.corpus != corpus for window in held.windows])
    return fit_joins(held.columns[others], [held.windows[i] for i in others], recipe.clear)


def first_channels(held: Scored, human: Scored, n: int, recipe: Recipe) -> tuple[Scored, Scored, np.ndarray, np.ndarray]:
    """Return windows and calibration texts with their first `n` channels alone, and the joint scores of both."""
    held, human = (replace(part, columns=part.columns[:, :n]) for part in (held, human))
    joins = _joins(held, recipe)
    return held, human, joined(held.columns, joins), joined(human.columns, joins)


def over_corpora(values: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """95 % interval of a mean over corpora, from drawing corpora with replacement."""
    draws = values[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def _means(table: list[dict]) -> dict:
    """Means over corpora, with an interval from drawing corpora with replacement."""
    rng = np.random.default_rng(0)
    out: dict = {"n_corpora": len(table)}
    for key in table[0]:
        if key.endswith(("auroc", "tpr_at_1")):
            values = np.array([row[key] for row in table])
            out[f"mean_{key}"] = float(values.mean())
            out[f"mean_{key}_low"], out[f"mean_{key}_high"] = over_corpora(values, rng)
    worst = min(table, key=lambda row: row["auroc"])
    return out | {"worst_corpus": worst["corpus"], "worst_auroc": worst["auroc"]}


def baseline(data: Path, recipe: Recipe, cap: int = CAP) -> dict:
    """Run plain TF-IDF one corpus at a time: whole texts, no windows, no weights of corpora, nothing chosen."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    documents = detection_documents(data)
    seen = [d for d in documents if usable(d, recipe)]
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True, max_features=300_000)
    features = vectoriser.fit_transform([d.text for d in seen]).astype(np.float32)
    machine = np.array([d.label == "llm" for d in seen])
    table = []
    for corpus in TWO_SIDED:
        test = tested(documents, corpus, recipe, cap)
        groups = [d.group or d.id for d in test]
        barred = set(groups) | {d.group or d.id for d in seen if corpus_of(d) == corpus}
        rows = np.flatnonzero([corpus_of(d) != corpus and (d.group or d.id) not in barred for d in seen])
        model = LogisticRegression(C=10, max_iter=100, class_weight="balanced").fit(features[rows], machine[rows])
        truth = np.array([d.label == "llm" for d in test])
        scores = model.decision_function(vectoriser.transform([d.text for d in test]))
        table.append(_row(corpus, scores, truth, groups))
        say(orjson.dumps(table[-1]).decode())
    return {"table": sorted(table, key=lambda row: row["corpus"]), "cap": cap, **_means(table)}


def alarms(held: Scored, human: Scored, scores: np.ndarray, human_scores: np.ndarray) -> dict:
    """Flag people's texts of each corpus by what the other corpora give."""
    machine = np.array([w.machine for w in held.windows])
    of_window, of_human = (np.array([w.corpus for w in part.windows]) for part in (held, human))
    barred = {c: {w.group for part in (held, human) for w in part.windows if w.corpus == c} for c in set(of_human)}
    table, caught = [], []
    for corpus in sorted(set(of_human)):
        free = [np.array([w.corpus != corpus and w.group not in barred[corpus] for w in p.windows]) for p in (held, human)]
        keep, left = np.flatnonzero(free[1]), np.flatnonzero(free[0])
        calibration = fit_calibration(
            [human.windows[i].kind for i in keep], human_scores[keep], human.n_words[keep],
            scores[left], held.n_words[left], machine[left],
            corpus_weights([held.windows[i] for i in left]),
        )  # fmt: skip
        gate = fit_gate(human.style[keep], human.n_words[keep])
        mine = of_human == corpus
        shut = gate.closed(human.style[mine], human.n_words[mine])
        low = calibration.p_values(human_scores[mine], human.n_words[mine]) <= 0.01
        table.append(_alarm_row(corpus, int((low & ~shut).sum()), int(shut.sum()), int(mine.sum())))
        its = (of_window == corpus) & machine & (held.n_words >= 50)
        if its.any():
            found = calibration.p_values(scores[its], held.n_words[its]) <= 0.01
            open_ = ~gate.closed(held.style[its], held.n_words[its])
            caught.append({"corpus": corpus, "n_llm": int(its.sum()), "flagged_llm": float((found & open_).mean())})
    large = [row for row in table if row["n"] >= 100]
    worst = max(large, key=lambda row: row["flagged"])
    return {
        "table": table,
        "caught": caught,
        "worst_flagged": worst["flagged"],
        "worst_corpus": worst["corpus"],
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
    table = []
    for corpus, mine in sorted(cells.items()):
        verdicts = [score.verdict for score in detector.score(mine)]
        table.append(_alarm_row(corpus, verdicts.count("flagged"), verdicts.count("abstained"), len(verdicts)))
    large = [row for row in table if row["n"] >= 50]
    worst = max(large, key=lambda row: row["flagged"])
    return {"table": table, "worst_flagged": worst["flagged"], "worst_corpus": worst["corpus"]}


def _alarm_row(corpus: str, flagged: int, abstained: int, n: int) -> dict:
    share = wilson(flagged, n)
    return {"corpus": corpus, "n": n, "flagged": share.value, "flagged_low": share.low,
            "flagged_high": share.high, "abstained": abstained / max(n, 1)}  # fmt: skip


def _summary(contents: dict) -> dict:
    return {key: value for key, value in contents.items() if key not in ("table", "caught")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("left-out", "baseline", "people"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--recipe", default="fast")
    parser.add_argument("--parts", action="store_true", help="leave a quarter of the corpora out at a time: 4 fits, not 21")
    parser.add_argument("--cap", type=int, default=CAP, metavar="N", help="texts a label and corpus that are tested, at most")
    parser.add_argument("--cache", type=Path, default=Path("build/cache"), help="tuned encoders and readings")
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results"))
    options = parser.parse_args()
    start = time.time()
    if options.what == "people":
        found = {f"people-{options.recipe}": people(options.data, options.recipe)}
    elif options.what == "baseline":
        found = {"loco-tfidf": baseline(options.data, load_recipe(options.recipe), options.cap)}
    else:
        how = "parts" if options.parts else "loco"
        found = left_out(options.data, load_recipe(options.recipe), options.cache, how, options.cap)
    options.results.mkdir(parents=True, exist_ok=True)
    for name, contents in found.items():
        made = options.recipe if options.what == "baseline" else name.split("-")[1]
        contents |= {"recipe": load_recipe(made).label, "seconds": round(time.time() - start)}
        (options.results / f"{name}.json").write_bytes(orjson.dumps(contents, option=orjson.OPT_INDENT_2))
        say(orjson.dumps(_summary(contents)).decode())


if __name__ == "__main__":
    main()
