"""What every transformer of texts shares: parameters, checks of input, names of columns.

The class follows scikit-learn's protocol without importing scikit-learn, because a detector that only scores must not
wait for it. `sklearn.base.clone`, `Pipeline`, `FeatureUnion` and searches over parameters all take it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["TextTransformer", "as_texts", "encodable"]


def as_texts(texts: Iterable[str]) -> list[str]:
    """Return texts as a list, or say what else was given.

    Parameters
    ----------
    texts : iterable of str
        A list, a column of a table, a one-dimensional array, a generator.

    Returns
    -------
    list of str

    Raises
    ------
    TypeError
        If `texts` is one str, bytes, a mapping or no iterable, or one of its items is no str.
    """
    if isinstance(texts, (str, bytes, bytearray, Mapping)) or not isinstance(texts, Iterable):
        raise TypeError(f"texts is a {type(texts).__name__}; a sequence of str is wanted, for example [text]")
    items = list(texts)
    for i, item in enumerate(items):
        if not isinstance(item, str):
            raise TypeError(f"texts[{i}] is a {type(item).__name__}; every item must be a str")
    return items


def encodable(text: str) -> str:
    """Return the text with lone surrogates replaced by question marks, so that it can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


class TextTransformer:
    """Base of the transformers from texts to float32 rows.

    A subclass stores its parameters in ``__init__`` and does nothing else there, checks them and sets `n_features_out_`
    in `_prepare`, and returns one row a text from `_rows`.

    Attributes
    ----------
    n_features_out_ : int
        Columns of a row, known after `fit`.
    """

    _column = "column"
    n_features_out_: int

    def _prepare(self, texts: list[str]) -> None:
        raise NotImplementedError

    def _rows(self, texts: list[str]) -> Any:
        raise NotImplementedError

    def fit(self, texts: Iterable[str], y: Any = None) -> Self:
        """Check the parameters, load what is needed and learn from the texts where there is something to learn.

        Parameters
        ----------
        texts : iterable of str
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        TypeError
            If `texts` is no sequence of str.
        ValueError
            If a parameter is out of its range.
        """
        self._prepare(as_texts(texts))
        return self

    def transform(self, texts: Iterable[str]) -> Any:
        """Turn texts into rows.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        ndarray or csr_array of float32, shape (n_texts, n_features_out_)

        Raises
        ------
        TypeError
            If `texts` is no sequence of str.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        self._check_fitted()
        items = as_texts(texts)
        rows = self._rows(items)
        if rows.shape != (len(items), self.n_features_out_) or rows.dtype != np.float32:
            raise RuntimeError(
                f"{type(self).__name__} made {rows.dtype} rows of shape {rows.shape}; "
                f"float32 of shape {(len(items), self.n_features_out_)} is wanted: this is a fault of the package"
            )
        return rows

    def fit_transform(self, texts: Iterable[str], y: Any = None) -> Any:
        """Fit on texts and turn them into rows; as `fit` and `transform`."""
        items = as_texts(texts)
        return self.fit(items, y).transform(items)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the name of each column, shape (n_features_out_,); `input_features` is ignored."""
        self._check_fitted()
        return np.array([f"{self._column}_{i}" for i in range(self.n_features_out_)], dtype=object)

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; no parameter is itself an estimator, so `deep` changes nothing."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Raises
        ------
        ValueError
            If there is no parameter of that name; the message lists those there are.
        """
        known = self._parameter_names()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        shown = (f"{k}={v!r}" for k, v in self.get_params().items() if v is not defaults[k].default)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_out_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="transformer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
        )

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"this {type(self).__name__} is not fitted; call fit(texts) first")
