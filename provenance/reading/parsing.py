"""One JSON value from bytes: fast where the bytes are clean, forgiving where model runners are known to slip."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import orjson

from provenance.reading.rows import RowError

__all__ = ["parse_json", "without_surrogates"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(data: bytes, on_replaced: Callable[[], None]) -> object:
    """Parse one JSON value.

    Taken in spite of the standard: bytes that are no UTF-8 and escapes of lone surrogates (both replaced by U+FFFD),
    NaN and Infinity, control characters inside strings, a byte order mark.

    Parameters
    ----------
    data : bytes
    on_replaced : callable
        Called once when something was replaced.

    Returns
    -------
    object
        Strings in it hold no lone surrogates.

    Raises
    ------
    RowError
        When `data` is no JSON, or is nested too deep.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if "ecursion" in str(error):
            raise RowError("JSON nested too deep to read") from error
    text = data.decode("utf-8", "replace")
    try:
        value = json.loads(text.removeprefix("\ufeff"), strict=False)
    except RecursionError as error:
        raise RowError("JSON nested too deep to read") from error
    except json.JSONDecodeError as error:
        raise RowError(f"not JSON: {error.msg} at character {error.pos + 1:,} of {len(text):,}") from error
    except ValueError as error:  # a number of thousands of digits
        raise RowError(f"not JSON that can be read: {str(error).partition(';')[0]}") from error
    try:
        clean = without_surrogates(value)
    except RecursionError as error:
        raise RowError("JSON nested too deep to read") from error
    if clean != value or "\ufffd" in text:
        on_replaced()
    return clean


def without_surrogates(value: object) -> object:
    """Replace lone surrogates by U+FFFD in every string and key of a JSON value; NaN and numbers stay as they are."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_SURROGATE.sub("\ufffd", key): without_surrogates(item) for key, item in value.items()}
    return value
