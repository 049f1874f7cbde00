"""A list of many rules is made beside the prices and not instead of them."""

import asyncio

from fakes_daemon import engine, stop_rule

from autotrader.daemon.listing import SLICE, list_in_slices
from autotrader.engine.events import Plan


async def test_a_long_list_gives_way_to_prices_after_every_slice():
    many = engine()
    many.handle(Plan(tuple(stop_rule(f"r{number}") for number in range(5 * SLICE)), confirmed=True))
    turns = 0

    async def prices() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        pump = tasks.create_task(prices())
        views = await list_in_slices(many)
        pump.cancel()
    assert turns >= 5
    assert views == many.list_rules()
