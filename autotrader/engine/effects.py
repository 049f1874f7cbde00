"""What the engine wants done. A unit is atomic: its records are one transaction, and its acts follow only after the commit."""

from typing import Any, NamedTuple

from msgspec import Struct

from autotrader.domain.order import IntentId, OrderId, OrderRequest
from autotrader.domain.rule import AccountName
from autotrader.domain.tick import InstrumentId, Quote, Tick
from autotrader.engine.events import Reference
from autotrader.engine.records import Record, RequestId


class Place(Struct, frozen=True):
    """Hand one attempt to the account's outbox lane."""

    request: OrderRequest


class Withdraw(Struct, frozen=True):
    """Ask the broker to cancel a working order."""

    account: AccountName
    intent: IntentId
    order_id: OrderId


class Show(Struct, frozen=True):
    """Show an eligible print, a quote or a base price to a broker that fills from what is seen (paper)."""

    account: AccountName
    tick: Tick | Quote | Reference


class Reply(Struct, frozen=True):
    """Answer a command. `body` is the whole answer as it goes over the control socket."""

    request: RequestId
    body: dict[str, Any]


class Subscribe(Struct, frozen=True):
    """The instruments that rules now need from a feed: always the whole list."""

    feed: str
    instruments: frozenset[InstrumentId]


class Ignored(Struct, frozen=True):
    """A print that may neither move a mark nor fire, with the reason it is counted by. Nothing is committed for it."""

    tick: Tick
    reason: str


Act = Place | Withdraw | Show | Reply | Subscribe | Ignored


class Unit(NamedTuple):
    """Records to commit together, then acts to perform."""

    records: tuple[Record, ...] = ()
    acts: tuple[Act, ...] = ()
