"""A rule is the same value after a journey as text: over the socket, into the store, out of the file's reader."""

from decimal import Decimal

import msgspec
import pytest

from autotrader.domain.rule import (
    Above,
    AccountName,
    AlreadyMet,
    Amount,
    AtPrice,
    Base,
    Below,
    Bind,
    Leg,
    LegName,
    OffBase,
    OnRecovery,
    OrderSpec,
    OrderType,
    Percent,
    ProfitRate,
    Rebound,
    Rule,
    RuleId,
    Side,
    Stop,
    Target,
    Ticks,
    Trail,
    Trigger,
)
from autotrader.domain.tick import INELIGIBLE, FeedName, Flag, InstrumentId

PRICE = AtPrice(Decimal("0.00000001"))
TRIGGERS = [
    Stop(PRICE),
    Stop(ProfitRate(Decimal("-7.5"))),
    Target(OffBase(Percent(Decimal(5)), Base.ARM)),
    Target(OffBase(Ticks(-3), Base.PREVIOUS_CLOSE)),
    Above(OffBase(Percent(Decimal(1)), PRICE)),
    Below(PRICE),
    Trail(Percent(Decimal("2.5")), PRICE),
    Trail(Amount(Decimal("1000.00"))),
    Rebound(Ticks(5), OffBase(Ticks(1), PRICE)),
]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=repr)
def test_a_rule_reads_back_as_it_was_written(trigger: Trigger) -> None:
    rule = Rule(
        RuleId("삼성-손절"),
        AccountName("main"),
        InstrumentId("KRX:005930"),
        Side.SELL,
        None,
        (Leg(LegName("one"), trigger),),
        OrderSpec(OrderType.LIMIT, Decimal("0.10")),
        "90d",
        AlreadyMet.WAIT_CROSS,
        OnRecovery.HOLD,
        Bind.NONE,
        FeedName("demo"),
        "a note",
    )
    read = msgspec.json.decode(msgspec.json.encode(rule), type=Rule)
    assert read == rule
    assert str(read.order.limit) == "0.10"


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"kind": "magic", "level": {"kind": "price", "price": "1"}}', type=Trigger)


@pytest.mark.parametrize(("flag", "counts"), [(flag, flag in (Flag.MIDPOINT, Flag.AUCTION)) for flag in Flag if flag is not Flag.QUOTED])
def test_only_midpoint_and_auction_prints_are_formed_by_the_market(flag: Flag, counts: bool) -> None:
    assert (not flag & INELIGIBLE) is counts
