"""`autotrader market`: sessions, order kinds, price steps, limits, days and costs of a market, for people and for scripts.

The answers are those that the engine acts on. With --json each prints exactly the value that is documented, nothing around it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State

if TYPE_CHECKING:
    from autotrader.cli.market.asked import Answer, Asked

APP = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Ask what the program knows of the markets.",
)

Market = Annotated[str, typer.Argument(metavar="MARKET", help="KRX, NXT, SOR, US, UPBIT or BINANCE; or MARKET:CODE.", show_default=False)]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="2026-11-20T16:30+09:00; without an offset market-local (else now).")]
On = Annotated[str | None, typer.Option("--on", metavar="DAY", help="2026-11-20, market-local (else today).")]
Facts = Annotated[Path | None, typer.Option("--facts", metavar="FILE", help="Your own facts (else those that the configuration names).")]
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help="Kind of instrument where the code does not tell: stock, etf, konex.")]
Everything = Annotated[bool, typer.Option("--all", help="Also sessions that only some brokers offer.")]
Price = Annotated[str, typer.Option("--price", metavar="PRICE", help="A price.", show_default=False)]
BasePrice = Annotated[str, typer.Option("--base", metavar="PRICE", help="The day's base price: the previous close.", show_default=False)]
Year = Annotated[int | None, typer.Option("--year", metavar="YEAR", min=1, max=9998, help="The year (else this one).")]
Quantity = Annotated[str, typer.Option("--quantity", "-q", metavar="N", help="How many.")]
Commission = Annotated[str | None, typer.Option("--commission", metavar="PERCENT", help="Your broker's rate each way (else a usual one).")]


@APP.command()
def sessions(
    ctx: typer.Context,
    market: Market,
    on: On = None,
    at: At = None,
    everything: Everything = False,
    facts: Facts = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show the sessions of a day, or those open at a time.

    With --json a list of {id, open, close, matching, name, regular, grade, matches_from, broker_only}."""
    from autotrader.cli.market.hours import sessions

    asked = _asked(ctx, market, facts)
    _show(asked, sessions(asked, on, at, everything=everything))


@APP.command()
def orders(
    ctx: typer.Context,
    market: Market,
    at: At = None,
    on: On = None,
    facts: Facts = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show which order kinds are accepted at a time.

    With --on those of every session of the day. With --json a list of kinds; with --on a list of {id, open, close, kinds}."""
    from autotrader.cli.market.hours import orders, orders_of_day
    from autotrader.errors import UserMistake

    asked = _asked(ctx, market, facts)
    if at is not None and on is not None:
        raise UserMistake("cli.at_or_on")
    _show(asked, orders(asked, at) if on is None else orders_of_day(asked, on))


@APP.command()
def tick(
    ctx: typer.Context,
    market: Market,
    price: Price,
    kind: Kind = "",
    on: On = None,
    at: At = None,
    facts: Facts = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show the price step at a price, and its neighbours.

    With --json {tick, down, up}; down is null where no price is lower."""
    from autotrader.cli.market.prices import tick

    asked = _asked(ctx, market, facts, kind)
    _show(asked, tick(asked, price, asked.day(on, at)))


@APP.command()
def limits(
    ctx: typer.Context,
    market: Market,
    base: BasePrice,
    kind: Kind = "",
    on: On = None,
    at: At = None,
    facts: Facts = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show the lowest and highest price of a day.

    With --json {lower, upper}, both null where a market has no limits."""
    from autotrader.cli.market.prices import limits

    asked = _asked(ctx, market, facts, kind)
    _show(asked, limits(asked, base, asked.day(on, at)))


@APP.command()
def calendar(
    ctx: typer.Context,
    market: Market,
    year: Year = None,
    facts: Facts = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show a year's closed weekdays and special days.

    With --json {closed: [days], special: [{date, kind, name, open, close, certain}]}."""
    from autotrader.cli.market.days import calendar

    asked = _asked(ctx, market, facts)
    _show(asked, calendar(asked, year))


@APP.command()
def cost(
    ctx: typer.Context,
    market: Market,
    price: Price,
    quantity: Quantity = "1",
    commission: Commission = None,
    kind: Kind = "",
    on: On = None,
    at: At = None,
    facts: Facts = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show what buying and selling costs, and the break-even.

    With --json {commission, tax, buy_fee, sell_fee, break_even, first_profitable_tick, settlement, …}; rates are percent."""
    from autotrader.cli.market.prices import cost

    asked = _asked(ctx, market, facts, kind)
    _show(asked, cost(asked, price, quantity, commission, asked.day(on, at)))


def _asked(ctx: typer.Context, market: str, facts: Path | None, kind: str = "") -> "Asked":
    from autotrader.cli.market.asked import Asked

    return Asked(Call(ctx), market, facts, kind)


def _show(asked: "Asked", answer: "Answer") -> None:
    """Print an answer in the form that is wanted."""
    if asked.call.as_json:
        import msgspec

        print(msgspec.json.encode(answer.view).decode())
    else:
        print("\n".join(answer.lines))
