"""One executed print. There are millions: a NamedTuple, times as integer nanoseconds, flags as small integers."""

from decimal import Decimal
from enum import IntFlag
from typing import NamedTuple, NewType

from msgspec import Struct

InstrumentId = NewType("InstrumentId", str)
"""`MARKET:code`, for example `KRX:005930` or `BINANCE:BTCUSDT`."""

FeedName = NewType("FeedName", str)


class Flag(IntFlag):
    """What a feed says about a print. Any of the INELIGIBLE ones neither moves a mark nor fires (market-rules 8)."""

    NONE = 0
    EXPECTED = 1
    OFF_HOURS = 2
    BLOCK = 4
    ODD_LOT = 8
    SNAPSHOT = 16
    MIDPOINT = 32
    AUCTION = 64
    QUOTED = 128
    """No print: a best price, as the engine shows it to rules that go by those. No feed says this."""


INELIGIBLE = int(Flag.EXPECTED | Flag.OFF_HOURS | Flag.BLOCK | Flag.ODD_LOT | Flag.SNAPSHOT)
QUOTED = int(Flag.QUOTED)


class Tick(NamedTuple):
    """One executed print, as exact as the wire said it.

    `time` is the exchange's, in ns since the epoch UTC. `sequence` is a number that only grows for an instrument (0 when
    the venue has none); `print_id` identifies the print without ordering it (0 when there is none). `session` is empty
    when the feed does not say.
    """

    instrument: InstrumentId
    price: Decimal
    size: Decimal
    time: int
    sequence: int = 0
    print_id: int = 0
    venue: str = ""
    session: str = ""
    flags: int = 0


class Quote(Struct, frozen=True, tag="quote"):
    """The best bid and ask of a venue. A side that nobody quotes has price and size None.

    `time` is the exchange's, in ns since the epoch UTC, 0 where the venue gives none. `venue` is empty when the feed does not say.
    """

    instrument: InstrumentId
    bid: Decimal | None
    bid_size: Decimal | None
    ask: Decimal | None
    ask_size: Decimal | None
    time: int
    venue: str = ""
