"""`autotrader list`: every rule with its state, level, mark, the last price and how far that is away."""

from decimal import Decimal

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.listing import ENDS, Selector, rules_of, without_old
from autotrader.cli.options import AsJson, Config, EndedLongAgo, Lang, OfAccount, OfInstrument, OfTag, State, alone
from autotrader.cli.preview import what
from autotrader.cli.table import table
from autotrader.cli.words import age, level_words, moment, number, percent_between, state_word

COLUMNS = ("id", "state", "instrument", "what", "level", "mark", "last", "age", "distance")


def show_list(
    ctx: typer.Context,
    everything: EndedLongAgo = False,
    tag: OfTag = None,
    account: OfAccount = None,
    instrument: OfInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List the rules: level, mark, last price and distance.

    One line a rule, of several legs with the numbers of the one that is nearest. Distance is from the last price to the level (of a
    trail that is not activated yet: to its activation).
    """
    call = Call(ctx)
    selector = Selector(False, tag, account, instrument)
    rules = rules_of(call, selector)
    shown = rules if everything else without_old(call, rules)
    hidden = len(rules) - len(shown)
    if call.as_json:
        call.print_json({"rules": shown, "hidden": hidden})
        return
    columns = (*COLUMNS, *(["tags"] if any(rule.get("tags") for rule in shown) else []))
    heads = [call.tell(f"column.{column}") for column in columns]
    rows = [_row(call, rule)[: len(columns)] for rule in shown]
    none = "cli.none_chosen" if selector.selects else "cli.no_rules"
    print("\n".join(table(heads, rows, right="    rrrrr") if rows else [call.tell(none)]))
    print(call.tell("cli.footer" if call.daemon else "cli.footer_alone", mode=call.mode, count=len(shown)))
    if hidden:
        print(call.tell("cli.hidden", count=hidden))


def _row(call: Call, rule: View) -> list[str]:
    """Return the line of a rule, its tags last."""
    leg = nearest(rule)
    return [
        rule["id"],
        state_word(rule["state"], call.language),
        rule["instrument"],
        what(rule),
        _level(leg),
        number(leg["mark"]),
        number(rule["last_price"]),
        age(rule["last_time"], call.now),
        distance(rule, leg),
        ", ".join(rule.get("tags", ())),
    ]


def nearest(rule: View) -> View:
    """Return the leg whose level is nearest to the last price, of those that live; the first where nobody can say."""
    legs: list[View] = [leg for leg in rule["legs"] if leg["state"] not in ENDS] or rule["legs"]
    known = [leg for leg in legs if leg["distance_percent"] is not None]
    return min(known, key=lambda leg: abs(Decimal(leg["distance_percent"])), default=legs[0])


def _level(leg: View) -> str:
    """Return the level, in brackets the activation of a leg that is not active yet, or when the clock meets it."""
    if leg["level"] is not None:
        return level_words(leg["level"])
    if leg["activate"] is not None:
        return f"({level_words(leg['activate'])})"
    return moment(leg["due"]) if leg.get("due") else "-"


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
