"""The shipped word list as a look-up by token hash: how common a word is, and which style category it belongs to."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from provenance.features.tokens import PUNCTUATION, TokenBatch, tokenise

_BITS = 18
_SLOT = np.uint64((1 << _BITS) - 1)

PUNCTUATION_CATEGORIES: dict[str, str] = {
    "comma": ",",
    "period": ".",
    "semicolon": ";",
    "colon": ":",
    "question_mark": "? ??",
    "exclamation_mark": "! !! !!!",
    "ellipsis": "... .. ....",
    "dash": "-- ---",
    "hyphen": "-",
    "bracket": "( ) [ ]",
    "double_quote": '"',
    "single_quote": "'",
    "markdown_mark": "* ** *** # ## ### #### ` ``` _ __ > |",
    "slash": "/",
}
WORD_CATEGORIES: dict[str, str] = {
    "the": "the",
    "a_an": "a an",
    "of": "of",
    "and": "and",
    "to": "to",
    "that": "that",
    "demonstrative": "this these those such",
    "first_singular": "i me my mine myself i'm i've i'd i'll",
    "first_plural": "we us our ours ourselves we're we've we'll we'd let's",
    "second_person": "you your yours yourself yourselves you're you've you'll you'd",
    "third_person": "he she him her his hers himself herself he's she's he'd she'd he'll she'll",
    "third_plural": "they them their theirs themselves they're they've they'll they'd",
    "it": "it its itself it's it'll it'd",
    "preposition": "in on at by for with from into onto about over under between among through during against within"
    " without across toward towards upon behind beyond beside along around near off up down out",
    "or_nor": "or nor either neither",
    "but": "but yet though although",
    "subordinator": "because since unless while whereas if when whenever until once before after as than whether",
    "be": "is are was were be been being am isn't aren't wasn't weren't",
    "have": "has have had having hasn't haven't hadn't",
    "do": "do does did doing done don't doesn't didn't",
    "modal": "can could may might must shall should will would can't couldn't won't wouldn't shouldn't cannot",
    "negation": "not no never none nothing nobody nowhere",
    "wh_word": "what which who whom whose where why how",
    "existential": "there there's here here's",
    "quantifier": "some any many much more most few less least several all both each every other another",
    "intensifier": "very really just so too quite pretty rather totally absolutely actually literally even only still"
    " already always",
    "hedge": "perhaps maybe probably possibly likely seems seem seemed appears apparently somewhat generally often"
    " usually sometimes almost kind sort guess think",
    "connective": "however moreover furthermore additionally therefore thus hence consequently nevertheless nonetheless"
    " overall ultimately finally instead meanwhile firstly secondly similarly conversely accordingly",
    "evaluation": "important crucial essential significant various potential comprehensive unique valuable diverse key"
    " effective ensure ensuring enhance highlight highlights highlighting provide provides providing",
    "informal": "got get gets getting gonna wanna yeah yes ok okay lol stuff thing things guy guys lot lots kinda cool"
    " awesome hey oh well like",
}
CATEGORIES: tuple[str, ...] = ("other_word", "other_mark", *PUNCTUATION_CATEGORIES, *WORD_CATEGORIES)
"""Style categories; a token has exactly one."""


@lru_cache(maxsize=1)
def word_list() -> tuple[str, ...]:
    """Return the shipped English words, commonest first, in lower case."""
    text = files("provenance.features").joinpath("data/common_words.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


_CATEGORY_SHIFT = 20
_RANK = (1 << _CATEGORY_SHIFT) - 1


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Hash table with one slot a token: later entries win, so the order is rare words, common words, listed tokens.

    The second array holds rank and category in one number.
    """
    words = word_list()
    rank = {word: i for i, word in enumerate(words)}
    listed = {
        token: CATEGORIES.index(name)
        for name, tokens in (PUNCTUATION_CATEGORIES | WORD_CATEGORIES).items()
        for token in tokens.split()
    }
    entries = [word for word in reversed(words) if word not in listed] + list(listed)
    hashes = tokenise(entries, normalised=True).hashes
    slots = (hashes & _SLOT).astype(np.int64)
    keys = np.zeros(1 << _BITS, np.uint64)
    places = np.full(1 << _BITS, len(words), np.int32)
    for i, token in enumerate(entries):
        keys[slots[i]] = hashes[i]
        places[slots[i]] = rank.get(token, len(words)) | listed.get(token, 0) << _CATEGORY_SHIFT
    return keys, places


def look_up(batch: TokenBatch) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Find every token in the word list; done once a batch.

    Returns
    -------
    ranks : ndarray of int32, shape (n_tokens,)
        0 for the commonest word; ``len(word_list())`` for a token that is not listed.
    categories : ndarray of uint8, shape (n_tokens,)
        Index into `CATEGORIES`.
    """
    if "look_up" not in batch.kept:
        keys, places = _tables()
        slots = (batch.hashes & _SLOT).view(np.int64)
        found = places.take(slots)
        found[keys.take(slots) != batch.hashes] = len(word_list())
        categories = (found >> _CATEGORY_SHIFT).astype(np.uint8)
        categories += (categories == 0) & (batch.kinds == PUNCTUATION)
        batch.kept["look_up"] = found & _RANK, categories
    return batch.kept["look_up"]
