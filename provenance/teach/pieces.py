"""A second tokenizer: words cut into pieces, by byte-pair encoding in thirty lines (Sennrich et al. 2016)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Pieces", "learn_pieces"]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A vocabulary of pieces.

    Attributes
    ----------
    names : tuple of str
        Pieces; one that starts a word begins with a space.
    cuts : dict of str to tuple of int
        Numbers of the pieces of each word.
    """

    names: tuple[str, ...]
    cuts: dict[str, tuple[int, ...]]

    def encode(self, words: Sequence[str]) -> tuple[list[int], list[int]]:
        """Cut words.

        Returns
        -------
        pieces : list of int
        starts : list of int
            Place, among the pieces, of the first piece of each word.
        """
        pieces: list[int] = []
        starts = []
        for word in words:
            starts.append(len(pieces))
            pieces.extend(self.cuts[word])
        return pieces, starts


def learn_pieces(words: Sequence[str], merges: int) -> Pieces:
    """Learn pieces from words: start with letters, and join the commonest pair again and again.

    Parameters
    ----------
    words : sequence of str
        Words of a text, each as often as it comes.
    merges : int

    Examples
    --------
    >>> pieces = learn_pieces(["low", "lower", "lowest", "low"], merges=3)
    >>> [pieces.names[k] for k in pieces.cuts["lower"]]
    [' lowe', 'r']
    """
    counts = Counter(words)
    cut = {word: [" " + word[0], *word[1:]] for word in counts}
    for _ in range(merges):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in cut.items():
            for pair in zip(parts, parts[1:], strict=False):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = max(sorted(pairs), key=lambda pair: pairs[pair])
        cut = {word: _joined(parts, best) for word, parts in cut.items()}
    names = tuple(sorted({part for parts in cut.values() for part in parts}))
    number = {name: k for k, name in enumerate(names)}
    return Pieces(names, {word: tuple(number[part] for part in parts) for word, parts in cut.items()})


def _joined(parts: list[str], pair: tuple[str, str]) -> list[str]:
    """Parts with every neighbouring `pair` made one."""
    found: list[str] = []
    for part in parts:
        if found and (found[-1], part) == pair:
            found[-1] += part
        else:
            found.append(part)
    return found
