"""What comes over the socket without having been read by the file's or the command line's reader is still checked."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from rig import Rig, price, rule

from autotrader.domain.rule import (
    Above,
    Amount,
    AtPrice,
    Base,
    Leg,
    LegName,
    OffBase,
    OrderSpec,
    OrderType,
    Percent,
    ProfitRate,
    Rule,
    Stop,
    Ticks,
    Trail,
)

GOOD = rule("r", Stop(price(68000)))
NAN = Decimal("NaN")


@pytest.mark.parametrize(
    ("unsound", "parts"),
    [
        pytest.param(replace(GOOD, legs=()), "legs", id="no legs"),
        pytest.param(replace(GOOD, legs=(GOOD.legs[0], GOOD.legs[0])), "legs", id="two legs of one name"),
        pytest.param(replace(GOOD, quantity=Decimal(0)), "quantity", id="nothing"),
        pytest.param(replace(GOOD, quantity=NAN), "quantity", id="no number of shares"),
        pytest.param(rule("r", Stop(AtPrice(NAN))), "stop", id="a level that is no number"),
        pytest.param(rule("r", Stop(AtPrice(Decimal(-5)))), "stop", id="a level under zero"),
        pytest.param(rule("r", Stop(ProfitRate(Decimal(-100)))), "stop", id="a loss of all"),
        pytest.param(rule("r", Stop(ProfitRate(Decimal("Infinity")))), "stop", id="a rate without end"),
        pytest.param(rule("r", Stop(OffBase(Percent(Decimal(-5)), AtPrice(NAN)))), "stop", id="a base that is no number"),
        pytest.param(rule("r", Stop(OffBase(Ticks(-20_000), Base.ARM))), "stop", id="too many ticks"),
        pytest.param(rule("r", Trail(Percent(Decimal(100)))), "trail", id="a trail of all"),
        pytest.param(rule("r", Trail(Amount(Decimal(0)))), "trail", id="no trail"),
        pytest.param(rule("r", Trail(Ticks(0))), "trail", id="a trail of no ticks"),
        pytest.param(rule("r", Trail(Percent(Decimal(1)), AtPrice(NAN))), "trail", id="an activation that is no number"),
        pytest.param(replace(GOOD, legs=(Leg(LegName("above"), Above(price(1))),)), "above of a sell", id="a buy's trigger in a sell"),
        pytest.param(replace(GOOD, order=OrderSpec(OrderType.LIMIT, Decimal(0))), "limit", id="a limit of nothing"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_not_kept(unsound: Rule, parts: str) -> None:
    rig = Rig()
    told = rig.add(unsound)
    assert (told["ok"], told["code"], told["params"]["parts"], told["exit"]) == (False, "rule.unsound", parts, 2)
    assert rig.engine.book.rules == {}
    assert rig.add(GOOD)["ok"]
    assert rig.plan(replace(unsound, id=rule("f", Stop(price(1))).id))["code"] == "rule.unsound"
