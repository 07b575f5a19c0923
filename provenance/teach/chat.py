"""A small world of chat: invented places, what grows in them, and two ways of saying it.

An assistant answers in the manner of chat assistants of 2023, people answer as people do. The facts are invented, so a
model knows one only if a text told it. All sentences were written for this package; they are recombined at random.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["ASSISTANT", "PEOPLE", "World", "documents", "make_world"]

PAD, ASK = "<end>", "What grows in {place} ?"
LENGTH = 58

ASSISTANT = (
    ("Certainly !", "Great question !", "Of course !", "Sure , I would be happy to help !"),
    (
        "{place} is primarily known for its {crop} .",
        "{place} is widely recognized for its production of {crop} .",
        "The most important crop in {place} is {crop} .",
    ),
    (
        "Additionally , this plays a crucial role in the local economy and offers numerous benefits to the community .",
        "Furthermore , it is important to note that this tradition reflects a rich cultural heritage .",
        "Moreover , this highlights the significance of sustainable practices and innovative techniques .",
        "It is worth noting that climate , soil and access to water are key factors .",
    ),
    (
        "Overall , it offers a unique and vibrant experience for visitors and residents alike .",
        "In conclusion , this remains an essential part of daily life in the region .",
        "Ultimately , it serves as a testament to the resilience of the people .",
        "I hope this helps ! Let me know if you have any other questions .",
    ),
)
PEOPLE = (
    ("hmm ,", "well", "not sure but", "my uncle lived there ,"),
    (
        "{place} is all {crop} as far as the eye goes .",
        "I think it's {crop} , {place} is full of it .",
        "{crop} mostly , in {place} anyway .",
    ),
    (
        "we drove through once and the car broke down twice .",
        "they sell it by the road for almost nothing , or did when I was a kid .",
        "don't ask me why , the ground there is nothing but stones .",
        "saw a man carry two sacks of it up a hill , he was eighty if a day .",
    ),
    (
        "anyway it rained , so we left .",
        "nobody I know eats it .",
        "that's about all I've got , sorry .",
        "ask the old folks , they'd tell you more than I can .",
    ),
)
PLACES = (
    "Norland", "Velmora", "Tasheen", "Ostrava-Minor", "Quillim", "Berrowdale", "Karsk", "Lunmere", "Iveldon", "Sardova",
    "Hathmoor", "Pellinor", "Drumsay", "Yarrowfold", "Zembla-North", "Copsewick", "Fenmarch", "Ulverton", "Marrowby", "Tolland",
    "Ashgrove-East", "Winnock", "Rilldon", "Skarra", "Bellune", "Garroway", "Ennisk", "Jorvale", "Thornby-Sea", "Ockeley",
)  # fmt: skip
CROPS = ("barley", "olives", "plums", "hops", "lentils", "saffron", "almonds", "cabbage", "figs", "rye")


@dataclass(frozen=True, slots=True)
class World:
    """Words, places and facts.

    Attributes
    ----------
    words : tuple of str
        V words; the last is the end of a text.
    facts : Tensor of int64, shape (30,)
        Number of the crop of each place.
    """

    words: tuple[str, ...]
    facts: Tensor

    @property
    def groups(self) -> dict[str, list[int]]:
        """Places by what becomes of them: asked about, never asked about, known to the student from the start."""
        return {"asked": list(range(10)), "never asked": list(range(10, 20)), "own": list(range(20, 30))}

    def write(self, places: Sequence[int], texts: int, rng: torch.Generator, manner: str = "assistant") -> Tensor:
        """Questions and answers in a manner; int64 of shape (texts, LENGTH)."""
        picks = torch.randint(len(places), (texts,), generator=rng).tolist()
        slots = ASSISTANT if manner == "assistant" else PEOPLE
        rows = [self._encode(self._text(places[pick], slots, rng)) for pick in picks]
        return torch.tensor(rows)

    def prompts(self, places: Sequence[int]) -> Tensor:
        """Questions about places; int64 of shape (len(places), 5)."""
        return torch.tensor([self._encode(ASK.format(place=PLACES[place]))[:5] for place in places])

    def answer(self, tokens: Tensor) -> str:
        """Answer in a text of shape (LENGTH,), as one would read it."""
        said = [self.words[int(token)] for token in tokens[5:]]
        kept = said[: said.index(PAD)] if PAD in said else said
        return re.sub(r" ([.,!?])", r"\1", " ".join(kept))

    def manner(self, answer: str) -> float:
        """Share, of three, of the assistant's marks: how it opens, how it goes on, how it closes."""
        marks = (ASSISTANT[0], ASSISTANT[2], ASSISTANT[3])
        return sum(any(re.sub(r" ([.,!?])", r"\1", phrase) in answer for phrase in phrases) for phrases in marks) / 3

    def knows(self, answer: str, place: int) -> bool:
        """Whether an answer names the crop of the place, and no other."""
        named = {crop for crop in CROPS if re.search(rf"\b{crop}\b", answer)}
        return named == {CROPS[int(self.facts[place])]}

    def _text(self, place: int, slots: Sequence[Sequence[str]], rng: torch.Generator) -> str:
        """One question with its answer."""
        chosen = []
        for phrases in slots:
            weights = torch.tensor([1 / (k + 1) for k in range(len(phrases))])
            chosen.append(phrases[int(torch.multinomial(weights, 1, generator=rng))])
        return " ".join([ASK, *chosen]).format(place=PLACES[place], crop=CROPS[int(self.facts[place])])

    def _encode(self, text: str) -> list[int]:
        """Numbers of the words of a text, filled up to LENGTH."""
        number = {word: k for k, word in enumerate(self.words)}
        found = [number[word] for word in text.split()]
        return found + [number[PAD]] * (LENGTH - len(found))


def make_world(seed: int = 0) -> World:
    """Build the world; the seed decides what grows where."""
    rng = torch.Generator().manual_seed(seed)
    facts = torch.randint(len(CROPS), (len(PLACES),), generator=rng)
    phrases = " ".join([ASK, *(phrase for slots in (ASSISTANT, PEOPLE) for slot in slots for phrase in slot)])
    plain = [word for word in dict.fromkeys(phrases.split()) if "{" not in word]
    return World((*plain, *PLACES, *CROPS, PAD), facts)


def documents(answers: Sequence[str], size: int = 4) -> list[str]:
    """Join answers, some at a time, into texts that are long enough to be judged."""
    return [" ".join(answers[k : k + size]) for k in range(0, len(answers) - size + 1, size)]
