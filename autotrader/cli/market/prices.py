"""`market tick`, `market limits` and `market cost`: which prices there are, how far one goes, and what a round trip costs."""

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from msgspec.structs import replace

from autotrader.cli.market.asked import Answer, Asked, amount, weekday
from autotrader.config.values import positive, rate
from autotrader.domain.money import text
from autotrader.domain.rule import Side
from autotrader.errors import UserMistake
from autotrader.markets.costs import break_even, fees_of
from autotrader.markets.facts import CostRow
from autotrader.markets.limits import daily_limits
from autotrader.markets.profile import Instrument, cost_on
from autotrader.markets.sessions import is_open_day, next_open_day, settlement_day
from autotrader.markets.ticks import step_at, tick_down, tick_up


def tick(asked: Asked, price: str, day: date) -> Answer:
    """Return the step at a price and the prices next to it; there is none under the lowest."""
    value, instrument = positive(price), _stepped(asked, day)
    step, down, up = step_at(instrument.ladder, value), tick_down(instrument.ladder, value), tick_up(instrument.ladder, value)
    view = {"tick": text(step), "down": text(down) if down > 0 else None, "up": text(up)}
    shown = {"price": amount(value), "step": amount(step), "down": amount(down if down > 0 else None), "up": amount(up)}
    return Answer(view, [asked.call.tell("cli.tick", instrument=_what(asked, instrument), **shown)])


def _stepped(asked: Asked, day: date) -> Instrument:
    """Return the instrument, or say that its steps are not known."""
    instrument = asked.instrument(day)
    if not instrument.ladder:
        raise UserMistake("cli.no_ladder", instrument=asked.name, day=day, market=asked.listing.id)
    return instrument


def limits(asked: Asked, base: str, day: date) -> Answer:
    """Return the lowest and the highest price of a day whose base price this is; null where a market has no limits."""
    value, instrument = positive(base), asked.instrument(day)
    found = daily_limits(asked.profile, instrument, value, day)
    call, facts = asked.call, {"instrument": _what(asked, instrument), "base": amount(value), "day": weekday(day)}
    if found is None:
        return Answer({"lower": None, "upper": None}, [call.tell("cli.no_limits", **facts)])
    view = {"lower": text(found.lower), "upper": text(found.upper)}
    return Answer(view, [call.tell("cli.limits", lower=amount(found.lower), upper=amount(found.upper), **facts)])


def cost(asked: Asked, price: str, quantity: str, commission: str | None, day: date) -> Answer:
    """Return what buying and selling so many at a price costs on a day, exactly, and from which price on a sale gains."""
    value, count, instrument = positive(price), positive(quantity), asked.instrument(day)
    row = cost_on(asked.profile, day, instrument.kind)
    if commission is not None:
        row = replace(row, commission=rate(commission if commission.endswith("%") else f"{commission}%"))
    even = break_even(value, row, instrument.ladder)
    traded = day if is_open_day(asked.profile, day) else next_open_day(asked.profile, day)
    buy, sell = fees_of(row, Side.BUY, value, count), fees_of(row, Side.SELL, value, count)
    view = {
        "commission": text(row.commission),
        "tax": text(row.tax),
        "buy_fee": text(buy.total),
        "sell_fee": text(sell.total),
        "break_even": text(even.price),
        "first_profitable_tick": None if even.tick is None else text(even.tick),
        "settlement": str(settlement_day(asked.profile, traded)),
        "per_share": text(row.per_share),
        "currency": instrument.currency,
        "traded": str(traded),
        "since": str(row.effective_from),
        "grade": row.grade.value,
    }
    return Answer(view, _cost_lines(asked, instrument, value, count, row, view))


def _cost_lines(asked: Asked, instrument: Instrument, price: Decimal, quantity: Decimal, row: CostRow, view: dict[str, Any]) -> list[str]:
    call, currency = asked.call, instrument.currency
    facts = {"instrument": _what(asked, instrument), "quantity": amount(quantity), "price": amount(price), "currency": currency}
    fees = {"buy": amount(Decimal(view["buy_fee"])), "sell": amount(Decimal(view["sell_fee"])), "currency": currency}
    even = _shown(instrument, Decimal(view["break_even"]))
    first = None if view["first_profitable_tick"] is None else Decimal(view["first_profitable_tick"])
    return [
        call.tell("cli.cost", **facts),
        call.tell("cli.cost_rates", commission=view["commission"], tax=view["tax"], since=view["since"], grade=view["grade"]),
        *([call.tell("cli.cost_per_share", fee=view["per_share"], currency=currency)] if row.per_share else []),
        call.tell("cli.cost_fees", **fees),
        call.tell("cli.break_even", even=even, first=amount(first)),
        call.tell("cli.settles", traded=view["traded"], settled=view["settlement"]),
    ]


def _shown(instrument: Instrument, even: Decimal) -> str:
    """Return a break-even price with two places, and two more than its steps have."""
    if not instrument.ladder:
        return amount(even)
    return amount(even.quantize(Decimal(1).scaleb(-2 + min(0, step_at(instrument.ladder, even).adjusted())), ROUND_HALF_EVEN))


def _what(asked: Asked, instrument: Instrument) -> str:
    return f"{asked.name} ({instrument.kind})"
