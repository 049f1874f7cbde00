"""How long the event loop did nothing but one thing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

BEAT = 0.001


class Blocks:
    """The longest time in seconds for which nobody else had a turn."""

    longest = 0.0

    async def watch(self) -> None:
        """Wake every millisecond and note how late that was."""
        while True:
            asleep = time.perf_counter()
            await asyncio.sleep(BEAT)
            self.longest = max(self.longest, time.perf_counter() - asleep - BEAT)


@asynccontextmanager
async def blocks() -> AsyncIterator[Blocks]:
    """Note the longest block while something is done."""
    noted = Blocks()
    task = asyncio.create_task(noted.watch())
    await asyncio.sleep(0)
    try:
        yield noted
        await asyncio.sleep(2 * BEAT)  # a block at the very end is seen by the beat after it
    finally:
        task.cancel()
