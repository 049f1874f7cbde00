"""A rule written out and read again is the same rule."""

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrader.config.fields import rule_to_fields
from autotrader.config.rules import RuleContext, rule_from_fields
from autotrader.domain.rule import (
    PRICED,
    Above,
    AccountName,
    AfterClose,
    AlreadyMet,
    Amount,
    AtPrice,
    Base,
    Below,
    Bind,
    Distance,
    Leg,
    LegName,
    OffBase,
    OnHalt,
    OnInadmissible,
    OnRecovery,
    OrderSpec,
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
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.markets.orders import type_and_tif

CONTEXT = RuleContext(("main", "second"), {"demo": ("KRX:*",)}, None)

prices = st.decimals("0.0001", 10**12, places=4, allow_nan=False)
percents = st.decimals("0.01", "99.99", places=2, allow_nan=False)
ticks = st.integers(1, 10_000)
bases = st.sampled_from(Base) | prices.map(AtPrice)
distances: st.SearchStrategy[Distance] = prices.map(Amount) | percents.map(Percent) | ticks.map(Ticks)


def off_base(sign: int) -> st.SearchStrategy[OffBase]:
    """Return levels on one side of their base."""
    offsets = percents.map(lambda p: Percent(sign * p)) | ticks.map(lambda n: Ticks(sign * n)) | st.just(Percent(Decimal(0)))
    return st.builds(OffBase, offsets, bases)


levels = prices.map(AtPrice)
stops = (
    levels | percents.flatmap(lambda p: st.sampled_from([ProfitRate(p), ProfitRate(-p)])) | st.just(ProfitRate(Decimal(0))) | off_base(-1)
)
gains = levels | percents.map(ProfitRate) | off_base(1)
sells = stops.map(Stop) | gains.map(Target) | st.builds(Trail, distances, st.none() | gains)
buys = (
    (levels | off_base(1)).map(Above)
    | (levels | off_base(-1)).map(Below)
    | st.builds(Rebound, distances, st.none() | levels | off_base(-1))
)
dates = st.dates().map(str).filter(lambda day: len(day) == 10)


class Place(NamedTuple):
    """Where a rule may be, the kinds that it may send there in words or with a price, and windows that overlap its sessions."""

    sessions: tuple[str, ...]
    watch: str
    venue: str
    kinds: tuple[str, ...]
    windows: tuple[str, ...]


THROUGH_THE_DAY = ("", "09:05-15:15", "open+5m-close-5m", "open-1h-15:20:30")
EXTENDED = ("best", "best_ioc", "best_fok", "priority", "limit", "limit_ioc", "limit_fok")
REGULAR = (*EXTENDED, "market", "market_ioc", "market_fok", "midpoint", "conditional")
PLACES = [
    Place((), "", "", REGULAR, THROUGH_THE_DAY),
    Place((), "ALL", "", REGULAR, THROUGH_THE_DAY),
    Place(("regular", "krx.after"), "", "", REGULAR, (*THROUGH_THE_DAY, "16:00-20:00")),
    Place(("krx.post_close_price",), "", "", ("close_price",), ("", "15:30-15:50")),
    Place(("nxt.pre",), "NXT", "", REGULAR, THROUGH_THE_DAY),
    Place(("nxt.pre", "nxt.after"), "NXT", "NXT", EXTENDED, ("", "8:00-19:59")),
    Place(("krx.after", "regular"), "ALL", "SOR", ("market", *EXTENDED), THROUGH_THE_DAY),
]


@st.composite
def orders(draw: st.DrawFn, place: Place, trigger: Trigger) -> OrderSpec:
    """Draw an order that the place takes, its limit where it could fill."""
    order_type, tif = type_and_tif(draw(st.sampled_from(place.kinds)))
    if order_type not in PRICED:
        return OrderSpec(order_type, None, tif)
    own = trigger.level.price if isinstance(trigger, Stop | Above) and isinstance(trigger.level, AtPrice) else None
    return OrderSpec(order_type, own or draw(prices), tif)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Draw any rule that the language of this release can say."""
    side = draw(st.sampled_from(Side))
    trigger = draw(sells if side is Side.SELL else buys)
    place = draw(st.sampled_from(PLACES))
    whole = st.integers(1, 10**9).map(Decimal)
    return Rule(
        id=RuleId(draw(st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z"))),
        account=AccountName(draw(st.sampled_from(["main", "second"]))),
        instrument=InstrumentId("KRX:005930"),
        side=side,
        quantity=draw(whole | st.none() if side is Side.SELL else whole),
        legs=(Leg(LegName(type(trigger).__name__.lower()), trigger),),
        order=draw(orders(place, trigger)),
        until=draw(st.just("") | st.integers(1, 9999).map(lambda days: f"{days}d") | dates),
        already_met=draw(st.none() | st.sampled_from(AlreadyMet)),
        recovery=draw(st.sampled_from(OnRecovery)),
        bind=draw(st.sampled_from(Bind)) if side is Side.SELL else Bind.HOLDING,
        feed=draw(st.none() | st.just(FeedName("demo"))),
        note=draw(st.text(max_size=500)),
        sessions=place.sessions,
        watch=place.watch,
        venue=place.venue,
        after_close=draw(st.sampled_from(AfterClose)),
        on_inadmissible=draw(st.none() | st.sampled_from(OnInadmissible)),
        on_halt=draw(st.sampled_from(OnHalt)),
        window=draw(st.sampled_from(place.windows)),
    )


@given(rules())
def test_a_rule_written_out_is_read_as_the_same_rule(rule: Rule) -> None:
    assert rule_from_fields(rule.id, rule_to_fields(rule), CONTEXT) == rule


@pytest.mark.parametrize(
    "fields",
    [
        {"side": "sell", "quantity": "all", "trail": "3%", "activate": "+5%"},
        {"side": "sell", "quantity": "10", "stop": "68000", "order": {"limit": "67900"}, "until": "90d", "already_met": "reject"},
        {"side": "sell", "quantity": "10", "stop": "5%", "base": "arm", "recovery": "hold", "bind": "none", "note": "x"},
        {"side": "buy", "quantity": "1", "rebound": "1 tick", "activate": "5 ticks", "base": "70000", "feed": "demo"},
        {"side": "sell", "quantity": "1", "stop": "-0.5%"},
        {"side": "sell", "quantity": "1", "stop": "5", "order": "best_ioc", "sessions": ["regular", "krx.after"], "after_close": "carry"},
        {"side": "sell", "quantity": "1", "stop": "5", "order": {"limit": "5", "tif": "fok"}, "on_inadmissible": "wait", "on_halt": "fail"},
        {"side": "buy", "quantity": "1", "below": "5", "order": {"conditional": "5"}, "watch": "ALL", "window": "open+5m-close-5m"},
        {"side": "buy", "quantity": "1", "below": "5", "order": "priority", "sessions": ["nxt.pre"], "watch": "NXT", "venue": "NXT"},
    ],
)
def test_a_rule_is_written_out_in_the_words_of_its_owner(fields: dict[str, Any]) -> None:
    written = {"instrument": "KRX:005930", "account": "main"} | fields
    assert rule_to_fields(rule_from_fields("r", written, CONTEXT)) == written
