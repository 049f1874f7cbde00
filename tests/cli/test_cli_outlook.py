"""What `add`, `edit` and `show` say of the sessions of the day: what goes in each, and which are not enabled."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from cli_stage import SAMSUNG, doors_of
from msgspec import convert

from autotrader.config.load import load_file
from autotrader.domain.rule import Rule
from autotrader.engine.events import FeedClock

SEOUL = ZoneInfo("Asia/Seoul")
FRIDAY, EXAM_DAY = "2026-11-20T08:10", "2026-11-19T08:10"
STOP = ("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000")
DIP = ("add", "buy", SAMSUNG, "-q", "1", "--below", "50000")
AT_NXT = ("--watch", "NXT", "--venue", "NXT")


def at(text: str) -> int:
    """Return a time of Seoul in ns."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp()) * 1_000_000_000


@pytest.fixture
def on(cli, daemon, home):
    """Return what calls the command line at a time of Seoul, of a daemon whose feed keeps the market's hours."""

    def call(when: str, *words: str):
        daemon.now = at(when)
        daemon.watch(FeedClock.LIVE, hours=True)
        return cli(*words, doors=doors_of(home, now=lambda: at(when)))

    return call


@pytest.mark.parametrize(
    ("when", "words", "lines"),
    [
        pytest.param(
            FRIDAY,
            STOP,
            [
                "What would be sent on 2026-11-20 (Asia/Seoul):",
                "  08:30-09:00 krx.open_call: market order",
                "  09:00-15:20 krx.continuous: market order",
                "  15:20-15:30 krx.close_call: market order",
                "  not in krx.after 16:00-20:00 (`sessions: [regular, krx.after]` would)",
            ],
            id="a stop in the regular market",
        ),
        pytest.param(
            "2026-11-20T21:00",
            (*STOP, "--sessions", "regular,krx.after"),
            [
                "What would be sent on 2026-11-23 (Asia/Seoul):",
                "  08:30-09:00 krx.open_call: market order",
                "  09:00-15:20 krx.continuous: market order",
                "  15:20-15:30 krx.close_call: market order",
                "  16:00-20:00 krx.after: best limit instead of market",
            ],
            id="an exit of the after-market, over the weekend",
        ),
        pytest.param(
            EXAM_DAY,
            (*STOP, *AT_NXT, "--sessions", "nxt.main,nxt.after", "--order", "market_ioc"),
            [
                "What would be sent on 2026-11-19 (Asia/Seoul):",
                "  10:00-16:20 nxt.main: market IOC order",
                "  16:30-16:40 nxt.after_call: limit instead of market IOC",
                "  16:40-20:00 nxt.after: best limit IOC instead of market IOC",
            ],
            id="another venue on the day of the exam",
        ),
        pytest.param(
            FRIDAY,
            (*DIP, "--sessions", "krx.continuous,krx.after"),
            [
                "What would be sent on 2026-11-20 (Asia/Seoul):",
                "  08:30-09:00 krx.open_call: market order",
                "  09:00-15:20 krx.continuous: market order",
                "  15:20-15:30 krx.close_call: market order",
                "  16:00-20:00 krx.after: nothing, no market order is taken: the rule would fail (`on_inadmissible: substitute` or `wait`)",
            ],
            id="an entry of the after-market",
        ),
        pytest.param(
            FRIDAY,
            (*STOP, "--order", "midpoint", "--on-inadmissible", "wait", "--sessions", "regular,krx.after"),
            [
                "What would be sent on 2026-11-20 (Asia/Seoul):",
                "  08:30-09:00 krx.open_call: nothing, no midpoint order is taken: the rule waits",
                "  09:00-15:20 krx.continuous: midpoint order",
                "  15:20-15:30 krx.close_call: nothing, no midpoint order is taken: the rule waits",
                "  16:00-20:00 krx.after: nothing, no midpoint order is taken: the rule waits",
            ],
            id="an exit that waits",
        ),
        pytest.param(
            FRIDAY,
            (*STOP, "--order", "close_price", "--sessions", "krx.post_close_price"),
            [
                "What would be sent on 2026-11-20 (Asia/Seoul):",
                "  15:30-16:00 krx.post_close_price: closing price order",
                "  not in krx.pre_close_price 08:30-08:40, krx.open_call 08:30-09:00, krx.continuous 09:00-15:20, "
                "krx.close_call 15:20-15:30, krx.after 16:00-20:00 (`sessions: [krx.post_close_price, krx.pre_close_price]` would)",
            ],
            id="an order at the closing price",
        ),
        pytest.param(
            "2026-11-20T21:00",
            ("add", "sell", "US:AAPL", "-q", "1", "--stop", "50", "--sessions", "regular,us.post"),
            [
                "What would be sent on 2026-11-20 (America/New_York):",
                "  09:30-16:00 us.regular: market order",
                "  16:00-20:00 us.post: limit instead of market",
                "  not in us.pre 04:00-09:30 (`sessions: [regular, us.post, us.pre]` would)",
            ],
            id="New York",
        ),
        pytest.param(FRIDAY, ("add", "buy", "BINANCE:BTCUSDT", "-q", "1", "--below", "50"), [], id="a market that never closes"),
    ],
)
def test_add_says_what_would_be_sent_in_each_session_of_the_day(on, when, words, lines):
    result = on(when, *words)
    assert (result.code, result.err) == (0, "")
    said = [line for line in result.out.splitlines() if line.startswith(("What would be sent", "  "))]
    assert said == lines


def test_a_feed_that_trades_without_a_pause_has_no_sessions_to_tell(cli, daemon):
    assert "What would be sent" not in cli(*STOP).out


def test_show_and_edit_say_it_too_and_scripts_get_it_as_it_is(on, cli):
    on(FRIDAY, *STOP, "--id", "s")
    shown = cli("show", "s").out.splitlines()
    assert "  What would be sent on 2026-11-20 (Asia/Seoul):" in shown
    assert "    09:00-15:20 krx.continuous: market order" in shown
    edited = cli("edit", "s", "--sessions", "regular,krx.after", "--order", "best_ioc").out.splitlines()
    assert "  09:00-15:20 krx.continuous: best limit IOC order" in edited
    assert "  15:20-15:30 krx.close_call: limit instead of best limit IOC" in edited
    assert "  16:00-20:00 krx.after: best limit IOC order" in edited
    outlook = cli("show", "s", "--json").json["rule"]["outlook"]
    assert [(row["session"], row["sends"], row["as_written"]) for row in outlook] == [
        ("krx.pre_close_price", None, False),
        ("krx.open_call", "limit", False),
        ("krx.continuous", "best_ioc", True),
        ("krx.close_call", "limit", False),
        ("krx.post_close_price", None, False),
        ("krx.after", "best_ioc", True),
    ]
    assert outlook[1]["open"] == at("2026-11-20T08:30")
    assert outlook[1]["why"]["code"] == "outlook.not_taken"


def test_an_owner_is_told_in_korean(on):
    lines = on(FRIDAY, *STOP, "--sessions", "regular,krx.after", "--lang", "ko").out.splitlines()
    assert "  16:00-20:00 krx.after: 시장가 대신 최유리지정가 주문" in lines
    assert "  09:00-15:20 krx.continuous: 시장가 주문" in lines


@pytest.mark.parametrize(
    ("words", "what", "sent"),
    [
        (("--order", "best"), "sell 1: stop 50,000 (best)", "a best limit order sells 1 share"),
        (
            ("--order", "conditional", "--limit", "49000"),
            "sell 1: stop 50,000 (conditional 49,000)",
            "a conditional limit order at 49,000 sells",
        ),
        (("--limit", "49000", "--tif", "fok"), "sell 1: stop 50,000 (limit_fok 49,000)", "a limit FOK order at 49,000 sells 1 share"),
        (("--limit", "49000"), "sell 1: stop 50,000 (limit 49,000)", "a limit order at 49,000 sells 1 share"),
        (("--order", "best", "--tif", "ioc"), "sell 1: stop 50,000 (best_ioc)", "a best limit IOC order sells 1 share"),
        (
            ("--sessions", "regular, krx.after", "--order", "priority", "--window", "open+5m-close-5m", "--after-close", "carry"),
            "sell 1: stop 50,000 (priority, sessions regular + krx.after, window open+5m-close-5m, after_close carry)",
            "It differs from the usual in: sessions regular + krx.after, window open+5m-close-5m, after_close carry.",
        ),
        (
            (*AT_NXT, "--sessions", "nxt.pre", "--order", "best", "--on-halt", "fail", "--on-inadmissible", "wait"),
            "sell 1: stop 50,000 (best, sessions nxt.pre, watch NXT, venue NXT, on_inadmissible wait, on_halt fail)",
            "It differs from the usual in: sessions nxt.pre, watch NXT, venue NXT, on_inadmissible wait, on_halt fail.",
        ),
        (("--sessions", "regular", "--watch", "KRX", "--order", "market", "--tif", "day"), "sell 1: stop 50,000", "a market order sells 1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_differs_from_the_usual_is_said_and_listed(on, cli, words, what, sent):
    added = on(FRIDAY, *STOP, *words)
    assert (added.code, added.err) == (0, "")
    assert sent in added.out
    assert f"  {what}  " in cli("list").out
    assert f"{what}; version 1" in cli("show", "005930-stop").out


def test_export_writes_the_keys_so_that_they_are_read_back(on, cli, tmp_path):
    on(FRIDAY, *STOP, "--sessions", "regular,krx.after", "--window", "09:05-19:00", "--limit", "49000", "--tif", "ioc", "--watch", "ALL")
    printed = cli("export").out
    assert printed.splitlines()[1:] == [
        "  005930-stop: {instrument: KRX:005930, account: main, side: sell, quantity: 1, stop: 50000, order: {limit: 49000, tif: ioc}, "
        "sessions: [regular, krx.after], watch: ALL, window: 09:05-19:00}"
    ]
    (tmp_path / "moved.yaml").write_text(
        "accounts: {main: {}}\nfeeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}\n" + printed
    )
    settings = load_file(tmp_path / "moved.yaml").settings
    assert settings is not None
    assert settings.rules[0] == convert(cli("show", "005930-stop", "--json").json["rule"]["text"], Rule)


def test_a_rule_of_the_file_gets_a_list_on_one_line(cli, home):
    assert cli("edit", "from-file", "--sessions", "regular,krx.after", "--limit", "59000", "--tif", "ioc").code == 0
    assert (
        "from-file: {instrument: KRX:005930, side: sell, quantity: 5, stop: 60000, sessions: [regular, krx.after], "
        "order: {limit: 59000, tif: ioc}} # and me"
    ) in (home / "config.yaml").read_text()
    assert cli("edit", "from-file", "--sessions", "", "--order", "").code == 0
    assert "from-file: {instrument: KRX:005930, side: sell, quantity: 5, stop: 60000} " in (home / "config.yaml").read_text()
