"""Whole corpora: the share of machine text in them, and rows that come from known synthetic data sets."""

from __future__ import annotations
