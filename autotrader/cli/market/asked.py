"""What a question about a market is asked of: the market or the instrument, the day or the moment, and whose facts hold."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from autotrader.cli.call import Call
from autotrader.cli.words import number
from autotrader.config.markets import load_markets
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing, UserMistake
from autotrader.markets.calendar import local_date, moment
from autotrader.markets.profile import STOCK, Instrument, MarketProfile, find_instrument, ladder_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)
ANY_CODE = "*"
KEY = "market_facts"
TIME = re.compile(r"(?:([0-9]{4}-[0-9]{2}-[0-9]{2})[T ])?([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[+-][0-9]{2}:?[0-9]{2})?")


class Answer(NamedTuple):
    """An answer as JSON, exactly as scripts get it, and as lines of text."""

    view: Any
    lines: list[str]


class Asked:
    """A market, with the code of an instrument where one was given, seen by the facts of a call."""

    def __init__(self, call: Call, market: str, facts: Path | None, kind: str = "") -> None:
        self.call = call
        markets = load_markets(facts or override_of(call))
        name, colon, self.code = market.partition(":")
        if name not in markets or (colon and not self.code):
            raise UnknownThing("cli.no_such_market", market=market, known=", ".join(markets))
        self.name = market
        self.markets = markets
        self.profile: MarketProfile = markets[name]
        # Nothing is listed at a venue that only routes orders: what it trades is described by a market that it routes to.
        routed = (markets[venue] for venue in self.profile.venues if venue in markets)
        self.listing = self.profile if self.profile.currencies else next(routed, self.profile)
        self.kind = kind
        if kind and kind not in kinds_of(self.profile):
            raise UserMistake("cli.no_such_kind", kind=kind, market=name, known=", ".join(kinds_of(self.profile)))

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.profile.zone)

    def instrument(self, day: date) -> Instrument:
        """Return what was asked about as of a day; of a bare market, what any of its codes is."""
        found = find_instrument(self.markets, InstrumentId(f"{self.listing.id}:{self.code}"), day) if self.code else self._any(day)
        if not self.kind:
            return found
        return replace(found, kind=self.kind, ladder=ladder_of(self.listing, self.code, self.kind, day))

    def _any(self, day: date) -> Instrument:
        """Return an instrument without a code, where the market has facts for one."""
        currency = next((currency for pattern, currency in self.listing.currencies if pattern == ANY_CODE), None)
        if currency is None:
            known = ", ".join(pattern for pattern, _ in self.listing.currencies)
            raise UserMistake("cli.which_instrument", market=self.name, known=known or "-")
        ladder = ladder_of(self.listing, "", STOCK, day)
        return Instrument(InstrumentId(self.name), self.listing.id, "", currency, ladder, self.listing.lot)

    def day(self, on: str | None, at: str | None = None) -> date:
        """Return the day that was asked about: `--on`, that of `--at`, else today in the market's zone."""
        if on is not None and at is not None:
            raise UserMistake("cli.at_or_on")
        return _day(on) if on is not None else local_date(self.profile, self.moment(at))

    def moment(self, at: str | None) -> int:
        """Return the moment that was asked about in ns since the epoch; without an offset it is read in the market's zone."""
        if at is None:
            return self.call.now
        found = TIME.fullmatch(at.strip())
        if not found:
            raise UserMistake("cli.not_a_time", text=at)
        on, clock, offset = found.groups()
        day = _day(on) if on else local_date(self.profile, self.call.now)
        try:
            when = datetime.combine(day, time.fromisoformat(clock + (offset or "")))
        except ValueError:
            raise UserMistake("cli.not_a_time", text=at) from None
        aware = when if when.tzinfo else when.replace(tzinfo=self.zone)
        return (aware - EPOCH) // timedelta(microseconds=1) * 1000

    def iso(self, at: int) -> str:
        """Return a moment as text with the market's offset."""
        return moment(at, self.profile.zone).isoformat()

    def clock(self, at: int, day: date | None = None) -> str:
        """Return a moment as the market's clocks show it, with the date unless it is on the day that is spoken of."""
        when = moment(at, self.profile.zone)
        shown = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
        if day is not None and when.date() == day + timedelta(days=1) and shown == "00:00":
            return "24:00"
        return shown if when.date() == day else f"{when:%Y-%m-%d} {shown}"

    def zone_name(self, at: int) -> str:
        return moment(at, self.profile.zone).strftime("%Z")

    def beyond(self, *days: date) -> list[str]:
        """Return what to say when a day is one whose closures nobody knows."""
        calendar = self.profile.calendar
        if self.profile.always_open or all(calendar.first <= day <= calendar.last for day in days):
            return []
        return [self.call.tell("cli.beyond_calendar", market=self.profile.id, first=calendar.first, last=calendar.last)]


def kinds_of(profile: MarketProfile) -> list[str]:
    """Return the kinds of instrument that a market tells apart, ordinary stocks first."""
    tables = (profile.ladders, profile.limits, profile.costs, profile.instruments)
    return list(dict.fromkeys([STOCK, *(row.kind for rows in tables for row in rows if row.kind)]))


def override_of(call: Call) -> Path | None:
    """Return the owner's own facts, which the configuration names. One that does not name any is not read whole: that takes its time."""
    try:
        file = call.config
    except UserMistake:
        return None
    if call.named_config is None and not (file.is_file() and KEY in file.read_text(encoding="utf-8", errors="replace")):
        return None
    return Path(call.settings.market_facts) if call.settings.market_facts else None


def weekday(day: date) -> str:
    """Return a day with its weekday: `2026-11-19 Thu`."""
    return f"{day} {('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[day.weekday()]}"


def amount(value: Any) -> str:
    """Return an exact number for people, a dash for none."""
    return "-" if value is None else number(format(value, "f"))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        day = None
    if day is None:
        raise UserMistake("cli.not_a_day", text=text)
    if not EARLIEST <= day <= LATEST:
        raise UserMistake("cli.day_too_far", text=text, first=EARLIEST, last=LATEST)
    return day
