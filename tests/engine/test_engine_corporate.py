"""Splits, quantities that jump, and what an owner trades by hand (semantics 2.14, safety P7)."""

from decimal import Decimal
from typing import Any

import pytest
from rig import FRIDAY, MAIN, MONDAY, SAMSUNG, Day, Rig, fill, leg, legs, ordered, price, rule, statement

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import (
    Above,
    AlreadyMet,
    Amount,
    AtPrice,
    Below,
    OffBase,
    OrderSpec,
    OrderType,
    Percent,
    Preserve,
    PriceOf,
    ProfitRate,
    Rebound,
    Side,
    Stop,
    Target,
    Trail,
    Volume,
    When,
)
from autotrader.engine.corporate import Seen, is_another_share, likely_ratio
from autotrader.engine.events import Adjust, Cancel, Decision, Pause, Reference, Resolve, Resume, ShowRule
from autotrader.engine.records import RuleRecord

UNDER = Percent(Decimal(-5))


def won(amount: int) -> Amount:
    return Amount(Decimal(amount))


def friday_close(*texts: Any, close: object = 100_000, at: str = "15:30:10") -> Day:
    """Play Friday up to a last print, with rules that watch."""
    day = Day("15:00:00", FRIDAY)
    day.add(rule("first", Stop(price(95_000)))) if not texts else day.add(*texts)
    day.at("15:10:00", close)
    day.at(at, close)
    return day


def monday(day: Day, base: object) -> Day:
    """Tell Monday's base price before its first print."""
    day.clock("08:40:00", MONDAY)
    day.tell(Reference(SAMSUNG, Decimal(str(base))))
    return day


class TestBasePrice:
    def test_the_example_of_a_split_sells_nothing(self) -> None:
        """Semantics 2.14: close 100,000, 5:1 split, base 20,000; a stop at 95,000 would sell everything at 09:00."""
        day = monday(friday_close(), 20_000)
        assert (day.state("first"), day.reason("first")) == ("held", "held.corporate_base")
        assert day.at("09:00:05", 20_100) == []
        (alert,) = [note for note in day.alerts() if note.code == "held.corporate_base"]
        assert (alert.params["ratio"], alert.params["rules"]) == ("5:1", "first")

    def test_without_a_split_the_same_morning_fires(self) -> None:
        day = monday(friday_close(), 100_000)
        assert day.at("09:00:05", 94_000) == [("first", "94000")]

    def test_it_holds_before_the_first_print_also_after_a_restart(self) -> None:
        day = friday_close()
        day.crash(clean=True)
        day.recover()
        monday(day, 20_000)
        assert day.state("first") == "held"

    @pytest.mark.parametrize(
        ("last_at", "base", "held"),
        [
            ("15:30:10", 100_000, False),
            ("15:30:10", 99_900, True),  # our last print is the close: any difference counts
            ("15:10:30", 99_900, False),  # an earlier print only says where the close can have been
            ("15:10:30", 60_000, False),
            ("15:10:30", 53_000, True),
            ("15:10:30", 185_700, False),
            ("15:10:30", 185_800, True),
            ("15:30:10", 200_000, True),
        ],
    )
    def test_what_counts_as_another_share(self, last_at: str, base: int, held: bool) -> None:
        assert (monday(friday_close(at=last_at), base).state("first") == "held") is held

    def test_a_base_told_again_on_the_same_day_holds_nothing(self) -> None:
        day = Day("09:10:00", FRIDAY)
        day.add(rule("first", Stop(price(60_000))))
        day.at("09:10:00", 70_000)
        day.tell(Reference(SAMSUNG, Decimal(69_000)))
        day.tell(Reference(SAMSUNG, Decimal(68_000)))
        assert day.state("first") == "watching"

    def test_waiting_and_paused_rules_are_held_too_and_ended_ones_are_not(self) -> None:
        day = friday_close(
            rule("trail", Trail(Percent(Decimal(2)), AtPrice(Decimal(120_000)))),
            rule("buy", Below(price(90_000))),
            rule("done", Stop(price(100_500))),
        )
        day.tell(Reference(SAMSUNG, Decimal(100_000)))
        monday(day, 20_000)
        assert {name: day.state(name) for name in ("trail", "buy", "done")} == {"trail": "held", "buy": "held", "done": "rejected"}

    def test_watch_again_is_judged_by_the_next_price_as_if_it_were_new(self) -> None:
        day = monday(friday_close(), 20_000)
        assert day.do(Resolve("first/stop", Decision.WATCH))["ok"]
        assert day.state("first") == "waiting"
        assert day.at("09:00:05", 20_100) == []
        assert day.state("first") == "rejected"  # met by the split alone
        assert "already_met" in day.alert_codes()

    def test_give_up_ends_it(self) -> None:
        day = monday(friday_close(), 20_000)
        day.do(Resolve("first/stop", Decision.GIVE_UP))
        assert day.state("first") == "cancelled"

    def test_an_unknown_last_price_says_nothing(self) -> None:
        assert not is_another_share(Rig().world.markets["KRX"], None, Decimal(5), 0)
        assert not is_another_share(Rig().world.markets["BINANCE"], Seen(Decimal(5), 0), Decimal(50), 10**18)


class TestQuantity:
    def test_five_times_as_many_for_the_same_money_hold_the_rules(self) -> None:
        rig = Rig(says=statement(10, cost=1_000_000))
        rig.add(rule("a", Stop(price(60_000))))
        rig.tick(70_000)
        rig.stated(statement(50, cost=1_000_000))
        assert (rig.state("a"), rig.reason("a")) == ("held", "held.corporate_quantity")
        assert rig.leg("a").reason.params["ratio"] == "5:1"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ((10, 1_000_000), (20, 2_000_000)),  # bought by hand
            ((10, 1_000_000), (4, 400_000)),  # sold by hand
            ((10, None), (50, None)),  # nobody knows the cost
            ((10, 1_000_000), (10, 1_000_000)),
        ],
    )
    def test_what_was_traded_by_hand_holds_nothing(self, before: Any, after: Any) -> None:
        rig = Rig(says=statement(before[0], cost=before[1] or 0))
        rig.add(rule("a", Stop(price(60_000)), quantity=Decimal(1)))
        rig.tick(70_000)
        rig.stated(statement(after[0], cost=after[1] or 0))
        assert rig.state("a") == "watching"

    @pytest.mark.parametrize(
        ("old", "new", "ratio"), [(100, 20, "5:1"), (100, 51, "2:1"), (100, 1000, "1:10"), (110, 100, "11:10"), (9, 6, "3:2")]
    )
    def test_the_likely_ratio(self, old: int, new: int, ratio: str) -> None:
        assert likely_ratio(Decimal(old), Decimal(new)) == ratio


class TestTradesByHand:
    def test_a_rule_that_sells_more_than_is_left_says_so(self) -> None:
        rig = Rig(says=statement(100))
        rig.add(rule("big", Stop(price(60_000)), quantity=Decimal(80)), rule("small", Stop(price(60_000)), quantity=Decimal(20)))
        rig.tick(70_000)
        rig.stated(statement(30))
        told = [note.params["rule"] for note in rig.alerts() if note.code == "position.shrunk"]
        assert told == ["big"]
        rig.tick(60_000)
        assert rig.places[-1].quantity == 30

    def test_what_our_own_order_sold_is_no_news(self) -> None:
        rig = Rig(says=statement(100))
        rig.add(rule("mine", Stop(price(68_000)), quantity=Decimal(80)), rule("big", Stop(price(60_000)), quantity=Decimal(80)))
        rig.tick(70_000)
        rig.tick(68_000)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 80)), says=statement(20))
        assert "position.shrunk" not in rig.alert_codes()

    def test_what_is_left_of_a_half_sold_rule_is_cut(self) -> None:
        rig = Rig(says=statement(10))
        rig.add(legs(leg(Target(price(72_000)), share=Decimal(50)), leg(Stop(price(60_000)))))
        rig.tick(70_000)
        rig.tick(72_000)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(5))
        rig.stated(statement(2))
        assert rig.record("r").left == 2

    def test_a_holding_sold_by_hand_ends_its_rules(self) -> None:
        rig = Rig(says=statement(10))
        rig.add(rule("a", Stop(price(60_000))))
        rig.tick(70_000)
        rig.stated(statement(0))
        assert (rig.state("a"), rig.reason("a")) == ("superseded", "superseded.position_closed")


class TestAdjust:
    def test_the_example_stands_at_a_fifth(self) -> None:
        day = monday(friday_close(), 20_000)
        body = day.do(Adjust(day.record("first").rule.id, 5, 1))
        assert body["ok"]
        assert [(note["code"], note["params"].get("new")) for note in body["result"]["notes"]] == [
            ("adjust.changed", "19000"),
            ("adjust.changed", "50"),
            ("rule.adjusted", None),
        ]
        assert (day.state("first"), day.level("first"), day.record("first").rule.quantity, day.record("first").version) == (
            "watching",
            "19000",
            50,
            2,
        )
        assert day.at("09:00:05", 20_100) == []
        assert day.at("09:00:10", 19_000) == [("first", "19000")]

    def test_marks_follow_and_trails_go_on(self) -> None:
        rig = Rig()
        rig.add(rule("t", Trail(Amount(Decimal(5000)), AtPrice(Decimal(90_000)))))
        rig.prints("80000 90000 100000")
        rig.do(Adjust(rig.record("t").rule.id, 5, 1))
        assert (rig.mark("t"), rig.level("t")) == (20_000, "19000")
        assert rig.prints("19500 19000") == [("t", "19000")]

    @pytest.mark.parametrize(
        ("text", "ratio", "found"),
        [
            (rule("r", Stop(price(95_000))), (5, 1), Stop(price(19_000))),
            (rule("r", Stop(price(95_000))), (1, 10), Stop(price(950_000))),
            (rule("r", Stop(price(95_000))), (3, 1), Stop(price(31_700))),  # 31,666.67: up, so that it sells earlier, not later
            (rule("r", Target(price(95_000))), (3, 1), Target(price(31_650))),
            (rule("r", Below(price(95_000))), (3, 1), Below(price(31_650))),
            (rule("r", Above(price(95_000))), (3, 1), Above(price(31_700))),
            (rule("r", Stop(ProfitRate(Decimal(-5)))), (5, 1), Stop(ProfitRate(Decimal(-5)))),
            (
                rule("r", Stop(OffBase(Percent(Decimal(-5)), AtPrice(Decimal(100_000))))),
                (5, 1),
                Stop(OffBase(Percent(Decimal(-5)), AtPrice(Decimal(20_000)))),
            ),
            (rule("r", Preserve(price(110_000), price(105_000))), (5, 1), Preserve(price(22_000), price(21_000))),
            (
                rule("r", Rebound(Amount(Decimal(1000)), step=Amount(Decimal(100)))),
                (5, 1),
                Rebound(Amount(Decimal(200)), step=Amount(Decimal(20))),
            ),
            (rule("r", Trail(Percent(Decimal(3)), start=Decimal(100_000))), (5, 1), Trail(Percent(Decimal(3)), start=Decimal(20_000))),
        ],
    )
    def test_every_number_of_a_trigger(self, text: Any, ratio: tuple[int, int], found: Any) -> None:
        rig = Rig()
        assert rig.add(text)["ok"]
        assert rig.do(Adjust(text.id, *ratio))["ok"]
        assert rig.record("r").rule.legs[0].trigger == found

    def test_the_other_numbers_of_a_rule(self) -> None:
        when = When(
            (
                PriceOf(SAMSUNG, Decimal(90_000), True),
                PriceOf(rule("x", Stop(price(1)), instrument="KRX:000660").instrument, Decimal(7), True),
                Volume(Decimal(1000)),
            )
        )
        own = leg(Stop(price(95_000)), limit_offset=Amount(Decimal(500)))
        last = leg(Target(price(120_000)))
        text = legs(
            own, last, order=OrderSpec(OrderType.LIMIT, Decimal(94_000)), cost_basis=Decimal(100_000), when=when, quantity=Decimal(7)
        )
        rig = Rig()
        rig.add(text)
        rig.do(Adjust(text.id, 5, 2))
        after = rig.record("r").rule
        assert (after.order.limit, after.cost_basis, after.quantity, after.legs[0].limit_offset) == (
            37_600,
            40_000,
            17,
            Amount(Decimal(200)),
        )
        assert after.when is not None
        assert [getattr(condition, "price", getattr(condition, "least", None)) for condition in after.when.conditions] == [36_000, 7, 2500]

    @pytest.mark.parametrize(
        ("new", "old", "code"),
        [
            (1, 1, "adjust.bad_ratio"),
            (0, 1, "adjust.bad_ratio"),
            (5, 0, "adjust.bad_ratio"),
            (5, 5000, "adjust.bad_ratio"),
            (1, 100, "adjust.nothing_left"),
        ],
    )
    def test_what_cannot_be_adjusted_changes_nothing(self, new: int, old: int, code: str) -> None:
        rig = Rig()
        rig.add(rule("r", Stop(price(95_000))))
        before = rig.record("r")
        body = rig.do(Adjust(before.rule.id, new, old))
        assert (body["ok"], body["code"]) == (False, code)
        assert rig.record("r") == before

    def test_a_rule_whose_order_is_on_its_way_is_left_alone(self) -> None:
        rig = Rig()
        rig.add(rule("r", Stop(price(68_000))))
        rig.prints("70000 68000")
        assert rig.do(Adjust(rig.record("r").rule.id, 5, 1))["code"] == "adjust.in_flight"

    def test_a_half_sold_rule_keeps_its_share(self) -> None:
        rig = Rig(says=statement(10))
        rig.add(legs(leg(Target(price(72_000)), share=Decimal(50)), leg(Stop(price(60_000)))))
        rig.prints("70000 72000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(5))
        rig.do(Adjust(rig.record("r").rule.id, 5, 1))
        assert isinstance(rig.record("r"), RuleRecord)
        assert (rig.record("r").lot, rig.record("r").left) == (50, 25)
        rig.stated(statement(25))
        rig.tick(11_000)
        assert rig.places[-1].quantity == 25

    def test_what_was_adjusted_is_kept(self) -> None:
        day = monday(friday_close(), 20_000)
        day.do(Adjust(day.record("first").rule.id, 5, 1))
        day.crash()
        day.recover(MAIN, says=statement(50))
        assert day.level("first") == "19000"
        assert day.do(ShowRule(day.record("first").rule.id))["result"]["rule"]["version"] == 2
        assert day.record("first").rule.side is Side.SELL


class TestAdjustIsAnArmCheck:
    """A ratio the wrong way round once sold a holding at the next print."""

    def test_a_ratio_the_wrong_way_round_is_refused_by_the_live_price(self) -> None:
        rig = Rig()
        rig.add(rule("r", Stop(price(65_000))))
        rig.tick(70_000)
        body = rig.do(Adjust(rig.record("r").rule.id, 1, 5))
        assert (body["code"], body["exit"]) == ("adjust.met", 5)
        assert body["params"] == {"rule": "r", "leg": "stop", "price": "70000", "level": "325000", "ratio": "1:5", "turned": "5:1"}
        assert (rig.state("r"), rig.level("r"), rig.record("r").version) == ("watching", "65000", 1)
        assert rig.prints("69900") == []

    def test_a_consent_to_fire_when_met_is_none_to_a_ratio(self) -> None:
        rig = Rig()
        rig.add(rule("r", Stop(price(65_000)), already_met=AlreadyMet.FIRE))
        rig.tick(70_000)
        assert rig.do(Adjust(rig.record("r").rule.id, 1, 5))["code"] == "adjust.met"

    def test_a_trail_is_judged_by_its_scaled_mark(self) -> None:
        rig = Rig()
        rig.add(rule("t", Trail(Percent(Decimal(3)))))
        rig.tick(70_000)
        assert rig.do(Adjust(rig.record("t").rule.id, 1, 5))["code"] == "adjust.met"
        assert rig.mark("t") == 70_000

    def test_the_price_from_before_the_split_refuses_nothing(self) -> None:
        day = monday(friday_close(rule("up", Target(price(110_000)))), 20_000)
        assert day.do(Adjust(day.record("up").rule.id, 5, 1))["ok"]  # 22,000, and the last print was 100,000
        assert day.at("09:00:05", 20_100) == []

    def test_the_evening_before_is_no_live_price(self) -> None:
        day = friday_close(rule("up", Target(price(110_000))))
        day.clock("18:00:00")
        assert day.do(Adjust(day.record("up").rule.id, 5, 1))["ok"]
        assert monday(day, 20_000).at("09:00:05", 20_100) == []

    def test_a_held_rule_is_judged_once_a_price_of_the_new_share_came(self) -> None:
        day = monday(friday_close(), 20_000)
        day.at("09:00:05", 20_100)
        assert day.do(Adjust(day.record("first").rule.id, 1, 5))["code"] == "adjust.met"
        assert day.state("first") == "held"
        assert day.do(Adjust(day.record("first").rule.id, 5, 1))["ok"]
        assert day.at("09:00:10", 19_900) == []

    def test_a_rule_held_for_its_quantity_is_not_judged_by_the_price_from_before(self) -> None:
        rig = Rig(says=statement(10, cost=1_000_000))
        rig.add(rule("up", Target(price(110_000))), rule("down", Stop(price(95_000))))
        rig.tick(100_000)
        rig.stated(statement(50, cost=1_000_000))
        assert rig.do(Adjust(rig.record("up").rule.id, 5, 1))["ok"]
        rig.tick(20_100)
        assert rig.do(Adjust(rig.record("down").rule.id, 1, 5))["code"] == "adjust.met"
        assert rig.do(Adjust(rig.record("down").rule.id, 5, 1))["ok"]

    def test_the_last_price_that_is_known_judges_it_before_the_first_live_one(self) -> None:
        rig = Rig()
        rig.add(rule("r", Stop(price(65_000))))
        rig.tick(70_000)
        rig.crash(clean=True)
        assert rig.do(Adjust(rig.record("r").rule.id, 1, 5))["code"] == "adjust.met"

    def test_a_paused_rule_is_judged_when_it_is_resumed(self) -> None:
        rig = Rig()
        rig.add(rule("r", Stop(price(65_000))))
        rig.tick(70_000)
        rig.do(Pause(rig.record("r").rule.id))
        assert rig.do(Adjust(rig.record("r").rule.id, 1, 5))["ok"]
        assert rig.do(Resume(rig.record("r").rule.id))["code"] == "already_met"


class TestAdjustSays:
    def test_a_rule_that_is_done_is_said_to_be_done_not_on_its_way(self) -> None:
        rig = Rig()
        rig.add(rule("r", Stop(price(68_000))))
        rig.tick(70_000)
        rig.do(Cancel(rig.record("r").rule.id))
        body = rig.do(Adjust(rig.record("r").rule.id, 5, 1))
        assert (body["code"], body["params"], body["exit"]) == ("adjust.ended", {"rule": "r", "states": "cancelled"}, 5)

    def test_the_answer_says_what_the_mark_became(self) -> None:
        rig = Rig()
        rig.add(rule("t", Trail(Amount(Decimal(5000)))))
        rig.prints("95000 100000")
        notes = rig.do(Adjust(rig.record("t").rule.id, 5, 1))["result"]["notes"]
        assert {"what": "trail.mark", "old": "100000", "new": "20000"} in [note["params"] for note in notes]

    def test_the_answer_says_what_the_quantity_that_is_left_became(self) -> None:
        rig = Rig(says=statement(10))
        rig.add(legs(leg(Target(price(72_000)), share=Decimal(50)), leg(Stop(price(60_000)))))
        rig.prints("70000 72000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(5))
        notes = rig.do(Adjust(rig.record("r").rule.id, 5, 1))["result"]["notes"]
        assert {"what": "left", "old": "5", "new": "25"} in [note["params"] for note in notes]

    def test_an_adjust_leaves_rows_in_the_journal_of_its_rule(self) -> None:
        """Safety D9: when, who, from, to, why."""
        rig = Rig()
        rig.add(rule("r", Stop(price(65_000))))
        rig.tick(70_000)
        rig.do(Adjust(rig.record("r").rule.id, 5, 1))
        rows = [
            (row.subject, row.before, row.after, row.note.code)
            for row in rig.store.journal
            if row.note.code.startswith(("adjust", "rule.adj"))
        ]
        assert rows == [
            ("r/stop", "watching", "watching", "rule.adjusted"),
            ("r", "version 1", "version 2", "adjust.changed"),
            ("r", "version 1", "version 2", "adjust.changed"),
        ]
