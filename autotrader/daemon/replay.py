"""`autotrader replay`: the same engine over the prints of a file, with the paper account, and no daemon (semantics 2.15).

The clock is the print's time. Every line says what one print led to; the last one counts.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.records import opening
from autotrader.config.markets import markets_of
from autotrader.daemon.prints import Row, count_rows, read_prints
from autotrader.domain.money import text
from autotrader.domain.rule import (
    AccountName,
    LegName,
    Quantity,
    Rule,
    RuleId,
    Side,
    Trigger,
    leg_named,
    trigger_kind,
)
from autotrader.domain.settings import AccountSettings, Guards, OpeningPosition, Settings
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.conditions import others_of
from autotrader.engine.effects import Act, Ignored, Place, Reply, Show, Unit, Withdraw
from autotrader.engine.engine import Engine
from autotrader.engine.events import Event, FeedClock, Link, LinkState, MarketTime, Plan, Recovered, Timer
from autotrader.engine.firing import shown
from autotrader.engine.guards import is_price
from autotrader.engine.levels import Line, ceiling, floor
from autotrader.engine.lifecycle import LEG_SEES_PRICES
from autotrader.engine.records import (
    FillRecord,
    IntentRecord,
    IntentStatus,
    JournalRow,
    LegRecord,
    LegStatus,
    Record,
    RequestId,
    ShotRecord,
    Snapshot,
)
from autotrader.engine.triggers import activation_of, fire_level, fires_under, time_of
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.errors import UserMistake
from autotrader.markets.facts import Ladder
from autotrader.markets.profile import Markets, find_instrument
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick

FEED = FeedName("prints")
ASSUMED_ACCOUNT = AccountName("main")
ASSUMED_CASH = Decimal(10) ** 12
ASSUMED_HOLDING = Decimal(100)
"""What `quantity: all` is taken to be when the file has no accounts."""

NO_CAP = 36_500
"""Days."""

BEAT = 1_000_000_000
"""ns between two beats of the timer, where there are prints."""

TAKING = RequestId("replay")
LEG_TOLD = {
    "leg.armed": "armed",
    "leg.crossed": "crossed",
    "leg.activated": "activated",
}
"""The journal's codes that are lines of their own, and the types of those lines."""

ENDS_TOLD = {LegStatus.REJECTED, LegStatus.FAILED, LegStatus.SUPERSEDED, LegStatus.HELD, LegStatus.DONE}


def replay(settings: Settings, prints: Path, *, every: bool = False) -> Iterator[dict[str, Any]]:
    """Yield what the rules do over the prints, as JSON values; raises UserMistake with the place of what cannot be read.

    `every`: a line `print` ends what is told of each print, those that led to nothing too, and says how the watching legs stand.
    """
    if not settings.rules and not settings.templates:
        raise UserMistake("replay.no_rules", file=prints)
    first = next(read_prints(prints, watched_by(settings)), None)
    settings = with_accounts(settings, prints)
    run = _Run(settings, without_cap(markets_of(settings)), first.tick.time if first else 0)
    last = 0
    yield from run.begin()
    for row in read_prints(prints, watched_by(settings)):
        last = row.number
        units = run.decide(row)
        if units or run.engine.dirty or run.engine.book.marks.moved:
            yield from run.tell(row, units)
        if every:
            yield run.seen(row)
    yield from run.never_armed()
    yield {"type": "end", "prints": max(last, count_rows(prints)), "fired": run.fired}


def instruments_of(rules: Iterable[Rule]) -> list[InstrumentId]:
    """Return the instruments of some rules, each once."""
    return list(dict.fromkeys(rule.instrument for rule in rules))


def watched_by(settings: Settings) -> list[InstrumentId]:
    """Return the instruments whose prints count, each once: those of the rules, those that further conditions ask for, and
    what is held already where a template attaches to it."""
    templates = settings.templates
    held = [i for account in settings.accounts for i in account.positions] if any(t.include_existing for t in templates) else []
    texts = [*settings.rules, *(template.rule for template in templates)]
    others = [other for rule in texts for other in sorted(others_of(rule))]
    return list(dict.fromkeys([*instruments_of(settings.rules), *others, *held]))


def goes_by_time(rule: Rule) -> bool:
    """Tell whether a rule, or the exits of what it buys, may fire because of the time alone."""
    return bool(rule.confirm is not None and rule.confirm.span) or any(time_of(leg.trigger) for leg in (*rule.legs, *rule.exits))


def with_accounts(settings: Settings, prints: Path) -> Settings:
    """Return settings whose rules can trade: without accounts in the file, one that holds what the rules sell, bought at
    the first print, and has cash for what they buy."""
    rules = tuple(replace(rule, feed=None, until="", account=rule.account or ASSUMED_ACCOUNT) for rule in settings.rules)
    templates = tuple(replace(template, rule=replace(template.rule, feed=None, until="")) for template in settings.templates)
    settings = replace(settings, templates=templates)
    if settings.accounts:
        return replace(settings, rules=rules)
    markets = markets_of(settings)
    cash = {find_instrument(markets, rule.instrument).currency: ASSUMED_CASH for rule in rules}
    first = first_prices(prints, instruments_of(rules))
    accounts = []
    for name in dict.fromkeys(rule.account for rule in rules):
        sells = [rule for rule in rules if rule.account == name and rule.side is Side.SELL and rule.instrument in first]
        held = {i: sum((_assumed(r.quantity) for r in sells if r.instrument == i), Decimal(0)) for i in instruments_of(sells)}
        positions = {instrument: OpeningPosition(quantity, first[instrument]) for instrument, quantity in held.items()}
        accounts.append(AccountSettings(name, cash=cash, positions=positions))
    return replace(settings, rules=rules, accounts=tuple(accounts))


def _assumed(quantity: Quantity) -> Decimal:
    """Return what is taken to be held for a rule that sells so much."""
    return quantity if isinstance(quantity, Decimal) else ASSUMED_HOLDING


def without_cap(markets: Markets) -> Markets:
    """Return markets in which a rule holds longer than any file: a replay judges no validity (semantics 2.15)."""
    return {name: replace(profile, validity_cap=NO_CAP) for name, profile in markets.items()}


def first_prices(prints: Path, instruments: list[InstrumentId]) -> dict[InstrumentId, Decimal]:
    """Return the first good price of each instrument in a file."""
    found: dict[InstrumentId, Decimal] = {}
    for row in read_prints(prints, instruments):
        if is_price(row.tick.price):
            found.setdefault(row.tick.instrument, row.tick.price)
        if len(found) == len(instruments):
            break
    return found


class _Run:
    """One replay: the engine, the paper books, and the words for what happens."""

    def __init__(self, settings: Settings, markets: Markets, start: int) -> None:
        self.settings = settings
        self.books = {account.name: PaperBook(opening(account), markets, account.fee) for account in settings.accounts}
        accounts = {name: AccountFacts(name, lasting_ids=True, fills_from_prints=True) for name in self.books}
        feeds = (FeedFacts(FEED, FeedClock.RECORDED, tuple(watched_by(settings))),)
        guards = settings.guards if settings.guards_written else Guards(collar=None, stale=None)
        world = World("replay", settings.mode, markets, guards, accounts, feeds, first_print_fires=True, judge_validity=False)
        self.engine = Engine(world, Snapshot(), start)
        self.fired = 0
        self.by_time = any(goes_by_time(rule) for rule in (*settings.rules, *(template.rule for template in settings.templates)))
        self.beaten = start

    def begin(self) -> Iterator[dict[str, Any]]:
        """Arm the accounts and take the rules; raise UserMistake when they cannot be taken."""
        events: list[Event] = [Recovered(name, (), book.statement()) for name, book in self.books.items()]
        plan = Plan(self.settings.rules, request=TAKING, by="replay", templates=self.settings.templates)
        for event in [*events, Link(FEED, LinkState.UP), plan]:
            for unit in self.engine.handle(event):
                refuse_if_not_taken(unit)
                yield from (line for record in unit.records for line in self._told(record, None))

    def decide(self, row: Row) -> list[Unit]:
        """Let the engine take a print, and the paper accounts what comes of it."""
        self.engine.at(row.tick.time)
        done = self._beat()
        units = list(self.engine.on_tick(row.tick))
        if self.by_time:
            units += self.engine.handle(MarketTime(FEED, row.tick.time))
        return done + self._followed(units) if units else done

    def _beat(self) -> list[Unit]:
        """Do what time alone has brought to orders that are not filled since the print before: a timer's beat, at most one a
        second. Without such orders it would bring nothing."""
        if self.engine.now < self.beaten + BEAT or not self.engine.book.open():
            return []
        self.beaten = self.engine.now
        return self._followed(list(self.engine.handle(Timer())))

    def _followed(self, units: list[Unit]) -> list[Unit]:
        """Return the units with all that follows from performing them, in order."""
        done: list[Unit] = []
        while units:
            unit = units.pop(0)
            done.append(unit)
            for event in [event for act in unit.acts for event in self._perform(act)]:
                units += self.engine.handle(event)
        return done

    def _perform(self, act: Act) -> list[Event]:
        match act:
            case Place(request):
                outcome, reports = self.books[request.account].place(request, self.engine.now)
                return [outcome, *reports]
            case Withdraw(account, intent, order_id):
                withdrawn, reports = self.books[account].withdraw(intent, order_id)
                return [withdrawn, *reports]
            case Show(account, tick):
                return list(self.books[account].show(tick))
            case _:
                return []

    def tell(self, row: Row, units: list[Unit]) -> Iterator[dict[str, Any]]:
        """Say what a print led to: marks that moved, then what changed, in the order of the decisions."""
        marks = self.engine.book.marks
        shared = [follower.key for group in marks.moved for follower in group.followers()]
        for key in [*self.engine.dirty, *shared]:
            mark = marks[key]
            yield self._line("mark", row, key[0], key[1], price=text(mark.price), mark=text(mark.price), level=self._level(key[0], key[1]))
        self.engine.dirty.clear()
        marks.moved.clear()
        for unit in units:
            for record in unit.records:
                yield from self._told(record, row)
            for act in unit.acts:
                if isinstance(act, Ignored):
                    yield self._line("dropped", row, None, None, price=str(act.tick.price), reason=act.reason)

    def never_armed(self) -> Iterator[dict[str, Any]]:
        """Say which legs no price of the file has armed, and what they waited for to the end: else they look like rules that were
        never met."""
        for key, leg in self.engine.book.legs.items():
            if leg.status is LegStatus.WAITING and not leg.armed and key not in self.engine.book.shots and leg.reason is not None:
                reason = {"code": leg.reason.code, "params": dict(leg.reason.params)}
                yield self._line("never_armed", None, leg.rule, leg.leg, price=None, reason=reason)

    def seen(self, row: Row) -> dict[str, Any]:
        """Say how the legs that watch a print's instrument stand after it."""
        records = [record for record in self.engine.book.rules.values() if record.rule.instrument == row.tick.instrument]
        legs = [self._stands(record.rule, leg) for record in records for leg in self.engine.book.legs_of(record.rule.id)]
        return self._line("print", row, None, None, price=str(row.tick.price), legs=[leg for leg in legs if leg is not None])

    def _stands(self, rule: Rule, leg: LegRecord) -> dict[str, Any] | None:
        """Return mark and level of a leg, and `shown`, the level as a price that can be sent; None for one that does not watch.
        `active` is None for a leg that needs no activation."""
        if leg.status not in LEG_SEES_PRICES:
            return None
        trigger = leg_named(rule, leg.leg).trigger
        mark, line = self.engine.book.marks.get((rule.id, leg.leg)), self._line_of(rule.id, leg.leg)
        ladder = find_instrument(self.engine.world.markets, rule.instrument).ladder
        return {
            "rule": rule.id,
            "leg": leg.leg,
            "kind": trigger_kind(trigger),
            "active": mark is not None if activation_of(trigger) is not None else None,
            "mark": text(mark.price) if mark is not None else None,
            "level": shown(line) if line is not None else None,
            "shown": text(first_that_fires(trigger, line, ladder)) if line is not None else None,
        }

    def _level(self, rule: RuleId, leg: LegName) -> str | None:
        line = self._line_of(rule, leg)
        return shown(line) if line is not None else None

    def _line_of(self, rule: RuleId, leg: LegName) -> Line | None:
        watch = self.engine.watches.of_rule(self.engine.book.rules[rule].rule)
        seen = watch.seen((rule, leg)) if watch is not None else None
        return fire_level(seen.sight) if seen is not None else None

    def _told(self, record: Record, row: Row | None) -> Iterator[dict[str, Any]]:
        match record:
            case JournalRow(subject=subject, note=note) if note.code in LEG_TOLD:
                rule, leg = RuleId(subject.partition("/")[0]), LegName(subject.partition("/")[2])
                mark = self.engine.book.marks.get((rule, leg))
                mark_text = text(mark.price) if mark else None
                yield self._line(
                    LEG_TOLD[note.code], row, rule, leg, price=note.params["price"], mark=mark_text, level=self._level(rule, leg)
                )
            case ShotRecord():
                self.fired += 1
                mark_text = text(record.mark) if record.mark is not None else None
                why = {"code": record.why.code, "params": dict(record.why.params)}
                price = text(record.crossed.price)
                yield self._line("fired", row, record.rule, record.leg, price=price, mark=mark_text, level=record.level, why=why)
            case IntentRecord(status=IntentStatus.INTENT):
                yield self._line("order", row, record.rule, record.leg, price=_limit(record), **_order(record))
            case FillRecord():
                yield self._fill(record, row)
            case LegRecord(status=status) if status in ENDS_TOLD and record.reason is not None:
                reason = {"code": record.reason.code, "params": dict(record.reason.params)}
                met = {name: record.reason.params[name] for name in ("level",) if name in record.reason.params}
                yield self._line(status.value, row, record.rule, record.leg, price=record.reason.params.get("price"), reason=reason, **met)
            case _:
                pass

    def _fill(self, fill: FillRecord, row: Row | None) -> dict[str, Any]:
        intent = self.engine.book.intents[fill.intent] if fill.intent is not None else None
        rule, leg = (intent.rule, intent.leg) if intent is not None else (None, None)
        more = {"side": fill.side.value, "quantity": text(fill.quantity), "fee": text(fill.fee), "order": fill.order_id}
        return self._line("fill", row, rule, leg, price=text(fill.price), **more)

    def _line(self, kind: str, row: Row | None, rule: str | None, leg: str | None, *, price: str | None, **more: Any) -> dict[str, Any]:
        time: str | int | None = None
        if row is not None:
            time = int(row.written_time) if row.written_time.isdigit() else row.written_time
        line = {"type": kind, "rule": rule, "leg": leg, "print": row.number if row else None, "time": time, "price": price}
        return {**line, "mark": None, "level": None, **more}


def first_that_fires(trigger: Trigger, line: Line, ladder: Ladder) -> Decimal:
    """Return the nearest price on the ladder at which a level is met: what is shown of it (semantics 2.4), never what is compared."""
    if fires_under(trigger):
        return floor_to_tick(ladder, floor(line))
    return ceil_to_tick(ladder, ceiling(line))


def refuse_if_not_taken(unit: Unit) -> None:
    """Raise what keeps the rules from being watched: silence would look like a rule that never fired."""
    for act in unit.acts:
        if isinstance(act, Reply) and not act.body["ok"]:
            raise UserMistake(act.body["code"], **act.body["params"])


def _limit(intent: IntentRecord) -> str | None:
    return text(intent.price) if intent.price is not None else None


def _order(intent: IntentRecord) -> dict[str, Any]:
    return {"side": intent.side.value, "order_type": intent.type.value, "quantity": text(intent.quantity), "intent": intent.id}
