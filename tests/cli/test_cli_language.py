"""The whole rule language on the command line: what each rule will do in plain sentences, lists, selectors, files."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cli_stage import MAIN, SAMSUNG

from autotrader.config.load import load_file
from autotrader.domain.rule import (
    Above,
    Action,
    AtPrice,
    Change,
    Leg,
    LegName,
    Percent,
    PriceOf,
    Rearm,
    Rule,
    RuleId,
    Side,
    Stop,
    Template,
    Unfilled,
    UnfilledAction,
    Volume,
    When,
    Within,
)
from autotrader.engine.book import Turn
from autotrader.engine.events import Add, Adjust, Command, Decision, Resolve
from autotrader.engine.records import RequestId, TemplateRecord

SECOND = 1_000_000_000


@pytest.fixture
def market(cli, daemon):
    """Return a daemon whose instrument has a price: 70,000, which is also the average cost."""
    cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--id", "first")
    daemon.price("70000")
    return daemon


def added(daemon, name: str = "mine", **changes: Any) -> None:
    """Add a stop at 68,000 with other terms, whether or not the file has words for them."""
    stop = Rule(RuleId(name), MAIN, SAMSUNG, Side.SELL, Decimal(10), (Leg(LegName("stop"), Stop(AtPrice(Decimal(68_000)))),))
    units = daemon.tell(Command(RequestId(f"add-{name}"), Add(msgspec.structs.replace(stop, **changes)), "test"))
    assert daemon._replied(units)["ok"]


STOP = "When KRX:005930 trades at or under 68,000 (2.86% under the last price 70,000) a market order sells 10 shares."


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        pytest.param(
            ("sell", "-q", "10", "--stop", "68000", "--limit-offset", "100"),
            [
                "When KRX:005930 trades at or under 68,000 (2.86% under the last price 70,000) a limit order 100 under that level "
                "sells 10 shares."
            ],
            id="a stop with a limit beyond it",
        ),
        pytest.param(
            ("buy", "-q", "2", "--above", "72000", "--limit-offset", "0"),
            ["When KRX:005930 trades at or over 72,000 (2.86% over the last price 70,000) a limit order at that level buys 2 shares."],
            id="a breakout with a limit at its level",
        ),
        pytest.param(
            ("sell", "-q", "10", "--stop", "68000", "--limit", "bid - 2 ticks"),
            [
                "When KRX:005930 trades at or under 68,000 (2.86% under the last price 70,000) a limit order at the bid - 2 ticks of that "
                "moment sells 10 shares."
            ],
            id="a limit at a price of the moment",
        ),
        pytest.param(
            ("sell", "-q", "10", "--preserve", "+7%:+5%"),
            [
                "Once KRX:005930 trades at or over 74,900 (7% over the last price 70,000), it keeps a profit: when it then trades at or "
                "under +5% on the average cost, a market order sells 10 shares."
            ],
            id="a profit to keep",
        ),
        pytest.param(
            ("sell", "-q", "50% of sellable", "--time-exit", "close-5m"),
            ["At close-5m, by the clock of the market of KRX:005930, a market order sells 50% of what can be sold."],
            id="an exit by the clock",
        ),
        pytest.param(
            ("buy", "--amount", "1000000", "--at", "open"),
            ["At open, by the clock of the market of KRX:005930, a market order buys as many as 1,000,000 KRW pays for."],
            id="a reserved order for an amount",
        ),
        pytest.param(
            ("sell", "-q", "50%", "--trail", "3%", "--step", "500", "--start", "70000"),
            [
                "The mark follows the high, now 70,000: when KRX:005930 trades at or under 67,900 (3% under the last price 70,000), "
                "3% from the mark, a market order sells 50% of what is held.",
                "The mark moves by whole steps of 500 only.",
                "The mark has begun: a start (here 70,000) does not move it any more.",
            ],
            id="a trail in steps from a start",
        ),
        pytest.param(
            ("sell", "-q", "10", "--leg", "stop=-5%", "--leg", "target=+10%,share=50%,then=stop_to_breakeven"),
            [
                "Several legs share 10 shares; what one of them has sold or bought is gone for the others:",
                "  stop: When KRX:005930 trades at or under 66,500 (5% under the last price 70,000) a market order sells what is "
                "left of 10 shares.",
                "  target: When KRX:005930 trades at or over 77,000 (10% over the last price 70,000) a market order sells 50% of "
                "10 shares.",
                "    Once that has filled, the stop stands where a sale of the rest brings back its cost, fees and taxes included.",
            ],
            id="a stop, and a target for half",
        ),
        pytest.param(
            ("buy", "-q", "2", "--above", "72000", "--exit", "stop=-3%", "--exit", "target=+5%,share=50%"),
            [
                "When KRX:005930 trades at or over 72,000 (2.86% over the last price 70,000) a market order buys 2 shares.",
                "What it has bought is sold then, by whichever of these comes first:",
                "  stop: When KRX:005930 trades at or under -3% on the average cost a market order sells what is left of what was bought.",
                "  target: When KRX:005930 trades at or over +5% on the average cost a market order sells 50% of what was bought.",
            ],
            id="an entry with its exits",
        ),
    ],
)
def test_each_kind_of_rule_has_its_sentences(cli, market, words, sentences):
    result = cli("add", words[0], SAMSUNG, *words[1:])
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[1 : 1 + len(sentences)] == sentences


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        pytest.param(
            {"action": Action.ALERT},
            ["When KRX:005930 trades at or under 68,000 (2.86% under the last price 70,000) you are told and nothing is sent."],
            id="an alert",
        ),
        pytest.param({"shadow": True}, [STOP, "Shadow: the order is decided and recorded, and never sent."], id="a shadow"),
        pytest.param(
            {"when": When((Within("10:00-close"),))}, [STOP, "Only while the market's clock is in 10:00-close."], id="one condition"
        ),
        pytest.param(
            {"when": When((Change(Decimal(-3), False), PriceOf("KRX:000660", Decimal(180_000), True)))},
            [
                STOP,
                "Only while all of these hold: KRX:005930 stands at -3% or less from the day's base price; KRX:000660 trades "
                "at or over 180,000.",
            ],
            id="all conditions",
        ),
        pytest.param(
            {"when": When((Volume(Decimal(100_000)), Change(Decimal(2), True)), any_of=True)},
            [
                STOP,
                "Only while one of these holds: 100,000 or more of KRX:005930 were traded on the day; KRX:005930 stands at +2% or more "
                "from the day's base price.",
            ],
            id="any condition",
        ),
        pytest.param(
            {"unfilled": Unfilled(30 * SECOND, UnfilledAction.REPRICE, 1, 3, UnfilledAction.MARKET)},
            [STOP, "What is not filled after 30s follows the market by 1 tick, 3 times at most, and then is sent again as a market order."],
            id="a price that follows",
        ),
        pytest.param(
            {"unfilled": Unfilled(60 * SECOND, UnfilledAction.CANCEL)},
            [STOP, "What is not filled after 1m is cancelled."],
            id="a rest that is cancelled",
        ),
        pytest.param(
            {"rearm_next_session": True},
            [STOP, "What the close leaves unfilled is watched again in the next session."],
            id="the next session",
        ),
        pytest.param(
            {"rearm": Rearm(3, 600 * SECOND, Percent(Decimal(1)))},
            [STOP, "After a fill it begins again, 3 times at most, not before 10m have passed and the price was 1% away from the level."],
            id="again",
        ),
    ],
)
def test_what_else_a_rule_says_is_told(cli, market, changes, sentences):
    added(market, **changes)
    shown = [line.strip() for line in cli("show", "mine").out.splitlines()]
    place = shown.index(sentences[0])
    assert shown[place : place + len(sentences)] == sentences
    assert shown[place + len(sentences)] == "Valid through 2024-11-07."


OPTIONS = (
    *("--basis", "bid", "--confirm", "3 prints", "--gap-guard", "3%", "--cost-basis", "69000", "--net", "--on-position-change", "freeze"),
    *("--unfilled", "after=30s,action=reprice,step-ticks=1,max=3,final=market", "--rearm", "max=3,cooldown=10m,hysteresis=1%"),
    *(
        "--rearm-next-session",
        "--when",
        "price=KRX:005930 >= 60000",
        "--when",
        "change=<= -3%",
        "--when-any",
        "--tag",
        "core",
        "--tag",
        "x",
    ),
)


def test_every_option_of_a_rule_is_told_kept_exported_and_taken_back(cli, market, home):
    added = cli("add", "sell", SAMSUNG, "-q", "10", "--stop", "-5%", *OPTIONS, "--shadow", "--id", "whole").out.splitlines()
    assert added[1] == "When the best bid of KRX:005930 is at or under ~65,687.92 a market order sells 10 shares."
    told = [line for line in added if not line.startswith("Mind: ")]
    assert len(told) < len(added)  # the linter has something to say of a market order that is chased
    assert told[-7:] == [
        "Only while one of these holds: KRX:005930 trades at or over 60,000; KRX:005930 stands at -3% or less from the day's base price.",
        "What is not filled after 30s follows the market by 1 tick, 3 times at most, and then is sent again as a market order.",
        "What the close leaves unfilled is watched again in the next session.",
        "After a fill it begins again, 3 times at most, not before 10m have passed and the price was 1% away from the level.",
        "It differs from the usual in: basis bid, confirm 3 prints, gap_guard 3%, cost_basis 69000, net yes, on_position_change freeze.",
        "Shadow: the order is decided and recorded, and never sent.",
        "Valid through 2024-11-07.",
    ]
    head = (home / "config.yaml").read_text().partition("rules:")[0]
    (home / "copy.yaml").write_text(head + cli("export", "whole").out)
    loaded = load_file(home / "copy.yaml")
    assert loaded.settings is not None, loaded.mistakes
    assert loaded.settings.rules == (market.engine.book.rules["whole"].rule,)
    words = ("--basis", "--confirm", "--gap-guard", "--cost-basis", "--on-position-change", "--unfilled", "--rearm", "--when", "--tag")
    bare = cli("edit", "whole", *(word for option in words for word in (option, "")), "--no-net", "--no-shadow", "--no-rearm-next-session")
    assert bare.code == 0
    assert list(cli("export", "whole", "--json").json["rules"]["whole"]) == ["instrument", "account", "side", "quantity", "stop"]


def test_list_shows_one_line_a_rule_with_its_nearest_leg_and_its_tags(cli, market):
    cli("add", "sell", SAMSUNG, "-q", "10", "--leg", "stop=-5%", "--leg", "target=+4%,share=50%", "--id", "many")
    added(market, "tagged", tags=("core", "krx"))
    assert cli("list").out.splitlines() == [
        "ID      STATE     INSTRUMENT  WHAT                                    LEVEL  MARK    LAST  AGE  DISTANCE  TAGS",
        "first   watching  KRX:005930  sell 1: stop 50,000                    50,000     -  70,000  9 s   -28.57%",
        "many    watching  KRX:005930  sell 10: stop -5%, target +4% for 50%  72,800     -  70,000  9 s        4%",
        "tagged  watching  KRX:005930  sell 10: stop 68,000                   68,000     -  70,000  9 s    -2.86%  core, krx",
        "3 rules, paper mode, the daemon watches",
    ]


def test_show_tells_each_leg_with_its_level_distance_and_share(cli, market):
    words = ("--leg", "stop=-5%", "--leg", "target=+10%,share=50%", "--leg", "trail=2%,activate=+5%")
    cli("add", "sell", SAMSUNG, "-q", "10", *words, "--id", "many")
    lines = cli("show", "many").out.splitlines()
    assert "  stop: watching, level 66,500, -5% from the last price (armed at 70,000)" in lines
    assert "  target: watching, level 77,000, 10% from the last price, share 50% (armed at 70,000)" in lines
    assert "  trail: waiting, activates at 73,500 (armed at 70,000; the trail starts at 73,500)" in lines
    market.price("77000")
    market.price("66000")
    after = cli("show", "many").out.splitlines()
    assert after[0].startswith("many: ")
    assert any(line.startswith("  left of 10: ") for line in after)


SELECTED = [
    (("--tag", "core"), ["a", "b"]),
    (("--tag", "core", "--instrument", SAMSUNG), ["a", "b"]),
    (("--tag", "core", "--instrument", "KRX:000660"), []),
    (("--account", "main"), ["first", "a", "b", "c"]),
]


@pytest.mark.parametrize(("words", "chosen"), SELECTED)
def test_edit_selects_too_under_names_of_its_own(cli, market, words, chosen):
    for name, tags in (("a", ("core",)), ("b", ("core", "x")), ("c", ())):
        added(market, name, tags=tags)
    names = {"--tag": "--with-tag", "--account": "--in-account", "--instrument": "--on-instrument"}
    result = cli("edit", *(names.get(word, word) for word in words), "--note", "seen", "--json")
    assert [rule["id"] for rule in result.json["rules"]] == chosen
    kept = {rule["id"]: rule["text"]["note"] for rule in cli("list", "--json").json["rules"]}
    assert {name for name, note in kept.items() if note == "seen"} == set(chosen)


def test_several_are_edited_as_far_as_they_can_be(cli, market):
    for name in ("a", "b"):
        added(market, name)
    result = cli("edit", "a", "nobody", "b", "--note", "seen")
    assert (result.code, result.err) == (2, "there is no rule 'nobody'; `autotrader list` shows them all\n")
    assert [line for line in result.out.splitlines() if "is at version" in line] == [
        "a is at version 2 (paper mode).",
        "b is at version 2 (paper mode).",
    ]


@pytest.mark.parametrize(("words", "chosen"), SELECTED)
def test_selectors_work_where_ids_do(cli, market, words, chosen):
    for name, tags in (("a", ("core",)), ("b", ("core", "x")), ("c", ())):
        added(market, name, tags=tags)
    assert [rule["id"] for rule in cli("list", "--json", *words).json["rules"]] == chosen
    assert list(cli("export", "--json", *words).json["rules"]) == chosen
    assert [story["rule"]["id"] for story in cli("show", "--json", *words).json.get("rules", [])] == chosen
    for verb, state in (("pause", "paused"), ("resume", "watching"), ("cancel", "cancelled")):
        result = cli(verb, *words)
        assert result.out == ("".join(f"{name}: {state}\n" for name in chosen) or "no rule is chosen by that\n")


def test_show_of_several_rules_tells_one_after_the_other(cli, market):
    added(market, "a")
    out = cli("show", "first", "a").out
    assert out.index("first: watching (paper mode)") < out.index("\n\na: watching (paper mode)")
    assert cli("show", "--instrument", "KRX:000660").out == "no rule is chosen by that\n"
    assert cli("show", "a", "--json").json["rule"]["id"] == "a"


def test_history_of_several_rules_is_one_story(cli, market):
    for name in ("a", "b", "c"):
        added(market, name, tags=("core",) if name != "c" else ())
    market.price("67000")
    fires = cli("history", "--tag", "core", "--json").json["fires"]
    assert [fire["rule"] for fire in fires] == ["a", "b"]
    assert [fire["rule"] for fire in cli("history", "b", "c", "--json").json["fires"]] == ["b", "c"]
    assert [fire["rule"] for fire in cli("history", "a", "b", "-n", "1", "--json").json["fires"]] == ["b"]


def test_adjust_asks_for_the_ratio_of_each_chosen_rule(cli, market):
    added(market, "a", tags=("core",))
    cli("adjust", "--tag", "core", "--ratio", "5:1")
    asked = [request.verb for request in market.asked if isinstance(request.verb, Adjust)]
    assert asked == [Adjust(RuleId("a"), 5, 1)]
    assert cli("adjust", "nope", "--ratio", "5 : 1").err == "there is no rule 'nope'; `autotrader list` shows them all\n"


def test_adjust_of_a_rule_of_the_file_edits_the_file_so_that_it_stays_adjusted(cli, daemon, home):
    daemon.load(load_file(home / "config.yaml").settings.rules)
    daemon.price("70000")
    result = cli("adjust", "from-file", "--ratio", "5:1")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-1] == f"  {home}/config.yaml has the new numbers too"
    text = (home / "config.yaml").read_text()
    assert "  # keep me\n  from-file: {instrument: KRX:005930, side: sell, quantity: 25, stop: 12000} # and me" in text
    assert cli("plan").out == "The file changes nothing.\npaper mode\n"


def test_adjust_says_what_to_write_into_a_file_that_cannot_be_edited(cli, daemon, home):
    daemon.load(load_file(home / "config.yaml").settings.rules)
    daemon.price("70000")
    (home / "config.yaml").unlink()
    result = cli("adjust", "from-file", "--ratio", "5:1")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"from-file is adjusted, but {home}/config.yaml could not be edited and undoes that when it is read next; "
        "write there: quantity: 25, stop: 12000\n"
    )


def test_an_edit_makes_legs_of_a_single_trigger(cli, market):
    result = cli("edit", "first", "--leg", "stop=51000", "--leg", "target=90000")
    assert result.code == 0
    assert result.out.splitlines()[2:4] == [
        "  stop: When KRX:005930 trades at or under 51,000 (27.14% under the last price 70,000) a market order sells 1 share.",
        "  target: When KRX:005930 trades at or over 90,000 (28.57% over the last price 70,000) a market order sells 1 share.",
    ]
    assert cli("edit", "first", "--leg", "", "--stop", "52000").out.splitlines()[0] == "first is at version 3 (paper mode)."


def test_an_edit_of_a_rule_of_the_file_writes_legs_on_one_line(cli, daemon, home):
    daemon.load(load_file(home / "config.yaml").settings.rules)
    result = cli("edit", "from-file", "--leg", "stop=61000", "--leg", "target=+10%,share=50%,then=stop_to_breakeven")
    assert result.code == 0
    text = (home / "config.yaml").read_text()
    legs = "legs: [{stop: 61000}, {target: +10%, share: 50%, then: stop_to_breakeven}]"
    assert f"  # keep me\n  from-file: {{instrument: KRX:005930, side: sell, quantity: 5, {legs}}} # and me" in text
    assert [leg.name for leg in daemon.engine.book.rules["from-file"].rule.legs] == ["stop", "target"]


WHOLE = (
    (
        "sell",
        "-q",
        "10",
        "--leg",
        "stop=-5%",
        "--leg",
        "target=+10%,share=33.3%,then=stop_to_breakeven,name=high",
        "--leg",
        "trail=2%,activate=+5%",
    ),
    ("sell", "-q", "50% of sellable", "--preserve", "+7%:+5%", "--limit-offset", "3 ticks"),
    ("sell", "-q", "50%", "--time-exit", "15:15"),
    ("sell", "-q", "all", "--leg", "stop=60000,limit=last - 1 tick", "--leg", "target=80000,order=best_ioc"),
    ("sell", "-q", "3", "--trail", "5 ticks", "--step", "2 ticks", "--start", "71000", "--limit-offset", "0"),
    ("buy", "--amount", "1000000", "--at", "close-5m", "--exit", "stop=-3%", "--exit", "target=+5%,share=50%"),
    ("buy", "-q", "2", "--above", "3%", "--base", "previous_close", "--limit-offset", "1%"),
)


def test_what_export_prints_is_read_back_as_the_same_rules(cli, daemon, home: Path):
    for number, words in enumerate(WHOLE):
        assert cli("add", words[0], SAMSUNG, *words[1:], "--id", f"r{number}").err == ""
    kept = {rule["id"]: msgspec.convert(rule["text"], Rule) for rule in cli("list", "--json").json["rules"]}
    head = (home / "config.yaml").read_text().partition("rules:")[0]
    (home / "copy.yaml").write_text(head + cli("export").out)
    loaded = load_file(home / "copy.yaml")
    assert not loaded.mistakes
    assert {rule.id: rule for rule in loaded.settings.rules} == kept
    assert cli("export", "r1").out.splitlines()[1].startswith("  r1: {instrument: KRX:005930, account: main, side: sell, ")


class TestPlans:
    """What the file would change, and that just this is taken."""

    def changed(self, daemon, home: Path) -> None:
        """Let the file say something else than what was taken from it."""
        text = (home / "config.yaml").read_text()
        more = "  gone: {instrument: KRX:005930, side: sell, quantity: 1, stop: 50000}\n"
        (home / "config.yaml").write_text(text + more)
        daemon.load(load_file(home / "config.yaml").settings.rules)
        daemon.price("70000")
        new = "  new: {instrument: KRX:005930, side: sell, quantity: 3, target: 80000}\n"
        (home / "config.yaml").write_text(text.replace("quantity: 5, stop: 60000", "quantity: 6, stop: 61000") + new)

    def test_plan_shows_keys_levels_and_money_and_changes_nothing(self, cli, daemon, home):
        self.changed(daemon, home)
        lines = [
            f"{home}/config.yaml: 1 added, 1 changed, 0 again, 1 removed, 0 left alone, 0 unchanged",
            "+ new: sell 3: target 80,000",
            "    leg target: level 80,000, worth 240,000 KRW",
            "~ from-file",
            "    quantity: 5 -> 6",
            "    stop: 60000 -> 61000",
            "    leg stop: level 60,000 -> 61,000, worth 300,000 -> 366,000 KRW",
            "- gone: sell 1: stop 50,000",
            "if all stops of main fired now: 6 of 100 KRX:005930 sold, worth about 366,000 at their levels; without a stop: 94",
        ]
        for _ in range(2):
            assert cli("plan").out.splitlines() == [*lines, "paper mode"]
        assert daemon.reloaded == []
        applied = cli("apply").out.splitlines()
        assert applied == [*lines, "file taken: 1 added, 1 changed, 0 again, 1 removed, 0 unchanged"]
        assert cli("plan").out == "The file changes nothing.\npaper mode\n"

    @pytest.mark.parametrize("verb", ["plan", "apply", "reload"])
    def test_a_file_that_is_not_the_daemons_is_not_answered_as_if_it_were(self, cli, daemon, home, verb):
        other = home / "other.yaml"
        other.write_text("rules: {}\n")
        result = cli(verb, "-c", str(other))
        assert (result.code, result.out) == (2, "")
        assert f"the running daemon takes {home / 'config.yaml'}, not {other}" in result.err
        assert cli("plan", "-c", str(home / "config.yaml")).code == 0

    def test_the_json_of_a_plan_has_exact_numbers_and_the_digest(self, cli, daemon, home):
        self.changed(daemon, home)
        plan = cli("plan", "--json").json
        (item,) = plan["changed"]
        assert item["fields"] == {"quantity": ["5", "6"], "stop": ["60000", "61000"]}
        assert item["legs"] == [{"name": "stop", "level": ["60000", "61000"], "value": ["300000", "366000"]}]
        assert (plan["removed"], plan["large"], len(plan["digest"])) == (["gone"], False, 64)

    def test_a_plan_that_was_looked_at_is_taken_and_another_file_is_not(self, cli, daemon, home):
        self.changed(daemon, home)
        plan = home / "plan.json"
        out = cli("plan", "--out", str(plan)).out
        assert f"the plan is in {plan}; `autotrader apply --plan {plan}` takes just that\n" in out
        assert cli("plan", "--out", str(plan)).err == f"{plan} exists and is left alone; name a new file\n"
        digest = msgspec.json.decode(plan.read_bytes())["digest"]
        text = (home / "config.yaml").read_text()
        (home / "config.yaml").write_text(text + "# changed\n")
        refusal = f"{home}/config.yaml is not what the plan was made of any more; look at `autotrader plan` again\n"
        for words in (("--plan", str(plan)), ("--digest", digest)):
            result = cli("apply", *words)
            assert (result.code, result.out, result.err) == (5, "", refusal)
        assert daemon.reloaded == []
        (home / "config.yaml").write_text(text)
        assert cli("apply", "--plan", str(plan)).code == 0
        assert daemon.reloaded == [True]

    def test_a_file_that_changes_while_it_is_applied_is_not_taken(self, cli, daemon, home):
        self.changed(daemon, home)
        answer = daemon.answer

        async def overtaken(request):
            body = await answer(request)
            if type(request.verb).__name__ == "PlanFile":
                (home / "config.yaml").write_text((home / "config.yaml").read_text() + "# changed\n")
            return body

        with daemon.answering(overtaken):
            result = cli("apply")
        assert result.code == 5
        assert daemon.reloaded == []

    def test_a_large_change_is_said_and_apply_confirms_it(self, cli, daemon, home):
        head = (home / "config.yaml").read_text()
        rules = [f"  r{n}: {{instrument: KRX:005930, side: sell, quantity: 1, stop: 5000{n}}}\n" for n in range(4)]
        (home / "config.yaml").write_text(head + "".join(rules))
        daemon.load(load_file(home / "config.yaml").settings.rules)
        (home / "config.yaml").write_text(head)
        assert cli("plan").out.splitlines()[-2] == "This is a large change: the daemon takes it by `autotrader apply` only."
        assert cli("reload").code == 5
        assert cli("apply").out.splitlines()[-1] == "file taken: 0 added, 0 changed, 0 again, 4 removed, 1 unchanged"

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"digest": 1}', "mode: paper"])
    def test_what_is_not_a_plan_is_refused(self, cli, daemon, home, text):
        (home / "plan.json").write_text(text)
        result = cli("apply", "--plan", str(home / "plan.json"))
        assert (result.code, result.err) == (2, f"{home}/plan.json is not a plan; make one with `autotrader plan --out FILE`\n")

    def test_diff_is_text(self, cli, daemon, home):
        self.changed(daemon, home)
        assert cli("diff").out.splitlines() == [
            "--- kept",
            f"+++ {home}/config.yaml",
            "@@ -2,11 +2,11 @@",
            "     instrument: KRX:005930",
            "     account: main",
            "     side: sell",
            "-    quantity: 5",
            "-    stop: 60000",
            "-  gone:",
            "+    quantity: 6",
            "+    stop: 61000",
            "+  new:",
            "     instrument: KRX:005930",
            "     account: main",
            "     side: sell",
            "-    quantity: 1",
            "-    stop: 50000",
            "+    quantity: 3",
            "+    target: 80000",
        ]
        cli("apply")
        assert cli("diff").out == "no difference: the file has the rules that are kept\n"
        assert cli("diff", "--json").json["differs"] is False

    def test_diff_shows_templates_under_a_head_of_their_own(self, cli, home):
        with (home / "config.yaml").open("a") as file:
            file.write("templates:\n  guard: {side: sell, quantity: all, stop: -5%, for: {markets: [KRX]}}\n")
        lines = cli("diff").out.splitlines()
        assert lines[lines.index("+templates:") :][:5] == [
            "+templates:",
            "+  guard:",
            "+    side: sell",
            "+    quantity: all",
            "+    stop: -5%",
        ]

    def test_without_a_daemon_plan_and_diff_work_on_the_store_and_apply_says_what_it_needs(self, cli, home):
        assert cli("plan").out.splitlines() == [
            f"{home}/config.yaml: 1 added, 0 changed, 0 again, 0 removed, 0 left alone, 0 unchanged",
            "+ from-file: sell 5: stop 60,000",
            "    leg stop: level 60,000, worth 300,000 KRW",
            "paper mode",
        ]
        assert cli("diff").out.splitlines()[:2] == ["--- kept", f"+++ {home}/config.yaml"]
        assert not (home / "state").exists()
        result = cli("apply")
        assert (result.code, result.err) == (3, f"no daemon listens at {home}/state/control.sock: start it with `autotrader run`\n")


def test_what_the_engine_finds_odd_is_said_beside_what_the_words_say(cli, market):
    answer = market.answer
    odd = {"code": "leg.breakeven", "params": {"leg": "target"}}

    async def linted(request):
        body = await answer(request)
        extra = {"warnings": [odd]} if type(request.verb).__name__ in ("Add", "Edit") else {}
        extra |= {"lint": {"from-file": [odd]}} if type(request.verb).__name__ == "PlanFile" else {}
        return {**body, "result": {**body["result"], **extra}}

    said = "Mind: leg target has filled: the stop stands at or over the price that brings back the cost, fees and taxes included."
    with market.answering(linted):
        assert cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "60000", "--id", "a").out.splitlines()[-1] == said
        assert cli("edit", "a", "--stop", "61000").out.splitlines()[-1] == said
        assert cli("edit", "a", "--stop", "62000", "--json").json["warnings"][0]["code"] == "leg.breakeven"
        assert f"    {said}" in cli("plan").out.splitlines()


def test_a_person_s_word_to_fire_is_sent(cli, market):
    cli("resolve", "first/stop", "fire")
    asked = [request.verb for request in market.asked if isinstance(request.verb, Resolve)]
    assert asked == [Resolve("first/stop", Decision.FIRE)]


class TestTemplates:
    """What attaches to new holdings."""

    def kept(self, daemon, *, in_file: bool = True, **changes: Any) -> None:
        legs = (Leg(LegName("stop"), Stop(AtPrice(Decimal(60_000)))),)
        template = Template(Rule(RuleId("guard"), MAIN, "", Side.SELL, None, legs), **changes)
        Turn(daemon.engine.book, daemon.now, "test").put(TemplateRecord(RuleId("guard"), template, 1, in_file))

    def test_none_are_none(self, cli, daemon):
        assert cli("templates").out == "no templates; they stand under `templates:` in the file\npaper mode\n"

    def test_each_is_shown_with_what_it_attached(self, cli, market):
        self.kept(market, markets=("KRX",), least_value=Decimal(1_000_000), bought_by="core")
        assert cli("templates").out.splitlines() == [
            "guard: sell all: stop 60,000 (from the file, version 1)",
            "  for markets KRX, min_value 1,000,000, bought_by core, account main",
            "  has attached nothing yet",
            "paper mode",
        ]
        added(market, "guard-005930-1")
        record = market.engine.book.rules["guard-005930-1"]
        market.engine.book.rules["guard-005930-1"] = msgspec.structs.replace(record, parent="guard")
        assert "  guard-005930-1: watching, KRX:005930, account main" in cli("templates").out.splitlines()
        assert "  attached by the template guard" in cli("show", "guard-005930-1").out.splitlines()
        assert cli("templates", "--json").json["templates"][0]["rules"][0]["id"] == "guard-005930-1"

    def test_a_plan_tells_what_becomes_of_a_template(self, cli, daemon):
        cli("reload")
        self.kept(daemon)
        assert cli("plan").out.splitlines()[1:] == ["- template guard: what it has attached stays", "paper mode"]

    def test_one_that_left_the_file_is_said(self, cli, daemon):
        self.kept(daemon, in_file=False)
        assert cli("templates").out.startswith("guard: sell all: stop 60,000 (no longer in the file, version 1)\n")


def test_exits_are_exported_with_their_entry(cli, market):
    legs = (Leg(LegName("above"), Above(AtPrice(Decimal(80_000)))),)
    added(market, "entry", side=Side.BUY, legs=legs, exits=(Leg(LegName("stop"), Stop(AtPrice(Decimal(60_000)))),))
    added(market, "entry-exits")
    record = market.engine.book.rules["entry-exits"]
    market.engine.book.rules["entry-exits"] = msgspec.structs.replace(record, parent="entry")
    assert list(cli("export", "--json").json["rules"]) == ["first", "entry"]
    assert list(cli("export", "entry-exits", "--json").json["rules"]) == ["entry-exits"]
    cli("cancel", "entry")
    assert list(cli("export", "--json").json["rules"]) == ["first", "entry-exits"]
    assert "  sells what the rule entry has bought" in cli("show", "entry-exits").out.splitlines()


def test_a_reload_says_which_templates_changed(cli, market):
    answer = market.answer

    async def with_templates(request):
        body = await answer(request)
        return {**body, "result": {**body["result"], "templates": {"added": 2, "changed": 1, "removed": 0}}}

    with market.answering(with_templates):
        assert cli("reload").out.splitlines()[1] == "templates: 2 added, 1 changed, 0 removed"
    assert len(cli("reload").out.splitlines()) == 1


def test_what_a_rule_will_do_is_said_in_korean_from_the_first_word_to_the_last(cli, market):
    words = ["add", "sell", "KRX:005930", "--quantity", "10", "--leg", "stop=-5%", "--leg", "target=+10%,share=50%,then=stop_to_breakeven"]
    said = cli(*words, "--lang", "ko").out
    assert "여러 조건이 10주 을(를) 나눠 씁니다" in said
    stop = (
        "stop: KRX:005930 체결가가 66,500 (최근 체결가 70,000 보다 5% 아래) 이거나 그 아래이면 "
        "시장가 주문으로 10주 중 남은 수량 매도합니다."
    )
    assert stop in said
    assert "수수료와 세금까지 포함해 본전이 되는 가격으로 옮겨집니다" in said
    assert not re.search(r"\b(the|when|once|sells|order|shares)\b", said)
