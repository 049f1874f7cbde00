"""Several legs on one quantity (semantics 2.10), and what else a leg can say: shares, limits beyond a level, profits kept."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from rig import MAIN, SAMSUNG, Day, Rig, fill, leg, legs, ordered, price, rule, statement, world

from autotrader.domain.order import BrokerOrder, OrderRequest, OrderStatus, OutcomeKind
from autotrader.domain.rule import (
    Above,
    Action,
    AlreadyMet,
    Amount,
    AtPrice,
    OnInadmissible,
    OnPositionChange,
    OrderSpec,
    OrderType,
    Part,
    PartOf,
    Peg,
    PegTo,
    Percent,
    Preserve,
    ProfitRate,
    Rebound,
    Rule,
    Side,
    Spend,
    Stop,
    Target,
    Then,
    Ticks,
    TimeInForce,
    Trail,
)
from autotrader.domain.tick import Quote
from autotrader.engine.events import Cancel, Outcome, Reference
from autotrader.engine.records import RuleRecord

STOP, TARGET = Stop(price(68_000)), Target(price(72_000))
HALF = Decimal(50)
FIVE_DOWN = leg(Stop(ProfitRate(Decimal(-5))))
AT_73 = OrderSpec(OrderType.LIMIT, Decimal(73_000))


def started(text: Rule, says: Any = None, first: object = 70_000) -> Rig:
    rig = Rig(says=says)
    rig.tick(first)
    rig.add(text)
    rig.tick(first)
    return rig


def filled(
    rig: Rig, request: OrderRequest, quantity: object = None, status: OrderStatus = OrderStatus.FILLED, number: int = 1
) -> BrokerOrder:
    """Let an order that was accepted fill, and say what is held after it."""
    order = ordered(request, OrderStatus.FILLED, fill(number, request.quantity))
    rig.report(order)
    return order


def states(rig: Rig) -> dict[str, str]:
    return {kept.leg: kept.status.value for kept in rig.engine.book.legs_of(rig.record("r").rule.id)}


class TestOneCancelsTheOther:
    def test_stop_and_target_have_one_winner_in_the_unit_of_the_fire(self) -> None:
        rig = started(legs(leg(STOP), leg(TARGET)))
        rig.commit_later = True
        rig.tick(72_000)
        assert len(rig.waiting) == 1
        rig.commit()
        assert states(rig) == {"stop": "superseded", "target": "fired"}
        assert rig.places[-1].quantity == 10

    def test_a_print_that_meets_both_fires_the_stop(self) -> None:
        rig = started(legs(leg(Target(price(69_000))), leg(Stop(price(69_500)))), first=69_600)
        assert states(rig) == {"target": "rejected", "stop": "watching"}  # 69,600 is over the target already
        both = Rig()
        both.add(legs(leg(Target(price(69_000))), leg(Stop(price(69_500))), already_met=AlreadyMet.FIRE))
        both.prints("69300 69300")
        assert states(both) == {"target": "superseded", "stop": "fired"}

    def test_what_the_winner_was_refused_revives_nobody_and_is_said(self) -> None:
        rig = started(legs(leg(STOP), leg(TARGET)))
        rig.tick(68_000)
        rig.outcome(OutcomeKind.REFUSED)
        assert states(rig) == {"stop": "failed", "target": "superseded"}
        assert "intent.refused" in rig.alert_codes()

    def test_a_leg_that_failed_without_an_order_leaves_the_others_on_watch(self) -> None:
        at_a_price = OrderSpec(OrderType.LIMIT, Decimal(67_000))  # the one thing that the session takes
        text = legs(leg(TARGET), leg(STOP, order=at_a_price), watch="NXT", venue="NXT", sessions=("nxt.pre",))
        day = Day("08:10:00")
        day.add(replace(text, on_inadmissible=OnInadmissible.FAIL))
        day.at("08:10:05", 70_000, venue="NXT")
        day.at("08:10:10", 72_000, venue="NXT")
        assert states(day) == {"target": "failed", "stop": "watching"}
        day.at("08:10:20", 68_000, venue="NXT")
        assert (states(day)["stop"], len(day.places)) == ("fired", 1)

    def test_two_entries_buy_once(self) -> None:
        text = legs(leg(Above(price(72_000))), leg(Rebound(Amount(Decimal(500)))), side=Side.BUY)
        rig = started(text)
        rig.prints("70400 70500 72000")
        assert [sent.quantity for sent in rig.places] == [10]
        assert states(rig) == {"above": "superseded", "rebound": "fired"}


class TestShares:
    @pytest.mark.parametrize(
        ("lot", "shares", "quantities"),
        [
            (10, (50, 50), [5, 5]),
            (3, (50, 50), [1, 2]),
            (1, (50, 50), [1]),
            (7, (30, 30, 40), [2, 2, 3]),
            (100, (33, 33, 34), [33, 33, 34]),
            (2, (10, 10, 80), [2]),
        ],
    )
    def test_quantities_are_a_cumulative_floor_and_a_share_of_nothing_is_passed_over(
        self, lot: int, shares: tuple[int, ...], quantities: list[int]
    ) -> None:
        targets = [leg(Target(price(72_000 + 1000 * n)), f"target-{n}", share=Decimal(part)) for n, part in enumerate(shares, 1)]
        rig = started(legs(*targets, leg(STOP), quantity=Decimal(lot)))
        rig.now += 1
        for n in range(1, len(shares) + 1):
            sent = len(rig.places)
            rig.tick(72_000 + 1000 * n)
            if len(rig.places) > sent:
                rig.accept()
                filled(rig, rig.places[-1], number=n)
        assert [sent.quantity for sent in rig.places] == quantities
        assert states(rig)["stop"] == "superseded"
        assert rig.record("r").left == 0

    def test_the_stop_sells_what_the_targets_left(self) -> None:
        rig = started(
            legs(leg(Target(price(72_000)), "target-1", share=Decimal(30)), leg(Target(price(75_000)), "target-2", share=HALF), leg(STOP))
        )
        rig.tick(72_000)
        rig.accept()
        filled(rig, rig.places[-1])
        assert states(rig) == {"target-1": "done", "target-2": "watching", "stop": "watching"}
        rig.tick(68_000)
        assert [sent.quantity for sent in rig.places] == [3, 7]
        assert states(rig) == {"target-1": "done", "target-2": "superseded", "stop": "fired"}

    def test_a_part_that_was_not_filled_comes_back_to_the_siblings_in_the_same_transaction(self) -> None:
        rig = started(legs(leg(TARGET, share=HALF), leg(STOP)))
        rig.tick(72_000)
        rig.accept()
        assert rig.record("r").left == 5
        rig.commit_later = True
        rig.report(ordered(rig.places[-1], OrderStatus.CANCELLED, fill(1, 2)))
        (unit,) = rig.waiting
        assert [record.left for record in unit.records if isinstance(record, RuleRecord)][-1] == 8
        rig.commit()
        rig.commit_later = False
        rig.tick(68_000)
        assert [sent.quantity for sent in rig.places] == [5, 8]

    def test_the_refused_part_comes_back_too(self) -> None:
        rig = started(legs(leg(TARGET, share=HALF), leg(STOP)))
        rig.tick(72_000)
        rig.outcome(OutcomeKind.REFUSED)
        assert (states(rig)["target"], rig.record("r").left) == ("failed", 10)
        rig.tick(68_000)
        assert rig.places[-1].quantity == 10

    def test_all_shares_what_could_be_sold_as_the_first_leg_fired(self) -> None:
        rig = started(legs(leg(TARGET, share=HALF), leg(STOP), quantity=None), says=statement(25))
        rig.tick(72_000)
        rig.accept()
        filled(rig, rig.places[-1])
        rig.tick(68_000)
        assert [sent.quantity for sent in rig.places] == [12, 13]

    def test_a_crash_between_two_parts_forgets_nothing(self) -> None:
        rig = started(legs(leg(TARGET, share=HALF), leg(STOP)))
        rig.tick(72_000)
        rig.accept()
        order = filled(rig, rig.places[-1])
        rig.crash()
        rig.recover(MAIN, order, says=statement(95))
        rig.tick(70_000)
        rig.tick(68_000)
        assert [sent.quantity for sent in rig.places] == [5, 5]


class TestBreakeven:
    def text(self) -> Rule:
        return legs(leg(Target(ProfitRate(Decimal(5))), share=HALF, then=Then.STOP_TO_BREAKEVEN), leg(Stop(ProfitRate(Decimal(-5)))))

    def test_after_the_target_the_stop_stands_at_the_net_break_even(self) -> None:
        rig = started(self.text(), says=statement(10, cost=500_000), first=50_000)
        assert rig.level("r", "stop") == "47500"
        rig.tick(52_500)
        rig.accept()
        assert rig.level("r", "stop") == "47500"  # not before the fill
        filled(rig, rig.places[-1])
        even = Decimal(rig.level("r", "stop") or 0)
        row = Decimal(50_000) * Decimal("1.00015") / (1 - Decimal("0.00015") - Decimal("0.0018"))
        assert abs(even - row) < Decimal("0.01")
        rig.tick(even + 1)
        assert states(rig)["stop"] == "watching"
        rig.tick(50_000)
        assert states(rig)["stop"] == "fired"
        assert rig.places[-1].quantity == 5

    def test_a_stop_over_the_break_even_stays_where_it_is(self) -> None:
        text = legs(leg(Target(price(60_000)), share=HALF, then=Then.STOP_TO_BREAKEVEN), leg(Stop(price(55_000))))
        rig = started(text, says=statement(10, cost=500_000), first=56_000)
        rig.tick(60_000)
        rig.accept()
        filled(rig, rig.places[-1])
        assert rig.level("r", "stop") == "55000"


class TestRestingTargets:
    """A target that rests in the book and a stop that watches: cancel, confirmed rest, sell. Never both for the same shares."""

    def resting(self, **changes: Any) -> Rig:
        rig = started(legs(leg(TARGET, order=AT_73), leg(STOP), **changes))
        rig.tick(72_000)
        rig.accept()
        return rig

    def test_the_stop_goes_on_while_the_target_rests(self) -> None:
        rig = self.resting()
        assert states(rig) == {"target": "fired", "stop": "watching"}
        filled(rig, rig.places[-1])
        assert states(rig) == {"target": "done", "stop": "superseded"}

    def test_the_stop_asks_the_order_back_and_sells_the_confirmed_rest(self) -> None:
        rig = self.resting()
        rig.report(ordered(rig.places[0], OrderStatus.PARTIAL, fill(1, 4)))
        rig.tick(68_000)
        assert len(rig.places) == 1
        assert [asked.intent for asked in rig.withdrawals] == ["r/target/1/1"]
        assert states(rig) == {"target": "fired", "stop": "fired"}
        rig.tick(67_000)
        assert len(rig.places) == 1  # still not confirmed
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 4)))
        assert [(sent.intent, sent.quantity) for sent in rig.places[1:]] == [("r/stop/1/1", Decimal(6))]
        rig.accept()
        filled(rig, rig.places[-1], number=2)
        assert states(rig) == {"target": "superseded", "stop": "done"}

    def test_a_cancel_that_came_too_late_ends_the_group(self) -> None:
        rig = self.resting()
        rig.tick(68_000)
        filled(rig, rig.places[0])
        assert len(rig.places) == 1
        assert states(rig) == {"target": "done", "stop": "superseded"}

    def test_an_order_that_is_on_its_way_is_asked_back_when_it_has_arrived(self) -> None:
        rig = started(legs(leg(TARGET, order=AT_73), leg(STOP)))
        rig.tick(72_000)
        rig.tick(68_000)
        assert not rig.withdrawals
        rig.accept(rig.places[0])
        assert [asked.intent for asked in rig.withdrawals] == ["r/target/1/1"]

    def test_an_order_that_never_left_ends_at_once(self) -> None:
        rig = started(rule("other", Target(price(71_000)), quantity=Decimal(1)))
        rig.add(legs(leg(TARGET, order=AT_73), leg(STOP)))
        rig.tick(72_000)  # one order of the account at a time: the target's stands behind the other's
        assert [sent.intent for sent in rig.places] == ["other/target/1/1"]
        rig.tick(68_000)
        rig.accept()
        assert [sent.intent for sent in rig.places[1:]] == ["r/stop/1/1"]
        assert states(rig) == {"target": "superseded", "stop": "fired"}

    def test_a_crash_before_the_cancel_left_asks_again(self) -> None:
        rig = self.resting()
        rig.commit_later = True
        rig.tick(68_000)
        for unit in rig.waiting:
            rig.store.commit(unit.records)
        rig.commit_later = False
        rig.crash()
        rig.recover(MAIN, ordered(rig.places[0], OrderStatus.WORKING))
        assert [asked.intent for asked in rig.withdrawals] == ["r/target/1/1"]
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED))
        assert [sent.intent for sent in rig.places[1:]] == ["r/stop/1/1"]

    def test_a_crash_with_the_cancel_confirmed_in_the_ledger_sells_the_rest(self) -> None:
        rig = self.resting()
        rig.tick(68_000)
        rig.crash()
        rig.recover(MAIN, ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 3)), says=statement(97))
        assert [(sent.intent, sent.quantity) for sent in rig.places[1:]] == [("r/stop/1/1", Decimal(7))]


class TestLimitsBeyondALevel:
    def test_the_worked_example_of_a_trailing_stop_limit(self) -> None:
        """Semantics 2.5, seed 004: stop 9,000 limit 8,000; at 11,000 stop 10,000 limit 9,000; a fall to 10,000 sends 9,000."""
        text = legs(leg(Trail(Amount(Decimal(1000))), limit_offset=Amount(Decimal(1000))))
        rig = started(text, first=10_000)
        rig.prints("11000 10500 10010 10000")
        (sent,) = rig.places
        assert (sent.type, sent.price) == (OrderType.LIMIT, Decimal(9000))

    @pytest.mark.parametrize(
        ("offset", "sent"),
        [(Amount(Decimal(0)), 68_000), (Amount(Decimal(250)), 67_700), (Percent(Decimal(1)), 67_300), (Ticks(3), 67_700)],
    )
    def test_the_limit_lies_so_far_under_the_stop_and_on_the_tick(self, offset: Any, sent: int) -> None:
        rig = started(legs(leg(STOP, limit_offset=offset)))
        rig.tick(67_900)
        assert rig.places[-1].price == sent

    def test_a_breakout_pays_at_most_so_much_more(self) -> None:
        rig = started(legs(leg(Above(price(72_000)), limit_offset=Amount(Decimal(250))), side=Side.BUY))
        rig.tick(72_100)
        assert (rig.places[-1].side, rig.places[-1].price) == (Side.BUY, Decimal(72_300))

    @pytest.mark.parametrize(
        ("peg", "sent"),
        [
            (Peg(PegTo.LAST, -2), 67_800),
            (Peg(PegTo.BID), 67_900),
            (Peg(PegTo.BID, -1), 67_800),
            (Peg(PegTo.ASK, 1), 68_200),
        ],
    )
    def test_a_limit_is_measured_from_the_prices_of_the_moment(self, peg: Peg, sent: int) -> None:
        rig = started(legs(leg(STOP), order=OrderSpec(OrderType.LIMIT, peg=peg)))
        rig.tell(Quote(SAMSUNG, Decimal(67_900), Decimal(1), Decimal(68_100), Decimal(1), rig.now))
        rig.tick(68_000)
        assert rig.places[-1].price == sent

    def test_ticks_cross_the_bands(self) -> None:
        rig = started(legs(leg(Stop(price(50_050))), order=OrderSpec(OrderType.LIMIT, peg=Peg(PegTo.LAST, -2))), first=51_000)
        rig.tick(50_000)
        assert rig.places[-1].price == 49_900

    def test_each_leg_may_have_an_order_of_its_own(self) -> None:
        best = OrderSpec(OrderType.BEST, tif=TimeInForce.IOC)
        rig = started(legs(leg(STOP, order=best), leg(TARGET, order=AT_73)))
        rig.tick(68_000)
        assert (rig.places[-1].type, rig.places[-1].tif) == (OrderType.BEST, TimeInForce.IOC)


class TestProfitKept:
    def test_it_arms_over_one_line_and_fires_under_another(self) -> None:
        text = legs(leg(Preserve(ProfitRate(Decimal(7)), ProfitRate(Decimal(5)))))
        rig = started(text, says=statement(10, cost=500_000), first=51_000)
        assert states(rig) == {"preserve": "waiting"}
        rig.prints("52400 53400")
        assert states(rig) == {"preserve": "waiting"}
        rig.tick(53_500)
        assert (states(rig), rig.level("r")) == ({"preserve": "watching"}, "52500")
        rig.prints("53499 54000 52501")
        assert states(rig) == {"preserve": "watching"}
        rig.tick(52_500)
        assert states(rig) == {"preserve": "fired"}

    def test_it_stays_armed_through_a_crash(self) -> None:
        rig = started(legs(leg(Preserve(price(72_000), price(71_000)))))
        rig.tick(72_000)
        rig.crash()
        rig.recover()
        rig.prints("71500 71000")
        assert rig.fires == [("r", "71000")]


class TestStepsAndStarts:
    @pytest.mark.parametrize(
        ("trail", "tape", "marks"),
        [
            (
                Trail(Amount(Decimal(1000)), step=Amount(Decimal(300))),
                "70000 70200 70300 70899 70900",
                [70_000, 70_000, 70_300, 70_600, 70_900],
            ),
            (Trail(Percent(Decimal(3)), step=Percent(Decimal(1))), "70000 70699 70700 72100", [70_000, 70_000, 70_700, 72_100]),
            (Trail(Amount(Decimal(1000)), step=Ticks(5)), "70000 70400 70500 71200", [70_000, 70_000, 70_500, 71_000]),
            (Trail(Amount(Decimal(1000)), start=Decimal(70_500)), "70000 70400 70600", [70_500, 70_500, 70_600]),
            (Trail(Amount(Decimal(1000)), start=Decimal(60_000)), "70000", [70_000]),
        ],
    )
    def test_the_mark_goes_by_whole_steps_and_begins_where_the_owner_says(self, trail: Trail, tape: str, marks: list[int]) -> None:
        rig = Rig()
        rig.add(legs(leg(trail)))
        found = []
        for word in tape.split():
            rig.tick(word)
            found.append(rig.mark("r"))
        assert found == marks

    def test_a_rebound_steps_down(self) -> None:
        rig = Rig()
        rig.add(legs(leg(Rebound(Amount(Decimal(1000)), step=Amount(Decimal(300)))), side=Side.BUY))
        rig.prints("70000 69800 69700 69200")
        assert rig.mark("r") == 69_400
        rig.tick(70_400)
        assert rig.fires == [("r", "70400")]

    def test_a_start_whose_stop_is_met_at_once_is_refused(self) -> None:
        rig = started(rule("other", STOP))
        body = rig.add(legs(leg(Trail(Amount(Decimal(1000)), start=Decimal(71_000)))))
        assert (body["code"], body["params"]["level"]) == ("already_met", "70000")


class TestCost:
    def test_net_counts_fees_and_tax(self) -> None:
        """Semantics 2.8, with the rates of the rig's day: 0.015 % each way and 0.18 % tax of a sale."""
        rig = started(legs(leg(Stop(ProfitRate(Decimal(0)))), net=True), says=statement(10, cost=100_000), first=11_000)
        even = Decimal(rig.level("r") or 0)
        assert abs(even - Decimal(10_000) * Decimal("1.00015") / (1 - Decimal("0.00015") - Decimal("0.0018"))) < Decimal("0.0001")

    def test_a_fixed_cost_stands_in_for_the_brokers(self) -> None:
        rig = started(legs(leg(Stop(ProfitRate(Decimal(-10)))), cost_basis=Decimal(60_000)), says=statement(10, cost=700_000))
        assert rig.level("r") == "54000"

    def test_follow_moves_with_the_cost_and_freeze_stays(self) -> None:
        for policy, level in ((OnPositionChange.FOLLOW, "46500"), (OnPositionChange.FREEZE, "47500")):
            rig = started(
                legs(leg(Stop(ProfitRate(Decimal(-5)))), on_position_change=policy), says=statement(10, cost=500_000), first=50_000
            )
            assert rig.level("r") == "47500"
            rig.stated(statement(20, cost=Decimal(46_500) / Decimal("0.95") * 20))
            assert (Decimal(rig.level("r") or 0) - Decimal(level)).copy_abs() < Decimal("0.001")

    def test_a_frozen_cost_survives_a_restart(self) -> None:
        rig = started(
            legs(leg(Stop(ProfitRate(Decimal(-5)))), on_position_change=OnPositionChange.FREEZE),
            says=statement(10, cost=500_000),
            first=50_000,
        )
        rig.crash()
        rig.recover(says=statement(20, cost=900_000))
        assert rig.level("r") == "47500"


class TestQuantities:
    @pytest.mark.parametrize(
        ("quantity", "held", "sellable", "sent"),
        [
            (Part(Decimal(50)), 25, 25, 12),
            (Part(Decimal(50)), 25, 10, 10),
            (Part(Decimal(50), PartOf.SELLABLE), 25, 10, 5),
            (Part(Decimal(100)), 25, 25, 25),
            (Decimal(30), 25, 25, 25),
            (None, 25, 20, 20),
        ],
    )
    def test_parts_are_worked_out_as_it_fires(self, quantity: Any, held: int, sellable: int, sent: int) -> None:
        rig = started(legs(leg(STOP), quantity=quantity), says=statement(held, sellable=sellable))
        rig.tick(68_000)
        assert rig.places[-1].quantity == sent

    @pytest.mark.parametrize(
        ("amount", "order", "sent"),
        [
            (1_000_000, OrderSpec(), 13),  # 72,100 a share
            (1_000_000, OrderSpec(OrderType.LIMIT, Decimal(100_000)), 10),
            (72_100, OrderSpec(), 1),
        ],
    )
    def test_an_amount_buys_as_much_as_it_pays_for(self, amount: int, order: OrderSpec, sent: int) -> None:
        rig = started(legs(leg(Above(price(72_000))), side=Side.BUY, quantity=Spend(Decimal(amount)), order=order))
        rig.tick(72_100)
        assert rig.places[-1].quantity == sent

    def test_a_market_buy_is_sized_on_the_days_upper_limit_where_there_is_one(self) -> None:
        rig = Rig(world(feeds=(Rig().world.feeds[0].__class__("demo", Rig().world.feeds[0].clock, ("KRX:*",), hours=True),)))
        rig.tick(70_000)
        rig.tell(Reference(SAMSUNG, Decimal(70_000)))
        rig.add(legs(leg(Above(price(72_000))), side=Side.BUY, quantity=Spend(Decimal(1_000_000))))
        rig.tell(Reference(SAMSUNG, Decimal(70_000)))
        rig.tick(70_000)
        rig.tick(72_100)
        assert rig.places[-1].quantity == 10  # 1,000,000 / 91,000, the upper limit

    def test_too_little_money_fails_with_the_reason(self) -> None:
        rig = started(legs(leg(Above(price(72_000))), side=Side.BUY, quantity=Spend(Decimal(70_000))))
        rig.tick(72_000)
        assert (states(rig), rig.reason("r")) == ({"above": "failed"}, "failed.amount_too_small")


class TestNothingIsSent:
    def test_an_alert_tells_and_is_done(self) -> None:
        rig = started(legs(leg(STOP), leg(TARGET), action=Action.ALERT))
        rig.tick(68_000)
        assert not rig.places
        assert states(rig) == {"stop": "done", "target": "superseded"}
        assert "done.alerted" in rig.alert_codes()

    def test_a_shadow_goes_the_whole_way_to_a_recorded_order(self) -> None:
        rig = started(legs(leg(STOP), shadow=True))
        rig.tick(68_000)
        assert not rig.places
        assert states(rig) == {"stop": "done"}
        kept = rig.intent("r", "stop")
        assert (kept.status.value, kept.quantity, kept.reserved) == ("cancelled", 10, 0)
        rig.add(rule("real", Stop(price(67_000)), quantity=Decimal(100)))
        rig.tick(67_000)
        assert rig.places[-1].quantity == 100  # the shadow reserved nothing


def test_a_cancel_of_a_half_sold_rule_asks_for_its_order_and_ends_its_other_legs() -> None:
    rig = started(legs(leg(TARGET, share=HALF, order=AT_73), leg(STOP)))
    rig.tick(72_000)
    rig.accept()
    body = rig.do(Cancel(rig.record("r").rule.id))
    assert body["ok"]
    assert [asked.intent for asked in rig.withdrawals] == ["r/target/1/1"]
    assert states(rig) == {"target": "fired", "stop": "cancelled"}


def test_an_outcome_that_comes_after_the_siblings_claim_sends_once() -> None:
    rig = started(legs(leg(TARGET, order=AT_73), leg(STOP)))
    rig.tick(72_000)
    rig.tick(68_000)
    sent = rig.places[0]
    rig.tell(Outcome(sent.intent, sent.attempt, OutcomeKind.REFUSED, "", "for a test"))
    assert [again.intent for again in rig.places[1:]] == ["r/stop/1/1"]
    assert AtPrice(Decimal(68_000)) == STOP.level
