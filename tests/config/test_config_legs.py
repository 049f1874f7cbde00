"""Several legs on one quantity, exits of an entry, and how many: what the words of the file mean."""

from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from autotrader.config.rules import RuleContext, read_rule, rule_from_fields
from autotrader.config.schema import json_schema
from autotrader.domain.rule import (
    Above,
    Amount,
    At,
    AtPrice,
    Base,
    Below,
    Leg,
    LegName,
    OffBase,
    OrderSpec,
    OrderType,
    Part,
    PartOf,
    Peg,
    PegTo,
    Percent,
    Preserve,
    ProfitRate,
    Quantity,
    Rebound,
    Side,
    Spend,
    Stop,
    Target,
    Then,
    Ticks,
    TimeExit,
    TimeInForce,
    Trail,
    Trigger,
)

TODAY = date(2026, 11, 20)
CONTEXT = RuleContext(("main",), {"demo": ("KRX:*", "BINANCE:*")}, TODAY)
SELL = {"instrument": "KRX:005930", "side": "sell", "quantity": "10"}
BUY = {"instrument": "KRX:005930", "side": "buy", "quantity": "10"}


def at(price: int) -> AtPrice:
    return AtPrice(Decimal(price))


def rate(percent: int) -> ProfitRate:
    return ProfitRate(Decimal(percent))


def sentences(fields: dict[str, Any]) -> list[str]:
    """Return all that is said against a rule."""
    return [mistake.sentence() for mistake in read_rule("r", fields, CONTEXT).mistakes]


def test_the_legs_of_the_manual_are_read() -> None:
    written = [
        {"stop": "-5%"},
        {"target": "+10%", "share": "50%", "then": "stop_to_breakeven"},
        {"trail": "2%", "activate": "+5%", "limit_offset": "100"},
    ]
    rule = rule_from_fields("r", SELL | {"legs": written}, CONTEXT)
    assert rule.legs == (
        Leg(LegName("stop"), Stop(rate(-5))),
        Leg(LegName("target"), Target(rate(10)), share=Decimal(50), then=Then.STOP_TO_BREAKEVEN),
        Leg(LegName("trail"), Trail(Percent(Decimal(2)), rate(5)), limit_offset=Amount(Decimal(100))),
    )


@pytest.mark.parametrize(
    ("legs", "names"),
    [
        pytest.param([{"stop": "5"}, {"target": "9"}], ["stop", "target"], id="one of a kind is called by its kind"),
        pytest.param([{"target": "8"}, {"stop": "5"}, {"target": "9"}], ["target-1", "stop", "target-2"], id="several are counted"),
        pytest.param([{"stop": "5", "name": "floor"}, {"target": "9"}], ["floor", "target"], id="a name of its own"),
        pytest.param([{"target": "8", "name": "half"}, {"target": "9"}], ["half", "target-2"], id="naming one does not rename the next"),
        pytest.param([{"time_exit": "close-5m"}, {"time_exit": "10:00"}], ["time_exit-1", "time_exit-2"], id="by the clock"),
        pytest.param([{"stop": "5"}, {"trail": "1"}, {"target": "9"}], ["stop", "trail", "target"], id="in the order of the file"),
        pytest.param([{"trail": "1"}, {"target": "9"}, {"stop": "5"}], ["trail", "target", "stop"], id="which names nothing"),
    ],
)
def test_a_leg_is_known_by_its_name_or_its_kind_and_number(legs: list[dict[str, str]], names: list[str]) -> None:
    assert [leg.name for leg in rule_from_fields("r", SELL | {"legs": legs}, CONTEXT).legs] == names


def test_a_buy_may_have_several_ways_in_and_exits_for_what_it_bought() -> None:
    legs = [{"above": "75000", "limit_offset": "100"}, {"below": "65000"}]
    rule = rule_from_fields("r", BUY | {"legs": legs, "exits": [{"stop": "-3%"}, {"target": "+6%", "share": "50%"}]}, CONTEXT)
    assert [leg.trigger for leg in rule.legs] == [Above(at(75000)), Below(at(65000))]
    assert rule.exits == (Leg(LegName("stop"), Stop(rate(-3))), Leg(LegName("target"), Target(rate(6)), share=Decimal(50)))


def test_a_leg_has_its_own_base_and_its_own_order() -> None:
    legs = [{"stop": "5%", "base": "arm", "order": "best"}, {"target": "9%", "base": "70000"}]
    rule = rule_from_fields("r", SELL | {"legs": legs, "order": {"limit": "last"}}, CONTEXT)
    assert rule.legs[0] == Leg(LegName("stop"), Stop(OffBase(Percent(Decimal(-5)), Base.ARM)), order=OrderSpec(OrderType.BEST))
    assert rule.legs[1] == Leg(LegName("target"), Target(OffBase(Percent(Decimal(9)), at(70000))))
    assert rule.order == OrderSpec(OrderType.LIMIT, peg=Peg(PegTo.LAST))


@pytest.mark.parametrize(
    ("side", "keys", "trigger"),
    [
        (SELL, {"trail": "2%", "step": "100"}, Trail(Percent(Decimal(2)), None, Amount(Decimal(100)))),
        (SELL, {"trail": "1000", "start": "70000"}, Trail(Amount(Decimal(1000)), None, None, Decimal(70000))),
        (SELL, {"trail": "2%", "activate": "+5%", "step": "3 ticks"}, Trail(Percent(Decimal(2)), rate(5), Ticks(3))),
        (BUY, {"rebound": "2%", "step": "1%", "start": "60000"}, Rebound(Percent(Decimal(2)), None, Percent(Decimal(1)), Decimal(60000))),
        (SELL, {"preserve": {"arm": "+7%", "floor": "+5%"}}, Preserve(rate(7), rate(5))),
        (SELL, {"preserve": {"arm": "75000", "floor": "73000"}}, Preserve(at(75000), at(73000))),
        (SELL, {"preserve": {"arm": "+1%", "floor": "-1%"}}, Preserve(rate(1), rate(-1))),
        (
            SELL,
            {"preserve": {"arm": "7%", "floor": "5%"}, "base": "arm"},
            Preserve(OffBase(Percent(Decimal(7)), Base.ARM), OffBase(Percent(Decimal(5)), Base.ARM)),
        ),
        (SELL, {"time_exit": "15:15"}, TimeExit("15:15")),
        (SELL, {"time_exit": " close-5m "}, TimeExit("close-5m")),
        (BUY, {"at": "open"}, At("open")),
    ],
)
def test_the_words_of_a_trigger_mean(side: dict[str, Any], keys: dict[str, Any], trigger: Trigger) -> None:
    assert rule_from_fields("r", side | keys, CONTEXT).legs[0].trigger == trigger


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("100", Amount(Decimal(100))),
        ("0.5%", Percent(Decimal("0.5"))),
        ("1 tick", Ticks(1)),
        ("0", Amount(Decimal(0))),
        ("0.0", Amount(Decimal(0))),
        ("0%", Amount(Decimal(0))),
        ("0 ticks", Amount(Decimal(0))),
    ],
)
def test_a_limit_lies_so_far_beyond_its_level_or_at_it(text: str, offset: Any) -> None:
    assert rule_from_fields("r", SELL | {"stop": "68000", "limit_offset": text}, CONTEXT).legs[0].limit_offset == offset


@pytest.mark.parametrize(
    ("fields", "quantity"),
    [
        (SELL | {"stop": "5", "quantity": "all"}, None),
        (SELL | {"stop": "5", "quantity": "7"}, Decimal(7)),
        (SELL | {"stop": "5", "quantity": "50%"}, Part(Decimal(50))),
        (SELL | {"stop": "5", "quantity": "50% of position"}, Part(Decimal(50))),
        (SELL | {"stop": "5", "quantity": "33.3 % of sellable"}, Part(Decimal("33.3"), PartOf.SELLABLE)),
        (SELL | {"stop": "5", "quantity": "100%"}, Part(Decimal(100))),
        ({"instrument": "KRX:005930", "side": "buy", "amount": "1000000", "below": "5"}, Spend(Decimal(1000000))),
    ],
)
def test_a_quantity_is_all_a_number_a_part_or_money(fields: dict[str, Any], quantity: Quantity) -> None:
    assert rule_from_fields("r", fields, CONTEXT).quantity == quantity


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ({"limit": "last"}, OrderSpec(OrderType.LIMIT, peg=Peg(PegTo.LAST))),
        ({"limit": "bid - 2 ticks"}, OrderSpec(OrderType.LIMIT, peg=Peg(PegTo.BID, -2))),
        ({"limit": "ask+1 tick", "tif": "ioc"}, OrderSpec(OrderType.LIMIT, tif=TimeInForce.IOC, peg=Peg(PegTo.ASK, 1))),
    ],
)
def test_a_limit_may_be_measured_from_a_price_of_the_moment(written: dict[str, str], order: OrderSpec) -> None:
    assert rule_from_fields("r", SELL | {"stop": "5", "order": written}, CONTEXT).order == order


@pytest.mark.parametrize(
    "text", ["bid -", "bid - ticks", "bid - -2 ticks", "bid 2 ticks", "last + 0 ticks", "last last", "2 ticks", "bid - 2", "Bid"]
)
def test_what_is_no_price_of_the_moment_is_refused(text: str) -> None:
    assert len(sentences(SELL | {"stop": "5", "order": {"limit": text}})) == 1


def test_the_command_line_hears_which_leg_is_wrong() -> None:
    assert sentences(SELL | {"legs": [{"target": "9"}, {"stop": "5%"}, {"trail": "3%", "order": {"limit": "x"}}]}) == [
        "--leg, number 2, stop: `stop: 5%` could mean two things; write -5% for a profit rate on the average cost, "
        "or add `base: arm`, `base: previous_close` or `base: PRICE`",
        "--leg, number 3, order, limit: 'x' is not a number; write digits with at most one point, such as 70000 or 0.01",
    ]
    assert sentences(BUY | {"below": "5", "exits": [{"share": "5%"}]}) == [
        "--exit, number 1: the leg has no trigger; a leg of a sell takes stop, target, trail, preserve or time_exit",
    ]


@pytest.mark.parametrize(
    ("fields", "warnings"),
    [
        pytest.param(
            SELL | {"stop": "68050", "limit_offset": "100"},
            ["--stop: the level 68050 of this stop-limit is not on a price step; write 68000 or 68100"],
            id="a stop-limit between two steps",
        ),
        pytest.param(SELL | {"stop": "68000", "limit_offset": "100"}, [], id="a stop-limit on a step"),
        pytest.param(SELL | {"stop": "68050"}, [], id="a stop with a market order fires at the next price anyway"),
        pytest.param(
            SELL | {"legs": [{"stop": "68000", "order": {"limit": "67950"}}, {"trail": "3%", "activate": "+2%"}]},
            [
                "--leg, number 2, trail: activated at +2%, a trail of 3% can still sell at a loss of 1.06%; a smaller trail would not",
                "--leg, number 1, order, limit: the limit 67950 is not on a price step, so it will be sent rounded down; "
                "write 67900 or 68000",
            ],
            id="a limit of a leg between two steps, a trail of another wider than its gain",
        ),
    ],
)
def test_what_is_odd_but_allowed_is_a_warning(fields: dict[str, Any], warnings: list[str]) -> None:
    reading = read_rule("r", fields, CONTEXT)
    assert reading.rule is not None
    assert [warning.sentence() for warning in reading.warnings] == warnings


SCHEMA = Draft202012Validator(json_schema())
SELLING = {"stop": "68000", "target": "75000", "trail": "2%", "preserve": {"arm": "+7%", "floor": "+5%"}, "time_exit": "15:15"}
BUYING = {"above": "75000", "below": "65000", "rebound": "2%", "at": "open"}
TRIGGERS: dict[str, Any] = SELLING | BUYING
BESIDE: dict[str, Any] = {"activate": "75000", "step": "100", "start": "70000", "limit_offset": "100", "order": "best"}
IN_LEGS = {"share": "50%", "then": "stop_to_breakeven", "name": "a", "until": "90d"}
IN_RULES: dict[str, Any] = {"quantity": "50%", "amount": "5", "exits": [{"stop": "-5%"}], "bind": "none", "legs": [{"trail": "3%"}]}


def agree(fields: dict[str, Any]) -> bool:
    """Tell whether editors and the reader think the same of a rule."""
    return SCHEMA.is_valid({"rules": {"r": fields}}) is (sentences(fields) == [])


@pytest.mark.parametrize("side", ["sell", "buy"])
def test_editors_accept_what_the_reader_accepts_whichever_keys_stand_in_a_rule(side: str) -> None:
    keys = TRIGGERS | BESIDE | IN_RULES
    head = {"instrument": "KRX:005930", "side": side}
    every = [chosen for count in (1, 2, 3) for chosen in combinations(keys, count)]
    assert [chosen for chosen in every if not agree(head | {"quantity": "10"} | {key: keys[key] for key in chosen})] == []


@pytest.mark.parametrize("side", ["sell", "buy"])
def test_editors_accept_what_the_reader_accepts_whichever_keys_stand_in_a_leg(side: str) -> None:
    keys = TRIGGERS | BESIDE | IN_LEGS
    other = {"stop": "60000", "name": "other"} if side == "sell" else {"above": "90000", "name": "other"}
    head = {"instrument": "KRX:005930", "side": side, "quantity": "10"}
    every = [{key: keys[key] for key in chosen} for count in (1, 2, 3) for chosen in combinations(keys, count)]
    assert [leg for leg in every if not agree(head | {"legs": [leg, other]})] == []
    assert Side(side) is Side.SELL or [leg for leg in every if not agree(head | {"below": "5", "exits": [leg, {"stop": "-9%"}]})] == []


@pytest.mark.parametrize("text", ["50%", "0%", "100%", "100.0%", "100.1%", "0.01 %", "+5%", "5", "150%", "00.0%", "%"])
def test_editors_and_the_reader_agree_on_parts(text: str) -> None:
    assert agree(SELL | {"legs": [{"stop": "5", "share": text}]})
    assert agree(SELL | {"stop": "5", "quantity": f"{text} of sellable"})


@pytest.mark.parametrize("text", ["15:15", "9:00:30", "open", "close-5m", "open+90s", "noon", "15.15", "close-5", "1500", "open -5m"])
def test_editors_and_the_reader_agree_on_times(text: str) -> None:
    assert agree(SELL | {"time_exit": text})


@pytest.mark.parametrize("text", ["last", "bid - 2 ticks", "ask+1 tick", "last +1 ticks", "bid - 100", "mid", "bid 2 ticks", "70000", "0"])
def test_editors_and_the_reader_agree_on_prices_of_the_moment(text: str) -> None:
    assert agree(SELL | {"stop": "99000", "order": {"limit": text}})


@pytest.mark.parametrize("text", ["0", "100", "0.0", "3%", "0%", "2 ticks", "0 ticks", "-100", "+1", "x"])
def test_editors_and_the_reader_agree_on_offsets(text: str) -> None:
    assert agree(SELL | {"stop": "99000", "limit_offset": text})
