"""The options that all verbs share, and the keys of a rule as options. Each is a type, so that a verb only names it."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer


class Language(str, Enum):
    """What the sentences are in."""

    EN = "en"
    KO = "ko"


State = Annotated[Path | None, typer.Option("--state", metavar="DIR", help="State directory (else AUTOTRADER_STATE, the service's, XDG).")]
Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration (else AUTOTRADER_CONFIG, the service's, XDG, ./config.yaml)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts, numbers as exact text, times in ns since the epoch.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language of the sentences (else AUTOTRADER_LANG).")]

RuleIds = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of rules.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every rule that has not ended.")]
Ended = Annotated[bool, typer.Option("--all", help="Also the rules that have ended.")]
EndedLongAgo = Annotated[bool, typer.Option("--all", help="Also the rules that ended more than a day ago.")]
OfTag = Annotated[str | None, typer.Option("--tag", metavar="NAME", help="Only the rules with this tag.")]
OfAccount = Annotated[str | None, typer.Option("--account", metavar="NAME", help="Only the rules of this account.")]
OfInstrument = Annotated[str | None, typer.Option("--instrument", metavar="ID", help="Only the rules of this instrument.")]


def alone(verb: Callable[..., Any]) -> typer.Typer:
    """Return one verb as a command; its docstring is its help."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(verb)
    return app
