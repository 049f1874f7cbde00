"""With a daemon: every verb over a real socket, against a real engine."""

import re

import msgspec
import pytest
from cli_stage import SAMSUNG, doors_of

from autotrader.config.load import load_file
from autotrader.control.protocol import Ping
from autotrader.domain.order import OutcomeKind
from autotrader.domain.rule import Rule
from autotrader.engine.events import Add, Edit, FeedClock


def test_add_says_level_distance_and_what_is_sent(cli, daemon):
    cli("add", "sell", SAMSUNG, "--quantity", "1", "--stop", "50000", "--id", "first")  # its feed is subscribed from now on
    daemon.price("70000")
    result = cli("add", "sell", SAMSUNG, "--quantity", "10", "--stop", "68000")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "005930-stop is added (paper mode).",
        "When KRX:005930 trades at or under 68,000 (2.86% under the last price 70,000) a market order sells 10 shares.",
        "Valid through 2024-11-07.",
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(
            ("sell", SAMSUNG, "-q", "all", "--trail", "3%", "--activate", "75000"),
            "Once KRX:005930 trades at or over 75,000 (7.14% over the last price 70,000), the mark follows the high: when it then trades "
            "3% under the mark, a market order sells all that can be sold.",
            id="a trail that sleeps",
        ),
        pytest.param(
            ("sell", SAMSUNG, "-q", "1", "--trail", "1000"),
            "The mark follows the high, now 70,000: when KRX:005930 trades at or under 69,000 (1.43% under the last price 70,000), "
            "1000 from the mark, a market order sells 1 share.",
            id="a trail that follows at once",
        ),
        pytest.param(
            ("sell", SAMSUNG, "-q", "10", "--stop", "-5%", "--limit", "66000"),
            "When KRX:005930 trades at or under 66,500 (5% under the last price 70,000) a limit order at 66,000 sells 10 shares.",
            id="a profit rate and a limit",
        ),
        pytest.param(
            ("sell", SAMSUNG, "-q", "10", "--target", "+10%"),
            "When KRX:005930 trades at or over 77,000 (10% over the last price 70,000) a market order sells 10 shares.",
            id="a target",
        ),
        pytest.param(
            ("buy", SAMSUNG, "-q", "2", "--above", "3%", "--base", "arm"),
            "When KRX:005930 trades at or over 72,100 (3% over the last price 70,000) a market order buys 2 shares.",
            id="a breakout over the arm price",
        ),
        pytest.param(
            ("buy", "BINANCE:BTCUSDT", "-q", "0.01", "--below", "55000"),
            "When BINANCE:BTCUSDT trades at or under 55,000 a market order buys 0.01 of BTCUSDT.",
            id="no price known yet",
        ),
        pytest.param(
            ("buy", "BINANCE:BTCUSDT", "-q", "0.01", "--rebound", "2%"),
            "From the first price on the mark follows the low of BINANCE:BTCUSDT: when it then trades 2% over the mark, "
            "a market order buys 0.01 of BTCUSDT.",
            id="a rebound without a price",
        ),
        pytest.param(
            ("buy", "BINANCE:BTCUSDT", "-q", "0.01", "--rebound", "2%", "--activate", "55000"),
            "Once BINANCE:BTCUSDT trades at or under 55,000, the mark follows the low: when it then trades 2% over the mark, "
            "a market order buys 0.01 of BTCUSDT.",
            id="a rebound that sleeps",
        ),
    ],
)
def test_each_kind_of_rule_has_its_sentence(cli, daemon, words, sentence):
    cli("add", "sell", SAMSUNG, "--quantity", "1", "--stop", "50000", "--id", "first")
    daemon.price("70000")
    assert cli("add", *words).out.splitlines()[1] == sentence


def test_add_takes_accounts_and_feeds_from_the_daemon_and_reads_no_file(cli, daemon, home):
    (home / "config.yaml").write_text("broken: [")
    assert cli("add", "sell", SAMSUNG, "--quantity", "1", "--stop", "68000").code == 0
    assert cli("add", "sell", SAMSUNG, "--quantity", "1", "--stop", "68000", "--account", "other").err == (
        "--account: there is no account 'other'; there are: main\n"
    )
    verbs = [request.verb for request in daemon.asked]
    assert isinstance(verbs[0], Ping)
    assert isinstance(verbs[1], Add)
    assert daemon.asked[1].by.startswith("cli:")


def test_json_of_add_has_exact_numbers_the_mode_and_the_sentence(cli, daemon):
    added = cli("add", "buy", "BINANCE:BTCUSDT", "--quantity", "0.0100", "--below", "55000.50", "--json").json
    assert (added["ok"], added["mode"], added["daemon"]) == (True, "paper", True)
    assert added["rule"]["legs"][0]["level"] == "55000.5"
    assert added["rule"]["quantity"] == "0.01"
    assert added["message"].startswith("When BINANCE:BTCUSDT trades at or under 55,000.5 a market order buys 0.01")
    assert added["warnings"] == []


def test_what_is_odd_about_a_rule_is_said_and_it_is_added(cli, daemon):
    result = cli("add", "sell", SAMSUNG, "-q", "1", "--trail", "10%", "--activate", "+5%")
    assert result.code == 0
    assert result.out.splitlines()[-1] == (
        "Mind: --trail: activated at +5%, a trail of 10% can still sell at a loss of 5.5%; a smaller trail would not."
    )


def test_list_shows_state_level_mark_last_price_age_and_distance(cli, daemon):
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "stop")
    cli("add", "sell", SAMSUNG, "-q", "10", "--trail", "3%", "--id", "trail")
    cli("add", "sell", SAMSUNG, "-q", "10", "--trail", "3%", "--activate", "75000", "--id", "asleep")
    daemon.price("70000")
    daemon.price("71000")
    assert cli("list").out.splitlines() == [
        "ID      STATE     INSTRUMENT  WHAT                              LEVEL    MARK    LAST  AGE  DISTANCE",
        "stop    watching  KRX:005930  sell 10: stop 68,000             68,000       -  71,000  8 s    -4.23%",
        "trail   watching  KRX:005930  sell 10: trail 3%                68,870  71,000  71,000  8 s       -3%",
        "asleep  waiting   KRX:005930  sell 10: trail 3% from 75,000  (75,000)       -  71,000  8 s   (5.63%)",
        "3 rules, paper mode, the daemon watches",
    ]
    listed = cli("list", "--json", "--instrument", SAMSUNG).json
    assert [rule["last_price"] for rule in listed["rules"]] == ["71000"] * 3
    assert listed["hidden"] == 0
    assert cli("list", "--json", "--instrument", "KRX:000660").json["rules"] == []


def test_korean_is_spoken_when_asked_for_before_or_after_the_verb(cli, daemon):
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000")
    daemon.price("70000")
    for words in (("list", "--lang", "ko"), ("--lang", "ko", "list")):
        out = cli(*words).out
        assert "감시 중" in out
        assert "규칙 1개" in out


def test_rules_that_ended_more_than_a_day_ago_are_hidden_and_counted(cli, daemon, home):
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "old")
    cli("cancel", "old")
    assert "old" in cli("list").out
    later = doors_of(home, now=lambda: daemon.now + 25 * 3600 * 10**9)
    result = cli("list", doors=later)
    assert result.out.splitlines()[-1] == "1 that ended more than a day ago are hidden; see `autotrader list --all`"
    assert "old" not in result.out
    assert "old" in cli("list", "--all", doors=later).out
    assert cli("list", "--json", doors=later).json["hidden"] == 1


def test_a_fire_is_told_with_its_prints_its_order_and_its_fill(cli, daemon):
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "stop")
    daemon.price("68100")
    daemon.price("67900")
    lines = cli("history").out.splitlines()
    assert lines[0].endswith("stop/stop: sells because 67,900 is at or under the stop 68,000 (the print before was 68,100; rule version 1)")
    assert re.fullmatch(r"  the print before 68,100 \(.*01\.000 .*\), the one that crossed 67,900 \(.*02\.000 .*\)", lines[1])
    assert lines[2] == "  order A-1: sell 10 KRX:005930 at market: filled, 10 filled"
    assert lines[3].startswith("    filled 10 at 67,900, fee 14.5, ")
    assert lines[4] == "paper mode"
    fire = cli("history", "stop", "--json").json["fires"][0]
    assert (fire["why"]["code"], fire["crossed"]["price"], fire["orders"][0]["fills"][0]["fee"]) == ("fired.stop", "67900", "14.5")


def test_show_tells_the_whole_story_of_a_rule(cli, daemon):
    cli("add", "sell", SAMSUNG, "-q", "10", "--trail", "3%", "--id", "mine", "--note", "for the house")
    daemon.price("70000")
    watching = cli("show", "mine").out
    assert watching.startswith("mine: watching (paper mode)\n  KRX:005930, account main, sell 10: trail 3%; version 1, generation 1, ")
    assert "  for the house\n" in watching
    assert "now 70,000: when KRX:005930 trades at or under 67,900" in watching
    daemon.price("67000")
    done = cli("show", "mine").out
    assert "sells because 67,000 is at or under 67,900, which trails the high 70,000" in done
    assert "fired -> done" in done
    shown = cli("show", "mine", "--json").json
    assert {"rule", "fires", "journal"} <= shown.keys()
    assert shown["rule"]["state"] == "done"


def test_edit_changes_a_rule_of_the_command_line_against_its_version(cli, daemon):
    cli("add", "sell", SAMSUNG, "-q", "10", "--trail", "3%", "--activate", "75000", "--id", "mine")
    daemon.price("70000")
    result = cli("edit", "mine", "--trail", "2%", "--activate", "")
    assert result.out.splitlines()[0] == "mine is at version 2 (paper mode)."
    assert "trades at or under 68,600" in result.out
    edit = next(request.verb for request in daemon.asked if isinstance(request.verb, Edit))
    assert edit.version == 1
    limited = cli("edit", "mine", "--limit", "66000", "--json").json["rule"]["order"]
    assert limited == {"type": "limit", "limit": "66000", "tif": "day", "venue": "KRX"}
    back = cli("edit", "mine", "--order", "market", "--json").json["rule"]["order"]
    assert back == {"type": "market", "limit": None, "tif": "day", "venue": "KRX"}


def test_edit_of_a_rule_of_the_file_edits_the_file_and_the_daemon_takes_it(cli, daemon, home):
    daemon.load(load_file(home / "config.yaml").settings.rules)
    daemon.price("70000")
    result = cli("edit", "from-file", "--stop", "61000")
    assert result.out.startswith("from-file is at version 2 (paper mode).\nWhen KRX:005930 trades at or under 61,000 ")
    text = (home / "config.yaml").read_text()
    assert "  # keep me\n  from-file: {instrument: KRX:005930, side: sell, quantity: 5, stop: 61000}  # and me" in text
    assert daemon.reloaded == [False]


class TestAnEditOfTheFileThatIsNotTaken:
    """What the daemon refuses does not stay written: a later start would take it."""

    def test_one_that_is_met_already_is_taken_back(self, cli, daemon, home):
        file = home / "config.yaml"
        before = file.read_bytes()
        daemon.load(load_file(file).settings.rules)
        daemon.price("70000")
        result = cli("edit", "from-file", "--stop", "71000")
        assert (result.code, result.out) == (5, "")
        assert "its condition is already met" in result.err
        assert file.read_bytes() == before
        assert cli("edit", "from-file", "--note", "hi").code == 0

    def test_a_rule_that_has_fired_is_refused_with_the_file_untouched(self, cli, daemon, home):
        file = home / "config.yaml"
        before = file.read_bytes()
        daemon.load(load_file(file).settings.rules)
        daemon.price("70000")
        daemon.outcome = OutcomeKind.UNKNOWN
        daemon.price("60000")
        result = cli("edit", "from-file", "--stop", "50000")
        assert (result.code, result.err) == (5, "cannot edit from-file/stop: it is held\n")
        assert (file.read_bytes(), daemon.reloaded) == (before, [])

    def test_beside_other_changes_that_wait_only_the_edit_is_taken_back(self, cli, daemon, home):
        file = home / "config.yaml"
        text = file.read_text()
        more = "".join(f"  r{n}: {{instrument: KRX:005930, side: sell, quantity: 1, stop: 50000}}\n" for n in range(4))
        file.write_text(text + more)
        daemon.load(load_file(file).settings.rules)
        daemon.price("70000")
        file.write_text(text + more.replace("50000", "51000"))
        waiting = file.read_bytes()
        result = cli("edit", "from-file", "--stop", "61000")
        assert (result.code, result.out) == (5, "")
        assert "from-file is as it was" in result.err and "other changes" in result.err
        assert file.read_bytes() == waiting

    def test_one_that_ended_says_that_it_begins_again(self, cli, daemon, home):
        daemon.load(load_file(home / "config.yaml").settings.rules)
        daemon.price("70000")
        cli("cancel", "from-file")
        lines = cli("edit", "from-file", "--stop", "61000").out.splitlines()
        assert lines[:2] == ["from-file is at version 2 (paper mode).", "from-file was cancelled and begins again"]


EDITED = ("edit", "from-file", "--trail", "2%")
MARKS = [
    pytest.param(EDITED, "trail: the mark is kept", id="kept"),
    pytest.param((*EDITED, "--activate", "72000"), "trail: the mark starts anew", id="reset"),
]


@pytest.mark.parametrize(("words", "said"), MARKS)
def test_edit_says_what_the_mark_does_of_a_rule_of_the_command_line(cli, daemon, words, said):
    cli("add", "sell", SAMSUNG, "-q", "5", "--trail", "3%", "--id", "from-file")
    daemon.price("70000")
    assert said in cli(*words).out.splitlines()


@pytest.mark.parametrize(("words", "said"), MARKS)
def test_edit_plan_and_reload_say_what_the_mark_does_of_a_rule_of_the_file(cli, daemon, home, words, said):
    file = home / "config.yaml"
    file.write_text(file.read_text().replace("stop: 60000", "trail: 3%"))
    daemon.load(load_file(file).settings.rules)
    daemon.price("70000")
    before = file.read_text()
    assert said in cli(*words).out.splitlines()
    edited = file.read_text()
    file.write_text(before)
    cli("reload", "--yes")
    daemon.price("70000")
    file.write_text(edited)
    assert f"    {said}" in cli("plan").out.splitlines()
    assert f"from-file: {said}" in cli("reload", "--yes").out.splitlines()


def test_pause_resume_and_cancel_say_the_new_state_of_each_rule(cli, daemon):
    for name in ("a", "b"):
        cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "68000", "--id", name)
    daemon.price("70000")
    assert cli("pause", "a", "b").out == "a: paused\nb: paused\n"
    assert cli("resume", "--all").out == "a: watching\nb: watching\n"
    assert cli("cancel", "--instrument", SAMSUNG).out == "a: cancelled\nb: cancelled\n"
    assert cli("cancel", "--account", "main").out == "no rule is chosen by that\n"


def test_of_several_rules_each_refusal_is_said_and_the_worst_code_counts(cli, daemon):
    for name in ("a", "b"):
        cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "68000", "--id", name)
    daemon.price("70000")
    cli("cancel", "a")
    result = cli("pause", "a", "nope", "b")
    assert (result.code, result.out) == (5, "b: paused\n")
    assert result.err == "cannot pause a/stop: it is cancelled\nthere is no rule 'nope'; `autotrader list` shows them all\n"
    both = cli("pause", "b", "nope", "--json")
    assert [rule["ok"] for rule in both.json["rules"]] == [False, False]
    assert [rule["code"] for rule in both.json["rules"]] == ["leg.illegal", "rule.unknown"]
    assert both.json["ok"] is False


def test_what_is_held_is_shown_with_its_ways_out_and_resolved(cli, daemon):
    daemon.outcome = OutcomeKind.UNKNOWN
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "mine")
    daemon.price("70000")
    daemon.price("67900")
    held = cli("held", "--json").json["held"]
    item = held[0]["item"]
    out = cli("held").out
    assert f"    autotrader resolve {item} absent   it never reached the broker; nothing is sent again" in out
    assert cli("resolve", item, "placed").err == f"say the broker's order number of {item}: --order NUMBER\n"
    assert cli("resolve", item, "absent").out == f"{item} is resolved: absent\n"
    assert cli("held").out == "nothing is held: there is nothing for you to decide\npaper mode\n"


def test_alerts_are_shown_until_they_are_marked_as_seen(cli, daemon):
    daemon.outcome = OutcomeKind.REFUSED
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "mine")
    daemon.price("70000")
    daemon.price("67900")
    assert "the broker refused it: timeout" in cli("alerts").out
    assert cli("alerts", "--seen", "--json").json["marked"] is True
    assert cli("alerts").out == "no unseen alerts\npaper mode\n"


def test_status_says_what_is_armed_protected_and_bare(cli, daemon):
    bare = cli("status").out
    assert "paper mode: the daemon 9.9.9 (process " in bare
    assert "account main: armed; cash -" in bare
    assert "main holds 100 KRX:005930: NOT PROTECTED by any sell rule" in bare
    assert "feed demo: live since " in bare
    assert "; instruments: 0, no print yet\n" in bare
    assert "alerts nobody has seen: 2 (see `autotrader alerts`)" in bare
    cli("add", "sell", SAMSUNG, "-q", "all", "--stop", "68000", "--id", "guard")
    daemon.price("70000")
    protected = cli("status").out
    assert "main holds 100 KRX:005930: 100 behind a watching stop or trail (sell rules: guard)" in protected
    assert "; instruments: 1, oldest last print 0 s ago\n" in protected
    assert cli("status", "--json").json["rules"] == {"watching": 1}


def test_reload_says_what_changed_and_yes_confirms(cli, daemon):
    assert cli("reload").out == "file taken: 1 added, 0 changed, 0 again, 0 removed, 0 unchanged\n"
    assert cli("reload", "--yes", "--json").json["unchanged"] == 1
    assert daemon.reloaded == [False, True]


def test_the_journal_tells_each_change_with_its_cause(cli, daemon):
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "mine")
    daemon.price("70000")
    lines = cli("journal", "mine").out.splitlines()
    assert re.search(r"mine/stop: waiting: version 1 taken \[cli:.+\]$", lines[0])
    assert lines[1].endswith("mine/stop: waiting -> watching: armed at 70,000 [price]")
    assert len(cli("journal", "mine", "-n", "1", "--json").json["rows"]) == 1


def test_version_knows_the_daemons(cli, daemon):
    assert cli("version").out.endswith("the daemon (process 4242) is 9.9.9\n")
    assert cli("version", "--json").json["daemon_version"] == "9.9.9"


def test_export_gives_back_every_rule_of_the_command_line(cli, daemon, home):
    cli(
        "add",
        "sell",
        SAMSUNG,
        "-q",
        "all",
        "--trail",
        "5 ticks",
        "--activate",
        "75000",
        "--note",
        "it's: {mine}, #1 한글",
        "--until",
        "30d",
    )
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "-5%", "--limit", "66000", "--already-met", "fire", "--bind", "none")
    cli("add", "buy", "BINANCE:BTCUSDT", "-q", "0.01", "--below", "3%", "--base", "arm", "--recovery", "hold")
    added = {rule["id"]: msgspec.convert(rule["text"], Rule) for rule in cli("list", "--json").json["rules"]}
    text = cli("export").out
    head = (home / "config.yaml").read_text().partition("rules:")[0]
    (home / "config.yaml").write_text(head + text)
    loaded = load_file(home / "config.yaml")
    assert not loaded.mistakes
    assert {rule.id: rule for rule in loaded.settings.rules} == added
    assert cli("export", "--json").json["rules"].keys() == added.keys()


def test_a_daemon_of_an_earlier_version_is_listed_and_shown(cli, daemon):
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "mine")
    answer = daemon.answer
    newer = ("tags", "parent", "lot", "left", "action", "shadow")

    def older(rule):
        legs = [{key: value for key, value in leg.items() if key not in ("share", "then", "due", "breakeven")} for leg in rule["legs"]]
        return {key: value for key, value in {**rule, "legs": legs}.items() if key not in newer}

    async def earlier(request):
        body = await answer(request)
        result = body["result"]
        if "rules" in result:
            return {**body, "result": {"rules": [older(rule) for rule in result["rules"]]}}
        return {**body, "result": {**result, "rule": older(result["rule"])}} if "rule" in result else body

    with daemon.answering(earlier):
        assert "sell 10: stop 68,000" in cli("list").out
        assert cli("list", "--tag", "core").out.startswith("no rule is chosen by that\n")
        assert "sells 10 shares" in cli("show", "mine").out
        assert cli("export").code == 0


def test_an_order_that_waits_to_be_cancelled_is_said(cli, daemon):
    daemon.outcome = OutcomeKind.NOT_SENT
    cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "68000", "--id", "mine")
    daemon.price("70000")
    daemon.price("67900")
    result = cli("cancel", "mine")
    assert result.code == 0
    assert "the order of mine had not left yet; it never will" in result.out


def test_status_tells_the_time_of_a_recorded_feed_and_not_an_age_by_our_clock(cli, daemon):
    daemon.watch(FeedClock.RECORDED)
    cli("add", "sell", SAMSUNG, "-q", "all", "--stop", "68000")
    daemon.price("70000")
    said = cli("status").out
    assert "feed demo (recorded): live since " in said
    assert re.search(r"oldest last print 2024-08-09 \d\d:\d\d:\d\d", said)
