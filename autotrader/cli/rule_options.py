"""The keys of a rule as options, for `add` and `edit`: one table, in the parts in which `--help` shows them.

A verb takes them as `**keys`; `with_rule_options` writes them into its signature, so that a key is told in one place.
"""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

WHEN, WHAT, WHERE, AFTER, OTHER = "When it fires", "What is sent", "Where and when it watches", "What follows", "More"


def _text(part: str, flag: str, metavar: str, said: str, *more: str) -> Any:
    return Annotated[str | None, typer.Option(flag, *more, metavar=metavar, help=said, rich_help_panel=part)]


def _list(part: str, flag: str, metavar: str, said: str) -> Any:
    return Annotated[list[str] | None, typer.Option(flag, metavar=metavar, help=said, rich_help_panel=part, show_default=False)]


def _switch(part: str, flag: str, said: str) -> Any:
    return Annotated[bool | None, typer.Option(f"{flag}/--no-{flag[2:]}", help=said, rich_help_panel=part, show_default=False)]


OPTIONS: dict[str, Any] = {
    "stop": _text(WHEN, "--stop", "LEVEL", "Sell at or under: a price, -5% of the average cost."),
    "target": _text(WHEN, "--target", "LEVEL", "Sell at or over: a price, +10% of the average cost."),
    "trail": _text(WHEN, "--trail", "DISTANCE", "Sell so far under the high: 3%, 1000, `5 ticks`."),
    "preserve": _text(WHEN, "--preserve", "ARM:FLOOR", "Once at or over ARM, sell at or under FLOOR: +7%:+5%."),
    "time_exit": _text(WHEN, "--time-exit", "TIME", "Sell by the clock: 15:15, close-5m."),
    "above": _text(WHEN, "--above", "LEVEL", "Buy at or over."),
    "below": _text(WHEN, "--below", "LEVEL", "Buy at or under."),
    "rebound": _text(WHEN, "--rebound", "DISTANCE", "Buy so far over the low: 2%, 1000, `5 ticks`."),
    "at": _text(WHEN, "--at", "TIME", "Buy by the clock: open, 09:30, close-5m."),
    "activate": _text(WHEN, "--activate", "LEVEL", "Trail or rebound from this level on."),
    "step": _text(WHEN, "--step", "DISTANCE", "The mark of a trail or rebound moves by whole steps only."),
    "start": _text(WHEN, "--start", "PRICE", "The mark of a trail or rebound starts here."),
    "base": _text(WHEN, "--base", "BASE", "What an unsigned level measures: arm, previous_close or a price."),
    "leg": _list(
        WHEN,
        "--leg",
        "KEY=VALUE,…",
        "One of several legs on one quantity, again for each: target=+10%,share=50%, stop=-5%,limit=64000,tif=ioc.",
    ),
    "when": _list(WHEN, "--when", "KIND=…", "Fire only while: time=10:00-close, change=<= -3%, volume=>= 1000, price=KRX:000660 >= 9000."),
    "when_any": Annotated[
        bool | None, typer.Option("--when-any", help="One of the conditions is enough.", rich_help_panel=WHEN, show_default=False)
    ],
    "basis": _text(WHEN, "--basis", "PRICE", "The price that counts: last, bid, ask, mid, last_or_quote or double_last."),
    "confirm": _text(WHEN, "--confirm", "HOW", "Count it only after `3 prints`, or after 5s."),
    "gap_guard": _text(WHEN, "--gap-guard", "PERCENT", "Ask me when the price is farther beyond the level: 3%, off."),
    "cost_basis": _text(WHEN, "--cost-basis", "COST", "What a profit rate is on: broker (its average) or a price."),
    "net": _switch(WHEN, "--net", "Profit rates are after fees and taxes."),
    "on_position_change": _text(WHEN, "--on-position-change", "HOW", "When I buy more, profit rates: follow or freeze."),
    "already_met": _text(WHEN, "--already-met", "HOW", "If met already: reject, fire or wait_cross."),
    "recovery": _text(WHEN, "--recovery", "HOW", "If met while nobody watched: fire, limit or hold."),
    "quantity": _text(WHAT, "--quantity", "N|all|50%", "How many; `all` or a percentage (sells): of what is held then.", "-q"),
    "amount": _text(WHAT, "--amount", "MONEY", "Buy as many as this pays for."),
    "order": _text(WHAT, "--order", "KIND", "What is sent: market, best, priority … (limit when --limit is given)."),
    "limit": _text(WHAT, "--limit", "PRICE", "Send a limit order: at a price, `bid - 2 ticks` (with --order: conditional, loo, loc)."),
    "limit_offset": _text(WHAT, "--limit-offset", "DISTANCE", "Send a limit order so far beyond the level: 100, 1%, 0."),
    "tif": _text(WHAT, "--tif", "HOW", "What is not filled at once: day, ioc or fok."),
    "action": _text(WHAT, "--action", "HOW", "order, or alert: only tell me."),
    "shadow": _switch(WHAT, "--shadow", "Decide and record the order, never send it."),
    "sessions": _text(WHERE, "--sessions", "ID,ID", "Watch and order in these: regular, nxt.pre, krx.after … (else regular)."),
    "watch": _text(WHERE, "--watch", "VENUE", "Whose prints count: KRX, NXT or ALL."),
    "venue": _text(WHERE, "--venue", "VENUE", "Where orders go: KRX, NXT or SOR."),
    "window": _text(WHERE, "--window", "HOURS", "Fire only then: 09:05-15:15, open+5m-close-5m."),
    "feed": _text(WHERE, "--feed", "NAME", "Feed to watch, when two serve the instrument."),
    "after_close": _text(WHERE, "--after-close", "HOW", "If met after the last session: recheck or carry."),
    "on_inadmissible": _text(WHERE, "--on-inadmissible", "HOW", "If the session does not take the order: substitute, wait or fail."),
    "on_halt": _text(WHERE, "--on-halt", "HOW", "If trading stops before the order left: queue or fail."),
    "exit": _list(AFTER, "--exit", "KEY=VALUE,…", "What sells what a buy has bought, again for each: stop=-3%."),
    "unfilled": _text(AFTER, "--unfilled", "KEY=VALUE,…", "What is not filled in time: after=30s,action=reprice,max=3."),
    "rearm": _text(AFTER, "--rearm", "KEY=VALUE,…", "Begin again after a fill: max=3,cooldown=10m,hysteresis=1%."),
    "rearm_next_session": _switch(AFTER, "--rearm-next-session", "What the close left unfilled is watched again."),
    "bind": _text(AFTER, "--bind", "HOW", "A sell ends with its holding, or not: holding or none."),
    "until": _text(AFTER, "--until", "DAY", "Last day, 2026-12-31 or 90d (else the market's longest)."),
    "account": _text(OTHER, "--account", "NAME", "Account; may be left out when there is one."),
    "tag": _list(OTHER, "--tag", "NAME", "A word to choose rules by, again for each."),
    "note": _text(OTHER, "--note", "TEXT", "A word to yourself."),
}


def with_rule_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return a verb whose `**keys` are the options of a rule, in the place where they stand in the signature."""
    written = inspect.signature(verb)
    keys = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=kind) for name, kind in OPTIONS.items()
    ]
    own = [parameter for parameter in written.parameters.values() if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
    vars(verb)["__signature__"] = written.replace(parameters=[*own, *keys])
    verb.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *keys)}
    return verb


class InParts(TyperCommand):
    """A command whose help shows its options in parts, as plain text."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        parts: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                usual = "Arguments" if param.param_type_name == "argument" else "Options"
                parts.setdefault(getattr(param, "rich_help_panel", None) or usual, []).append(record)
        for part, rows in parts.items():
            with formatter.section(part):
                formatter.write_dl(rows)


def in_parts(verb: Callable[..., Any]) -> typer.Typer:
    """Return a verb with the options of a rule as a command; its docstring is its help."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(cls=InParts)(with_rule_options(verb))
    return app
