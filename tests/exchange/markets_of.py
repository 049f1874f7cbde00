"""Simulated markets for tests: a Friday of some instruments, and what the world hears of it."""

from collections.abc import Iterator
from decimal import Decimal

from msgspec.structs import replace

from autotrader.domain.settings import FeedSettings, SimInstrument
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.exchange.market import SimMarket, Told
from autotrader.exchange.scenarios import SCENARIOS
from autotrader.feeds.sim.issues import open_market, read_facts

SAMSUNG = InstrumentId("KRX:005930")
HYNIX = InstrumentId("KRX:000660")
FACTS = read_facts()
SECOND = 1_000_000_000
HOUR = 3600 * SECOND
START = 1_795_129_200 * SECOND
"""2026-11-20 08:00 in Seoul."""
CALM = SimInstrument(start=Decimal(70000), volatility=Decimal("0.02"))


def plain(instruments: dict[InstrumentId, SimInstrument], *, seed: int = 7, every: int = 1000) -> SimMarket:
    """Return a market that trades without a pause."""
    return open_market(FeedSettings(FeedName("sim"), "sim", instruments=instruments, seed=seed, every=every), FACTS, START)


def day(
    scenario: str = "ordinary",
    *,
    begin: str = "",
    every: int = 30_000,
    seed: int = 5,
    instruments: dict[InstrumentId, SimInstrument] | None = None,
) -> SimMarket:
    """Return a market that keeps hours, by default with steps of half a minute."""
    listed = instruments or {SAMSUNG: CALM, HYNIX: replace(CALM, start=Decimal(300000))}
    settings = FeedSettings(FeedName("sim"), "sim", instruments=listed, seed=seed, every=every, scenario=scenario)
    return open_market(replace(settings, begin=begin or SCENARIOS[scenario].begin), FACTS, 0)


def told_until(market: SimMarket, end: int) -> Iterator[Told]:
    """Let the market trade up to a moment."""
    while market.now < end:
        yield from market.turn()


def prints_of(told: Iterator[Told] | list[Told], instrument: InstrumentId | None = None) -> list[Tick]:
    return [event for event in told if isinstance(event, Tick) and instrument in (None, event.instrument)]


def turns(market: SimMarket, count: int) -> list[Told]:
    """Return what so many turns bring."""
    return [event for _ in range(count) for event in market.turn()]
