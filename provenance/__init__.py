"""Which texts carry the style of a large language model, and whose.

The names below are loaded when they are first used, so that ``import provenance`` costs next to nothing.

Examples
--------
>>> from provenance import load_detector
>>> scores = load_detector("fast").score(["The quick brown fox jumps over the lazy dog."])
>>> scores[0].verdict, scores[0].reason
('abstained', 'too_short')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.detect.detector import Detector
    from provenance.detect.result import Score
    from provenance.documents import Document
    from provenance.models import load_detector
    from provenance.reading import read_documents

__version__ = "0.1.0"

__all__ = ["Detector", "Document", "Score", "__version__", "load_detector", "read_documents"]

_HOMES = {
    "Detector": "provenance.detect.detector",
    "Document": "provenance.documents",
    "Score": "provenance.detect.result",
    "load_detector": "provenance.models",
    "read_documents": "provenance.reading",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'provenance' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, the ones not loaded yet too."""
    return sorted(__all__)
