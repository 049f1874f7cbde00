"""A paper account at a simulated exchange: one order a client id, in the file before it leaves, and the file is the truth."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from broker_contract import BITCOIN, BUY, SAMSUNG, SELL, BrokerContract, attempt, kept, placed, samsung, settings, told, won
from fakes import FakeClock
from msgspec.structs import replace
from paper_exchange import LOST_AFTER, LOST_BEFORE, NOON, UNREACHABLE, FakeExchange

from autotrader.brokers.paper import venue
from autotrader.brokers.paper.client import PaperBroker
from autotrader.brokers.paper.file import PaperFile
from autotrader.brokers.paper.records import Changes, Stage, opening
from autotrader.config.markets import load_markets
from autotrader.domain.order import OrderId, OrderStatus, OutcomeKind
from autotrader.domain.rule import OrderType, TimeInForce
from autotrader.domain.tick import InstrumentId, Tick
from autotrader.errors import BrokerUnreachable
from autotrader.ports import VenueAnswer, VenueEvent


class WatchedFile(PaperFile):
    """A file that remembers in which stage each order was written, in order."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.stages: list[tuple[str, Stage]] = []

    def write(self, changes: Changes) -> None:
        super().write(changes)
        self.stages += [(row.order.order_id, row.stage) for row in changes.orders]


@dataclass
class ExchangeStage:
    broker: PaperBroker
    state: Path
    exchange: FakeExchange = field(default_factory=FakeExchange)
    sell_tax: Decimal = Decimal("0.20")

    async def trade(self, order: OrderId, instrument: InstrumentId, price: str, quantity: str) -> None:
        await self.exchange.heard()
        self.exchange.fill(order, price, quantity)
        await self.exchange.heard()

    async def reopen(self) -> None:
        await self.broker.close()
        self.exchange.begin_day()
        self.broker = made(self.state, self.exchange)
        await self.broker.start()
        await asyncio.sleep(0)
        await self.exchange.heard()


def made(state: Path, exchange: FakeExchange, file: PaperFile | None = None) -> PaperBroker:
    return PaperBroker(settings(), file or PaperFile(state / "paper-main.sqlite3"), load_markets(), FakeClock(NOON), [exchange])


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[ExchangeStage]:
    exchange = FakeExchange()
    broker = made(tmp_path, exchange)
    await broker.start()
    staged = ExchangeStage(broker, tmp_path, exchange)
    yield staged
    await staged.broker.close()


class TestPaperAtAnExchange(BrokerContract):
    """All of the contract."""


async def test_an_order_is_in_the_file_before_the_exchange_has_it(tmp_path: Path) -> None:
    exchange, file = FakeExchange(), WatchedFile(tmp_path / "paper-main.sqlite3")
    exchange.gate.clear()
    broker = made(tmp_path, exchange, file)
    await broker.start()
    placing = asyncio.ensure_future(broker.place(attempt()))
    await exchange.arrived.wait()
    assert file.stages == [(exchange.entered[0].id, Stage.ENTERING)]
    exchange.gate.set()
    assert (await placing).kind is OutcomeKind.ACCEPTED
    assert file.stages[-1] == (exchange.entered[0].id, Stage.ENTERED)
    await broker.close()


async def test_the_order_goes_out_as_it_was_asked(stage: ExchangeStage) -> None:
    asked = replace(attempt(limit="70000"), type=OrderType.STOP_LIMIT, stop=Decimal(69000), tif=TimeInForce.DAY, venue="NXT")
    order_id = await placed(stage.broker, asked)
    (order,) = stage.exchange.entered
    assert (order.id, order.type, order.price, order.stop, order.venue) == (order_id, OrderType.STOP_LIMIT, 70000, 69000, "NXT")
    assert (await kept(stage.broker, order_id)).venue == "NXT"


async def test_prints_do_not_fill_what_is_at_an_exchange(stage: ExchangeStage) -> None:
    order_id = await placed(stage.broker, attempt())
    stage.broker.show(Tick(SAMSUNG, Decimal(69000), Decimal(100), NOON))
    assert (await kept(stage.broker, order_id)).filled == 0


async def test_an_instrument_that_the_exchange_does_not_serve_fills_from_prints(tmp_path: Path) -> None:
    exchange = FakeExchange("KRX:*")
    broker = made(tmp_path, exchange)
    await broker.start()
    order_id = await placed(broker, attempt(quantity="0.01", limit="50000", instrument=BITCOIN))
    broker.show(Tick(BITCOIN, Decimal(50000), Decimal(1), NOON))
    assert (await kept(broker, order_id)).status is OrderStatus.FILLED
    assert exchange.entered == []
    await broker.close()


@pytest.mark.parametrize("inadmissible", [False, True])
async def test_a_refusal_is_passed_on_with_its_reason_and_answers_the_id_for_ever(stage: ExchangeStage, inadmissible: bool) -> None:
    stage.exchange.refusals = [VenueAnswer(False, "exchange.not_now: no", inadmissible)]
    first = await stage.broker.place(attempt())
    assert (first.kind, first.detail, first.inadmissible) == (OutcomeKind.REFUSED, "exchange.not_now: no", inadmissible)
    assert (await stage.broker.ledger(), await stage.broker.find("r-stop-1-1")) == ((), None)
    await stage.reopen()
    assert await stage.broker.place(attempt()) == first
    assert won(await stage.broker.statement()).free == 10_000_000


async def test_an_exchange_that_is_not_reached_leaves_no_order_and_the_id_free(stage: ExchangeStage) -> None:
    stage.exchange.faults = [UNREACHABLE]
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.NOT_SENT
    assert (await stage.broker.ledger(), await stage.broker.find("r-stop-1-1")) == ((), None)
    assert won(await stage.broker.statement()).free == 10_000_000
    order_id = await placed(stage.broker, attempt())
    assert [order.order_id for order in await stage.broker.ledger()] == [order_id] == [order.id for order in stage.exchange.entered]


@pytest.mark.parametrize("fault", [LOST_BEFORE, LOST_AFTER])
async def test_after_a_lost_answer_the_ledger_tells_the_truth_and_there_is_one_order(stage: ExchangeStage, fault: str) -> None:
    stage.exchange.faults = [fault]
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.UNKNOWN
    (order,) = await stage.broker.ledger()
    assert [entered.id for entered in stage.exchange.entered] == [order.order_id]
    assert (await stage.broker.place(attempt())).order_id == order.order_id
    assert len(stage.exchange.entered) == 1


async def test_after_a_lost_refusal_there_is_no_order(stage: ExchangeStage) -> None:
    stage.exchange.faults = [LOST_AFTER]
    stage.exchange.refusals = [VenueAnswer(False, "exchange.not_now: no")]
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.UNKNOWN
    assert await stage.broker.ledger() == ()
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.REFUSED


async def test_an_account_does_not_answer_for_what_it_does_not_know(stage: ExchangeStage) -> None:
    stage.exchange.faults = [LOST_AFTER, UNREACHABLE, LOST_BEFORE]
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.UNKNOWN
    for reading in (stage.broker.ledger, lambda: stage.broker.find("r-stop-1-1")):
        with pytest.raises(BrokerUnreachable, match="does not answer"):
            await reading()
    assert len(await stage.broker.ledger()) == 1


async def test_trying_again_an_unknown_order_does_not_prove_that_it_never_arrived(stage: ExchangeStage) -> None:
    stage.exchange.faults = [LOST_AFTER, UNREACHABLE]
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.UNKNOWN
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.UNKNOWN
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.ACCEPTED
    assert len(stage.exchange.entered) == 1


async def test_a_caller_that_goes_away_does_not_take_the_order_back(stage: ExchangeStage) -> None:
    stage.exchange.gate.clear()
    placing = asyncio.ensure_future(stage.broker.place(attempt()))
    await stage.exchange.arrived.wait()
    placing.cancel()
    stage.exchange.gate.set()
    (order,) = await stage.broker.ledger()
    assert (await stage.broker.place(attempt())).order_id == order.order_id


async def test_a_fill_before_the_acceptance_ends_in_the_same_state(stage: ExchangeStage) -> None:
    stage.exchange.gate.clear()
    reports = stage.broker.reports()
    placing = asyncio.ensure_future(stage.broker.place(attempt()))
    await stage.exchange.arrived.wait()
    stage.exchange.fill(stage.exchange.entered[0].id, "70000", "4")
    await stage.exchange.heard()
    stage.exchange.gate.set()
    order_id = OrderId((await placing).order_id)
    report = await told(reports, order_id, "4")
    assert (report.order.status, await kept(stage.broker, order_id)) == (OrderStatus.PARTIAL, report.order)
    assert won(await stage.broker.statement()).total == 10_000_000 - 280_000 - 42


async def test_a_fill_after_the_cancel_is_applied(stage: ExchangeStage) -> None:
    order_id = await placed(stage.broker, attempt())
    assert (await stage.broker.withdraw("w", order_id)).kind is OutcomeKind.ACCEPTED
    stage.exchange.say(VenueEvent(order_id, "filled", NOON, Decimal(70000), Decimal(4)))
    await stage.exchange.heard()
    order = await kept(stage.broker, order_id)
    assert (order.status, order.filled) == (OrderStatus.CANCELLED, 4)
    stage.exchange.say(VenueEvent(order_id, "filled", NOON, Decimal(70000), Decimal(9)))  # more than was ordered
    await stage.exchange.heard()
    order = await kept(stage.broker, order_id)
    assert (order.status, order.filled) == (OrderStatus.FILLED, 10)


async def test_a_fill_of_an_order_that_nobody_knows_changes_nothing(stage: ExchangeStage) -> None:
    before = await stage.broker.statement()
    stage.exchange.say(VenueEvent("somebody-else", "filled", NOON, Decimal(70000), Decimal(4)))
    stage.exchange.say(VenueEvent("somebody-else", "ended", NOON))
    await stage.exchange.heard()
    assert (await stage.broker.statement(), await stage.broker.ledger()) == (before, ())


async def test_what_the_exchange_ends_is_over_with_its_reason(stage: ExchangeStage) -> None:
    order_id = await placed(stage.broker, attempt())
    stage.exchange.say(VenueEvent(order_id, "ended", NOON, reason="exchange.day_over: the day is over"))
    await stage.exchange.heard()
    order = await kept(stage.broker, order_id)
    assert (order.status, order.reason) == (OrderStatus.CANCELLED, "exchange.day_over: the day is over")
    assert won(await stage.broker.statement()).free == 10_000_000


async def test_a_new_day_gets_the_rest_of_what_worked_in_its_order(stage: ExchangeStage) -> None:
    first = await placed(stage.broker, attempt("a/below/1/1"))
    second = await placed(stage.broker, attempt("b/stop/1/1", SELL, "5", "80000"))
    over = await placed(stage.broker, attempt("c/below/1/1", quantity="1"))
    await stage.trade(first, SAMSUNG, "70000", "4")
    await stage.trade(over, SAMSUNG, "70000", "1")
    stage.exchange.begin_day()
    await stage.exchange.heard()
    assert [(order.id, order.quantity) for order in stage.exchange.entered] == [(first, 6), (second, 5)]
    await stage.trade(first, SAMSUNG, "70000", "6")
    assert (await kept(stage.broker, first)).status is OrderStatus.FILLED


async def test_what_a_new_day_does_not_take_ends_with_its_reason(stage: ExchangeStage) -> None:
    order_id = await placed(stage.broker, attempt())
    await stage.trade(order_id, SAMSUNG, "70000", "4")
    stage.exchange.refusals = [VenueAnswer(False, "exchange.limits: outside the limits")]
    stage.exchange.begin_day()
    await stage.exchange.heard()
    order = await kept(stage.broker, order_id)
    assert (order.status, order.filled) == (OrderStatus.CANCELLED, 4)
    assert order.reason.startswith("paper.exchange_refused") and "outside the limits" in order.reason


async def test_a_new_day_that_breaks_off_is_gone_on_with_at_the_next_reading(stage: ExchangeStage) -> None:
    orders = [await placed(stage.broker, attempt(f"{name}/below/1/1", quantity="1")) for name in "ab"]
    stage.exchange.faults = [LOST_BEFORE]
    stage.exchange.begin_day()
    await stage.exchange.heard()
    assert stage.exchange.entered == []
    await stage.broker.ledger()
    assert [order.id for order in stage.exchange.entered] == orders


async def test_a_new_day_forgets_what_was_never_answered_and_ends_what_was_being_cancelled(stage: ExchangeStage) -> None:
    leaving = await placed(stage.broker, attempt("a/below/1/1"))
    stage.exchange.faults = [LOST_BEFORE, LOST_BEFORE]
    assert (await stage.broker.place(attempt("b/below/1/1"))).kind is OutcomeKind.UNKNOWN
    assert (await stage.broker.withdraw("w", leaving)).kind is OutcomeKind.UNKNOWN
    stage.exchange.begin_day()
    await stage.exchange.heard()
    assert stage.exchange.entered == []
    assert [(order.order_id, order.status) for order in await stage.broker.ledger()] == [(leaving, OrderStatus.CANCELLED)]
    assert won(await stage.broker.statement()).free == 10_000_000


async def test_a_cancel_that_is_not_sent_or_refused_leaves_the_order_working(stage: ExchangeStage) -> None:
    order_id = await placed(stage.broker, attempt())
    stage.exchange.faults = [UNREACHABLE]
    assert (await stage.broker.withdraw("w", order_id)).kind is OutcomeKind.NOT_SENT
    del stage.exchange.open[order_id]
    assert (await stage.broker.withdraw("w", order_id)).kind is OutcomeKind.REFUSED
    assert (await kept(stage.broker, order_id)).status is OrderStatus.WORKING


async def test_a_cancel_whose_end_is_not_told_ends_the_order_all_the_same(stage: ExchangeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue, "ENDS_WITHIN", 0.01)
    order_id = await placed(stage.broker, attempt())
    stage.exchange.quiet = True
    assert (await stage.broker.withdraw("w", order_id)).kind is OutcomeKind.ACCEPTED
    assert (await kept(stage.broker, order_id)).status is OrderStatus.CANCELLED


async def test_an_exchange_that_hangs_is_an_unknown_outcome(stage: ExchangeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue, "ANSWERS_WITHIN", 0.01)
    stage.exchange.gate.clear()
    assert (await stage.broker.place(attempt())).kind is OutcomeKind.UNKNOWN


async def test_a_market_buy_takes_what_the_cash_pays_for_and_the_rest_is_cancelled_there(stage: ExchangeStage) -> None:
    order_id = await placed(stage.broker, attempt(quantity="200", limit=None))
    await stage.trade(order_id, SAMSUNG, "70000", "150")
    order = await kept(stage.broker, order_id)
    assert (order.status, order.filled) == (OrderStatus.CANCELLED, 142)
    assert order.reason.startswith("paper.cash_ran_out")
    assert stage.exchange.open == {}
    assert won(await stage.broker.statement()).total == 10_000_000 - 9_940_000 - 1491


async def test_a_sell_never_books_more_than_is_held(stage: ExchangeStage) -> None:
    first = await placed(stage.broker, attempt("a/stop/1/1", SELL, "100"))
    assert (await stage.broker.withdraw("w", first)).kind is OutcomeKind.ACCEPTED
    second = await placed(stage.broker, attempt("b/stop/1/1", SELL, "100"))
    await stage.trade(second, SAMSUNG, "70000", "100")
    stage.exchange.say(VenueEvent(first, "filled", NOON, Decimal(70000), Decimal(100)))
    await stage.exchange.heard()
    assert samsung(await stage.broker.statement()) is None
    assert (await kept(stage.broker, first)).filled == 0


async def test_two_accounts_at_one_exchange_know_their_orders(stage: ExchangeStage) -> None:
    file = PaperFile(stage.state / "paper-other.sqlite3")
    other = PaperBroker(replace(settings(), name="other"), file, load_markets(), FakeClock(NOON), [stage.exchange])
    await other.start()
    order_id = await placed(stage.broker, attempt())
    await stage.trade(order_id, SAMSUNG, "70000", "10")
    assert await other.ledger() == ()
    assert (await kept(stage.broker, order_id)).status is OrderStatus.FILLED
    await other.close()


async def test_a_kill_between_entering_and_answer_leaves_no_order_and_no_reserve(stage: ExchangeStage) -> None:
    stage.exchange.gate.clear()
    placing = asyncio.ensure_future(stage.broker.place(attempt()))
    await stage.exchange.arrived.wait()
    left = PaperFile(stage.state / "copy.sqlite3")
    left.path.write_bytes((stage.state / "paper-main.sqlite3").read_bytes())
    wal = stage.state / "paper-main.sqlite3-wal"
    (stage.state / "copy.sqlite3-wal").write_bytes(wal.read_bytes())
    assert [row.stage for row in left.open(opening(settings())).orders] == [Stage.ENTERING]
    left.close()
    again = made(stage.state, FakeExchange(), left)
    await again.start()
    assert (await again.ledger(), await again.find("r-stop-1-1")) == ((), None)
    assert won(await again.statement()).free == 10_000_000
    await again.close()
    stage.exchange.gate.set()
    await placing


async def test_no_exchange_any_more_leaves_orders_to_be_withdrawn(stage: ExchangeStage) -> None:
    order_id = await placed(stage.broker, attempt(side=BUY))
    stage.exchange.patterns = ()
    assert (await stage.broker.withdraw("w", order_id)).kind is OutcomeKind.ACCEPTED
    assert (await kept(stage.broker, order_id)).status is OrderStatus.CANCELLED
