"""Lists of texts out of a pickle, read opcode by opcode: nothing that the file names is imported or run.

One corpus is published as pickled lists of strings. Loading a pickle runs what it says; this reader knows lists and
strings, and refuses a file that holds anything else.
"""

from __future__ import annotations

import pickletools
from pathlib import Path

from provenance.errors import InputError

__all__ = ["MAX_BYTES", "read_text_list"]

MAX_BYTES = 256 * 2**20

_STRINGS = frozenset({"BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE"})
_STORES = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_FETCHES = frozenset({"GET", "BINGET", "LONG_BINGET"})
_SILENT = frozenset({"PROTO", "FRAME", "STOP"})


class _Mark:
    """Where a run of items begins."""


class _Machine:
    """Stack and memo of the few opcodes that a list of texts needs."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}

    def take(self, name: str, argument: object) -> None:
        """Obey one opcode; `KeyError` for one that a list of texts does not need."""
        if name in _STRINGS:
            self.stack.append(argument)
        elif name == "NONE":
            self.stack.append(None)
        elif name in ("EMPTY_LIST", "MARK"):
            self.stack.append([] if name == "EMPTY_LIST" else _Mark())
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = self.stack[-1]
        elif name in _STORES:
            self.memo[int(str(argument))] = self.stack[-1]
        elif name in _FETCHES:
            self.stack.append(self.memo[int(str(argument))])
        elif name == "APPEND":
            self._extend([self.stack.pop()])
        elif name == "APPENDS":
            self._extend(self._run())
        elif name == "LIST":
            self.stack.append(self._run())
        elif name not in _SILENT:
            raise KeyError(name)

    def _run(self) -> list[object]:
        """Items down to the last mark."""
        place = max(k for k, item in enumerate(self.stack) if isinstance(item, _Mark))
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def _extend(self, items: list[object]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list):
            raise TypeError("no list to append to")
        target.extend(items)


def read_text_list(path: str | Path) -> list[str | None]:
    """Read a pickled list of strings without running it.

    Parameters
    ----------
    path : str or Path
        At most 256 MiB.

    Returns
    -------
    list of str or None

    Raises
    ------
    InputError
        When the file cannot be read, is longer, is no pickle, or holds anything but a list of texts.
    """
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: is longer than {MAX_BYTES:,} bytes; wanted a list of texts")
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); wanted a file of the corpus") from error
    machine = _Machine()
    name = "nothing"
    try:
        for opcode, argument, _ in pickletools.genops(data):
            name = opcode.name
            machine.take(name, argument)
    except KeyError as error:
        raise InputError(
            f"{path}: holds {name}; only lists of texts are read from a pickle, and nothing in it is run"
        ) from error
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise InputError(f"{path}: is no whole pickle of texts ({str(error)[:80]})") from error
    found = machine.stack[-1] if machine.stack else None
    if not isinstance(found, list) or not all(item is None or isinstance(item, str) for item in found):
        raise InputError(f"{path}: holds no list of texts; wanted a file of the corpus")
    return found
