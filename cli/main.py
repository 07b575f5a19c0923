"""The command group: finds commands when they are asked for, and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from provenance.cli.options import example, version_option
from provenance.errors import ProvenanceError, UsageError

__all__ = ["cli", "main"]

COMMANDS = {
    "score": "provenance.cli.score",
    "train": "provenance.cli.train",
    "calibrate": "provenance.cli.calibrate",
    "evaluate": "provenance.cli.evaluate",
    "audit": "provenance.cli.audit",
    "panel": "provenance.cli.panel",
    "corpora": "provenance.cli.corpora_group",
    "share": "provenance.cli.share",
    "inspect-corpus": "provenance.cli.inspect_corpus",
    "trace": "provenance.cli.trace",
    "index": "provenance.cli.index",
    "teach": "provenance.cli.teach",
    "models": "provenance.cli.models",
}
"""Name of a command and the module that holds it, under the same name."""

INTERRUPTED = 130


class Commands(click.Group):
    """Group whose commands are imported when they are named, and which ends every error in the same way."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; where there is none, name those that there are."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message} Known are {', '.join(COMMANDS)}.", ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error becomes one line on standard error and an exit code."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
            return value
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _discard_output()
            ctx.exit(0)
        except Exception as error:
            if ctx.meta.get("provenance.debug"):
                _show_traceback()
            click.echo(f"Error: {_one_line(error)}", err=True)
            if isinstance(error, OSError):
                _discard_output()
            ctx.exit(2 if isinstance(error, UsageError) else 1)


def _one_line(error: Exception) -> str:
    """Message of an error as one line that is safe to print."""
    from provenance.writing import printable

    if isinstance(error, ProvenanceError):
        return printable(" ".join(str(error).split()))
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return printable(f"{where}{error.strerror or error}; wanted to read or write it: mend that and retry")
    found = " ".join(f"{type(error).__name__}: {error}".split())
    return printable(f"a fault inside provenance ({found}); run again with --debug and report it with the traceback")


def _show_traceback() -> None:
    """Print the traceback that ``--debug`` asks for."""
    import traceback

    traceback.print_exc()


def _discard_output() -> None:
    """Point standard output at nothing, so that closing it at exit cannot fail again."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
    except (OSError, ValueError):
        pass


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example("provenance score outputs.jsonl"),
)
@version_option
def cli() -> None:
    """Which texts carry the style of a large language model, and whose.

    Data goes to standard output, everything else to standard error. A flag is evidence about style; it is no proof of
    who wrote a text.
    """


def main() -> None:
    """Run the command line; the entry point of the installed command."""
    try:
        cli(prog_name="provenance")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
