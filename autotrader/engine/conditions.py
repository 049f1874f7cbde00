"""Further conditions of a rule: a trigger that is met counts only while they hold (semantics 3.2, row 39)."""

from collections.abc import Callable
from decimal import Decimal

from autotrader.domain.money import HUNDRED, exact, text
from autotrader.domain.rule import Change, Condition, PriceOf, Rule, Volume, Within
from autotrader.domain.tick import InstrumentId, Tick
from autotrader.engine.book import Book
from autotrader.engine.hours import market_time, order_venue
from autotrader.engine.records import Note, Print
from autotrader.engine.world import World
from autotrader.markets.calendar import local_date
from autotrader.markets.profile import profile_of
from autotrader.markets.windows import in_window

Fresh = Callable[[InstrumentId], Print | None]
"""The last print of an instrument while somebody watches it; None for one that nobody has seen lately."""


def unmet(world: World, book: Book, rule: Rule, price: Decimal, fresh: Fresh, now: int) -> Note | None:
    """Return why a rule's further conditions do not hold, None when they do or there are none."""
    if rule.when is None:
        return None
    missing = [word for condition in rule.when.conditions if (word := _lacks(world, book, rule, condition, price, fresh, now)) is not None]
    held = len(missing) < len(rule.when.conditions) if rule.when.any_of else not missing
    return None if held else Note("blocked.when", {"missing": "; ".join(missing)})


def _lacks(world: World, book: Book, rule: Rule, condition: Condition, price: Decimal, fresh: Fresh, now: int) -> str | None:
    """Return a condition that does not hold, with what there is instead, as the file would write it."""
    at = market_time(world, book, rule, now)
    match condition:
        case Within(window):
            venue = order_venue(world.markets, rule)
            return None if in_window(venue, window, at) else f"time {window}"
        case Change(percent, over):
            return _change(book, rule, percent, price, over=over)
        case Volume(least):
            seen = volume_on(world, book, rule.instrument, at)
            return None if seen >= least else f"volume >= {text(least)} (is {text(seen)})"
        case PriceOf(instrument, level, over):
            last = price if instrument == rule.instrument else _price(fresh(instrument))
            holds = last is not None and (last >= level if over else last <= level)
            word = "not known" if last is None else f"is {text(last)}"
            return None if holds else f"{instrument} {'>=' if over else '<='} {text(level)} ({word})"


def _price(seen: Print | None) -> Decimal | None:
    return None if seen is None else seen.price


def _change(book: Book, rule: Rule, percent: Decimal, price: Decimal, *, over: bool) -> str | None:
    kept = book.prices.get(rule.instrument)
    base = kept.previous_close if kept is not None else None
    wanted = f"change {'>=' if over else '<='} {text(percent)}%"
    if base is None:
        return f"{wanted} (the base price is not known)"
    with exact():
        change, level = (price - base) * HUNDRED, percent * base
    return None if (change >= level if over else change <= level) else wanted


def volume_on(world: World, book: Book, instrument: InstrumentId, at: int) -> Decimal:
    """Return how much of an instrument was seen to trade on the market-local day of a moment."""
    day, seen = book.volumes.get(instrument, ("", Decimal(0)))
    return seen if day == local_date(profile_of(world.markets, instrument), at).isoformat() else Decimal(0)


def count_volume(world: World, book: Book, tick: Tick) -> None:
    """Add a print to what was traded on its day, once however many views see it."""
    if book.counted.get(tick.instrument) is tick:
        return
    book.counted[tick.instrument] = tick
    day = local_date(profile_of(world.markets, tick.instrument), tick.time).isoformat()
    before, seen = book.volumes.get(tick.instrument, (day, Decimal(0)))
    with exact():
        book.volumes[tick.instrument] = (day, (seen if before == day else Decimal(0)) + tick.size)


def needs_volume(rule: Rule) -> bool:
    """Tell whether a rule asks how much was traded."""
    return rule.when is not None and any(isinstance(condition, Volume) for condition in rule.when.conditions)


def others_of(rule: Rule) -> frozenset[InstrumentId]:
    """Return the other instruments whose prices a rule asks for."""
    conditions = rule.when.conditions if rule.when is not None else ()
    return frozenset(c.instrument for c in conditions if isinstance(c, PriceOf) and c.instrument != rule.instrument)
