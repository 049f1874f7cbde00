"""Rules that attach to newly bought holdings (semantics 2.13), and entries with exits (bracket, OTO)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rig import BITCOIN, HYNIX, MAIN, PLAIN, SAMSUNG, Rig, fill, leg, legs, ordered, price, rule, statement, world

from autotrader.domain.order import Holding, OrderStatus, Statement
from autotrader.domain.rule import (
    Above,
    AccountName,
    Amount,
    ProfitRate,
    RuleId,
    Side,
    Stop,
    Target,
    Template,
    Then,
    Trail,
)
from autotrader.domain.tick import InstrumentId
from autotrader.engine.effects import Reply
from autotrader.engine.events import Cancel, Plan
from autotrader.engine.records import RequestId, RuleRecord, TemplateRecord
from autotrader.engine.world import AccountFacts

NOBODY = InstrumentId("")


def template(name: str = "guard", *, account: AccountName = MAIN, **changes: Any) -> Template:
    """Return a template that stops at five percent of loss."""
    text = rule(name, Stop(ProfitRate(Decimal(-5))), instrument=NOBODY, quantity=None, account=account)
    return Template(**{"rule": text, **changes})


def holds(*holdings: tuple[InstrumentId, object, object]) -> Statement:
    """Return a statement of holdings: instrument, quantity, cost of all."""
    told = tuple(
        Holding(instrument, Decimal(str(quantity)), Decimal(str(quantity)), Decimal(str(cost))) for instrument, quantity, cost in holdings
    )
    return Statement(told, statement(0).balances)


def begun(*templates: Template, says: Statement | None = None) -> Rig:
    rig = Rig(says=says or statement(0))
    rig.plan(templates=templates or (template(),))
    return rig


def attached(rig: Rig) -> list[str]:
    return [name for name, record in rig.engine.book.rules.items() if record.parent]


class TestTemplates:
    def test_what_is_bought_gets_its_rule_in_the_transaction_that_tells_it(self) -> None:
        rig = begun()
        rig.commit_later = True
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        (unit,) = rig.waiting
        born = [record for record in unit.records if isinstance(record, RuleRecord)]
        assert [(record.rule.id, record.parent) for record in born] == [("guard-main-005930-1", "guard")]
        rig.commit()
        assert SAMSUNG in rig.subscribed

    def test_it_watches_from_the_next_price_on_and_fires(self) -> None:
        rig = begun()
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        assert rig.prints("70000 66500") == [("guard-main-005930-1", "66500")]

    def test_what_is_met_already_fires_because_the_holding_would_be_bare(self) -> None:
        rig = begun()
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        assert rig.prints("60000") == [("guard-main-005930-1", "60000")]

    def test_what_was_there_before_the_first_run_is_left_alone(self) -> None:
        rig = begun(says=statement(50))
        rig.stated(statement(50))
        rig.stated(statement(60))
        assert attached(rig) == []

    def test_also_when_the_first_run_ends_at_once(self) -> None:
        rig = begun(says=statement(50))
        rig.crash()
        rig.recover(says=statement(50))
        assert attached(rig) == []

    @pytest.mark.parametrize("include", [True, False])
    def test_existing_holdings_on_request(self, include: bool) -> None:
        rig = begun(template(include_existing=include), says=statement(50))
        assert attached(rig) == (["guard-main-005930-1", "guard-plain-005930-1"][: 1 if include else 0])

    def test_add_on_buys_get_no_second_rule_and_levels_follow_the_cost(self) -> None:
        rig = begun()
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        rig.tick(70_000)
        rig.stated(holds((SAMSUNG, 20, 1_300_000)))
        assert attached(rig) == ["guard-main-005930-1"]
        assert rig.level("guard-main-005930-1") == "61750"

    def test_once_per_holding_period_and_again_in_the_next(self) -> None:
        rig = begun()
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        rig.tick(70_000)
        rig.stated(holds())
        assert rig.state("guard-main-005930-1") == "superseded"
        rig.stated(holds((SAMSUNG, 5, 350_000)))
        assert attached(rig) == ["guard-main-005930-1", "guard-main-005930-2"]

    def test_one_that_its_owner_cancelled_stays_cancelled(self) -> None:
        rig = begun()
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        rig.do(Cancel(RuleId("guard-main-005930-1")))
        rig.crash()
        rig.recover(says=holds((SAMSUNG, 10, 700_000)))
        rig.stated(holds((SAMSUNG, 12, 840_000)))
        assert attached(rig) == ["guard-main-005930-1"]
        assert rig.state("guard-main-005930-1") == "cancelled"

    @pytest.mark.parametrize("cut", [0, 1])
    def test_a_crash_around_the_commit_attaches_exactly_once(self, cut: int) -> None:
        rig = begun()
        rig.commit_later = True
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        rig.commit(cut)
        rig.crash()
        rig.commit_later = False
        rig.commit()
        rig.recover(says=holds((SAMSUNG, 10, 700_000)))
        assert attached(rig) == ["guard-main-005930-1"]

    @pytest.mark.parametrize(
        ("changes", "holding", "fits"),
        [
            ({"markets": ("KRX",)}, (SAMSUNG, 10, 700_000), True),
            ({"markets": ("US",)}, (SAMSUNG, 10, 700_000), False),
            ({"instruments": (SAMSUNG,)}, (SAMSUNG, 10, 700_000), True),
            ({"instruments": (HYNIX,)}, (SAMSUNG, 10, 700_000), False),
            ({"excluded": (SAMSUNG,)}, (SAMSUNG, 10, 700_000), False),
            ({"least_value": Decimal(700_000)}, (SAMSUNG, 10, 700_000), True),
            ({"least_value": Decimal(700_001)}, (SAMSUNG, 10, 700_000), False),
            ({"bought_by": "swing"}, (SAMSUNG, 10, 700_000), False),
        ],
    )
    def test_filters(self, changes: dict[str, Any], holding: Any, fits: bool) -> None:
        rig = begun(template(**changes))
        rig.stated(holds(holding))
        assert bool(attached(rig)) is fits

    def test_only_what_a_rule_with_the_tag_has_bought(self) -> None:
        rig = begun(template(bought_by="swing"))
        rig.add(rule("in", Above(price(70_000)), tags=("swing",)))
        rig.prints("69000 70000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)), says=holds((SAMSUNG, 10, 700_000)))
        assert attached(rig) == ["guard-main-005930-1"]
        (note,) = [row.note for row in rig.store.journal if row.note.code.startswith("attached.")]
        assert note.code == "attached.fill"

    def test_a_template_of_one_account_leaves_the_others_alone(self) -> None:
        rig = begun(template(account=PLAIN))
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        assert attached(rig) == []
        rig.stated(holds((SAMSUNG, 10, 700_000)), PLAIN)
        assert attached(rig) == ["guard-plain-005930-1"]

    def test_a_template_of_every_account(self) -> None:
        rig = begun(template(account=AccountName("")))
        rig.stated(holds((SAMSUNG, 10, 700_000)), PLAIN)
        assert [rig.record(name).rule.account for name in attached(rig)] == [PLAIN]

    def test_one_that_the_file_no_longer_has_attaches_nothing_more_and_what_it_attached_goes_on(self) -> None:
        rig = begun()
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        rig.tick(70_000)
        rig.plan()
        rig.stated(holds((SAMSUNG, 10, 700_000), (HYNIX, 1, 100_000)))
        assert attached(rig) == ["guard-main-005930-1"]
        assert rig.state("guard-main-005930-1") == "watching"

    def test_templates_are_kept_so_that_a_broken_file_attaches_as_before(self) -> None:
        rig = begun()
        rig.crash()
        rig.recover(says=statement(0))
        rig.stated(holds((BITCOIN, 1, 50_000)))
        assert attached(rig) == ["guard-main-BTCUSDT-1"]

    def test_one_that_cannot_attach_says_so_and_harms_nothing(self) -> None:
        rig = begun()
        odd = InstrumentId("US:AAPL")
        rig.world = replace(rig.world, feeds=(replace(rig.world.feeds[0], patterns=("KRX:*",)),))
        rig.engine.world = rig.world
        rig.stated(holds((odd, 1, 100), (SAMSUNG, 1, 70_000)))
        assert attached(rig) == ["guard-main-005930-1"]
        assert "attach.refused" in rig.alert_codes()

    def test_names_stay_within_bounds(self) -> None:
        name = "g" * 60
        rig = begun(template(name))
        rig.stated(holds((SAMSUNG, 1, 70_000)))
        (found,) = attached(rig)
        assert len(found) == 64


def bought(rig: Rig, quantity: int, number: int = 1, status: OrderStatus = OrderStatus.PARTIAL, *, held: int) -> None:
    """Let a part of the newest entry fill; the account holds so many then."""
    parts = tuple(fill(n, quantity) for n in range(1, number + 1))
    rig.report(ordered(rig.places[0], status, *parts), says=statement(held))


class TestBracket:
    def entry(self, *exits: Any, quantity: int = 10) -> Rig:
        texts = exits or (leg(Stop(price(68_000))), leg(Target(price(75_000))))
        rig = Rig(says=statement(0))
        rig.add(legs(leg(Above(price(70_000))), side=Side.BUY, quantity=Decimal(quantity), exits=tuple(texts)))
        rig.prints("69000 70000")
        rig.accept()
        return rig

    def test_exits_begin_with_the_first_fill_and_grow_with_the_others(self) -> None:
        rig = self.entry()
        assert attached(rig) == []
        bought(rig, 3, held=3)
        assert attached(rig) == ["r-exits"]
        assert rig.record("r-exits").rule.quantity == 3
        rig.tick(70_100)
        bought(rig, 3, 2, held=6)
        assert rig.record("r-exits").rule.quantity == 6
        rig.tick(68_000)
        assert (rig.places[-1].side, rig.places[-1].quantity) == (Side.SELL, 6)
        assert rig.state("r-exits", "target") == "superseded"

    def test_the_fill_and_its_exits_are_one_transaction(self) -> None:
        rig = self.entry()
        rig.commit_later = True
        bought(rig, 3, held=3)
        (unit,) = rig.waiting
        assert "r-exits" in [record.rule.id for record in unit.records if isinstance(record, RuleRecord)]

    def test_they_are_armed_by_the_last_price_at_once(self) -> None:
        rig = self.entry()
        bought(rig, 10, status=OrderStatus.FILLED, held=10)
        assert rig.state("r-exits", "stop") == "watching"
        assert rig.prints("68000") == [("r-exits", "68000")]

    def test_a_cancelled_rest_leaves_the_exits_of_the_part(self) -> None:
        rig = self.entry()
        bought(rig, 4, held=4)
        bought(rig, 4, status=OrderStatus.CANCELLED, held=4)
        rig.tick(67_000)
        assert rig.places[-1].quantity == 4

    def test_a_mark_survives_growth(self) -> None:
        rig = self.entry(leg(Trail(Amount(Decimal(1000)))))
        bought(rig, 3, held=3)
        rig.prints("70500 72000")
        bought(rig, 3, 2, held=6)
        assert rig.mark("r-exits") == 72_000

    def test_what_fired_takes_no_more_and_the_rest_gets_exits_of_its_own(self) -> None:
        rig = self.entry()
        bought(rig, 3, held=3)
        rig.tick(68_000)
        rig.accept()
        bought(rig, 3, 2, held=6)
        assert attached(rig) == ["r-exits", "r-exits-2"]
        assert rig.record("r-exits-2").rule.quantity == 3

    def test_a_scale_out_counts_what_came_later(self) -> None:
        rig = self.entry(leg(Target(price(72_000)), share=Decimal(50), then=Then.STOP_TO_BREAKEVEN), leg(Stop(price(60_000))))
        bought(rig, 4, held=4)
        rig.tick(72_000)
        assert rig.places[-1].quantity == 2
        bought(rig, 4, 2, held=8)
        assert (rig.record("r-exits").lot, rig.record("r-exits").left) == (8, 6)

    def test_an_entry_without_a_fill_has_no_exits(self) -> None:
        rig = self.entry()
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED), says=statement(0))
        assert attached(rig) == []

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=5))
    def test_what_exits_sell_is_what_was_filled(self, parts: list[tuple[int, bool]]) -> None:
        rig = self.entry(quantity=20)
        fills: list[Any] = []
        for number, (quantity, crash) in enumerate(parts, 1):
            fills.append(fill(number, quantity))
            done = sum(one.quantity for one in fills)
            order = ordered(rig.places[0], OrderStatus.FILLED if done == 20 else OrderStatus.PARTIAL, *fills)
            if crash:
                rig.crash()
                rig.recover(MAIN, order, says=statement(done))
            else:
                rig.report(order, says=statement(done))
            assert sum(rig.record(name).rule.quantity for name in attached(rig)) == done  # type: ignore[misc]


def test_the_answer_to_a_file_counts_templates() -> None:
    rig = Rig(says=statement(0))
    counts = [
        rig.plan(templates=(template("a"), template("b")))["result"]["templates"],
        rig.plan(templates=(template("a", include_existing=True), template("c")))["result"]["templates"],
        rig.plan(templates=(template("a", include_existing=True), template("c")))["result"]["templates"],
    ]
    assert counts == [
        {"added": 2, "changed": 0, "removed": 0},
        {"added": 1, "changed": 1, "removed": 1},
        {"added": 0, "changed": 0, "removed": 0},
    ]


class TestAFileWithoutRules:
    """Only templates stand in it."""

    def test_its_templates_are_taken(self) -> None:
        rig = Rig()
        units = list(rig.engine.handle(Plan((), templates=(template(),), rules_missing=True)))
        assert [record.id for unit in units for record in unit.records if isinstance(record, TemplateRecord)] == ["guard"]

    def test_it_cancels_none_of_the_rules_that_came_from_the_file(self) -> None:
        rig = Rig()
        rig.plan(rule("a", Stop(price(60_000))))
        units = list(rig.engine.handle(Plan((), templates=(template(),), rules_missing=True, request=RequestId("q"))))
        (reply,) = [act for unit in units for act in unit.acts if isinstance(act, Reply)]
        assert (reply.body["code"], reply.body["params"]) == ("plan.rules_lost", {"count": "1"})
        assert rig.state("a") != "cancelled"
        assert "guard" not in rig.engine.book.templates


def test_a_second_account_in_the_file_does_not_attach_to_the_same_holding_again() -> None:
    rig = Rig(world(accounts={MAIN: AccountFacts(MAIN, lasting_ids=True)}), says=statement(10))
    text = template(account=AccountName(""), include_existing=True)
    rig.plan(templates=(text,))
    assert attached(rig) == ["guard-005930-1"]
    rig.world = world()
    rig.crash()
    for account in (MAIN, PLAIN):
        rig.recover(account, says=statement(10))
    rig.plan(templates=(replace(text, least_value=Decimal(1)),), confirmed=True)
    assert attached(rig) == ["guard-005930-1", "guard-plain-005930-1"]


class TestWhatIsThereBeforeTheAccountIsKnown:
    """On the first start the file is taken before anybody has told what the account holds."""

    def started(self, **changes: Any) -> Rig:
        rig = Rig(armed=False)
        rig.plan(templates=(template(**changes),))
        rig.recover(says=statement(50))
        return rig

    def test_a_template_that_asks_for_it_attaches_to_it(self) -> None:
        assert attached(self.started(include_existing=True)) == ["guard-main-005930-1"]

    def test_one_that_does_not_leaves_it_alone(self) -> None:
        assert attached(self.started()) == []

    def test_a_restart_attaches_nothing_again(self) -> None:
        rig = self.started(include_existing=True)
        rig.do(Cancel(RuleId("guard-main-005930-1")))
        rig.crash()
        rig.recover(says=statement(50))
        assert (attached(rig), rig.state("guard-main-005930-1")) == (["guard-main-005930-1"], "cancelled")


class TestANameThatIsTaken:
    """What was bought is never left without its rule because an unrelated one has the name."""

    def test_exits_begin_under_the_next_name_and_grow_there(self) -> None:
        rig = Rig(says=statement(0))
        rig.add(rule("e-exits", Above(price(90_000))), rule("e", Above(price(70_000)), exits=(leg(Stop(price(66_000))),)))
        rig.prints("69000 70000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.PARTIAL, fill(1, 4)), says=statement(4))
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 4), fill(2, 6)), says=statement(10))
        assert rig.record("e-exits-2").rule.quantity == 10
        assert rig.prints("66000") == [("e-exits-2", "66000")]

    def test_a_template_attaches_under_the_next_name_and_once(self) -> None:
        rig = begun()
        rig.add(rule("guard-main-005930-1", Above(price(90_000))))
        rig.stated(holds((SAMSUNG, 10, 700_000)))
        rig.stated(holds((SAMSUNG, 20, 1_400_000)))
        assert attached(rig) == ["guard-main-005930-1-2"]
        rig.crash()
        rig.recover(says=holds((SAMSUNG, 20, 1_400_000)))
        rig.stated(holds((SAMSUNG, 30, 2_100_000)))
        assert attached(rig) == ["guard-main-005930-1-2"]
