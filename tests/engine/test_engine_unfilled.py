"""Orders that do not fill in time (semantics 2.11): every step on the confirmed rest, nothing twice, nothing stranded."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig import MAIN, SAMSUNG, Day, Rig, fill, leg, legs, ordered, price, rule, statement, world

from autotrader.domain.order import OrderRequest, OrderStatus, OutcomeKind
from autotrader.domain.rule import (
    Above,
    Amount,
    OrderSpec,
    OrderType,
    Rule,
    Side,
    Stop,
    Target,
    TimeInForce,
    Unfilled,
    UnfilledAction,
)
from autotrader.domain.tick import Quote
from autotrader.engine import unfilled
from autotrader.engine.admission import Terms
from autotrader.engine.book import Turn
from autotrader.engine.events import Cancel, Withdrawn
from autotrader.engine.firing import dispatch
from autotrader.engine.lifecycle import INTENT_ENDS
from autotrader.engine.records import IntentRecord, Next, Note, TradingState
from autotrader.engine.resending import follow

SECOND = 1_000_000_000
AT_68 = OrderSpec(OrderType.LIMIT, Decimal(68_000))
REPRICE = Unfilled(30 * SECOND, UnfilledAction.REPRICE, step_ticks=2, most=2, final=UnfilledAction.MARKET)


def resting(text: Rule | None = None, at: object = 68_000) -> Rig:
    """Return a rig whose rule has fired; its order works at the broker."""
    rig = Rig()
    rig.add(text or legs(leg(Stop(price(68_000))), order=AT_68, unfilled=REPRICE))
    rig.tick(70_000)
    rig.tick(at)
    rig.accept()
    return rig


def quote(rig: Rig, bid: object, ask: object) -> None:
    rig.tell(Quote(SAMSUNG, Decimal(str(bid)), Decimal(9), Decimal(str(ask)), Decimal(9), rig.now))


def ended(rig: Rig, request: OrderRequest, *fills: Any, status: OrderStatus = OrderStatus.CANCELLED) -> None:
    rig.report(ordered(request, status, *fills))


def sent(rig: Rig) -> list[tuple[str, str, Decimal | None, Decimal]]:
    return [(one.intent.rpartition("/")[2], one.type.value, one.price, one.quantity) for one in rig.places]


class TestReprice:
    def test_the_whole_way_by_steps_to_the_market(self) -> None:
        rig = resting()
        quote(rig, 67_000, 67_100)
        rig.later(29)
        assert not rig.withdrawals
        rig.later(2)
        assert len(rig.withdrawals) == 1
        rig.later(3)
        assert len(rig.places) == 1  # nothing before the end is confirmed
        ended(rig, rig.places[0])
        rig.accept()
        rig.later(31)
        ended(rig, rig.places[1])
        rig.accept()
        rig.later(31)
        ended(rig, rig.places[2])
        assert sent(rig) == [
            ("1", "limit", 68_000, 10),
            ("2", "limit", 67_800, 10),
            ("3", "limit", 67_600, 10),
            ("4", "market", None, 10),
        ]
        rig.accept()
        ended(rig, rig.places[3], fill(1, 10), status=OrderStatus.FILLED)
        assert rig.state("r") == "done"

    def test_a_partial_fill_does_not_stop_it_and_only_the_confirmed_rest_goes_on(self) -> None:
        rig = resting()
        quote(rig, 67_000, 67_100)
        ended(rig, rig.places[0], fill(1, 3), status=OrderStatus.PARTIAL)
        rig.later(31)
        ended(rig, rig.places[0], fill(1, 3), fill(2, 4))  # more filled on the way
        assert sent(rig)[1:] == [("2", "limit", 67_800, 3)]

    def test_it_goes_no_farther_than_the_other_sides_best_price(self) -> None:
        rig = resting(
            legs(leg(Stop(price(68_000))), order=AT_68, unfilled=Unfilled(30 * SECOND, UnfilledAction.REPRICE, step_ticks=50, most=2))
        )
        quote(rig, 67_900, 68_100)
        rig.later(31)
        ended(rig, rig.places[0])
        assert rig.places[1].price == 67_900

    def test_an_order_that_stands_where_it_would_go_is_left_there(self) -> None:
        rig = resting()
        quote(rig, 68_000, 68_100)
        rig.later(31)
        assert not rig.withdrawals

    def test_a_buy_goes_up(self) -> None:
        text = legs(leg(Above(price(72_000))), side=Side.BUY, order=OrderSpec(OrderType.LIMIT, Decimal(72_000)), unfilled=REPRICE)
        rig = resting(text, 72_000)
        quote(rig, 73_000, 73_100)
        rig.later(31)
        ended(rig, rig.places[0])
        assert rig.places[1].price == 72_200

    def test_a_fill_that_overtakes_the_cancel_ends_it(self) -> None:
        rig = resting()
        quote(rig, 67_000, 67_100)
        rig.later(31)
        ended(rig, rig.places[0], fill(1, 10), status=OrderStatus.FILLED)
        assert (len(rig.places), rig.state("r")) == (1, "done")

    def test_a_person_who_cancels_beats_it(self) -> None:
        rig = resting()
        quote(rig, 67_000, 67_100)
        rig.later(31)
        rig.do(Cancel(rig.record("r").rule.id))
        ended(rig, rig.places[0])
        assert (len(rig.places), rig.state("r")) == (1, "failed")


class TestOtherActions:
    @pytest.mark.parametrize(("action", "following"), [(UnfilledAction.MARKET, [("2", "market", None, 10)]), (UnfilledAction.CANCEL, [])])
    def test_market_and_cancel(self, action: UnfilledAction, following: list[Any]) -> None:
        rig = resting(legs(leg(Stop(price(68_000))), order=AT_68, unfilled=Unfilled(30 * SECOND, action)))
        rig.later(31)
        ended(rig, rig.places[0])
        assert sent(rig)[1:] == following
        if action is UnfilledAction.CANCEL:
            assert (rig.state("r"), rig.reason("r")) == ("failed", "failed.unfilled")

    def test_keep_says_so_once(self) -> None:
        rig = resting(legs(leg(Stop(price(68_000))), order=AT_68, unfilled=Unfilled(30 * SECOND)))
        for _ in range(5):
            rig.later(31)
        assert rig.alert_codes().count("unfilled.kept") == 1
        assert not rig.withdrawals


class TestDefaults:
    def test_a_stop_loss_escalates(self) -> None:
        rig = resting(legs(leg(Stop(price(68_000)), limit_offset=Amount(Decimal(0)))))
        quote(rig, 67_000, 67_100)
        for _ in range(4):
            rig.later(61)
            if rig.withdrawals and rig.withdrawals[-1].intent == rig.places[-1].intent:
                ended(rig, rig.places[-1])
                rig.accept()
                quote(rig, (rig.places[-1].price or Decimal(67_000)) - 500, rig.places[-1].price or Decimal(67_000))
        assert [kind for _, kind, _, _ in sent(rig)] == ["limit", "limit", "limit", "limit", "market"]

    @pytest.mark.parametrize("text", [legs(leg(Target(price(69_000))), order=OrderSpec(OrderType.LIMIT, Decimal(75_000)))])
    def test_a_target_stays_and_says_so(self, text: Rule) -> None:
        rig = Rig()
        rig.add(text)
        rig.prints("68000 69000")
        rig.accept()
        rig.later(61)
        assert (rig.alert_codes()[-1], len(rig.withdrawals)) == ("unfilled.kept", 0)

    @pytest.mark.parametrize("order", [OrderSpec(), OrderSpec(OrderType.LIMIT, Decimal(67_000), TimeInForce.IOC)])
    def test_market_orders_and_ioc_are_not_chased(self, order: OrderSpec) -> None:
        rig = resting(legs(leg(Stop(price(68_000))), order=order))
        rig.later(600)
        assert not rig.withdrawals


class TestCancelsThatGoWrong:
    @pytest.mark.parametrize("kind", [OutcomeKind.REFUSED, OutcomeKind.UNKNOWN, OutcomeKind.NOT_SENT])
    def test_a_cancel_without_an_end_is_repeated_and_nothing_follows(self, kind: OutcomeKind) -> None:
        rig = resting()
        quote(rig, 67_000, 67_100)
        rig.later(31)
        rig.tell(Withdrawn(rig.places[0].intent, kind, "for a test"))
        rig.later(6)
        assert len(rig.withdrawals) == 2
        for _ in range(12):
            rig.later(6)
        assert rig.alert_codes().count("unfilled.stuck") == 1
        assert len(rig.places) == 1
        ended(rig, rig.places[0])
        assert len(rig.places) == 2

    @pytest.mark.parametrize("confirmed", [False, True])
    def test_a_crash_between_asking_and_the_end(self, confirmed: bool) -> None:
        rig = resting()
        quote(rig, 67_000, 67_100)
        rig.later(31)
        rig.crash()
        status = OrderStatus.CANCELLED if confirmed else OrderStatus.WORKING
        rig.recover(MAIN, ordered(rig.places[0], status))
        assert len(rig.withdrawals) == (1 if confirmed else 2)
        if not confirmed:
            ended(rig, rig.places[0])
        assert len(rig.places) == 2
        assert rig.places[1].client_id != rig.places[0].client_id

    def test_an_order_that_expires_while_it_is_asked_back_is_unfilled_at_the_close(self) -> None:
        rig = resting()
        quote(rig, 67_000, 67_100)
        rig.later(31)
        ended(rig, rig.places[0], fill(1, 4), status=OrderStatus.EXPIRED)
        assert (len(rig.places), rig.reason("r")) == (1, "failed.unfilled_at_close")


class TestTheClose:
    def test_the_rest_is_told(self) -> None:
        rig = resting()
        ended(rig, rig.places[0], fill(1, 4), status=OrderStatus.EXPIRED)
        note = rig.leg("r").reason
        assert note is not None
        assert (note.code, note.params["rest"]) == ("failed.unfilled_at_close", "6")

    def test_rearm_next_session_watches_the_rest_as_a_new_generation(self) -> None:
        rig = resting(legs(leg(Stop(price(68_000))), leg(Target(price(80_000))), order=AT_68, rearm_next_session=True))
        ended(rig, rig.places[0], fill(1, 4), status=OrderStatus.EXPIRED)
        assert (rig.state("r", "stop"), rig.leg("r", "stop").generation, rig.record("r").left) == ("waiting", 2, 6)
        rig.crash()
        rig.recover(says=statement(96))
        rig.tick(69_000)
        rig.tick(67_500)
        assert (rig.places[-1].intent, rig.places[-1].quantity) == ("r/stop/2/1", 6)

    def test_nights_and_halts_do_not_count(self) -> None:
        day = Day("15:19:30")
        day.add(legs(leg(Stop(price(68_000))), order=AT_68, unfilled=Unfilled(60 * SECOND)))
        day.at("15:19:40", 70_000)
        day.at("15:19:50", 68_000)
        day.accept()
        day.clock("15:29:00")
        day.later(0)
        assert "unfilled.kept" not in day.alert_codes()  # ten seconds of trading, then the closing call
        halted = Day("10:00:00")
        halted.add(legs(leg(Stop(price(68_000))), order=AT_68, unfilled=Unfilled(60 * SECOND)))
        halted.at("10:00:01", 70_000)
        halted.at("10:00:02", 68_000)
        halted.accept()
        halted.trading(TradingState.HALT)
        halted.later(120)
        assert "unfilled.kept" not in halted.alert_codes()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["wait", "wait", "answer", "part", "fill", "cancelled", "expired", "lost cancel", "crash", "drop", "print"]),
        st.integers(1, 4),
    ),
    max_size=30,
)
POLICIES = st.sampled_from(
    [None, REPRICE, Unfilled(30 * SECOND, UnfilledAction.MARKET), Unfilled(30 * SECOND, UnfilledAction.CANCEL), Unfilled(30 * SECOND)]
)


class Broker:
    """What the account truly has: shares, and each order with what it filled and whether it lives."""

    def __init__(self, policy: Unfilled | None) -> None:
        self.rig = Rig(says=statement(10))
        self.rig.add(legs(leg(Stop(price(68_000))), order=AT_68, unfilled=policy))
        self.rig.prints("70000 68000")
        self.filled: dict[str, list[Any]] = {}
        self.status: dict[str, OrderStatus] = {}
        self.seen = 0
        self.fills = 0
        self.wrongs: list[str] = []
        self.take()

    def take(self) -> None:
        for request in self.rig.places[self.seen :]:
            alive = [client for client, status in self.status.items() if status in (OrderStatus.WORKING, OrderStatus.PARTIAL)]
            if alive:
                self.wrongs.append(f"{request.client_id} while {alive} live")
            if request.quantity > 10 - self.sold:
                self.wrongs.append(f"{request.quantity} of {10 - self.sold}")
            self.filled[request.client_id], self.status[request.client_id] = [], OrderStatus.WORKING
        self.seen = len(self.rig.places)

    @property
    def sold(self) -> Decimal:
        return sum((one.quantity for fills in self.filled.values() for one in fills), Decimal(0))

    def order(self, request: OrderRequest) -> Any:
        return ordered(request, self.status[request.client_id], *self.filled[request.client_id])

    def step(self, what: str, value: int) -> None:
        request = self.rig.places[-1]
        name = request.client_id
        lives = self.status[name] in (OrderStatus.WORKING, OrderStatus.PARTIAL)
        match what:
            case "wait":
                self.rig.later(20 * value)
            case "print":
                self.rig.tick(68_000 - 300 * value)
            case "answer":
                self.rig.accept(request)
            case "lost cancel" if self.rig.withdrawals:
                self.rig.tell(Withdrawn(self.rig.withdrawals[-1].intent, OutcomeKind.UNKNOWN))
            case "drop":
                self.rig.do(Cancel(self.rig.record("r").rule.id))
            case "crash":
                self.rig.crash()
                self.rig.recover(MAIN, *(self.order(one) for one in self.rig.places), says=statement(10 - self.sold))
            case "part" | "fill" if lives:
                rest = request.quantity - sum(one.quantity for one in self.filled[name])
                quantity = rest if what == "fill" else min(rest, Decimal(value))
                self.fills += 1
                self.filled[name].append(fill(self.fills, quantity))
                self.status[name] = OrderStatus.FILLED if quantity == rest else OrderStatus.PARTIAL
                self.rig.report(self.order(request), says=statement(10 - self.sold))
            case "cancelled" | "expired" if lives:
                self.status[name] = OrderStatus(what)
                self.rig.report(self.order(request), says=statement(10 - self.sold))
        self.take()


def wrongs_of(policy: Unfilled | None, steps: list[tuple[str, int]]) -> list[str]:
    """Play a story; return every second live order, every share sold twice, and what would wait for ever."""
    broker = Broker(policy)
    for what, value in steps:
        broker.step(what, value)
    open_now = broker.rig.engine.book.open()
    stranded = [i.id for i in open_now if i.next is not Next.NOTHING and not i.asked and i.order_id is not None]
    state = broker.rig.state("r")
    if state == "fired" and not open_now:
        broker.wrongs.append("fired, and no order is open")
    assert all(i.status not in INTENT_ENDS for i in open_now)
    return broker.wrongs + stranded


@settings(max_examples=150, deadline=None)
@given(POLICIES, STEPS)
def test_one_order_lives_and_nothing_is_stranded(policy: Unfilled | None, steps: list[tuple[str, int]]) -> None:
    assert wrongs_of(policy, steps) == []


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(POLICIES, STEPS)
def test_one_order_lives_and_nothing_is_stranded_in_thousands_of_stories(policy: Unfilled | None, steps: list[tuple[str, int]]) -> None:
    assert wrongs_of(policy, steps) == []


def test_the_check_catches_an_order_that_follows_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the next order is sent when the old one is asked back, not when its end is confirmed."""
    steps = [("answer", 1), ("print", 1), ("wait", 2), ("wait", 2)]
    assert wrongs_of(REPRICE, steps) == []

    def impatient(turn: Turn, intent: IntentRecord, following: Next, note: Note) -> None:
        follow(world(), turn, intent, intent.quantity, Terms(OrderType.MARKET, TimeInForce.DAY, None), note, at_once=True)
        dispatch(world(), turn, intent.account)

    monkeypatch.setattr(unfilled, "ask_back", impatient)
    monkeypatch.setattr("autotrader.engine.firing.shares_to_send", lambda *_: Decimal(10))
    assert wrongs_of(REPRICE, steps)


def test_a_rule_without_an_order_at_a_price_has_no_policy() -> None:
    rig = resting(rule("r", Stop(price(68_000))))
    kept = rig.intent("r")
    assert unfilled.policy_of(rig.record("r").rule, rig.record("r").rule.legs[0], kept) is None
