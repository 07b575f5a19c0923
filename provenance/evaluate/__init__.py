"""How good a detector is and where it fails: measures with intervals, and splits that leave whole corpora out."""
