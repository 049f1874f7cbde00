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
    Confirm,
    Leg,
    LegName,
    OffBase,
    OrderSpec,
    OrderType,
    Part,
    Peg,
    PegTo,
    Percent,
    ProfitRate,
    Rearm,
    Rule,
    Spend,
    Stop,
    Ticks,
    TimeExit,
    Trail,
    Unfilled,
    Volume,
    When,
    Within,
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
        pytest.param(replace(GOOD, legs=tuple(Leg(LegName(f"s{n}"), GOOD.legs[0].trigger) for n in range(21))), "legs", id="too many legs"),
        pytest.param(replace(GOOD, exits=GOOD.legs), "exits", id="exits of a sell"),
        pytest.param(replace(GOOD, quantity=Part(Decimal(101))), "quantity", id="more than all"),
        pytest.param(replace(GOOD, quantity=Spend(Decimal(5))), "quantity", id="a sell for money"),
        pytest.param(replace(GOOD, order=OrderSpec(OrderType.LIMIT, peg=Peg(PegTo.BID, 20_000))), "limit", id="a peg too far"),
        pytest.param(replace(GOOD, cost_basis=NAN), "cost_basis", id="a cost that is no number"),
        pytest.param(replace(GOOD, gap_guard=NAN), "gap_guard", id="a gap that is no number"),
        pytest.param(replace(GOOD, unfilled=Unfilled(0)), "unfilled", id="unfilled after no time"),
        pytest.param(replace(GOOD, confirm=Confirm()), "confirm", id="confirmed by nothing"),
        pytest.param(replace(GOOD, rearm=Rearm(0, 1, Amount(Decimal(1)))), "rearm", id="again no times"),
        pytest.param(replace(GOOD, rearm=Rearm(1, 1, Amount(Decimal(0)))), "rearm", id="again without a distance"),
        pytest.param(replace(GOOD, when=When(())), "when", id="no conditions"),
        pytest.param(replace(GOOD, when=When((Within("late"),))), "when", id="a window that is none"),
        pytest.param(replace(GOOD, when=When((Volume(NAN),))), "when", id="a volume that is no number"),
        pytest.param(rule("r", TimeExit("noon")), "time_exit", id="a time that is none"),
        pytest.param(rule("r", Trail(Amount(Decimal(5)), start=NAN)), "trail", id="a start that is no number"),
        pytest.param(rule("r", Trail(Amount(Decimal(5)), step=Amount(Decimal(0)))), "trail", id="a step of nothing"),
        pytest.param(replace(GOOD, legs=(replace(GOOD.legs[0], share=Decimal(0)),)), "stop", id="a share of nothing"),
        pytest.param(
            replace(GOOD, legs=(replace(GOOD.legs[0], limit_offset=Amount(Decimal(-1))),)), "stop", id="a limit on the wrong side"
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_not_kept(unsound: Rule, parts: str) -> None:
    rig = Rig()
    told = rig.add(unsound)
    assert (told["ok"], told["code"], told["params"]["parts"], told["exit"]) == (False, "rule.unsound", parts, 2)
    assert rig.engine.book.rules == {}
    assert rig.add(GOOD)["ok"]
    assert rig.plan(replace(unsound, id=rule("f", Stop(price(1))).id))["code"] == "rule.unsound"
