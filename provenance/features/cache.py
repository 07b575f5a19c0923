"""A cache of embeddings on disk: one small file a text, found by the hash of the text and the key of the model."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["EmbeddingCache", "default_folder"]

_MAX_BYTES = 1 << 20  # no embedding is that long; a larger file is foreign
_DAMAGE = (OSError, ValueError, EOFError, SyntaxError, TypeError, MemoryError)


def default_folder() -> Path:
    """Return the folder for what can be built again.

    ``$XDG_CACHE_HOME/provenance`` where that is set to an absolute path; else ``%LOCALAPPDATA%/provenance`` on Windows and
    ``~/.cache/provenance`` elsewhere.
    """
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(chosen):
        return Path(chosen) / "provenance"
    local = os.environ.get("LOCALAPPDATA", "") if sys.platform == "win32" else ""
    return Path(local) / "provenance" if local else Path.home() / ".cache" / "provenance"


class EmbeddingCache:
    """Vectors of texts, kept between runs.

    A vector lies in ``folder/<hash of the model key>/<first two hex digits>/<sha256 of the text>.npy``. The text itself
    is not stored. Files are written beside their place and renamed, so that several processes can share a folder. A
    damaged file counts as missing and is written again. A folder that cannot be written to is no error: nothing is kept.

    Parameters
    ----------
    folder : str or Path, optional
        ``embeddings`` in `default_folder` where it is not given.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder() / "embeddings"

    def __repr__(self) -> str:
        return f"EmbeddingCache({str(self.folder)!r})"

    def path_of(self, model_key: str, text: str) -> Path:
        """Return where the vector of a text lies or would lie."""
        model = hashlib.sha256(model_key.encode("utf-8", "replace")).hexdigest()[:32]
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / model / name[:2] / f"{name}.npy"

    def get(self, model_key: str, text: str, n_dimensions: int) -> NDArray[np.float32] | None:
        """Return the vector of a text, float32 of shape (n_dimensions,), or None where there is no sound one."""
        path = self.path_of(model_key, text)
        try:
            if path.stat().st_size > _MAX_BYTES:
                return None
            vector = np.load(path, allow_pickle=False)
        except _DAMAGE:
            return None
        sound = isinstance(vector, np.ndarray) and vector.dtype == np.float32 and vector.shape == (n_dimensions,)
        return vector if sound and bool(np.isfinite(vector).all()) else None

    def put(self, model_key: str, text: str, vector: NDArray[np.float32]) -> bool:
        """Keep the vector of a text; return whether that was possible."""
        path = self.path_of(model_key, text)
        temporary = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(temporary, "xb") as file:
                np.save(file, np.asarray(vector, np.float32), allow_pickle=False)
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            return False
        return True

    def through(
        self,
        model_key: str,
        texts: Sequence[str],
        n_dimensions: int,
        compute: Callable[[list[str]], NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        """Return the vectors of texts, computing and keeping those that are missing.

        Parameters
        ----------
        model_key : str
            Says which model made a vector; another key never finds it.
        texts : sequence of str
        n_dimensions : int
        compute : callable
            From a list of distinct texts to an array of shape (n_texts, n_dimensions); not called for an empty list.

        Returns
        -------
        ndarray of float32, shape (n_texts, n_dimensions)
        """
        found = {text: self.get(model_key, text, n_dimensions) for text in dict.fromkeys(texts)}
        missing = [text for text, vector in found.items() if vector is None]
        if missing:
            for text, vector in zip(missing, compute(missing), strict=True):
                self.put(model_key, text, vector)
                found[text] = vector
        out = np.empty((len(texts), n_dimensions), np.float32)
        for i, text in enumerate(texts):
            out[i] = found[text]
        return out
