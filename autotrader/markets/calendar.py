"""Market-local days. Sessions and holidays arrive with the market rules; validity needs only the local date."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from autotrader.markets.profile import MarketProfile

SECOND = 1_000_000_000


def moment(at: int, zone: str = "Etc/UTC") -> datetime:
    """Return ns since the epoch as an aware time in a zone (microseconds, for people)."""
    return datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND // 1000).astimezone(ZoneInfo(zone))


def local_date(profile: MarketProfile, at: int) -> date:
    """Return the market's date at a moment."""
    return moment(at, profile.zone).date()


def end_of_day(profile: MarketProfile, day: date) -> int:
    """Return the first moment after a market-local date, in ns since the epoch."""
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(profile.zone))
    return int(midnight.timestamp()) * SECOND


def last_valid_day(profile: MarketProfile, until: str, today: date) -> date:
    """Return the last day of validity for `until` as written: a date, a number of days (`90d`), or the cap when empty."""
    if not until:
        return today + timedelta(days=profile.validity_cap)
    if until.endswith("d"):
        return today + timedelta(days=int(until[:-1]))
    return date.fromisoformat(until)
