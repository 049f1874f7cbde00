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
OfAccount = Annotated[str | None, typer.Option("--account", metavar="NAME", help="Only the rules of this account.")]
OfInstrument = Annotated[str | None, typer.Option("--instrument", metavar="ID", help="Only the rules of this instrument.")]

Quantity = Annotated[str | None, typer.Option("--quantity", "-q", metavar="N|all", help="How many; `all` (sells): what can be sold.")]
Stop = Annotated[str | None, typer.Option("--stop", metavar="LEVEL", help="Sell at or under: a price, -5% of the average cost.")]
Target = Annotated[str | None, typer.Option("--target", metavar="LEVEL", help="Sell at or over: a price, +10% of the average cost.")]
Trail = Annotated[str | None, typer.Option("--trail", metavar="DISTANCE", help="Sell so far under the high: 3%, 1000, `5 ticks`.")]
Above = Annotated[str | None, typer.Option("--above", metavar="LEVEL", help="Buy at or over.")]
Below = Annotated[str | None, typer.Option("--below", metavar="LEVEL", help="Buy at or under.")]
Rebound = Annotated[str | None, typer.Option("--rebound", metavar="DISTANCE", help="Buy so far over the low: 2%, 1000, `5 ticks`.")]
Activate = Annotated[str | None, typer.Option("--activate", metavar="LEVEL", help="Trail or rebound from this level on.")]
Base = Annotated[
    str | None, typer.Option("--base", metavar="BASE", help="What an unsigned level measures: arm, previous_close or a price.")
]
Order = Annotated[
    str | None, typer.Option("--order", metavar="KIND", help="What is sent: market, best, priority … (limit when --limit is given).")
]
Limit = Annotated[
    str | None, typer.Option("--limit", metavar="PRICE", help="Send a limit order at this price (with --order: conditional, loo, loc).")
]
Tif = Annotated[str | None, typer.Option("--tif", metavar="HOW", help="What is not filled at once: day, ioc or fok.")]
Sessions = Annotated[
    str | None, typer.Option("--sessions", metavar="ID,ID", help="Watch and order in these: regular, nxt.pre, krx.after … (else regular).")
]
Watch = Annotated[str | None, typer.Option("--watch", metavar="VENUE", help="Whose prints count: KRX, NXT or ALL.")]
Venue = Annotated[str | None, typer.Option("--venue", metavar="VENUE", help="Where orders go: KRX, NXT or SOR.")]
Window = Annotated[str | None, typer.Option("--window", metavar="HOURS", help="Fire only then: 09:05-15:15, open+5m-close-5m.")]
AfterClose = Annotated[str | None, typer.Option("--after-close", metavar="HOW", help="If met after the last session: recheck or carry.")]
OnInadmissible = Annotated[
    str | None, typer.Option("--on-inadmissible", metavar="HOW", help="If the session does not take the order: substitute, wait or fail.")
]
OnHalt = Annotated[str | None, typer.Option("--on-halt", metavar="HOW", help="If trading stops before the order left: queue or fail.")]
Account = Annotated[str | None, typer.Option("--account", metavar="NAME", help="Account; may be left out when there is one.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Last day, 2026-12-31 or 90d (else the market's longest).")]
AlreadyMet = Annotated[str | None, typer.Option("--already-met", metavar="HOW", help="If met already: reject, fire or wait_cross.")]
Recovery = Annotated[str | None, typer.Option("--recovery", metavar="HOW", help="If met while nobody watched: fire, limit or hold.")]
Bind = Annotated[str | None, typer.Option("--bind", metavar="HOW", help="A sell ends with its holding, or not: holding or none.")]
Feed = Annotated[str | None, typer.Option("--feed", metavar="NAME", help="Feed to watch, when two serve the instrument.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A word to yourself.")]


def alone(verb: Callable[..., Any]) -> typer.Typer:
    """Return one verb as a command; its docstring is its help."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(verb)
    return app
