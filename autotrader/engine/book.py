"""All records in memory by key, and the turn: one unit in the making, which can be taken back whole.

Every change goes through a turn, so what is in memory and what is committed are the same records.
"""

from collections.abc import Callable, MutableMapping
from decimal import Decimal
from typing import Any, TypeVar

from msgspec.structs import replace

from autotrader.domain.money import ZERO
from autotrader.domain.order import IntentId
from autotrader.domain.rule import AccountName, LegName, RuleId
from autotrader.domain.tick import FeedName, InstrumentId, Quote, Tick
from autotrader.engine.effects import Act, Unit
from autotrader.engine.events import leg_key
from autotrader.engine.intents import Intents
from autotrader.engine.lifecycle import LEG_ENDS, IntentSignal, LegSignal, advance_intent, advance_leg
from autotrader.engine.marks import Marks
from autotrader.engine.records import (
    AccountRecord,
    AlertRecord,
    AttemptRecord,
    CashRecord,
    FillRecord,
    Forget,
    IntentRecord,
    JournalRow,
    LegRecord,
    MarkRecord,
    Note,
    PositionRecord,
    PriceRecord,
    Print,
    Record,
    RequestId,
    RequestRecord,
    RuleRecord,
    ShotRecord,
    Snapshot,
    TemplateRecord,
    TradingRecord,
)
from autotrader.errors import UnknownThing

LegKey = tuple[RuleId, LegName]
K = TypeVar("K")
_ABSENT = object()


class Book:
    """What is known, by key. Read freely; write only through a Turn."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.rules: dict[RuleId, RuleRecord] = {record.rule.id: record for record in snapshot.rules}
        self.legs: dict[LegKey, LegRecord] = {(leg.rule, leg.leg): leg for leg in snapshot.legs}
        self.marks = Marks(snapshot.marks, snapshot.peaks)
        self.shots: dict[LegKey, ShotRecord] = {(shot.rule, shot.leg): shot for shot in snapshot.shots}
        self.intents = Intents(snapshot.intents)
        self.attempts: dict[tuple[IntentId, int], AttemptRecord] = {(a.intent, a.number): a for a in snapshot.attempts}
        self.fills: dict[tuple[AccountName, str], FillRecord] = {(fill.account, fill.execution_id): fill for fill in snapshot.fills}
        self.positions: dict[tuple[AccountName, InstrumentId], PositionRecord] = {(p.account, p.instrument): p for p in snapshot.positions}
        self.cash: dict[tuple[AccountName, str], CashRecord] = {(c.account, c.currency): c for c in snapshot.cash}
        self.prices: dict[InstrumentId, PriceRecord] = {price.instrument: price for price in snapshot.prices}
        self.trading: dict[tuple[str, str], TradingRecord] = {(t.venue, t.instrument): t for t in snapshot.trading}
        self.templates: dict[RuleId, TemplateRecord] = {template.id: template for template in snapshot.templates}
        self.accounts: dict[AccountName, AccountRecord] = {record.account: record for record in snapshot.accounts}
        self.requests: dict[RequestId, RequestRecord] = {request.id: request for request in snapshot.requests}
        # What the feeds told last and nobody needs after a restart: their time, their quotes, the session of the last print.
        self.feed_times: dict[FeedName, int] = {}
        self.quotes: dict[tuple[InstrumentId, str], Quote] = {}
        self.said_sessions: dict[InstrumentId, str] = {}
        # What was seen to trade by day: kept with the last price, so that a restart does not count from nothing.
        self.volumes: dict[InstrumentId, tuple[str, Decimal]] = {
            p.instrument: (p.volume_day, p.volume) for p in snapshot.prices if p.volume_day
        }
        self.counted: dict[InstrumentId, Tick] = {}
        self.now = 0
        self.newest: Callable[[InstrumentId], Print | None] = lambda instrument: None
        """The newest print that was seen of an instrument; `prices` keeps it only now and then."""

    def rule(self, rule_id: RuleId) -> RuleRecord:
        """Return a rule's record, or raise UnknownThing."""
        try:
            return self.rules[rule_id]
        except KeyError:
            raise UnknownThing("rule.unknown", rule=rule_id) from None

    def legs_of(self, rule_id: RuleId) -> list[LegRecord]:
        """Return the legs of a rule in the order of its text."""
        return [self.legs[rule_id, leg.name] for leg in self.rules[rule_id].rule.legs]

    def intents_of(self, rule_id: RuleId, leg: LegName) -> list[IntentRecord]:
        """Return the intents of a leg's newest generation that have not ended."""
        return self.intents.of_leg(rule_id, leg)

    def open(self) -> list[IntentRecord]:
        """Return every intent that has not ended, oldest first."""
        return self.intents.open()

    def has_ended(self, rule_id: RuleId) -> bool:
        """Tell whether every leg of the rule has ended."""
        return all(leg.status in LEG_ENDS for leg in self.legs_of(rule_id))


class Turn:
    """One unit in the making: put records, say why, add acts; then `unit()`, or `take_back()` and nothing has happened."""

    def __init__(self, book: Book, now: int, by: str) -> None:
        self.book = book
        self.now = now
        self.by = by
        self.records: list[Record] = []
        self.acts: list[Act] = []
        self.touched: dict[RuleId, None] = {}
        self.born = 0
        self.traded: dict[InstrumentId, None] = {}
        self.recosted: dict[tuple[AccountName, InstrumentId], None] = {}
        # What a turn has opened and bought: rules are attached to it before the turn closes.
        self.opened: dict[tuple[AccountName, InstrumentId], str] = {}
        self.bought: dict[RuleId, Decimal] = {}
        self._undo: list[tuple[MutableMapping[Any, Any], Any, Any]] = []

    def _set(self, where: MutableMapping[K, Any], key: K, value: Any) -> None:
        self._undo.append((where, key, where.get(key, _ABSENT)))
        if value is _ABSENT:
            where.pop(key, None)
        else:
            where[key] = value

    def put(self, record: Record) -> None:
        """Keep a record in memory and in the unit."""
        book = self.book
        match record:
            case LegRecord(rule=rule, leg=leg):
                self._set(book.legs, (rule, leg), record)
                self.touched[rule] = None
            case MarkRecord(rule=rule, leg=leg):
                self._set(book.marks, (rule, leg), record)
            case Forget(rule=rule, leg=leg):
                self._set(book.marks, (rule, leg), _ABSENT)
            case RuleRecord(rule=rule_text):
                self._set(book.rules, rule_text.id, record)
                self.touched[rule_text.id] = None
            case ShotRecord(rule=rule, leg=leg):
                self._set(book.shots, (rule, leg), record)
            case IntentRecord(id=intent):
                before = book.intents.get(intent)
                self._set(book.intents, intent, record)
                self.traded[record.instrument] = None
                self._take_from_lot(before, record)
            case AttemptRecord(intent=intent, number=number):
                self._set(book.attempts, (intent, number), record)
            case FillRecord(account=account, execution_id=execution):
                self._set(book.fills, (account, execution), record)
            case PositionRecord(account=account, instrument=instrument):
                self._set(book.positions, (account, instrument), record)
            case CashRecord(account=account, currency=currency):
                self._set(book.cash, (account, currency), record)
            case PriceRecord(instrument=instrument):
                self._set(book.prices, instrument, record)
            case TradingRecord(venue=venue, instrument=issue):
                self._set(book.trading, (venue, issue), record)
            case TemplateRecord(id=template):
                self._set(book.templates, template, record)
            case AccountRecord(account=account):
                self._set(book.accounts, account, record)
            case RequestRecord(id=request):
                self._set(book.requests, request, record)
            case _:
                pass
        self.records.append(record)

    def write(self, record: Record) -> None:
        """Keep a record in the unit that memory has already."""
        self.records.append(record)

    def _take_from_lot(self, before: IntentRecord | None, after: IntentRecord) -> None:
        """Keep what is left of a rule's shared quantity in step with its orders: an open one takes all of it, one that has
        ended what was filled. So a partial fill shrinks the siblings in the transaction that tells it."""
        taken = after.taken - (before.taken if before is not None else ZERO)
        record = self.book.rules.get(after.rule)
        if not taken or record is None or record.left is None or record.generation != after.generation:
            return
        self.put(replace(record, left=record.left - taken))

    def journal(self, subject: str, before: str, after: str, note: Note) -> None:
        """Say what changed and why."""
        self.records.append(JournalRow(self.now, subject, before, after, note, self.by))

    def alert(self, subject: str, note: Note) -> None:
        """Say something that a person must see."""
        self.records.append(AlertRecord(self.now, subject, note))

    def act(self, act: Act) -> None:
        """Ask for something to be done after the commit."""
        self.acts.append(act)

    def move_leg(self, leg: LegRecord, signal: LegSignal, note: Note, **changes: Any) -> LegRecord:
        """Advance a leg by the table, with its reason in the journal."""
        subject = leg_key(leg.rule, leg.leg)
        status = advance_leg(leg.status, signal, subject)
        after = replace(leg, status=status, reason=note, **changes)
        self.put(after)
        self.journal(subject, leg.status.value, status.value, note)
        return after

    def move_intent(self, intent: IntentRecord, signal: IntentSignal, note: Note, **changes: Any) -> IntentRecord:
        """Advance an intent by the table, with its reason in the journal."""
        status = advance_intent(intent.status, signal, intent.id)
        after = replace(intent, status=status, reason=note, **changes)
        self.put(after)
        self.journal(intent.id, intent.status.value, status.value, note)
        return after

    def unit(self) -> Unit:
        """Return what was made."""
        return Unit(tuple(self.records), tuple(self.acts))

    def take_back(self) -> None:
        """Undo every change in memory, newest first."""
        for where, key, before in reversed(self._undo):
            if before is _ABSENT:
                where.pop(key, None)
            else:
                where[key] = before
        self.records.clear()
        self.acts.clear()
        self._undo.clear()
        # The index is shown again what has been as before all along: a mark that was taken out and put back follows its group.
        self.touched = {rule: None for rule in self.touched if rule in self.book.rules}
        self.traded.clear()
        self.recosted.clear()
        self.opened.clear()
        self.bought.clear()
