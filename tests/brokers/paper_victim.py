"""A process to be killed: it trades on a paper account and says each thing that it was told, as soon as it was told.

`python paper_victim.py STATE SEED FROM`: orders get the client ids c-FROM, c-FROM+1, …
"""

import asyncio
import json
import random
import sys
from decimal import Decimal

from broker_contract import BITCOIN, SAMSUNG, attempt, settings
from fakes import FakeClock

from autotrader.brokers.paper.client import open_broker
from autotrader.config.markets import load_markets
from autotrader.domain.order import OrderId
from autotrader.domain.rule import Side
from autotrader.domain.tick import Tick
from autotrader.ports import Broker


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


async def tell_reports(broker: Broker) -> None:
    async for report in broker.reports():
        ids = [execution.execution_id for execution in report.order.executions]
        say(told="report", order=report.order.order_id, status=report.order.status.value, executions=ids)


async def trade(broker: Broker, dice: random.Random, number: int) -> None:
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
            broker.show(Tick(SAMSUNG, price, Decimal(2), 1_786_676_400_000_000_000))
            broker.show(Tick(BITCOIN, Decimal("60000.1"), Decimal("0.004"), 1_786_676_400_000_000_000))
        if outcome.order_id and dice.random() < 0.3:
            withdrawn = await broker.withdraw("w", OrderId(outcome.order_id))
            say(told="withdrawn", order=outcome.order_id, kind=withdrawn.kind.value)


async def main(state: str, seed: str, number: str) -> None:
    broker = open_broker(settings(), state=state, markets=load_markets(), clock=FakeClock())
    await broker.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(tell_reports(broker))
        group.create_task(trade(broker, random.Random(seed), int(number)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
