"""Whether a rule that can be read also makes sense: its feed, lot, validity, order prices; and what is odd but allowed."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from autotrader.config import values
from autotrader.config.instruments import serves
from autotrader.config.mistakes import Findings, Path
from autotrader.config.venue_checks import check_order_is_taken, check_time, check_window
from autotrader.domain.money import exact
from autotrader.domain.money import text as plain_text
from autotrader.domain.rule import (
    Above,
    Amount,
    AtPrice,
    Leg,
    OffBase,
    OrderSpec,
    OrderType,
    Percent,
    Preserve,
    ProfitRate,
    Quantity,
    Rule,
    Side,
    Stop,
    Ticks,
    Trail,
    order_of,
    trigger_kind,
)
from autotrader.domain.tick import InstrumentId
from autotrader.engine.coherence import is_on_the_wrong_side, is_order_unused, takes_all
from autotrader.engine.triggers import activation_of, distances_of, level_of, time_of
from autotrader.markets.profile import Markets, find_instrument, profile_of
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick


class Placed(NamedTuple):
    """A leg of a rule: where it is written (the rule itself, or an entry of a list) and the side that it trades."""

    path: Path
    leg: Leg
    side: Side


class Surroundings(NamedTuple):
    """The feeds, the day (of the rule's own market) and the markets that a rule is checked against."""

    served: Mapping[str, Collection[str]] | None
    today: date | None
    markets: Markets
    past_is_mistake: bool


def check_words(
    instrument: InstrumentId, feed: str, quantity: Quantity, until: str, around: Surroundings, findings: Findings, warnings: Findings
) -> None:
    """Note what the words of a rule get wrong about its instrument, whatever else may be wrong with it."""
    _check_feed(instrument, feed, around.served, findings)
    if isinstance(quantity, Decimal):
        _check_lot(instrument, quantity, around.markets, findings)
    if around.today is not None and until:
        _check_until(instrument, until, around, around.today, findings, warnings)


def check_rule(rule: Rule, around: Surroundings, findings: Findings, warnings: Findings, *, in_list: bool) -> None:
    """Note what the parts of a readable rule get wrong about each other. `in_list`: its legs are written under `legs`."""
    parts = list(parts_of(rule, in_list=in_list))
    in_ticks = list(_ticks_in(rule, parts))
    if in_ticks and not find_instrument(around.markets, rule.instrument).ladder:
        for path in in_ticks:
            findings.add(path, "config.no_ladder", {"instrument": rule.instrument})
    for part in parts:
        _check_limit(rule, part, findings)
    for path, order, side in orders_of(rule, parts):
        check_order_is_taken(
            rule if side is rule.side else replace(rule, side=side), order, path, around.markets, around.today, findings, warnings
        )
    if is_order_unused(rule):
        findings.note("order", code="config.leg_order_unused", at_key=True)
    if rule.window:
        check_window(rule, around.markets, around.today, findings)
    for part in parts:
        if time := time_of(part.leg.trigger):
            check_time(rule, time, (*part.path, trigger_kind(part.leg.trigger)), around.markets, around.today, findings)


def parts_of(rule: Rule, *, in_list: bool) -> Iterator[Placed]:
    """Return the legs of a rule and those of its exits, with their places."""
    for place, leg in enumerate(rule.legs):
        yield Placed(("legs", place) if in_list else (), leg, rule.side)
    for place, leg in enumerate(rule.exits):
        yield Placed(("exits", place), leg, Side.SELL)


def orders_of(rule: Rule, parts: list[Placed]) -> Iterator[tuple[Path, OrderSpec, Side]]:
    """Return what the legs of a rule send, each way once, with its place."""
    if any(_sends_rule_order(part) for part in parts):
        yield ("order",), rule.order, rule.side
    for part in parts:
        key = "limit_offset" if part.leg.limit_offset is not None else "order"
        if part.leg.limit_offset is not None or part.leg.order is not None:
            yield (*part.path, key), order_of(rule, part.leg), part.side


def _sends_rule_order(part: Placed) -> bool:
    return part.path[:1] != ("exits",) and part.leg.limit_offset is None and part.leg.order is None


def _check_feed(instrument: str, feed: str, served: Mapping[str, Collection[str]] | None, findings: Findings) -> None:
    """Note a feed that nobody knows, or an instrument that no feed serves."""
    if served is None:
        return
    if feed and feed not in served:
        known = list(served)
        findings.note("feed", code="config.unknown_feed", feed=feed, known=", ".join(known) or "none", perhaps=values.perhaps(feed, known))
    elif feed and not serves(served[feed], instrument):
        findings.note("feed", code="config.feed_does_not_serve", feed=feed, instrument=instrument, others=_servers(served, instrument))
    elif not feed and not _servers(served, instrument):
        market = instrument.partition(":")[0]
        remedy = f", or add a feed with `kind: {market.lower()}`" if market in ("UPBIT", "BINANCE") else ""
        findings.note("instrument", code="config.not_served", instrument=instrument, remedy=remedy)


def _servers(served: Mapping[str, Collection[str]], instrument: str) -> str:
    """Return the feeds that serve an instrument, as a remedy; empty when there is none."""
    names = [feed for feed, patterns in served.items() if serves(patterns, instrument)]
    return f"; it is served by {', '.join(names)}" if names else ""


def _check_lot(instrument: InstrumentId, quantity: Decimal, markets: Markets, findings: Findings) -> None:
    lot = find_instrument(markets, instrument).lot
    with exact():
        whole = quantity % lot == 0
    if not whole:
        findings.note("quantity", code="config.not_a_lot", quantity=quantity, instrument=instrument, lot=plain_text(lot))


def _ticks_in(rule: Rule, parts: list[Placed]) -> Iterator[Path]:
    """Return the places where a rule counts in ticks."""
    for path, leg, _ in parts:
        kind = trigger_kind(leg.trigger)
        for key, distance in zip((kind, "step"), distances_of(leg.trigger), strict=False):
            if isinstance(distance, Ticks):
                yield (*path, key)
        preserve = isinstance(leg.trigger, Preserve)
        arm: Path = ("preserve", "arm") if preserve else ("activate",)
        floor: Path = ("preserve", "floor") if preserve else (kind,)
        for keys, level in ((arm, activation_of(leg.trigger)), (floor, level_of(leg.trigger))):
            if isinstance(level, OffBase) and isinstance(level.offset, Ticks):
                yield (*path, *keys)
        if isinstance(leg.limit_offset, Ticks):
            yield (*path, "limit_offset")
        if leg.order is not None and leg.order.peg is not None and leg.order.peg.ticks:
            yield (*path, "order", leg.order.type.value)
    if rule.order.peg is not None and rule.order.peg.ticks:
        yield ("order", rule.order.type.value)


def _check_limit(rule: Rule, part: Placed, findings: Findings) -> None:
    """Note a limit on the wrong side of its plain trigger price: the order could not fill where it fires (semantics 2.5)."""
    trigger, offset, order = part.leg.trigger, part.leg.limit_offset, _order_of(rule, part)
    if takes_all(trigger, offset, part.side):
        params = {"offset": _amount(offset), "level": _price(trigger)}
        findings.add((*part.path, "limit_offset"), "config.leg_offset_too_far", params)
    if is_on_the_wrong_side(trigger, order) and order.limit is not None:
        code = "config.limit_over_stop" if isinstance(trigger, Stop) else "config.limit_under_above"
        findings.add(_path_of_order(part, order), code, {"limit": plain_text(order.limit), "level": _price(trigger)})


def _amount(offset: object) -> str:
    return plain_text(offset.value) if isinstance(offset, Amount) else ""


def _price(trigger: object) -> str:
    level = getattr(trigger, "level", None)
    return plain_text(level.price) if isinstance(level, AtPrice) else ""


def _order_of(rule: Rule, part: Placed) -> OrderSpec:
    """Return what a leg sends; the rule's order is that of the entry and not of its exits."""
    usual = rule if part.path[:1] != ("exits",) else replace(rule, order=OrderSpec())
    return order_of(usual, part.leg)


def _path_of_order(part: Placed, order: OrderSpec) -> Path:
    return (*(part.path if part.leg.order is not None else ()), "order", order.type.value)


def _check_until(instrument: InstrumentId, until: str, around: Surroundings, today: date, findings: Findings, warnings: Findings) -> None:
    """Note a last day that is past, or beyond what the market allows."""
    cap = profile_of(around.markets, instrument).validity_cap
    written = values.until(until)
    days = written if isinstance(written, int) else (written - today).days
    if days < 0:
        # A date in a file passes by itself while the file stays: that must not keep the daemon from starting at night.
        (findings if around.past_is_mistake else warnings).note("until", code="config.past", until=until, today=today.isoformat())
    elif days > cap:
        latest = (today + timedelta(days=cap)).isoformat()
        findings.note("until", code="config.over_cap", until=until, market=instrument.partition(":")[0], cap=cap, latest=latest)


def lint(rule: Rule, markets: Markets, warnings: Findings, *, in_list: bool) -> None:
    """Note what is valid but perhaps not meant."""
    parts = list(parts_of(rule, in_list=in_list))
    for part in parts:
        _lint_loss(part, warnings)
        level = getattr(part.leg.trigger, "level", None)
        order = _order_of(rule, part)
        if order.type is OrderType.LIMIT and isinstance(part.leg.trigger, Stop | Above) and isinstance(level, AtPrice):
            _lint_step(rule, markets, level.price, (*part.path, trigger_kind(part.leg.trigger)), "config.leg_level_off_tick", warnings)
    for path, order, side in orders_of(rule, parts):
        if order.limit is not None:
            sent = "down" if side is Side.SELL else "up"
            _lint_step(rule, markets, order.limit, (*path, order.type.value), "config.limit_off_tick", warnings, sent=sent)


def _lint_step(rule: Rule, markets: Markets, price: Decimal, path: Path, code: str, warnings: Findings, **params: str) -> None:
    """Warn of a price between two steps, and name both."""
    ladder = find_instrument(markets, rule.instrument).ladder
    if not ladder:
        return
    under, over = floor_to_tick(ladder, price), ceil_to_tick(ladder, price)
    if under != over:
        warnings.add(path, code, {"limit": plain_text(price), "under": plain_text(under), "over": plain_text(over)} | params)


def _lint_loss(part: Placed, warnings: Findings) -> None:
    """Warn of a trail that may sell at a loss although it was activated in profit: (1+g)(1-x) < 1 (semantics 2.4)."""
    trigger = part.leg.trigger
    if not isinstance(trigger, Trail) or not isinstance(trigger.distance, Percent) or not isinstance(trigger.activate, ProfitRate):
        return
    gain, trail = trigger.activate.percent, trigger.distance.value
    with exact():
        left = (100 + gain) * (100 - trail) / Decimal(10_000)
        loss = (1 - left) * 100
    if gain > 0 and loss > 0:
        params = {"gain": plain_text(gain), "trail": plain_text(trail), "loss": plain_text(loss)}
        warnings.add((*part.path, "trail"), "config.trail_may_lose", params)
