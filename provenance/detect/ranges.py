"""What the values of a recipe may be: a mistake is told before hours of training, and before a folder is believed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from provenance.errors import UsageError

if TYPE_CHECKING:
    from provenance.detect.recipe import Recipe

MOST_TOKENS = 6
"""Tokens of the longest n-gram."""

_WHOLE = (0.0, math.inf)
_COUNT = (1.0, math.inf)
_SHARE = (0.0, 1.0)
_BOUNDS: dict[str, tuple[float, float]] = {
    "version": _COUNT,
    "bits": (10, 24),
    "n_common": _WHOLE,
    "min_documents": _COUNT,
    "min_corpora": _COUNT,
    "style_scale": _WHOLE,
    "max_iter": _COUNT,
    "shortest": _COUNT,
    "longest": _COUNT,
    "per_corpus": _COUNT,
    "lower_case_share": _SHARE,
    "strip_markdown_share": _SHARE,
    "embedder_layers": _WHOLE,
    "encoder_layers": _WHOLE,
    "encoder_steps": _COUNT,
    "extras_per_corpus": _COUNT,
    "clear": (0, 0.2),
    "folds": (2, 100),
    "calibration_per_corpus": _COUNT,
    "min_words": _COUNT,
}
_NAME = re.compile(r"[\w.+-]{1,80}")


def check_ranges(recipe: Recipe, where: str) -> None:
    """Check that every value of a recipe lies in its range.

    Parameters
    ----------
    recipe : Recipe
        Of the right types.
    where : str
        File or folder that it comes from, for the message.

    Raises
    ------
    UsageError
        For the first value that does not, with its key and what is wanted.
    """

    def refuse(key: str, wanted: str) -> None:
        raise UsageError(f"{where}: recipe key {key!r} is {getattr(recipe, key)!r}; wanted {wanted}")

    if not _NAME.fullmatch(recipe.name):
        refuse("name", "1 to 80 letters, digits, '_', '-', '+' or '.'")
    for key, (low, high) in _BOUNDS.items():
        value = getattr(recipe, key)
        if not (low <= value <= high and math.isfinite(value)):
            refuse(key, f"{low:g} or more" if high == math.inf else f"{low:g} to {high:g}")
    for key in ("c", "family_c", "encoder_rate"):
        if not 0 < getattr(recipe, key) < math.inf:
            refuse(key, "a number above 0")
    if not 0 < recipe.prior < 1:
        refuse("prior", "a share between 0 and 1, neither of them")
    if recipe.shortest > recipe.longest:
        refuse("shortest", f"at most 'longest', which is {recipe.longest}")
    for key in ("word_ngrams", "skeleton_ngrams"):
        if not _is_range(getattr(recipe, key)):
            refuse(key, f"two whole numbers from 1 to {MOST_TOKENS}, lowest first, or [0, 0] for none")
    if not recipe.word_ngrams[1] and not recipe.skeleton_ngrams[1]:
        refuse("word_ngrams", "some n-grams, of words or of skeletons")
    for key in ("exclude_sources", "exclude_kinds"):
        if not all(isinstance(name, str) for name in getattr(recipe, key)):
            refuse(key, "a list of names")


def _is_range(pair: tuple[object, ...]) -> bool:
    if len(pair) != 2 or any(type(n) is not int for n in pair):
        return False
    low, high = pair
    return pair == (0, 0) or 1 <= low <= high <= MOST_TOKENS  # type: ignore[operator]
