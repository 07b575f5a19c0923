"""Slices of a corpus: by domain, source, attack, length or any field of its rows, and which human texts belong to each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.documents import Document
from provenance.errors import UsageError
from provenance.evaluate.observations import Observations

__all__ = ["FACETS", "LENGTHS", "MAX_VALUES", "Slice", "check_names", "length_name", "slices"]

LENGTHS: tuple[int, ...] = (0, 50, 100, 200, 400)
"""Lower bounds of the length bins, in words."""

FACETS: tuple[str, ...] = ("domain", "source", "family", "attack", "length", "corpus")
"""Slices with a meaning of their own; any other name is looked up among the fields of the rows."""

MAX_VALUES = 500
"""Values of a field beyond which it is no slice, but an id or a text."""

NO_ATTACK = "none"


@dataclass(frozen=True, slots=True)
class Slice:
    """Texts that share a value.

    Attributes
    ----------
    by : dict of str to (str or None)
        Name and value; empty for all texts. None stands for texts without a value.
    rows : ndarray of int64
        Places of the texts, human and machine.
    """

    by: dict[str, str | None]
    rows: NDArray[np.int64]


def slices(observed: Observations, by: Sequence[str]) -> Iterator[Slice]:
    """Give all texts, then the texts of each value of each name in `by`; values come in order.

    A source, a family or an attack is something that machine texts have. Its slice holds the machine texts with the
    value and the human texts of the corpora where they stand; of an attack that was made on human texts too, the
    human texts that were attacked so. A name of `FACETS` that no text has a value of gives no slices.

    Parameters
    ----------
    observed : Observations
    by : sequence of str
        Of `FACETS`, or fields of the rows.

    Raises
    ------
    UsageError
        When no row has a field of that name, or its values are too many to be slices.
    """
    yield Slice({}, np.arange(len(observed.documents)))
    for name in by:
        values = _values(observed, name)
        one_sided = name in ("source", "family", "attack")
        mine = values[observed.machine] if one_sided else values
        if all(value is None for value in mine):
            continue
        for value in _in_order(mine, name):
            rows = _one_sided(observed, values, name, value) if one_sided else np.flatnonzero(_equal(values, value))
            yield Slice({name: value}, rows)


def check_names(documents: Sequence[Document], by: Sequence[str]) -> list[str]:
    """Look at the names of slices before anything is scored.

    Returns
    -------
    list of str
        Names of `FACETS` that none of these documents has a value of: they will give no slices.

    Raises
    ------
    UsageError
        When no document has a field of another name, or its values are too many to be slices.
    """
    empty = []
    for name in by:
        if name != "length":
            values = _checked([_value(document, name) for document in documents], name, documents)
            empty += [name] if all(value is None for value in values) else []
    return empty


def length_name(n_words: int) -> str:
    """Name the length bin of a text, as in '50-99' or '400+'."""
    k = int(np.searchsorted(LENGTHS, n_words, side="right")) - 1
    return f"{LENGTHS[k]}+" if k == len(LENGTHS) - 1 else f"{LENGTHS[k]}-{LENGTHS[k + 1] - 1}"


def _values(observed: Observations, name: str) -> NDArray[np.object_]:
    """Value of a facet for every text, as object array of str or None."""
    if name == "length":
        found: list[str | None] = [length_name(int(n)) for n in observed.n_words]
    else:
        found = _checked([_value(document, name) for document in observed.documents], name, observed.documents)
    return np.array(found, object)


def _checked(found: list[str | None], name: str, documents: Sequence[Document]) -> list[str | None]:
    """The values, where they make slices."""
    if all(value is None for value in found) and name not in FACETS:
        fields = sorted({key for document in documents[:1000] for key in document.meta})
        raise UsageError(
            f"--by {name}: no text has a {name}; wanted one of {', '.join(FACETS)}"
            + (f", or a field of the rows ({', '.join(fields[:12])})" if fields else "")
        )
    distinct = len(set(found))
    if distinct > MAX_VALUES:
        raise UsageError(f"--by {name}: {distinct:,} different values; wanted {MAX_VALUES} or fewer: choose another field")
    return found


def _value(document: Document, name: str) -> str | None:
    value = getattr(document, name) if name in ("domain", "source", "family") else document.meta.get(name)
    if name == "attack" and value in (None, "", "none"):
        return NO_ATTACK
    return None if value is None else str(value)


def _in_order(values: NDArray[np.object_], name: str) -> list[str | None]:
    """Distinct values: lengths from short to long, the others by name, None last."""
    found = set(values.tolist())
    known = sorted(value for value in found if value is not None)
    if name == "length":
        known.sort(key=lambda text: int(text.rstrip("+").split("-")[0]))
    return [*known, *([None] if None in found else [])]


def _equal(values: NDArray[np.object_], value: str | None) -> NDArray[np.bool_]:
    return np.array([item == value for item in values], np.bool_)


def _one_sided(observed: Observations, values: NDArray[np.object_], name: str, value: str | None) -> NDArray[np.int64]:
    """Machine texts with the value, and the human texts that they are told from."""
    machine = observed.machine & _equal(values, value)
    corpora = np.array([str(document.meta.get("corpus", "")) for document in observed.documents], object)
    human = ~observed.machine & np.isin(corpora, list(set(corpora[machine])))
    if not human.any():
        human = ~observed.machine
    if name == "attack":
        same, clean = human & _equal(values, value), human & _equal(values, NO_ATTACK)
        human = same if same.any() else clean if clean.any() else human
    return np.flatnonzero(machine | human)
