"""A good file becomes settings, whole."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from autotrader.config.instruments import served_by
from autotrader.config.load import load_file, load_text
from autotrader.domain.settings import AccountSettings, FeedSettings, Guards, Mode, OpeningPosition, SimInstrument
from autotrader.domain.tick import InstrumentId

TODAY = date(2026, 11, 20)

ISSUE = """
mode: paper                       # paper | live
guards: {collar: 10%, stale: 5s}  # each can be off
accounts:
  main: {broker: paper, cash: {KRW: 10000000, USDT: 100000}, positions: {KRX:005930: {quantity: 100, cost: 70000}}}
feeds:
  demo: {kind: sim, seed: 7, instruments: {KRX:005930: {start: 70000}, KRX:000660: {start: 300000}, BINANCE:BTCUSDT: {start: 60000}}}
rules:
  samsung-stop:  {instrument: KRX:005930, side: sell, quantity: 10, stop: 68000}
  samsung-trail: {instrument: KRX:005930, side: sell, quantity: 40, trail: 3%, activate: 75000, until: 90d}
  hynix-break:   {instrument: KRX:000660, side: buy, quantity: 1, above: 310000, order: {limit: 311000}}
  btc-rebound:   {instrument: BINANCE:BTCUSDT, account: main, side: buy, quantity: 0.01, rebound: 2%, activate: 55000, order: market}
"""


def test_the_file_of_the_manual_is_read() -> None:
    loaded = load_text(ISSUE, "config.yaml", TODAY)
    assert loaded.mistakes == loaded.warnings == ()
    settings = loaded.settings
    assert settings is not None
    assert (settings.mode, settings.guards, settings.guards_written, loaded.rules_written) == (Mode.PAPER, Guards(), True, True)
    samsung = InstrumentId("KRX:005930")
    held = {samsung: OpeningPosition(Decimal(100), Decimal(70000))}
    assert settings.accounts == (AccountSettings(name="main", cash={"KRW": Decimal(10000000), "USDT": Decimal(100000)}, positions=held),)
    assert settings.feeds[0].instruments[samsung] == SimInstrument(Decimal(70000))
    assert settings.feeds[0].every == 500
    assert [rule.id for rule in settings.rules] == ["samsung-stop", "samsung-trail", "hynix-break", "btc-rebound"]
    assert {rule.account for rule in settings.rules} == {"main"}


@pytest.mark.parametrize(
    ("guards", "expected"),
    [
        ("{collar: off, stale: off}", Guards(None, None)),
        ("{collar: 2.5%}", Guards(Decimal("2.5"), 5_000_000_000)),
        ("{stale: 500ms}", Guards(Decimal(10), 500_000_000)),
        ("{max_rules: 100}", Guards(max_rules=100)),
        ("{max_rules: off}", Guards()),
        ("{stale: 2m}", Guards(Decimal(10), 120_000_000_000)),
    ],
)
def test_a_guard_can_be_set_or_off(guards: str, expected: Guards) -> None:
    settings = load_text(f"guards: {guards}\n", "f").settings
    assert settings is not None
    assert settings.guards == expected
    assert settings.guards_written


def test_a_file_without_guards_has_the_usual_ones_and_says_so() -> None:
    settings = load_text("mode: paper\n", "f").settings
    assert settings is not None
    assert (settings.guards, settings.guards_written) == (Guards(), False)


def test_a_file_without_rules_is_told_from_one_with_none() -> None:
    assert not load_text("mode: paper\n", "f").rules_written
    assert load_text("mode: paper\nrules: {}\n", "f").rules_written


def test_feeds_of_every_kind_are_read() -> None:
    text = """
feeds:
  walk:
    {kind: sim, seed: 007, every: 200ms, speed: 20,
     instruments: {KRX:000660: {start: 300000, volatility: 0.3%, drift: -0.01, path: [1, 2.5]}}}
  tape: {kind: recording, file: tapes/day.gz, dialect: binance, speed: max}
  some: {kind: recording, file: /tapes/day.gz, dialect: upbit, instruments: [UPBIT:KRW-BTC]}
  upbit: {kind: upbit, url: "ws://127.0.0.1:9/"}
  binance: {kind: binance}
"""
    loaded = load_text(text, "somewhere/config.yaml", directory=Path("/etc/autotrader"))
    assert loaded.mistakes == ()
    assert loaded.settings is not None
    walk, tape, some, upbit, binance = loaded.settings.feeds
    hynix = SimInstrument(Decimal(300000), Decimal("0.3"), Decimal("-0.01"), (Decimal(1), Decimal("2.5")))
    assert walk == FeedSettings("walk", "sim", seed=7, every=200, speed=Decimal(20), instruments={InstrumentId("KRX:000660"): hynix})
    assert (tape.file, tape.speed, some.file) == ("/etc/autotrader/tapes/day.gz", Decimal(0), "/tapes/day.gz")
    assert upbit.url == "ws://127.0.0.1:9/"
    assert served_by(loaded.settings.feeds) == {
        "walk": ("KRX:000660",),
        "tape": ("BINANCE:*",),
        "some": ("UPBIT:KRW-BTC",),
        "upbit": ("UPBIT:*",),
        "binance": ("BINANCE:*",),
    }
    assert binance.kind == "binance"


def test_a_path_starts_at_the_directory_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("feeds: {tape: {kind: recording, file: day.gz, dialect: upbit}}\n", encoding="utf-8")
    settings = load_file(file).settings
    assert settings is not None
    assert settings.feeds[0].file == str(tmp_path / "day.gz")


def test_a_fee_is_a_percentage() -> None:
    settings = load_text("accounts: {main: {fee: 0.015%}}\n", "f").settings
    assert settings is not None
    assert settings.accounts[0].fee == Decimal("0.015")


def test_live_mode_takes_an_account_that_is_not_paper() -> None:
    settings = load_text("mode: live\naccounts: {far: {broker: loopback, url: 'http://127.0.0.1:1'}}\n", "f").settings
    assert settings is not None
    assert settings.mode is Mode.LIVE


def test_a_replay_needs_neither_accounts_nor_feeds() -> None:
    text = "rules: {r: {instrument: KRX:005930, side: sell, quantity: all, stop: 68000, until: 2020-01-01}}\n"
    loaded = load_text(text, "f", require_accounts=False)
    assert loaded.settings is not None
    assert loaded.settings.rules[0].account == "main"
    assert loaded.settings.rules[0].already_met is None


def test_the_zeros_of_an_instrument_stay() -> None:
    text = "rules: {'000660': {instrument: KRX:000660, side: sell, quantity: 010, stop: 000660, note: 15:20}}\n"
    settings = load_text(text, "f", require_accounts=False).settings
    assert settings is not None
    rule = settings.rules[0]
    assert (rule.id, rule.instrument, rule.quantity, rule.note) == ("000660", "KRX:000660", Decimal(10), "15:20")


def test_ten_thousand_rules_are_read() -> None:
    head = "accounts: {main: {}}\nfeeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}\nrules:\n"
    rules = (f"  r{n}: {{instrument: KRX:005930, side: sell, quantity: {n + 1}, trail: 3%, activate: 75000}}\n" for n in range(10_000))
    loaded = load_text(head + "".join(rules), "f", TODAY)
    assert loaded.mistakes == ()
    assert loaded.settings is not None
    assert loaded.settings.rules[-1].quantity == Decimal(10_000)


def test_a_scenario_says_when_it_begins_and_a_day_walks_calmly() -> None:
    text = """
feeds:
  crash: {kind: sim, scenario: crash_day, instruments: {KRX:005930: {start: 70000}, KRX:000660: {start: 300000, volatility: 0.2}}}
  later: {kind: sim, scenario: split, begin: 2026-11-23T14:00, instruments: {KRX:005930: {start: 70000}}}
  never: {kind: sim, instruments: {KRX:005930: {start: 70000}}}
"""
    loaded = load_text(text, "config.yaml")
    assert loaded.settings is not None
    crash, later, never = loaded.settings.feeds
    assert [(feed.scenario, feed.begin, feed.keeps_hours) for feed in (crash, later, never)] == [
        ("crash_day", "2026-11-20T08:00", True),
        ("split", "2026-11-23T14:00", True),
        ("", "", False),
    ]
    assert [sim.volatility for feed in (crash, never) for sim in feed.instruments.values()] == [
        *(Decimal("0.01"), Decimal("0.2")),
        Decimal("0.15"),
    ]
