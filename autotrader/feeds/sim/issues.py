"""What trades in the simulated market: the instruments of a feed with the facts of their venues, and the market itself.

`config/` reads the packaged facts too, but it is a neighbour and the sim is a process of its own; what the files mean is read
in one place, `markets/reading.py`.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from importlib import resources
from pathlib import Path

from autotrader.domain.settings import FeedSettings, SimInstrument
from autotrader.domain.tick import InstrumentId
from autotrader.exchange.market import SimMarket
from autotrader.exchange.place import Issue
from autotrader.exchange.scenarios import ORDINARY, SCENARIOS, local_moment
from autotrader.feeds.sim.dice import dice_for
from autotrader.markets.calendar import local_date
from autotrader.markets.profile import MarketProfile, Markets, find_instrument
from autotrader.markets.reading import joined, read_markets

MILLISECOND = 1_000_000
AT_HOME_ONLY = frozenset({"etf", "etn", "elw", "konex"})
"""Kinds that do not trade at another venue (market-rules 1.2: only some hundred shares trade at NXT)."""


def read_facts(override: str = "") -> Markets:
    """Return every market the package knows, with the owner's file over them."""
    data = resources.files("autotrader.markets").joinpath("data")
    files = sorted((file for file in data.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    ours = joined(tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal) for file in files)
    theirs = tomllib.loads(Path(override).read_text(encoding="utf-8"), parse_float=Decimal) if override else None
    return read_markets(ours, theirs)[0]


def start_of(settings: FeedSettings, markets: Markets, now: int) -> int:
    """Return when the sim's market clock begins: now, or the moment that was asked for in the first instrument's zone."""
    if not settings.begin:
        return now
    first = next(iter(settings.instruments))
    return local_moment(settings.begin, markets[first.partition(":")[0]].zone)


def open_market(settings: FeedSettings, markets: Markets, now: int) -> SimMarket:
    """Return the simulated market of a feed; without hours it begins at `now` (ns since the epoch)."""
    start = start_of(settings, markets, now)
    hours = bool(settings.begin)
    issues = [issue_of(markets, name, spec, start, hours=hours) for name, spec in settings.instruments.items()]
    return SimMarket(
        issues,
        partial(dice_for, settings.seed),
        start=start,
        every=settings.every * MILLISECOND,
        hours=hours,
        scenario=SCENARIOS.get(settings.scenario, ORDINARY),
    )


def issue_of(markets: Markets, name: InstrumentId, spec: SimInstrument, start: int, *, hours: bool) -> Issue:
    """Return an instrument with the venues where it trades; without hours that is its own market alone."""
    home = markets[name.partition(":")[0]]
    day = local_date(home, start)
    instrument = find_instrument(markets, name, day)
    others = _others(markets, home, day) if hours and instrument.kind not in AT_HOME_ONLY else ()
    return Issue(spec, instrument, (home, *others))


def _others(markets: Markets, home: MarketProfile, day: date) -> Iterator[MarketProfile]:
    """Yield the other exchanges of a market's issues; a smart router is none."""
    for name in home.venues:
        if name in markets and name != "SOR":
            yield markets[name]
