"""A fire, told: why it fired, the prints before and at the crossing, and what became of its order."""

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.words import because, instant, moment, number

WELL = frozenset({"accepted", "working", "partial", "filled"})
"""States of an order that need no reason."""


def told(call: Call, fire: View) -> list[str]:
    """Return the lines of a fire."""
    subject = f"{fire['rule']}/{fire['leg']}"
    lines = [f"{moment(fire['at'])}  {subject}: {because(fire['why'], call.language)}"]
    lines.append("  " + _prints(call, fire))
    for order in fire["orders"]:
        lines += _order(call, order)
    return lines


def _prints(call: Call, fire: View) -> str:
    crossed = _print(fire["crossed"])
    if fire["before"] is None:
        return call.tell("cli.first_print", crossed=crossed)
    return call.tell("cli.prints", before=_print(fire["before"]), crossed=crossed)


def _print(at: View) -> str:
    return f"{number(at['price'])} ({instant(at['time'])})"


def _order(call: Call, order: View) -> list[str]:
    """Return what was sent, how it stands, and each fill."""
    lines = ["  " + order_line(call, order)]
    for fill in order.get("fills", []):
        params = {"quantity": number(fill["quantity"]), "price": number(fill["price"]), "fee": number(fill["fee"])}
        lines.append("    " + call.tell("cli.fill", at=instant(fill["time"]), **params))
    return lines


def _how(call: Call, order: View) -> str:
    """Return how an order finds its price, and where when that is not the instrument's own market."""
    kind = order["type"] if order["tif"] == "day" else f"{order['type']}_{order['tif']}"
    price = None if order["price"] is None else call.tell("cli.at_limit", price=number(order["price"]))
    if kind == "market":
        how = call.tell("cli.at_market")
    elif kind == "limit" and price is not None:
        how = price
    else:
        how = call.tell("cli.as_kind", kind=call.tell(f"order_kind.{kind}")) + (f" {price}" if price is not None else "")
    return f"{how} ({order['venue']})" if order["venue"] else how


def order_line(call: Call, order: View) -> str:
    """Return an order in a line: what, how, its number, how it stands."""
    said = "" if order["state"] in WELL else because(order["reason"], call.language)
    return call.tell(
        "cli.order",
        order=order["order_id"] or order["id"],
        does=call.tell("cli.sell" if order["side"] == "sell" else "cli.buy"),
        quantity=number(order["quantity"]),
        instrument=order["instrument"],
        price=_how(call, order),
        status=order["state"],
        filled=number(order["filled"]),
        said=f" ({said})" if said else "",
    )
