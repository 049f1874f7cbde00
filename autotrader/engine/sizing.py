"""How much: never more than is sellable now, never more cash than is there, shares and cash reserved by open intents."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import EXACT, HUNDRED, ZERO, exact, text
from autotrader.domain.rule import AccountName, Leg, Part, PartOf, Rule, Side, Spend, quantity_text
from autotrader.domain.tick import InstrumentId
from autotrader.engine.book import Book
from autotrader.engine.intents import NOTHING, Reserved
from autotrader.engine.records import Note, RuleRecord
from autotrader.markets.profile import Instrument


class Size(NamedTuple):
    """A quantity that may be sent and what it reserves (shares of a sell, cash of a buy), or why there is none. `lot` is the
    quantity that the legs of the rule share, `wanted` what the leg would sell if all of it were available."""

    quantity: Decimal
    reserved: Decimal
    available: Decimal
    refusal: Note | None = None
    lot: Decimal = ZERO
    wanted: Decimal = ZERO


def shares_available(book: Book, account: AccountName, instrument: InstrumentId) -> Decimal:
    """Return what may still be sold: the broker's word on holding and sellable, less what open intents of ours hold.

    Orders that are already at the broker have lowered its sellable quantity, so they count against the holding only.
    """
    return _shares(book, account, instrument, book.intents.reserved(account, Side.SELL).get(instrument, NOTHING))


def shares_to_send(book: Book, account: AccountName, instrument: InstrumentId) -> Decimal:
    """Return what the order that goes next may sell: those that wait behind it have to do with less (safety U7)."""
    ours = book.intents.reserved(account, Side.SELL).get(instrument, NOTHING)
    with exact():
        return _shares(book, account, instrument, Reserved(ours.total - ours.waiting, ours.unseen - ours.waiting, ZERO))


def _shares(book: Book, account: AccountName, instrument: InstrumentId, ours: Reserved) -> Decimal:
    position = book.positions.get((account, instrument))
    if position is None:
        return ZERO
    with exact():
        return max(ZERO, min(position.quantity - ours.total, position.sellable - ours.unseen))


def cash_available(book: Book, account: AccountName, currency: str, currency_of: Callable[[InstrumentId], str]) -> Decimal:
    """Return the cash of a currency that no open buy of ours has reserved."""
    return _cash(book, account, currency, _cash_reserved(book, account, currency, currency_of))


def cash_to_send(book: Book, account: AccountName, currency: str, currency_of: Callable[[InstrumentId], str]) -> Decimal:
    """Return the cash that the order that goes next may spend: those that wait behind it have to do with less."""
    ours = _cash_reserved(book, account, currency, currency_of)
    with exact():
        return _cash(book, account, currency, Reserved(ours.total - ours.waiting, ours.unseen - ours.waiting, ZERO))


def _cash_reserved(book: Book, account: AccountName, currency: str, currency_of: Callable[[InstrumentId], str]) -> Reserved:
    ours = [held for instrument, held in book.intents.reserved(account, Side.BUY).items() if currency_of(instrument) == currency]
    with exact():
        return Reserved(*(sum(parts, ZERO) for parts in zip(*ours, strict=True))) if ours else NOTHING


def _cash(book: Book, account: AccountName, currency: str, ours: Reserved) -> Decimal:
    cash = book.cash.get((account, currency))
    if cash is None:
        return ZERO
    with exact():
        return max(ZERO, min(cash.total - ours.total, cash.free - ours.unseen))


def whole_lots(quantity: Decimal, lot: Decimal) -> Decimal:
    """Return the quantity cut to whole lots."""
    with exact():
        return quantity // lot * lot


def lot_of(rule: Rule, held: Decimal, available: Decimal, instrument: Instrument) -> Decimal:
    """Return how much a sell rule sells in all, as things stand now: in whole lots, not yet cut to what is available."""
    match rule.quantity:
        case None:
            wanted = available
        case Part(percent, of):
            with exact():
                wanted = ((held if of is PartOf.POSITION else available) * percent).scaleb(-2)
        case Spend():
            wanted = ZERO
        case number:
            wanted = number
    return whole_lots(wanted, instrument.lot)


def share_of(lot: Decimal, leg: Leg, rule: Rule, instrument: Instrument) -> Decimal:
    """Return a leg's part of its rule's quantity, by cumulative floor over the legs with a share in the order of the text:
    3 halved is 1 and 2, 1 halved is 0 and 1 (semantics 2.10)."""
    before = ZERO
    with exact():
        for other in rule.legs:
            if other.name == leg.name:
                break
            before += other.share or ZERO
        upto = before + (leg.share or ZERO)
        until, since = (whole_lots((lot * part).scaleb(-2), instrument.lot) for part in (upto, before))
        return until - since


def size_sell(record: RuleRecord, leg: Leg, instrument: Instrument, held: Decimal, available: Decimal, taken: Decimal = ZERO) -> Size:
    """Return the quantity of a sell: its share, or what no sibling has taken, cut to what is available (safety U7). `taken` is
    what its earlier generations have sold of the share."""
    lot = record.lot if record.lot is not None else lot_of(record.rule, held, available, instrument)
    left = record.left if record.left is not None else lot
    wanted = left if leg.share is None else min(left, max(ZERO, EXACT.subtract(share_of(lot, leg, record.rule, instrument), taken)))
    quantity = whole_lots(min(wanted, available), instrument.lot)
    if quantity > 0:
        return Size(quantity, quantity, available, lot=lot, wanted=wanted)
    note = Note("failed.no_quantity", {"instrument": record.rule.instrument, "available": text(available)})
    return Size(ZERO, ZERO, available, note, lot)


def size_buy(record: RuleRecord, instrument: Instrument, price: Decimal, commission: Decimal, available: Decimal) -> Size:
    """Return the quantity of a buy with the cash it needs at a price, commission (in percent) included; refused when it is
    not there. An amount of money buys as much as it can pay for at that price (semantics 2.10)."""
    rule = record.rule
    with exact():
        if isinstance(rule.quantity, Spend):
            quantity = rule.quantity.amount // (price * instrument.lot) * instrument.lot
        else:
            quantity = rule.quantity if isinstance(rule.quantity, Decimal) else ZERO
        if record.left is not None:
            quantity = min(quantity, record.left)
        need = quantity * price * (HUNDRED + commission) / HUNDRED
    if quantity <= 0:
        params = {"amount": quantity_text(rule.quantity), "price": text(price), "instrument": rule.instrument}
        return Size(ZERO, ZERO, available, Note("failed.amount_too_small", params))
    if need <= available:
        return Size(quantity, need, available, lot=quantity)
    note = Note("failed.no_cash", {"needed": text(need), "available": text(available), "currency": instrument.currency})
    return Size(ZERO, ZERO, available, note)
