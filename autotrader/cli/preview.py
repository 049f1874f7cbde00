"""What a rule will do, in words, before it does it: at which price, how far that is, and what is sent then."""

from typing import assert_never

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.words import because, grouped, number, percent_between
from autotrader.domain.money import text as plain
from autotrader.domain.rule import (
    Above,
    AtPrice,
    Below,
    Level,
    OffBase,
    ProfitRate,
    Rebound,
    Rule,
    Stop,
    Target,
    Ticks,
    Trail,
    trigger_kind,
)

LIVE = frozenset({"waiting", "watching", "paused"})
UNDER = frozenset({"stop", "trail", "below"})


def rule_of(view: View) -> Rule:
    """Return the rule that a view shows, as its owner wrote it."""
    import msgspec

    return msgspec.convert(view["text"], Rule)


def will_do(call: Call, view: View) -> list[str]:
    """Return the sentences: what happens, why it still waits, until when."""
    rule = rule_of(view)
    lines = []
    for leg, written in zip(view["legs"], rule.legs, strict=True):
        trigger = written.trigger
        if isinstance(trigger, Trail | Rebound):
            lines.append(_trailing(call, view, leg, trigger))
        elif isinstance(trigger, Stop | Target | Above | Below):
            lines.append(_levelled(call, view, leg, trigger.level))
        if leg["state"] == "waiting":
            lines.append(call.tell("cli.waits", why=because(leg["reason"], call.language)))
    lines += conditions(call, rule)
    lines.append(call.tell("cli.valid_through", day=view["expires"]))
    return lines


def _levelled(call: Call, view: View, leg: View, written: Level) -> str:
    level = number(leg["level"]) if leg["level"] is not None else as_written(call, written)
    away = _away(call, leg["level"], view["last_price"])
    return call.tell("cli.will_level", where=_where(call, leg["kind"]), level=level, away=away, **_action(call, view))


def _trailing(call: Call, view: View, leg: View, trigger: Trail | Rebound) -> str:
    from autotrader.config.fields import distance_text

    sells = isinstance(trigger, Trail)
    extreme = call.tell("cli.high" if sells else "cli.low")
    words = {"extreme": extreme, "where": _where(call, leg["kind"]), "trail": distance_text(trigger.distance), **_action(call, view)}
    if leg["activated"] and leg["level"] is not None:
        away = _away(call, leg["level"], view["last_price"])
        return call.tell("cli.will_trail", level=number(leg["level"]), mark=number(leg["mark"]), away=away, **words)
    if trigger.activate is None:
        return call.tell("cli.will_trail_at_once", **words)
    activate = number(leg["activate"]) if leg["activate"] is not None else as_written(call, trigger.activate)
    beyond = call.tell("cli.over" if sells else "cli.under")
    away = _away(call, leg["activate"], view["last_price"])
    return call.tell("cli.will_activate", beyond=beyond, activate=activate, away=away, **words)


def as_written(call: Call, level: Level) -> str:
    """Return a level whose price is not known yet, in the words of its rule."""
    from autotrader.config.fields import level_text

    match level:
        case AtPrice():
            return number(level_text(level))
        case ProfitRate():
            return call.tell("cli.profit_rate", rate=level_text(level))
        case OffBase(offset, base):
            under = (offset.count if isinstance(offset, Ticks) else offset.value) < 0
            where = call.tell("cli.under" if under else "cli.over")
            name = grouped(base.price) if isinstance(base, AtPrice) else call.tell(f"base.{base.value}")
            return call.tell("cli.off_base", offset=level_text(level), where=where, base=name)
        case _:
            assert_never(level)


def _where(call: Call, kind: str) -> str:
    return call.tell("cli.under" if kind in UNDER else "cli.over")


def _away(call: Call, level: str | None, last: str | None) -> str:
    """Say how far a level is from the last price, nothing when one of them is not known."""
    if level is None or last is None:
        return ""
    percent = percent_between(level, last)
    where = call.tell("cli.below" if percent < 0 else "cli.above")
    return call.tell("cli.away", percent=plain(abs(percent)), where=where, last=number(last))


def _action(call: Call, view: View) -> dict[str, str]:
    """Return the words for what is sent."""
    kind, limit = kind_words(call, rule_of(view)), view["order"]["limit"]
    order = call.tell("cli.order_of", kind=kind) if limit is None else call.tell("cli.order_of_at", kind=kind, limit=number(limit))
    does = call.tell("cli.sells" if view["side"] == "sell" else "cli.buys")
    return {"instrument": view["instrument"], "order": order, "does": does, "quantity": quantity_words(call, view)}


def kind_words(call: Call, rule: Rule) -> str:
    """Return the trade's name for the kind of order that a rule sends."""
    from autotrader.markets.orders import kind_of

    return call.tell(f"order_kind.{kind_of(rule.order.type, rule.order.tif)}")


def conditions(call: Call, rule: Rule) -> list[str]:
    """Return in a line where and when the rule watches and orders, nothing when that is as usual."""
    said = market_words(rule)
    return [call.tell("cli.conditions", said=said)] if said else []


def market_words(rule: Rule) -> str:
    """Return the keys about venues and sessions that differ from the usual, as they are written."""
    from autotrader.config.fields import market_fields

    fields = market_fields(rule)
    return ", ".join(f"{key} {' + '.join(value) if isinstance(value, list) else value}" for key, value in fields.items())


def quantity_words(call: Call, view: View) -> str:
    """Return how many: shares where there are shares, else the number of the thing."""
    from autotrader.config.markets import load_markets

    if view["quantity"] == "all":
        return call.tell("cli.all_of_it")
    market, _, code = view["instrument"].partition(":")
    profile = load_markets().get(market)
    if profile is not None and profile.always_open:
        return call.tell("cli.units", count=number(view["quantity"]), unit=code)
    return call.tell("cli.one_share" if view["quantity"] == "1" else "cli.shares", count=number(view["quantity"]))


def what(view: View) -> str:
    """Return a rule in a few words: `sell 10: stop 68,000`, `sell 10: stop 68,000 (best_ioc, sessions nxt.pre, venue NXT)`."""
    from autotrader.config.fields import distance_text, level_text

    rule = rule_of(view)
    words = []
    for leg in rule.legs:
        trigger = leg.trigger
        kind = trigger_kind(trigger)
        if isinstance(trigger, Stop | Target | Above | Below):
            words.append(f"{kind} {number(level_text(trigger.level))}")
            continue
        if not isinstance(trigger, Trail | Rebound):
            continue
        start = f" from {number(level_text(trigger.activate))}" if trigger.activate is not None else ""
        words.append(f"{kind} {number(distance_text(trigger.distance))}{start}")
    unusual = ", ".join(filter(None, (_unusual_kind(rule), market_words(rule))))
    return f"{rule.side.value} {number(view['quantity'])}: {', '.join(words)}" + (f" ({unusual})" if unusual else "")


def _unusual_kind(rule: Rule) -> str:
    """Return the kind of order where it is neither a market order nor a plain limit, as it is written."""
    from autotrader.markets.orders import kind_of

    kind = kind_of(rule.order.type, rule.order.tif)
    return "" if kind in ("market", "limit") else kind
