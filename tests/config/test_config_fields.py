"""A rule written out and read again is the same rule."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from autotrader.config.fields import rule_to_fields
from autotrader.config.legs import default_names
from autotrader.config.rules import RuleContext, rule_from_fields
from autotrader.config.schema import json_schema
from autotrader.domain.rule import (
    PRICED,
    Above,
    AccountName,
    AfterClose,
    AlreadyMet,
    Amount,
    At,
    AtPrice,
    Base,
    Below,
    Bind,
    Distance,
    Leg,
    LegName,
    Level,
    OffBase,
    OnHalt,
    OnInadmissible,
    OnRecovery,
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
    Rule,
    RuleId,
    Side,
    Spend,
    Stop,
    Target,
    Then,
    Ticks,
    TimeExit,
    Trail,
    Trigger,
    trigger_kind,
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
offsets: st.SearchStrategy[Distance] = st.just(Amount(Decimal(0))) | percents.map(Percent) | ticks.map(Ticks)
steps = st.none() | distances
times = st.sampled_from(["15:15", "close-5m", "open", "9:00:30"])


def follows(kind: type[Trail] | type[Rebound], activations: st.SearchStrategy[Level]) -> st.SearchStrategy[Trail | Rebound]:
    """Return triggers that follow the price, from an activation or from a start."""
    return st.builds(kind, distances, activations, steps) | st.builds(kind, distances, st.none(), steps, st.none() | prices)


def kept(levels: st.SearchStrategy[Level], height: Callable[[Level], Decimal | int]) -> st.SearchStrategy[Preserve]:
    """Return profits to keep, their levels of one kind and the higher one first."""
    pairs = st.tuples(levels, levels).filter(lambda pair: height(pair[0]) != height(pair[1]))
    return pairs.map(lambda pair: Preserve(*sorted(pair, key=height, reverse=True)))


preserves = (
    kept(prices.map(AtPrice), lambda level: level.price)
    | kept(percents.map(ProfitRate), lambda level: level.percent)
    | bases.flatmap(lambda base: kept(ticks.map(lambda n: OffBase(Ticks(n), base)), lambda level: level.offset.count))
    | bases.flatmap(lambda base: kept(percents.map(lambda p: OffBase(Percent(p), base)), lambda level: level.offset.value))
)
sells = stops.map(Stop) | gains.map(Target) | follows(Trail, gains) | preserves | times.map(TimeExit)
buys = (
    (levels | off_base(1)).map(Above)
    | (levels | off_base(-1)).map(Below)
    | follows(Rebound, levels | off_base(-1))
    | st.sampled_from(["15:15", "close-5m", "open"]).map(At)
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


names = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")


@st.composite
def orders(draw: st.DrawFn, place: Place, triggers: Sequence[Trigger]) -> OrderSpec:
    """Draw an order that the place takes, its limit where it could fill whichever of the triggers fires."""
    order_type, tif = type_and_tif(draw(st.sampled_from(place.kinds)))
    if order_type not in PRICED:
        return OrderSpec(order_type, None, tif)
    if order_type is OrderType.LIMIT and draw(st.booleans()):
        return OrderSpec(order_type, None, tif, draw(st.builds(Peg, st.sampled_from(PegTo), st.integers(-10_000, 10_000))))
    plain = [trigger for trigger in triggers if isinstance(trigger, Stop | Above) and isinstance(trigger.level, AtPrice)]
    limits = [trigger.level.price for trigger in plain if isinstance(trigger.level, AtPrice)]
    if not limits:
        return OrderSpec(order_type, draw(prices), tif)
    return OrderSpec(order_type, min(limits) if isinstance(plain[0], Stop) else max(limits), tif)


@st.composite
def one_leg(draw: st.DrawFn, place: Place, side: Side, *, alone: bool) -> Leg:
    """Draw a leg, its name empty where it shall have the usual one."""
    trigger = draw(sells if side is Side.SELL else buys)
    own = None if alone else draw(st.none() | orders(place, [trigger]))
    takes_offset = own is None and not isinstance(trigger, TimeExit | At) and "limit" in place.kinds
    offset = draw(st.none() | offsets) if takes_offset else None
    return Leg(LegName("" if alone else draw(st.just("") | names)), trigger, limit_offset=offset, order=own)


@st.composite
def several(draw: st.DrawFn, place: Place, side: Side) -> tuple[Leg, ...]:
    """Draw legs with their names and, of a sell, shares that come to a whole at most; a stop of a target that asks for it."""
    drawn = draw(st.lists(one_leg(place, side, alone=False), min_size=1, max_size=5))
    usual = default_names([leg.trigger for leg in drawn])
    legs = [replace(leg, name=leg.name or name) for leg, name in zip(drawn, usual, strict=True)]
    assume(len({leg.name for leg in legs}) == len(legs))
    if side is Side.BUY:
        return tuple(legs)
    shares = st.none() | st.decimals("0.01", 20, places=2)
    moves = any(isinstance(leg.trigger, Stop) for leg in legs)
    thens = st.none() | st.sampled_from(Then)
    return tuple(replace(leg, share=draw(shares), then=draw(thens) if moves and isinstance(leg.trigger, Target) else None) for leg in legs)


@st.composite
def quantities(draw: st.DrawFn, side: Side) -> Quantity:
    """Draw how many."""
    whole = st.integers(1, 10**9).map(Decimal)
    if side is Side.BUY:
        return draw(whole | prices.map(Spend))
    parts = st.builds(Part, percents | st.just(Decimal(100)), st.sampled_from(PartOf))
    return draw(whole | st.none() | parts)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Draw any rule that the language can say, as far as triggers, legs, quantities, orders and places go."""
    side = draw(st.sampled_from(Side))
    place = draw(st.sampled_from(PLACES))
    if draw(st.booleans()):
        leg = draw(one_leg(place, side, alone=True))
        legs: tuple[Leg, ...] = (replace(leg, name=LegName(trigger_kind(leg.trigger))),)
    else:
        legs = draw(several(place, side))
    sending = [leg.trigger for leg in legs if leg.order is None and leg.limit_offset is None]
    return Rule(
        id=RuleId(draw(names)),
        account=AccountName(draw(st.sampled_from(["main", "second"]))),
        instrument=InstrumentId("KRX:005930"),
        side=side,
        quantity=draw(quantities(side)),
        legs=legs,
        order=draw(orders(place, sending)) if sending else OrderSpec(),
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
        exits=draw(several(place, Side.SELL)) if side is Side.BUY and draw(st.booleans()) else (),
    )


@given(rules())
def test_a_rule_written_out_is_read_as_the_same_rule(rule: Rule) -> None:
    assert rule_from_fields(rule.id, rule_to_fields(rule), CONTEXT) == rule


SCHEMA = Draft202012Validator(json_schema())


@given(rules())
def test_an_editor_accepts_every_rule_that_is_written_out(rule: Rule) -> None:
    seen = {"rules": {"r": json.loads(json.dumps(rule_to_fields(rule)))}}
    assert [error.message for error in SCHEMA.iter_errors(seen)] == []


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
        {"side": "sell", "quantity": "50%", "trail": "2%", "activate": "+5%", "step": "100", "limit_offset": "0"},
        {"side": "sell", "quantity": "50% of sellable", "trail": "2%", "start": "70000", "limit_offset": "3 ticks"},
        {"side": "sell", "quantity": "all", "preserve": {"arm": "7%", "floor": "5%"}, "base": "arm"},
        {"side": "sell", "quantity": "all", "time_exit": "close-5m", "order": {"limit": "bid - 1 tick", "tif": "ioc"}},
        {"side": "buy", "amount": "1000000", "at": "open", "exits": [{"stop": "-3%"}, {"target": "+6%"}]},
        {"side": "buy", "quantity": "1", "legs": [{"above": "9"}, {"below": "5", "order": {"limit": "last"}, "name": "dip"}]},
        {
            "side": "sell",
            "quantity": "all",
            "legs": [
                {"stop": "-5%", "name": "floor"},
                {"target": "+10%", "share": "50%", "then": "stop_to_breakeven"},
                {"trail": "2%", "activate": "5%", "base": "arm", "limit_offset": "100"},
                {"target": "+20%", "share": "25%", "order": "best"},
            ],
        },
        {"side": "sell", "quantity": "1", "legs": [{"stop": "5", "share": "30%"}]},
        {"side": "buy", "quantity": "1", "below": "5", "order": {"conditional": "5"}, "watch": "ALL", "window": "open+5m-close-5m"},
        {"side": "buy", "quantity": "1", "below": "5", "order": "priority", "sessions": ["nxt.pre"], "watch": "NXT", "venue": "NXT"},
    ],
)
def test_a_rule_is_written_out_in_the_words_of_its_owner(fields: dict[str, Any]) -> None:
    written = {"instrument": "KRX:005930", "account": "main"} | fields
    assert rule_to_fields(rule_from_fields("r", written, CONTEXT)) == written
