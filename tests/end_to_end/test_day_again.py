"""The order of events is the order of the log: the same inbox over the same store leads to the same fires."""

from day_again import replay, snapshot_of
from msgspec import to_builtins
from real_processes import Home, Json, Venue

from autotrader.engine.records import ShotRecord, Snapshot

SAMSUNG, HYNIX = "KRX:005930", "KRX:000660"
RULES = """
t: {instrument: KRX:005930, side: sell, quantity: 7, trail: 3%, activate: 71000}
s: {instrument: KRX:005930, side: sell, quantity: 5, stop: 60000}
a: {instrument: KRX:000660, side: buy, quantity: 1, above: 310000}
r: {instrument: KRX:000660, side: buy, quantity: 2, rebound: 1%, activate: 295000}
"""


def evidence(shot: ShotRecord) -> Json:
    """Return a shot without the moment at which it was decided again."""
    shown: Json = to_builtins(shot)
    return shown


def live_through_a_day(home: Home, venue: Venue) -> None:
    """Let every rule fire, some by way of commands."""
    home.settle(venue.url, RULES)
    daemon = home.start()
    home.until_watching(venue, SAMSUNG, HYNIX)
    venue.say(SAMSUNG, 70000, 71000, 72000)
    venue.say(HYNIX, 300000, 295000, 293000)
    home.until_priced("r", 293000)
    assert home.cli("add", "sell", SAMSUNG, "--quantity", "3", "--stop", "69000", "--id", "x").code == 0
    assert home.cli("edit", "x", "--stop", "68500").code == 0
    venue.say(SAMSUNG, 69500, 68500, 60000)
    venue.say(HYNIX, 296000, 311000, 311500)
    for rule in ("t", "s", "a", "r", "x"):
        home.until_state(rule, "fired", "done")
    assert daemon.stop() == 0


def test_the_inbox_of_a_day_leads_a_fresh_engine_to_the_same_fires(home: Home, venue: Venue) -> None:
    live_through_a_day(home, venue)
    kept = {(shot.rule, shot.generation): evidence(shot) for shot in snapshot_of(home.state).shots}
    again = {(shot.rule, shot.generation): evidence(shot) for shot in replay(home.state, Snapshot(), "demo", (SAMSUNG, HYNIX))}
    assert len(kept) == 5
    assert again == kept


def test_the_inbox_after_a_restart_continues_from_the_store_of_that_moment(home: Home, venue: Venue) -> None:
    home.settle(venue.url, RULES)
    daemon = home.start()
    home.until_watching(venue, SAMSUNG, HYNIX)
    venue.say(SAMSUNG, 70000, 71000, 73000)
    home.until_priced("t", 73000)
    assert daemon.stop() == 0
    began_with = snapshot_of(home.state)
    for segment in (home.state / "inbox").iterdir():
        segment.unlink()
    daemon = home.start()
    home.until_watching(venue, SAMSUNG)
    venue.say(SAMSUNG, 65000)
    home.until_state("t", "fired", "done")
    assert daemon.stop() == 0
    kept = [evidence(shot) for shot in snapshot_of(home.state).shots]
    assert [evidence(shot) for shot in replay(home.state, began_with, "demo", (SAMSUNG, HYNIX))] == kept
    assert [shot["late"] for shot in kept] == [True]
