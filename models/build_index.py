"""Build the index that ships: ``python -m provenance.models.build_index DATA``.

DATA holds ``models/alpaca_eval.parquet``. Indexed are the answers of the models whose column `chatgpt_taught` says
'teacher' (the OpenAI models), and the prompts: hashes of shingles with ids, no text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from provenance.corpus.index_build import SourceFacts, build_index
from provenance.corpus.known import find_known
from provenance.documents import Document

NAME = "alpaca-eval-teachers"
HERE = Path(__file__).resolve().parent


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "indexes" / NAME, show_default=True)
def main(data: Path, output: Path) -> None:
    """Build the index of the AlpacaEval answers of the visible teachers from DATA."""
    known = find_known("alpaca-eval")
    facts = SourceFacts(
        NAME, f"{known.title}, OpenAI models", known.licence, known.maker, "OpenAI models (named by row)", known.url
    )
    output.parent.mkdir(exist_ok=True)
    info = build_index(teacher_answers(data), output, facts, texts=False, small=True)
    size = sum(item.stat().st_size for item in output.iterdir())
    click.echo(f"{output}: {info.entries} of {info.rows:,} rows, {size:,} bytes", err=True)


def teacher_answers(data: Path) -> Iterator[Document]:
    """Give the answers of the teachers, in the order of the file."""
    from pyarrow import parquet

    table = parquet.ParquetFile(data / "models" / "alpaca_eval.parquet")
    for batch in table.iter_batches(columns=["id", "model", "prompt", "text", "chatgpt_taught"]):
        taught = batch.column("chatgpt_taught").to_pylist()
        for row in batch.filter([value == "teacher" for value in taught]).to_pylist():
            if row["text"]:
                yield Document(row["id"].removeprefix("alpaca_eval/"), row["text"], source=row["model"], prompt=row["prompt"])


if __name__ == "__main__":
    sys.exit(main())
