"""How simulated prices move."""

from decimal import Decimal
from itertools import pairwise

import pytest

from autotrader.domain.settings import SimInstrument
from autotrader.domain.tick import InstrumentId
from autotrader.exchange.place import ladder_of
from autotrader.exchange.walk import Walk
from autotrader.feeds.sim.dice import dice_for
from autotrader.feeds.sim.issues import issue_of, read_facts
from autotrader.markets.ticks import floor_to_tick

FACTS = read_facts()
NOON = 1_795_143_600_000_000_000
"""2026-11-20 12:00 in Seoul."""


def walk(name: str, seed: int = 7, **spec: object) -> Walk:
    instrument = InstrumentId(name)
    settings = SimInstrument(**spec)  # type: ignore[arg-type]  # the tables below are typed by the Struct itself
    issue = issue_of(FACTS, instrument, settings, NOON, hours=False)
    return Walk(settings, ladder_of(issue), issue.instrument.lot, dice_for(seed, instrument))


def prices(name: str, count: int, seed: int = 7, **spec: object) -> list[Decimal]:
    moving = walk(name, seed, **spec)
    return [moving.move().price for _ in range(count)]


def test_the_same_seed_gives_the_same_prints() -> None:
    first, second = walk("KRX:005930", start=Decimal(70000)), walk("KRX:005930", start=Decimal(70000))
    assert [first.move() for _ in range(300)] == [second.move() for _ in range(300)]


def test_another_seed_or_instrument_goes_its_own_way() -> None:
    base = prices("KRX:005930", 100, start=Decimal(70000))
    assert base != prices("KRX:005930", 100, seed=8, start=Decimal(70000))
    assert base != prices("KRX:000660", 100, start=Decimal(70000))


def test_the_walk_is_the_same_on_every_machine_and_in_every_release() -> None:
    walked = prices("KRX:005930", 6, start=Decimal(70000))
    assert walked == [70000, 69900, 69900, 69900, 69800, 69800]


@pytest.mark.parametrize(
    ("name", "start", "volatility"),
    [
        pytest.param("KRX:005930", "70000", "0.15", id="one band of the Korean ladder"),
        pytest.param("KRX:000660", "199900", "1", id="across a band"),
        pytest.param("UPBIT:KRW-BTC", "150000000", "0.1", id="thousand won steps"),
        pytest.param("BINANCE:BTCUSDT", "60000", "0.3", id="nine thousand ticks a step"),
        pytest.param("US:AAPL", "1.01", "5", id="under a dollar"),
        pytest.param("BINANCE:PEPEUSDT", "0.00001234", "2", id="a ladder nobody knows"),
        pytest.param("KRX:999999", "3", "40", id="a penny stock stays above zero"),
    ],
)
def test_every_price_is_on_the_ladder_and_above_zero(name: str, start: str, volatility: str) -> None:
    ladder = ladder_of(issue_of(FACTS, InstrumentId(name), SimInstrument(start=Decimal(start)), NOON, hours=False))
    walked = prices(name, 400, start=Decimal(start), volatility=Decimal(volatility))
    assert walked[0] == Decimal(start)
    assert all(price > 0 and floor_to_tick(ladder, price) == price for price in walked)
    assert len(set(walked)) > 3


def test_volatility_is_the_usual_size_of_a_step() -> None:
    walked = prices("BINANCE:BTCUSDT", 2000, start=Decimal(60000), volatility=Decimal("0.2"))
    changes = [abs(after / before - 1) * 100 for before, after in pairwise(walked)]
    assert Decimal("0.12") < sum(changes) / len(changes) < Decimal("0.2")


def test_drift_carries_even_where_a_step_is_less_than_a_tick() -> None:
    walked = prices("KRX:005930", 101, start=Decimal(70000), volatility=Decimal(0), drift=Decimal("0.01"))
    assert walked[1] == 70000
    assert walked[-1] in {Decimal(70600), Decimal(70700)}
    assert walked == sorted(walked)


def test_a_script_is_followed_one_price_a_step_and_its_last_price_repeats() -> None:
    path = tuple(map(Decimal, ("70000", "75000", "73000.5")))
    assert prices("KRX:005930", 5, start=Decimal(1), path=path) == [*path, path[-1], path[-1]]


def test_sizes_are_whole_shares_and_parts_of_coins() -> None:
    share, coin = walk("KRX:005930", start=Decimal(70000)), walk("BINANCE:BTCUSDT", start=Decimal(60000))
    assert all(share.move().size % 1 == 0 for _ in range(50))
    assert any(coin.move().size % 1 != 0 for _ in range(50))
