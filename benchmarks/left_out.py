"""Scorers that have not seen the corpus that they are tested on: what `robustness.py` and `peers/run.py` share.

The two-sided corpora are dealt into parts (4 unless told otherwise; 17 is one corpus at a time). For each part a detector is
trained, by `train_detector` as anybody would, on everything but the corpora of that part and every text that shares a
group with them. It is kept below build/left_out, so that the next benchmark with the same recipe, data and parts need not
train again (`--fresh` does). `--detectors FOLDER` takes detectors that were made elsewhere, one for each left-out corpus,
as FOLDER/CORPUS.

    python benchmarks/left_out.py --recipe fast          # train them and say where they are
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray
from quality import say, tested

from provenance.detect.recipe import Recipe, load_recipe
from provenance.detect.sampling import corpus_of
from provenance.detect.train import train_detector
from provenance.documents import Document
from provenance.models import load_detector
from provenance.models.corpora import TWO_SIDED, answer_documents, detection_documents

Scorer = Callable[[list[str]], NDArray[np.float64]]

NO_WORDS = -50.0
"""Score of a text that holds no word."""


@dataclass(frozen=True)
class LeftOut:
    """Where the scorers come from, by the options of the command line."""

    data: Path
    recipe: Recipe
    corpora: tuple[str, ...]
    parts: int
    detectors: Path | None
    build: Path
    fresh: bool

    @classmethod
    def of(cls, options: argparse.Namespace, recipe: str) -> LeftOut:
        corpora = tuple(options.corpora or TWO_SIDED)
        return cls(
            options.data, load_recipe(recipe), corpora, options.parts, options.detectors, options.build_folder, options.fresh
        )

    def scorers(self, cap: int) -> Iterator[tuple[str, list[Document], Scorer]]:
        """Give each corpus, at most `cap` of its texts a label, and a scorer that has not seen it."""
        documents = detection_documents(self.data)
        known: dict[Path, object] = {}
        for corpus in self.corpora:
            folder = self.detectors / corpus if self.detectors else self._trained(corpus, documents)
            if not (folder / "config.json").is_file():
                say(f"{folder}: no detector; {corpus} is passed over")
                continue
            detector = known.setdefault(folder, load_detector(folder))

            def score(texts: list[str], detector=detector) -> NDArray[np.float64]:
                return np.array([NO_WORDS if s.score is None else s.score for s in detector.score(texts)])

            yield corpus, tested(documents, corpus, self.recipe, cap), score

    def _trained(self, corpus: str, documents: list[Document]) -> Path:
        """Folder of the detector of the part that holds a corpus; trained where it is not there yet."""
        names = list(np.random.default_rng(0).permutation(TWO_SIDED))
        part = names.index(corpus) % self.parts
        folder = self._home() / f"part-{part}"
        marker = self._home() / f"part-{part}.json"
        if marker.is_file() and not (self.fresh and not self._made_now(marker)):
            return folder
        out = {str(name) for name in names[part :: self.parts]}
        barred = {d.group or d.id for d in documents if corpus_of(d) in out}
        everything = documents + answer_documents(self.data)
        kept = [d for d in everything if corpus_of(d) not in out and (d.group or d.id) not in barred]
        say(f"{self.recipe.label}: training without {', '.join(sorted(out))} on {len(kept):,} texts")
        train_detector(kept, replace(self.recipe, folds=2), cache=self.build / "cache", progress=say).save(folder)
        marker.write_bytes(orjson.dumps(sorted(out)))
        MADE.add(marker)
        return folder

    def _home(self) -> Path:
        key = hashlib.sha256(orjson.dumps([self.recipe.to_dict(), str(self.data)])).hexdigest()[:10]
        return self.build / f"{self.recipe.name}-{key}-{self.parts}"

    def _made_now(self, marker: Path) -> bool:
        return marker in MADE


MADE: set[Path] = set()
"""Detectors that this run has trained."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpora", nargs="*", choices=TWO_SIDED, help="these alone; all two-sided ones if left out")
    parser.add_argument("--parts", type=int, default=4, help="parts of the corpora; 17 leaves one out at a time")
    parser.add_argument("--detectors", type=Path, metavar="FOLDER", help="detectors made without a corpus: FOLDER/CORPUS")
    parser.add_argument("--build-folder", type=Path, default=Path("build/left_out"))
    parser.add_argument("--fresh", action="store_true", help="train again what is there")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--recipe", default="fast")
    options = parser.parse_args()
    source = LeftOut.of(options, options.recipe)
    for corpus, test, _ in source.scorers(1):
        say(f"{corpus}: ready, {len(test)} texts tried")


if __name__ == "__main__":
    main()
