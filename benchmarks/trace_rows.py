"""Rows for the benchmarks of `trace`: real texts to index, other rows made of real sentences, and planted copies.

Nothing is kept: the rows are made anew from the data folder, the same ones for the same seed.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

KINDS = ("copy", "case", "space", "edited_2", "edited_10", "first_half", "second_half", "middle_half")
SKIPPED = ("wildbench", "arena_hard")  # answers of models to prompts that models/ has too
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def indexed_texts(data: Path, n: int) -> list[dict[str, str]]:
    """Return `n` answers of models, as id, text, source and prompt; in the order of the files."""
    from pyarrow import parquet

    found: list[dict[str, str]] = []
    for path in sorted((data / "models").glob("*.parquet")):
        for row in parquet.read_table(path, columns=["id", "text", "model", "prompt"]).to_pylist():
            if row["text"]:
                found.append({"id": row["id"], "text": row["text"], "source": row["model"], "prompt": row["prompt"]})
    if len(found) < n:
        sys.exit(f"{data}: {len(found):,} answers in models/; wanted {n:,}")
    return found[:n]


def sentences(data: Path) -> list[str]:
    """Return sentences of 5 to 40 words from the labelled texts."""
    from pyarrow import parquet

    found = []
    for path in sorted((data / "detection").glob("*.parquet")):
        if path.stem not in SKIPPED:
            for text in parquet.read_table(path, columns=["text"]).column("text").to_pylist()[:4000]:
                found += [s for s in re.split(r"(?<=[.!?])\s+", text) if 5 <= len(s.split()) <= 40]
    return found


def other_rows(pool: list[str], n: int, seed: int) -> Iterator[dict[str, str]]:
    """Give rows of 3 to 14 sentences, drawn at random."""
    rng = random.Random(seed)
    for number in range(n):
        yield {"id": f"other/{seed}/{number}", "text": " ".join(rng.choices(pool, k=rng.randrange(3, 15)))}


def planted_rows(texts: list[dict[str, str]], each: int, seed: int) -> list[dict[str, str]]:
    """Return `each` copies of every kind, with the id of what they are copies of; sources have 50 to 1,000 words."""
    rng = random.Random(seed)
    fit = [row for row in texts if 50 <= len(row["text"].split()) <= 1000 and len(set(WORD.findall(row["text"]))) >= 40]
    found = []
    for kind in KINDS:
        for number, row in enumerate(rng.sample(fit, each)):
            text = EDITS[kind](row["text"], rng)
            found.append({"id": f"planted/{kind}/{number}", "text": text, "of": row["id"], "original": row["text"]})
    rng.shuffle(found)
    return found


def _edited(share: float) -> Callable[[str, random.Random], str]:
    def edit(text: str, rng: random.Random) -> str:
        words = text.split(" ")
        for place in rng.sample(range(len(words)), max(1, round(share * len(words)))):
            words[place] = "".join(rng.choices(LETTERS, k=rng.randrange(3, 9)))
        return " ".join(words)

    return edit


def _cut(start: float, end: float) -> Callable[[str, random.Random], str]:
    def cut(text: str, _: random.Random) -> str:
        words = text.split()
        return " ".join(words[int(start * len(words)) : int(end * len(words))])

    return cut


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "copy": lambda text, _: text,
    "case": lambda text, _: text.upper(),
    "space": lambda text, rng: "".join(c if c != " " or rng.random() < 0.5 else "  \n" for c in text) + "\n",
    "edited_2": _edited(0.02),
    "edited_10": _edited(0.1),
    "first_half": _cut(0, 0.5),
    "second_half": _cut(0.5, 1),
    "middle_half": _cut(0.25, 0.75),
}


def shingles(text: str, length: int = 3) -> list[tuple[str, ...]]:
    """Return the runs of `length` words, as strings: the reference that matches are checked against."""
    words = WORD.findall(text.replace("’", "'").casefold())
    return list(zip(*(words[k:] for k in range(length)), strict=False))


def compared(text: str, other: str) -> dict[str, float]:
    """Return Jaccard similarity, containment in the smaller, and coverage of the first, from strings."""
    runs = shingles(text)
    one, two = set(runs), set(shingles(other))
    if not one or not two:
        return {"jaccard": 0.0, "containment": 0.0, "coverage": 0.0}
    shared = len(one & two)
    covered = {place + step for place, run in enumerate(runs) if run in two for step in range(3)}
    return {
        "jaccard": shared / len(one | two),
        "containment": shared / min(len(one), len(two)),
        "coverage": len(covered) / (len(runs) + 2),
    }
