"""The watchdog is fed only while every party has shown progress in time."""

import asyncio

import pytest
from fakes import FakeClock
from waiting import until

from autotrader.daemon.watchdog import Watchdog


class Kennel:
    """Counts the meals, keeps the last word."""

    def __init__(self) -> None:
        self.meals = 0
        self.word = ""

    def watchdog(self) -> None:
        self.meals += 1

    def status(self, text: str) -> None:
        self.word = text


@pytest.fixture
def kennel() -> Kennel:
    return Kennel()


@pytest.fixture
def watchdog(kennel: Kennel, clock: FakeClock) -> Watchdog:
    return Watchdog(kennel, clock.monotonic)


def test_it_is_fed_while_everybody_moves(watchdog, kennel, clock):
    parties = [watchdog.register("loop", within=5), watchdog.register("store", within=10)]
    for _ in range(10):
        clock.advance(4)
        for party in parties:
            party.beat()
        assert watchdog.feed()
    assert kennel.meals == 10


@pytest.mark.parametrize("lazy", ["loop", "store", "feed demo", "broker main"])
def test_one_party_that_stands_still_is_enough_to_starve_it(watchdog, kennel, clock, lazy):
    parties = {name: watchdog.register(name, within=10) for name in ["loop", "store", "feed demo", "broker main"]}
    clock.advance(8)
    for name in parties.keys() - {lazy}:
        parties[name].beat()
    clock.advance(3)
    assert not watchdog.feed()
    assert watchdog.late() == (lazy,)
    assert kennel.meals == 0
    assert lazy in kennel.word


@pytest.mark.parametrize(("seconds", "fed"), [(9.9, True), (10.0, True), (10.1, False)])
def test_in_time_is_up_to_the_limit(watchdog, clock, seconds, fed):
    watchdog.register("store", within=10)
    clock.advance(seconds)
    assert watchdog.feed() is fed


def test_a_party_that_moves_again_is_forgiven(watchdog, clock):
    store = watchdog.register("store", within=10)
    clock.advance(60)
    assert not watchdog.feed()
    store.beat()
    assert watchdog.feed()


def test_a_party_that_ended_in_good_order_is_not_waited_for(watchdog, clock):
    watchdog.register("feed demo", within=10)
    clock.advance(60)
    watchdog.dismiss("feed demo")
    assert watchdog.feed()


def test_a_step_of_the_wall_clock_is_not_a_standstill(watchdog, clock):
    watchdog.register("store", within=10)
    clock.step(86_400)
    assert watchdog.feed()


async def test_it_is_fed_again_and_again_until_the_end(watchdog, kennel):
    async with asyncio.TaskGroup() as tasks:
        feeding = tasks.create_task(watchdog.keep_feeding(0.001))
        await until(lambda: kennel.meals >= 3)
        feeding.cancel()
