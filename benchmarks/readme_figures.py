"""The figures of the README, from the benchmark results.

python benchmarks/readme_figures.py            # writes the block between the marks in README.md anew
"""

from __future__ import annotations

from pathlib import Path

import orjson

ROOT = Path(__file__).resolve().parent.parent
START, END = "<!-- figures:start -->\n", "<!-- figures:end -->"
DATED = {
    "pil": "patient leaflets of 1996",
    "state_union": "speeches, 1945 to 2006",
    "abc_science": "science news of 2006",
    "movie_reviews": "reviews of 2001",
    "oasst_people": "chat answers by volunteers of 2023; some may be pasted from a model",
}

NONE = "–"
"""What plain TF-IDF has no figure for: it gives neither p-values nor verdicts."""


def results(name: str) -> dict:
    return orjson.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_bytes())


def spread(found: dict, key: str, digits: int) -> str:
    low, high = found[f"{key}_low"], found[f"{key}_high"]
    return f"{found[key]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def worst_alarms(name: str) -> str:
    rows = sorted((row for row in results(f"alarms-{name}")["table"] if row["n"] >= 100), key=lambda row: -row["flagged"])
    first, second = (f"{100 * row['flagged']:.1f} % of {row['n']} ({row['corpus']})" for row in rows[:2])
    return f"{first}; next {second}"


def dated(name: str, corpus: str) -> tuple[str, int]:
    (row,) = [row for row in results(f"people-{name}")["table"] if row["corpus"] == corpus]
    numbers = [100 * row[key] for key in ("flagged", "flagged_low", "flagged_high")]
    return "{:.1f} % ({:.1f} to {:.1f})".format(*numbers), row["n"]


def table() -> list[str]:
    loco = {name: results(f"loco-{name}") for name in ("fast", "default")}
    alarms = {name: results(f"alarms-{name}") for name in loco}
    plain = results("loco-tfidf")
    measured = [plain, *loco.values()]
    worst = [f"{found['worst_auroc']:.3f} ({found['worst_corpus']})" for found in measured]
    rows = [
        ("mean AUROC, leave one corpus out", *(spread(f, "mean_auroc", 3) for f in measured), "17 corpora"),
        ("mean share of machine texts found at 1 % false positives of each corpus",
         *(spread(f, "mean_tpr_at_1", 2) for f in measured), "17 corpora"),
        ("worst corpus, AUROC (abstracts by people against the same, polished by a model)", *worst, "1,000 texts"),
        ("human texts flagged at `--fpr 0.01`, worst left-out corpus", NONE,
         *(worst_alarms(name) for name in loco), "19 corpora"),
        ("abstained, worst left-out corpus", NONE,
         *(f"{100 * f['worst_abstained']:.0f} %" for f in alarms.values()), "19 corpora"),
        ("machine texts flagged at `--fpr 0.01`, windows of 50 to 250 words of left-out corpora",
         NONE, *(f"{100 * f['mean_flagged_llm']:.0f} %" for f in alarms.values()), "18 corpora"),
    ]  # fmt: skip
    for corpus, what in DATED.items():
        cells = [dated(name, corpus) for name in loco]
        rows.append((f"human texts flagged: {corpus}, {what}", NONE, cells[0][0], cells[1][0], f"{cells[0][1]:,}"))
    lines = ["| figure | plain TF-IDF | `fast` | `default` | n |", "|---|---|---|---|---|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def surprisal() -> str:
    found, alarms = results("parts-surprisal"), results("alarms-surprisal")
    alone = ", ".join(
        f"{what} {found[f'mean_{key}_auroc']:.3f}"
        for what, key in (
            ("n-grams and style alone give", "linear"),
            ("the encoder", "encoder"),
            ("the language model", "surprisal"),
        )
    )
    numbers = {
        "cap": found["cap"],
        "alone": alone,
        "joined": spread(found, "mean_auroc", 3),
        "found": spread(found, "mean_tpr_at_1", 2),
        "flagged": 100 * alarms["mean_flagged_llm"],
        "worst": worst_alarms("surprisal"),
    }
    return SURPRISAL.format(**numbers)


SURPRISAL = """With the extra `lm` the detector `surprisal` adds a small language model's reading. On whole texts (17 corpora,
up to {cap} a label and corpus, every channel trained without a quarter of the corpora at a time) {alone},
all joined {joined}; {found} of machine texts are found at 1 % false positives of each corpus.
{flagged:.0f} % of machine windows are flagged at `--fpr 0.01`; the worst human corpus stands at {worst}."""

TEXT = """
The intervals of the means are 95 % bootstraps over corpora; those of one corpus, in the cards, are over groups. The verdict
is strict on purpose: a text must stand out against every kind of human text in the calibration, so few texts by people are
flagged and many machine texts are not; the probability and the p-value say more than the flag, and `provenance calibrate`
with your own texts by people finds more. Short texts by people in an assistant's manner (self_instruct_eval, oasst_people)
are flagged more often than 1 %. Commands: `python benchmarks/quality.py left-out --recipe default` (writes the figures of
`fast` too), `python benchmarks/quality.py baseline`, `python benchmarks/quality.py left-out --recipe surprisal --parts
--cap 100`, `python benchmarks/quality.py people --recipe fast` (and `default`), then `python benchmarks/readme_figures.py`.
How thresholds carry over between kinds of text: [docs/transfer.md](docs/transfer.md); what changes of the texts do:
[docs/robustness.md](docs/robustness.md).
"""


def block() -> str:
    """Return the lines between the marks."""
    return "\n".join([*table(), "", surprisal()]) + "\n" + TEXT


def main() -> None:
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    readme.write_text(before + START + block() + END + after, "utf-8")


if __name__ == "__main__":
    main()
