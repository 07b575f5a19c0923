r"""The robustness card: how AUROC and the share found at 1 % move under changes of the texts, on corpora left out of training.

    python benchmarks/robustness.py --data ../shared/data --recipe fast --per-label 200 \
        -o benchmarks/results/robustness-fast.json --docs docs/robustness.md

Every text is scored by a detector that was trained without its corpus (`left_out.py`). Changes that a text may meet on
either side (cut to n words, lower-cased, markdown stripped, an assistant's opening) are made to both sides; changes that
somebody makes to get past a detector (slips of the fingers, words dropped and swapped, half the sentences by a person of
the same corpus) are made to machine texts alone, which are then told from untouched human texts. `attack:` rows are
machine texts that the corpora list under an attack, told from the human texts of the same corpus.

A row a corpus and change, with 95 % bootstraps over groups; the summary has the mean over corpora, and the mean change
against the same corpora unchanged, with intervals from drawing corpora.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from left_out import LeftOut, Scorer, add_options
from quality import over_corpora, say

from provenance.documents import Document
from provenance.errors import ProvenanceError
from provenance.evaluate.bootstrap import ranking
from provenance.evaluate.transforms import TRANSFORMS, mix_sentences, transform

BOTH = ("words-25", "words-50", "words-100", "words-200", "lower-case", "no-markdown", "opening")
EVASIONS = ("characters", "words")
FEWEST = 25
"""Texts of each label that a row needs."""


@dataclass(frozen=True)
class Trial:
    """Texts to score: their label, group, and what was done to them."""

    change: str
    changed: str
    texts: list[str]
    machine: list[bool]
    groups: list[str]


def trials(test: list[Document], seed: int) -> Iterator[Trial]:
    """Give the test texts unchanged, then under each change, then by attack."""
    human = [d for d in test if d.label == "human" and not d.meta.get("attack")]
    clean = [d for d in test if d.label == "llm" and not d.meta.get("attack")]
    if len(clean) < FEWEST:  # a corpus of attacked texts alone is its own ground
        clean = [d for d in test if d.label == "llm"]
    yield _trial("none", "-", [d.text for d in human], [d.text for d in clean], human, clean)
    for name in BOTH:
        sides = [[transform(d.text, name, seed) for d in side] for side in (human, clean)]
        yield _trial(name, "both", *sides, human, clean)
    plain = [d.text for d in human]
    for name in EVASIONS:
        yield _trial(name, "machine", plain, [transform(d.text, name, seed) for d in clean], human, clean)
    if human:
        mixed = [mix_sentences(d.text, human[k % len(human)].text, seed=seed) for k, d in enumerate(clean)]
        yield _trial("mixed", "machine", plain, mixed, human, clean)
    attacks: dict[str, list[Document]] = defaultdict(list)
    for d in test:
        if d.label == "llm" and d.meta.get("attack"):
            attacks[str(d.meta["attack"])].append(d)
    for name, mine in sorted(attacks.items()):
        yield _trial(f"attack:{name}", "machine", plain, [d.text for d in mine], human, mine)


def _trial(
    change: str, changed: str, human: list[str], machine: list[str], people: list[Document], models: list[Document]
) -> Trial:
    labels = [False] * len(human) + [True] * len(machine)
    return Trial(change, changed, human + machine, labels, [d.group or d.id for d in people + models])


def measure(corpus: str, test: list[Document], score: Scorer, seed: int) -> list[dict]:
    """Measure one corpus under every change; texts that several trials share are scored once."""
    known: dict[str, float] = {}
    rows = []
    for trial in trials(test, seed):
        machine = np.array(trial.machine, bool)
        if min(machine.sum(), (~machine).sum()) < FEWEST:
            continue
        new = list(dict.fromkeys(text for text in trial.texts if text not in known))
        if new:
            known |= dict(zip(new, score(new).tolist(), strict=True))
        found = ranking(np.array([known[text] for text in trial.texts]), machine, trial.groups, (0.01,), draws=200)
        rate = found.tpr_at_fpr[0.01]
        rows.append(
            {"corpus": corpus, "change": trial.change, "changed": trial.changed,
             "n_human": int((~machine).sum()), "n_llm": int(machine.sum()),
             "auroc": found.auroc.value, "auroc_low": found.auroc.low, "auroc_high": found.auroc.high,
             "tpr_at_1": rate.value, "tpr_at_1_low": rate.low, "tpr_at_1_high": rate.high}
        )  # fmt: skip
    say(f"{corpus}: {len(rows)} changes")
    return rows


def summary(rows: list[dict]) -> list[dict]:
    """Mean over corpora of each change, and its mean difference to the same corpora unchanged."""
    plain = {row["corpus"]: row for row in rows if row["change"] == "none"}
    found = []
    for change in dict.fromkeys(row["change"] for row in sorted(rows, key=lambda row: row["change"].startswith("attack"))):
        mine = [row for row in rows if row["change"] == change and row["corpus"] in plain]
        if not mine:
            continue
        line = {"change": change, "changed": mine[0]["changed"], "n_corpora": len(mine), "n_llm": sum(r["n_llm"] for r in mine)}
        for key in ("auroc", "tpr_at_1"):
            values = np.array([row[key] for row in mine])
            gaps = values - np.array([plain[row["corpus"]][key] for row in mine])
            line |= {f"mean_{key}": float(values.mean()), f"change_of_{key}": float(gaps.mean())}
            low, high = _interval(values)
            line |= {f"mean_{key}_low": low, f"mean_{key}_high": high}
            low, high = _interval(gaps)
            line |= {f"change_of_{key}_low": low, f"change_of_{key}_high": high}
        found.append(line)
    return found


def _interval(values: np.ndarray) -> tuple[float | None, float | None]:
    """95 % interval of the mean from drawing corpora; None for a single one."""
    if len(values) < 2:
        return None, None
    return over_corpora(values, np.random.default_rng(0))


def as_table(lines: list[dict]) -> str:
    """The summary as a markdown table."""
    out = ["| change | made to | corpora | AUROC | change | found at 1 % | change |", "|---|---|---|---|---|---|---|"]
    for line in lines:
        name = TRANSFORMS[line["change"]].description if line["change"] in TRANSFORMS else line["change"]
        cells = [name, line["changed"], str(line["n_corpora"])]
        for key, digits in (("auroc", 3), ("tpr_at_1", 2)):
            cells += [_spread(line, f"mean_{key}", digits), _spread(line, f"change_of_{key}", digits, sign=True)]
        out.append(f"| {' | '.join(cells)} |")
    return "\n".join(out)


TEXT = """# Robustness: `{recipe}`

How AUROC and the share of machine texts found at 1 % false positives move when texts are changed. Every text is scored by a
detector that was trained without its corpus; at most {n} texts a label and corpus. "Both": the change is made to human and
machine texts alike. "Machine": to machine texts, told from untouched human ones. `attack:` rows are machine texts that the
corpora list under an attack, told from the human texts of the same corpus. Means over corpora; each difference is to the same
corpora unchanged; intervals are 95 %, from drawing corpora. Made by

```
python benchmarks/robustness.py --data ../shared/data --recipe {recipe} --per-label {n} \\
    -o benchmarks/results/robustness-{recipe}.json --docs docs/robustness.md
```

{table}
"""


def page(found: dict) -> str:
    """Write the card as a page of the documentation."""
    return TEXT.format(recipe=found["recipe"], n=found["per_label"], table=as_table(found["summary"]))


def _spread(line: dict, key: str, digits: int, *, sign: bool = False) -> str:
    mark = "+" if sign else ""
    if line[f"{key}_low"] is None:
        return f"{line[key]:{mark}.{digits}f}"
    return f"{line[key]:{mark}.{digits}f} ({line[f'{key}_low']:{mark}.{digits}f} to {line[f'{key}_high']:{mark}.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--recipe", default="fast")
    parser.add_argument("--per-label", type=int, default=300, metavar="N", help="test texts a label and corpus, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--docs", type=Path, help="write the card here as markdown")
    options = parser.parse_args()
    start, rows = time.time(), []
    for corpus, test, score in LeftOut.of(options, options.recipe).scorers(options.per_label):
        rows += measure(corpus, test, score, options.seed)
        lines = summary(rows)
        found = {
            "recipe": options.recipe,
            "per_label": options.per_label,
            "seed": options.seed,
            "summary": lines,
            "table": rows,
        }
        found["seconds"] = round(time.time() - start)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    sys.stdout.write(as_table(summary(rows)) + "\n")
    if options.docs:
        options.docs.write_text(page(orjson.loads(options.output.read_bytes())), "utf-8")


if __name__ == "__main__":
    try:
        main()
    except ProvenanceError as error:
        sys.exit(f"Error: {error}")
