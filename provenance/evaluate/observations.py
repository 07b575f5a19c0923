"""What was found on labelled texts, as columns: labels, scores, probabilities, verdicts, groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from provenance.documents import LLM, Document

if TYPE_CHECKING:
    from provenance.detect.result import Score
    from provenance.evaluate.predictions import Prediction

__all__ = ["Observations", "group_of", "observed_predictions", "observed_scores"]


@dataclass(frozen=True, slots=True)
class Observations:
    """Labelled documents and what a detector said of each, in the same order.

    Attributes
    ----------
    detector : str
        Name and version of what scored them.
    documents : list of Document
        Each with a label.
    machine : ndarray of bool, shape (n_documents,)
        Whether the label is 'llm'.
    scores, probabilities, p_values : ndarray of float64, shape (n_documents,)
        nan where nothing was said.
    abstained : ndarray of bool, shape (n_documents,)
    flagged : ndarray of bool, shape (n_documents,), or None
        Verdicts at the first false-positive rate; None where the scores came without a threshold.
    n_words : ndarray of int64, shape (n_documents,)
    """

    detector: str
    documents: list[Document]
    machine: NDArray[np.bool_]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    p_values: NDArray[np.float64]
    abstained: NDArray[np.bool_]
    flagged: NDArray[np.bool_] | None
    n_words: NDArray[np.int64]

    def groups(self) -> list[str]:
        """Group of each document: texts that vary together."""
        return [group_of(document) for document in self.documents]

    def flagged_at(self, fpr: float) -> NDArray[np.bool_] | None:
        """Verdicts at another false-positive rate; None where there are no p-values."""
        if np.isnan(self.p_values).all():
            return None
        return ~self.abstained & (self.p_values <= fpr)


def group_of(document: Document) -> str:
    """Name what a text varies with: its group, else its prompt, else itself; never across corpora by accident."""
    corpus = str(document.meta.get("corpus", ""))
    if document.group is not None:
        return f"{corpus}\x1fgroup\x1f{document.group}"
    if document.prompt:
        return f"{corpus}\x1fprompt\x1f{document.prompt}"
    return f"{corpus}\x1fid\x1f{document.id}"


def observed_scores(documents: Sequence[Document], scores: Sequence[Score], detector: str, fpr: float) -> Observations:
    """Put the scores of a detector beside the labelled documents that they belong to.

    Parameters
    ----------
    documents : sequence of Document
        With labels.
    scores : sequence of Score
        In the same order.
    detector : str
        Name and version.
    fpr : float
        False-positive rate of the verdicts.
    """
    abstained = np.array([score.verdict == "abstained" for score in scores], np.bool_)
    p_values = _column([score.p_value for score in scores])
    return Observations(
        detector=detector,
        documents=list(documents),
        machine=_machine(documents),
        scores=_column([score.score for score in scores]),
        probabilities=_column([score.probability for score in scores]),
        p_values=p_values,
        abstained=abstained,
        flagged=~abstained & (p_values <= fpr),
        n_words=np.array([score.n_words for score in scores], np.int64),
    )


def observed_predictions(
    documents: Sequence[Document],
    predictions: Sequence[Prediction],
    detector: str,
    fpr: float,
    threshold: float | None,
) -> Observations:
    """Put scores made elsewhere beside the documents.

    Parameters
    ----------
    documents : sequence of Document
        With labels.
    predictions : sequence of Prediction
        In the same order; one without a score counts as abstained.
    detector : str
        Name for the records.
    fpr : float
        A prediction with a p-value is flagged when this is not exceeded.
    threshold : float or None
        Score from which on a text is flagged; None takes verdicts or p-values where every prediction has one.
    """
    scores = _column([item.score for item in predictions])
    p_values = _column([item.p_value for item in predictions])
    abstained = np.isnan(scores) | np.array([item.verdict == "abstained" for item in predictions], np.bool_)
    return Observations(
        detector=detector,
        documents=list(documents),
        machine=_machine(documents),
        scores=scores,
        probabilities=_column([item.probability for item in predictions]),
        p_values=p_values,
        abstained=abstained,
        flagged=_verdicts(predictions, scores, p_values, abstained, fpr, threshold),
        n_words=np.array([len(document.text.split()) for document in documents], np.int64),
    )


def _verdicts(
    predictions: Sequence[Prediction],
    scores: NDArray[np.float64],
    p_values: NDArray[np.float64],
    abstained: NDArray[np.bool_],
    fpr: float,
    threshold: float | None,
) -> NDArray[np.bool_] | None:
    """Which texts are flagged, by the first rule that covers every text with a score; None where there is none."""
    if threshold is not None:
        return ~abstained & (np.nan_to_num(scores, nan=-np.inf) >= threshold)
    if not np.isnan(p_values[~abstained]).any() and not abstained.all():
        return ~abstained & (p_values <= fpr)
    if all(item.verdict is not None for item in predictions if item.score is not None) and not abstained.all():
        return ~abstained & np.array([item.verdict == "flagged" for item in predictions], np.bool_)
    return None


def _machine(documents: Sequence[Document]) -> NDArray[np.bool_]:
    return np.array([document.label == LLM for document in documents], np.bool_)


def _column(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)
