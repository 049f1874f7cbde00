"""Which prints count: flags, sessions, order, duplicates, the collar; and one print that several rules are waiting for."""

from decimal import Decimal

import pytest
from fakes import SECOND
from rig import BITCOIN, SAMSUNG, Rig, price, rule, statement, world

from autotrader.domain.rule import Above, AlreadyMet, Below, Percent, Rebound, RuleId, Stop, Target, Trail
from autotrader.domain.settings import Guards
from autotrader.domain.tick import Flag
from autotrader.engine.events import Cancel, ClockStep, Dropped, FeedClock, LinkState, Status

COLLAR = Guards(collar=Decimal(10), stale=None)
TRAIL = Trail(Percent(Decimal(50)))


def watching(guards: Guards | None = None, clock: FeedClock = FeedClock.LIVE) -> Rig:
    rig = Rig(world(guards=guards or Guards(collar=None, stale=None), clock=clock))
    rig.add(rule("stop", Stop(price(68000))), rule("trail", TRAIL, quantity=Decimal(1)))
    rig.prints("70000")
    return rig


@pytest.mark.parametrize("flag", [Flag.EXPECTED, Flag.OFF_HOURS, Flag.BLOCK, Flag.ODD_LOT, Flag.SNAPSHOT, Flag.BLOCK | Flag.AUCTION])
def test_a_print_that_the_market_did_not_form_neither_fires_nor_moves_a_mark(flag: Flag) -> None:
    rig = watching()
    rig.tick(60000, flags=int(flag))
    rig.tick(90000, flags=int(flag))
    assert (rig.fires, rig.mark("trail"), rig.drops()) == ([], Decimal(70000), ["flag", "flag"])


@pytest.mark.parametrize("flag", [Flag.MIDPOINT, Flag.AUCTION, Flag.NONE])
def test_auction_and_midpoint_prints_count(flag: Flag) -> None:
    rig = watching()
    rig.tick(90000, flags=int(flag))
    rig.tick("67999.5", flags=int(flag))
    assert (rig.fires, rig.mark("trail")) == ([("stop", "67999.5")], Decimal(90000))


@pytest.mark.parametrize(
    ("session", "counts"),
    [
        pytest.param("", True, id="none told"),
        pytest.param("krx.continuous", True, id="continuous"),
        pytest.param("krx.after", False, id="after"),
        pytest.param("nxt.pre", False, id="pre"),
    ],
)
def test_a_print_counts_in_the_sessions_in_which_a_rule_watches(session: str, counts: bool) -> None:
    rig = watching()
    rig.tick(60000, session=session)
    assert bool(rig.fires) is counts
    assert rig.drops() == ([] if counts else ["session"])


ORDER = [
    pytest.param([(5, 50, 0), (4, 51, 0)], ["older"], id="older by sequence, whatever its time"),
    pytest.param([(5, 50, 0), (5, 50, 0)], ["duplicate"], id="the same sequence again"),
    pytest.param([(5, 50, 0), (6, 40, 0)], [], id="a higher sequence with an earlier time counts"),
    pytest.param([(0, 50, 0), (0, 49, 0)], ["older"], id="older by time where there is no sequence"),
    pytest.param([(0, 50, 0), (0, 50, 0)], [], id="the same time without ids is no duplicate"),
    pytest.param([(0, 50, 7), (0, 50, 7)], ["duplicate"], id="the same id at the same time"),
    pytest.param([(0, 50, 7), (0, 50, 8), (0, 50, 9), (0, 50, 8)], ["duplicate"], id="an earlier id of the same time"),
    pytest.param([(0, 50, 7), (0, 50, 3)], [], id="ids do not order"),
    pytest.param([(0, 50, 7), (0, 51, 7)], [], id="an id of an earlier time may return"),
]


@pytest.mark.parametrize(("places", "dropped"), ORDER)
@pytest.mark.parametrize("quiet", [True, False])
def test_a_print_out_of_order_is_dropped_and_counted(places: list[tuple[int, int, int]], dropped: list[str], quiet: bool) -> None:
    rig = Rig(world(clock=FeedClock.SIMULATED))
    rig.add(rule("r", TRAIL, quantity=Decimal(1)), rule("s", Stop(price(10))))
    for number, (sequence, time, print_id) in enumerate(places):
        rig.tick(70000 if quiet else 70000 + number, sequence=sequence, time=time, print_id=print_id)
    assert rig.drops() == dropped


def test_an_older_print_never_fires_and_never_raises_a_mark() -> None:
    rig = watching()
    rig.tick(60000, sequence=0, time=5)
    rig.tick(99000, sequence=0, time=6)
    assert (rig.fires, rig.mark("trail"), rig.drops()) == ([], Decimal(70000), ["older", "older"])


def test_the_order_of_a_live_feed_goes_on_after_a_restart() -> None:
    rig = watching()
    rig.prints("71000")
    rig.crash(clean=True)
    rig.recover()
    rig.tick(60000, sequence=1)
    assert (rig.fires, rig.drops()) == ([], ["older"])


def test_another_simulated_day_starts_the_order_of_time_anew() -> None:
    rig = Rig(world(clock=FeedClock.SIMULATED))
    rig.link(LinkState.UP, day="one")
    rig.add(rule("stop", Stop(price(68000))))
    rig.tick(70000, time=500, sequence=90)
    rig.link(LinkState.DOWN)
    rig.link(LinkState.UP, day="one")
    rig.tick(60000, time=1, sequence=1)
    assert rig.drops() == ["older"]
    rig.link(LinkState.DOWN, day="two")
    rig.tick(68000, time=2, sequence=2)
    assert rig.fires == [("stop", "68000")]


def test_a_link_that_ends_is_an_alert_only_while_a_rule_needs_its_prices() -> None:
    rig = watching()
    rig.link(LinkState.UP)
    rig.link(LinkState.DOWN)
    assert rig.alert_codes().count("link.down") == 1
    rig.link(LinkState.UP)
    for name in ("stop", "trail"):
        rig.do(Cancel(RuleId(name)))
    rig.link(LinkState.DOWN, reason="no rule needs this feed now")
    assert rig.alert_codes().count("link.down") == 1


def test_prints_of_an_instrument_that_nobody_watches_are_counted() -> None:
    rig = watching()
    rig.tick(60000, BITCOIN)
    assert rig.drops() == ["not_watched"]


def test_what_a_feed_could_not_use_is_counted_by_reason_and_shown() -> None:
    rig = watching()
    rig.tell(Dropped(rig.world.feeds[0].name, "unreadable"))
    rig.tick(0)
    rows = {(row["where"], row["reason"]): row["count"] for row in rig.do(Status())["result"]["dropped"]}
    assert rows == {("demo", "unreadable"): 1, (SAMSUNG, "wrong_price"): 1}


COLLAR_STORIES = [
    pytest.param("63000", "63000", [], id="exactly 10 % down passes"),
    pytest.param("62999", "", ["collar"], id="farther waits for a second print"),
    pytest.param("62999 62998", "62998", ["collar"], id="a second one confirms it"),
    pytest.param("62999 70000 62999", "", ["collar", "collar"], id="a good print clears the candidate"),
    pytest.param("62999 90000", "", ["collar", "collar"], id="one on the other side confirms nothing"),
    pytest.param("1 1.1", "1.1", ["collar"], id="a second print 10 % from the first confirms it"),
    pytest.param("1 2", "", ["collar", "collar"], id="a second print farther from the first does not"),
]


@pytest.mark.parametrize(("tape", "fired", "dropped"), COLLAR_STORIES)
def test_the_collar_asks_for_a_second_print(tape: str, fired: str, dropped: list[str]) -> None:
    rig = watching(COLLAR)
    rig.add(rule("c", Stop(price(63000)), quantity=Decimal(1)))
    fires = [at for name, at in rig.prints(tape) if name == "c"]
    assert (fires, rig.drops()) == ([fired] if fired else [], dropped)


@pytest.mark.parametrize(("tape", "mark"), [("77000", 77000), ("77000.01", 70000), ("78000 78001", 78001), ("700000 70001", 70001)])
def test_the_collar_guards_a_mark_too(tape: str, mark: int) -> None:
    rig = watching(COLLAR)
    rig.prints(tape)
    assert rig.mark("trail") == Decimal(mark)


def test_a_second_print_at_the_same_time_confirms_nothing() -> None:
    rig = watching(COLLAR)
    for _ in range(3):
        rig.tick(60000, time=rig.now + 1_000)
        rig.now -= 1_000_000_000
    assert rig.fires == []


def test_a_gap_over_the_night_is_not_held_back_where_the_market_has_nights() -> None:
    rig = watching(COLLAR)
    rig.now += 17 * 3600 * 1_000_000_000
    assert rig.prints("50000")[0] == ("stop", "50000")


def test_a_gap_over_hours_is_held_back_where_the_market_never_closes() -> None:
    rig = Rig(world(guards=COLLAR))
    rig.add(rule("b", Below(price(55000)), instrument=BITCOIN, quantity=Decimal(1)))
    rig.prints("60000", BITCOIN)
    rig.now += 17 * 3600 * 1_000_000_000
    assert rig.prints("50000", BITCOIN) == []
    assert rig.prints("50001", BITCOIN) == [("b", "50001")]


def test_one_print_fires_stops_trails_targets_then_entries_each_kind_in_the_order_of_creation() -> None:
    rig = Rig(says=statement(shares=1000))
    fire = AlreadyMet.FIRE
    rules = [
        rule("z-buy", Above(price(60000)), quantity=Decimal(1), already_met=fire),
        rule("y-target", Target(price(65000)), quantity=Decimal(1), already_met=fire),
        rule("x-trail", Trail(Percent(Decimal(5))), quantity=Decimal(1)),
        rule("w-stop", Stop(price(66000)), quantity=Decimal(1)),
        rule("a-rebound", Rebound(Percent(Decimal(1))), quantity=Decimal(1)),
        rule("b-stop", Stop(price(66500)), quantity=Decimal(1)),
    ]
    for one in rules[2:]:
        rig.add(one)
        rig.now += 1
    rig.prints("70000")
    rig.link(LinkState.DOWN)
    for one in rules[:2]:
        rig.plan(one, *[r for r in rules[:2] if r.id in rig.engine.book.rules])
        rig.now += 1
    assert rig.prints("66000") == [
        ("w-stop", "66000"),
        ("b-stop", "66000"),
        ("x-trail", "66000"),
        ("y-target", "66000"),
        ("z-buy", "66000"),
    ]


def test_all_means_what_is_left_and_what_finds_nothing_fails_and_says_so() -> None:
    rig = Rig(says=statement(shares=100))
    for one in (
        rule("first", Stop(price(68000)), quantity=Decimal(30)),
        rule("rest", Stop(price(68000)), quantity=None),
        rule("late", Stop(price(68000)), quantity=Decimal(5)),
    ):
        rig.add(one)
        rig.now += 1
    rig.prints("70000 68000")
    assert [(rig.intent(name).quantity, rig.state(name)) for name in ("first", "rest")] == [(Decimal(30), "fired"), (Decimal(70), "fired")]
    assert (rig.state("late"), rig.reason("late")) == ("failed", "failed.no_quantity")
    assert "failed.no_quantity" in rig.alert_codes()


def test_a_number_larger_than_what_is_sellable_is_cut_and_said() -> None:
    rig = Rig(says=statement(shares=100, sellable=4))
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    assert (rig.places[0].quantity, "intent.shrunk" in rig.alert_codes()) == (Decimal(4), True)


def test_simultaneous_buys_never_commit_more_cash_than_is_there() -> None:
    rig = Rig(says=statement(cash=2_000_000))
    for number in range(4):
        rig.add(rule(f"b{number}", Above(price(71000)), quantity=Decimal(10)))
        rig.now += 1
    rig.prints("70000 71000")
    assert [rig.state(f"b{number}") for number in range(4)] == ["fired", "fired", "failed", "failed"]
    assert rig.reason("b3") == "failed.no_cash"


@pytest.mark.parametrize(
    ("clock", "guards", "fired"),
    [
        pytest.param(FeedClock.LIVE, Guards(collar=None), [("stop", "67000")], id="live: the odd print is dropped"),
        pytest.param(FeedClock.RECORDED, Guards(collar=None), [], id="recorded: its time is the market's"),
        pytest.param(FeedClock.LIVE, Guards(collar=None, stale=None), [], id="guard off: its time is believed"),
    ],
)
def test_a_live_print_far_ahead_of_our_clock_does_not_make_every_later_one_old(
    clock: FeedClock, guards: Guards, fired: list[tuple[str, str]]
) -> None:
    rig = watching(guards, clock)
    rig.tick(70000, sequence=0)
    rig.tick(70100, sequence=0, time=rig.now + 3600 * SECOND)
    rig.tick(70100, sequence=0, time=rig.now + 3600 * SECOND)
    rig.tick(67000, sequence=0)
    assert rig.fires == fired
    assert [alert.note.code for alert in rig.store.alerts].count("clock.future") == (1 if fired else 0)


def test_rules_of_one_file_fire_on_one_print_in_the_order_of_the_file() -> None:
    rig = watching()
    rig.plan(rule("z-first", Stop(price(65000)), quantity=Decimal(1)), rule("a-second", Stop(price(65000)), quantity=Decimal(1)))
    rig.tick(70000)
    assert rig.prints("66000 65000")[-2:] == [("z-first", "65000"), ("a-second", "65000")]


def test_a_step_of_our_clock_fires_nothing_by_itself_and_what_comes_after_it_is_late() -> None:
    rig = watching(Guards(collar=None))
    rig.tell(ClockStep(90 * SECOND))
    assert (rig.fires, rig.store.alerts[-1].note.code) == ([], "clock.stepped")
    rig.tick(67000)
    assert rig.fires == [("stop", "67000")]
    assert [shot.late for shot in rig.shots] == [True]
