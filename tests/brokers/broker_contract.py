"""What every broker owes the outbox, written once. A broker's test inherits it and supplies a `stage`.

The checks that a planted fault must trip are functions of their own, so that a test can show that they do.
"""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Protocol

import pytest

from autotrader.domain.order import Balance, BrokerOrder, Holding, IntentId, OrderId, OrderRequest, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import AccountName, OrderType, Side
from autotrader.domain.settings import AccountSettings, OpeningPosition
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import Report
from autotrader.ports import Broker, ClientIds

SAMSUNG = InstrumentId("KRX:005930")
BITCOIN = InstrumentId("BINANCE:BTCUSDT")
BUY, SELL = Side.BUY, Side.SELL
PATIENCE = 5.0


def settings(url: str = "") -> AccountSettings:
    """Return the account that every stage opens with."""
    return AccountSettings(
        name=AccountName("main"),
        broker="loopback" if url else "paper",
        cash={"KRW": Decimal(10_000_000), "USDT": Decimal(100_000)},
        positions={SAMSUNG: OpeningPosition(Decimal(100), Decimal(70_000))},
        url=url,
        fee=Decimal("0.015"),
    )


class Stage(Protocol):
    """A broker with its world: trades can be made to happen, and it can be closed and opened again."""

    broker: Broker
    sell_tax: Decimal
    """Percent taken from sells besides the commission of 0.015 %."""

    async def trade(self, order: OrderId, instrument: InstrumentId, price: str, quantity: str) -> None:
        """Make so much of a working order fill at a price."""

    async def reopen(self) -> None:
        """Close the broker and open the account again."""


def attempt(
    intent: str = "r/stop/1/1",
    side: Side = BUY,
    quantity: str = "10",
    limit: str | None = "70000",
    instrument: InstrumentId = SAMSUNG,
) -> OrderRequest:
    """Return an order as the outbox would hand it over."""
    price = None if limit is None else Decimal(limit)
    kind = OrderType.MARKET if limit is None else OrderType.LIMIT
    client_id = intent.replace("/", "-")
    return OrderRequest(IntentId(intent), 1, client_id, AccountName("main"), instrument, side, kind, Decimal(quantity), price)


async def placed(broker: Broker, request: OrderRequest) -> OrderId:
    """Place an order that must be accepted, and return its number."""
    outcome = await broker.place(request)
    assert outcome.kind is OutcomeKind.ACCEPTED, outcome.detail
    assert (outcome.intent, outcome.attempt) == (request.intent, request.attempt)
    return OrderId(outcome.order_id)


async def kept(broker: Broker, order_id: OrderId) -> BrokerOrder:
    """Return the one order of the ledger with this number."""
    (order,) = [order for order in await broker.ledger() if order.order_id == order_id]
    return order


async def told(reports: AsyncIterator[Report], order_id: OrderId, filled: str) -> Report:
    """Read reports until one tells of so much filled."""
    async with asyncio.timeout(PATIENCE):
        async for report in reports:
            if report.order.order_id == order_id and report.order.filled == Decimal(filled):
                return report
    raise AssertionError(f"no report tells of {filled} filled")


def won(statement: Statement) -> Balance:
    """Return the won of a statement."""
    return next(balance for balance in statement.balances if balance.currency == "KRW")


def samsung(statement: Statement) -> Holding | None:
    """Return the Samsung of a statement."""
    return next((holding for holding in statement.holdings if holding.instrument == SAMSUNG), None)


async def check_an_id_placed_twice_is_one_order(broker: Broker) -> None:
    """Fail unless the second placing of an id gets the first answer and makes nothing."""
    first = await broker.place(attempt("i/stop/1/1"))
    assert await broker.place(attempt("i/stop/1/1")) == first
    assert len(await broker.ledger()) == 1


async def check_statement_adds_up(stage: Stage) -> None:
    """Fail unless quantity, cost, cash and fees are exact after a buy and a sell."""
    bought = await placed(stage.broker, attempt("b/above/1/1", BUY, "3", "71300"))
    await stage.trade(bought, SAMSUNG, "71300", "3")
    sold = await placed(stage.broker, attempt("s/stop/1/1", SELL, "53", "71500"))
    await stage.trade(sold, SAMSUNG, "71500", "53")
    statement = await stage.broker.statement()
    buy_fee = 32  # 0.015 % of 213,900 is 32.085
    sell_fee = 568 + int(Decimal(3_789_500) * stage.sell_tax / 100)  # 0.015 % of 3,789,500 is 568.425
    assert [sum(e.fee for e in (await kept(stage.broker, number)).executions) for number in (bought, sold)] == [buy_fee, sell_fee]
    cash = Decimal(10_000_000 - 213_900 - buy_fee + 3_789_500 - sell_fee)
    assert won(statement) == Balance("KRW", cash, cash)
    cost = (Decimal(7_213_900) * 50 / 103).quantize(Decimal("0.000000000001"))
    assert samsung(statement) == Holding(SAMSUNG, Decimal(50), Decimal(50), cost)


class BrokerContract:
    """Subclass it and supply `stage`."""

    async def test_an_accepted_order_is_in_the_ledger_with_all_that_was_asked(self, stage: Stage) -> None:
        for request in (
            attempt("a/stop/1/1", SELL, "10", "80000"),
            attempt("b/below/1/1", BUY, "0.01", "50000.01", BITCOIN),
            attempt("c/above/1/1", BUY, "1", None),
        ):
            order = await kept(stage.broker, await placed(stage.broker, request))
            asked = (request.instrument, request.side, request.type, request.quantity, request.price)
            assert (order.instrument, order.side, order.type, order.quantity, order.price) == asked
            assert (order.status, order.filled, order.executions) == (OrderStatus.WORKING, 0, ())
            if stage.broker.capabilities.client_ids is not ClientIds.NONE:
                assert order.client_id == request.client_id

    @pytest.mark.parametrize(
        "request_",
        [
            pytest.param(attempt(side=SELL, quantity="101"), id="more than can be sold"),
            pytest.param(attempt(quantity="143"), id="more than the cash pays for"),
            pytest.param(attempt(quantity="0.5"), id="half a share"),
            pytest.param(attempt(limit="0"), id="a price of nothing"),
            pytest.param(attempt(instrument=InstrumentId("MARS:X")), id="an instrument that nobody knows"),
            pytest.param(attempt(instrument=InstrumentId("US:AAPL"), limit="100"), id="a currency that is not held"),
        ],
    )
    async def test_a_refused_order_does_not_exist_and_holds_nothing(self, stage: Stage, request_: OrderRequest) -> None:
        before = await stage.broker.statement()
        outcome = await stage.broker.place(request_)
        assert (outcome.kind, outcome.order_id) == (OutcomeKind.REFUSED, "")
        assert outcome.detail
        assert await stage.broker.ledger() == ()
        assert await stage.broker.statement() == before

    async def test_an_id_placed_twice_is_one_order(self, stage: Stage) -> None:
        if stage.broker.capabilities.client_ids is not ClientIds.FOREVER:
            pytest.skip("this broker has no lasting ids")
        await check_an_id_placed_twice_is_one_order(stage.broker)

    async def test_an_order_is_found_by_its_client_id(self, stage: Stage) -> None:
        if stage.broker.capabilities.client_ids is ClientIds.NONE:
            pytest.skip("this broker keeps no ids")
        order_id = await placed(stage.broker, attempt("i/stop/1/1"))
        assert await stage.broker.find("i-stop-1-1") == await kept(stage.broker, order_id)

    async def test_an_intent_never_placed_is_not_found(self, stage: Stage) -> None:
        assert await stage.broker.find("i-2") is None

    async def test_open_orders_reserve_shares_and_cash(self, stage: Stage) -> None:
        await placed(stage.broker, attempt("s/target/1/1", SELL, "60", "80000"))
        await placed(stage.broker, attempt("b/below/1/1", BUY, "100", "60000"))
        statement = await stage.broker.statement()
        assert samsung(statement) == Holding(SAMSUNG, Decimal(100), Decimal(40), Decimal(7_000_000))
        assert won(statement) == Balance("KRW", Decimal(10_000_000), Decimal(10_000_000 - 6_000_000 - 900))

    async def test_withdrawing_a_working_order_ends_it_cancelled(self, stage: Stage) -> None:
        reports = stage.broker.reports()
        order_id = await placed(stage.broker, attempt())
        await stage.trade(order_id, SAMSUNG, "70000", "4")
        await told(reports, order_id, "4")
        withdrawn = await stage.broker.withdraw("r/stop/1/2", order_id)
        assert (withdrawn.intent, withdrawn.kind) == ("r/stop/1/2", OutcomeKind.ACCEPTED)
        order = await kept(stage.broker, order_id)
        assert (order.status, order.filled) == (OrderStatus.CANCELLED, 4)
        balance = won(await stage.broker.statement())
        assert balance.total == balance.free == 10_000_000 - 280_000 - 42

    async def test_a_filled_order_cannot_be_withdrawn_and_stays_as_it_is(self, stage: Stage) -> None:
        order_id = await placed(stage.broker, attempt())
        await stage.trade(order_id, SAMSUNG, "70000", "10")
        before = await kept(stage.broker, order_id), await stage.broker.statement()
        assert (await stage.broker.withdraw("r/stop/1/2", order_id)).kind is OutcomeKind.REFUSED
        assert (await kept(stage.broker, order_id), await stage.broker.statement()) == before
        assert before[0].status is OrderStatus.FILLED

    async def test_withdrawing_an_order_that_never_was_is_refused(self, stage: Stage) -> None:
        assert (await stage.broker.withdraw("r/stop/1/2", OrderId("nobody"))).kind is OutcomeKind.REFUSED

    async def test_the_statement_adds_up_after_fills(self, stage: Stage) -> None:
        await check_statement_adds_up(stage)

    async def test_a_closed_holding_is_no_longer_listed(self, stage: Stage) -> None:
        order_id = await placed(stage.broker, attempt(side=SELL, quantity="100"))
        await stage.trade(order_id, SAMSUNG, "70000", "100")
        assert samsung(await stage.broker.statement()) is None

    async def test_reports_carry_each_execution_once_and_grow(self, stage: Stage) -> None:
        reports = stage.broker.reports()
        order_id = await placed(stage.broker, attempt())
        await stage.trade(order_id, SAMSUNG, "70000", "4")
        first = await told(reports, order_id, "4")
        await stage.trade(order_id, SAMSUNG, "70000", "6")
        second = await told(reports, order_id, "10")
        assert [report.order.status for report in (first, second)] == [OrderStatus.PARTIAL, OrderStatus.FILLED]
        assert second.order.executions[:1] == first.order.executions
        assert [execution.quantity for execution in second.order.executions] == [4, 6]
        assert len({execution.execution_id for execution in second.order.executions}) == 2

    async def test_a_report_brings_the_statement_after_it(self, stage: Stage) -> None:
        reports = stage.broker.reports()
        order_id = await placed(stage.broker, attempt())
        await stage.trade(order_id, SAMSUNG, "70000", "10")
        report = await told(reports, order_id, "10")
        assert report.account == "main"
        assert report.statement == await stage.broker.statement()
        assert report.statement is not None
        assert won(report.statement).total == 10_000_000 - 700_000 - 105

    async def test_execution_ids_are_unique_over_orders_and_restarts(self, stage: Stage) -> None:
        for number in range(4):
            order_id = await placed(stage.broker, attempt(f"r/stop/{number}/1", quantity="2"))
            await stage.trade(order_id, SAMSUNG, "70000", "1")
            await stage.trade(order_id, SAMSUNG, "70000", "1")
            await stage.reopen()
        executions = [execution.execution_id for order in await stage.broker.ledger() for execution in order.executions]
        assert len(executions) == len(set(executions)) == 8

    async def test_a_restart_keeps_everything(self, stage: Stage) -> None:
        working = await placed(stage.broker, attempt("a/stop/1/1"))
        filled = await placed(stage.broker, attempt("b/stop/1/1", SELL, "5"))
        await stage.trade(working, SAMSUNG, "70000", "4")
        await stage.trade(filled, SAMSUNG, "70000", "5")
        before = await stage.broker.ledger(), await stage.broker.statement()
        await stage.reopen()
        assert (await stage.broker.ledger(), await stage.broker.statement()) == before
        await stage.trade(working, SAMSUNG, "70000", "6")
        assert (await kept(stage.broker, working)).status is OrderStatus.FILLED

    async def test_closing_ends_the_reports(self, stage: Stage) -> None:
        reports = stage.broker.reports()
        order_id = await placed(stage.broker, attempt())
        await stage.trade(order_id, SAMSUNG, "70000", "10")
        await told(reports, order_id, "10")
        await stage.broker.close()
        async with asyncio.timeout(PATIENCE):
            assert [report async for report in reports] == []

    async def test_closing_while_an_order_is_being_placed_leaves_it_placed_or_not_but_whole(self, stage: Stage) -> None:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            placing = group.create_task(stage.broker.place(attempt()))
            group.create_task(stage.broker.close())
        kind = placing.result().kind
        await stage.reopen()
        count = len(await stage.broker.ledger())
        assert (kind, count) in {
            (OutcomeKind.ACCEPTED, 1),
            (OutcomeKind.NOT_SENT, 0),
            (OutcomeKind.UNKNOWN, 0),
            (OutcomeKind.UNKNOWN, 1),
        }
