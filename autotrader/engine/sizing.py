"""How much: never more than is sellable now, never more cash than is there, shares and cash reserved by open intents."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import HUNDRED, ZERO, exact, text
from autotrader.domain.rule import AccountName, Rule, Side
from autotrader.domain.tick import InstrumentId
from autotrader.engine.book import Book
from autotrader.engine.intents import NOTHING
from autotrader.engine.records import Note
from autotrader.markets.profile import Instrument


class Size(NamedTuple):
    """A quantity that may be sent and what it reserves (shares of a sell, cash of a buy), or why there is none."""

    quantity: Decimal
    reserved: Decimal
    available: Decimal
    refusal: Note | None = None


def shares_available(book: Book, account: AccountName, instrument: InstrumentId) -> Decimal:
    """Return what may still be sold: the broker's word on holding and sellable, less what open intents of ours hold.

    Orders that are already at the broker have lowered its sellable quantity, so they count against the holding only.
    """
    position = book.positions.get((account, instrument))
    if position is None:
        return ZERO
    ours = book.intents.reserved(account, Side.SELL).get(instrument, NOTHING)
    with exact():
        return max(ZERO, min(position.quantity - ours.total, position.sellable - ours.unseen))


def cash_available(book: Book, account: AccountName, currency: str, currency_of: Callable[[InstrumentId], str]) -> Decimal:
    """Return the cash of a currency that no open buy of ours has reserved."""
    cash = book.cash.get((account, currency))
    if cash is None:
        return ZERO
    ours = [held for instrument, held in book.intents.reserved(account, Side.BUY).items() if currency_of(instrument) == currency]
    with exact():
        total, unseen = sum((held.total for held in ours), ZERO), sum((held.unseen for held in ours), ZERO)
        return max(ZERO, min(cash.total - total, cash.free - unseen))


def whole_lots(quantity: Decimal, lot: Decimal) -> Decimal:
    """Return the quantity cut to whole lots."""
    with exact():
        return quantity // lot * lot


def size_sell(rule: Rule, instrument: Instrument, available: Decimal) -> Size:
    """Return the quantity of a sell: `all` is what is available, a number is cut to it (safety U7)."""
    wanted = available if rule.quantity is None else min(rule.quantity, available)
    quantity = whole_lots(wanted, instrument.lot)
    if quantity > 0:
        return Size(quantity, quantity, available)
    return Size(ZERO, ZERO, available, Note("failed.no_quantity", {"instrument": rule.instrument, "available": text(available)}))


def size_buy(rule: Rule, price: Decimal, commission: Decimal, available: Decimal, currency: str) -> Size:
    """Return the quantity of a buy with the cash it needs, commission (in percent) included; refused when it is not there."""
    quantity = rule.quantity or ZERO
    with exact():
        need = quantity * price * (HUNDRED + commission) / HUNDRED
    if need <= available:
        return Size(quantity, need, available)
    note = Note("failed.no_cash", {"needed": text(need), "available": text(available), "currency": currency})
    return Size(ZERO, ZERO, available, note)
