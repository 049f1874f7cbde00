"""What the market files say, and how an instrument, a day and a cost are found in them."""

import tomllib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest

from autotrader.config.markets import load_contracts, load_markets
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing
from autotrader.markets.calendar import end_of_day, last_valid_day, local_date, moment
from autotrader.markets.profile import cost_on, find_instrument, ladder_of, profile_of
from autotrader.markets.reading import TABLES, joined, read_contracts, read_markets
from autotrader.markets.ticks import step_at

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
    ("market", "kind", "day", "commission", "tax"),
    [
        ("KRX", "stock", date(1999, 1, 1), "0.015", "0.30"),
        ("KRX", "stock", date(2019, 6, 2), "0.015", "0.30"),
        ("KRX", "stock", date(2019, 6, 3), "0.015", "0.25"),
        ("KRX", "stock", date(2024, 1, 1), "0.015", "0.18"),
        ("KRX", "stock", date(2025, 12, 31), "0.015", "0.15"),
        ("KRX", "stock", date(2026, 1, 1), "0.015", "0.20"),
        ("KRX", "kosdaq", date(2025, 12, 31), "0.015", "0.15"),
        ("KRX", "kosdaq", date(2026, 1, 1), "0.015", "0.20"),
        ("KRX", "konex", date(2026, 1, 1), "0.015", "0.10"),
        ("KRX", "etf", date(2026, 1, 1), "0.015", "0"),
        ("KRX", "etn", date(2026, 1, 1), "0.015", "0"),
        ("KRX", "elw", date(2026, 1, 1), "0.015", "0"),
        ("NXT", "stock", date(2025, 12, 31), "0.015", "0.15"),
        ("NXT", "stock", date(2026, 1, 1), "0.015", "0.20"),
        ("US", "stock", date(2025, 5, 13), "0", "0.00278"),
        ("US", "stock", date(2026, 4, 3), "0", "0"),
        ("US", "stock", date(2026, 4, 4), "0", "0.00206"),
        ("UPBIT", "stock", date(2026, 1, 1), "0.05", "0"),
        ("BINANCE", "stock", date(2026, 1, 1), "0.1", "0"),
    ],
)
def test_costs_are_those_of_the_kind_and_the_day(market: str, kind: str, day: date, commission: str, tax: str) -> None:
    cost = cost_on(MARKETS[market], day, kind)
    assert (cost.commission, cost.tax) == (Decimal(commission), Decimal(tax))


def test_a_fee_a_share_is_capped_an_order() -> None:
    cost = cost_on(MARKETS["US"], date(2026, 11, 20))
    assert (cost.per_share, cost.per_share_cap) == (Decimal("0.000195"), Decimal("9.79"))


@pytest.mark.parametrize(
    ("code", "day", "kind", "step_at_5000", "multiple"),
    [
        ("005930", date(2026, 11, 20), "stock", "10", 1),
        ("005930", date(2023, 1, 25), "stock", "10", 1),
        ("005930", date(2023, 1, 24), "stock", "10", 1),
        ("069500", date(2026, 11, 20), "etf", "5", 1),
        ("122630", date(2026, 11, 20), "etf", "5", 2),
        ("252670", date(2026, 11, 20), "etf", "5", 2),
        ("114800", date(2026, 11, 20), "etf", "5", 1),
    ],
)
def test_a_code_has_the_kind_and_the_steps_of_the_day(code: str, day: date, kind: str, step_at_5000: str, multiple: int) -> None:
    found = find_instrument(MARKETS, InstrumentId(f"KRX:{code}"), day)
    assert (found.kind, step_at(found.ladder, Decimal(5000)), found.limit_multiple) == (kind, Decimal(step_at_5000), multiple)


@pytest.mark.parametrize(
    ("kind", "day", "price", "step"),
    [
        ("", date(2023, 1, 24), "1500", "5"),
        ("", date(2023, 1, 25), "1500", "1"),
        ("", date(2023, 1, 24), "150000", "500"),
        ("kosdaq", date(2023, 1, 24), "150000", "100"),
        ("kosdaq", date(2023, 1, 25), "150000", "100"),
        ("etf", date(2023, 12, 10), "1500", "5"),
        ("etf", date(2023, 12, 11), "1500", "1"),
        ("elw", date(2026, 11, 20), "500", "5"),
    ],
)
def test_steps_have_a_history(kind: str, day: date, price: str, step: str) -> None:
    assert step_at(ladder_of(MARKETS["KRX"], "000000", kind, day), Decimal(price)) == Decimal(step)


@pytest.mark.parametrize(
    ("symbol", "multiplier", "tick", "value_of_a_tick", "delisted"),
    [
        ("ES", "50", "0.25", "12.50", False),
        ("MES", "5", "0.25", "1.25", False),
        ("NQ", "20", "0.25", "5.00", False),
        ("MNQ", "2", "0.25", "0.50", False),
        ("YM", "5", "1", "5.00", False),
        ("MYM", "0.5", "1", "0.50", False),
        ("SP", "250", "0.10", "25.00", True),
        ("ND", "100", "0.25", "25.00", True),
        ("DJ", "10", "1", "10.00", True),
    ],
)
def test_contracts_are_as_the_exchange_has_them(symbol: str, multiplier: str, tick: str, value_of_a_tick: str, delisted: bool) -> None:
    (contract,) = [row for row in load_contracts() if row.symbol == symbol]
    assert (contract.multiplier, contract.tick, contract.delisted) == (Decimal(multiplier), Decimal(tick), delisted)
    assert contract.multiplier * contract.tick == Decimal(value_of_a_tick)


def packaged() -> dict[str, Any]:
    data = resources.files("autotrader.markets").joinpath("data")
    texts = (file.read_text(encoding="utf-8") for file in data.iterdir() if file.name.endswith(".toml"))
    return joined(tomllib.loads(text, parse_float=Decimal) for text in texts)


def test_our_own_facts_have_no_mistake() -> None:
    assert read_markets(packaged())[1] == []
    assert read_contracts(packaged())[1] == []


def test_every_fact_of_ours_has_a_day_a_source_and_a_grade() -> None:
    for profile in MARKETS.values():
        tables = (getattr(profile, name) for name in TABLES)
        assert all(row.source and row.grade and row.effective_from > date.min for table in tables for row in table)
        assert all(row.source for row in (*profile.calendar.closed, *profile.calendar.special))


@pytest.mark.parametrize(
    ("market", "table", "spoil", "said"),
    [
        pytest.param("KRX", "costs", {"to": date(2026, 2, 1)}, "market.fact_twice", id="two rates on one day"),
        pytest.param("KRX", "sessions", {"source": ...}, "market.fact_missing", id="a fact without its source"),
        pytest.param("NXT", "acceptance", {"session": "krx.after"}, "market.fact_value", id="orders for another venue's session"),
        pytest.param("US", "sessions", {"close": time(3)}, "market.fact_value", id="a session that closes before it opens"),
    ],
)
def test_a_mistake_of_ours_would_be_noticed(market: str, table: str, spoil: dict[str, Any], said: str) -> None:
    tables = packaged()
    rows = tables[market][table]
    spoilt = next(row for row in rows if row.get("to") == date(2025, 12, 31)) if "to" in spoil else rows[1]
    spoilt.update(spoil)
    for key in [key for key, value in spoilt.items() if value is ...]:
        del spoilt[key]
    assert said in {mistake.code for mistake in read_markets(tables)[1]}


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
