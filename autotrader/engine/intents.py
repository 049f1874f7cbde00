"""All intents by key, and the ways by which the hot paths find open ones: a storm of a thousand fires costs no scan each.

An intent's account, instrument, side and leg never change; what depends on its status and reservation follows every write.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, MutableMapping
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import EXACT, ZERO
from autotrader.domain.order import IntentId
from autotrader.domain.rule import AccountName, LegName, RuleId, Side
from autotrader.domain.tick import InstrumentId
from autotrader.engine.lifecycle import AT_BROKER, INTENT_ENDS, UNRESOLVED
from autotrader.engine.records import IntentRecord, IntentStatus

WAITING = frozenset({IntentStatus.INTENT, IntentStatus.NOT_SENT})
"""Decided, and not on its way."""


class Reserved(NamedTuple):
    """What open intents hold: all of it, the part that the broker's own figures cannot know of yet, and of that the part of
    intents that have not set out."""

    total: Decimal
    unseen: Decimal
    waiting: Decimal


NOTHING = Reserved(ZERO, ZERO, ZERO)


class Place(NamedTuple):
    """A waiting intent's place in its account's lane: by urgency, then by age."""

    urgency: int
    created: int
    birth: int
    intent: IntentId


class Intents(MutableMapping[IntentId, IntentRecord]):
    """A mapping that knows its open intents by account, leg and state, the lanes in their order, and the sums reserved."""

    def __init__(self, records: Iterable[IntentRecord] = ()) -> None:
        self._all: dict[IntentId, IntentRecord] = {}
        self._births: dict[IntentId, int] = {}
        self._shelves: dict[tuple[str, ...], dict[IntentId, None]] = {}
        self._lanes: dict[AccountName, list[Place]] = {}
        self._reserved: dict[tuple[AccountName, Side], dict[InstrumentId, Reserved]] = {}
        self._named: dict[tuple[AccountName, str], dict[IntentId, None]] = {}
        for record in records:
            self[record.id] = record

    def __getitem__(self, key: IntentId) -> IntentRecord:
        return self._all[key]

    def __iter__(self) -> Iterator[IntentId]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __setitem__(self, key: IntentId, record: IntentRecord) -> None:
        before = self._all.get(key)
        self._births.setdefault(key, len(self._births))
        self._all[key] = record
        self._shelve(key, _shelves(before), _shelves(record))
        self._queue(before, record)
        self._reserve(before, -1)
        self._reserve(record, 1)
        for name in (record.client_id, record.order_id):
            if name:
                self._named.setdefault((record.account, name), {})[key] = None

    def __delitem__(self, key: IntentId) -> None:
        record = self._all.pop(key)
        self._shelve(key, _shelves(record), ())
        self._queue(record, None)
        self._reserve(record, -1)

    def open(self) -> list[IntentRecord]:
        """Return every intent that has not ended, oldest first."""
        return self._on("open")

    def of_account(self, account: AccountName) -> list[IntentRecord]:
        """Return the open intents of an account, oldest first."""
        return self._on("account", account)

    def of_leg(self, rule: RuleId, leg: LegName) -> list[IntentRecord]:
        """Return the open intents of a leg, oldest first."""
        return self._on("leg", rule, leg)

    def unresolved(self, account: AccountName) -> list[IntentRecord]:
        """Return the intents of an account of which nobody knows whether the broker has them."""
        return self._on("unresolved", account)

    def is_sending(self, account: AccountName) -> bool:
        """Tell whether something of an account is on its way."""
        return bool(self._shelves.get(("sending", account)))

    def to_recheck(self, instrument: InstrumentId) -> list[IntentRecord]:
        """Return the intents of an instrument that the first print after a halt judges again."""
        return self._on("recheck", instrument)

    def works_in(self, account: AccountName, instrument: InstrumentId) -> bool:
        """Tell whether the account's broker has an order of ours in the instrument."""
        return bool(self._shelves.get(("at broker", account, instrument)))

    def lane(self, account: AccountName) -> Iterator[IntentRecord]:
        """Yield the account's waiting intents, the most urgent first."""
        return (self._all[place.intent] for place in self._lanes.get(account, ()))

    def reserved(self, account: AccountName, side: Side) -> dict[InstrumentId, Reserved]:
        """Return what open intents of an account hold on one side, by instrument."""
        return self._reserved.get((account, side), {})

    def named(self, account: AccountName, *names: str) -> list[IntentRecord]:
        """Return the intents to which a client id or a broker's number belongs or belonged: open ones oldest first, then
        ended ones newest first."""
        found = {key: self._all[key] for name in names if name for key in self._named.get((account, name), ()) if key in self._all}
        by_age = sorted(found.values(), key=lambda intent: self._births[intent.id])
        return [i for i in by_age if i.status not in INTENT_ENDS] + [i for i in reversed(by_age) if i.status in INTENT_ENDS]

    def _on(self, *shelf: str) -> list[IntentRecord]:
        return [self._all[key] for key in self._shelves.get(shelf, ())]

    def _shelve(self, key: IntentId, before: tuple[tuple[str, ...], ...], after: tuple[tuple[str, ...], ...]) -> None:
        """Move an intent between shelves; where it stays, it keeps its place."""
        for shelf in before:
            if shelf not in after:
                del self._shelves[shelf][key]
                if not self._shelves[shelf]:
                    del self._shelves[shelf]
        for shelf in after:
            self._shelves.setdefault(shelf, {})[key] = None

    def _queue(self, before: IntentRecord | None, after: IntentRecord | None) -> None:
        """Keep the lane in step: only who waits stands in it."""
        left, stands = self._place(before), self._place(after)
        if left == stands:
            return
        if left is not None and before is not None:
            lane = self._lanes[before.account]
            del lane[bisect_left(lane, left)]
        if stands is not None and after is not None:
            insort(self._lanes.setdefault(after.account, []), stands)

    def _place(self, intent: IntentRecord | None) -> Place | None:
        if intent is None or intent.status not in WAITING:
            return None
        return Place(intent.urgency, intent.created, self._births[intent.id], intent.id)

    def _reserve(self, intent: IntentRecord | None, sign: int) -> None:
        """Count an open intent's reservation in (1) or out (-1)."""
        if intent is None or intent.status in INTENT_ENDS or not intent.reserved:
            return
        held = self._reserved.setdefault((intent.account, intent.side), {})
        total, unseen, waiting = held.get(intent.instrument, NOTHING)
        change = intent.reserved if sign > 0 else -intent.reserved
        total = EXACT.add(total, change)
        if intent.status not in AT_BROKER:
            unseen = EXACT.add(unseen, change)
        if intent.status in WAITING:
            waiting = EXACT.add(waiting, change)
        held[intent.instrument] = Reserved(total, unseen, waiting)


def _shelves(intent: IntentRecord | None) -> tuple[tuple[str, ...], ...]:
    """Return where an intent is found: nowhere once it has ended."""
    if intent is None or intent.status in INTENT_ENDS:
        return ()
    always: tuple[tuple[str, ...], ...] = (("open",), ("account", intent.account), ("leg", intent.rule, intent.leg))
    if intent.recheck:
        always = (*always, ("recheck", intent.instrument))
    if intent.status is IntentStatus.SENDING:
        return (*always, ("sending", intent.account))
    if intent.status in UNRESOLVED:
        return (*always, ("unresolved", intent.account))
    if intent.status in AT_BROKER:
        return (*always, ("at broker", intent.account, intent.instrument))
    return always
