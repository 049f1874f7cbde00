"""What would be sent in each session of the day, as `add`, `edit` and `show` say it: one line an enabled session, one for the rest."""

from datetime import datetime
from zoneinfo import ZoneInfo

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.preview import rule_of
from autotrader.cli.words import SECOND
from autotrader.domain.rule import OrderType, Rule
from autotrader.engine.hours import REGULAR, order_venue
from autotrader.markets.facts import Matching
from autotrader.markets.profile import MarketProfile

NOT_ENABLED = "outlook.not_enabled"
SENTENCES = {
    "outlook.not_taken": "cli.outlook_instead",
    "outlook.waits": "cli.outlook_waits",
    "outlook.fails": "cli.outlook_fails",
}
"""The engine's reasons name their session; in a table of sessions they are shorter."""


def day_ahead(call: Call, view: View) -> list[str]:
    """Return the lines; none for a market without sessions or a feed that does not keep them."""
    rows = view["outlook"]
    if not rows:
        return []
    rule = rule_of(view)
    venue = order_venue(call.markets, rule)
    zone = ZoneInfo(venue.zone)
    lines = [call.tell("cli.outlook", day=_local(rows[0]["close"], zone).date().isoformat(), zone=zone.key)]
    lines += [f"  {_hours(row, zone)} {row['session']}: {_sends(call, row)}" for row in rows if not _is_off(row)]
    others = [row for row in rows if _is_off(row) and _might_take(row, rule, venue)]
    if others:
        sessions = ", ".join(f"{row['session']} {_hours(row, zone)}" for row in others)
        lines.append("  " + call.tell("cli.outlook_off", sessions=sessions, example=_example(others, rule)))
    return lines


def _is_off(row: View) -> bool:
    return row["why"] is not None and row["why"]["code"] == NOT_ENABLED


def _sends(call: Call, row: View) -> str:
    """Return what goes in a session, or why nothing does."""
    if row["as_written"]:
        return call.tell("cli.outlook_sends", kind=call.tell(f"order_kind.{row['sends']}"))
    params = row["why"]["params"]
    kinds = {name: call.tell(f"order_kind.{params[name]}") for name in ("kind", "instead") if name in params}
    return call.tell(SENTENCES[row["why"]["code"]], **kinds)


def _might_take(row: View, rule: Rule, venue: MarketProfile) -> bool:
    """Tell whether a session is worth naming: the ones at a fixed price are so only for an order at that price."""
    fixed = any(known.id == row["session"] and known.matching is Matching.FIXED for known in venue.sessions)
    return not fixed or rule.order.type is OrderType.CLOSE_PRICE


def _example(others: list[View], rule: Rule) -> str:
    """Return what to write under `sessions` to enable the first of the others too."""
    return ", ".join([*(rule.sessions or (REGULAR,)), others[0]["session"]])


def _local(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at // SECOND, zone)


def _hours(row: View, zone: ZoneInfo) -> str:
    return f"{_time(row['open'], zone)}-{_time(row['close'], zone)}"


def _time(at: int, zone: ZoneInfo) -> str:
    when = _local(at, zone)
    return f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
