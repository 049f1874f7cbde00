"""`autotrader exchange`: play a script of orders on the simulated exchange."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.options import AsJson, Config, Lang, State
from autotrader.cli.words import number
from autotrader.control.exits import DONE, MISTAKE

APP = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Try orders on a simulated exchange.",
)

STANDARD_INPUT = "-"
AMOUNTS = ("price", "quantity", "volume")
Lines = Annotated[Path, typer.Argument(metavar="SCRIPT", help="A file of JSON lines; `-` is standard input.", show_default=False)]


@APP.callback()
def exchange() -> None:
    """Try orders on a simulated exchange."""


@APP.command()
def run(ctx: typer.Context, script: Lines, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None) -> int:
    """Play a script: JSON lines in, and what they make happen out, line by line.

    Operations: {"op": "market"} (first line only), "phase", "reference", "order", "amend", "cancel", "uncross" and "book".
    Without a market line it is KRX without daily limits; without a phase line trading is continuous.
    A line that cannot be read is answered by an "error", the lines after it are played, and the exit code is 2.
    With --json one object a line, prices and quantities as exact text; else the same in words.
    """
    import msgspec

    from autotrader.config.markets import load_markets
    from autotrader.exchange.script import play

    call = Call(ctx)
    encode = msgspec.json.Encoder().encode
    code = DONE
    for view in play(_lines(script), load_markets()):
        # Whoever writes the script at the other end of a pipe waits for each answer.
        print(encode(view).decode() if call.as_json else told(call, view), flush=True)
        if view["type"] == "error":
            code = MISTAKE
    return code


def _lines(script: Path) -> Iterator[bytes]:
    """Yield the lines as they come."""
    if str(script) == STANDARD_INPUT:
        yield from sys.stdin.buffer
        return
    with script.open("rb") as file:
        yield from file


def told(call: Call, view: View) -> str:
    """Return a line for a person."""
    kind = view["type"]
    shown: dict[str, Any] = {name: number(value) if name in AMOUNTS else value for name, value in view.items() if name != "code"}
    match kind:
        case "auction" if view["price"] is None:
            return call.tell("script.no_auction")
        case "book":
            bids, asks = _levels(call, view["bids"]), _levels(call, view["asks"])
            return call.tell("script.book", bids=bids, asks=asks, last=number(view["last"]))
        case "amended":
            shown["place"] = call.tell("script.place_kept" if view["kept"] else "script.place_lost")
    if kind in ("rest", "amended") and view["price"] is None:
        shown["price"] = call.tell("script.at_market")
    return call.tell(f"script.{kind}", **shown)


def _levels(call: Call, levels: list[list[str]]) -> str:
    """Return price levels in a line, best first."""
    return ", ".join(f"{number(quantity)} at {number(price)}" for price, quantity in levels) or call.tell("script.nothing")
