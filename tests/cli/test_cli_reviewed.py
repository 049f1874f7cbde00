"""Faults that a newcomer's walk along the command line has found, each named after what went wrong."""

from datetime import UTC, datetime

import msgspec
import pytest
from cli_stage import SAMSUNG, doors_of

SECOND = 1_000_000_000


def ns(text: str) -> int:
    """Return a moment of UTC in ns since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


@pytest.fixture
def market(cli, daemon):
    """Return a daemon whose instrument has a price: 70,000, which is also the average cost."""
    cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--id", "first")
    daemon.price("70000")
    return daemon


def test_who_meant_it_was_told_to_mean_it(cli, market):
    for name in ("fire", "wait_cross"):
        result = cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "72000", "--already-met", name)
        assert (result.code, "Mind" in result.out) == (0, False)


def test_a_days_end_was_counted_from_another_today_than_the_markets(cli, home, daemon):
    """At 20:52 UTC it is the next morning in Seoul; a validity is of the market's days (semantics 2.12)."""
    late = ns("2026-11-28T20:52:00")
    daemon.now = late
    daemon.engine.at(late)
    doors = doors_of(home, now=lambda: late)
    ask = ("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--until")
    assert "today is 2026-11-29" in cli(*ask, "2026-11-28", doors=doors).err
    assert "write 2027-02-27 or 90d at the latest" in cli(*ask, "2027-02-28", doors=doors).err
    assert "Valid through 2027-02-27." in cli(*ask, "2027-02-27", doors=doors).out
    assert "Valid through 2026-11-29." in cli(*ask, "2026-11-29", doors=doors).out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(
            ("--leg", "stop=-5%,limt=64000"),
            "--leg: `limt` is not a key of a leg; did you mean limit?",
            id="a key of a leg that is only typed",
        ),
        pytest.param(("--leg", "stop=-5%,foo=1"), "share, then, order, name, limit, tif", id="all keys of a leg that can be typed"),
        pytest.param(
            ("--leg", "stop=-5%,order=limit"),
            "--leg, number 1, order: `limit` needs a price; write limit=67900, with tif=ioc (or fok) where that is meant",
            id="a limit in a leg",
        ),
        pytest.param(
            ("--leg", "stop=-5%,order=conditional"),
            "`conditional` needs a price; write order=conditional,limit=67900",
            id="another kind with a price in a leg",
        ),
        pytest.param(
            ("--stop", "-5%", "--order", "limit"),
            "--order: `limit` needs a price; write --limit 67900, with --tif ioc (or fok) where that is meant",
            id="a limit",
        ),
        pytest.param(("--stop", "-5%", "--order", "bst"), "write --limit 67900 for a limit order, else --order KIND", id="no kind"),
        pytest.param(("--stop", "-5%", "--order", "stop_limit"), "write --stop 68000 and --limit 67900", id="a kind that is not sent"),
        pytest.param(
            ("--preserve", "+5%:+7%"), "--preserve, floor: the profit to keep, +7%, must lie under `arm`", id="two levels in one option"
        ),
    ],
)
def test_a_mistake_was_answered_with_what_cannot_be_typed(cli, market, options, said):
    result = cli("add", "sell", SAMSUNG, "-q", "1", *options)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "{" not in result.err


def test_an_instrument_without_a_feed_was_said_to_be_an_option(cli, daemon):
    assert cli("add", "sell", "KRX:035720", "-q", "1", "--stop", "9").err.startswith("no feed serves KRX:035720; ")


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        pytest.param(("--limit", "67900", "--tif", "ioc"), ("--limit", "67800"), {"limit": "67800", "tif": "ioc"}, id="the price"),
        pytest.param(("--limit", "67900", "--tif", "ioc"), ("--tif", "day"), {"limit": "67900"}, id="the rest"),
        pytest.param(("--limit", "67900"), ("--tif", "fok"), {"limit": "67900", "tif": "fok"}, id="a rest that was usual"),
        pytest.param(("--limit", "bid - 2 ticks"), ("--tif", "ioc"), {"limit": "bid - 2 ticks", "tif": "ioc"}, id="of a moment's price"),
        pytest.param(
            ("--order", "conditional", "--limit", "64900"), ("--limit", "64800"), {"conditional": "64800"}, id="the price of another kind"
        ),
        pytest.param(("--order", "conditional", "--limit", "64900"), ("--order", "limit"), {"limit": "64900"}, id="the kind, at its price"),
        pytest.param(("--limit", "67900", "--tif", "ioc"), ("--order", "best"), "best", id="a kind without a price is a whole order"),
        pytest.param(("--order", "best"), ("--tif", "ioc"), "best_ioc", id="the rest of a kind without a price"),
        pytest.param(("--order", "best_ioc"), ("--tif", ""), "best", id="the rest taken away"),
        pytest.param(("--order", "market_ioc"), ("--limit", "67900"), {"limit": "67900", "tif": "ioc"}, id="a price for what had none"),
        pytest.param(("--limit", "67900", "--tif", "ioc"), ("--limit", ""), "market_ioc", id="the price taken away"),
        pytest.param((), ("--limit", "67900"), {"limit": "67900"}, id="a limit for a market order"),
        pytest.param(("--limit", "67900"), ("--order", ""), None, id="the order taken away"),
    ],
)
def test_an_edit_of_a_part_of_an_order_dropped_the_others(cli, market, before, edit, after):
    cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "68000", *before, "--id", "mine")
    result = cli("edit", "mine", *edit)
    assert (result.code, result.err) == (0, "")
    assert cli("export", "mine", "--json").json["rules"]["mine"].get("order") == after


def test_an_edit_in_the_file_keeps_the_parts_that_are_written_there(cli, home):
    file = home / "config.yaml"
    file.write_text(file.read_text().replace("stop: 60000}", "stop: 60000, order: {limit: 59900, tif: ioc}}"))
    assert cli("edit", "from-file", "--limit", "59800").code == 0
    assert "order: {limit: 59800, tif: ioc}}  # and me" in file.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--tag", "nosuch"), "no rule has the tag 'nosuch'; tags: core"),
        (("list", "--instrument", "FOO"), "'FOO' is not an instrument: write MARKET:code with one of BINANCE, KRX, "),
        (("list", "--account", "foo"), "there is no account 'foo'; accounts: main"),
        (("history", "nope"), "there is no rule 'nope'; `autotrader list` shows them all"),
        (("history", "--tag", "nosuch"), "no rule has the tag 'nosuch'; tags: core"),
        (("journal", "nosuch"), "the journal tells nothing of 'nosuch', and there is no such rule or leg; "),
        (("journal", "mine/target"), "the journal tells nothing of 'mine/target', and there is no such rule or leg; "),
        (("pause", "--account", "foo"), "there is no account 'foo'; accounts: main"),
        (("export", "--tag", "nosuch"), "no rule has the tag 'nosuch'; tags: core"),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_a_name_that_nobody_has_heard_of_was_answered_as_if_there_were_nothing(cli, home, words, said, alone, request):
    if not alone:
        request.getfixturevalue("daemon")
    assert cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--id", "mine", "--tag", "core").code == 0
    result = cli(*words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_known_names_that_choose_nothing_are_no_mistake(cli, market):
    cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--id", "mine", "--tag", "core")
    for words in (("list", "--instrument", "KRX:000660"), ("resume", "--tag", "core"), ("pause", "--instrument", "KRX:000660")):
        result = cli(*words)
        assert (result.code, result.out.splitlines()[0]) == (0, "no rule is chosen by that")
    assert cli("history", "mine").out.startswith("nothing has fired\n")
    assert cli("journal", "main").code == 0
    assert cli("journal", "feed/demo").code == 0


def test_a_missing_configuration_was_said_once_for_each_rule(cli, home):
    (home / "config.yaml").unlink()
    result = cli("pause", "a", "b")
    assert (result.code, result.err.count("config.yaml")) == (2, 1)


@pytest.mark.parametrize("word", ["yes", "no", "true", "false"])
@pytest.mark.parametrize("where", ["quotes", "net"])
def test_a_choice_of_two_had_other_words_in_another_place(cli, home, where, word):
    file = home / "config.yaml"
    feed = "feeds: {up: {kind: upbit, quotes: WORD}}\n".replace("WORD", word if where == "quotes" else "yes")
    rule = "rules: {r: {instrument: UPBIT:KRW-BTC, side: sell, quantity: 1, target: +5%, net: WORD}}\n"
    file.write_text(f"accounts: {{main: {{broker: paper}}}}\n{feed}{rule.replace('WORD', word if where == 'net' else 'no')}")
    assert cli("check").code == 0
    file.write_text(file.read_text().replace(f"{where}: {word}", f"{where}: perhaps"))
    assert "'perhaps' is neither yes nor no; write `yes` or `no`" in cli("check").out


def test_a_rule_that_no_print_could_arm_looked_like_one_that_was_never_met(cli, home):
    rules, prints = home / "rules.yaml", home / "prints.csv"
    rules.write_text(
        "rules:\n"
        "  bare: {instrument: KRX:005930, side: sell, quantity: 1, stop: -5%, base: previous_close}\n"
        "  plain: {instrument: KRX:005930, side: sell, quantity: 1, stop: 60000}\n"
    )
    prints.write_text("time,price,size\n2026-11-20T09:00:01+09:00,70000,10\n2026-11-20T09:00:02+09:00,69000,10\n")
    ask = ("replay", str(rules), "--prints", str(prints))
    said = "bare/stop: never armed, so nothing could fire: "
    for words in (ask, (*ask, "--table")):
        out = cli(*words).out
        assert said in out and "previous close" in out
        assert "plain/stop: never" not in out
    never, _ = (msgspec.json.decode(line) for line in cli(*ask, "--json").out.splitlines()[-2:])
    assert (never["type"], never["rule"], never["reason"]["code"]) == ("never_armed", "bare", "waiting.previous_close")


def test_a_file_that_is_named_as_an_argument_was_to_be_named_with_an_option(cli, home):
    assert "-c" not in cli("check", str(home / "nope.yaml")).out
    assert "-c" not in cli("replay", str(home / "nope.yaml"), "--prints", "x").err
    missing = cli("replay", str(home / "config.yaml"), "--prints", str(home / "nope.csv"))
    assert (missing.code, missing.err) == (2, f"there is no file {home}/nope.csv; name one with the columns time,price,size\n")


def test_what_goes_by_the_clock_was_said_to_wait_for_a_price(cli, market):
    for words, time in ((("sell", "--time-exit", "close-5m"), "close-5m"), (("buy", "--at", "open"), "open")):
        out = cli("add", words[0], SAMSUNG, "-q", "1", *words[1:], "--id", time).out
        assert f"Not yet: waiting for its time, {time}, by the clock of the market of {SAMSUNG}." in out
    out = cli("edit", "close-5m", "--time-exit", "close-10m").out
    assert "Not yet: waiting for its time, close-10m, by the clock" in out


def test_a_window_the_wrong_way_round_was_said_to_be_no_window(cli, market):
    said = cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--window", "15:00-09:00").err.strip()
    assert said == (
        "--window: the end of the window '15:00-09:00' does not lie after its beginning: write the earlier time first, such as 09:05-15:15"
    )


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--stop", "68000", "--limit", "67900"), "sell 1: stop 68,000 (limit 67,900)"),
        (("--stop", "68000", "--limit", "67900", "--tif", "ioc"), "sell 1: stop 68,000 (limit_ioc 67,900)"),
        (("--stop", "68000", "--order", "conditional", "--limit", "67900"), "sell 1: stop 68,000 (conditional 67,900)"),
        (("--stop", "68000", "--limit", "bid - 2 ticks"), "sell 1: stop 68,000 (limit bid - 2 ticks)"),
        (("--leg", "stop=68000,limit=67900", "--leg", "target=+10%"), "sell 1: stop 68,000, target +10% (stop limit 67,900)"),
        (("--stop", "68000"), "sell 1: stop 68,000 "),
    ],
)
def test_a_list_showed_a_limit_order_like_a_market_order(cli, market, words, what):
    cli("add", "sell", SAMSUNG, "-q", "1", *words, "--id", "mine")
    assert what in cli("list").out


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ("bid", f"When the best bid of {SAMSUNG} is at or under 60,000"),
        ("ask", f"When the best ask of {SAMSUNG} is at or under 60,000"),
        ("mid", f"When the middle of the best bid and ask of {SAMSUNG} is at or under 60,000"),
        ("last_or_quote", f"When {SAMSUNG} trades, or its best bid is, at or under 60,000"),
        ("double_last", f"When {SAMSUNG} trades twice in a row at or under 60,000"),
        ("last", f"When {SAMSUNG} trades at or under 60,000"),
    ],
)
def test_another_price_than_the_last_one_was_said_to_be_traded(cli, market, basis, said):
    assert said in cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "60000", "--basis", basis).out


def test_a_start_was_said_to_move_a_mark_that_has_begun(cli, market):
    cli("add", "sell", SAMSUNG, "-q", "1", "--trail", "3%", "--start", "70000", "--id", "tr2")
    out = cli("edit", "tr2", "--start", "70800").out
    assert "The mark follows the high, now 70,000" in out
    assert "The mark has begun: a start (here 70,800) does not move it any more." in out
    assert "starts at" not in out
