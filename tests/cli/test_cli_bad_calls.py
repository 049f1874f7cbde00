"""Wrong calls: each with its exact words and its exit code, and nothing is changed. The words with a daemon and without are the same."""

from pathlib import Path

import msgspec
import pytest
from cli_stage import SAMSUNG, doors_of

from autotrader.config.load import load_file
from autotrader.control.protocol import Request
from autotrader.engine.events import Edit, ShowRule

ADD = ("add", "sell", SAMSUNG)

USAGE = [
    pytest.param(("lst",), "No such command 'lst'. Did you mean 'list'? See `autotrader --help`.", id="a verb with a typing mistake"),
    pytest.param(("buy", "low"), "No such command 'buy'. See `autotrader --help`.", id="no such verb"),
    pytest.param(("list", "--foo"), "No such option: --foo. See `autotrader list --help`.", id="no such option"),
    pytest.param(
        ("list", "--jsn"), "No such option: --jsn (Possible options: --json). See `autotrader list --help`.", id="a mistyped option"
    ),
    pytest.param(
        ("list", "--lang", "de"),
        "Invalid value for '--lang': 'de' is not one of 'en', 'ko'. See `autotrader list --help`.",
        id="a language",
    ),
    pytest.param(
        ("edit", "--trail", "2%"),
        "which rules? give ids, or --all, --with-tag, --in-account or --on-instrument, not both",
        id="edit which",
    ),
    pytest.param(("list", "a"), "Got unexpected extra argument(s) (a). See `autotrader list --help`.", id="an argument too many"),
    pytest.param(
        ("add", "short", SAMSUNG),
        "Invalid value for 'sell|buy': 'short' is not one of 'sell', 'buy'. See `autotrader add --help`.",
        id="a side",
    ),
    pytest.param(("add", "sell"), "Missing argument 'MARKET:CODE'. See `autotrader add --help`.", id="add what"),
    pytest.param((*ADD, "--stop"), "Option '--stop' requires an argument. See `autotrader --help`.", id="an option without its value"),
    pytest.param(
        ("history", "-n", "0"),
        "Invalid value for '--limit' / '-n': 0 is not in the range 1<=x<=10000. See `autotrader history --help`.",
        id="a limit of none",
    ),
    pytest.param(
        ("history", "-n", "x"),
        "Invalid value for '--limit' / '-n': 'x' is not a valid int range. See `autotrader history --help`.",
        id="a limit in letters",
    ),
    pytest.param(("replay", "r.yaml"), "Missing option '--prints'. See `autotrader replay --help`.", id="replay without prints"),
    pytest.param(("show", "\udcff"), "'\\udcff' is not text in UTF-8; write it again", id="bytes that are no text"),
    pytest.param(("feed",), "Missing command. See `autotrader feed --help`.", id="feed what"),
    pytest.param(
        ("resolve", "x", "maybe"),
        "Invalid value for 'placed|absent|watch|fire|give_up': 'maybe' is not one of 'placed', 'absent', 'watch', 'fire', 'give_up'. "
        "See `autotrader resolve --help`.",
        id="an undecided decision",
    ),
    pytest.param(
        ("feed", "serve", "nowhere.gz"),
        "Invalid value for 'FILE': File 'nowhere.gz' does not exist. See `autotrader feed serve --help`.",
        id="a recording that is not there",
    ),
]

CHOICES = "name rules by id, or choose them with --all, --tag, --account or --instrument; not both, not neither"
RULES = [
    pytest.param(("pause",), CHOICES, id="pause nothing"),
    pytest.param(("show",), CHOICES, id="show what"),
    pytest.param(("resume", "a", "--tag", "t"), CHOICES, id="one and a tag"),
    pytest.param(("export", "a", "--all"), CHOICES, id="export one and all"),
    pytest.param(("history", "a", "--account", "main"), CHOICES, id="fires of one and of an account"),
    pytest.param(("adjust", "--ratio", "5:1"), CHOICES, id="adjust nothing"),
    pytest.param(("export", "nope"), "the command line has no rule 'nope' to export; `autotrader list` shows them all", id="export what"),
    *(
        pytest.param(
            ("adjust", "a", "--ratio", text),
            f"--ratio: '{text}' is not a ratio; write 5:1 when five new shares took the place of one old",
            id=f"the ratio {text or 'of nothing'}",
        )
        for text in ("5", "5:0", "0.5:1", "five:one", "")
    ),
    pytest.param(
        ("adjust", "a", "--ratio", "2:2"),
        "--ratio: 2:2 changes nothing; write 5:1 when five new shares took the place of one old",
        id="a ratio of one",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--leg", "stop"),
        "--leg: 'stop' is not KEY=VALUE; write for example --leg target=+10%,share=50% (numbers without separators)",
        id="a leg without a level",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--leg", "stop=68,000"),
        "--leg: '000' is not KEY=VALUE; write for example --leg target=+10%,share=50% (numbers without separators)",
        id="separators in a leg",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--leg", "stop=1,stop=2"), "--leg: 'stop' stands there twice; leave one of them out", id="a leg with two stops"
    ),
    pytest.param(
        ("add", "buy", SAMSUNG, "-q", "1", "--above", "1", "--exit", "stop=-3%,"),
        "--exit: '' is not KEY=VALUE; write for example --exit stop=-3% (numbers without separators)",
        id="an exit with a comma too many",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--preserve", "+7%"),
        "--preserve: '+7%' is not two levels; write --preserve +7%:+5%, the one to reach and the one to keep",
        id="half a profit to keep",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--unfilled", "30s"),
        "--unfilled: '30s' is not KEY=VALUE; write for example --unfilled after=30s,action=reprice,max=3 (numbers without separators)",
        id="unfilled how",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--rearm", "3"),
        "--rearm: '3' is not KEY=VALUE; write for example --rearm max=3,cooldown=10m,hysteresis=1% (numbers without separators)",
        id="again how",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--when", "change<= -3%"),
        "--when: 'change<= -3%' is not a condition; write for example --when 'time=10:00-close' or --when 'price=KRX:000660 >= 180000'",
        id="a condition without its sign",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--when-any"), "--when-any belongs to conditions; add --when, once for each", id="any of what"
    ),
    pytest.param(("cancel", "a", "--all"), CHOICES, id="one and all"),
    pytest.param(
        ("edit", "from-file"),
        "nothing to change was given; add for example --trail 2% (see `autotrader edit --help`)",
        id="an edit of nothing",
    ),
    pytest.param(("show", "nope"), "there is no rule 'nope'; `autotrader list` shows them all", id="no such rule"),
    pytest.param(
        (*ADD, "-q", "1", "--order", "market", "--limit", "1"),
        "--order market and --limit exclude each other; leave one of them out",
        id="market and limit",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--tif", "ioc"),
        "--tif belongs to an order; add --limit PRICE or --order KIND",
        id="a time in force of nothing",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "2", "--tif", ""),
        "--tif belongs to an order; add --limit PRICE or --order KIND",
        id="no time in force of nothing",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "2", "--order", "conditional", "--limit", "1", "--tif", "fok"),
        "--tif: a conditional order cannot be fok; leave fok out, or send a plain limit: --limit 67900 without the kind",
        id="a conditional order that is FOK",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "2", "--order", "conditional", "--limit", "x"),
        "--limit: 'x' is not a number; write digits with at most one point, such as 70000 or 0.01",
        id="a limit of a conditional order",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "2", "--order", "limit", "--tif", "ioc"),
        "--order: `limit_ioc` needs a price; write --limit 67900, with --tif ioc (or fok) where that is meant",
        id="a limit order without its price",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "2", "--sessions", "regular,nxt.pre"),
        "--sessions: nxt.pre is a session of NXT, where this rule neither watches nor orders; add `watch: NXT` or `venue: NXT`, "
        "or delete it",
        id="a session of another venue",
    ),
    pytest.param((*ADD, "--stop", "68000"), "--quantity: the rule lacks `quantity`; add it", id="no quantity"),
    pytest.param((*ADD, "-q", "1"), "the rule has no trigger; a sell takes stop, target, trail, preserve or time_exit", id="no trigger"),
    pytest.param(
        (*ADD, "-q", "1.5", "--stop", "68000"),
        "--quantity: 1.5 is not a multiple of 1, the smallest lot of KRX:005930; round it",
        id="a share and a half",
    ),
    pytest.param((*ADD, "-q", "1e3", "--stop", "68000"), "--quantity: '1e3' is not a plain number; write 1000", id="an exponent"),
    pytest.param((*ADD, "-q", "1", "--stop", "68,000"), "--stop: '68,000' is not a plain number; write 68000", id="separators"),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "0"), "--stop: '0' is not above zero; write a number above zero without a sign", id="a stop at zero"
    ),
    pytest.param(
        (*ADD, "-q", "1", "--trail", "-3%"),
        "--trail: '-3%' has a sign, but this is a distance; write 3%",
        id="a signed trail",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--trail", "3%"),
        "--trail: `trail` is a second trigger beside `stop`; write each as a leg of its own: `legs: [{stop: …}, {trail: …}]`",
        id="two triggers",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--above", "70000"),
        "--above: `above` belongs to buys; a sell takes stop, target, trail, preserve or time_exit",
        id="a buy's trigger on a sell",
    ),
    pytest.param(
        ("add", "buy", SAMSUNG, "-q", "all", "--below", "60000"), "--quantity: a buy cannot take `all`; write how many", id="buy all"
    ),
    pytest.param(
        ("add", "buy", SAMSUNG, "-q", "1", "--below", "3%"),
        "--below: a buy has no average cost, so `below: 3%` needs a base; add `base: arm`, `base: previous_close` or `base: PRICE`",
        id="a percentage of what",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "68000", "--until", "2024-01-01"),
        "--until: 2024-01-01 is past (today is 2024-08-09), so the rule has expired; write a later day, or delete the rule",
        id="a day that is past",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "68000", "--until", "91d"),
        "--until: 91d is too long, a rule for KRX lasts 90 days at most; write 2024-11-07 or 90d at the latest",
        id="too long",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "68000", "--feed", "dmo"),
        "--feed: there is no feed 'dmo'; did you mean demo?; there are: demo",
        id="no such feed",
    ),
    pytest.param(
        ("add", "sell", "KRX:000660", "-q", "1", "--stop", "1"),
        "no feed serves KRX:000660; list it under the `instruments` of a feed",
        id="nobody has its prices",
    ),
    pytest.param(
        ("add", "sell", "KRX:5930", "-q", "1", "--stop", "1"),
        "KRX:5930 has lost its leading zeros; write KRX:005930",
        id="lost zeros",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--id", "a b"),
        "'a b' is not a name; use 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first",
        id="an id with a space",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "1", "--already-met", "no"),
        "--already-met: 'no' is not possible here; write one of reject, fire, wait_cross",
        id="a word of the keys",
    ),
    pytest.param(
        (*ADD, "-q", "1", "--stop", "68000", "--limit", "69000"),
        "--limit: the limit 69000 is over the stop 68000 and could not fill there; write 68000 or less",
        id="a limit that cannot fill",
    ),
]


def bytes_of(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal"))}


@pytest.mark.parametrize(("words", "said"), [*USAGE, *RULES])
def test_a_wrong_call_says_what_is_wrong_and_changes_nothing(cli, home, words, said):
    cli(*ADD, "-q", "1", "--stop", "68000", "--id", "present")
    before = bytes_of(home)
    result = cli(*words)
    assert (result.code, result.out, result.err) == (2, "", said + "\n")
    assert bytes_of(home) == before


@pytest.mark.parametrize(("words", "said"), RULES)
def test_a_daemon_changes_no_word_of_it(cli, daemon, words, said):
    result = cli(*words)
    assert (result.code, result.out, result.err) == (2, "", said + "\n")
    assert not daemon.engine.book.rules


@pytest.mark.parametrize(("words", "said"), [*USAGE, *RULES])
def test_a_script_gets_the_same_on_stdout(cli, home, words, said):
    result = cli("--json", *words)
    assert (result.code, result.err) == (2, "")
    assert result.json.keys() >= {"ok", "code", "params", "message"}
    assert (result.json["ok"], result.json["message"]) == (False, said)


def test_all_mistakes_of_a_rule_are_told_at_once(cli, home):
    result = cli("add", "sell", "KRX:5930", "--stop", "5%", "--above", "3", "--json")
    assert [mistake["key"] for mistake in result.json["mistakes"]] == ["instrument", "quantity", "above", "stop"]
    assert result.json["params"] == {"count": "4"}


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("--unfilled", "after=x"), "--unfilled, after: "),
        (("--rearm", "max=0,hysteresis=1%"), "--rearm, max: "),
        (("--when", "time=10:00-close", "--when", "foo=1"), "--when, number 2, foo: "),
        (("--when", "time=10:00-close", "--when", "volume=x", "--when-any"), "--when, number 2, volume: "),
        (("--tag", "a", "--tag", "b c"), "--tag, number 2: "),
        (("--basis", "middle"), "--basis: "),
        (("--gap-guard", "x"), "--gap-guard: "),
        (("--on-position-change", "x"), "--on-position-change: "),
        (("--limit-offset", "x"), "--limit-offset: "),
        (("--shadow", "--action", "alert"), "--shadow: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_inside_an_option_is_told_with_that_option(cli, home, words, place):
    result = cli(*ADD, "-q", "1", "--stop", "68000", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(place)
    assert len(result.err.splitlines()) == 1


def test_no_verb_at_all_shows_what_there_is(cli):
    result = cli()
    assert (result.code, result.out) == (2, "")
    assert "Watches prices and sends" in result.err


def test_a_refusal_by_the_state_of_a_rule_is_another_code(cli, daemon):
    words = (*ADD, "-q", "1", "--stop", "68000", "--id", "mine")
    cli(*words)
    again = cli(*words)
    assert (again.code, again.err) == (5, "there already is a rule 'mine'; use `autotrader edit`, or another name\n")
    daemon.price("70000")
    met = cli(*ADD, "-q", "1", "--stop", "90000")
    assert met.code == 5
    assert met.err.startswith("005930-stop: its condition is already met: the price is 70,000, the level 90,000; ")
    assert cli(*ADD, "-q", "1", "--stop", "90000", "--json").json["params"]["level"] == "90000"


def test_an_edit_that_another_one_overtook_is_refused(cli, daemon):
    cli(*ADD, "-q", "1", "--stop", "68000", "--id", "mine")
    rule = daemon.engine.book.rules["mine"].rule
    answer = daemon.answer

    async def overtaken(request: Request):
        body = await answer(request)
        if isinstance(request.verb, ShowRule):
            assert (await answer(Request("r-other", "other", Edit(msgspec.structs.replace(rule, note="first"), 1))))["ok"]
        return body

    with daemon.answering(overtaken):
        result = cli("edit", "mine", "--stop", "67000")
    assert (result.code, result.err) == (5, "rule mine is at version 2, not 1: look at it again\n")


def test_what_is_not_held_cannot_be_resolved(cli, daemon):
    result = cli("resolve", "nope", "absent")
    assert (result.code, result.err) == (2, "nothing is held under 'nope'; `autotrader held` shows what is\n")


def test_no_configuration_is_said_with_the_places_that_were_looked_at(cli, home):
    environ = {"HOME": str(home / "nobody"), "AUTOTRADER_STATE": str(home / "state")}
    result = cli(*ADD, "-q", "1", "--stop", "1", doors=doors_of(home, environ=environ))
    assert result.code == 2
    assert result.err == (
        f"there is no configuration file ({home}/none.yaml, {home}/nobody/.config/autotrader/config.yaml, config.yaml); "
        "copy config.example.yaml to one of these places, or name one with -c\n"
    )


def test_a_bad_configuration_is_told_whole_when_a_rule_is_added(cli, home):
    (home / "config.yaml").write_text("mode: papr\nfoo: 1\n")
    result = cli(*ADD, "-q", "1", "--stop", "1")
    assert result.code == 2
    assert [line.split(": ")[0] for line in result.err.splitlines()] == [f"{home}/config.yaml:1:7", f"{home}/config.yaml:2:1"]
    assert not (home / "state").exists()


def test_a_file_the_system_refuses_is_named(cli, home, daemon):
    daemon.load(load_file(home / "config.yaml").settings.rules)
    (home / "config.yaml").unlink()
    result = cli("edit", "from-file", "--stop", "61000")
    assert result.code == 1
    assert result.err == f"{home}/config.yaml: No such file or directory; check that it exists and that you may use it\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(
            ("feed", "record", "demo", "--to", "x.gz"),
            2,
            "feed demo (kind sim) has no address to record from; give it a `url:`, or record an upbit or binance feed",
            id="a sim",
        ),
        pytest.param(
            ("feed", "record", "nope", "--to", "x.gz"), 2, "the configuration has no feed 'nope'; there are: demo", id="no such feed"
        ),
    ],
)
def test_what_cannot_be_recorded_is_said(cli, words, code, said):
    result = cli(*words)
    assert (result.code, result.err) == (code, said + "\n")


def test_a_recording_is_never_written_over(cli, home):
    (home / "x.gz").write_bytes(b"")
    result = cli("feed", "record", "demo", "--to", str(home / "x.gz"))
    assert (result.code, result.err) == (2, f"{home}/x.gz exists and is left alone; name a new file\n")


def test_replay_of_what_cannot_be_replayed_names_the_place(cli, home):
    prints = home / "prints.csv"
    prints.write_text("time,price\n1,1\n")
    (home / "rules.yaml").write_text("rules:\n  r: {instrument: KRX:005930, side: sell, quantity: 1, trail: 3%}\n")
    columns = cli("replay", str(home / "rules.yaml"), "--prints", str(prints))
    assert columns.code == 2
    assert "the columns size are missing" in columns.err
    missing = cli("replay", str(home / "nope.yaml"), "--prints", str(prints))
    assert (missing.code, missing.err.startswith(f"{home}/nope.yaml: there is no such file")) == (2, True)
