"""Readers of what model runners write: any container, any known shape of row, one stream of documents."""

from __future__ import annotations

from provenance.reading.fields import Fields
from provenance.reading.reader import Reading, read_documents
from provenance.reading.rows import BadRow

__all__ = ["BadRow", "Fields", "Reading", "read_documents"]
