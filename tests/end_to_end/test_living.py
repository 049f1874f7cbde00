"""A day with a daemon: rules come by command and by file while it runs, and every question is answered meanwhile."""

import signal
import time
from collections.abc import Callable

import pytest
from real_processes import Broker, Home, Venue
from waiting import until_true

from autotrader.control.protocol import Alerts, Reload
from autotrader.engine.events import Status

SAMSUNG, HYNIX = "KRX:005930", "KRX:000660"
STOP = "s: {instrument: KRX:005930, side: sell, quantity: 5, stop: 60000}"
ABOVE = "a: {instrument: KRX:000660, side: buy, quantity: 1, above: 310000}"


def test_a_rule_added_by_command_is_edited_paused_resumed_and_fires_and_history_says_why(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000)
    home.until_state("s", "watching")
    added = home.cli("add", "sell", SAMSUNG, "--quantity", "10", "--trail", "3%", "--activate", "71000", "--id", "t", "--json")
    assert added.code == 0, added
    assert "3%" in added.json["message"]
    venue.say(SAMSUNG, 71000, 72000, 73000)
    assert home.until_priced("t", 73000)["legs"][0]["level"] == "70810"
    assert home.cli("edit", "t", "--trail", "2%").code == 0
    (leg,) = home.cli("show", "t", "--json").json["rule"]["legs"]
    assert (leg["level"], leg["mark"]) == ("71540", "73000")
    assert home.cli("pause", "t").code == 0
    venue.say(SAMSUNG, 71500, 72600)
    home.until_priced("t", 72600)
    assert {rule["id"]: rule["state"] for rule in home.cli("list", "--json").json["rules"]} == {"s": "watching", "t": "paused"}
    assert home.cli("resume", "t").code == 0
    venue.say(SAMSUNG, 72500, 71540)
    home.until_state("t", "fired")
    venue.say_until(lambda: home.rules()["t"]["state"] == "done", SAMSUNG, 71500)
    status = home.cli("status", "--json").json
    assert (status["mode"], status["accounts"][0]["state"], status["feeds"][0]["state"]) == ("paper", "armed", "up")
    assert home.cli("cancel", "t").code == 5
    assert home.cli("cancel", "s").code == 0
    (fire,) = home.cli("history", "--json").json["fires"]
    evidence = (fire["before"]["price"], fire["crossed"]["price"], fire["mark"], fire["level"], fire["version"])
    assert evidence == ("72500", "71540", "73000", "71540", 2)
    assert [fill["price"] for order in fire["orders"] for fill in order["fills"]] == ["71500"]


def send_hangup(home: Home) -> None:
    home.daemons[-1].process.send_signal(signal.SIGHUP)


@pytest.mark.parametrize(
    "tell",
    [
        pytest.param(lambda home: home.cli("reload"), id="by command"),
        pytest.param(send_hangup, id="by SIGHUP"),
        pytest.param(lambda home: None, id="because the file changed"),
    ],
)
def test_a_changed_file_is_taken(home: Home, venue: Venue, tell: Callable[[Home], object]) -> None:
    home.settle(venue.url, STOP)
    home.start()
    home.settle(venue.url, f"{STOP.replace('60000', '61000')}\n{ABOVE}")
    tell(home)
    until_true(lambda: set(home.rules()) == {"s", "a"})
    assert (home.rules()["s"]["version"], home.rules()["s"]["legs"][0]["level"]) == (2, "61000")
    home.until_watching(venue, SAMSUNG, HYNIX)


BROKEN: dict[str, Callable[[str], str]] = {
    "a mistake": lambda text: text.replace("stop: 60000", "stop: sixty"),
    "empty": lambda text: "",
    "cut in a rule": lambda text: text[: text.index("stop: 6") + 3],
    "cut before its rules": lambda text: text[: text.index("rules:")],
    "cut after `rules:`": lambda text: text[: text.index("rules:") + len("rules:\n")],
    "not text": lambda text: "\x00\x01",
}


def test_a_broken_emptied_cut_or_vanished_file_keeps_the_last_good_set_and_says_so(home: Home, venue: Venue) -> None:
    home.settle(venue.url, f"{STOP}\n{ABOVE}")
    good = home.config.read_text()
    home.start()
    until_true(lambda: set(home.rules()) == {"s", "a"})
    before = home.rules()
    for name, broken in BROKEN.items():
        home.write(broken(good))
        reply = home.reply(Reload())
        assert (reply.ok, reply.exit) == (False, 2), (name, reply)
        assert "config.yaml" in str(reply.params), (name, reply)
        assert home.rules() == before, name
    home.config.unlink()
    assert not home.reply(Reload()).ok
    assert home.rules() == before
    said = home.ask(Alerts())["alerts"]
    assert len([alert for alert in said if alert["subject"] == "file"]) >= len(BROKEN) + 1
    home.write(good)
    assert home.reply(Reload()).ok


@pytest.mark.slow
def test_a_file_that_breaks_without_a_command_is_noticed(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    daemon = home.start()
    home.write("rules: [")
    daemon.until_said("file", "ALERT", "plan.refused", timeout=10)
    assert home.rules()["s"]["state"] == "waiting"


def test_a_second_instance_leaves_at_once_and_touches_nothing(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    first = home.start()
    home.until_armed()
    known = {path.name: path.stat().st_ino for path in home.state.iterdir()}
    began = time.monotonic()
    said = home.cli("run")
    took = time.monotonic() - began
    print(f"the second instance left after {took:.2f} s")
    assert said.code == 75
    assert took < 5
    assert {path.name: path.stat().st_ino for path in home.state.iterdir()} == known
    assert home.ask(Status())["pid"] == first.pid


def test_status_answers_and_prices_go_on_while_the_broker_hangs(home: Home, venue: Venue, broker: Broker) -> None:
    broker.script("hang")
    home.settle(venue.url, f"{STOP}\n{ABOVE}", f"{{broker: loopback, url: '{broker.url}'}}")
    home.start()
    home.until_watching(venue, SAMSUNG, HYNIX)
    venue.say(SAMSUNG, 70000, 60000)
    until_true(lambda: broker.received())
    began = time.monotonic()
    status = home.ask(Status())
    took = time.monotonic() - began
    print(f"status took {took * 1000:.1f} ms while the broker hung")
    assert took < 2
    assert [order["state"] for order in status["open_orders"]] == ["sending"]
    venue.say(HYNIX, 300000)
    assert home.until_priced("a", 300000)["state"] == "watching"


@pytest.mark.parametrize("fault", [pytest.param("ok", id="idle"), pytest.param("hang", id="a hanging broker", marks=pytest.mark.slow)])
def test_sigterm_stops_in_time(home: Home, venue: Venue, broker: Broker, fault: str) -> None:
    broker.script(fault)
    home.settle(venue.url, STOP, f"{{broker: loopback, url: '{broker.url}'}}")
    daemon = home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000, 60000)
    until_true(lambda: broker.received())
    began = time.monotonic()
    assert daemon.stop(timeout=20) == 0
    print(f"stopped after {time.monotonic() - began:.1f} s")
    home.start()
    home.until_armed()
    assert home.rules()["s"]["state"] in ("held" if fault == "hang" else "fired", "held", "done")
    assert len(broker.received()) == 1


def test_a_daemon_with_a_wrong_file_ends_with_78_and_leaves_no_store(home: Home) -> None:
    home.write("rules: {r: {}}\n")
    daemon = home.launch()
    assert daemon.until_dead() == 78
    assert "config.yaml" in daemon.text
    assert home.digest() == {}
