"""Text that the package makes itself: a small English of which the true distribution is known.

A text is written by a machine of a few hundred states. In every state each word has a known probability, and the word
decides the next state; so the state can be told from the words so far, and the distribution of the next word is exact.
The distance of a model from the truth is then a sum, not an estimate. Nouns decide which verbs, places and adjectives
follow, verbs agree with their noun, and the subject of a text lingers: there is something to learn at every position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["START", "Grammar", "make_grammar"]

START = 0
"""Token that every text begins with."""

DETERMINERS = ("the", "a", "this", "every", "many", "some", "these")
PLURAL = frozenset({"many", "some", "these"})
ADJECTIVES = ("old", "small", "quiet", "red", "tired", "bright", "heavy", "clever", "cold", "famous")
NOUNS = {
    "sea": ("boat", "sailor", "wave", "gull", "net", "harbour"),
    "farm": ("horse", "farmer", "barn", "lamb", "field", "tractor"),
    "town": ("shop", "baker", "tram", "street", "clock", "mayor"),
    "school": ("teacher", "pupil", "book", "desk", "lesson", "bell"),
}
VERBS = ("wait", "turn", "fall", "sing", "sleep", "shine", "return", "listen", "tremble", "remain")
ADVERBS = ("slowly", "again", "alone", "together", "today", "often")
PREPOSITIONS = ("near", "behind", "under", "beside")
PLACES = {
    "sea": ("lighthouse", "beach", "pier"),
    "farm": ("hedge", "pond", "gate"),
    "town": ("market", "bridge", "station"),
    "school": ("yard", "library", "stairs"),
}
ENDS = (".", "!")


@dataclass(frozen=True, slots=True)
class Grammar:
    """A machine that writes, K states and V words.

    Attributes
    ----------
    words : tuple of str
        V words; the first is the start of a text.
    chances : Tensor, shape (K, V)
        Probability of each word in each state.
    moves : Tensor of int64, shape (K, V)
        State after each word.
    """

    words: tuple[str, ...]
    chances: Tensor
    moves: Tensor

    def sample(self, texts: int, length: int, rng: torch.Generator) -> Tensor:
        """Write texts; int64 of shape (texts, length), the first column all `START`."""
        state = torch.zeros(texts, dtype=torch.long)
        tokens = torch.full((texts, length), START)
        for t in range(1, length):
            tokens[:, t] = torch.multinomial(self.chances[state], 1, generator=rng)[:, 0]
            state = self.moves[state, tokens[:, t]]
        return tokens

    def truth(self, tokens: Tensor) -> Tensor:
        """Exact distribution of the next word after every position.

        Parameters
        ----------
        tokens : Tensor of int64, shape (B, T)
            Texts of this grammar.

        Returns
        -------
        Tensor, shape (B, T, V)
        """
        return self.chances[self.states(tokens)]

    def states(self, tokens: Tensor) -> Tensor:
        """State of the machine after every position, int64 of shape (B, T)."""
        state = torch.zeros(len(tokens), dtype=torch.long)
        states = [state]
        for t in range(1, tokens.shape[1]):
            state = self.moves[state, tokens[:, t]]
            states.append(state)
        return torch.stack(states, 1)

    def entropy(self, tokens: Tensor) -> float:
        """Mean entropy of the next word in nats: the lowest loss that any model can have on these texts."""
        chances = self.truth(tokens)
        return float(torch.special.entr(chances).sum(-1).mean())

    def text(self, tokens: Tensor) -> str:
        """Words of one text, shape (T,), as one would read them."""
        said = " ".join(self.words[int(token)] for token in tokens if token != START)
        return said.replace(" .", ".").replace(" !", "!")


def make_grammar(seed: int = 0) -> Grammar:
    """Build the grammar; the seed decides which noun likes which verb, adjective and place.

    Examples
    --------
    >>> grammar = make_grammar()
    >>> bool((grammar.chances.sum(1) - 1).abs().max() < 1e-5)
    True
    """
    rng = torch.Generator().manual_seed(seed)
    nouns = [noun for topic in NOUNS.values() for noun in topic]
    topic_of = {noun: topic for topic, members in NOUNS.items() for noun in members}
    places = [place for topic in PLACES.values() for place in topic]
    words = ("<s>", *DETERMINERS, *ADJECTIVES, *nouns, *(noun + "s" for noun in nouns), *(verb + "s" for verb in VERBS))
    words += (*VERBS, *ADVERBS, *PREPOSITIONS, *places, "and", *ENDS)
    number = {word: k for k, word in enumerate(words)}

    def zipf(choices: tuple[str, ...] | list[str], favour: frozenset[str] = frozenset()) -> dict[str, float]:
        """Chances that fall as 1/rank in an order drawn at random; those in `favour` are eight times as likely."""
        order = torch.randperm(len(choices), generator=rng).tolist()
        raw = {choices[k]: (8.0 if choices[k] in favour else 1.0) / (rank + 1) for rank, k in enumerate(order)}
        return {word: value / sum(raw.values()) for word, value in raw.items()}

    chances: dict[tuple[str, ...], dict[str, float]] = {}
    moves: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}

    def state(name: tuple[str, ...], parts: list[tuple[float, dict[str, float]]], then: Mapping[str, tuple[str, ...]]) -> None:
        """Add a state: a mixture of word distributions, and where each word leads."""
        chances[name] = {word: share * value for share, part in parts for word, value in part.items()}
        moves.update({(name, word): then[word] for word in chances[name]})

    def opening(topic: str) -> dict[str, tuple[str, ...]]:
        return {word: ("noun phrase", topic, "s" if word in PLURAL else "") for word in DETERMINERS}

    state(("start",), [(1.0, zipf(DETERMINERS))], opening(""))
    for topic in ("", *NOUNS):
        favoured = frozenset(NOUNS.get(topic, ()))
        state(("sentence", topic), [(1.0, zipf(DETERMINERS))], opening(topic))
        for plural in ("", "s"):
            forms: dict[str, tuple[str, ...]] = {noun + plural: ("verb", noun, plural) for noun in nouns}
            liked = {noun + plural: value for noun, value in zipf(nouns, favoured).items()}
            described: dict[str, tuple[str, ...]] = {adjective: ("noun", topic, plural) for adjective in ADJECTIVES}
            state(("noun phrase", topic, plural), [(0.6, liked), (0.4, zipf(ADJECTIVES))], forms | described)
            state(("noun", topic, plural), [(1.0, liked)], forms)
    for noun in nouns:
        topic = topic_of[noun]
        liked = zipf(VERBS)
        for plural in ("", "s"):
            agreeing = {verb + ("" if plural else "s"): value for verb, value in liked.items()}
            state(("verb", noun, plural), [(1.0, agreeing)], {verb: ("after", noun) for verb in agreeing})
        ends: dict[str, tuple[str, ...]] = {end: ("sentence", topic) for end in ENDS}
        around: dict[str, tuple[str, ...]] = {word: ("place", noun, word) for word in PREPOSITIONS}
        manner: dict[str, tuple[str, ...]] = {word: ("close", noun) for word in ADVERBS}
        state(("after", noun), [(0.4, zipf(PREPOSITIONS)), (0.4, zipf(ADVERBS)), (0.2, zipf(ENDS))], around | manner | ends)
        there = zipf(places, frozenset(PLACES[topic]))
        for word in PREPOSITIONS:
            state(("place", noun, word), [(1.0, there)], {place: ("close", noun) for place in places})
        state(("close", noun), [(0.8, zipf(ENDS)), (0.2, {"and": 1.0})], ends | {"and": ("sentence", topic)})
    names = {name: k for k, name in enumerate(chances)}
    table, onward = torch.zeros(len(names), len(words)), torch.zeros(len(names), len(words), dtype=torch.long)
    for name, row in chances.items():
        for word, value in row.items():
            table[names[name], number[word]] = value
            onward[names[name], number[word]] = names[moves[name, word]]
    return Grammar(words, table, onward)
