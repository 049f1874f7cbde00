"""The order that a leg sends, as its owner wrote it: which type, and at which price that is only known as it fires."""

from decimal import Decimal

from autotrader.domain.rule import OnRecovery, OrderType, Peg, PegTo, Rule, Side, TimeInForce, order_of
from autotrader.engine.admission import Terms, sides
from autotrader.engine.book import Book
from autotrader.engine.index import Watched
from autotrader.engine.levels import ceiling, floor, trail_level
from autotrader.engine.triggers import fire_level
from autotrader.engine.world import World
from autotrader.markets.profile import find_instrument
from autotrader.markets.ticks import move_ticks


def order_terms(world: World, book: Book, leg: Watched, seen: Decimal, *, late: bool) -> Terms:
    """Return the order the owner wrote, or a limit at the level for a late fire with `recovery: limit`; not rounded yet."""
    rule, order = leg.record.rule, order_of(leg.record.rule, leg.text)
    line = fire_level(leg.sight)
    offset = leg.text.limit_offset
    if offset is not None and line is not None:
        at = floor(line) if rule.side is Side.SELL else ceiling(line)
        return Terms(OrderType.LIMIT, TimeInForce.DAY, trail_level(offset, at, rule.side, leg.sight.ladder))
    if late and rule.recovery is OnRecovery.LIMIT and order.type is OrderType.MARKET and line is not None:
        return Terms(OrderType.LIMIT, TimeInForce.DAY, floor(line))
    if order.peg is not None:
        return Terms(order.type, order.tif, pegged(world, book, rule, order.peg, seen))
    return Terms(order.type, order.tif, order.limit)


def pegged(world: World, book: Book, rule: Rule, peg: Peg, seen: Decimal) -> Decimal:
    """Return a price so many ticks from the last price or a best one; the newest print stands in for a quote not known."""
    bid, ask = sides(world, book, rule, seen)
    base = {PegTo.LAST: seen, PegTo.BID: bid, PegTo.ASK: ask}[peg.to]
    return move_ticks(find_instrument(world.markets, rule.instrument).ladder, base, peg.ticks) if peg.ticks else base
