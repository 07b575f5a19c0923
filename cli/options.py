"""Options that all commands share, as one decorator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from provenance.cli.notes import Notes

__all__ = ["FORMATS", "Common", "common_options", "example", "fields_options", "in_range", "version_option"]

FORMATS = ("table", "jsonl", "json", "csv")

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Common:
    """Values of the shared options.

    Attributes
    ----------
    format : {'table', 'jsonl', 'json', 'csv'}
        As asked for; else by the suffix of `output`, else a table for a terminal and JSON lines for anything else.
    output : str
        Path of the output, or '-'.
    seed : int
        Seed of everything random.
    notes : Notes
        Speaker on standard error.
    progress : bool
        Whether progress may be shown.
    """

    format: str
    output: str
    seed: int
    notes: Notes
    progress: bool

    @property
    def to_stdout(self) -> bool:
        """Whether the data goes to standard output."""
        return self.output == "-"


def common_options(formats: Sequence[str] = FORMATS, *, output: bool = True) -> Callable[[Command], Command]:
    """Add the shared options; the command gets them as one :class:`Common`, its argument `common`.

    Parameters
    ----------
    formats : sequence of str
        Formats that the command writes.
    output : bool
        Whether ``-o`` is the file of the data; False where the command has an ``-o FOLDER`` of its own.
    """

    def decorate(function: Command) -> Command:
        """Wrap one command."""

        @wraps(function)
        def command(**values: Any) -> Any:
            values.pop("debug")
            quiet, verbose = values.pop("quiet"), values.pop("verbose")
            target = values.pop("output") if output else "-"
            common = Common(
                format=values.pop("format") or _natural_format(target, formats),
                output=target,
                seed=values.pop("seed"),
                notes=Notes(-1 if quiet else int(verbose)),
                progress=values.pop("progress") and not quiet,
            )
            return function(common=common, **values)

        decorated: Any = command
        for option in reversed(_options(formats, output)):
            decorated = option(decorated)
        return decorated

    return decorate


def _options(formats: Sequence[str], output: bool) -> list[Callable[[Any], Any]]:
    """Shared options in the order of the help text."""
    target = click.option(
        "-o",
        "--output",
        default="-",
        metavar="FILE",
        show_default=True,
        help="Where the data goes; - is standard output.",
    )
    return [
        *([target] if output else []),
        click.option(
            "--format",
            type=click.Choice(formats),
            help="Form of the data. Default: by the suffix of FILE; a table on a terminal, JSON lines in a pipe.",
        ),
        click.option("--seed", type=int, default=0, metavar="N", show_default=True, help="Seed of everything random."),
        click.option("-q", "--quiet", is_flag=True, help="Say warnings and errors alone."),
        click.option("-v", "--verbose", is_flag=True, help="Say more on standard error."),
        click.option("--no-progress", "progress", flag_value=False, default=True, help="Show no progress bar."),
        click.option("--debug", is_flag=True, callback=_note_debug, help="Show a traceback on errors."),
        version_option,
    ]


def print_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    """Print the version and leave."""
    if not value or context.resilient_parsing:
        return
    from provenance import __version__

    click.echo(f"provenance {__version__}")
    context.exit()


version_option = click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=print_version, help="Say the version."
)


def _note_debug(context: click.Context, _: click.Parameter, value: bool) -> bool:
    """Let the error handling of the group know."""
    if value:
        context.find_root().meta["provenance.debug"] = True
    return value


def _natural_format(output: str, formats: Sequence[str]) -> str:
    """Format that nobody asked for: by the suffix of the file, else by who reads standard output."""
    if output != "-":
        named = Path(output).suffix.lstrip(".").lower()
        return named if named in formats and named != "table" else "jsonl"
    return "table" if sys.stdout.isatty() else "jsonl"


def fields_options(*names: str) -> Callable[[Command], Command]:
    """Add ``--NAME-field`` options: where in a row to find what the reader would look for by itself."""

    def decorate(function: Command) -> Command:
        """Add the options to one command."""
        decorated: Any = function
        for name in reversed(names):
            decorated = click.option(
                f"--{name}-field", metavar="NAME", help=f"Field that holds the {name}; found by itself if left out."
            )(decorated)
        return decorated

    return decorate


def in_range(low: float, high: float, *, open_ends: bool = False) -> click.FloatRange:
    """Number between `low` and `high`, the ends excluded where `open_ends` is set."""
    return click.FloatRange(low, high, min_open=open_ends, max_open=open_ends)


def example(*lines: str) -> str:
    """Epilog of a help text: one example, kept as it is written."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
