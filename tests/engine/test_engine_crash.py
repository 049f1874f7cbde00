"""Killed anywhere, restarted, recovered: never two orders for one shot, no mark lost, nothing stranded (safety 2, 3, D3).

A seeded world: prints, timers, answers that come, come late or never, and deaths between any two commits. The broker
keeps the truth. The same checks are run over rigs with a planted fault each, and must catch every one.
"""

from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace
from rig import MAIN, PLAIN, Rig, fill, ordered, price, rule, statement

from autotrader.domain.order import BrokerOrder, OrderRequest, OrderStatus, OutcomeKind
from autotrader.domain.rule import AccountName, Amount, Percent, Rebound, Rule, Stop, Target, Trail
from autotrader.engine.effects import Place, Unit
from autotrader.engine.events import Event, Outcome, Report
from autotrader.engine.firing import request_of
from autotrader.engine.lifecycle import AT_BROKER, INTENT_ENDS
from autotrader.engine.records import AttemptRecord, IntentRecord, IntentStatus, LegRecord, MarkRecord, PeakRecord, Record, ShotRecord


class Broken(AssertionError):
    """An invariant does not hold."""


class Truth:
    """A broker that decides by lot what becomes of a request, and remembers every order it ever took."""

    def __init__(self, lot: Random) -> None:
        self.lot = lot
        self.orders: dict[str, BrokerOrder] = {}
        self.owners: dict[str, AccountName] = {}
        self.requests: list[OrderRequest] = []
        self.answers: list[Event] = []

    def take(self, request: OrderRequest) -> None:
        """Take a request that was sent; what is said of it waits in `answers`."""
        if request.intent in self.orders:
            raise Broken(f"{request.intent} was sent again although its order exists")
        self.requests.append(request)
        kind = self.lot.choice([OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED, *OutcomeKind])
        arrived = kind is OutcomeKind.ACCEPTED or (kind is OutcomeKind.UNKNOWN and self.lot.random() < 0.5)
        number = ""
        if arrived:
            order = ordered(request, OrderStatus.WORKING, with_id=request.account == MAIN)
            self.orders[request.intent], self.owners[request.intent] = order, request.account
            number = order.order_id if kind is OutcomeKind.ACCEPTED else ""
        self.answers.append(Outcome(request.intent, request.attempt, kind, number, "by lot"))

    def move(self) -> None:
        """Let something happen to an order."""
        working = [intent for intent, order in self.orders.items() if order.status in (OrderStatus.WORKING, OrderStatus.PARTIAL)]
        if not working:
            return
        intent = self.lot.choice(working)
        order = self.orders[intent]
        status = self.lot.choice([OrderStatus.PARTIAL, OrderStatus.FILLED, OrderStatus.CANCELLED])
        number = len(self.orders) * 100 + list(self.orders).index(intent)
        fills = order.executions
        if status is OrderStatus.FILLED:
            fills = (*fills, replace(fill(number, order.quantity - order.filled), execution_id=f"{intent}-end"))
        elif status is OrderStatus.PARTIAL and order.filled + 1 < order.quantity:
            fills = (*fills, replace(fill(number, 1), execution_id=f"{intent}-{order.filled}"))
        filled = sum((one.quantity for one in fills), Decimal(0))
        if status is OrderStatus.PARTIAL and not filled:
            return
        self.orders[intent] = replace(order, status=status, filled=filled, executions=fills)
        if self.lot.random() < 0.8:
            self.answers.append(Report(self.owners[intent], self.orders[intent], statement(shares=1000)))

    def ledger(self, account: AccountName) -> list[BrokerOrder]:
        return [order for intent, order in self.orders.items() if self.owners[intent] == account]


class Life(Rig):
    """One seeded life: the rules, the broker's truth, and the checks after every commit."""

    def __init__(self, seed: int) -> None:
        self.lot = Random(seed)
        self.truth = Truth(self.lot)
        self.at = Decimal(70000)
        self.outbox_died = False
        super().__init__(says=statement(shares=1000))
        self.plan(*[one for account in (MAIN, PLAIN) for one in rules_of(account)])
        self.commit_later = True

    def keep(self, unit: Unit) -> Unit:
        """Return what is committed of a unit: the whole of it; the planted faults lose something here."""
        return unit

    def commit(self, count: int | None = None) -> None:
        units = self.waiting[:count]
        del self.waiting[: len(units)]
        for unit in units:
            kept = self.keep(unit)
            self.check_marks(kept.records)
            self.store.commit(kept.records)
            for act in kept.acts:
                if isinstance(act, Place):
                    self.check_sending(act.request)
                    if not self.outbox_died:
                        self.truth.take(act.request)
            self._perform(kept)

    def check_marks(self, records: tuple[Record, ...]) -> None:
        for mark in records:
            before = self.store.table(MarkRecord).get((mark.rule, mark.leg)) if isinstance(mark, MarkRecord) else None
            if before is not None and isinstance(mark, MarkRecord) and before.generation == mark.generation:
                retreats = mark.price > before.price if mark.leg == "rebound" else mark.price < before.price
                if retreats or mark.activated_time != before.activated_time:
                    raise Broken(f"{mark.rule}: the mark went from {before.price} to {mark.price}")

    def check_sending(self, request: OrderRequest) -> None:
        """An order leaves only with shot, intent and attempt on disk, and only when the attempt before had an end."""
        attempts = self.store.table(AttemptRecord)
        if (request.intent, request.attempt) not in attempts:
            raise Broken(f"{request.intent} left without its attempt on disk")
        intent: IntentRecord = self.store.table(IntentRecord)[request.intent]
        if (intent.rule, intent.leg, intent.generation) not in self.store.table(ShotRecord):
            raise Broken(f"{request.intent} left without a shot on disk")

    def step(self) -> None:
        """Let one thing happen."""
        chance = self.lot.random()
        if chance < 0.45:
            self.at = max(Decimal(1000), self.at + self.lot.choice([-3000, -700, -100, 0, 100, 700, 2500]))
            self.tick(self.at)
        elif chance < 0.55:
            self.later(self.lot.choice([0.1, 0.3, 2, 20]))
        elif chance < 0.75 and self.truth.answers:
            event = self.truth.answers.pop(self.lot.randrange(len(self.truth.answers)))
            self.tell(event)
            if self.lot.random() < 0.2:
                self.truth.answers.append(event)
        elif chance < 0.85:
            self.truth.move()
        elif chance < 0.93:
            self.die()
        self.commit(self.lot.choice([None, None, None, 1, 0]))

    def die(self) -> None:
        """Die between two commits, lose what was on its way to us, start, and recover with the broker's ledger."""
        # An order that was handed to the outbox dies with the process, before its first byte or after its last.
        self.outbox_died = self.lot.random() < 0.5
        self.commit(self.lot.randrange(len(self.waiting) + 1))
        self.outbox_died = False
        self.truth.answers.clear()
        self.waiting.clear()
        peaks = self.store.table(PeakRecord)
        marks = {key: peaks.get(mark.peak, mark).price for key, mark in self.store.table(MarkRecord).items()}
        self.crash(self.lot.choice([1, 5, 300]))
        for key, mark in marks.items():
            if self.engine.book.marks[key].price != mark:
                raise Broken(f"{key} woke up with another mark")
        self.commit()
        self.recover_all()

    def recover_all(self) -> None:
        for account in (MAIN, PLAIN):
            self.recover(account, *self.truth.ledger(account), says=statement(shares=1000))
        self.commit()

    def end(self) -> None:
        """Die a last time, let every deadline pass, and look for anything forgotten."""
        self.die()
        for _ in range(6):
            while self.truth.answers:
                self.tell(self.truth.answers.pop())
                self.commit()
            self.later(61)
            self.commit()
        self.recover_all()
        alerted = {alert.subject for alert in self.store.alerts}
        for intent in self.store.table(IntentRecord).values():
            if intent.status in INTENT_ENDS:
                continue
            if intent.status is IntentStatus.HELD:
                if intent.id not in alerted:
                    raise Broken(f"{intent.id} is held and nobody was told")
            elif intent.status not in AT_BROKER or intent.id not in self.truth.orders:
                raise Broken(f"{intent.id} is stranded as {intent.status.value}")
        for name, order in self.truth.orders.items():
            known: IntentRecord = self.store.table(IntentRecord)[name]
            if known.status is not IntentStatus.HELD and known.filled != order.filled:
                raise Broken(f"{name}: {order.filled} filled at the broker, {known.filled} known")
        for shot in self.store.table(ShotRecord).values():
            leg: LegRecord = self.store.table(LegRecord)[shot.rule, shot.leg]
            if leg.status.value in ("waiting", "watching", "paused"):
                raise Broken(f"{shot.rule} watches again although it has fired")


def rules_of(account: AccountName) -> list[Rule]:
    """Return six rules of an account."""
    name = account[0]
    return [
        rule(f"{name}-stop", Stop(price(68000)), account=account),
        rule(f"{name}-stop-2", Stop(price(66000)), account=account),
        rule(f"{name}-trail", Trail(Percent(Decimal(4)), price(71000)), account=account),
        rule(f"{name}-trail-2", Trail(Amount(Decimal(5000))), account=account),
        rule(f"{name}-target", Target(price(75000)), account=account),
        rule(f"{name}-rebound", Rebound(Percent(Decimal(5))), account=account, quantity=Decimal(2)),
    ]


def live(kind: type[Life], seed: int, steps: int = 100) -> Life:
    """Live one life to its end."""
    life = kind(seed)
    for _ in range(steps):
        life.step()
    life.end()
    return life


class ForgetsTheAttempt(Life):
    """Commits the intent but not that it is being sent."""

    def keep(self, unit: Unit) -> Unit:
        kept = [r for r in unit.records if not isinstance(r, AttemptRecord)]
        kept = [r for r in kept if not (isinstance(r, IntentRecord) and r.status is IntentStatus.SENDING)]
        return unit._replace(records=tuple(kept))

    def check_sending(self, request: OrderRequest) -> None:
        """Look away: what the broker sees must be enough to catch it."""


class ResendsTheUnknown(Life):
    """Sends again, after recovery, whatever it does not know the outcome of."""

    def recover_all(self) -> None:
        super().recover_all()
        for intent in self.engine.book.open():
            if intent.status is IntentStatus.HELD and intent.attempts:
                self.truth.take(request_of(intent))


class LowersAMark(Life):
    """Starts from marks that are a little older than what was committed."""

    def crash(self, seconds: float = 5, *, clean: bool = False) -> None:
        for key, mark in self.store.table(MarkRecord).items():
            self.store.table(MarkRecord)[key] = replace(mark, price=mark.activated_price)
        super().crash(seconds, clean=clean)


class HoldsInSilence(Life):
    """Drops the alerts."""

    def keep(self, unit: Unit) -> Unit:
        return unit._replace(records=tuple(r for r in unit.records if type(r).__name__ != "AlertRecord"))


class ForgetsTheShot(Life):
    """Commits the order but not that the rule has fired."""

    def keep(self, unit: Unit) -> Unit:
        fired = {r.rule for r in unit.records if isinstance(r, ShotRecord)}
        return unit._replace(records=tuple(r for r in unit.records if not (isinstance(r, LegRecord) and r.rule in fired)))


@pytest.mark.parametrize("batch", range(10))
def test_no_death_sends_twice_lowers_a_mark_or_strands_anything(batch: int) -> None:
    lives = [live(Life, seed) for seed in range(batch * 30, batch * 30 + 30)]
    assert sum(len(life.truth.requests) for life in lives) > 100
    assert sum(len(life.truth.orders) for life in lives) > 60


@pytest.mark.parametrize("fault", [ForgetsTheAttempt, ResendsTheUnknown, LowersAMark, HoldsInSilence, ForgetsTheShot])
def test_a_planted_fault_is_caught(fault: type[Life]) -> None:
    with pytest.raises(AssertionError):
        for seed in range(60):
            live(fault, seed)


def test_s3_a_death_between_intent_and_send_is_resolved_or_held_with_an_alert() -> None:
    for account, state in ((MAIN, "fired"), (PLAIN, "held")):
        rig = Rig()
        rig.add(rule("r", Stop(price(68000)), account=account))
        rig.prints("70000 68000")
        rig.crash()
        rig.recover(account)
        rig.later(2)
        sent_again = account == MAIN
        assert rig.state("r") == state
        assert len(rig.places) == (2 if sent_again else 1)
        assert {place.client_id for place in rig.places} == {rig.places[0].client_id}
        assert ("intent.held_unknown" in rig.alert_codes()) is not sent_again


def test_a_fire_whose_commit_never_happened_is_fired_again_late_and_sent_once() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.commit_later = True
    rig.tick(68000)
    rig.crash()
    rig.commit()
    rig.recover()
    rig.tick(67000)
    rig.commit()
    assert [(place.intent, place.attempt) for place in rig.places] == [("r/stop/1/1", 1)]
    assert rig.shots[0].late
