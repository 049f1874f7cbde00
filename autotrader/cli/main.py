"""The entry point: finds the verb, runs it, and turns whatever happens into a sentence and an exit code.

A verb's module is imported only when that verb is asked for, because `list` at nine in the morning must not wait for the
libraries of `replay`. No named error ends in a traceback.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from autotrader.cli.doors import REAL, Doors
from autotrader.cli.options import AsJson, Config, Lang, State
from autotrader.cli.refusals import complain
from autotrader.control.exits import MISTAKE
from autotrader.errors import AutotraderError, UserMistake

VERBS = (
    "add",
    "list",
    "show",
    "edit",
    "pause",
    "resume",
    "cancel",
    "adjust",
    "run",
    "reload",
    "plan",
    "apply",
    "diff",
    "templates",
    "status",
    "history",
    "held",
    "resolve",
    "alerts",
    "journal",
    "check",
    "export",
    "replay",
    "feed",
    "market",
    "exchange",
    "version",
)
"""In the order in which a person meets them. Each is a module `autotrader.cli.verbs.<verb>` with an `APP`."""

ClickError: type[Exception] = typer.BadParameter.__mro__[2]
"""The base of all that typer says of a wrong call. (Before 0.27 it lived in click, since then typer has its own.)"""


class Verbs(TyperGroup):
    """The group of all verbs, each loaded when it is needed."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # The names alone are enough to guess what a typing mistake meant.
        self.commands = {verb: TyperCommand(verb) for verb in VERBS}

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in VERBS else None


def load(verb: str) -> Any:
    """Return the command of a verb."""
    command = typer.main.get_command(import_module(f"autotrader.cli.verbs.{verb}").APP)
    command.name = verb
    return command


def root(ctx: typer.Context, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None) -> int:
    """Watches prices and sends your stop, target and trailing orders: once, never twice, never forgotten.

    Start with `autotrader run`, then `autotrader list` and `autotrader status` in another terminal.
    """
    if ctx.invoked_subcommand is None:
        print(ctx.get_help(), file=sys.stderr)
    return MISTAKE


def build() -> Any:
    """Return the whole command line."""
    app = typer.Typer(cls=Verbs, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, invoke_without_command=True)
    app.callback()(root)
    return typer.main.get_command(app)


def main(arguments: Sequence[str] | None = None, doors: Doors = REAL) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _check_text(given)
        code = build().main(given, prog_name="autotrader", standalone_mode=False, obj=doors)
        sys.stdout.flush()
    except BrokenPipeError:
        return _silence()
    except KeyboardInterrupt:
        return 130
    except (ClickError, AutotraderError, OSError) as error:
        return complain(error, given, doors.environ)
    except ExceptionGroup as group:
        return complain(_named(group), given, doors.environ)
    return code if isinstance(code, int) else 0


def _named(group: ExceptionGroup) -> Exception:
    """Return the one error in a group that has a name; a group without one is a fault of ours and travels on."""
    named, others = group.split((AutotraderError, OSError))
    if named is None or others is not None:
        raise group
    first: Exception = named
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first


def _check_text(words: Sequence[str]) -> None:
    """Refuse bytes that are no text: neither the store nor the daemon could take them."""
    for word in words:
        if not word.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in word):
            raise UserMistake("cli.not_text", word=ascii(word))


def _silence() -> int:
    """Say nothing when the reader of a pipe has seen enough (`autotrader list | head`), at the interpreter's end neither."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())
