"""`autotrader history`: the fires, newest last, each with why and what became of it."""

from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.fires import told
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.domain.rule import RuleId

OfRule = Annotated[str | None, typer.Argument(metavar="[ID]", help="Only the fires of this rule.", show_default=False)]
Most = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="So many fires at most.")]


def history(
    ctx: typer.Context,
    rule: OfRule = None,
    limit: Most = 20,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Tell what fired, why, and what became of it.

    The newest is last."""
    from autotrader.control.protocol import History

    call = Call(ctx)
    fires = call.ask(History(limit, RuleId(rule) if rule else None))["fires"]
    if call.as_json:
        call.print_json({"fires": fires})
        return
    for fire in fires:
        print("\n".join(told(call, fire)))
    if not fires:
        print(call.tell("cli.no_fires"))
    print(call.tell("cli.mode", mode=call.mode))


APP = alone(history)
