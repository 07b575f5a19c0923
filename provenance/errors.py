"""The errors that the package raises on purpose.

Each message is one line that says what was found, what was wanted and what to do about it. Anything else that
escapes is a fault of the package, not of its user.
"""

from __future__ import annotations

__all__ = [
    "DependencyError",
    "DetectorError",
    "InputError",
    "OutputError",
    "ProvenanceError",
    "UsageError",
]


class ProvenanceError(Exception):
    """Base of all errors that a user can cause and can mend; the command line ends with exit code 1."""


class InputError(ProvenanceError):
    """The input cannot be read: no such file, a binary file, no such field, an empty file, a broken archive."""


class OutputError(ProvenanceError):
    """The output cannot be written: no such folder, no permission, disk full. An earlier output is left intact."""


class DetectorError(ProvenanceError):
    """A detector cannot be used: unknown name, missing or foreign file, another ``format_version``."""


class UsageError(ProvenanceError):
    """Options or arguments that do not fit together; the command line ends with exit code 2."""


class DependencyError(ProvenanceError):
    """An optional package is missing; the message says how to install it."""
