"""If all stops fired today: what the rules together would sell of each holding and spend of each currency, beside what is there.

Nothing is reserved at arm (semantics 2.14), so rules may promise more than there is; this says by how much, before it matters.
"""

from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import ZERO, exact, text
from autotrader.domain.rule import AccountName, Action, Leg, Rule, Side, Spend
from autotrader.domain.tick import InstrumentId
from autotrader.engine.arming import sight_of
from autotrader.engine.book import Book
from autotrader.engine.levels import floor
from autotrader.engine.lifecycle import LEG_SEES_PRICES
from autotrader.engine.records import LegStatus, RuleRecord
from autotrader.engine.sizing import lot_of
from autotrader.engine.triggers import fire_level, guards, time_of
from autotrader.engine.views import View
from autotrader.engine.world import World
from autotrader.markets.profile import find_instrument


class Sale(NamedTuple):
    """What one live sell rule would still sell; `level` is the highest of its stops that watch now, None without one."""

    record: RuleRecord
    quantity: Decimal
    level: Decimal | None
    stops: bool


def commitments(world: World, book: Book) -> View:
    """Return `holdings` and `cash`, all amounts as exact text.

    A holding: `held`, None with `bare` and `over` while nothing is known of the account; `sells`, what all live sell rules would
    sell, the legs of a rule counted once; `stops`, what of it stands behind stops and trails that watch now, cut to what is held,
    and `worth`, that at their levels (None while one is not known); `bare`, held and behind none; `over`, how much more than is
    held the rules sell. Cash: `there`, `buys`, `over`, and `unknown`, the buys whose price is not known yet. Rules that send nothing
    (`action: alert`, `shadow`) do not count.
    """
    live = [record for record in book.rules.values() if not book.has_ended(record.rule.id) and sends(record.rule)]
    return {"holdings": _holdings(world, book, live), "cash": _cash(world, book, live)}


def protected(book: Book, report: View) -> list[View]:
    """Say for each holding how much of it stands behind a stop or trail that watches, and which sell rules live: the owner's
    question at nine in the morning. `report` is that of `commitments`. A target, a paused rule, a trail that has not begun and a
    rule that sends nothing protect nothing."""
    stops = {(held["account"], held["instrument"]): held["stops"] for held in report["holdings"]}
    sells: dict[tuple[str, str], list[str]] = {}
    for record in book.rules.values():
        if record.rule.side is Side.SELL and not book.has_ended(record.rule.id) and sends(record.rule):
            sells.setdefault((record.rule.account, record.rule.instrument), []).append(record.rule.id)
    return [
        {
            "account": account,
            "instrument": instrument,
            "quantity": text(position.quantity),
            "sellable": text(position.sellable),
            "cost": text(position.cost) if position.cost is not None else None,
            "protected": stops[account, instrument],
            "rules": sells.get((account, instrument), []),
        }
        for (account, instrument), position in sorted(book.positions.items())
        if position.quantity > 0
    ]


def sends(rule: Rule) -> bool:
    """Tell whether a rule that fires sends an order."""
    return rule.action is not Action.ALERT and not rule.shadow


def _waits(book: Book, record: RuleRecord) -> bool:
    """Tell whether a rule may still fire: a leg of it waits, watches or is paused."""
    return any(leg.status in LEG_SEES_PRICES for leg in book.legs_of(record.rule.id))


def _holdings(world: World, book: Book, live: list[RuleRecord]) -> list[View]:
    sales: dict[tuple[AccountName, InstrumentId], list[Sale]] = {}
    for record in live:
        if record.rule.side is Side.SELL and _waits(book, record):
            key = (record.rule.account, record.rule.instrument)
            sales.setdefault(key, []).append(_sale(world, book, record))
    keys = {*sales, *(key for key, position in book.positions.items() if position.quantity > 0)}
    return [_holding(book, account, instrument, sales.get((account, instrument), [])) for account, instrument in sorted(keys)]


def _sale(world: World, book: Book, record: RuleRecord) -> Sale:
    rule = record.rule
    position = book.positions.get((rule.account, rule.instrument))
    held, sellable = (position.quantity, position.sellable) if position is not None else (ZERO, ZERO)
    whole = record.left if record.left is not None else lot_of(rule, held, sellable, find_instrument(world.markets, rule.instrument))
    stops = [leg for leg in rule.legs if guards(leg.trigger) and not time_of(leg.trigger) and _watches(book, rule, leg)]
    levels = [level for leg in stops if (level := _level(world, book, record, leg)) is not None]
    return Sale(record, whole, max(levels, default=None), bool(stops))


def _watches(book: Book, rule: Rule, leg: Leg) -> bool:
    return book.legs[rule.id, leg.name].status is LegStatus.WATCHING


def _level(world: World, book: Book, record: RuleRecord, leg: Leg) -> Decimal | None:
    kept, last = book.legs[record.rule.id, leg.name], book.newest(record.rule.instrument)
    arm = kept.arm_price if kept.arm_price is not None else last.price if last is not None else None
    line = fire_level(sight_of(world, book, record, kept, arm))
    return floor(line) if line is not None else None


def _held(book: Book, account: AccountName, instrument: InstrumentId) -> Decimal | None:
    """Return how much is held, None while nothing is known of the account."""
    position = book.positions.get((account, instrument))
    if position is not None:
        return position.quantity
    return ZERO if any(key[0] == account for key in (*book.positions, *book.cash)) else None


def _holding(book: Book, account: AccountName, instrument: InstrumentId, sales: list[Sale]) -> View:
    held = _held(book, account, instrument)
    behind, worth = _behind_stops([sale for sale in sales if sale.stops], held)
    with exact():
        sells = sum((sale.quantity for sale in sales), ZERO)
        bare, over = (held - behind, max(ZERO, sells - held)) if held is not None else (None, None)
    return {
        "account": account,
        "instrument": instrument,
        "held": _text(held),
        "sells": text(sells),
        "stops": text(behind),
        "worth": _text(worth),
        "bare": _text(bare),
        "over": _text(over),
        "rules": [sale.record.rule.id for sale in sales],
    }


def _behind_stops(stops: list[Sale], held: Decimal | None) -> tuple[Decimal, Decimal | None]:
    """Return how much stands behind stops, at most what is held, and what it is worth at their levels."""
    behind, worth = ZERO, ZERO
    with exact():
        for sale in stops:
            part = sale.quantity if held is None else min(sale.quantity, held - behind)
            behind += part
            worth += part * (sale.level or ZERO)
    return behind, worth if all(sale.level is not None for sale in stops) else None


def _text(amount: Decimal | None) -> str | None:
    return text(amount) if amount is not None else None


def _cash(world: World, book: Book, live: list[RuleRecord]) -> list[View]:
    needs: dict[tuple[AccountName, str], list[tuple[Rule, Decimal | None]]] = {}
    for record in live:
        if record.rule.side is Side.BUY and _waits(book, record):
            currency = find_instrument(world.markets, record.rule.instrument).currency
            needs.setdefault((record.rule.account, currency), []).append((record.rule, _need(world, book, record)))
    return [_purse(book, account, currency, needs[account, currency]) for account, currency in sorted(needs)]


def _need(world: World, book: Book, record: RuleRecord) -> Decimal | None:
    """Return about how much money a buy takes: at its limit, else at its level, else at the last price."""
    rule = record.rule
    if isinstance(rule.quantity, Spend):
        return rule.quantity.amount
    last = book.newest(rule.instrument)
    levels = [_level(world, book, record, leg) for leg in rule.legs]
    prices = [rule.order.limit, *levels, last.price if last is not None else None]
    price = next((price for price in prices if price is not None), None)
    with exact():
        return rule.quantity * price if isinstance(rule.quantity, Decimal) and price is not None else None


def _purse(book: Book, account: AccountName, currency: str, needs: list[tuple[Rule, Decimal | None]]) -> View:
    cash = book.cash.get((account, currency))
    there = cash.total if cash is not None else None
    with exact():
        buys = sum((need for _, need in needs if need is not None), ZERO)
        over = max(ZERO, buys - there) if there is not None else None
    return {
        "account": account,
        "currency": currency,
        "there": _text(there),
        "buys": text(buys),
        "over": _text(over),
        "unknown": [rule.id for rule, need in needs if need is None],
        "rules": [rule.id for rule, _ in needs],
    }
