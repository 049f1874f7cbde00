"""The order of events is the order of the log: the same inbox over the same store leads to the same fires."""

from day_again import Told, again, journal_of, replay, snapshot_of
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


SELL, BUY = f"instrument: {SAMSUNG}, side: sell", f"instrument: {HYNIX}, side: buy"
LANGUAGE = f"""
oco: {{{SELL}, quantity: 10, legs: [{{target: 72000, share: 50%, then: stop_to_breakeven}}, {{trail: 3%, activate: +1%}}, {{stop: 60000}}]}}
kept: {{{SELL}, quantity: 4, preserve: {{arm: +2%, floor: +1%}}, tags: [day]}}
entry: {{{BUY}, quantity: 3, above: 301000, exits: [{{stop: 290000}}, {{target: 320000}}]}}
again: {{{BUY}, quantity: 1, below: 299000, rearm: {{max: 2, cooldown: 1ms, hysteresis: 0.1%}}}}
both: {{{SELL}, quantity: 2, stop: 69900, when: [{{price: "KRX:000660 >= 300500"}}]}}
word: {{{SELL}, quantity: 1, target: 71900, action: alert}}
shade: {{{SELL}, quantity: 1, stop: 69500, shadow: true}}
slow: {{{SELL}, quantity: 6, trail: 500, limit_offset: 100, confirm: 2 prints, unfilled: {{after: 1s, action: market}}}}
"""


def test_a_day_of_the_whole_language_leads_to_the_same_journal(home: Home, venue: Venue) -> None:
    """Legs, exits, repeats, conditions, alerts, shadows: every row is decided again as it was, in its order."""
    home.settle(venue.url, LANGUAGE)
    daemon = home.start()
    home.until_watching(venue, SAMSUNG, HYNIX)
    venue.say(HYNIX, 300000, 301000)
    venue.say_until(lambda: home.rules()["entry"]["state"] == "done", HYNIX, 301500)
    venue.say(SAMSUNG, 70000, 71000, 72000, 72000, 71800, 71400, 71300, 71000)
    venue.say(HYNIX, 298900, 298800, 300600, 300700, 298800, 298800, 300800)
    venue.say(SAMSUNG, 69900, 69700, 69600, 69400, 69300)
    for rule in ("oco", "kept", "both", "word", "shade", "slow"):
        venue.say_until(lambda rule=rule: home.rules()[rule]["state"] in ("done", "failed"), SAMSUNG, 69300)
    assert daemon.stop() == 0
    kept = of_rules(journal_of(home.state))
    assert {code for _, _, _, code, *_ in kept} >= {"leg.armed", "leg.activated", "fired.preserve", "done.alerted"}
    assert of_rules(again(home.state, Snapshot(), "demo", (SAMSUNG, HYNIX)).journal) == kept


def of_rules(journal: list[Told]) -> list[Told]:
    """Leave out what the process says of itself: that it started, in which version, and stopped."""
    return [row for row in journal if row[0] != "daemon"]
