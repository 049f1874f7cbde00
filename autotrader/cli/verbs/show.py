"""`autotrader show`: all of one rule: what it will do, what it did and why, its orders, fills and the end of its journal."""

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.fires import told
from autotrader.cli.listing import ANY, ENDS, Selector, chosen
from autotrader.cli.options import All, AsJson, Config, Lang, OfAccount, OfInstrument, OfTag, RuleIds, State, alone
from autotrader.cli.outlook import day_ahead
from autotrader.cli.preview import LIVE, what, will_do
from autotrader.cli.rows import journal_line
from autotrader.cli.words import because, level_words, moment, number, state_word
from autotrader.domain.rule import RuleId
from autotrader.engine.events import ShowRule

FIRES, ROWS = 20, 10


def show(
    ctx: typer.Context,
    ids: RuleIds = None,
    every: All = False,
    tag: OfTag = None,
    account: OfAccount = None,
    instrument: OfInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show rules: what each will do, what it did and why."""
    call = Call(ctx)
    selector = Selector(every, tag, account, instrument)
    stories = [_story(call, rule) for rule in chosen(call, ids, ANY - ENDS, selector)]
    if call.as_json:
        call.print_json(stories[0] if ids and len(stories) == 1 else {"rules": stories})
    elif not stories:
        print(call.tell("cli.none_chosen"))
    else:
        print("\n\n".join("\n".join(_told(call, **story)) for story in stories))


def _story(call: Call, rule: str) -> View:
    """Return all that is known of a rule."""
    from autotrader.control.protocol import History, Journal

    view = call.ask(ShowRule(RuleId(rule)))["rule"]
    fires = call.ask(History(FIRES, RuleId(rule)))["fires"]
    return {"rule": view, "fires": fires, "journal": call.ask(Journal(rule, ROWS))["rows"]}


def _told(call: Call, rule: View, fires: list[View], journal: list[View]) -> list[str]:
    return [*_head(call, rule), *_legs(call, rule), *_past(call, fires, journal)]


def _head(call: Call, view: View) -> list[str]:
    where = call.tell("cli.from_file" if view["in_file"] else "cli.from_cli")
    title = {"rule": view["id"], "state": state_word(view["state"], call.language), "mode": call.mode}
    facts = {"instrument": view["instrument"], "account": view["account"], "what": what(view), "where": where}
    facts |= {"version": view["version"], "generation": view["generation"], "created": moment(view["created"])}
    lines = [call.tell("cli.facts", **facts)]
    if view.get("parent") is not None:
        attached = view["side"] == "sell" and view["id"] != f"{view['parent']}-exits"
        lines.append(call.tell("cli.attached_by" if attached else "cli.exits_of", parent=view["parent"]))
    if view.get("tags"):
        lines.append(call.tell("cli.tags", tags=", ".join(view["tags"])))
    if view["text"].get("note"):
        lines.append(view["text"]["note"])
    return [call.tell("cli.title", **title), *(f"  {line}" for line in lines)]


def _legs(call: Call, view: View) -> list[str]:
    """Return what the rule will do while it lives, and each leg's state with its numbers and its reason."""
    lines = [f"  {line}" for line in (*will_do(call, view), *day_ahead(call, view))] if view["state"] in LIVE else []
    for leg in view["legs"]:
        reason = because(leg["reason"], call.language)
        said = [state_word(leg["state"], call.language), *_numbers(call, leg)]
        lines.append(f"  {leg['name']}: {', '.join(said)}" + (f" ({reason})" if reason else ""))
        if leg["mark"] is not None:
            lines.append("    " + call.tell("cli.mark_since", mark=number(leg["mark"]), at=moment(leg["mark_time"])))
    if view.get("lot") is not None:
        lines.append("  " + call.tell("cli.left_of", lot=number(view["lot"]), left=number(view["left"])))
    last = {"last": number(view["last_price"]), "at": moment(view["last_time"])}
    lines.append("  " + (call.tell("cli.last_price", **last) if view["last_price"] is not None else call.tell("cli.no_price")))
    return lines


def _numbers(call: Call, leg: View) -> list[str]:
    """Return where a leg that lives stands: level, distance, when the clock meets it, share."""
    if leg["state"] in ENDS:
        return []
    said = []
    if leg["level"] is not None:
        said.append(call.tell("cli.leg_level", level=level_words(leg["level"])))
    elif leg["activate"] is not None:
        said.append(call.tell("cli.leg_activates", level=level_words(leg["activate"])))
    if leg["distance_percent"] is not None:
        said.append(call.tell("cli.leg_away", distance=leg["distance_percent"]))
    if leg.get("due"):
        said.append(call.tell("cli.leg_due", at=moment(leg["due"])))
    if leg.get("share") is not None:
        said.append(call.tell("cli.leg_share", share=leg["share"]))
    return [*said, *([call.tell("cli.leg_even")] if leg.get("breakeven") else [])]


def _past(call: Call, fires: list[View], rows: list[View]) -> list[str]:
    lines = [line for fire in fires for line in told(call, fire)]
    return [*lines, *([call.tell("cli.journal")] if rows else []), *(f"  {journal_line(call, row)}" for row in rows)]


APP = alone(show)
