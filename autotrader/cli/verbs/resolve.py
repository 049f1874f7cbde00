"""`autotrader resolve`: a person's word on what is held."""

from enum import Enum
from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.engine.events import Decision, Resolve


class Choice(str, Enum):
    """The decisions as they are typed."""

    PLACED = "placed"
    ABSENT = "absent"
    WATCH = "watch"
    FIRE = "fire"
    GIVE_UP = "give_up"


Item = Annotated[str, typer.Argument(metavar="ITEM", help="As `autotrader held` names it.", show_default=False)]
Said = Annotated[
    Choice,
    typer.Argument(
        metavar="placed|absent|watch|fire|give_up",
        help="An order: placed or absent. A rule held before it fired: watch, fire or give_up.",
        show_default=False,
    ),
]
Number = Annotated[str, typer.Option("--order", metavar="NUMBER", help="The broker's order number, for `placed`.", show_default=False)]


def resolve(
    ctx: typer.Context,
    item: Item,
    choice: Said,
    order: Number = "",
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Decide what is held.

    Say what became of an order, or what shall become of a rule; `autotrader held` shows both."""
    call = Call(ctx)
    result = call.ask(Resolve(item, Decision(choice.value), order))
    if call.as_json:
        call.print_json(result)
    else:
        print(call.tell("cli.resolved", item=item, choice=choice.value))


APP = alone(resolve)
