"""Whatever is written, changed, ended or taken back, the short ways find what a look at every intent would find."""

from decimal import Decimal
from random import Random

import msgspec
import pytest

from autotrader.domain.order import IntentId, OrderId
from autotrader.domain.rule import AccountName, LegName, OrderType, RuleId, Side
from autotrader.domain.tick import InstrumentId
from autotrader.engine.book import Book, Turn
from autotrader.engine.intents import NOTHING, WAITING, Intents, Reserved
from autotrader.engine.lifecycle import AT_BROKER, INTENT_ENDS, UNRESOLVED
from autotrader.engine.records import IntentRecord, IntentStatus, Print, Snapshot

ACCOUNTS = [AccountName("main"), AccountName("plain")]
INSTRUMENTS = [InstrumentId("KRX:005930"), InstrumentId("KRX:000660")]


def intent(number: int, random: Random) -> IntentRecord:
    """Return an intent that waits."""
    return IntentRecord(
        id=IntentId(f"r{number}/stop/1/1"),
        rule=RuleId(f"r{number}"),
        leg=LegName("stop"),
        generation=1,
        number=1,
        status=IntentStatus.INTENT,
        account=random.choice(ACCOUNTS),
        instrument=random.choice(INSTRUMENTS),
        side=random.choice(list(Side)),
        type=OrderType.MARKET,
        quantity=Decimal(10),
        price=None,
        client_id=f"c-{number}",
        created=random.randrange(3),
        deadline=0,
        reserved=Decimal(random.randrange(4)),
        sellable_seen=None,
        tick=Print(Decimal(1), 1),
        urgency=random.randrange(3),
    )


def changed(record: IntentRecord, random: Random) -> IntentRecord:
    """Return the intent with another status and reservation, perhaps with a number from a broker who uses some again."""
    return msgspec.structs.replace(
        record,
        status=random.choice(list(IntentStatus)),
        reserved=Decimal(random.randrange(4)),
        order_id=OrderId(str(random.randrange(5))) if random.random() < 0.5 else record.order_id,
    )


def expected(records: list[IntentRecord]) -> dict[str, object]:
    """Return the answers as a look at every intent gives them; the records come oldest first."""
    alive = [i for i in records if i.status not in INTENT_ENDS]
    answers: dict[str, object] = {"open": alive}
    for account in ACCOUNTS:
        ours = [i for i in alive if i.account == account]
        waiting = sorted((i for i in ours if i.status in WAITING), key=lambda i: (i.urgency, i.created))
        answers[f"{account} open"] = ours
        answers[f"{account} lane"] = waiting
        answers[f"{account} sending"] = any(i.status is IntentStatus.SENDING for i in ours)
        answers[f"{account} unresolved"] = {i.id for i in ours if i.status in UNRESOLVED}
        for instrument in INSTRUMENTS:
            there = [i for i in ours if i.instrument == instrument]
            answers[f"{account} works in {instrument}"] = any(i.status in AT_BROKER for i in there)
            for side in Side:
                held = [i for i in there if i.side is side]
                total = sum((i.reserved for i in held), Decimal(0))
                unseen = sum((i.reserved for i in held if i.status not in AT_BROKER), Decimal(0))
                waiting = sum((i.reserved for i in held if i.status in WAITING), Decimal(0))
                answers[f"{account} {side} {instrument}"] = Reserved(total, unseen, waiting)
    return answers


def found(intents: Intents) -> dict[str, object]:
    """Return the answers of the short ways."""
    answers: dict[str, object] = {"open": intents.open()}
    for account in ACCOUNTS:
        answers[f"{account} open"] = intents.of_account(account)
        answers[f"{account} lane"] = list(intents.lane(account))
        answers[f"{account} sending"] = intents.is_sending(account)
        answers[f"{account} unresolved"] = {i.id for i in intents.unresolved(account)}
        for instrument in INSTRUMENTS:
            answers[f"{account} works in {instrument}"] = intents.works_in(account, instrument)
            for side in Side:
                answers[f"{account} {side} {instrument}"] = intents.reserved(account, side).get(instrument, NOTHING)
    return answers


@pytest.mark.parametrize("seed", range(8))
def test_the_short_ways_find_what_a_look_at_every_intent_finds(seed: int) -> None:
    random = Random(seed)
    intents = Intents()
    for number in range(40):
        born = intent(number, random)
        intents[born.id] = born
        for key in random.sample(sorted(intents), min(3, len(intents))):
            if intents[key].status not in INTENT_ENDS:
                intents[key] = changed(intents[key], random)
        assert found(intents) == expected(list(intents.values()))


def test_an_intent_taken_back_is_found_nowhere_and_a_changed_one_is_as_before() -> None:
    random = Random(1)
    kept = intent(1, random)
    book = Book(Snapshot(intents=(kept,)))
    before = found(book.intents)
    turn = Turn(book, 5, "test")
    turn.put(msgspec.structs.replace(kept, status=IntentStatus.FILLED, reserved=Decimal(0)))
    turn.put(intent(2, random))
    assert found(book.intents) != before
    turn.take_back()
    assert found(book.intents) == before
    assert book.intents.named(ACCOUNTS[0], "c-2") + book.intents.named(ACCOUNTS[1], "c-2") == []


def test_a_number_that_a_broker_uses_again_belongs_to_the_open_intent_then_to_the_newest() -> None:
    random = Random(1)
    account = ACCOUNTS[0]
    stories = [(1, IntentStatus.FILLED), (2, IntentStatus.WORKING), (3, IntentStatus.FILLED)]
    records = [
        msgspec.structs.replace(intent(number, random), account=account, status=status, order_id=OrderId("77"))
        for number, status in stories
    ]
    assert [i.rule for i in Intents(records).named(account, "", "77")] == ["r2", "r3", "r1"]
