"""How long a rule lasts: caps by market, the last day included, to the market's own midnight (semantics 2.12, 2.15)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rig import Rig, price, rule, world

from autotrader.domain.rule import Above, OrderSpec, OrderType, RuleId
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import FeedClock


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000_000


def rig_at(text: str) -> Rig:
    rig = Rig(armed=False)
    rig.now = at(text)
    rig.later(0)
    rig.recover()
    return rig


@pytest.mark.parametrize(
    ("instrument", "until", "refused"),
    [
        ("KRX:005930", "90d", None),
        ("KRX:005930", "91d", "rule.until_beyond_cap"),
        ("US:AAPL", "30d", None),
        ("US:AAPL", "31d", "rule.until_beyond_cap"),
        ("UPBIT:KRW-BTC", "90d", None),
        ("BINANCE:BTCUSDT", "91d", "rule.until_beyond_cap"),
        ("KRX:005930", "2024-08-09", None),
        ("KRX:005930", "2024-08-08", "rule.until_past"),
        ("KRX:005930", "2024-11-07", None),
        ("KRX:005930", "2024-11-08", "rule.until_beyond_cap"),
    ],
)
def test_until_is_capped_by_the_market(instrument: str, until: str, refused: str | None) -> None:
    rig = rig_at("2024-08-09T09:00+09:00")
    one = rule("r", Above(price(99_000_000)), instrument=InstrumentId(instrument), quantity=Decimal(1), until=until)
    answer = rig.add(one)
    assert answer.get("code") == refused


@pytest.mark.parametrize(
    ("instrument", "made", "until", "last", "over"),
    [
        pytest.param("KRX:005930", "2024-08-09T09:00+09:00", "0d", "2024-08-09T23:59:59+09:00", "2024-08-10T00:00+09:00", id="Seoul"),
        pytest.param("KRX:005930", "2024-08-09T09:00+09:00", "", "2024-11-07T23:59:59+09:00", "2024-11-08T00:00+09:00", id="Seoul cap"),
        pytest.param("BINANCE:BTCUSDT", "2024-08-09T09:00+09:00", "1d", "2024-08-10T23:59:59+00:00", "2024-08-11T00:00+00:00", id="UTC"),
        pytest.param(
            "US:AAPL", "2026-03-07T12:00-05:00", "2026-03-08", "2026-03-08T23:59:59-04:00", "2026-03-09T00:00-04:00", id="New York springs"
        ),
        pytest.param(
            "US:AAPL",
            "2026-10-30T12:00-04:00",
            "2026-11-01",
            "2026-11-01T23:59:59-05:00",
            "2026-11-02T00:00-05:00",
            id="New York falls back",
        ),
        pytest.param(
            "US:AAPL", "2026-03-08T00:30-05:00", "0d", "2026-03-08T23:59:59-04:00", "2026-03-09T00:00-04:00", id="New York, made before"
        ),
    ],
)
def test_a_rule_ends_at_the_midnight_of_its_market(instrument: str, made: str, until: str, last: str, over: str) -> None:
    rig = rig_at(made)
    rig.add(rule("r", Above(price(99_000_000)), instrument=InstrumentId(instrument), quantity=Decimal(1), until=until))
    rig.now = at(last)
    rig.later(0)
    assert rig.state("r") == "waiting"
    rig.now = at(over)
    rig.later(0)
    assert (rig.state("r"), rig.alert_codes()[-1:]) == ("expired", ["leg.expired"])


def test_a_rule_that_expired_while_the_daemon_was_down_does_not_fire() -> None:
    rig = rig_at("2024-08-09T09:00+09:00")
    rig.add(rule("r", Above(price(71000)), quantity=Decimal(1), until="0d"))
    rig.prints("70000")
    rig.crash(seconds=86_400)
    rig.recover()
    rig.later(0.25)
    assert (rig.prints("72000"), rig.state("r")) == ([], "expired")


def test_a_working_order_outlives_its_rule() -> None:
    rig = rig_at("2024-08-09T09:00+09:00")
    limit = OrderSpec(OrderType.LIMIT, Decimal(71000))
    rig.add(rule("r", Above(price(71000)), quantity=Decimal(1), until="0d", order=limit))
    rig.prints("70000 71000")
    rig.accept()
    rig.later(86_400)
    assert rig.state("r") == "fired"


def test_a_limit_order_that_could_not_leave_is_held_when_its_rule_is_over() -> None:
    rig = rig_at("2024-08-09T09:00+09:00")
    limit = OrderSpec(OrderType.LIMIT, Decimal(71000))
    rig.add(*[rule(name, Above(price(71000)), quantity=Decimal(1), until="0d", order=limit) for name in "ab"])
    rig.prints("70000 71000")
    rig.later(3600)
    assert rig.state("b") == "fired"
    rig.later(86_400)
    assert rig.state("b") == "held"


def test_a_simulated_market_ends_by_its_own_clock() -> None:
    rig = Rig(world(clock=FeedClock.SIMULATED), armed=False)
    rig.now = at("2024-08-09T09:00+09:00")
    rig.later(0)
    rig.recover()
    rig.add(rule("r", Above(price(99_000)), quantity=Decimal(1), until="0d"))
    rig.tick(70000, time=at("2024-08-09T23:59+09:00"))
    rig.later(86_400 * 3)
    assert rig.state("r") == "watching"
    rig.tick(70000, time=at("2024-08-10T00:00+09:00"))
    rig.later(0.25)
    assert rig.state("r") == "expired"


def test_an_edit_of_other_words_keeps_the_last_day() -> None:
    rig = rig_at("2024-08-09T09:00+09:00")
    rig.plan(rule("r", Above(price(99_000)), quantity=Decimal(1), until="10d"))
    rig.later(86_400 * 5)
    rig.plan(rule("r", Above(price(98_000)), quantity=Decimal(1), until="10d"))
    assert rig.engine.book.rules[RuleId("r")].expires == "2024-08-19"
