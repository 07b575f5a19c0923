"""Tables for reading, by rich. Widths are fixed before the first row, so that long runs stream."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from provenance.cli.render import plain
from provenance.writing import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["ScoreTable", "fields_table", "records_table"]

TOP_SPANS = 3
COLOURS = {"flagged": "bold red", "not_flagged": "green", "abstained": "yellow"}

_NUMBERS = (("words", 7), ("score", 7), ("prob.", 6), ("p-value", 8))
_FAMILY = 10


class ScoreTable:
    """Form of score records with fixed columns: id, words, score, probability, p-value, verdict, family.

    Parameters
    ----------
    to_terminal : bool
        Whether the table goes to standard output, whose width and colours are then used.
    """

    def __init__(self, *, to_terminal: bool = True) -> None:
        self._console, self._paper = _console(to_terminal)
        width = self._console.width
        self._verdict = 30 if width >= 100 else 20
        fixed = sum(size for _, size in _NUMBERS) + self._verdict + _FAMILY + 6
        self._id = max(8, min(44, width - fixed))

    def head(self) -> bytes:
        """Names of the columns."""
        names = [name.rjust(size) for name, size in _NUMBERS]
        line = " ".join(["id".ljust(self._id), *names, "verdict".ljust(self._verdict), "family"])
        return self._printed(Text(line, style="bold"))

    def page(self, records: Sequence[Mapping[str, Any]]) -> bytes:
        """Rows of some records, with their weightiest spans below each."""
        lines: list[Text] = []
        for record in records:
            lines.append(self._row(record))
            lines.extend(self._spans(record.get("spans") or ()))
        return self._printed(*lines)

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    def _row(self, record: Mapping[str, Any]) -> Text:
        """One record as one line."""
        verdict = str(record["verdict"])
        numbers = [
            f"{record['n_words']:,}".rjust(7),
            _decimal(record["score"], 2).rjust(7),
            _decimal(record["probability"], 3).rjust(6),
            _decimal(record["p_value"], 4).rjust(8),
        ]
        line = Text(_fit(printable(str(record["id"])), self._id) + " " + " ".join(numbers) + " ")
        line.append(_fit(_verdict_words(verdict, record["reason"], self._verdict), self._verdict), COLOURS.get(verdict))
        return line.append(" " + _fit(printable(record["family"] or "–"), _FAMILY).rstrip())

    def _spans(self, spans: Sequence[Mapping[str, Any]]) -> list[Text]:
        """Weightiest spans, a line each."""
        top = sorted(spans, key=lambda span: -abs(span["weight"]))[:TOP_SPANS]
        room = max(20, self._console.width - 12)
        lines = []
        for span in top:
            colour = "red" if span["weight"] > 0 else "green"
            words = printable(" ".join(str(span["text"]).split()))
            line = Text(f"  {span['weight']:+7.2f} ", colour if span.get("evidence", True) else "dim")
            rates = _usage(span)
            lines.append(line.append(_fit(words, room - len(rates)).rstrip(), "dim").append(rates, "dim italic"))
        return lines

    def _printed(self, *lines: RenderableType) -> bytes:
        """Bytes of some lines."""
        for line in lines:
            self._console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        return _taken(self._paper)


def _usage(span: Mapping[str, Any]) -> str:
    """How often people and models use a span's weightiest n-gram."""
    if "human_rate" not in span:
        return ""
    said = f"  people {span['human_rate']:.1%}, models {span['llm_rate']:.1%}"
    return said if span["evidence"] else f"{said}: no evidence"


def records_table(records: Sequence[Mapping[str, Any]]) -> bytes:
    """Table with a column a field."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    names = list(records[0]) if records else []
    for name in names:
        numeric = all(isinstance(record.get(name), int | float | None) for record in records)
        table.add_column(printable(name), justify="right" if numeric else "left", overflow="fold")
    for record in records:
        table.add_row(*(Text(plain(record.get(name))) for name in names))
    return _rendered(table)


def fields_table(record: Mapping[str, Any]) -> bytes:
    """Table of one record with a row a field; a list of records, or a record within it, becomes a table below it."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    below = b""
    for name, value in record.items():
        if isinstance(value, Mapping):
            below += _rendered(Text(f"\n{printable(name)}", style="bold underline")) + fields_table(value)
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            below += _rendered(Text(f"\n{printable(name)}", style="bold underline")) + records_table(value)
        else:
            table.add_row(Text(printable(name)), Text(plain(value)))
    return _rendered(table) + below


def markdown(text: str) -> bytes:
    """Markdown as a terminal shows it, without links that can be clicked."""
    from rich.markdown import Markdown

    return _rendered(Markdown(text, hyperlinks=False))


def _rendered(item: RenderableType) -> bytes:
    """Bytes of one renderable for standard output."""
    console, paper = _console(True)
    console.print(item)
    return _taken(paper)


def _console(to_terminal: bool) -> tuple[Console, io.StringIO]:
    """Console that writes to memory, with the width and the colours of standard output."""
    paper = io.StringIO()
    if to_terminal and sys.stdout.isatty():
        real = Console()
        width, colours = real.width, real.color_system
    else:
        width, colours = 100, None
    terminal = colours is not None
    console = Console(
        file=paper,
        width=width,
        force_terminal=terminal,
        color_system=colours if terminal else None,  # type: ignore[arg-type]
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    return console, paper


def _taken(paper: io.StringIO) -> bytes:
    """Take what was printed, in the encoding of standard output."""
    text = "".join(f"{line.rstrip()}\n" for line in paper.getvalue().splitlines())
    paper.seek(0)
    paper.truncate()
    return text.encode(sys.stdout.encoding or "utf-8", "replace")


def _fit(text: str, width: int) -> str:
    """Text cut or filled to `width` cells, with an ellipsis where it was cut."""
    sized = set_cell_size(text, width)
    if sized.rstrip() != text.rstrip():
        sized = set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return sized


def _verdict_words(verdict: str, reason: object, width: int) -> str:
    """Verdict with its reason, in as many words as there is room for."""
    words = verdict.replace("_", " ")
    why = str(reason).replace("_", " ") if reason else ""
    if not why:
        return words
    full = f"{words}: {why}"
    return full if len(full) <= width else f"({why})"


def _decimal(value: float | None, digits: int) -> str:
    """Number with fixed decimals; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"
