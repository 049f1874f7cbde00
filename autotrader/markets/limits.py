"""How far a price may go in a day, and how far at once before trading of the issue is interrupted (market-rules 3.2, 3.3)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from autotrader.domain.money import HUNDRED, ZERO, exact
from autotrader.markets.facts import InterruptionRow, Ladder, LimitRow
from autotrader.markets.profile import Instrument, MarketProfile, in_force, ladder_of
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick, move_ticks, step_at, tick_up

R = TypeVar("R", LimitRow, InterruptionRow)

DYNAMIC = "dynamic"


class Limits(NamedTuple):
    """The lowest and the highest price of a day, both allowed."""

    lower: Decimal
    upper: Decimal


def daily_limits(profile: MarketProfile, instrument: Instrument, base: Decimal, day: date) -> Limits | None:
    """Return the day's limits around a base price; None where the market has none.

    The band is cut down to the tick of the base, the upper limit rounded down and the lower up to the tick where they lie.
    The first day of a new listing has other limits, which are not known here.
    """
    rows = _of_kind(in_force(profile.limits, day), instrument.kind)
    if not rows:
        return None
    percent = max(rows, key=lambda row: row.effective_from).percent
    ladder = instrument.ladder
    with exact():
        band = base * percent * instrument.limit_multiple / HUNDRED
        if ladder:
            band -= band % step_at(ladder, base)
        upper, lower = floor_to_tick(ladder, base + band), base - band
    # Three times 30 % and more would reach zero, and zero is no price.
    return Limits(ceil_to_tick(ladder, lower) if lower > 0 else _lowest(ladder), upper)


def clamp(price: Decimal, limits: Limits) -> Decimal:
    """Return the price, or the limit that it is beyond."""
    return min(max(price, limits.lower), limits.upper)


def interruption(
    profile: MarketProfile,
    kind: str,
    session: str,
    day: date,
    reference_last: Decimal | None,
    reference_static: Decimal | None,
    price: Decimal,
) -> InterruptionRow | None:
    """Return the rule that a tentative price breaks, the dynamic one first; None while trading may go on.

    `reference_last` is the last trade (dynamic), `reference_static` the latest price of a call; None where there is none yet.
    """
    rows = [row for row in in_force(profile.interruptions, day) if row.session == session]
    for row in sorted(_of_kind_by_rule(rows, kind), key=lambda row: row.rule != DYNAMIC):
        reference = reference_last if row.rule == DYNAMIC else reference_static
        if (
            reference is not None
            and _too_far(row, reference, price)
            and not _spared(row, ladder_of(profile, "", kind, day), reference, price)
        ):
            return row
    return None


def _of_kind(rows: Iterable[R], kind: str) -> list[R]:
    """Return the rows for a kind, or those for any where it has none of its own."""
    fitting = [row for row in rows if row.kind in ("", kind)]
    return [row for row in fitting if row.kind == kind] or fitting


def _of_kind_by_rule(rows: list[InterruptionRow], kind: str) -> list[InterruptionRow]:
    names = {row.rule for row in rows}
    return [row for name in names for row in _of_kind([row for row in rows if row.rule == name], kind)]


def _too_far(row: InterruptionRow, reference: Decimal, price: Decimal) -> bool:
    with exact():
        return abs(price - reference) * HUNDRED >= reference * row.percent


def _spared(row: InterruptionRow, ladder: Ladder, reference: Decimal, price: Decimal) -> bool:
    """Tell whether the price is so low that the move is only a few ticks, which interrupt nothing."""
    if not ladder or reference >= row.spared_below:
        return False
    return move_ticks(ladder, reference, -row.spared_ticks) <= price <= move_ticks(ladder, reference, row.spared_ticks)


def _lowest(ladder: Ladder) -> Decimal:
    return tick_up(ladder, ZERO) if ladder else ZERO
