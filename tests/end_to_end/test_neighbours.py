"""Two homes at once, two modes, a price server that dies, and one that hangs up on everybody."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from real_processes import Home, Venue
from waiting import until_true

SAMSUNG = "KRX:005930"
STOP = "s: {instrument: KRX:005930, side: sell, quantity: 5, stop: 68000}"
HIGHER = "s: {instrument: KRX:005930, side: sell, quantity: 7, stop: 69000}"


def test_two_homes_at_once_do_not_disturb_each_other(homes: Callable[[str], Home], venue: Venue) -> None:
    one, other = homes("one"), homes("other")
    one.settle(venue.url, STOP)
    other.settle(venue.url, HIGHER)
    one.start()
    other.start()
    for home in (one, other):
        home.until_watching(venue, SAMSUNG)
    until_true(lambda: venue.listeners == 2)
    venue.say(SAMSUNG, 70000, 69000)
    other.until_state("s", "fired", "done")
    assert one.until_priced("s", 69000)["state"] == "watching"
    other.daemons[-1].kill()
    venue.say(SAMSUNG, 68000)
    one.until_state("s", "fired", "done")
    assert one.only_fire()["rule"] == "s"


def test_a_state_directory_of_one_mode_is_refused_to_the_other(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    home.start().stop()
    before = home.digest()
    live = "{broker: loopback, url: 'http://127.0.0.1:9'}"
    home.settle(venue.url, STOP, live, more="mode: live\n")
    daemon = home.launch()
    assert daemon.until_dead() == 78
    assert "paper" in daemon.text
    assert "live" in daemon.text
    assert home.digest() == before


def child_of(pid: int, words: str) -> int:
    """Return the child of a process that runs these words, or 0."""
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1]) if entry.name.isdigit() else 0
            if parent == pid and words in (entry / "cmdline").read_text().replace("\0", " "):
                return int(entry.name)
        except OSError:
            continue
    return 0


def test_a_price_server_that_dies_is_started_again_and_the_rules_go_on(home: Home) -> None:
    home.write(
        "accounts: {main: {broker: paper, positions: {KRX:005930: {quantity: 10, cost: 1}}}}\n"
        "feeds: {demo: {kind: sim, every: 50ms, instruments: {KRX:005930: {start: 70000}}}}\n"
        "rules: {s: {instrument: KRX:005930, side: sell, quantity: 1, stop: 100}}\n"
    )
    daemon = home.start()
    home.until_state("s", "watching")
    first = child_of(daemon.pid, "feeds.sim.server")
    assert first
    os.kill(first, signal.SIGKILL)
    daemon.until_said("feed/demo", "up -> down")
    until_true(lambda: child_of(daemon.pid, "feeds.sim.server") not in (0, first), 15)
    until_true(lambda: len([line for line in daemon.lines if "feed/demo" in line and "-> up" in line]) == 2, 15)
    last = home.rules()["s"]["last_time"]
    until_true(lambda: home.rules()["s"]["last_time"] != last, 15)
    assert home.rules()["s"]["state"] == "watching"


def test_a_venue_that_accepts_and_hangs_up_is_not_hammered(home: Home, venue: Venue) -> None:
    venue.says_hello = False
    home.settle(venue.url, STOP)
    daemon = home.start()
    until_true(lambda: venue.dials >= 1)
    assert daemon.lives(1.0)
    print(f"{venue.dials} dials in 1 s")
    assert 1 <= venue.dials <= 5
    venue.says_hello = True
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000)
    home.until_state("s", "watching")


def test_a_link_that_breaks_comes_back_and_a_fall_meanwhile_fires_late(home: Home, venue: Venue) -> None:
    home.settle(venue.url, STOP)
    daemon = home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 70000)
    home.until_state("s", "watching")
    venue.hang_up()
    daemon.until_said("feed/demo", "up -> down")
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 67000)
    home.until_state("s", "fired", "done")
    fire = home.only_fire()
    assert (fire["late"], fire["crossed"]["price"]) == (True, "67000")
