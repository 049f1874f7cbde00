"""Prints docs/cli.md from the commands themselves: `python -m autotrader.cli.reference > docs/cli.md`. A test holds the two together."""

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from autotrader.cli.main import VERBS, build, load
from autotrader.control import exits

INTRODUCTION = """# The command line

This page is made from the commands (`python -m autotrader.cli.reference > docs/cli.md`); `autotrader VERB --help` says the same.

With a daemon every command goes over its socket. Without one, questions are answered from the store and changes are made in it
under the instance lock; nothing is watched then, and what needs a live daemon ends with exit code 3.

## Where things are

The first of these that there is:

- state: `--state DIR`, `AUTOTRADER_STATE`, `/var/lib/autotrader` when you may read it, `$XDG_STATE_HOME/autotrader`
  (`~/.local/state/autotrader`)
- configuration: `-c FILE`, `AUTOTRADER_CONFIG`, `/etc/autotrader/config.yaml`, `$XDG_CONFIG_HOME/autotrader/config.yaml`
  (`~/.config/autotrader/config.yaml`), `./config.yaml`; while a daemon runs, the file that it runs with
- language: `--lang en` or `--lang ko`, `AUTOTRADER_LANG`

These options and `--json` may stand before or after the verb.

## For scripts

With `--json` a command prints one JSON object on stdout: `"ok": true`, `"mode"` (`paper` or `live`), `"daemon"` (whether one answered) and
what it was asked for. Numbers are exact text, times are nanoseconds since the epoch UTC. A refusal is
`{"ok": false, "code": …, "params": {…}, "message": …}` on stdout too, with `"mistakes"` when there are several; without `--json` it is a
sentence on stderr. `replay --json` prints one object a line instead, and `market … --json` the bare answer ([markets.md](markets.md)).
"""

WIDTH = 120
BARE = str.maketrans("", "", "{}")
"""Typer marks a required argument with braces; on this page the table says that."""

EXITS = (
    (exits.DONE, "done"),
    (exits.FAILED, "failed: the sentence says what, and whether something may have happened"),
    (exits.MISTAKE, "wrong usage, an invalid rule, or an invalid file: nothing was changed"),
    (exits.NOT_RUNNING, "no daemon runs, and this needs one"),
    (exits.REFUSED, "refused by the state of the rule (or of the file against what is kept): nothing was changed"),
    (exits.ANOTHER_INSTANCE, "another instance holds the state directory"),
    (exits.BAD_CONFIG, "`run` only: a file with mistakes, none at all, or a damaged store; systemd does not try again"),
)


def lines() -> Iterator[str]:
    """Yield the whole page."""
    yield INTRODUCTION
    yield "## Exit codes\n"
    yield "| code | meaning |\n|---|---|"
    yield from (f"| {code} | {meaning} |" for code, meaning in EXITS)
    yield "\nOf several rules in one command the highest code counts.\n"
    yield "## Verbs\n"
    context = typer.Context(build(), info_name="autotrader", max_content_width=WIDTH, terminal_width=WIDTH)
    for verb in VERBS:
        yield from _command(load(verb), context)


def _command(command: Any, parent: Any) -> Iterator[str]:
    """Yield one command, or each command of a group."""
    context = typer.Context(command, info_name=command.name, parent=parent)
    inner = getattr(command, "commands", None)
    if inner is not None:
        for name in inner:
            yield from _command(inner[name], context)
        return
    yield f"### {context.command_path}\n"
    yield f"    {command.get_usage(context).removeprefix('Usage: ').translate(BARE)}\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    rows = [row for param in command.params if (row := _parameter(param, context))]
    if rows:
        yield "| | |\n|---|---|"
        yield from rows
        yield ""


def _parameter(param: Any, context: Any) -> str:
    """Return the row of an option or an argument; the shared ones are told once, above."""
    if param.name in ("state", "config", "as_json", "lang"):
        return ""
    name, said = param.get_help_record(context)
    cells = (f"`{name.strip()}`", " ".join(said.split()))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    print("\n".join(lines()).rstrip())
