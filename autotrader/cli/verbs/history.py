"""`autotrader history`: the fires, newest last, each with why and what became of it."""

from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.fires import told
from autotrader.cli.listing import ANY, Selector, chosen
from autotrader.cli.options import AsJson, Config, Lang, OfAccount, OfInstrument, OfTag, State, alone
from autotrader.domain.rule import RuleId
from autotrader.engine.events import ShowRule

OfRules = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only the fires of these rules.", show_default=False)]
Most = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="So many fires at most.")]


def history(
    ctx: typer.Context,
    ids: OfRules = None,
    limit: Most = 20,
    tag: OfTag = None,
    account: OfAccount = None,
    instrument: OfInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Tell what fired, why, and what became of it.

    The newest is last."""
    call = Call(ctx)
    fires = _fires(call, ids, limit, Selector(False, tag, account, instrument))
    if call.as_json:
        call.print_json({"fires": fires})
        return
    for fire in fires:
        print("\n".join(told(call, fire)))
    if not fires:
        print(call.tell("cli.no_fires"))
    print(call.tell("cli.mode", mode=call.mode))


def _fires(call: Call, ids: list[str] | None, limit: int, selector: Selector) -> list[View]:
    """Return the newest fires, of all rules or of the chosen ones, oldest first."""
    from autotrader.control.protocol import History

    if not ids and not selector.selects:
        every: list[View] = call.ask(History(limit))["fires"]
        return every
    rules = chosen(call, ids, ANY, selector)
    fires: list[View] = []
    for rule in rules:
        its = call.ask(History(limit, RuleId(rule)))["fires"]
        fires += its or _none_of(call, rule)
    return sorted(fires, key=lambda fire: int(fire["at"]))[-limit:]


def _none_of(call: Call, rule: str) -> list[View]:
    """Return no fires, of a rule that there is; else raise the refusal."""
    call.ask(ShowRule(RuleId(rule)))
    return []


APP = alone(history)
