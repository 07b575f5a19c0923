"""Scores made elsewhere: a file of ids and scores, put beside the documents that they are about."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.documents import Document
from provenance.errors import InputError
from provenance.reading.containers import open_rows
from provenance.reading.rows import MAX_ROW_BYTES, Notes, Problem
from provenance.reading.streams import open_stream

__all__ = ["Prediction", "match_predictions", "read_predictions"]

_KNOWN = frozenset({"id", "score"})
_VERDICTS = frozenset({"flagged", "not_flagged", "abstained"})


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was said of one text elsewhere.

    Attributes
    ----------
    score : float or None
        Higher = more machine-like; None where nothing was said.
    probability, p_value : float or None
        In [0, 1], where the file has them.
    verdict : {'flagged', 'not_flagged', 'abstained'} or None
    """

    score: float | None
    probability: float | None = None
    p_value: float | None = None
    verdict: str | None = None


def read_predictions(path: str | Path) -> dict[str, Prediction]:
    """Read a file of predictions: JSON lines, JSON, CSV or Parquet with the fields id and score.

    The fields probability, p_value and verdict are taken too, so that the output of ``provenance score`` will do.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to Prediction
        By id.

    Raises
    ------
    InputError
        When there is no such file, a row has no id or no score, a number is none, or an id stands twice.
    """
    place = Path(path)
    if not place.is_file():
        raise InputError(f"{path}: no such file; wanted a file of predictions with the fields id and score")
    stream = open_stream(place, str(path), Notes())
    found: dict[str, Prediction] = {}
    try:
        unit, rows = open_rows(stream, place, _KNOWN, MAX_ROW_BYTES)
        for number, row in rows:
            where = f"{path}:{number}" if unit == "line" else f"{path}, {unit} {number}"
            ident, prediction = _prediction(row, where)
            if ident in found:
                raise InputError(f"{where}: id {ident[:80]!r} stands twice; wanted one score a text")
            found[ident] = prediction
    finally:
        stream.close()
    if not found:
        raise InputError(f"{path}: holds no rows; wanted the fields id and score")
    return found


def match_predictions(documents: Sequence[Document], found: Mapping[str, Prediction]) -> list[Prediction]:
    """Give each document the prediction with its id; one without gets a prediction without a score.

    Raises
    ------
    InputError
        When two documents share an id, or no id of the documents is among the predictions.
    """
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise InputError(
                f"id {document.id[:80]!r} names two texts of the corpora; predictions are found by id: name another "
                "field with --id-field, or evaluate the corpora one by one"
            )
        seen.add(document.id)
    if not seen & set(found):
        raise InputError(
            f"none of {len(found):,} predictions is about one of {len(seen):,} texts: the first ids are "
            f"{next(iter(found))[:80]!r} and {documents[0].id[:80]!r}; wanted the same ids: see --id-field"
        )
    return [found.get(document.id, Prediction(None)) for document in documents]


def _prediction(row: object, where: str) -> tuple[str, Prediction]:
    """One row as an id and what was said."""
    if isinstance(row, Problem):
        raise InputError(f"{where}: {row.message}")
    if not isinstance(row, dict):
        raise InputError(f"{where}: is no record; wanted the fields id and score")
    missing = [name for name in ("id", "score") if name not in row]
    if missing or row["id"] is None:
        names = ", ".join(repr(str(name)[:40]) for name in list(row)[:10])
        raise InputError(f"{where}: no {' and no '.join(missing) or 'id'} (the row has {names}); wanted id and score")
    verdict = row.get("verdict") or None
    if verdict is not None and verdict not in _VERDICTS:
        raise InputError(f"{where}: verdict is {str(verdict)[:40]!r}; wanted flagged, not_flagged or abstained")
    numbers = {name: _number(row.get(name), name, where) for name in ("score", "probability", "p_value")}
    for name in ("probability", "p_value"):
        if numbers[name] is not None and not 0 <= numbers[name] <= 1:  # type: ignore[operator]
            raise InputError(f"{where}: {name} is {numbers[name]}; wanted a number from 0 to 1")
    return str(row["id"]), Prediction(verdict=verdict, **numbers)


def _number(value: Any, name: str, where: str) -> float | None:
    """Number of a cell; None where the cell is empty."""
    if value is None or value == "":
        return None
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not math.isfinite(number):
        raise InputError(f"{where}: {name} is {str(value)[:40]!r}; wanted a finite number, or nothing")
    return number
