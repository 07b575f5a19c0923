"""The command line over a detector that is quick, small and deterministic; also run as a script by the tests.

Run as a script it behaves as the command `provenance` does. Worker processes run it again from the top, so that they
load the same detector.
"""

from __future__ import annotations

import hashlib
import os
import time
from multiprocessing import parent_process
from pathlib import Path

import provenance
from provenance.detect.result import Score, Span
from provenance.documents import as_documents
from provenance.errors import DetectorError


class FakeCalibration:
    """Knows its size alone."""

    def __init__(self, n):
        self.n = n

    def p_values(self, scores, n_words):
        return scores * 0 + 1 / (self.n + 1)


class FakeDetector:
    """Flags texts with the word 'overall'; abstains under five words."""

    name = "fake@1"
    metrics_ = {"auroc": 0.9}

    def __init__(self, n=0):
        self.calibration_ = FakeCalibration(n)

    def score(self, documents, *, fpr=0.01, explain=False):
        time.sleep(float(os.environ.get("FAKE_PAUSE", "0")))
        return [self._one(document, fpr, explain) for document in as_documents(documents)]

    def calibrate(self, documents):
        return FakeDetector(sum(document.text != "tiny" for document in documents))

    def save(self, folder):
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.json").write_text('{"name": "fake"}')
        (place / "README.md").write_text("# fake\n")

    def _one(self, document, fpr, explain):
        text = document.text
        if "CRASH" in text and parent_process() is not None:
            os._exit(9)
        if "REFUSE" in text:
            raise DetectorError("this text cannot be scored; wanted another")
        words = len(text.split())
        if not words:
            return Score(document.id, 0, None, None, None, "abstained", "too_short", None, {}, None, None, self.name)
        number = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32
        start = text.find("overall")
        p_value = 0.001 if start >= 0 else 0.02 + 0.98 * number
        verdict = "abstained" if words < 5 else "flagged" if p_value <= fpr else "not_flagged"
        spans = (Span(start, start + 7, text[start : start + 7], 1.25),) if start >= 0 else ()
        return Score(
            id=document.id,
            n_words=words,
            score=round(4 * (1 - p_value), 3),
            probability=round(1 - p_value, 4),
            p_value=round(p_value, 4),
            verdict=verdict,
            reason="too_short" if verdict == "abstained" else None,
            family="openai" if start >= 0 else "human",
            families={"openai": 0.5},
            chatgpt_probability=0.5,
            spans=spans if explain else None,
            detector=self.name,
        )


def load_detector(name):
    """Stand-in for `provenance.load_detector`."""
    if str(name) == "nope":
        raise DetectorError("no detector 'nope'; known are fake: name one of them or a folder")
    return FakeDetector()


def install():
    """Put the stand-in where the package looks for it, in this process."""
    vars(provenance)["load_detector"] = load_detector


if __name__ in ("__main__", "__mp_main__"):
    install()
if __name__ == "__main__":
    from provenance.cli.main import main

    main()
