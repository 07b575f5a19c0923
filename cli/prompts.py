"""The questionnaire of a panel: prompts found where they are published, known again by their hashes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from provenance.errors import InputError

if TYPE_CHECKING:
    from provenance.audit.panel import Panel
    from provenance.cli.notes import Notes

__all__ = ["questionnaire"]

PUBLISHED = {"alpaca-eval": "hf://datasets/tatsu-lab/alpaca_eval/alpaca_eval.json"}
"""Panel and the file that publishes its prompts; read as JSON, for `datasets` runs no scripts of a repository any more."""
FIELDS = ("prompt", "instruction", "question", "input")


def questionnaire(panel: Panel, origin: str | None, field: str | None, notes: Notes) -> list[dict[str, Any]]:
    """Return the prompts of a panel as records with `id` and `prompt`.

    Raises
    ------
    InputError
        When the prompts cannot be had, or none of those found belongs to the panel.
    """
    found = _from_file(origin, field, notes) if origin else _published(panel)
    from provenance.audit.sketch import prompt_key

    wanted = {int(key) for key in panel.prompts}
    kept: dict[int, str] = {}
    total = 0
    for text in found:
        total += 1
        key = prompt_key(text)
        if key in wanted:
            kept.setdefault(key, text)
    if not kept:
        raise InputError(f"{total} prompts read, none of panel {panel.label}; wanted a file with its prompts: {_advice(panel)}")
    return [{"id": f"{key:016x}", "prompt": text} for key, text in kept.items()]


def _from_file(origin: str, field: str | None, notes: Notes) -> Iterable[str]:
    """Prompts of a file: its prompt column, else its text."""
    from provenance.cli.inputs import InputStream

    for document in InputStream([origin], {"prompt_field": field}, notes):
        yield document.prompt or document.text


def _published(panel: Panel) -> list[str]:
    """Prompts from the hub.

    Raises
    ------
    InputError
        When they are not published there, or it cannot be reached.
    """
    if panel.name not in PUBLISHED:
        raise InputError(f"panel {panel.label} was built from files of yours; wanted one of them: give it with --from FILE")
    try:
        from datasets import load_dataset

        rows = load_dataset("json", data_files=PUBLISHED[panel.name], split="train")
        return [str(row[next(name for name in FIELDS if name in row)]) for row in rows]
    except Exception as error:  # whatever datasets and its network raise
        reason = (str(error).split("\n", 1)[0] or type(error).__name__)[:160]
        raise InputError(f"the prompts cannot be fetched ({reason}); {_advice(panel)}") from error


def _advice(panel: Panel) -> str:
    """How to get the prompts by other means."""
    if panel.name not in PUBLISHED:
        return "give a file that the panel was built from with --from FILE"
    return (
        f'get them with datasets.load_dataset("json", data_files="{PUBLISHED[panel.name]}"), or take any published AlpacaEval '
        "model_outputs.json, and give the file with --from FILE"
    )
