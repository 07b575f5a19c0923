"""The detector: documents in, scores with probabilities, p-values, verdicts and families out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from provenance.detect import folder as folders
from provenance.detect.abstain import Gate, gate_limit, language_reasons
from provenance.detect.card import render_card
from provenance.detect.explain import explain as explain_text
from provenance.detect.extras import read
from provenance.detect.linear import BATCH
from provenance.detect.occlusion import occlude
from provenance.detect.parts import Parts
from provenance.detect.recipe import FAMILIES, Recipe, recipe_from
from provenance.detect.records import LIKELY, make_score, softmax
from provenance.detect.result import Explain, Reason, Score
from provenance.documents import Document, as_documents
from provenance.errors import DetectorError, InputError, UsageError
from provenance.features.tokens import tokenise

CHUNK = 256


class Detector:
    """Scores texts for the style of large language models.

    Parameters
    ----------
    recipe : Recipe, optional
        How the detector is made.
    random_state : int, optional
        Seed of all draws in `fit`.

    Attributes
    ----------
    linear_ : LinearModel
    extras_ : dict of str to Extra
        The slower channels, by name.
    joins_ : dict of str to Join
        How each slower channel is added to the linear one, and which texts it need not read.
    calibration_ : Calibration
    gate_ : Gate
    metrics_ : dict
        Figures measured on held-out texts; empty right after `fit`.
    classes_ : ndarray of str
        'human' and 'llm'.
    """

    def __init__(self, recipe: Recipe | None = None, random_state: int = 0) -> None:
        self.recipe = recipe
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"recipe": self.recipe, "random_state": self.random_state}

    def set_params(self, **params: Any) -> Self:
        """Set constructor arguments by name.

        Raises
        ------
        ValueError
            For a name that is none.
        """
        for name, value in params.items():
            if name not in self.get_params():
                raise ValueError(f"no parameter {name!r}; a Detector has {', '.join(self.get_params())}")
            setattr(self, name, value)
        return self

    @property
    def plan(self) -> Recipe:
        """The recipe in force."""
        return self.recipe or Recipe()

    @property
    def name(self) -> str:
        """Name and version, as in ``fast@1``."""
        return self.plan.label

    def fit(self, documents: Iterable[Document], calibration: Iterable[Document] | None = None) -> Self:
        """Learn from labelled documents; see `provenance.detect.train.train_detector`."""
        from provenance.detect.train import fit_parts

        parts = fit_parts(list(documents), self.plan, calibration, self.random_state)
        return self._set(parts, {})

    def _set(self, parts: Parts, metrics: dict[str, Any]) -> Self:
        self.linear_, self.extras_, self.joins_ = parts.linear, parts.extras, parts.joins
        self.calibration_, self.gate_, self.metrics_ = parts.calibration, parts.gate, metrics
        self.classes_ = np.array(["human", "llm"])
        return self

    def score(self, documents: Iterable[str | Document], *, fpr: float = 0.01, explain: Explain = False) -> list[Score]:
        """Score documents; see `iter_scores`."""
        return list(self.iter_scores(documents, fpr=fpr, explain=explain))

    def iter_scores(
        self, documents: Iterable[str | Document], *, fpr: float = 0.01, explain: Explain = False
    ) -> Iterator[Score]:
        """Score a stream of documents in chunks of 256, in order.

        Parameters
        ----------
        documents : iterable of str or Document
        fpr : float
            A text is flagged if its p-value is at most this; in (0, 1).
        explain : bool or 'occlusion'
            Whether scores carry the spans that moved them most; with 'occlusion' also what each sentence adds to the part of
            the slower channels, which costs as many readings as there are sentences.

        Raises
        ------
        UsageError
            If `fpr` is not between 0 and 1.
        InputError
            If an element is neither text nor document.
        DetectorError
            If the detector has not been fitted.
        """
        if not 0 < fpr < 1:
            raise UsageError(f"fpr is {fpr}; wanted a rate between 0 and 1, such as 0.01")
        self._check_fitted()
        stream = as_documents(documents)
        while chunk := list(islice(stream, CHUNK)):
            yield from self._score_chunk(chunk, fpr, explain)

    def predict_proba(self, documents: Iterable[str | Document]) -> NDArray[np.float64]:
        """Return the probabilities of 'human' and 'llm', shape (n_documents, 2); even for texts without words."""
        p = np.array([0.5 if s.probability is None else s.probability for s in self.score(documents)])
        return np.column_stack([1 - p, p])

    def predict(self, documents: Iterable[str | Document]) -> NDArray[np.str_]:
        """Return the likelier of 'human' and 'llm' for each document, shape (n_documents,)."""
        machine = self.predict_proba(documents)[:, 1] > LIKELY
        return self.classes_[machine.astype(int)]

    def calibrate(self, human_documents: Iterable[Document]) -> Detector:
        """Return a detector like this one whose p-values rest on these texts by people alone.

        Raises
        ------
        InputError
            If no text has the recipe's least number of words.
        """
        self._check_fitted()
        texts = [document.text for document in as_documents(human_documents)]
        scores, n_words, style = self.raw_scores(texts)
        keep = n_words >= self.plan.min_words
        if not keep.any():
            raise InputError(
                f"{len(texts)} human texts, none of {self.plan.min_words} words or more; wanted texts by people that are "
                "like those you will score, 100 or more of them"
            )
        own = self.calibration_.replaced("yours", scores[keep], n_words[keep])
        gate = Gate(np.maximum(self.gate_.limits, gate_limit(style[keep])))
        return Detector(self.recipe, self.random_state)._set(Parts(self.linear_, self.extras_, self.joins_, own, gate), {})

    def raw_scores(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Return log-odds, words and standardised style measures of texts, without verdicts."""
        parts = [self._raw(texts[i : i + BATCH])[:3] for i in range(0, len(texts), BATCH)]
        if not parts:
            return np.zeros(0), np.zeros(0, np.int64), np.zeros((0, len(self.linear_.style_mean)))
        scores, n_words, style = (np.concatenate(column) for column in zip(*parts, strict=True))
        return scores, n_words, style

    def _raw(self, texts: Sequence[str]) -> tuple[Any, ...]:
        batch = tokenise(texts)
        rows, style = self.linear_.rows(batch), self.linear_.style(batch)
        scores = self.linear_.log_odds(rows, style)
        for name, extra in self.extras_.items():
            scores = self.joins_[name].add(scores, partial(read, extra, texts))
        return scores, batch.n_words, style, self.linear_.family_logits(rows), batch

    def _score_chunk(self, chunk: Sequence[Document], fpr: float, explain: Explain) -> Iterator[Score]:
        for first in range(0, len(chunk), BATCH):
            part = chunk[first : first + BATCH]
            scores, n_words, style, logits, batch = self._raw([document.text for document in part])
            probabilities = self.calibration_.probabilities(scores, n_words, self.plan.prior)
            p_values = self.calibration_.p_values(scores, n_words)
            reasons = language_reasons(batch, self.plan.min_words)
            closed = self.gate_.closed(style, n_words)
            makers = softmax(logits)
            for i, document in enumerate(part):
                reason: Reason | None = reasons[i] or ("unlike_calibration" if closed[i] else None)
                if not n_words[i]:
                    yield Score(document.id, 0, None, None, None, "abstained", reason, None, detector=self.name)
                    continue
                found = make_score(
                    document.id,
                    (int(n_words[i]), float(scores[i]), float(probabilities[i]), float(p_values[i])),
                    reason,
                    fpr,
                    makers[i],
                    explain_text(self.linear_, document.text) if explain else None,
                    self.name,
                )
                if explain == "occlusion":
                    found = replace(found, occlusion=occlude(document.text, self.extras_, self.joins_))
                yield found

    def _check_fitted(self) -> None:
        if not hasattr(self, "linear_"):
            raise DetectorError("the detector has not been fitted; call fit(documents) or load one by load_detector(name)")

    def save(self, folder: str | Path) -> None:
        """Write the detector to a folder: config.json, weights.safetensors, metrics.json, README.md.

        Raises
        ------
        OutputError
            When the folder cannot be written.
        """
        self._check_fitted()
        from provenance.detect.tensors import to_tensors

        tensors, names = to_tensors(self)
        config = {"recipe": self.plan.to_dict(), "random_state": self.random_state, "families": FAMILIES, **names}
        folders.write_folder(folder, config, tensors, self.metrics_, render_card(self))

    @classmethod
    def load(cls, folder: str | Path) -> Detector:
        """Read a detector from its folder; no code of it is run.

        Raises
        ------
        DetectorError
            When the folder is missing, incomplete, of another format, or does not fit together.
        """
        from provenance.detect.tensors import from_tensors

        config = folders.read_config(folder)
        folders.refuse_foreign(folder)
        try:
            recipe = recipe_from(config["recipe"], str(folder))
            parts = from_tensors(folders.read_weights(folder, config), config, recipe)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, UsageError) as error:
            raise DetectorError(f"{folder}: its files do not fit together ({error}); train the detector again") from error
        metrics = folders.read_metrics(folder)
        return cls(recipe, int(config.get("random_state", 0)))._set(parts, metrics)
