"""Market-local times as people write them, for the tables of these tests."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from autotrader.config.markets import load_markets
from autotrader.markets.calendar import moment
from autotrader.markets.profile import MarketProfile

SECOND = 1_000_000_000
ZONES = {"KRX": "Asia/Seoul", "NXT": "Asia/Seoul", "SOR": "Asia/Seoul", "UPBIT": "Asia/Seoul", "US": "America/New_York"}


def market(name: str) -> MarketProfile:
    return load_markets()[name]


def ns(text: str, zone: str = "") -> int:
    """Return ISO text as ns; without an offset it is local time in the zone."""
    at = datetime.fromisoformat(text)
    return int((at.replace(tzinfo=ZoneInfo(zone)) if at.tzinfo is None else at).timestamp()) * SECOND


def on(name: str, day: str, clock: str) -> int:
    """Return a market-local time of a day as ns; `24:00` is its end."""
    if clock == "24:00":
        return ns(f"{date.fromordinal(date.fromisoformat(day).toordinal() + 1)}T00:00", ZONES[name])
    return ns(f"{day}T{clock}", ZONES[name])


def clock(at: int, name: str) -> str:
    return f"{moment(at, ZONES[name]):%H:%M:%S}"


def days(text: str) -> list[date]:
    return [date.fromisoformat(word) for word in text.split()]
