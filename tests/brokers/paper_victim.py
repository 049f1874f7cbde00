"""A process that dies: it trades on a paper account, says each thing that it is told as soon as it is told, and kills
itself before, amidst or after its n-th write.

`python paper_victim.py STATE SEED FROM MOMENT N PLACE`: orders get the client ids c-FROM, c-FROM+1, … With PLACE `exchange`
those in Samsung go to a simulated exchange, with `prints` they fill from prints like the others.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from decimal import Decimal
from pathlib import Path

from broker_contract import BITCOIN, SAMSUNG, attempt, settings
from fakes import FakeClock
from paper_exchange import FakeExchange

from autotrader.brokers.paper.client import PaperBroker
from autotrader.brokers.paper.file import PaperFile
from autotrader.brokers.paper.records import Changes
from autotrader.config.markets import load_markets
from autotrader.domain.order import Cost, OrderId
from autotrader.domain.rule import Side
from autotrader.domain.tick import InstrumentId, Tick
from autotrader.ports import Broker


class DeadlyFile(PaperFile):
    """A file whose n-th write is the last thing that the process does; the making of the file is number 0."""

    def __init__(self, path: Path, moment: str, last: int) -> None:
        super().__init__(path)
        self._moment = moment
        self._left = last

    def write(self, changes: Changes) -> None:
        self._left -= 1
        self._die("before")
        super().write(changes)
        self._die("after")

    def _write_wallet(self, db: sqlite3.Connection, cash: dict[str, Decimal], positions: dict[InstrumentId, Cost]) -> None:
        super()._write_wallet(db, cash, positions)
        self._die("amidst")

    def _die(self, moment: str) -> None:
        if self._left == 0 and moment == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


async def tell_reports(broker: Broker) -> None:
    async for report in broker.reports():
        ids = [execution.execution_id for execution in report.order.executions]
        say(told="report", order=report.order.order_id, status=report.order.status.value, executions=ids)


def trade_there(exchange: FakeExchange, dice: random.Random) -> None:
    """Fill a part of some order at the exchange now and then."""
    if exchange.open and dice.random() < 0.4:
        order_id = dice.choice(list(exchange.open))
        exchange.fill(order_id, dice.choice(["69900", "70000"]), str(min(2, exchange.open[order_id])))


async def trade(broker: Broker, exchange: FakeExchange, dice: random.Random, number: int) -> None:
    while True:
        side = dice.choice([Side.BUY, Side.SELL])
        limit = dice.choice([None, "69900", "70000", "70100"])
        instrument, quantity = dice.choice([(SAMSUNG, "3"), (BITCOIN, "0.01")])
        request = attempt(f"c/{number}", side, quantity, None if instrument == BITCOIN else limit, instrument)
        outcome = await broker.place(request)
        say(told="outcome", client_id=request.client_id, kind=outcome.kind.value, order=outcome.order_id)
        number += 1
        for _ in range(3):
            price = Decimal(dice.choice(["69800", "69900", "70000", "70100", "70200"]))
            trade_there(exchange, dice)
            broker.show(Tick(SAMSUNG, price, Decimal(2), 1_786_676_400_000_000_000))
            broker.show(Tick(BITCOIN, Decimal("60000.1"), Decimal("0.004"), 1_786_676_400_000_000_000))
        if outcome.order_id and dice.random() < 0.3:
            withdrawn = await broker.withdraw("w", OrderId(outcome.order_id))
            say(told="withdrawn", order=outcome.order_id, kind=withdrawn.kind.value)


async def main(state: str, seed: str, number: str, moment: str, last: str, place: str) -> None:
    exchange = FakeExchange("KRX:*" if place == "exchange" else "NOWHERE:*")
    file = DeadlyFile(Path(state) / "paper-main.sqlite3", moment, int(last))
    broker = PaperBroker(settings(), file, load_markets(), FakeClock(), [exchange])
    await broker.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(tell_reports(broker))
        group.create_task(trade(broker, exchange, random.Random(seed), int(number)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
