"""What the market files say, and how an instrument, a day and a cost are found in them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from autotrader.config.markets import load_markets
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing
from autotrader.markets.calendar import end_of_day, last_valid_day, local_date, moment
from autotrader.markets.profile import cost_on, find_instrument, profile_of

MARKETS = load_markets()


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("instrument", "currency"),
    [
        ("KRX:005930", "KRW"),
        ("NXT:000660", "KRW"),
        ("US:BRK.B", "USD"),
        ("UPBIT:KRW-BTC", "KRW"),
        ("UPBIT:BTC-ETH", "BTC"),
        ("UPBIT:USDT-BTC", "USDT"),
        ("BINANCE:BTCUSDT", "USDT"),
        ("BINANCE:ETHBTC", "BTC"),
        ("BINANCE:SOLFDUSD", "FDUSD"),
    ],
)
def test_an_instrument_has_the_currency_of_its_code(instrument: str, currency: str) -> None:
    found = find_instrument(MARKETS, InstrumentId(instrument))
    assert (found.currency, found.id, found.lot > 0) == (currency, instrument, True)


@pytest.mark.parametrize(
    "instrument", ["", "KRX", "KRX:", ":005930", "MOON:1", "krx:005930", "BINANCE:XXXYYY", "UPBIT:BTCKRW", "UPBIT:EUR-BTC"]
)
def test_what_is_no_instrument_is_refused_with_what_there_is(instrument: str) -> None:
    with pytest.raises(UnknownThing) as refused:
        find_instrument(MARKETS, InstrumentId(instrument))
    assert str(refused.value)


@pytest.mark.parametrize(
    ("market", "day", "commission", "tax"),
    [
        ("KRX", date(2024, 1, 1), "0.015", "0.15"),
        ("KRX", date(2025, 12, 31), "0.015", "0.15"),
        ("KRX", date(2026, 1, 1), "0.015", "0.20"),
        ("US", date(2026, 4, 3), "0", "0"),
        ("US", date(2026, 4, 4), "0", "0.00206"),
        ("UPBIT", date(2026, 1, 1), "0.05", "0"),
        ("BINANCE", date(2026, 1, 1), "0.1", "0"),
    ],
)
def test_costs_are_those_of_the_day(market: str, day: date, commission: str, tax: str) -> None:
    cost = cost_on(MARKETS[market], day)
    assert (cost.commission, cost.tax) == (Decimal(commission), Decimal(tax))


@pytest.mark.parametrize(
    ("instrument", "time", "day"),
    [
        ("KRX:005930", "2024-08-09T14:59:59+00:00", date(2024, 8, 9)),
        ("KRX:005930", "2024-08-09T15:00:00+00:00", date(2024, 8, 10)),
        ("US:AAPL", "2026-03-08T04:59:59+00:00", date(2026, 3, 7)),
        ("US:AAPL", "2026-03-08T05:00:00+00:00", date(2026, 3, 8)),
        ("US:AAPL", "2026-03-09T03:59:59+00:00", date(2026, 3, 8)),
        ("US:AAPL", "2026-11-02T04:59:59+00:00", date(2026, 11, 1)),
        ("BINANCE:BTCUSDT", "2024-08-09T23:59:59+00:00", date(2024, 8, 9)),
    ],
)
def test_a_day_is_the_markets_own(instrument: str, time: str, day: date) -> None:
    assert local_date(profile_of(MARKETS, InstrumentId(instrument)), at(time)) == day


@pytest.mark.parametrize(
    ("market", "day", "end"),
    [
        ("KRX", date(2024, 8, 9), "2024-08-09T15:00:00+00:00"),
        ("US", date(2026, 3, 7), "2026-03-08T05:00:00+00:00"),
        ("US", date(2026, 3, 8), "2026-03-09T04:00:00+00:00"),
        ("US", date(2026, 10, 31), "2026-11-01T04:00:00+00:00"),
        ("US", date(2026, 11, 1), "2026-11-02T05:00:00+00:00"),
        ("UPBIT", date(2026, 12, 31), "2026-12-31T15:00:00+00:00"),
    ],
)
def test_a_day_ends_at_the_markets_midnight(market: str, day: date, end: str) -> None:
    assert end_of_day(MARKETS[market], day) == at(end)
    assert local_date(MARKETS[market], end_of_day(MARKETS[market], day) - 1) == day
    assert local_date(MARKETS[market], end_of_day(MARKETS[market], day)) > day


@pytest.mark.parametrize(
    ("market", "until", "last"),
    [
        ("KRX", "", date(2026, 2, 15)),
        ("US", "", date(2025, 12, 17)),
        ("KRX", "0d", date(2025, 11, 17)),
        ("KRX", "14d", date(2025, 12, 1)),
        ("KRX", "2026-01-02", date(2026, 1, 2)),
    ],
)
def test_the_last_day_counts_from_today(market: str, until: str, last: date) -> None:
    assert last_valid_day(MARKETS[market], until, date(2025, 11, 17)) == last


def test_a_moment_keeps_its_microseconds_and_its_zone() -> None:
    shown = moment(1_723_161_600_123_456_789, "Asia/Seoul")
    assert shown.isoformat() == "2024-08-09T09:00:00.123456+09:00"
