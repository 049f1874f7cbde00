"""The shapes of market facts. Every row has the days for which it holds, a source and a grade; the values are in `data/`.

Nothing here knows a market: `config/markets.py` reads the files, the neighbours of this file answer questions about them.
"""

from datetime import date, time
from decimal import Decimal
from enum import Enum

from msgspec import Struct


class Grade(str, Enum):
    """How well a fact is known: V read in rule text or an exchange's page, M several sources agree, U unverified."""

    V = "V"
    M = "M"
    U = "U"


class Dated(Struct, frozen=True, kw_only=True):
    """What every fact carries. `effective_to` is the last day it holds, None while no end is known."""

    effective_from: date
    effective_to: date | None = None
    source: str
    grade: Grade

    def holds(self, day: date) -> bool:
        """Tell whether the fact is in force on a market-local day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class Matching(str, Enum):
    """How a session makes prices."""

    CONTINUOUS = "continuous"
    CALL = "call"
    """Orders are collected and matched once, at the end."""
    FIXED = "fixed"
    """All trades are at one price that another session made; time priority only."""


class SessionRow(Dated, frozen=True, kw_only=True):
    """A session of an ordinary day, or (with `day`) of a special one; hours are market-local.

    Orders are taken from `open` to `close`; trades happen from `matches_from` on where that is later. `regular`: rules watch
    and order in it unless they say otherwise. `broker_only`: some brokers offer it, it is no session of the exchange.
    `day_before`: it opens on the evening before its trading day. `day` names the kind of special day (`csat`, `new_year`,
    `half_day`) whose table this row belongs to; a special kind with any row in force replaces the ordinary table whole.
    """

    id: str
    open: time
    close: time
    """00:00 is the end of the day."""
    matching: Matching
    name: str = ""
    matches_from: time | None = None
    regular: bool = False
    broker_only: bool = False
    day_before: bool = False
    random_end: int = 0
    """Seconds by which the match of a call may come later than its close."""
    day: str = ""


class ClosedDay(Struct, frozen=True, kw_only=True):
    """A weekday without trading."""

    day: date
    name: str = ""
    source: str = ""
    certain: bool = True


class SpecialDay(Struct, frozen=True, kw_only=True):
    """A day with hours of its own. `kind` names the session rows that hold."""

    day: date
    kind: str
    name: str = ""
    source: str = ""
    certain: bool = True


class Calendar(Struct, frozen=True):
    """The days of a market. Outside `first`..`last` closures are not known: every weekday counts as open there.

    `doubtful` days count as open although some source says that they are closed.
    """

    first: date = date.min
    last: date = date.max
    closed: tuple[ClosedDay, ...] = ()
    special: tuple[SpecialDay, ...] = ()
    doubtful: tuple[ClosedDay, ...] = ()


class AcceptanceRow(Dated, frozen=True, kw_only=True):
    """Order kinds that a session takes (`limit`, `limit_ioc`, `market_fok` …); the rows of a session add up.

    `session` is a session id, or a state of trading: `vi` (a call of one issue), `restart` (the call after a halt).
    """

    session: str
    kinds: tuple[str, ...]


class Band(Struct, frozen=True):
    """Prices at or above `start` move in steps of `step`."""

    start: Decimal
    step: Decimal


Ladder = tuple[Band, ...]
"""Bands in ascending order of start; the first starts at 0. An empty ladder means that the step is not known."""


class LadderRow(Dated, frozen=True, kw_only=True):
    """The price steps of some instruments: those whose code matches `codes` and whose kind is `kind` (empty: any)."""

    codes: str = "*"
    kind: str = ""
    bands: Ladder


class LimitRow(Dated, frozen=True, kw_only=True):
    """How far a price may go from the day's base, in percent of it. `kind` empty: any."""

    kind: str = ""
    percent: Decimal


class CostRow(Dated, frozen=True, kw_only=True):
    """Rates in percent of traded value. `tax` is taken from sells only. `kind` empty: any.

    `per_share` is taken from sells, at most `per_share_cap` an order (None: no cap).
    """

    kind: str = ""
    commission: Decimal
    tax: Decimal
    per_share: Decimal = Decimal(0)
    per_share_cap: Decimal | None = None


class SettlementRow(Dated, frozen=True, kw_only=True):
    """Settlement comes so many trading days after the trade."""

    days: int


class CutoffRow(Dated, frozen=True, kw_only=True):
    """Until when order kinds for an auction are taken, in seconds before the regular session's open or close.

    `of` is `open` or `close`; `kinds` as in AcceptanceRow.
    """

    of: str
    seconds: int
    kinds: tuple[str, ...]


class InterruptionRow(Dated, frozen=True, kw_only=True):
    """A volatility interruption: strictly how far (percent, reached counts) a tentative price may be before a call begins.

    `rule` is `dynamic` or `static`; `session` the session id it applies in; `kind` empty: any; `seconds` the call's length.
    From a reference under `spared_below` a move of `spared_ticks` at most interrupts nothing.
    """

    rule: str
    session: str
    kind: str = ""
    percent: Decimal
    seconds: int
    random_end: int = 0
    spared_below: Decimal = Decimal(0)
    spared_ticks: int = 0


class InstrumentRow(Dated, frozen=True, kw_only=True):
    """What is special about some codes: their kind (`stock`, `etf`, `etn`, `elw`, `konex`, `kosdaq`), lot, limit multiple."""

    codes: str
    kind: str = "stock"
    lot: Decimal | None = None
    limit_multiple: Decimal = Decimal(1)
    name: str = ""


class ContractRow(Dated, frozen=True, kw_only=True):
    """A futures contract: money a point, smallest step in points. Data only: futures are not traded yet."""

    symbol: str
    name: str
    currency: str
    multiplier: Decimal
    tick: Decimal
    delisted: bool = False
