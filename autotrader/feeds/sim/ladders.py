"""The price steps of the simulated instruments, from the packaged market facts.

`config/` reads them too, but it is a neighbour and the sim is a process of its own; what the files mean is read in one place.
"""

import tomllib
from decimal import Decimal
from importlib import resources

from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing
from autotrader.markets.facts import Band, Ladder
from autotrader.markets.profile import Markets, find_instrument
from autotrader.markets.reading import joined, read_markets

ONE = Decimal(1)


def read_steps() -> Markets:
    """Return every market the package knows."""
    data = resources.files("autotrader.markets").joinpath("data")
    files = sorted((file for file in data.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return read_markets(joined(tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal) for file in files))[0]


def steps_for(markets: Markets, instrument: InstrumentId, start: Decimal) -> tuple[Ladder, Decimal]:
    """Return an instrument's ladder and lot; where the step is not known, one of five digits of its first price."""
    try:
        known = find_instrument(markets, instrument)
    except UnknownThing:
        return (Band(Decimal(0), _five_digits(start)),), ONE
    return known.ladder or (Band(Decimal(0), _five_digits(start)),), known.lot


def _five_digits(start: Decimal) -> Decimal:
    return ONE.scaleb(start.adjusted() - 4)
