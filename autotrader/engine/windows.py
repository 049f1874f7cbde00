"""The part of the day in which a rule may fire: outside its window nothing fires, marks go on (semantics 2.12)."""

from autotrader.domain.rule import Rule
from autotrader.engine.book import Book
from autotrader.engine.hours import market_time, order_venue
from autotrader.engine.records import Note
from autotrader.engine.world import World
from autotrader.markets.calendar import moment
from autotrader.markets.windows import in_window


def outside_window(world: World, book: Book, rule: Rule, now: int) -> Note | None:
    """Return why the rule may not fire at this moment of the market's clock, None inside its window or without one."""
    if not rule.window:
        return None
    venue = order_venue(world.markets, rule)
    at = market_time(world, book, rule, now)
    if in_window(venue, rule.window, at):
        return None
    return Note("blocked.window", {"window": rule.window, "time": f"{moment(at, venue.zone):%H:%M:%S}"})
