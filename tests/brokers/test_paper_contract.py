"""The paper account keeps the broker contract, and a paper account that does not is caught by it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from broker_contract import BrokerContract, check_an_id_placed_twice_is_one_order, check_statement_adds_up, settings
from fakes import FakeClock
from msgspec.structs import replace

from autotrader.brokers.paper.client import PaperBroker, open_broker
from autotrader.brokers.paper.file import PaperFile
from autotrader.config.markets import load_markets
from autotrader.domain.order import OrderId, OrderRequest
from autotrader.domain.tick import InstrumentId, Tick
from autotrader.engine.events import Outcome
from autotrader.ports import Broker

NOON = 1_786_676_400_000_000_000
"""2026-08-14 12:00 in Seoul: the tax on sells is 0.20 %."""


@dataclass
class PaperStage:
    broker: Broker
    state: Path
    sell_tax: Decimal = Decimal("0.20")

    async def trade(self, order: OrderId, instrument: InstrumentId, price: str, quantity: str) -> None:
        self.broker.show(Tick(instrument, Decimal(price), Decimal(quantity), NOON))

    async def reopen(self) -> None:
        await self.broker.close()
        self.broker = open_broker(settings(), state=str(self.state), markets=load_markets(), clock=FakeClock(NOON))
        await self.broker.start()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[PaperStage]:
    broker = open_broker(settings(), state=str(tmp_path), markets=load_markets(), clock=FakeClock(NOON))
    await broker.start()
    made = PaperStage(broker, tmp_path)
    yield made
    await made.broker.close()


class TestPaper(BrokerContract):
    """All of the contract."""


class ForgetsIds(PaperBroker):
    """A planted fault: every placing is a new one."""

    async def place(self, request: OrderRequest) -> Outcome:
        return await super().place(replace(request, client_id=""))


async def test_the_contract_catches_a_broker_that_forgets_ids(tmp_path: Path) -> None:
    broker = ForgetsIds(settings(), PaperFile(tmp_path / "p.sqlite3"), load_markets(), FakeClock(NOON))
    await broker.start()
    with pytest.raises(AssertionError):
        await check_an_id_placed_twice_is_one_order(broker)
    await broker.close()


async def test_the_contract_catches_a_statement_that_does_not_add_up(stage: PaperStage) -> None:
    stage.sell_tax += Decimal("0.00003")
    with pytest.raises(AssertionError):
        await check_statement_adds_up(stage)
