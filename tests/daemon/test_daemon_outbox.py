"""Orders go out one by one, each once; a lane that hangs holds up nobody else, and not for ever."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from fakes_daemon import MAIN, FakeBroker, request
from waiting import until

from autotrader.daemon.outbox import Outbox
from autotrader.domain.order import IntentId, OrderId, OutcomeKind
from autotrader.domain.rule import AccountName
from autotrader.engine.effects import Place, Withdraw
from autotrader.engine.events import Outcome, Withdrawn

OTHER = AccountName("other")


class Desk:
    """An outbox with two lanes and what they told."""

    def __init__(self, **limits: float) -> None:
        self.told: list[Outcome | Withdrawn] = []
        self.brokers = {MAIN: FakeBroker(MAIN), OTHER: FakeBroker(OTHER)}
        self.outbox = Outbox(self.brokers, self.told.append, **limits)

    @asynccontextmanager
    async def at_work(self):
        async with asyncio.TaskGroup() as tasks:
            lanes = [tasks.create_task(self.outbox.attend(account)) for account in self.brokers]
            yield self
            for lane in lanes:
                lane.cancel()

    def place(self, *numbers: int, account: AccountName = MAIN) -> None:
        for number in numbers:
            self.outbox.put(account, Place(request(number, account)))


def numbers(told: list[Outcome | Withdrawn]) -> list[str]:
    return [one.intent.rpartition("/")[2] for one in told]


async def test_a_lane_sends_in_order_and_one_at_a_time():
    async with Desk().at_work() as desk:
        desk.place(1, 2, 3, 4)
        assert await desk.outbox.idle(5)
        assert numbers(desk.told) == ["1", "2", "3", "4"]
        assert desk.brokers[MAIN].most_under_way == 1


async def test_a_broker_that_hangs_holds_up_only_its_own_lane():
    async with Desk().at_work() as desk:
        answer = asyncio.Event()
        desk.brokers[MAIN].scripts["place"].append(answer)
        desk.place(1, 2)
        desk.place(3, account=OTHER)
        await until(lambda: numbers(desk.told) == ["3"])
        assert desk.brokers[MAIN].calls == ["place"]
        answer.set()
        assert await desk.outbox.idle(5)
        assert numbers(desk.told) == ["3", "1", "2"]


async def test_a_withdrawal_goes_the_same_way():
    async with Desk().at_work() as desk:
        desk.outbox.put(MAIN, Withdraw(MAIN, IntentId("i"), OrderId("7")))
        assert await desk.outbox.idle(5)
        assert desk.told == [Withdrawn(IntentId("i"), OutcomeKind.ACCEPTED)]


async def test_a_closed_outbox_sends_nothing_more_and_says_so_of_each_order():
    async with Desk().at_work() as desk:
        answer = asyncio.Event()
        desk.brokers[MAIN].scripts["place"].append(answer)
        desk.place(1, 2)
        desk.outbox.put(MAIN, Withdraw(MAIN, IntentId("i"), OrderId("7")))
        await until(lambda: desk.brokers[MAIN].calls == ["place"])
        desk.outbox.close()
        answer.set()
        assert await desk.outbox.idle(5)
        assert [one.kind for one in desk.told] == [OutcomeKind.ACCEPTED, OutcomeKind.NOT_SENT, OutcomeKind.NOT_SENT]
        assert desk.brokers[MAIN].calls == ["place"]


async def test_idle_says_when_it_took_too_long():
    async with Desk().at_work() as desk:
        desk.brokers[MAIN].scripts["place"].append(asyncio.Event())
        desk.place(1)
        assert not await desk.outbox.idle(0.01)
        assert desk.outbox.in_flight == 1


async def test_an_empty_outbox_is_idle_at_once():
    assert await Desk().outbox.idle(0.01)


async def test_a_call_that_never_comes_back_is_unknown_and_frees_its_lane():
    async with Desk(answers_within=0.01).at_work() as desk:
        desk.brokers[MAIN].scripts["place"].append(asyncio.Event())
        desk.place(1, 2)
        assert await desk.outbox.idle(5)
        assert [one.kind for one in desk.told] == [OutcomeKind.UNKNOWN, OutcomeKind.ACCEPTED]
        assert desk.brokers[MAIN].calls == ["place", "place"]


@pytest.mark.parametrize("error", [ZeroDivisionError("a defect of the adapter"), TimeoutError("its own")])
async def test_what_a_broker_raises_travels_and_is_sent_once(error):
    desk = Desk()
    desk.brokers[MAIN].scripts["place"].append(error)
    desk.place(1)
    with pytest.raises(ExceptionGroup) as caught:
        async with desk.at_work():
            await desk.outbox.idle(5)
    assert caught.value.exceptions == (error,)
    assert desk.brokers[MAIN].calls == ["place"]
    assert desk.told == []


async def test_an_order_that_stood_too_long_behind_a_hanging_request_is_not_sent_late():
    async with Desk(answers_within=0.05, waits_in_lane=0.01).at_work() as desk:
        desk.brokers[MAIN].scripts["withdraw"].append(asyncio.Event())
        desk.outbox.put(MAIN, Withdraw(MAIN, IntentId("i"), OrderId("7")))
        desk.place(1)
        assert await desk.outbox.idle(5)
        assert [one.kind for one in desk.told] == [OutcomeKind.UNKNOWN, OutcomeKind.NOT_SENT]
        assert desk.brokers[MAIN].calls == ["withdraw"]


async def test_a_cancel_asked_for_again_and_again_does_not_fill_the_lane():
    async with Desk().at_work() as desk:
        answer = asyncio.Event()
        desk.brokers[MAIN].scripts["withdraw"].append(answer)
        for _ in range(100):
            desk.outbox.put(MAIN, Withdraw(MAIN, IntentId("i"), OrderId("7")))
        await until(lambda: desk.brokers[MAIN].calls)
        assert desk.outbox.in_flight == 1
        answer.set()
        assert await desk.outbox.idle(5)
        desk.outbox.put(MAIN, Withdraw(MAIN, IntentId("i"), OrderId("7")))
        assert await desk.outbox.idle(5)
        assert len(desk.told) == 2
