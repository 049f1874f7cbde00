"""Every rule shown, a slice at a time: ten thousand of them take a third of a second, and no price may wait for that."""

import asyncio

from autotrader.engine.engine import Engine
from autotrader.engine.views import View

SLICE = 100
"""Rules between two turns of the loop: a few milliseconds."""


async def list_in_slices(engine: Engine) -> list[View]:
    """Return what `Engine.list_rules` does; each rule is shown as it is when its turn comes."""
    views: list[View] = []
    for number, rule_id in enumerate(tuple(engine.book.rules), start=1):
        views.append(engine.show_briefly(engine.book.rules[rule_id]))
        if number % SLICE == 0:
            await asyncio.sleep(0)
    return views
