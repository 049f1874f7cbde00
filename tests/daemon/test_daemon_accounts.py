"""An account is armed only by a reading that is whole, and is read again whenever nobody can know."""

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from fakes import FakeClock
from fakes_daemon import MAIN, SAMSUNG, FakeBroker, Nap
from waiting import until

from autotrader.daemon.accounts import READS, AccountDesk
from autotrader.domain.order import BrokerOrder, Holding, IntentId, OrderId, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import OrderType, Side
from autotrader.engine.events import Outcome, Recovered, Report, Stated, Unreachable
from autotrader.errors import BrokerUnreachable, CorruptState, NewerStore

ORDER = BrokerOrder(OrderId("7"), "c1", SAMSUNG, Side.SELL, OrderType.MARKET, Decimal(1), None, OrderStatus.WORKING, Decimal(0))


class Away(BrokerUnreachable):
    """A broker that does not answer, with a reason of its own."""

    def __str__(self) -> str:
        return str(self.code)


def away(reason: str = "refused") -> BrokerUnreachable:
    return Away(reason)


def outcome(kind: OutcomeKind) -> Outcome:
    return Outcome(IntentId("i"), 1, kind)


class Bench:
    """A desk with all that it is handed."""

    def __init__(self, **options: Any) -> None:
        self.broker = FakeBroker()
        self.nap = Nap()
        self.told: list[Any] = []
        self.open = False
        self.clock = FakeClock()
        options = {"random": Random(1), "sleep": self.nap, "every": 60.0, **options}
        self.desk = AccountDesk(MAIN, self.broker, self.told.append, lambda account: self.open, self.clock, **options)

    @asynccontextmanager
    async def at_work(self):
        async with asyncio.TaskGroup() as tasks:
            attending = tasks.create_task(self.desk.attend())
            yield self
            attending.cancel()

    def recoveries(self) -> int:
        return sum(isinstance(event, Recovered) for event in self.told)


async def test_a_start_opens_the_broker_and_reads_ledger_and_statement():
    async with Bench().at_work() as bench:
        await until(bench.recoveries)
        assert bench.broker.calls == ["start", "ledger", "statement"]
        assert bench.told[0].asked == bench.clock.now()


async def test_while_the_broker_is_away_that_is_said_and_the_pauses_double_up_to_a_limit():
    bench = Bench(random=Random(5))
    bench.broker.scripts["start"].extend(away(str(number)) for number in range(9))
    async with bench.at_work():
        for number in range(1, 10):
            await until(lambda wanted=number: len(bench.nap.asked) == wanted)
            bench.nap.end()
        await until(bench.recoveries)
    assert [event.reason for event in bench.told[:-1]] == [str(number) for number in range(9)]
    chance = Random(5)
    assert bench.nap.asked == [pause * chance.uniform(0.5, 1.0) for pause in (0.5, 1, 2, 4, 8, 16, 30, 30, 30)]


@pytest.mark.parametrize("failing", ["start", "ledger", "statement"])
async def test_an_account_that_was_away_is_recovered_when_it_is_back(failing):
    bench = Bench()
    bench.broker.scripts[failing].append(away())
    async with bench.at_work():
        await until(lambda: bench.nap.asked)
        assert bench.told == [Unreachable(MAIN, "refused")]
        bench.nap.end()
        await until(bench.recoveries)
    assert [type(event) for event in bench.told] == [Unreachable, Recovered]


@pytest.mark.parametrize(
    "damage", [CorruptState("paper.damaged_file", path="p", reason="r"), NewerStore("paper.newer_file", path="p", found=2, known=1)]
)
async def test_a_damaged_account_is_held_and_said_and_does_not_take_the_others_down(damage):
    bench = Bench()
    bench.broker.scripts["start"].append(damage)
    async with bench.at_work():
        await until(lambda: bench.nap.asked)
        assert [type(event) for event in bench.told] == [Unreachable]
        assert bench.broker.calls == ["start"]
        bench.nap.end()
        await until(bench.recoveries)


@pytest.mark.parametrize("hanging", ["start", "ledger", "statement"])
async def test_a_reading_that_never_ends_is_given_up_and_tried_again(hanging):
    bench = Bench(answers_within=0.01)
    bench.broker.scripts[hanging].append(asyncio.Event())
    async with bench.at_work():
        await until(lambda: bench.nap.asked)
        assert bench.told == [Unreachable(MAIN, "no answer within 0.01 s")]
        bench.nap.end()
        await until(bench.recoveries)


async def test_a_timeout_of_the_adapter_s_own_is_a_defect_and_travels():
    bench = Bench()
    bench.broker.scripts["ledger"].append(TimeoutError("own"))
    with pytest.raises(ExceptionGroup):
        async with bench.at_work():
            await until(lambda: False)


@pytest.mark.parametrize(("kind", "readings"), [(kind, 2 if kind is OutcomeKind.UNKNOWN else 1) for kind in OutcomeKind])
async def test_only_an_unknown_outcome_asks_for_a_fresh_reading(kind, readings):
    bench = Bench(every=0.005)
    looks: list[object] = []
    bench.desk._has_open = lambda account: (looks.append(account), False)[1]
    async with bench.at_work():
        await until(lambda: bench.recoveries() and looks)
        bench.desk.saw(outcome(kind))
        seen = len(looks)
        await until(lambda: len(looks) > seen + 2)
    assert bench.broker.calls.count("ledger") == readings


async def test_a_person_s_word_asks_for_a_fresh_reading():
    async with Bench().at_work() as bench:
        await until(bench.recoveries)
        bench.desk.look_again()
        await until(lambda: bench.recoveries() == 2)


async def test_a_reading_is_made_again_when_a_report_came_in_between():
    bench = Bench()
    between = asyncio.Event()
    bench.broker.scripts["statement"].append(between)
    async with bench.at_work():
        await until(lambda: bench.broker.calls == ["start", "ledger", "statement"])
        bench.broker.told.put_nowait(Report(MAIN, ORDER))
        await until(lambda: bench.told)
        bench.clock.advance(5)
        between.set()
        await until(bench.recoveries)
    assert bench.broker.calls == ["start", "ledger", "statement", "ledger", "statement"]
    assert bench.told[-1].asked == bench.clock.now()


async def test_readings_are_not_repeated_for_ever_while_reports_pour_in():
    bench = Bench()

    def pour() -> asyncio.Event:
        bench.desk._reports += 1
        done = asyncio.Event()
        done.set()
        return done

    bench.broker.scripts["statement"].extend([pour] * 20)
    async with bench.at_work():
        await until(bench.recoveries)
    assert bench.broker.calls.count("ledger") == READS


@pytest.mark.parametrize(("is_open", "again"), [(True, True), (False, False)], ids=["orders open", "none open"])
async def test_an_account_is_read_regularly_only_while_orders_are_open(is_open, again):
    bench = Bench(every=0.005)
    bench.open = is_open
    asked: list[bool] = []
    bench.desk._has_open = lambda account: (asked.append(bench.open), bench.open)[1]
    async with bench.at_work():
        await until(lambda: len(asked) >= 3)
    assert (bench.recoveries() > 1) is again


async def test_a_broker_that_goes_away_later_is_told_and_recovered_again():
    async with Bench().at_work() as bench:
        await until(bench.recoveries)
        bench.broker.scripts["ledger"].append(away())
        bench.desk.look_again()
        await until(lambda: bench.nap.asked)
        bench.nap.end()
        await until(lambda: bench.recoveries() == 2)
    assert [type(event) for event in bench.told] == [Recovered, Unreachable, Recovered]


async def test_reports_are_passed_on_in_order_from_the_first_moment():
    bench = Bench()
    bench.broker.scripts["ledger"].append(asyncio.Event())
    reports = [Report(MAIN, ORDER), Report(MAIN, ORDER)]
    async with bench.at_work():
        for report in reports:
            bench.broker.told.put_nowait(report)
        await until(lambda: len(bench.told) == 2)
    assert bench.told == reports


async def test_reports_that_fail_take_the_account_s_task_down():
    bench = Bench()
    bench.broker.told.put_nowait(RuntimeError("the stream is broken"))
    with pytest.raises(ExceptionGroup) as caught:
        async with bench.at_work():
            await until(lambda: False)
    assert caught.value.subgroup(RuntimeError) is not None


class TestLooking:
    """What its owner trades by hand is seen without an order of ours."""

    MORE = Statement((Holding(SAMSUNG, Decimal(7), Decimal(7), Decimal(490_000)),), ())

    async def test_what_is_held_is_told_when_it_has_changed_and_once(self):
        bench = Bench(look_every=0.001)
        async with bench.at_work():
            await until(lambda: bench.broker.calls.count("statement") > 3)
            assert [type(event) for event in bench.told] == [Recovered]
            bench.broker.held = self.MORE
            asked = bench.broker.calls.count("statement")
            await until(lambda: bench.broker.calls.count("statement") > asked + 3)
        assert bench.told[1:] == [Stated(MAIN, self.MORE)]
        assert bench.broker.calls.count("ledger") == 1

    async def test_nobody_looks_while_no_market_is_open(self):
        asked: list[bool] = []
        bench = Bench(look_every=0.001, may_look=lambda: bool(asked.append(False)))
        async with bench.at_work():
            await until(lambda: len(asked) > 3)
        assert bench.broker.calls.count("statement") == 1

    async def test_a_statement_that_a_report_overtook_is_not_told(self):
        bench = Bench(look_every=0.001)
        async with bench.at_work():
            await until(lambda: bench.broker.calls.count("statement") > 1)
            between = asyncio.Event()
            bench.broker.scripts["statement"].append(between)
            asked = bench.broker.calls.count("statement")
            await until(lambda: bench.broker.calls.count("statement") > asked)
            bench.broker.told.put_nowait(Report(MAIN, ORDER, self.MORE))
            await until(lambda: len(bench.told) == 2)
            bench.broker.held = self.MORE
            between.set()
            asked = bench.broker.calls.count("statement")
            await until(lambda: bench.broker.calls.count("statement") > asked + 2)
        assert [type(event) for event in bench.told] == [Recovered, Report]

    async def test_a_broker_that_does_not_answer_is_told_and_recovered(self):
        bench = Bench(look_every=0.001)
        async with bench.at_work():
            await until(lambda: bench.broker.calls.count("statement") > 1)
            bench.broker.scripts["statement"].extend([away(), away()])
            await until(lambda: bench.nap.asked)
            bench.nap.end()
            await until(lambda: bench.recoveries() > 1)
        assert [type(event) for event in bench.told][:3] == [Recovered, Unreachable, Recovered]

    async def test_a_look_and_a_reading_are_told_in_the_order_in_which_they_were_asked(self):
        bench = Bench(look_every=0.001)
        async with bench.at_work():
            await until(lambda: bench.broker.calls.count("statement") > 1)
            slow = asyncio.Event()
            bench.broker.scripts["statement"].append(slow)
            asked = bench.broker.calls.count("statement")
            await until(lambda: bench.broker.calls.count("statement") > asked)
            bench.desk.look_again()
            bench.broker.held = self.MORE
            turns = iter(range(100))
            await until(lambda: next(turns, None) is None)  # long enough for a reading that does not wait
            slow.set()
            asked = bench.broker.calls.count("statement")
            await until(lambda: bench.broker.calls.count("statement") > asked + 3)
            await until(lambda: bench.recoveries() > 1)
        told = [event.statement for event in bench.told]
        assert self.MORE in told
        assert set(map(repr, told[told.index(self.MORE) :])) == {repr(self.MORE)}, "nothing older follows"

    @pytest.mark.parametrize("when", ["before", "meanwhile"])
    async def test_nothing_is_told_while_an_order_is_in_flight(self, when):
        """The broker has counted the order already and we still count it as ours: its shares would be missing twice."""
        flying: list[str] = []
        bench = Bench(look_every=0.001, in_flight=lambda account: bool(flying))
        async with bench.at_work():
            await until(lambda: bench.broker.calls.count("statement") > 1)
            bench.broker.held = self.MORE
            if when == "before":
                flying.append("x")
            else:
                bench.broker.scripts["statement"].append(lambda: flying.append("x") or self.MORE)
                await until(lambda: flying)
            turns = iter(range(200))
            await until(lambda: next(turns, None) is None)
            assert [type(event) for event in bench.told] == [Recovered]
            flying.clear()
            await until(lambda: len(bench.told) > 1)
        assert bench.told[-1] == Stated(MAIN, self.MORE)
