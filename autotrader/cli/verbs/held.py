"""`autotrader held`: what only a person can decide, and how."""

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.words import because, number
from autotrader.engine.events import Held


def held(ctx: typer.Context, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None) -> None:
    """Show what only you can decide.

    Orders that perhaps reached the broker, and rules that were met while nobody watched."""
    call = Call(ctx)
    items = call.ask(Held())["held"]
    if call.as_json:
        call.print_json({"held": items})
        return
    for item in items:
        print("\n".join(told(call, item)))
    if not items:
        print(call.tell("cli.nothing_held"))
    print(call.tell("cli.mode", mode=call.mode))


def told(call: Call, item: View) -> list[str]:
    """Return what is held, why, and the command for each way out."""
    head = item["item"]
    if item["kind"] == "order":
        does = call.tell("cli.sell" if item["side"] == "sell" else "cli.buy")
        order = {"rule": item["rule"], "account": item["account"], "does": does, "quantity": number(item["quantity"])}
        head = call.tell("cli.held_order", item=item["item"], instrument=item["instrument"], **order)
    ways = [
        f"    autotrader resolve {item['item']} {choice}{' --order NUMBER' if choice == 'placed' else ''}   "
        + call.tell(f"choice.{choice}")
        for choice in item["choices"]
    ]
    return [head, f"  {because(item['reason'], call.language)}", *ways]


APP = alone(held)
