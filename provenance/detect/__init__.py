"""Features to a verdict: detectors, families, calibration, abstention, explanation and the folder format.

:class:`provenance.Detector` fits, scores, calibrates, saves and loads; :class:`provenance.Score` is what it says of
one document. Everything else here is a part that the detector is put together from.
"""
