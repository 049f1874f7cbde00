"""Those who send orders to the simulated exchange: what each was answered, and what became of its orders, in order.

A member that lost its line and comes back hears what it missed. One that stays away loses what it has waiting: nobody would
learn of the fills.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from autotrader.domain.tick import InstrumentId
from autotrader.exchange.events import Rejected
from autotrader.exchange.market import SimMarket, Told
from autotrader.exchange.orders import Order
from autotrader.exchange.stall import Ended, Filled
from autotrader.feeds.sim.entry import Answer, CancelOrder, Enter, Happened, write
from autotrader.ports import VenueAnswer, VenueEvent, VenueOrder

PATIENCE = 10.0
"""Seconds that a member may be away before its orders are cancelled."""
BETWEEN = "/"
"""Between owner and id in the exchange's own ids; an owner has none."""


class Member:
    """One owner of orders."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.line: ServerConnection | None = None
        self.away_since = 0.0
        self.open: dict[str, InstrumentId] = {}
        self.answers: dict[str, VenueAnswer] = {}
        self.log: list[VenueEvent] = []
        self._told = 0

    def reach(self, line: ServerConnection, after: int) -> None:
        """Take the member's new line; what came after event `after` is to be said on it."""
        self.line = line
        self._told = min(after, len(self.log))

    async def catch_up(self) -> None:
        """Say what was not said yet, as long as there is a line."""
        while self.line is not None and self._told < len(self.log):
            self._told += 1
            await self.say(write(Happened(self._told, self.log[self._told - 1])))

    async def say(self, frame: str) -> None:
        if self.line is not None:
            with suppress(ConnectionClosed):  # the server notices that the line is gone
                await self.line.send(frame)


class Members:
    """All members of a market."""

    def __init__(self, market: SimMarket) -> None:
        self._market = market
        self._by_owner: dict[str, Member] = {}
        self._by_line: dict[ServerConnection, Member] = {}

    def all(self) -> list[Member]:
        return list(self._by_owner.values())

    def of(self, line: ServerConnection) -> Member | None:
        return self._by_line.get(line)

    def open(self, line: ServerConnection, owner: str, after: int) -> Member:
        """Let a member in."""
        member = self._by_owner.setdefault(owner, Member(owner))
        member.reach(line, after)
        self._by_line[line] = member
        return member

    def leave(self, line: ServerConnection, now: float) -> None:
        """Note that a line is gone; its member may have another already."""
        member = self._by_line.pop(line, None)
        if member is not None and member.line is line:
            member.line, member.away_since = None, now

    def request(self, member: Member, asked: Enter | CancelOrder) -> tuple[Answer, Sequence[Told]]:
        """Do what a member asks; return the answer and what the world hears."""
        if isinstance(asked, CancelOrder):
            answer, told = self._cancel(member, asked.id)
        elif (known := member.answers.get(asked.order.id)) is not None:
            answer, told = known, []
        else:
            answer, told = self._enter(member, asked.order)
        return Answer(asked.number, answer), told

    def note(self, told: Sequence[Told]) -> list[Member]:
        """Write down what became of members' orders; return who has something to hear."""
        touched: dict[str, Member] = {}
        for event in told:
            if not isinstance(event, Filled | Ended):
                continue
            owner, _, order_id = event.id.partition(BETWEEN)
            member = self._by_owner[owner]
            member.log.append(_event_of(event, order_id))
            touched[owner] = member
            if isinstance(event, Ended):
                member.open.pop(order_id, None)
        return list(touched.values())

    def expire(self, now: float) -> Iterator[Sequence[Told]]:
        """Cancel what members have waiting who are away for too long; yield what the world hears."""
        for member in self._by_owner.values():
            if member.line is None and member.open and now - member.away_since > PATIENCE:
                for order_id in list(member.open):
                    yield self._cancel(member, order_id)[1]
                member.open.clear()

    def _enter(self, member: Member, order: VenueOrder) -> tuple[VenueAnswer, Sequence[Told]]:
        exchange_id = f"{member.owner}{BETWEEN}{order.id}"
        sent = Order(exchange_id, order.side, order.type, order.quantity, order.price, order.stop, order.tif, member.owner)
        refused, told = self._market.enter(order.instrument, sent, order.venue)
        answer = _answer(refused)
        member.answers[order.id] = answer
        if answer.accepted:
            member.open[order.id] = order.instrument
        return answer, told

    def _cancel(self, member: Member, order_id: str) -> tuple[VenueAnswer, Sequence[Told]]:
        instrument = member.open.get(order_id)
        exchange_id = f"{member.owner}{BETWEEN}{order_id}"
        if instrument is None:
            return _answer(_not_open(member, order_id)), []
        refused, told = self._market.cancel(instrument, exchange_id)
        return _answer(refused), told


def _answer(refused: Rejected | None) -> VenueAnswer:
    return VenueAnswer(True) if refused is None else VenueAnswer(False, f"{refused.code}: {refused.reason}", refused.inadmissible)


def _event_of(event: Filled | Ended, order_id: str) -> VenueEvent:
    if isinstance(event, Filled):
        return VenueEvent(order_id, "filled", event.at, event.price, event.quantity)
    return VenueEvent(order_id, "ended", event.at, reason=event.reason)


def _not_open(member: Member, order_id: str) -> Rejected:
    return Rejected(order_id, "exchange.over" if order_id in member.answers else "exchange.unknown", {"order": order_id})
