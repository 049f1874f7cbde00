"""The price steps of the simulated instruments, from the packaged market facts.

`config/` has the reader of all those facts, but it is a neighbour; the sim is a process of its own and needs two of them.
"""

import tomllib
from decimal import Decimal
from importlib import resources
from typing import Any

from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing
from autotrader.markets.profile import Band, Ladder, MarketProfile, Markets, find_instrument

ONE = Decimal(1)


def _profile(market: str, facts: dict[str, Any]) -> MarketProfile:
    """Return a market as far as the sim needs it: every code has a currency here."""
    ladders = tuple((pattern, tuple(Band(Decimal(start), Decimal(step)) for start, step in rows)) for pattern, rows in facts["ladders"])
    return MarketProfile(market, facts["zone"], facts["validity_cap"], Decimal(facts["lot"]), (("*", ""),), ladders, (), frozenset())


def read_steps() -> Markets:
    """Return lots and ladders of every market the package knows."""
    text = resources.files("autotrader.markets").joinpath("data/markets.toml").read_text(encoding="utf-8")
    return {market: _profile(market, facts) for market, facts in tomllib.loads(text).items()}


def steps_for(markets: Markets, instrument: InstrumentId, start: Decimal) -> tuple[Ladder, Decimal]:
    """Return an instrument's ladder and lot; where the step is not known, one of five digits of its first price."""
    try:
        known = find_instrument(markets, instrument)
    except UnknownThing:
        return (Band(Decimal(0), _five_digits(start)),), ONE
    return known.ladder or (Band(Decimal(0), _five_digits(start)),), known.lot


def _five_digits(start: Decimal) -> Decimal:
    return ONE.scaleb(start.adjusted() - 4)
