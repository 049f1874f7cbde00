"""Whether a rule that can be read also makes sense: its feed, lot, validity, order price; and what is odd but allowed."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from autotrader.config import values
from autotrader.config.instruments import serves
from autotrader.config.mistakes import Findings
from autotrader.config.venue_checks import check_order_is_taken, check_window
from autotrader.domain.money import exact
from autotrader.domain.money import text as plain_text
from autotrader.domain.rule import (
    Above,
    AtPrice,
    Level,
    OffBase,
    OrderType,
    Percent,
    ProfitRate,
    Rebound,
    Rule,
    Stop,
    Ticks,
    Trail,
    Trigger,
)
from autotrader.domain.tick import InstrumentId
from autotrader.engine.triggers import levels_of
from autotrader.markets.profile import Markets, find_instrument, profile_of
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick

AUCTION_ORDERS = frozenset({OrderType.LOO, OrderType.LOC})


class Surroundings(NamedTuple):
    """The feeds, the day and the markets that a rule is checked against."""

    served: Mapping[str, tuple[str, ...]] | None
    today: date | None
    markets: Markets
    past_is_mistake: bool


def check_words(
    instrument: InstrumentId, feed: str, quantity: Decimal | None, until: str, around: Surroundings, findings: Findings, warnings: Findings
) -> None:
    """Note what the words of a rule get wrong about its instrument, whatever else may be wrong with it."""
    _check_feed(instrument, feed, around.served, findings)
    if quantity is not None:
        _check_lot(instrument, quantity, around.markets, findings)
    if around.today is not None and until:
        _check_until(instrument, until, around, around.today, findings, warnings)


def check_rule(rule: Rule, around: Surroundings, findings: Findings, warnings: Findings) -> None:
    """Note what the parts of a readable rule get wrong about each other."""
    _check_ladder(rule, around.markets, findings)
    _check_order(rule, findings)
    check_order_is_taken(rule, around.markets, around.today, findings, warnings)
    if rule.window:
        check_window(rule, around.markets, around.today, findings)


def _check_feed(instrument: str, feed: str, served: Mapping[str, tuple[str, ...]] | None, findings: Findings) -> None:
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


def _servers(served: Mapping[str, tuple[str, ...]], instrument: str) -> str:
    """Return the feeds that serve an instrument, as a remedy; empty when there is none."""
    names = [feed for feed, patterns in served.items() if serves(patterns, instrument)]
    return f"; it is served by {', '.join(names)}" if names else ""


def _check_lot(instrument: InstrumentId, quantity: Decimal, markets: Markets, findings: Findings) -> None:
    lot = find_instrument(markets, instrument).lot
    with exact():
        whole = quantity % lot == 0
    if not whole:
        findings.note("quantity", code="config.not_a_lot", quantity=quantity, instrument=instrument, lot=plain_text(lot))


def _check_ladder(rule: Rule, markets: Markets, findings: Findings) -> None:
    """Note ticks for an instrument whose price steps are not known."""
    if find_instrument(markets, rule.instrument).ladder:
        return
    trigger = rule.legs[0].trigger
    if isinstance(trigger, Trail | Rebound) and isinstance(trigger.distance, Ticks):
        findings.note(rule.legs[0].name, code="config.no_ladder", instrument=rule.instrument)
    level = level_of(trigger)
    if isinstance(level, OffBase) and isinstance(level.offset, Ticks):
        key = "activate" if isinstance(trigger, Trail | Rebound) else rule.legs[0].name
        findings.note(key, code="config.no_ladder", instrument=rule.instrument)


def level_of(trigger: Trigger) -> Level | None:
    """Return the level of a trigger, of a trailing one its activation."""
    return next(iter(levels_of(trigger)), None)


def _check_order(rule: Rule, findings: Findings) -> None:
    """Note a limit on the wrong side of its plain trigger price: the order could not fill where it fires (semantics 2.5)."""
    limit, trigger = rule.order.limit, rule.legs[0].trigger
    if limit is None or not isinstance(trigger, Stop | Above) or not isinstance(trigger.level, AtPrice):
        return
    if rule.order.type in AUCTION_ORDERS:  # they meet the price of the auction, not the one that fires them
        return
    price = trigger.level.price
    if isinstance(trigger, Stop) and limit > price:
        findings.note("order", rule.order.type.value, code="config.limit_over_stop", limit=plain_text(limit), level=plain_text(price))
    if isinstance(trigger, Above) and limit < price:
        findings.note("order", rule.order.type.value, code="config.limit_under_above", limit=plain_text(limit), level=plain_text(price))


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


def lint(rule: Rule, markets: Markets, warnings: Findings) -> None:
    """Note what is valid but perhaps not meant."""
    _lint_loss(rule, warnings)
    limit = rule.order.limit
    ladder = find_instrument(markets, rule.instrument).ladder
    if limit is None or not ladder:
        return
    under, over = floor_to_tick(ladder, limit), ceil_to_tick(ladder, limit)
    if under != over:
        params = {
            "limit": plain_text(limit),
            "under": plain_text(under),
            "over": plain_text(over),
            "sent": "down" if rule.side == "sell" else "up",
        }
        warnings.add(("order", rule.order.type.value), "config.limit_off_tick", params)


def _lint_loss(rule: Rule, warnings: Findings) -> None:
    """Warn of a trail that may sell at a loss although it was activated in profit: (1+g)(1-x) < 1 (semantics 2.4)."""
    trigger = rule.legs[0].trigger
    if not isinstance(trigger, Trail) or not isinstance(trigger.distance, Percent) or not isinstance(trigger.activate, ProfitRate):
        return
    gain, trail = trigger.activate.percent, trigger.distance.value
    with exact():
        left = (100 + gain) * (100 - trail) / Decimal(10_000)
        loss = (1 - left) * 100
    if gain > 0 and loss > 0:
        warnings.note("trail", code="config.trail_may_lose", gain=plain_text(gain), trail=plain_text(trail), loss=plain_text(loss))
