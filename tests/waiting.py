"""Waiting for something to become true, with an end: no test guesses how long a thing takes."""

import asyncio
import threading
import time
from collections.abc import Callable

PAUSE = 0.005


async def until(condition: Callable[[], object], timeout: float = 5.0) -> None:
    """Let the event loop turn until the condition holds; fail when it does not in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    while not condition():
        assert loop.time() < deadline, f"did not come true within {timeout} s"
        turn = asyncio.Event()
        loop.call_later(PAUSE, turn.set)
        await turn.wait()


def until_true(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait, outside of an event loop (for another process or thread), until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"did not come true within {timeout} s"
        threading.Event().wait(PAUSE)
