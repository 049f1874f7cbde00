"""`autotrader list`: every rule with its state, level, mark, the last price and how far that is away."""

from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.listing import ENDS, rules_of, without_old
from autotrader.cli.options import AsJson, Config, Lang, OfAccount, OfInstrument, State, alone
from autotrader.cli.preview import what
from autotrader.cli.table import table
from autotrader.cli.words import age, number, percent_between, state_word

Everything = Annotated[bool, typer.Option("--all", help="Also the rules that ended more than a day ago.")]
COLUMNS = ("id", "state", "instrument", "what", "level", "mark", "last", "age", "distance")


def show_list(
    ctx: typer.Context,
    everything: Everything = False,
    account: OfAccount = None,
    instrument: OfInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List the rules: level, mark, last price and distance.

    Distance is from the last price to the level (of a trail that is not activated yet: to its activation).
    """
    call = Call(ctx)
    rules = rules_of(call, account, instrument)
    shown = rules if everything else without_old(call, rules)
    hidden = len(rules) - len(shown)
    if call.as_json:
        call.print_json({"rules": shown, "hidden": hidden})
        return
    heads = [call.tell(f"column.{column}") for column in COLUMNS]
    rows = [row for rule in shown for row in _rows(call, rule)]
    print("\n".join(table(heads, rows, right="    rrrrr") if rows else [call.tell("cli.no_rules")]))
    print(call.tell("cli.footer" if call.daemon else "cli.footer_alone", mode=call.mode, count=len(shown)))
    if hidden:
        print(call.tell("cli.hidden", count=hidden))


def _rows(call: Call, rule: View) -> list[list[str]]:
    """Return one row a leg."""
    return [
        [
            rule["id"],
            state_word(leg["state"], call.language),
            rule["instrument"],
            what(rule),
            number(leg["level"]) if leg["level"] is not None or leg["activate"] is None else f"({number(leg['activate'])})",
            number(leg["mark"]),
            number(rule["last_price"]),
            age(rule["last_time"], call.now),
            distance(rule, leg),
        ]
        for leg in rule["legs"]
    ]


def distance(rule: View, leg: View) -> str:
    """Return how far the level is from the last price, of a trail that sleeps the activation; in brackets as the level is."""
    if leg["state"] in ENDS:
        return "-"
    if leg["distance_percent"] is not None:
        return f"{leg['distance_percent']}%"
    if leg["level"] is None and leg["activate"] is not None and rule["last_price"] is not None:
        return f"({percent_between(leg['activate'], rule['last_price'])}%)"
    return "-"


APP = alone(show_list)
