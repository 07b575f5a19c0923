"""Rows of a corpus by what stands in a column: months where it holds dates, else its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

import numpy as np

from provenance.corpus.share import Group
from provenance.documents import Document
from provenance.errors import InputError, UsageError
from provenance.writing import printable

__all__ = ["column_of", "groups_of", "month_of"]

FIELDS = ("source", "family", "domain", "prompt", "label", "group")
MOST_GROUPS = 36
NONE, OTHERS, UNREADABLE = "(none)", "(others)", "(unreadable)"
DATE_NAME = re.compile(
    r"(?:^|[_\W])(?:date|datetime|time|timestamp|month|year|created|published|posted|day)(?:$|[_\W])|_at$", re.I
)
DATE_SHAPE = re.compile(r"\s*(\d{4})[-/.](\d{1,2})(?!\d)")
LONGEST = 80
YEARS = range(1900, 2101)


def column_of(document: Document, name: str) -> object:
    """Value of a document in a column: one of its fields, or what else its row held; None where there is nothing."""
    if name in FIELDS and getattr(document, name) is not None:
        return getattr(document, name)
    return document.meta.get(name)


def month_of(value: object) -> str | None:
    """Read a date, and give its month as ``YYYY-MM``, or its year as ``YYYY`` where that is all; None where it is no date.

    Takes dates, ISO 8601, dates of e-mails, years, and seconds or milliseconds since 1970.

    Examples
    --------
    >>> month_of("2023-05-17T10:00:00Z"), month_of(2021), month_of(1_700_000_000), month_of("soon")
    ('2023-05', '2021', '2023-11', None)
    """
    if isinstance(value, date):
        return f"{value.year:04}-{value.month:02}"
    if isinstance(value, str):
        return _month_of_text(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _month_of_number(float(value))
    return None


def _month_of_text(text: str) -> str | None:
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return _month_of_number(float(text)) if len(text) < 20 else None
    found = DATE_SHAPE.match(text)
    if found:
        year, month = int(found[1]), int(found[2])
        return f"{year:04}-{month:02}" if 1 <= month <= 12 and year in YEARS else None
    try:
        return month_of(parsedate_to_datetime(text[:LONGEST]))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _month_of_number(value: float) -> str | None:
    if value in YEARS:
        return f"{int(value)}"
    seconds = value / 1000 if value >= 1e11 else value
    if not 1e8 <= seconds < 4.2e9:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.year:04}-{moment.month:02}"


def groups_of(values: Sequence[object], name: str) -> list[Group]:
    """Group rows by the values of a column.

    Parameters
    ----------
    values : sequence of object
        One a row; None where the row holds nothing.
    name : str
        Name of the column, which also says whether dates are expected.

    Returns
    -------
    list of (str, ndarray of int64)
        Months, or years where there are more than 36 months, in order; else values, the commonest first, those beyond 36
        together.

    Raises
    ------
    UsageError
        When no row has the column.
    InputError
        When the column's name promises dates and fewer than half can be read.
    """
    present = [value for value in values if value is not None]
    if not present:
        raise UsageError(f"--by {name}: none of {len(values):,} rows holds it; wanted the name of a column of the corpus")
    months = [month_of(value) for value in values]
    n_read = sum(month is not None for month in months)
    promised = bool(DATE_NAME.search(name))
    if promised and n_read < len(present) / 2:
        odd = next(value for value, month in zip(values, months, strict=True) if value is not None and month is None)
        raise InputError(
            f"--by {name}: {len(present) - n_read:,} of {len(present):,} values cannot be read as dates, such as "
            f"{printable(str(odd), 30)!r}; wanted dates like 2023-05-17, or another column"
        )
    if promised or n_read >= 0.9 * len(present):
        return _by_date(values, months)
    return _by_value([NONE if value is None else printable(str(value), LONGEST) or NONE for value in values])


def _by_date(values: Sequence[object], months: Sequence[str | None]) -> list[Group]:
    """Group by month, or by year where there are too many months; in order of time, what is no date last."""
    short = len(set(filter(None, months))) > MOST_GROUPS
    names = []
    for value, month in zip(values, months, strict=True):
        names.append((NONE if value is None else UNREADABLE) if month is None else month[:4] if short else month)
    return sorted(_rows(names), key=lambda group: (group[0].startswith("("), group[0]))


def _by_value(names: list[str]) -> list[Group]:
    """Group by value, the commonest first."""
    counts = Counter(names)
    if len(counts) > MOST_GROUPS:
        kept = {name for name, _ in counts.most_common(MOST_GROUPS - 1)}
        names = [name if name in kept else OTHERS for name in names]
    return sorted(_rows(names), key=lambda group: (group[0].startswith("("), -len(group[1]), group[0]))


def _rows(names: Sequence[str]) -> list[Group]:
    """Rows of each name."""
    found: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        found.setdefault(name, []).append(row)
    return [(name, np.array(rows, np.int64)) for name, rows in found.items()]
