"""The index must be invisible: an engine that asks every leg about every print decides the same, print by print."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rig import Rig, price, rule, statement, world

from autotrader.domain.rule import (
    Above,
    AlreadyMet,
    Amount,
    Base,
    Below,
    OffBase,
    Percent,
    ProfitRate,
    Rebound,
    RuleId,
    Stop,
    Target,
    Ticks,
    Trail,
    Trigger,
)
from autotrader.domain.settings import Guards
from autotrader.engine.effects import Unit
from autotrader.engine.events import Cancel, Event, LinkState, Pause, Resume
from autotrader.engine.index import _quiet_window
from autotrader.engine.triggers import EVERYTHING


class SlowRig(Rig):
    """A rig whose engine is asked about everything: no window, no band."""

    def tell(self, event: Event) -> Sequence[Unit]:
        for watch in self.engine.watches:
            watch.unsettle()
            for key, leg in watch.legs.items():
                watch.legs[key] = leg._replace(band=EVERYTHING)
        return super().tell(event)


cents = st.integers(9000, 11000).map(lambda n: Decimal(n) / 100)
percents = st.sampled_from(["0.1", "0.5", "1", "3", "7.77", "12"]).map(Decimal)
rates = percents.flatmap(lambda p: st.sampled_from([ProfitRate(p), ProfitRate(-p)]))
over = st.one_of(cents.map(price), percents.map(lambda p: OffBase(Percent(p), Base.ARM)))
under = st.one_of(cents.map(price), percents.map(lambda p: OffBase(Percent(-p), Base.ARM)))
distances = st.one_of(
    percents.map(Percent), st.sampled_from(["0.01", "0.5", "2", "9"]).map(lambda a: Amount(Decimal(a))), st.just(Ticks(2))
)
triggers = st.one_of(
    st.one_of(rates, under).map(Stop),
    st.one_of(percents.map(ProfitRate), over).map(Target),
    over.map(Above),
    under.map(Below),
    st.builds(Trail, distances, st.one_of(st.none(), rates, over)),
    st.builds(Rebound, distances, st.none() | under),
)
# Mostly small steps with now and then a jump around the collar's edge, as markets do.
steps = st.one_of(
    st.integers(-80, 80).map(lambda n: Decimal(10000 + n) / 10000),
    st.sampled_from(["0.9", "1.1", "0.8999", "1.1001", "0.5", "1.7", "0.95", "1.05", "1"]).map(Decimal),
)
events = st.one_of(steps, steps, steps, steps, steps, steps, st.sampled_from(["pause", "resume", "down", "cancel", "split"]))


def play(rig: Rig, some: list[Trigger], policies: list[AlreadyMet | None], story: list[object]) -> list[object]:
    """Play a story and return everything that can be seen after each event."""
    rules = [rule(f"r{n}", t, quantity=Decimal(1), already_met=policies[n % len(policies)]) for n, t in enumerate(some)]
    for number in range(len(rules)):
        rig.plan(*rules[: number + 1])
    at = Decimal(100)
    seen: list[object] = []
    for event in story:
        match event:
            case Decimal():
                at = max(Decimal("0.01"), (at * event).quantize(Decimal("0.01")))
                rig.tick(at)
            case "pause":
                rig.do(Pause(RuleId("r0")))
            case "resume":
                rig.do(Resume(RuleId("r0")))
            case "down":
                rig.link(LinkState.DOWN)
                rig.link(LinkState.UP)
            case "cancel":
                rig.do(Cancel(RuleId("r1")))
            case _:
                rig.stated(statement(shares=90, cost=9001))
        watch = next(iter(rig.engine.watches))
        marks = {key: mark.price for key, mark in rig.engine.book.marks.items()}
        legs = {key: (leg.status, leg.reason, leg.crossed) for key, leg in rig.engine.book.legs.items()}
        seen.append((rig.fires, marks, legs, rig.drops(), watch.last and watch.last.price, watch.before and watch.before.price))
    return seen


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some=st.lists(triggers, min_size=1, max_size=6),
    policies=st.lists(st.sampled_from([None, AlreadyMet.FIRE, AlreadyMet.WAIT_CROSS]), min_size=1, max_size=3),
    story=st.lists(events, min_size=12, max_size=80),
    collar=st.sampled_from([None, Decimal(1), Decimal(10), Decimal("0.5")]),
)
@example(
    some=[Trail(Percent(Decimal(3)))],
    policies=[None],
    story=[Decimal(1), Decimal("1.05"), Decimal("1.05"), Decimal("0.9")],
    collar=Decimal(10),
)
def test_the_index_decides_as_if_it_were_not_there(
    some: list[Trigger], policies: list[AlreadyMet | None], story: list[object], collar: Decimal | None
) -> None:
    around = world(guards=Guards(collar=collar, stale=None))
    says = statement(shares=70, cost=7003)
    fast, slow = play(Rig(around, says=says), some, policies, story), play(SlowRig(around, says=says), some, policies, story)
    assert fast == slow


@given(
    last=st.decimals(min_value=Decimal("0.00000001"), max_value=Decimal(10) ** 12, places=8),
    collar=st.decimals(min_value=Decimal("0.01"), max_value=Decimal(99), places=2),
    one=st.fractions(min_value=0, max_value=1, max_denominator=1000),
    two=st.fractions(min_value=0, max_value=1, max_denominator=1000),
)
def test_no_step_inside_the_quiet_window_exceeds_the_collar(last: Decimal, collar: Decimal, one: Fraction, two: Fraction) -> None:
    low, high = _quiet_window(last, collar)
    assert low <= last <= high

    def inside(share: Fraction) -> Decimal:
        return low + (high - low) * share.numerator / share.denominator

    first, second = inside(one), inside(two)
    assert abs(second - first) * 100 <= collar * first
