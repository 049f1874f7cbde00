"""The thread that works for the loop."""

import asyncio
import threading
from functools import partial

import pytest

from autotrader.store.hand import Hand


async def test_work_is_done_in_the_order_asked_for_on_another_thread() -> None:
    hand = Hand("test")
    done: list[int] = []

    def note(number: int) -> int:
        done.append(number)
        return threading.get_ident()

    threads = await asyncio.gather(*[hand.do(partial(note, number)) for number in range(50)])
    assert done == list(range(50))
    assert set(threads).isdisjoint({threading.get_ident()})
    assert len(set(threads)) == 1
    hand.stop()


async def test_what_the_work_raises_travels_to_the_caller_and_the_next_is_done() -> None:
    hand = Hand("test")
    with pytest.raises(ZeroDivisionError):
        await hand.do(lambda: 1 // 0)
    assert await hand.do(lambda: 1) == 1
    hand.stop()


async def test_a_cancelled_caller_leaves_the_work_running() -> None:
    hand = Hand("test")
    go = threading.Event()
    done: list[str] = []

    def late() -> None:
        assert go.wait(10)
        done.append("late")

    waiting = asyncio.create_task(hand.do(late))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    await hand.do(lambda: None)
    assert done == ["late"]
    hand.stop()


def test_a_loop_that_is_gone_does_not_stop_the_thread() -> None:
    hand = Hand("test")
    go = threading.Event()

    async def leave() -> None:
        task = asyncio.create_task(hand.do(lambda: go.wait(10)))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    go.set()
    assert asyncio.run(hand.do(lambda: "still here")) == "still here"
    hand.stop()


async def test_whoever_asks_after_the_end_is_told_instead_of_waiting() -> None:
    hand = Hand("test")
    hand.stop()
    with pytest.raises(RuntimeError):
        await hand.do(lambda: None)
