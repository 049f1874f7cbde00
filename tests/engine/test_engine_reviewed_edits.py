"""Faults of arming, resuming and editing that a hostile reading of the engine has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from rig import FRIDAY, MONDAY, Day, Rig, fill, leg, legs, ordered, price, rule, statement

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import (
    AlreadyMet,
    Amount,
    Basis,
    Leg,
    OnPositionChange,
    OrderSpec,
    OrderType,
    Percent,
    Preserve,
    ProfitRate,
    Rearm,
    Rebound,
    Rule,
    RuleId,
    Stop,
    Target,
    TimeExit,
    Trail,
)
from autotrader.engine.events import Edit, Pause, Resume
from autotrader.engine.records import MarkRecord

RULE = RuleId("r")
THOUSAND = Amount(Decimal(1000))
FROM_72 = Trail(THOUSAND, start=Decimal(72_000))


def at_70(*texts: Rule) -> Rig:
    """Return a rig whose rules are added on the command line at 70,000."""
    rig = Rig()
    rig.add(rule("other", Stop(price(1))))
    rig.tick(70_000)
    for text in texts:
        assert rig.add(text)["ok"]
    return rig


class TestATrailWithAStartThatIsMetAsItIsArmed:
    def test_with_wait_cross_it_follows_from_the_print_that_is_over_its_level(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        assert rig.prints("70000 70999 71000") == []
        assert (rig.state("r"), rig.reason("r"), rig.level("r")) == ("waiting", "waiting.cross", "71000")
        assert rig.prints("71001") == []
        assert (rig.state("r"), rig.mark("r")) == ("watching", Decimal(72_000))
        assert rig.prints("73000 72001 72000") == [("r", "72000")]

    def test_a_print_that_crosses_far_over_the_mark_moves_it_and_that_is_kept_at_once(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        rig.prints("70000 75000")
        assert rig.mark("r") == Decimal(75_000)
        rig.crash()
        rig.recover()
        assert rig.prints("74000") == [("r", "74000")]

    def test_a_restart_before_it_has_crossed_loses_nothing(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        rig.prints("70000")
        rig.crash()
        rig.recover()
        assert rig.prints("70500 71500 71000") == [("r", "71000")]

    def test_a_rebound_is_its_mirror(self) -> None:
        rig = Rig()
        rig.plan(rule("r", Rebound(THOUSAND, start=Decimal(69_000)), already_met=AlreadyMet.WAIT_CROSS))
        assert rig.prints("70500 70000 69500 68000 68999 69000") == [("r", "69000")]

    def test_paused_before_its_first_price_it_watches_once_it_is_resumed(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72))
        rig.do(Pause(RULE))
        rig.prints("70000")
        assert rig.mark("r") == Decimal(72_000)
        assert rig.do(Resume(RULE))["code"] == "already_met"
        rig.prints("71500")
        assert rig.do(Resume(RULE))["ok"]
        assert rig.prints("73000 72000") == [("r", "72000")]

    def test_paused_and_with_wait_cross_it_crosses_while_it_is_paused(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        rig.do(Pause(RULE))
        rig.prints("70000 71500")
        assert rig.do(Resume(RULE))["ok"]
        assert rig.prints("71000") == [("r", "71000")]

    def test_a_resumed_one_that_is_over_its_mark_as_it_crosses_takes_that_price(self) -> None:
        rig = at_70(rule("r", Trail(THOUSAND), already_met=AlreadyMet.WAIT_CROSS))
        rig.do(Pause(RULE))
        rig.prints("68000")
        rig.do(Resume(RULE))
        rig.prints("72000")
        assert rig.mark("r") == Decimal(72_000)

    def test_one_that_begins_again_waits_until_the_price_is_the_hysteresis_over_its_level(self) -> None:
        rig = at_70()
        rig.prints("73000")
        rig.add(rule("r", FROM_72, quantity=Decimal(1), rearm=Rearm(3, 0, Amount(Decimal(100)))))
        assert rig.prints("72000") == [("r", "72000")]
        rig.accept()
        rig.report(ordered(rig.places[-1], OrderStatus.FILLED, fill(1, 1, 72_000)))
        assert rig.prints("70900 71050 71000") == []
        assert (rig.state("r"), rig.mark("r")) == ("waiting", Decimal(72_000))
        assert rig.prints("71100 71000") == [("r", "71000")]


@pytest.mark.parametrize("over", [True, False])
def test_a_preserve_that_has_begun_again_and_is_resumed_under_its_floor_crosses_upwards(over: bool) -> None:
    text = rule("r", Preserve(price(75_000), price(73_000)), quantity=Decimal(1), rearm=Rearm(3, 0, Amount(Decimal(100))))
    rig = at_70(text)
    assert rig.prints("75000 73000") == [("r", "73000")]
    rig.accept()
    rig.report(ordered(rig.places[-1], OrderStatus.FILLED, fill(1, 1, 73_000)))
    rig.prints("74000 75000")
    rig.do(Pause(RULE))
    rig.prints("72000")
    assert rig.do(Resume(RULE))["ok"]
    rig.prints("73100" if over else "73050")
    assert rig.prints("73000") == ([("r", "73000")] if over else [])


NOON = "12:00"


class TestATimeThatHasPassedWhileItsRuleWasPaused:
    def paused(self, **changes: Any) -> Day:
        """Return a day on which an exit at noon was paused before and is looked at again after it."""
        day = Day("11:00:00")
        day.tick(70_000)
        assert day.add(rule("r", TimeExit(NOON), **changes))["ok"]
        day.later(1)
        day.do(Pause(RULE))
        day.at("12:30:00", 70_000)
        return day

    def test_does_not_fire_as_it_is_resumed_but_is_refused_and_says_why(self) -> None:
        day = self.paused()
        answer = day.do(Resume(RULE))
        assert (answer["code"], answer["exit"], answer["params"]["due"]) == ("already_due", 5, f"{FRIDAY} 12:00:00")
        day.later(1)
        assert (day.state("r"), day.fires) == ("paused", [])

    def test_fires_late_where_the_rule_says_so(self) -> None:
        day = self.paused(already_met=AlreadyMet.FIRE)
        assert day.do(Resume(RULE))["ok"]
        day.later(1)
        assert [shot.late for shot in day.shots] == [True]

    def test_waits_for_its_next_time_with_wait_cross(self) -> None:
        day = self.paused(already_met=AlreadyMet.WAIT_CROSS)
        assert day.do(Resume(RULE))["ok"]
        day.later(1)
        assert (day.state("r"), day.fires) == ("watching", [])
        day.clock("11:59:59", MONDAY)
        day.at("11:59:59", 70_000)
        day.later(2)
        assert [fired for fired, _ in day.fires] == ["r"]

    def test_one_whose_time_is_still_to_come_is_resumed(self) -> None:
        day = Day("11:00:00")
        day.tick(70_000)
        day.add(rule("r", TimeExit(NOON)))
        day.later(1)
        day.do(Pause(RULE))
        assert day.do(Resume(RULE))["ok"]
        assert day.state("r") == "watching"


def edited(rig: Rig, text: Rule) -> list[str]:
    """Take an edit; return what it says of the legs."""
    answer = rig.do(Edit(text, rig.record(text.id).version))
    assert answer["ok"], answer
    return [f"{note['code']} {note['params']['leg']}" for note in answer["result"]["notes"]]


KEEPS = rule("r", Preserve(ProfitRate(Decimal(7)), ProfitRate(Decimal(5))))
ITS_LEG = KEEPS.legs[0]
AT_73 = OrderSpec(OrderType.LIMIT, Decimal(73_000))


class TestAnEditOfWhatAnArmedLegSends:
    @pytest.mark.parametrize(
        "after",
        [
            pytest.param(replace(ITS_LEG, limit_offset=Amount(Decimal(100))), id="limit offset"),
            pytest.param(replace(ITS_LEG, order=AT_73), id="order"),
            pytest.param(replace(ITS_LEG, share=Decimal(50)), id="share"),
            pytest.param(replace(ITS_LEG, trigger=Preserve(ProfitRate(Decimal(7)), ProfitRate(Decimal(4)))), id="floor"),
        ],
    )
    def test_leaves_a_preserve_armed(self, after: Leg) -> None:
        rig = at_70(KEEPS)
        rig.prints("75000 74500")
        assert edited(rig, replace(KEEPS, legs=(after,))) == ["edit.mark_kept preserve"]
        assert [fired for fired, _ in rig.prints("72800")] == ["r"]

    def test_another_profit_that_arms_it_starts_it_anew(self) -> None:
        rig = at_70(KEEPS)
        rig.prints("75000 74500")
        after = replace(ITS_LEG, trigger=Preserve(ProfitRate(Decimal(8)), ProfitRate(Decimal(5))))
        assert edited(rig, replace(KEEPS, legs=(after,))) == ["edit.mark_reset preserve"]
        assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.profit")

    def test_does_not_judge_a_stop_again_that_only_waits_for_its_hours(self) -> None:
        text = rule("r", Stop(price(68_000)), window="13:00-15:00")
        day = Day("11:00:00")
        day.tick(70_000)
        day.add(text)
        day.at("11:00:30", 70_000)
        day.at("11:01:00", 67_000)
        assert edited(day, replace(text, legs=(replace(text.legs[0], share=Decimal(50)),))) == []
        assert day.state("r") == "watching"


@pytest.mark.parametrize("basis", [Basis.BID, Basis.DOUBLE_LAST])
def test_an_edit_of_the_basis_starts_the_mark_anew(basis: Basis) -> None:
    text = rule("r", Trail(THOUSAND))
    rig = at_70(text)
    rig.prints("75000 74500")
    assert edited(rig, replace(text, basis=basis)) == ["edit.mark_reset trail"]
    assert rig.mark("r") != Decimal(75_000)


OF_COST = rule("r", Stop(ProfitRate(Decimal(-5))))


class TestAnEditOfTheCostThatAStopRestsOn:
    AT_80 = replace(OF_COST, cost_basis=Decimal(80_000))

    def test_is_refused_where_it_would_fire_at_once(self) -> None:
        rig = at_70(OF_COST)
        answer = rig.do(Edit(self.AT_80, 1))
        assert (answer["code"], answer["params"]["level"]) == ("already_met", "76000")
        assert rig.prints("70000") == []

    def test_waits_for_the_safe_side_where_the_rule_says_so(self) -> None:
        rig = at_70(OF_COST)
        edited(rig, replace(self.AT_80, already_met=AlreadyMet.WAIT_CROSS))
        assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.cross")
        assert rig.prints("70000 76001 76000") == [("r", "76000")]

    def test_fires_with_the_next_print_where_the_rule_says_so(self) -> None:
        rig = at_70(OF_COST)
        edited(rig, replace(self.AT_80, already_met=AlreadyMet.FIRE))
        assert rig.prints("70000") == [("r", "70000")]

    def test_that_does_not_meet_it_is_taken(self) -> None:
        rig = at_70(OF_COST)
        edited(rig, replace(OF_COST, cost_basis=Decimal(72_000)))
        assert rig.prints("68401 68400") == [("r", "68400")]

    def test_lets_a_leg_begin_that_was_rejected_beside_another(self) -> None:
        text = legs(leg(Stop(ProfitRate(Decimal(5)))), leg(Target(price(80_000))))
        rig = Rig()
        rig.plan(text)
        rig.prints("70000")
        assert rig.state("r", "stop") == "rejected"
        rig.plan(replace(text, cost_basis=Decimal(60_000)), confirmed=True)
        assert (rig.state("r", "stop"), rig.level("r", "stop")) == ("watching", "63000")


class TestAnEditOfOnPositionChange:
    def rig(self, kind: OnPositionChange) -> Rig:
        return at_70(replace(OF_COST, on_position_change=kind))

    def test_from_freeze_to_follow_lets_the_level_move(self) -> None:
        rig = self.rig(OnPositionChange.FREEZE)
        edited(rig, OF_COST)
        rig.stated(statement(200, cost=200 * 68_000))
        assert rig.level("r") == "64600"
        assert rig.prints("64601 64600") == [("r", "64600")]

    def test_from_follow_to_freeze_keeps_the_level_of_that_moment(self) -> None:
        rig = self.rig(OnPositionChange.FOLLOW)
        rig.stated(statement(200, cost=200 * 68_000))
        edited(rig, replace(OF_COST, on_position_change=OnPositionChange.FREEZE))
        rig.stated(statement(400, cost=400 * 60_000))
        assert rig.level("r") == "64600"

    def test_under_freeze_the_owners_own_cost_goes_when_he_takes_it_out(self) -> None:
        own = replace(OF_COST, on_position_change=OnPositionChange.FREEZE, cost_basis=Decimal(72_000))
        rig = at_70(own)
        assert rig.level("r") == "68400"
        edited(rig, replace(own, cost_basis=None))
        assert rig.level("r") == "66500"

    def test_under_freeze_another_percentage_is_of_the_cost_of_its_own_arm_moment(self) -> None:
        rig = self.rig(OnPositionChange.FREEZE)
        rig.stated(statement(200, cost=200 * 68_000))
        assert rig.level("r") == "66500"
        edited(rig, rule("r", Stop(ProfitRate(Decimal(-10))), on_position_change=OnPositionChange.FREEZE))
        assert rig.level("r") == "61200"


THREE, FIVE = Trail(Percent(Decimal(3))), Trail(Percent(Decimal(5)))
HALF = Decimal(50)


class TestALegWhoseOrdinalChanges:
    """A leg without a name of its own is known by its kind and ordinal, which changes as legs of its kind come and go."""

    def rig(self, *texts: Leg) -> Rig:
        """Return a rig whose legs are armed at 70,000 and have seen 80,000."""
        rig = at_70(legs(*texts))
        rig.prints("75000 80000 78500")
        return rig

    @pytest.mark.parametrize("place", [1, 2])
    def test_keeps_its_mark_as_another_of_its_kind_is_added(self, place: int) -> None:
        rig = self.rig(leg(THREE))
        first, second = (THREE, FIVE) if place == 1 else (FIVE, THREE)
        said = edited(rig, legs(leg(first, "trail-1", share=HALF), leg(second, "trail-2")))
        assert said == [f"leg.renamed trail-{place}", f"edit.mark_kept trail-{place}"]
        assert rig.mark("r", f"trail-{place}") == Decimal(80_000)
        assert rig.mark("r", f"trail-{3 - place}") == Decimal(78_500)
        assert rig.prints("77600") == [("r", "77600")]
        assert rig.intent("r", f"trail-{place}").quantity == (5 if place == 1 else 10)

    def test_keeps_it_through_a_restart(self) -> None:
        rig = self.rig(leg(THREE))
        edited(rig, legs(leg(THREE, "trail-1", share=HALF), leg(FIVE, "trail-2")))
        rig.crash()
        rig.recover()
        assert [rig.mark("r", name) for name in ("trail-1", "trail-2")] == [Decimal(80_000), Decimal(78_500)]
        assert ("r", "trail") not in rig.store.table(MarkRecord)

    def test_keeps_it_as_another_goes(self) -> None:
        rig = self.rig(leg(THREE, "trail-1", share=HALF), leg(FIVE, "trail-2"))
        assert edited(rig, legs(leg(FIVE))) == ["edit.leg_gone trail-1", "leg.renamed trail", "edit.mark_kept trail"]
        assert rig.prints("76000") == [("r", "76000")]

    def test_keeps_it_as_the_order_changes(self) -> None:
        rig = self.rig(leg(replace(THREE, activate=price(75_000)), "trail-1", share=HALF), leg(FIVE, "trail-2"))
        edited(rig, legs(leg(FIVE, "trail-1"), leg(replace(THREE, activate=price(75_000)), "trail-2", share=HALF)))
        assert [rig.mark("r", name) for name in ("trail-1", "trail-2")] == [Decimal(80_000), Decimal(80_000)]
        assert rig.prints("77600") == [("r", "77600")]
        assert rig.shots[-1].leg == "trail-2"

    def test_one_that_waits_takes_no_mark_of_the_name_that_it_gets(self) -> None:
        waits = replace(THREE, activate=price(90_000))
        rig = self.rig(leg(FIVE, "trail-1"), leg(waits, "trail-2", share=HALF))
        edited(rig, legs(leg(waits, "trail-1", share=HALF), leg(FIVE, "trail-2")))
        assert [rig.mark("r", name) for name in ("trail-1", "trail-2")] == [None, Decimal(80_000)]
        assert rig.state("r", "trail-1") == "waiting"

    def test_keeps_it_with_another_distance_as_the_first_of_its_kind(self) -> None:
        rig = self.rig(leg(THREE))
        edited(rig, legs(leg(Trail(Percent(Decimal(2))), "trail-1", share=HALF), leg(FIVE, "trail-2")))
        assert rig.mark("r", "trail-1") == Decimal(80_000)

    def test_keeps_it_as_it_is_given_a_name(self) -> None:
        rig = self.rig(leg(THREE))
        assert edited(rig, legs(leg(THREE, "mine"))) == ["leg.renamed mine", "edit.mark_kept mine"]
        assert rig.prints("77600") == [("r", "77600")]

    def test_a_leg_with_another_name_of_its_own_is_another_leg(self) -> None:
        rig = self.rig(leg(THREE, "mine"))
        assert edited(rig, legs(leg(THREE, "yours"))) == ["edit.leg_gone mine"]
        assert rig.mark("r", "yours") == Decimal(78_500)
        assert ("r", "mine") not in rig.store.table(MarkRecord)

    def test_stays_paused_and_so_does_the_new_one_so_that_both_can_be_resumed(self) -> None:
        rig = self.rig(leg(THREE))
        rig.do(Pause(RULE))
        edited(rig, legs(leg(THREE, "trail-1", share=HALF), leg(FIVE, "trail-2")))
        assert [rig.state("r", name) for name in ("trail-1", "trail-2")] == ["paused", "paused"]
        assert rig.prints("74000") == []
        rig.prints("78000")
        assert rig.do(Resume(RULE))["ok"]
        assert rig.prints("77600") == [("r", "77600")]


class TestAnEditInTheFile:
    """What an edit does to a mark is said of a rule of the file too: before it is taken, as it is, and afterwards."""

    AFTER = legs(leg(Trail(Percent(Decimal(2)))))

    def rig(self) -> Rig:
        rig = Rig()
        rig.plan(legs(leg(THREE)), rule("other", Stop(price(60_000))))
        rig.prints("70000 80000 79000")
        return rig

    def plan(self, rig: Rig, text: Rule, *, dry: bool = False) -> dict[str, Any]:
        body = rig.plan(text, rule("other", Stop(price(61_000))), confirmed=True, dry=dry)
        assert body["ok"]
        result: dict[str, Any] = body["result"]
        return result

    @pytest.mark.parametrize(
        ("after", "code"),
        [(AFTER, "edit.mark_kept"), (legs(leg(replace(THREE, activate=price(90_000)))), "edit.mark_reset")],
    )
    def test_says_what_the_mark_did(self, after: Rule, code: str) -> None:
        rig, note = self.rig(), {"code": code, "params": {"leg": "trail"}}
        dry = {item["id"]: item["notes"] for item in self.plan(rig, after, dry=True)["changed"]}
        assert dry == {"r": [note], "other": []}
        assert rig.mark("r") == Decimal(80_000)
        assert self.plan(rig, after)["edit_notes"] == {"r": [note]}
        assert [row.subject for row in rig.store.journal if row.note.code == code] == ["r/trail"]

    def test_shows_a_leg_that_is_called_otherwise_with_the_level_that_it_had(self) -> None:
        rig = self.rig()
        after = legs(leg(THREE, "trail-1", share=HALF), leg(FIVE, "trail-2"))
        found = next(item for item in self.plan(rig, after, dry=True)["changed"] if item["id"] == "r")
        assert [(part["name"], part["level"]) for part in found["legs"]] == [("trail-1", ["77600", "77600"]), ("trail-2", [None, "75050"])]
        assert [note["code"] for note in found["notes"]] == ["leg.renamed", "edit.mark_kept"]

    def test_that_is_only_asked_about_leaves_the_marks_following(self) -> None:
        rig = self.rig()
        self.plan(rig, legs(leg(THREE, "trail-1", share=HALF), leg(FIVE, "trail-2")), dry=True)
        assert rig.prints("82000 79540") == [("r", "79540")]
