"""`autotrader status`: what an owner asks first: is it watching, what is protected, does anything need me?"""

import typer

from autotrader.cli.call import Call
from autotrader.cli.commitments import commitment_lines
from autotrader.cli.doors import View
from autotrader.cli.fires import order_line
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.words import age, because, moment, number, state_word
from autotrader.engine.events import Status


def status(ctx: typer.Context, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None) -> None:
    """Show what is watched, armed, protected, held and dropped."""
    call = Call(ctx)
    view = call.ask(Status())
    if "alerts" not in view:
        view["alerts"] = _unseen(call)
    if call.as_json:
        call.print_json(view)
        return
    parts = (_head, _outside, _markets, _holdings, _needs_you, _dropped)
    print("\n".join(line for part in parts for line in part(call, view)))


def _unseen(call: Call) -> int:
    from autotrader.control.protocol import Alerts

    return len(call.ask(Alerts())["alerts"])


def _head(call: Call, view: View) -> list[str]:
    if call.daemon is None:
        head = call.tell("cli.status_alone", mode=call.mode, state=call.state)
    else:
        facts = {"version": view.get("version", "?"), "pid": view.get("pid", "?"), "config": view.get("config", "?")}
        head = call.tell("cli.status_daemon", mode=call.mode, since=moment(view["started"]), state=call.state, **facts)
    counted = ", ".join(f"{count} {state_word(state, call.language)}" for state, count in sorted(view["rules"].items()))
    return [head, call.tell("cli.status_rules", counts=counted or "0")]


def _outside(call: Call, view: View) -> list[str]:
    """Return the accounts and the feeds."""
    lines = []
    for account in view["accounts"]:
        cash = ", ".join(f"{number(total)} {currency}" for currency, total in account["cash"].items())
        said = call.tell(f"account_state.{account['state']}", reason=account["reason"])
        lines.append(call.tell("cli.status_account", name=account["name"], said=said, cash=cash or "-"))
    for feed in view["feeds"]:
        said = call.tell(f"feed_state.{feed['state']}", reason=feed["reason"] or "-", since=moment(feed["since"]))
        facts = {"name": feed["name"], "said": said, "count": feed["instruments"]}
        if feed["oldest_print"]:
            if feed["clock"] == "live":
                lines.append(call.tell("cli.status_feed", age=age(feed["oldest_print"], view["now"]), **facts))
            else:  # its time is its own: an age by our clock would mean nothing
                lines.append(call.tell("cli.status_feed_own_time", clock=feed["clock"], time=moment(feed["oldest_print"]), **facts))
        else:
            lines.append(call.tell("cli.status_feed_silent", **facts))
    return lines


def _markets(call: Call, view: View) -> list[str]:
    """Return what the venues do now that rules order at, and what does not trade there."""
    lines = []
    for market in view["markets"]:
        if market["hours"]:
            facts = {"venue": market["venue"], "sessions": ", ".join(market["sessions"]), "until": moment(market["next_change"])}
            lines.append(call.tell("cli.status_market" if market["sessions"] else "cli.status_market_closed", **facts))
        for stopped in market["stopped"]:
            facts = {
                "venue": market["venue"],
                "what": stopped["what"] if stopped["what"] != market["venue"] else "everything",
                "reason": stopped["reason"] or "-",
            }
            lines.append(because({"code": f"trading.{stopped['state']}", "params": facts}, call.language))
    return lines


def _holdings(call: Call, view: View) -> list[str]:
    """Return what is held and what protects it."""
    lines = []
    for held in view["positions"]:
        facts = {name: held[name] for name in ("account", "instrument")} | {"quantity": number(held["quantity"])}
        if held["rules"]:
            lines.append(call.tell("cli.protected", covered=number(held["protected"]), rules=", ".join(held["rules"]), **facts))
        else:
            lines.append(call.tell("cli.bare", **facts))
    return lines + commitment_lines(call, view["commitments"])


def _needs_you(call: Call, view: View) -> list[str]:
    lines = [order_line(call, order) for order in view["open_orders"]]
    if view["held"]:
        lines.append(call.tell("cli.status_held", count=len(view["held"]), items=", ".join(item["item"] for item in view["held"])))
    if view["alerts"]:
        lines.append(call.tell("cli.status_alerts", count=view["alerts"]))
    if view["pending_plan"]:
        lines.append(call.tell("cli.status_pending"))
    return [*lines, *(because(note, call.language) for note in view.get("store_notes", []))]


def _dropped(call: Call, view: View) -> list[str]:
    return [call.tell("cli.dropped", where=d["where"], reason=d["reason"], count=f"{d['count']:,}") for d in view["dropped"]]


APP = alone(status)
