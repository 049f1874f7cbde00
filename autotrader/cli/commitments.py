"""The over-commitment report for a person: what all stops together would sell, and what the rules promise more than there is."""

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.words import number

NONE = "0"


def commitment_lines(call: Call, view: View) -> list[str]:
    """Return a line for each holding behind stops, and one for each that rules promise more of than there is."""
    return [
        *(line for held in view["holdings"] for line in _of_holding(call, held)),
        *(line for purse in view["cash"] for line in _of_cash(call, purse)),
    ]


def _of_holding(call: Call, held: View) -> list[str]:
    if held["held"] is None:
        return []
    facts = {name: held[name] for name in ("account", "instrument")}
    facts |= {name: number(held[name]) for name in ("held", "sells", "stops", "worth", "bare")} | {"rules": ", ".join(held["rules"])}
    lines = [call.tell("cli.if_all_stops_fire", **facts)] if held["stops"] != NONE else []
    return lines + ([call.tell("cli.sells_too_much", **facts)] if held["over"] != NONE else [])


def _of_cash(call: Call, purse: View) -> list[str]:
    if purse["over"] in (None, NONE):
        return []
    facts = {name: purse[name] for name in ("account", "currency")} | {name: number(purse[name]) for name in ("there", "buys")}
    return [call.tell("cli.buys_too_much", rules=", ".join(purse["rules"]), **facts)]
