"""What the keys of a rule mean, for the file and for the command line."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autotrader.config.mistakes import Mistakes
from autotrader.config.rules import RuleContext, context_of, read_rule, rule_from_fields
from autotrader.domain.rule import (
    Above,
    AccountName,
    AlreadyMet,
    Amount,
    AtPrice,
    Base,
    Below,
    Bind,
    OffBase,
    OnRecovery,
    OrderSpec,
    OrderType,
    Percent,
    ProfitRate,
    Rebound,
    Stop,
    Target,
    Ticks,
    Trail,
    Trigger,
)
from autotrader.domain.settings import AccountSettings, FeedSettings, Settings
from autotrader.domain.tick import FeedName

TODAY = date(2026, 11, 20)
CONTEXT = RuleContext(("main",), {"demo": ("KRX:*", "BINANCE:*")}, TODAY)
SELL = {"instrument": "KRX:005930", "side": "sell", "quantity": "10"}
BUY = {"instrument": "KRX:005930", "side": "buy", "quantity": "10"}


def sentences(fields: dict[str, Any], context: RuleContext = CONTEXT) -> list[str]:
    """Return all that is said against a rule."""
    return [mistake.sentence() for mistake in read_rule("r", fields, context).mistakes]


@pytest.mark.parametrize(
    ("side", "keys", "trigger"),
    [
        (SELL, {"stop": "68000"}, Stop(AtPrice(Decimal(68000)))),
        (SELL, {"stop": "-5%"}, Stop(ProfitRate(Decimal(-5)))),
        (SELL, {"stop": "+5%"}, Stop(ProfitRate(Decimal(5)))),
        (SELL, {"stop": "5%", "base": "arm"}, Stop(OffBase(Percent(Decimal(-5)), Base.ARM))),
        (SELL, {"stop": "-5%", "base": "previous_close"}, Stop(OffBase(Percent(Decimal(-5)), Base.PREVIOUS_CLOSE))),
        (SELL, {"stop": "5 ticks", "base": "70000"}, Stop(OffBase(Ticks(-5), AtPrice(Decimal(70000))))),
        (SELL, {"target": "+10%"}, Target(ProfitRate(Decimal(10)))),
        (SELL, {"target": "10%", "base": "arm"}, Target(OffBase(Percent(Decimal(10)), Base.ARM))),
        (SELL, {"target": "1 tick", "base": "arm"}, Target(OffBase(Ticks(1), Base.ARM))),
        (SELL, {"trail": "3%"}, Trail(Percent(Decimal(3)))),
        (SELL, {"trail": "1000"}, Trail(Amount(Decimal(1000)))),
        (SELL, {"trail": "5 ticks", "activate": "75000"}, Trail(Ticks(5), AtPrice(Decimal(75000)))),
        (SELL, {"trail": "2%", "activate": "+5%"}, Trail(Percent(Decimal(2)), ProfitRate(Decimal(5)))),
        (SELL, {"trail": "2%", "activate": "5%", "base": "arm"}, Trail(Percent(Decimal(2)), OffBase(Percent(Decimal(5)), Base.ARM))),
        (BUY, {"above": "310000"}, Above(AtPrice(Decimal(310000)))),
        (BUY, {"above": "+3%", "base": "previous_close"}, Above(OffBase(Percent(Decimal(3)), Base.PREVIOUS_CLOSE))),
        (BUY, {"above": "0%", "base": "previous_close"}, Above(OffBase(Percent(Decimal(0)), Base.PREVIOUS_CLOSE))),
        (BUY, {"below": "3 %", "base": "arm"}, Below(OffBase(Percent(Decimal(-3)), Base.ARM))),
        (BUY, {"rebound": "2%", "activate": "55000"}, Rebound(Percent(Decimal(2)), AtPrice(Decimal(55000)))),
        (BUY, {"rebound": "2%", "activate": "5%", "base": "arm"}, Rebound(Percent(Decimal(2)), OffBase(Percent(Decimal(-5)), Base.ARM))),
    ],
    ids=lambda value: " ".join(f"{k} {v}" for k, v in value.items() if k not in SELL) if isinstance(value, dict) else "",
)
def test_the_words_of_a_trigger_mean(side: dict[str, str], keys: dict[str, str], trigger: Trigger) -> None:
    rule = rule_from_fields("r", side | keys, CONTEXT)
    assert rule.legs[0].trigger == trigger
    assert rule.legs[0].name == next(iter(keys))


def test_every_option_of_a_rule_is_read() -> None:
    options = {"until": "90d", "already_met": "wait_cross", "recovery": "hold", "bind": "none", "feed": "demo", "note": "Samsung: first"}
    rule = rule_from_fields(
        "r", SELL | {"quantity": "all", "stop": "68000", "account": "main", "order": {"limit": "67900"}} | options, CONTEXT
    )
    assert rule.quantity is None
    assert rule.order == OrderSpec(OrderType.LIMIT, Decimal(67900))
    assert (rule.until, rule.already_met, rule.recovery) == ("90d", AlreadyMet.WAIT_CROSS, OnRecovery.HOLD)
    assert (rule.bind, rule.feed, rule.note) == (Bind.NONE, "demo", "Samsung: first")


def test_what_is_left_out_has_its_default() -> None:
    rule = rule_from_fields("r", SELL | {"stop": "68000"}, CONTEXT)
    assert (rule.account, rule.order, rule.until, rule.already_met) == ("main", OrderSpec(), "", None)
    assert (rule.recovery, rule.bind, rule.feed, rule.note) == (OnRecovery.FIRE, Bind.HOLDING, None, "")


def test_the_command_line_hears_its_flags_and_all_mistakes_at_once() -> None:
    with pytest.raises(Mistakes) as caught:
        rule_from_fields("r", SELL | {"stop": "5%", "already_met": "maybe", "order": {"limit": "x"}}, CONTEXT)
    assert str(caught.value).splitlines() == [
        "--stop: `stop: 5%` could mean two things; write -5% for a profit rate on the average cost, "
        "or add `base: arm`, `base: previous_close` or `base: PRICE`",
        "--limit: 'x' is not a number; write digits with at most one point, such as 70000 or 0.01",
        "--already-met: 'maybe' is not possible here; write one of reject, fire, wait_cross",
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (BUY | {"stop": "5%", "base": "arm"}, "--stop: `stop` belongs to sells; a buy takes above, below, rebound or at"),
        (SELL, "the rule has no trigger; a sell takes stop, target, trail, preserve or time_exit"),
        (SELL | {"trail": "five ticks"}, "--trail: 'five ticks' is not a number of ticks; write one such as 5 ticks"),
        (SELL | {"trail": "10001 ticks"}, "--trail: '10001 ticks' is out of range; write 1 to 10000 ticks"),
        (SELL | {"trail": "0%"}, "--trail: '0%' is out of range; write a percentage above 0% and under 100%, without a sign"),
        (SELL | {"stop": "1", "note": "x" * 501}, "--note: the note is longer than 500 characters; shorten it"),
        (BUY | {"below": "100%", "base": "arm"}, "--below: `below: 100%` leaves no price above zero; write less than 100%"),
        (SELL | {"stop": "5%", "base": "0"}, "--base: '0' is not above zero; write a number above zero without a sign"),
        (SELL | {"stop": "٣"}, "--stop: '٣' is not a number; write digits with at most one point, such as 70000 or 0.01"),
        (SELL | {"stop": "1", "until": "0d"}, "--until: '0d' is neither a date nor a number of days; write one such as 2026-12-31 or 90d"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused(fields: dict[str, Any], sentence: str) -> None:
    assert sentences(fields) == [sentence]


@pytest.mark.parametrize(
    ("instrument", "until", "allowed"),
    [
        ("KRX:005930", "2026-11-20", True),
        ("KRX:005930", "2027-02-18", True),
        ("KRX:005930", "2027-02-19", False),
        ("US:AAPL", "30d", True),
        ("US:AAPL", "31d", False),
        ("BINANCE:BTCUSDT", "90d", True),
        ("BINANCE:BTCUSDT", "91d", False),
    ],
)
def test_a_rule_lasts_as_long_as_its_market_allows(instrument: str, until: str, allowed: bool) -> None:
    fields = SELL | {"stop": "1", "instrument": instrument, "until": until}
    assert (sentences(fields, RuleContext(("main",), None, TODAY)) == []) is allowed


def test_without_a_day_validity_is_not_judged() -> None:
    assert sentences(SELL | {"stop": "1", "until": "2020-01-01"}, RuleContext(("main",), None, None)) == []


def test_a_day_that_passed_while_the_file_stayed_is_a_warning_where_asked_for() -> None:
    reading = read_rule("r", SELL | {"stop": "1", "until": "2026-11-19"}, RuleContext(("main",), None, TODAY, past_is_mistake=False))
    assert reading.rule is not None
    assert [warning.code for warning in reading.warnings] == ["config.past"]


@pytest.mark.parametrize(
    ("fields", "warnings"),
    [
        pytest.param(
            SELL | {"trail": "3%", "activate": "+2%"},
            ["--trail: activated at +2%, a trail of 3% can still sell at a loss of 1.06%; a smaller trail would not"],
            id="a trail wider than its gain",
        ),
        pytest.param(SELL | {"trail": "2%", "activate": "+5%"}, [], id="a trail within its gain"),
        pytest.param(SELL | {"trail": "2%", "activate": "-5%"}, [], id="an activation that is no profit promises none"),
        pytest.param(SELL | {"trail": "3%", "activate": "75000"}, [], id="an activation price says nothing of the cost"),
        pytest.param(
            SELL | {"stop": "68000", "order": {"limit": "67950.5"}},
            ["--limit: the limit 67950.5 is not on a price step, so it will be sent rounded down; write 67900 or 68000"],
            id="a sell limit between two steps",
        ),
        pytest.param(
            BUY | {"above": "310000", "order": {"limit": "310100"}},
            ["--limit: the limit 310100 is not on a price step, so it will be sent rounded up; write 310000 or 310500"],
            id="a buy limit between two steps",
        ),
        pytest.param(SELL | {"stop": "68000", "order": {"limit": "68000"}}, [], id="a limit at the stop"),
    ],
)
def test_what_is_odd_but_allowed_is_a_warning(fields: dict[str, Any], warnings: list[str]) -> None:
    reading = read_rule("r", fields, CONTEXT)
    assert reading.rule is not None
    assert [warning.sentence() for warning in reading.warnings] == warnings


def test_a_quantity_is_a_multiple_of_the_lot_to_the_last_digit() -> None:
    coin = {"instrument": "BINANCE:BTCUSDT", "side": "buy", "below": "55000"}
    assert rule_from_fields("r", coin | {"quantity": "0.00000001"}, CONTEXT).quantity == Decimal("0.00000001")
    assert sentences(coin | {"quantity": "0.000000011"}) == [
        "--quantity: 0.000000011 is not a multiple of 0.00000001, the smallest lot of BINANCE:BTCUSDT; round it"
    ]


def test_a_rule_of_the_command_line_is_judged_by_the_file_s_accounts_and_feeds() -> None:
    accounts = (AccountSettings(AccountName("first")), AccountSettings(AccountName("second")))
    settings = Settings(accounts=accounts, feeds=(FeedSettings(FeedName("coins"), "binance"),))
    assert sentences(SELL | {"stop": "68000"}, context_of(settings, TODAY)) == [
        "--account: there are several accounts (first, second); add `account:` with one of them",
        "no feed serves KRX:005930; list it under the `instruments` of a feed",
    ]
    coin = SELL | {"instrument": "BINANCE:BTCUSDT", "stop": "5", "account": "second", "feed": "coins"}
    assert sentences(coin, context_of(settings, TODAY)) == []
