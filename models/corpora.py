"""The labelled corpora that the shipped detectors are trained and measured on, read from a folder of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provenance.documents import Document
from provenance.errors import InputError

__all__ = ["TWO_SIDED", "detection_documents", "answer_documents", "people_documents"]

TWO_SIDED: tuple[str, ...] = (
    "adversarial_paraphrase_mage", "agt2025", "authenticheck_asap", "creative_story_gen", "detectrl", "f3_disinfo",
    "gptid_eli5_davinci003", "grid_reddit", "hppt_polish", "human_ai_wiki_news", "l2_short_essays", "llm_misinformation",
    "outfox", "raidar", "rexshijaku", "salesforce_creativity", "seqxgpt_doc",
)  # fmt: skip
"""Corpora with texts by people and by models, the ones that leave-one-corpus-out goes over."""

ANSWERS: tuple[str, ...] = ("alpaca_eval", "eqbench_creative_v3", "speechmap")
"""Answers of many models that teach makers; texts by models only."""

_KEPT = ("attack", "lang", "usable", "n_words")


def detection_documents(data: str | Path, min_words: int = 30) -> list[Document]:
    """Read the English texts of ``detection/``; `meta` holds corpus, attack, lang, usable and n_words.

    Raises
    ------
    InputError
        When the folder holds no such files.
    """
    folder = Path(data) / "detection"
    found = [
        Document(
            id=f"{path.stem}/{row['id']}",
            text=row["text"],
            source=row["source"],
            family=row["family"],
            domain=row["domain"],
            label=row["label"],
            group=row["group"],
            meta={"corpus": path.stem, **{key: row.get(key) for key in _KEPT}},
        )
        for path in sorted(folder.glob("*.parquet"))
        for row in _rows(path)
        if row["lang"] in ("en", "und") and row["n_words"] >= min_words
    ]
    if not found:
        raise InputError(f"{folder}: no Parquet file with labelled texts; wanted the folder that holds detection/")
    return found


def answer_documents(data: str | Path) -> list[Document]:
    """Read the model answers of ``models/`` that teach makers."""
    return [
        Document(
            id=f"{name}/{row['id']}",
            text=row["text"],
            source=row["model"],
            family=row["family"],
            label="llm",
            group=f"{name}/{row['prompt_id']}",
            meta={"corpus": name},
        )
        for name in ANSWERS
        for row in _rows(Path(data) / "models" / f"{name}.parquet")
        if row["text"]
    ]


def people_documents(data: str | Path) -> list[Document]:
    """Read the dated texts by people of ``human/``; `meta['corpus']` is their source."""
    return [
        Document(
            id=row["id"],
            text=row["text"],
            source="human",
            family="human",
            domain=row["domain"],
            label="human",
            group=row["group"],
            meta={"corpus": row["dataset"] or row["domain"], "n_words": row["n_words"]},
        )  # fmt: skip
        for row in _rows(Path(data) / "human" / "people.parquet")
    ]


def _rows(path: Path) -> Iterator[dict]:
    from pyarrow import parquet

    for batch in parquet.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()
