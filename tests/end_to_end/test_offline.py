"""Without a daemon the command line keeps rules under the instance lock, and the next daemon watches them."""

import pytest
from real_processes import PATIENCE, Home, Venue
from waiting import until_true

SAMSUNG = "KRX:005930"
STOP = "s: {instrument: KRX:005930, side: sell, quantity: 5, stop: 60000}"


def test_what_is_added_paused_and_cancelled_without_a_daemon_is_so_in_the_next_one(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    for name, level in (("watched", "68000"), ("paused", "67000"), ("cancelled", "66000")):
        assert home.cli("add", "sell", SAMSUNG, "--quantity", "3", "--stop", level, "--id", name).code == 0
    assert home.cli("pause", "paused").code == 0
    assert home.cli("cancel", "cancelled").code == 0
    listed = home.cli("list", "--json").json
    assert listed["daemon"] is False
    assert {rule["id"]: rule["state"] for rule in listed["rules"]}["paused"] == "paused"
    home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000)
    home.until_state("watched", "watching")
    states = {rule["id"]: rule["state"] for rule in home.rules().values()}
    assert states == {"s": "watching", "watched": "watching", "paused": "paused", "cancelled": "cancelled"}
    venue.say(SAMSUNG, 66000)
    home.until_state("watched", "fired", "done")
    until_true(home.fires, PATIENCE)  # `history` reads what is committed, a moment after the engine has decided
    assert [fire["rule"] for fire in home.fires()] == ["watched"]


def test_reload_needs_a_daemon_and_says_so_with_3(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    said = home.cli("reload")
    assert said.code == 3
    assert "autotrader run" in said.err


@pytest.mark.slow
def test_a_rule_changed_while_a_daemon_runs_goes_through_the_daemon(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    daemon = home.start()
    assert home.cli("add", "sell", SAMSUNG, "--quantity", "3", "--stop", "68000", "--id", "x", "--json").json["daemon"] is True
    daemon.until_said("x/stop", "leg.created")
    assert home.cli("list", "--json").json["daemon"] is True
