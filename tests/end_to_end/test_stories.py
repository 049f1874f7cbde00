"""The three stories in which peers lose a position's protection, told to a real daemon with real deaths."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from crash import Kept
from real_processes import Broker, Daemon, Home, Json, Venue
from waiting import until_true

from autotrader.control.protocol import Alerts
from autotrader.engine.events import Decision, Held, Resolve

SAMSUNG = "KRX:005930"
TRAIL = "t: {instrument: KRX:005930, side: sell, quantity: 7, trail: 3%, activate: 71000}"
STOP = "s: {instrument: KRX:005930, side: sell, quantity: 5, stop: 68000}"


def account_at(broker: Broker) -> str:
    return f"{{broker: loopback, url: '{broker.url}'}}"


@pytest.mark.parametrize("how", [pytest.param(Daemon.kill, id="kill -9"), pytest.param(Daemon.stop, id="SIGTERM", marks=pytest.mark.slow)])
def test_an_activated_trail_fires_late_when_the_price_fell_while_nobody_ran(
    home: Home, venue: Venue, how: Callable[[Daemon], object]
) -> None:
    home.settle(venue.url, TRAIL)
    daemon = home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000, 71000, 73000)
    until_true(lambda: "mark" in home.rules()["t"]["legs"][0] and home.rules()["t"]["legs"][0]["mark"] == "73000")
    until_durable(home, "73000")
    how(daemon)
    home.start()
    home.until_watching(venue, SAMSUNG)
    assert home.rules()["t"]["legs"][0]["mark"] == "73000"
    venue.say(SAMSUNG, 69000)
    home.until_state("t", "fired")
    venue.say_until(lambda: home.rules()["t"]["state"] == "done", SAMSUNG, 69100)
    fire = home.only_fire()
    assert (fire["late"], fire["mark"], fire["level"], fire["crossed"]["price"]) == (True, "73000", "70810", "69000")
    assert 0 < fire["down_seconds"] < 60
    assert fire["why"]["code"] == "fired.trail.late"
    assert [fill["price"] for order in fire["orders"] for fill in order["fills"]] == ["69100"]


def until_durable(home: Home, mark: str) -> None:
    """Wait until the mark is on disk: at most a quarter of a second after it moved, says safety D3."""
    until_true(lambda: Kept.of(home.state).marks.get("t") == Decimal(mark), 2.0)


def test_a_rule_that_never_saw_a_price_watches_after_the_restart(home: Home, venue: Venue) -> None:
    home.settle(venue.url, f"{STOP}\n{TRAIL}")
    daemon = home.start()
    home.until_watching(venue, SAMSUNG)
    assert {rule["state"] for rule in home.rules().values()} == {"waiting"}
    daemon.kill()
    home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000)
    home.until_state("s", "watching")
    venue.say(SAMSUNG, 68000)
    venue.say_until(lambda: home.rules()["s"]["state"] == "done", SAMSUNG, 67900)
    fire = home.only_fire()
    assert (fire["rule"], fire["late"], fire["before"]["price"], fire["crossed"]["price"]) == ("s", False, "70000", "68000")


def die_before_sending(home: Home, venue: Venue) -> Daemon:
    """Let the stop fire in a daemon that dies between the commit of the intent and its sending; return the next one."""
    trigger = home.folder / "moment"
    daemon = home.start("mortal", AUTOTRADER_TEST_MOMENT=str(trigger))
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000)
    home.until_state("s", "watching")
    trigger.write_text("before_send 1")
    venue.say(SAMSUNG, 68000)
    assert daemon.until_dead() == -9
    venue.until_alone()
    return home.start()


def test_death_between_intent_and_send_is_resolved_by_itself_where_the_broker_knows_our_ids(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    daemon = die_before_sending(home, venue)
    daemon.until_said("intent.never_arrived")
    home.until_watching(venue, SAMSUNG)
    venue.say_until(lambda: home.rules()["s"]["state"] == "done", SAMSUNG, 67900)
    fire = home.only_fire()
    (order,) = fire["orders"]
    assert [attempt["outcome"] for attempt in order["sendings"]][1:] == ["accepted"]
    assert sum(Decimal(fill["quantity"]) for fill in order["fills"]) == 5


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        pytest.param(Decision.ABSENT, "failed", id="absent", marks=pytest.mark.slow),
        pytest.param(Decision.PLACED, "done", id="placed"),
    ],
)
def test_death_between_intent_and_send_is_held_with_an_alert_where_it_does_not(
    home: Home, venue: Venue, broker: Broker, decision: Decision, state: str
) -> None:
    home.settle(venue.url, STOP, account_at(broker))
    broker.price(SAMSUNG, 68000)
    die_before_sending(home, venue)
    home.until_state("s", "held")
    (item,) = home.ask(Held())["held"]
    assert (item["item"], item["kind"], item["choices"]) == ("s/stop/1/1", "order", ["placed", "absent"])
    assert item["item"] in {alert["subject"] for alert in home.ask(Alerts())["alerts"]}
    assert broker.received() == []
    number = by_hand(broker) if decision is Decision.PLACED else ""
    home.ask(Resolve(item["item"], decision, number))
    home.until_state("s", state)
    assert len(broker.received()) == len(broker.accepted()) == (1 if number else 0)
    assert home.ask(Held())["held"] == []


def by_hand(broker: Broker) -> str:
    """Place the order as a person would who saw that it was missing; return its number."""
    order: Json = {"instrument": SAMSUNG, "side": "sell", "type": "market", "quantity": "5"}
    broker.post("/orders", order)
    return str(broker.accepted()[-1]["order_id"])


@pytest.mark.parametrize(
    ("fault", "state", "orders"),
    [
        pytest.param("lose_answer", "held", 1, id="the answer is lost"),
        pytest.param("500_after", "held", 1, id="the broker fails after placing", marks=pytest.mark.slow),
        pytest.param("drop_before", "held", 0, id="the link breaks before anything was done", marks=pytest.mark.slow),
        pytest.param("refuse", "failed", 0, id="the broker refuses"),
    ],
)
def test_an_outcome_that_nobody_knows_is_held_and_survives_a_restart(
    home: Home, venue: Venue, broker: Broker, fault: str, state: str, orders: int
) -> None:
    home.settle(venue.url, STOP, account_at(broker))
    broker.price(SAMSUNG, 68000)
    broker.script(fault)
    daemon = home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000, 68000)
    home.until_state("s", state)
    daemon.kill()
    home.start()
    home.until_armed()
    assert home.rules()["s"]["state"] == state
    assert len(home.ask(Held())["held"]) == (state == "held")
    assert (len(broker.received()), len(broker.accepted())) == (1, orders)
