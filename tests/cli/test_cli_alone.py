"""Without a daemon the same verbs work: questions on the store, changes under the instance lock."""

import fcntl
import json
import re
import socket
from pathlib import Path

import pytest
from cli_stage import SAMSUNG, doors_of

from autotrader.cli.doors import RunCall
from autotrader.config.load import load_file
from autotrader.domain.settings import Settings
from autotrader.engine.events import Pause
from autotrader.errors import UserMistake

ADD = ("add", "sell", SAMSUNG, "--quantity", "10", "--stop", "68000", "--id", "mine")


def files(directory: Path) -> dict[str, bytes]:
    """Return the files with their bytes; SQLite's own scratch files beside an open store say nothing."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir()) if not path.name.endswith(("-shm", "-wal"))}


def test_a_rule_lives_its_life_without_a_daemon(cli):
    added = cli(*ADD)
    assert added.code == 0
    assert added.out.splitlines()[:3] == [
        "mine is added (paper mode).",
        "When KRX:005930 trades at or under 68,000 a market order sells 10 shares.",
        "Not yet: waiting for the first price of KRX:005930.",
    ]
    assert added.out.splitlines()[-1].startswith("Mind: no daemon runs, so nothing watches")
    assert cli("edit", "mine", "--stop", "67000").out.startswith("mine is at version 2 (paper mode).\n")
    assert cli("pause", "mine").out == "mine: paused\n"
    assert re.search(r"mine +paused +KRX:005930 +sell 10: stop 67,000", cli("list").out)
    assert cli("resume", "mine").code == 0
    assert cli("cancel", "mine").code == 0
    assert "mine/stop: waiting -> cancelled" in cli("journal", "mine").out
    shown = cli("show", "mine", "--json").json
    assert (shown["daemon"], shown["rule"]["state"], shown["rule"]["version"]) == (False, "cancelled", 2)


def test_a_home_without_a_store_has_no_rules_and_gets_none_by_looking(cli, home):
    assert cli("list").out == (
        "no rules; add one with `autotrader add`, or in the file\n0 rules, paper mode, no daemon runs: nothing is watched\n"
    )
    for verb in ("history", "held", "alerts", "journal", "status", "export"):
        assert cli(verb).code == 0
    assert not (home / "state").exists()


def test_questions_change_no_byte_of_the_state(cli, home):
    cli(*ADD)
    before = files(home / "state")
    for words in (("list",), ("show", "mine"), ("status",), ("history",), ("held",), ("alerts",), ("journal",), ("export",), ("version",)):
        assert cli(*words).code == 0
    assert files(home / "state") == before


def test_status_says_that_nobody_watches(cli, home):
    assert cli("status").out.startswith(f"paper mode: no daemon runs, nothing is watched; state {home}/state\nrules: 0\n")


def test_a_rule_of_the_file_is_edited_in_the_file_and_waits_for_the_next_run(cli, home):
    result = cli("edit", "from-file", "--quantity", "6")
    assert result.code == 0
    cli(*ADD)  # the first change takes the rules of the file into the store
    result = cli("edit", "from-file", "--quantity", "7")
    assert result.out == f"{home}/config.yaml is edited; no daemon runs, the next `autotrader run` takes it\n"
    assert "quantity: 7, stop: 60000}  # and me" in (home / "config.yaml").read_text()
    assert cli("edit", "from-file", "--note", "x", "--json").json["taken"] is False


def test_another_instance_that_starts_up_keeps_a_command_out(cli, home):
    cli(*ADD)
    with (home / "state" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = cli("pause", "mine")
        refused = cli(*ADD[:-1], "other", "--json")
    assert result.code == 75
    assert result.err.startswith("another autotrader (process ")
    assert (refused.code, refused.json["code"]) == (75, "store.another_instance")


def test_a_change_goes_out_with_the_settings_of_the_file_and_who_asks(cli, home):
    told = []

    def answer(state: Path, settings: Settings, verb: Pause, by: str) -> dict[str, object]:
        told.append((state, settings.rules[0].id, verb, by.partition(":")[0]))
        return {"ok": False, "code": "leg.illegal", "params": {"subject": "a/stop", "signal": "pause", "status": "done"}, "exit": 5}

    result = cli("pause", "a", doors=doors_of(home, answer=answer))
    assert told == [(home / "state", "from-file", Pause("a"), "cli")]
    assert (result.code, result.err) == (5, "cannot pause a/stop: it is done\n")


@pytest.mark.parametrize("words", [("reload",), ("alerts", "--seen")], ids=" ".join)
def test_what_needs_the_daemon_says_how_to_start_it(cli, home, words):
    result = cli(*words)
    assert (result.code, result.out) == (3, "")
    assert result.err == f"no daemon listens at {home}/state/control.sock: start it with `autotrader run`\n"


def test_a_socket_that_a_killed_daemon_left_is_no_daemon(cli, home):
    (home / "state").mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(home / "state" / "control.sock"))
    assert cli("list").code == 0
    assert cli("reload").code == 3


@pytest.mark.parametrize("code", [0, 1, 75, 78])
def test_run_ends_with_the_daemons_own_code(cli, home, code):
    called = []

    def run(call: RunCall) -> int:
        called.append(call)
        return code

    assert cli("run", "--lang", "ko", "--no-prices", doors=doors_of(home, run=run)).code == code
    assert called == [RunCall(home / "config.yaml", home / "state", "ko", prices=False)]


def test_run_without_any_file_is_for_a_person_to_mend(cli, home):
    environ = {"HOME": str(home / "nobody")}
    result = cli("run", "--state", str(home / "state"), doors=doors_of(home, environ=environ))
    assert result.code == 78
    assert result.err.startswith("there is no configuration file (")


def test_run_with_a_bad_file_ends_with_78_and_leaves_no_state(cli, home):
    (home / "config.yaml").write_text("mode: papr\n")
    result = cli("run")
    assert result.code == 78
    assert result.err == f"{home}/config.yaml:1:7: 'papr' is not possible here; did you mean paper?; write one of paper, live\n"
    assert not (home / "state").exists()


def test_check_of_a_good_file_counts_its_rules(cli, home):
    result = cli("check")
    assert (result.code, result.out) == (0, "rules: 1, no mistakes (paper mode)\n")
    counted = {"ok": True, "rules": 1, "templates": 0, "mistakes": [], "warnings": []}
    assert cli("check", str(home / "config.yaml"), "--json").json == counted


ODD = """accounts: {main: {broker: paper, cash: {KRW: 100000}, positions: {KRX:005930: {quantity: 10, cost: 70000}}}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}
rules:
  a: {instrument: KRX:005930, side: sell, quantity: 8, stop: 60000}
  b: {instrument: KRX:005930, side: sell, quantity: 2, legs: [{stop: 80000}, {target: 75000}]}
"""


def test_check_says_what_is_odd_about_the_rules_of_a_file(cli, home):
    (home / "odd.yaml").write_text(ODD)
    result = cli("check", str(home / "odd.yaml"))
    assert (result.code, result.out) == (
        0,
        "Mind: b: the stop 80,000 is at or over the target 75,000, so one of them is always met; swap the numbers.\n"
        "rules: 2, no mistakes (paper mode)\n",
    )
    (said,) = cli("check", str(home / "odd.yaml"), "--json").json["warnings"]
    assert (said["rule"], said["code"], said["params"]) == ("b", "lint.stop_over_target", {"stop": "80000", "target": "75000"})


def test_check_holds_the_rules_against_what_a_paper_account_opens_with(cli, home):
    (home / "odd.yaml").write_text(ODD.replace("quantity: 2", "quantity: 3").replace("{stop: 80000}, ", ""))
    warnings = cli("check", str(home / "odd.yaml"), "--json").json["warnings"]
    assert [(said["rule"], said["code"], said["params"]["total"]) for said in warnings] == [
        ("a", "lint.overlaps", "11"),
        ("b", "lint.overlaps", "11"),
    ]
    (home / "odd.yaml").write_text(ODD.replace("{stop: 80000}, ", ""))
    assert cli("check", str(home / "odd.yaml"), "--json").json["warnings"] == []


def test_check_says_that_the_engine_would_not_take_a_file(cli, home):
    (home / "full.yaml").write_text("guards: {max_rules: 1}\n" + ODD)
    result = cli("check", str(home / "full.yaml"))
    first = "account main would have 2 rules that have not ended, and guards.max_rules is 1; "
    assert (result.code, result.out.startswith(first), result.out.endswith("mistakes: 1\n")) == (2, True, True)
    told = cli("check", str(home / "full.yaml"), "--json").json
    assert (told["ok"], [mistake["code"] for mistake in told["mistakes"]]) == (False, ["plan.too_many"])


def test_check_says_that_it_does_not_hold_very_many_rules_against_one_another(cli, home):
    head, _, _ = ODD.partition("  a:")
    many = "".join(f"  r{n}: {{instrument: KRX:005930, side: sell, quantity: 1, stop: 60000}}\n" for n in range(1001))
    (home / "many.yaml").write_text(head + many)
    (said,) = cli("check", str(home / "many.yaml"), "--json").json["warnings"]
    assert (said["code"], said["params"]) == ("cli.not_linted", {"count": 1001, "most": 1000})


def test_check_says_every_mistake_with_its_place(cli, home):
    bad = home / "bad.yaml"
    bad.write_text("mode: papr\nrules:\n  a: {instrument: KRX:5930, side: sell, quantity: 1, stop: 5%}\n")
    expected = [mistake.sentence() for mistake in load_file(bad).mistakes]
    assert len(expected) >= 3
    result = cli("check", str(bad))
    assert (result.code, result.out.splitlines()) == (2, [*expected, f"mistakes: {len(expected)}"])
    told = cli("check", str(bad), "--json")
    assert (told.code, told.json["ok"], told.json["code"]) == (2, False, "config.mistakes")
    assert [mistake["message"] for mistake in told.json["mistakes"]] == expected
    assert told.json["mistakes"][0]["line"] == 1


def test_check_prints_the_schema_for_editors(cli):
    schema = cli("check", "--schema")
    assert schema.code == 0
    assert schema.json["title"] == "autotrader configuration"


def test_replay_tells_what_the_rules_would_have_done(cli, home):
    rules, prints = home / "rules.yaml", home / "prints.csv"
    rules.write_text("rules:\n  r: {instrument: KRX:005930, side: sell, quantity: 1, trail: 3%}\n")
    prints.write_text("time,price,size\n1723161600000000000,70000,1\n1723161601000000000,71000,1\n1723161602000000000,68000,1\n")
    told = cli("replay", str(rules), "--prints", str(prints), "--json")
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert lines[-1] == {"type": "end", "prints": 3, "fired": 1}
    fired = next(line for line in lines if line["type"] == "fired")
    assert (fired["print"], fired["price"], fired["mark"], fired["level"]) == (3, "68000", "71000", "68870")
    human = cli("replay", str(rules), "--prints", str(prints)).out
    assert re.search(r"^3  2024-08-09 .*  fired  r/trail  .*price 68,000", human, re.MULTILINE)
    assert human.endswith("prints: 3, fires: 1\n")


def test_replay_shows_a_person_the_times_as_the_file_writes_them_and_reasons_as_sentences(cli, home):
    rules, prints = home / "rules.yaml", home / "prints.csv"
    rules.write_text("rules:\n  r: {instrument: KRX:005930, side: sell, quantity: 1, stop: 68000}\n")
    prints.write_text("time,price,size\n2026-11-20T09:00:00+09:00,70000,1\n2026-11-20T09:00:01.5+09:00,67900,1\n")
    human = cli("replay", str(rules), "--prints", str(prints)).out
    assert "2  2026-11-20T09:00:01.5+09:00  fired  r/stop" in human
    assert "(sells because 67,900 is at or under the stop 68,000 (the print before was 70,000; rule version 1))" in human


@pytest.mark.parametrize(
    ("words", "level"),
    [
        (("sell", SAMSUNG, "-q", "1", "--stop", "-5%"), "under -5% on the average cost a"),
        (("sell", SAMSUNG, "-q", "1", "--stop", "5%", "--base", "arm"), "under 5% under the price when it is armed a"),
        (("buy", SAMSUNG, "-q", "1", "--above", "3%", "--base", "previous_close"), "over 3% over the previous close a"),
        (("buy", SAMSUNG, "-q", "1", "--below", "5 ticks", "--base", "70000"), "under 69,500 a"),
    ],
)
def test_a_level_whose_price_is_not_known_yet_is_said_as_it_was_written(cli, words, level):
    assert level in cli("add", *words).out


def test_a_named_error_inside_a_group_is_said_and_a_fault_of_ours_is_not_hidden(cli, home):
    rules = home / "rules.yaml"
    rules.write_text("rules:\n  r: {instrument: KRX:005930, side: sell, quantity: 1, trail: 3%}\n")
    words = ("replay", str(rules), "--prints", "prints.csv")

    def failing(*errors: Exception):
        def replay(settings: Settings, prints: Path, *, every: bool = False):
            raise ExceptionGroup("tasks", [ExceptionGroup("inner", errors)])

        return doors_of(home, replay=replay)

    named = cli(*words, doors=failing(UserMistake("replay.no_rules", file=rules)))
    assert (named.code, named.err) == (2, f"{rules} has no rules to replay\n")
    with pytest.raises(ExceptionGroup):
        cli(*words, doors=failing(UserMistake("replay.no_rules", file=rules), ValueError("ours")))
