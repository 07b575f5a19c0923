"""Changes that texts meet on their way to a detector: cut, lower-cased, stripped, edited, mixed. All seeded.

A transform is named and takes a text and a seed, so that the same text is always changed alike. The figures under each
make the robustness card.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provenance.errors import UsageError
from provenance.text import strip_markdown

__all__ = ["TRANSFORMS", "Transform", "find_transforms", "mix_sentences", "transform"]

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")

OPENINGS: tuple[str, ...] = (
    "Sure! Here is the text you asked for:\n\n",
    "Certainly! Here's a version that you can use:\n\n",
    "Of course. Below is what you requested:\n\n",
    "Here is a draft:\n\n",
)
_KEYS = {
    "a": "qsz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "xa",
}  # fmt: skip

CHARACTER_RATE = 0.1
"""Share of the words that get one slip of the fingers."""

WORD_RATE = 0.1
"""Share of the words that are dropped, or change places with the next."""

MIXED = 0.5
"""Share of the sentences that come from the other writer."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A named change of a text.

    Attributes
    ----------
    name : str
    description : str
        What it does, in words.
    change : callable
        Takes a text and a seeded generator.
    """

    name: str
    description: str
    change: Callable[[str, random.Random], str]


def transform(text: str, name: str, seed: int = 0) -> str:
    """Change a text.

    Parameters
    ----------
    text : str
    name : str
        Of `TRANSFORMS`.
    seed : int
        The same seed and text give the same result.

    Raises
    ------
    UsageError
        When there is no such transform.
    """
    (found,) = find_transforms([name])
    return found.change(text, _random(text, name, seed))


def find_transforms(names: Sequence[str]) -> list[Transform]:
    """Give transforms by name.

    Raises
    ------
    UsageError
        When there is none of a name; the message lists those there are.
    """
    unknown = [name for name in names if name not in TRANSFORMS]
    if unknown:
        raise UsageError(f"no transform {unknown[0]!r}; known are {', '.join(TRANSFORMS)}")
    return [TRANSFORMS[name] for name in names]


def mix_sentences(text: str, other: str, share: float = MIXED, seed: int = 0) -> str:
    """Put sentences of another text in the place of some of a text's own.

    Parameters
    ----------
    text, other : str
        `other` is used from its beginning, sentence by sentence, as far as it goes.
    share : float
        Share of the sentences of `text` that are replaced, in [0, 1]; at least one where it is above 0.
    seed : int
        Chooses the places.
    """
    own, foreign = _sentences(text), _sentences(other)
    if not own or not foreign or share <= 0:
        return text
    n = min(max(1, round(share * len(own))), len(own), len(foreign))
    places = sorted(_random(text, "mix", seed).sample(range(len(own)), n))
    for place, sentence in zip(places, foreign, strict=False):
        own[place] = sentence
    return " ".join(own)


def _random(text: str, name: str, seed: int) -> random.Random:
    """Generator that depends on text, transform and seed, and on nothing else."""
    return random.Random(zlib.crc32(f"{seed}\x1f{name}\x1f{text}".encode("utf-8", "surrogatepass")))


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE_END.split(text.strip()) if part.strip()]


def _first_words(n: int) -> Callable[[str, random.Random], str]:
    """Cut to the first `n` words, white space within kept."""

    def cut(text: str, _: random.Random) -> str:
        found = None
        for k, found in enumerate(_WORD.finditer(text), 1):
            if k == n:
                return text[: found.end()]
        return text

    return cut


def _lower(text: str, _: random.Random) -> str:
    return text.lower()


def _without_markdown(text: str, _: random.Random) -> str:
    return strip_markdown(text)


def _with_opening(text: str, rng: random.Random) -> str:
    return rng.choice(OPENINGS) + text


def _characters(text: str, rng: random.Random) -> str:
    """Slips of the fingers: a neighbouring key, two letters swapped, one left out, one doubled."""
    return _WORD.sub(
        lambda m: _slip(m.group(), rng) if len(m.group()) > 3 and rng.random() < CHARACTER_RATE else m.group(), text
    )


def _slip(word: str, rng: random.Random) -> str:
    k = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        keys = _KEYS.get(word[k].lower())
        return word[:k] + rng.choice(keys) + word[k + 1 :] if keys else word
    if kind == 1:
        return word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    return word[:k] + word[k + 1 :] if kind == 2 else word[:k] + word[k] + word[k:]


def _words(text: str, rng: random.Random) -> str:
    """Words dropped, and words that change places with the next; white space becomes single spaces."""
    words = text.split()
    k = 0
    while k < len(words):
        if rng.random() >= WORD_RATE:
            k += 1
        elif rng.random() < 0.5 and len(words) > 1:
            del words[k]
        else:
            words[k : k + 2] = words[k : k + 2][::-1]
            k += 2
    return " ".join(words)


_LISTED = (
    *(Transform(f"words-{n}", f"the first {n} words", _first_words(n)) for n in (25, 50, 100, 200)),
    Transform("lower-case", "lower-cased", _lower),
    Transform("no-markdown", "marks of markdown taken off", _without_markdown),
    Transform("opening", "an assistant's opening set before it", _with_opening),
    Transform("characters", "one slip of the fingers in a tenth of the words", _characters),
    Transform("words", "a tenth of the words dropped or swapped with the next", _words),
)

TRANSFORMS: dict[str, Transform] = {item.name: item for item in _LISTED}
"""Every transform of a single text, by name; `mix_sentences` takes two."""
