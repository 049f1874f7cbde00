"""`autotrader show`: all of one rule: what it will do, what it did and why, its orders, fills and the end of its journal."""

from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.fires import told
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.outlook import day_ahead
from autotrader.cli.preview import LIVE, what, will_do
from autotrader.cli.rows import journal_line
from autotrader.cli.words import because, moment, number, state_word
from autotrader.domain.rule import RuleId
from autotrader.engine.events import ShowRule

Id = Annotated[str, typer.Argument(metavar="ID", help="The rule.", show_default=False)]
FIRES, ROWS = 20, 10


def show(ctx: typer.Context, rule: Id, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None) -> None:
    """Show one rule: what it will do, what it did and why."""
    from autotrader.control.protocol import History, Journal

    call = Call(ctx)
    view = call.ask(ShowRule(RuleId(rule)))["rule"]
    fires = call.ask(History(FIRES, RuleId(rule)))["fires"]
    rows = call.ask(Journal(rule, ROWS))["rows"]
    if call.as_json:
        call.print_json({"rule": view, "fires": fires, "journal": rows})
        return
    print("\n".join([*_head(call, view), *_legs(call, view), *_past(call, fires, rows)]))


def _head(call: Call, view: View) -> list[str]:
    where = call.tell("cli.from_file" if view["in_file"] else "cli.from_cli")
    title = {"rule": view["id"], "state": state_word(view["state"], call.language), "mode": call.mode}
    facts = {"instrument": view["instrument"], "account": view["account"], "what": what(view), "where": where}
    facts |= {"version": view["version"], "generation": view["generation"], "created": moment(view["created"])}
    note = view["text"].get("note")
    return [call.tell("cli.title", **title), "  " + call.tell("cli.facts", **facts), *([f"  {note}"] if note else [])]


def _legs(call: Call, view: View) -> list[str]:
    """Return what the rule will do while it lives, and each leg's state with its reason."""
    lines = [f"  {line}" for line in (*will_do(call, view), *day_ahead(call, view))] if view["state"] in LIVE else []
    for leg in view["legs"]:
        reason = because(leg["reason"], call.language)
        lines.append(f"  {leg['name']}: {state_word(leg['state'], call.language)}" + (f" ({reason})" if reason else ""))
        if leg["mark"] is not None:
            lines.append("    " + call.tell("cli.mark_since", mark=number(leg["mark"]), at=moment(leg["mark_time"])))
    last = {"last": number(view["last_price"]), "at": moment(view["last_time"])}
    lines.append("  " + (call.tell("cli.last_price", **last) if view["last_price"] is not None else call.tell("cli.no_price")))
    return lines


def _past(call: Call, fires: list[View], rows: list[View]) -> list[str]:
    lines = [line for fire in fires for line in told(call, fire)]
    return [*lines, *([call.tell("cli.journal")] if rows else []), *(f"  {journal_line(call, row)}" for row in rows)]


APP = alone(show)
