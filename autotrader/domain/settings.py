"""What the configuration file says, once it is known to be good. Plain values; `config/` makes them from YAML."""

from decimal import Decimal
from enum import Enum

from msgspec import Struct

from autotrader.domain.rule import AccountName, Rule, Template
from autotrader.domain.tick import FeedName, InstrumentId


class Mode(str, Enum):
    PAPER = "paper"
    LIVE = "live"


class Guards(Struct, frozen=True):
    """The two price guards, and how many rules an account may have alive. None means `off`. `collar` in percent, `stale` in
    nanoseconds."""

    collar: Decimal | None = Decimal(10)
    stale: int | None = 5_000_000_000
    max_rules: int | None = None


class OpeningPosition(Struct, frozen=True):
    """What a paper account starts with: a quantity at an average cost per unit."""

    quantity: Decimal
    cost: Decimal


class AccountSettings(Struct, frozen=True):
    """One account. `cash` and `positions` are the opening balance of a paper account; `url` is an HTTP broker's.

    `fee` overrides the market's commission (a percentage of the traded value).
    """

    name: AccountName
    broker: str = "paper"
    cash: dict[str, Decimal] = {}
    positions: dict[InstrumentId, OpeningPosition] = {}
    url: str = ""
    fee: Decimal | None = None


class SimInstrument(Struct, frozen=True):
    """How the sim moves one instrument: a seeded walk from `start`, or the scripted `path`, one price a step.

    `volatility` and `drift` are percent per step.
    """

    start: Decimal
    volatility: Decimal = Decimal("0.15")
    drift: Decimal = Decimal(0)
    path: tuple[Decimal, ...] = ()


class FeedSettings(Struct, frozen=True):
    """One price feed. Which fields count depends on `kind`; the rest stay at their defaults.

    `every` is the sim's step in milliseconds of market time; `speed` multiplies the market clock of sim and recording.
    `quotes`: ask the venue for its best prices too. `scenario` names a scripted day of the sim. With `begin` (market-local,
    `2026-11-20T08:00`) the sim keeps the market's hours from that moment on; without it it trades without a pause.
    """

    name: FeedName
    kind: str
    url: str = ""
    instruments: dict[InstrumentId, SimInstrument] = {}
    seed: int = 1
    speed: Decimal = Decimal(1)
    every: int = 500
    file: str = ""
    dialect: str = ""
    quotes: bool = True
    scenario: str = ""
    begin: str = ""
    market_facts: str = ""
    """The owner's own file of market facts, which a sim reads in its own process."""

    @property
    def keeps_hours(self) -> bool:
        """Tell whether the market's hours hold on the feed's clock: everywhere but in a sim that trades without a pause."""
        return self.kind != "sim" or bool(self.begin)


class Settings(Struct, frozen=True):
    """The configuration file, whole and valid."""

    mode: Mode = Mode.PAPER
    guards: Guards = Guards()
    guards_written: bool = False
    market_facts: str = ""
    """The user's own file of market facts, whose rows replace ours; an absolute path."""
    accounts: tuple[AccountSettings, ...] = ()
    feeds: tuple[FeedSettings, ...] = ()
    rules: tuple[Rule, ...] = ()
    templates: tuple[Template, ...] = ()
