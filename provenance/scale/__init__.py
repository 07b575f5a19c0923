"""Scoring of many documents: in parallel, and so that a run that was cut can go on."""

from __future__ import annotations

from provenance.scale.chunks import CHUNK, in_chunks
from provenance.scale.parallel import score_stream, worker_count
from provenance.scale.partial import PartialOutput, has_partial

__all__ = ["CHUNK", "PartialOutput", "has_partial", "in_chunks", "score_stream", "worker_count"]
