"""Experiments that run on a laptop: what a student learns from a teacher's text, from its logits, and what shows."""
