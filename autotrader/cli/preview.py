"""What a rule will do, in words, before it does it: at which price, how far that is, what is sent then and what follows."""

from typing import Any, assert_never

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.terms import as_written, follows, kind_words, only_while, quantity_words, seen_words, unusual_words
from autotrader.cli.words import because, level_words, moment, number, percent_between
from autotrader.domain.money import text as plain
from autotrader.domain.rule import (
    Above,
    Action,
    At,
    Below,
    Distance,
    Leg,
    Level,
    OrderSpec,
    Preserve,
    Rebound,
    Rule,
    Side,
    Stop,
    Target,
    Then,
    Ticks,
    TimeExit,
    Trail,
    order_of,
    trigger_kind,
)

LIVE = frozenset({"waiting", "watching", "paused"})
UNDER = frozenset({"stop", "trail", "below", "preserve"})
UNKNOWN: View = dict.fromkeys(("level", "activate", "mark", "due", "reason"))
"""What is known of a leg of exits before anything is bought."""


def rule_of(view: View) -> Rule:
    """Return the rule that a view shows, as its owner wrote it."""
    import msgspec

    return msgspec.convert(view["text"], Rule)


def will_do(call: Call, view: View) -> list[str]:
    """Return the sentences: what happens, why it still waits, what follows, until when."""
    rule = rule_of(view)
    quantity = quantity_words(call, view, rule)
    lines = [call.tell("cli.several", quantity=quantity)] if len(rule.legs) > 1 else []
    for leg, written in zip(view["legs"], rule.legs, strict=True):
        told = _leg(call, view, rule, leg, written, quantity)
        if leg["state"] == "waiting":
            told.append(call.tell("cli.waits", why=because(leg["reason"], call.language)))
        lines += _indented(leg["name"], told) if len(rule.legs) > 1 else told
    lines += only_while(call, rule)
    lines += _exits(call, view, rule)
    lines += follows(call, rule)
    said = unusual_words(rule)
    lines += [call.tell("cli.conditions", said=said)] if said else []
    lines += [call.tell("cli.shadow")] if rule.shadow else []
    lines.append(call.tell("cli.valid_through", day=view["expires"]))
    return lines


def _indented(name: str, told: list[str]) -> list[str]:
    """Return what is said of one leg of several."""
    return [f"  {name}: {told[0]}", *(f"    {line}" for line in told[1:])]


def _exits(call: Call, view: View, rule: Rule) -> list[str]:
    """Return what happens with what an entry has bought."""
    if not rule.exits:
        return []
    from msgspec.structs import replace

    sells = replace(rule, side=Side.SELL, quantity=None, legs=rule.exits, order=OrderSpec(), exits=())
    lines = [call.tell("cli.exits")]
    for leg in rule.exits:
        leg_view = {**UNKNOWN, "name": leg.name, "kind": trigger_kind(leg.trigger), "state": "", "activated": False}
        bought = {**view, "side": "sell", "last_price": None}
        lines += _indented(leg.name, _leg(call, bought, sells, leg_view, leg, call.tell("cli.what_was_bought")))
    return lines


def _leg(call: Call, view: View, rule: Rule, leg: View, written: Leg, quantity: str) -> list[str]:
    """Return what one leg does: a sentence, and what is particular to it."""
    trigger = written.trigger
    instrument = view["instrument"]
    act = {"instrument": instrument, **seen_words(call, rule), "act": _act(call, view, rule, written, quantity)}
    match trigger:
        case Trail() | Rebound():
            return [_trailing(call, view, leg, trigger, act), *_mark_rules(call, leg, trigger), *_then(call, written)]
        case Stop(level) | Target(level) | Above(level) | Below(level):
            return [_levelled(call, view, leg, level, act), *_then(call, written)]
        case Preserve():
            return [_preserving(call, view, leg, trigger, act)]
        case TimeExit(time) | At(time):
            due = f" ({moment(leg['due'])})" if leg.get("due") else ""
            return [call.tell("cli.will_by_clock", time=time, due=due, **act)]
        case _:
            assert_never(trigger)


def _levelled(call: Call, view: View, leg: View, written: Level, act: dict[str, str]) -> str:
    level = level_words(leg["level"]) if leg["level"] is not None else as_written(call, written)
    away = _away(call, leg["level"], view["last_price"])
    return call.tell("cli.will_level", where=_where(call, leg["kind"]), level=level, away=away, **act)


def _trailing(call: Call, view: View, leg: View, trigger: Trail | Rebound, act: dict[str, str]) -> str:
    from autotrader.config.fields import distance_text

    sells = isinstance(trigger, Trail)
    extreme = call.tell("cli.high" if sells else "cli.low")
    words = {"extreme": extreme, "where": _where(call, leg["kind"]), "trail": distance_text(trigger.distance), **act}
    if leg["activated"] and leg["level"] is not None:
        away = _away(call, leg["level"], view["last_price"])
        return call.tell("cli.will_trail", level=level_words(leg["level"]), mark=number(leg["mark"]), away=away, **words)
    if trigger.activate is None:
        return call.tell("cli.will_trail_at_once", **words)
    activate = level_words(leg["activate"]) if leg["activate"] is not None else as_written(call, trigger.activate)
    beyond = call.tell("cli.over" if sells else "cli.under")
    away = _away(call, leg["activate"], view["last_price"])
    return call.tell("cli.will_activate", beyond=beyond, activate=activate, away=away, **words)


def _mark_rules(call: Call, leg: View, trigger: Trail | Rebound) -> list[str]:
    """Return how the mark of a trail moves and where it starts, where that is not as usual."""
    from autotrader.config.fields import distance_text

    lines = [call.tell("cli.in_steps", step=distance_text(trigger.step))] if trigger.step is not None else []
    if trigger.start is None:
        return lines
    return [*lines, call.tell("cli.start_over" if leg["activated"] else "cli.starts_at", start=number(plain(trigger.start)))]


def _preserving(call: Call, view: View, leg: View, trigger: Preserve, act: dict[str, str]) -> str:
    """Return what keeps a profit: first the price to reach, then the one that keeps it."""
    last = view["last_price"]
    if leg["activated"] and leg["level"] is not None:
        return call.tell("cli.will_keep", floor=level_words(leg["level"]), away=_away(call, leg["level"], last), **act)
    arm = level_words(leg["activate"]) if leg["activate"] is not None else as_written(call, trigger.arm)
    words = {"arm": arm, "away": _away(call, leg["activate"], last), "floor": as_written(call, trigger.floor)}
    return call.tell("cli.will_arm", **words, **act)


def _then(call: Call, written: Leg) -> list[str]:
    return [call.tell("cli.then_breakeven")] if written.then is Then.STOP_TO_BREAKEVEN else []


def _where(call: Call, kind: str) -> str:
    return call.tell("cli.under" if kind in UNDER else "cli.over")


def _away(call: Call, level: str | None, last: str | None) -> str:
    """Say how far a level is from the last price, nothing when one of them is not known."""
    if level is None or last is None:
        return ""
    percent = percent_between(level, last)
    where = call.tell("cli.below" if percent < 0 else "cli.above")
    return call.tell("cli.away", percent=plain(abs(percent)), where=where, last=number(last))


def _act(call: Call, view: View, rule: Rule, leg: Leg, quantity: str) -> str:
    """Return what is done with which part of the quantity: `a market order sells 10 shares`, or that you are told."""
    if rule.action is Action.ALERT:
        return call.tell("cli.tells_you")
    does = call.tell("cli.sells" if view["side"] == "sell" else "cli.buys")
    if leg.share is not None:
        quantity = call.tell("cli.share_of", share=f"{plain(leg.share)}%", quantity=quantity)
    elif len(rule.legs) > 1 and any(other.share is not None for other in rule.legs):
        quantity = call.tell("cli.rest_of", quantity=quantity)
    return call.tell("cli.act", order=_order(call, view, rule, leg), does=does, quantity=quantity)


def _order(call: Call, view: View, rule: Rule, leg: Leg) -> str:
    """Return what is sent: `a limit order at 66,000`, `a limit order 100 under the level`."""
    order = order_of(rule, leg)
    kind = kind_words(call, order)
    if leg.limit_offset is not None:
        return call.tell("cli.order_beyond", kind=kind, beyond=_beyond(call, leg.limit_offset, view["side"]))
    if order.peg is not None:
        from autotrader.config.order_words import peg_text

        return call.tell("cli.order_of_at", kind=kind, limit=call.tell("cli.of_the_moment", peg=peg_text(order.peg)))
    if order.limit is None:
        return call.tell("cli.order_of", kind=kind)
    rounded = view["order"]["limit"] if order == rule.order else None
    return call.tell("cli.order_of_at", kind=kind, limit=number(rounded or plain(order.limit)))


def _beyond(call: Call, offset: Distance, side: str) -> str:
    """Return `100 under the level`, or `the level` where the limit is the level itself."""
    from autotrader.config.fields import distance_text

    if not (offset.count if isinstance(offset, Ticks) else offset.value):
        return call.tell("cli.at_the_level")
    where = call.tell("cli.under" if side == "sell" else "cli.over")
    return call.tell("cli.off_the_level", offset=number(distance_text(offset)), where=where)


def what(view: View) -> str:
    """Return a rule in a few words: `sell 10: stop 68,000`, `sell 10: stop 68,000 (best_ioc, sessions nxt.pre, venue NXT)`."""
    rule = rule_of(view)
    legs = ", ".join(_few_words(leg) for leg in rule.legs)
    exits = f"; then {', '.join(_few_words(leg) for leg in rule.exits)}" if rule.exits else ""
    orders = [_sent(rule.order), *(f"{leg.name} {said}" for leg in (*rule.legs, *rule.exits) if (said := _sent(leg.order)))]
    modes = [rule.action.value if rule.action is not Action.ORDER else "", "shadow" if rule.shadow else ""]
    unusual = ", ".join(filter(None, (*modes, *orders, unusual_words(rule))))
    return f"{rule.side.value} {number(view['quantity'])}: {legs}{exits}" + (f" ({unusual})" if unusual else "")


def _few_words(leg: Leg) -> str:
    """Return a leg in a few words: `stop 68,000`, `target +10% for 50%`, `trail 3% from 75,000`."""
    from autotrader.config.fields import distance_text, level_text

    trigger: Any = leg.trigger
    kind = trigger_kind(trigger)
    match trigger:
        case Stop(level) | Target(level) | Above(level) | Below(level):
            said = f"{kind} {number(level_text(level))}"
        case Trail(distance, activate) | Rebound(distance, activate):
            start = f" from {number(level_text(activate))}" if activate is not None else ""
            said = f"{kind} {number(distance_text(distance))}{start}"
        case Preserve(arm, floor):
            said = f"{kind} {number(level_text(floor))} from {number(level_text(arm))}"
        case _:
            said = f"{kind} {trigger.time}"
    if leg.limit_offset is not None:
        said += f" limit {number(distance_text(leg.limit_offset))} beyond"
    return said if leg.share is None else f"{said} for {plain(leg.share)}%"


def _sent(order: OrderSpec | None) -> str:
    """Return an order that is no plain market order as it is written: its kind, and the price of one that has a price."""
    from autotrader.config.order_words import peg_text
    from autotrader.markets.orders import kind_of

    if order is None:
        return ""
    kind = kind_of(order.type, order.tif)
    price = peg_text(order.peg) if order.peg is not None else number(plain(order.limit)) if order.limit is not None else ""
    return "" if kind == "market" else f"{kind} {price}".rstrip()
