"""Made-up texts for the tests of `trace` and `index`: words drawn from a made-up vocabulary."""

from __future__ import annotations

import random

from provenance.documents import Document

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["".join(random.Random(k).choices(LETTERS, k=3 + k % 6)) for k in range(4000)]


def text_of(seed: int, n_words: int = 120) -> str:
    """Return `n_words` words in sentences of twelve."""
    words = random.Random(seed).choices(WORDS, k=n_words)
    parts = [" ".join(words[k : k + 12]).capitalize() for k in range(0, n_words, 12)]
    return ". ".join(parts) + "."


def documents_of(n: int, *, first: int = 0, n_words: int = 120, name: str = "row") -> list[Document]:
    """Return `n` different documents with prompts."""
    return [
        Document(f"{name}-{k}", text_of(k, n_words), source=f"model-{k % 3}", prompt=text_of(100_000 + k, 15))
        for k in range(first, first + n)
    ]


def edited(text: str, share: float, seed: int = 0) -> str:
    """Return the text with a share of its words changed."""
    rng = random.Random(seed)
    words = text.split()
    for place in rng.sample(range(len(words)), max(1, round(share * len(words)))):
        words[place] = "".join(rng.choices(LETTERS, k=7))
    return " ".join(words)
