"""One print, several views of its instrument: what it fires is fired in one order, and nothing of it is lost."""

from decimal import Decimal

from msgspec.structs import replace
from rig import DEMO, MAIN, SAMSUNG, Rig, leg, legs, price, rule, world

from autotrader.domain.rule import Above, Below, Stop, Target
from autotrader.domain.tick import Quote
from autotrader.engine.engine import Engine
from autotrader.engine.records import Snapshot
from autotrader.engine.world import AccountFacts

ALL = "ALL"


def by_paper() -> Rig:
    """Return a rig whose only account fills from the prints that it is shown."""
    return Rig(world(accounts={MAIN: AccountFacts(MAIN, lasting_ids=True, fills_from_prints=True)}))


def test_an_exit_of_one_view_goes_before_an_entry_of_another() -> None:
    rig = Rig()
    rig.add(rule("entry", Below(price(66_000))), rule("stop", Stop(price(66_000)), watch=ALL))
    rig.prints("70000 66000")
    rig.accept()
    rig.later(1)
    assert [name for name, _ in rig.fires] == ["stop", "entry"]
    assert rig.places[0].intent == "stop/stop/1/1"


def test_the_turns_of_many_views_are_merged_by_kind_and_age() -> None:
    rig = Rig()
    rig.add(
        rule("t", Target(price(72_000)), watch=ALL, quantity=Decimal(1)),
        rule("b", Above(price(72_000)), quantity=Decimal(1), gap_guard=Decimal(0)),
        rule("u", Target(price(71_000)), quantity=Decimal(1)),
        rule("v", Target(price(72_000)), watch=ALL, quantity=Decimal(1)),
    )
    rig.prints("70000 72000")
    assert [name for name, _ in rig.fires] == ["t", "u", "v", "b"]


def test_in_steps_the_order_is_the_same() -> None:
    orders = []
    for at_once in (1, 2, 10**9):
        rig = Rig()
        rig.engine = Engine(rig.world, rig.store.snapshot(), rig.now, fires_at_once=at_once)
        rig.recover()
        rig.add(*(rule(f"r{n}", Stop(price(66_000 + n % 3)), watch=ALL if n % 2 else "", quantity=Decimal(1)) for n in range(9)))
        for at in ("70000", "66000"):
            rig.tick(at)
            while rig.engine.unfinished:
                rig._take(rig.engine.go_on())
        orders.append([name for name, _ in rig.fires])
    assert orders[0] == orders[1] == orders[2] == [f"r{n}" for n in range(9)]
    assert Engine(world(), Snapshot(), 1).unfinished is False


def test_a_view_that_fires_after_another_has_shown_the_print_loses_nothing() -> None:
    """The order's unit shows the broker where the market stands: that is not the print a second time."""
    rig = by_paper()
    rig.add(rule("first", Stop(price(68_000)), quantity=Decimal(1)), rule("second", Stop(price(66_000)), watch=ALL, quantity=Decimal(1)))
    rig.tell(Quote(SAMSUNG, Decimal(70_000), Decimal(9), Decimal(70_100), Decimal(9), rig.now))
    rig.prints("70000 68000")
    rig.accept()
    assert rig.prints("66000") == [("second", "66000")]
    assert [request.intent for request in rig.places] == ["first/stop/1/1", "second/stop/1/1"]
    prints = [act for act in rig.shown if getattr(act.tick, "price", None) == 66_000]
    assert len(prints) == 1, "a print fills once, however many views see it"


def test_legs_of_one_rule_that_a_print_meets_stay_in_their_order_beside_another_view() -> None:
    rig = Rig()
    far = Target(price(73_000))
    two = legs(leg(Target(price(72_000)), "near", share=Decimal(50)), leg(far, "far", share=Decimal(50)))
    rig.add(two, replace(rule("s", Target(price(72_000)), quantity=Decimal(1)), watch=ALL))
    rig.prints("70000 73000")
    assert [(shot.rule, shot.leg) for shot in rig.shots] == [("r", "near"), ("r", "far"), ("s", "target")]
    assert DEMO in {feed.name for feed in rig.world.feeds}
