"""The owner's file of market facts: what its rows replace, what it may add, and what is said of a wrong one."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from autotrader.config.load import Loaded, load_text
from autotrader.config.markets import load_contracts, load_markets
from autotrader.config.mistakes import Mistakes
from autotrader.domain.tick import InstrumentId
from autotrader.markets.facts import Grade, Matching
from autotrader.markets.profile import Markets, cost_on, find_instrument, in_force

TODAY = date(2026, 11, 23)
SAMSUNG = InstrumentId("KRX:005930")
MOON = """\
[MOON]
zone = "Asia/Seoul"
validity_cap = 30
lot = "1"
currencies = [["*", "CHEESE"]]
ladders = [{ bands = [["0", 0.5]] }]
costs = [{ commission = "0.1", tax = 0 }]
acceptance = [{ session = "moon.day", kinds = ["market", "limit"] }]

[[MOON.sessions]]
id = "moon.day"
open = "06:00"
close = "24:00"
matching = "continuous"
regular = true
"""


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def overridden(facts: Path, text: str) -> Markets:
    facts.write_text(text, encoding="utf-8")
    return load_markets(facts)


def hours(markets: Markets, market: str, session: str, on: date, kind: str = "") -> list[tuple[time, time]]:
    rows = in_force(markets[market].sessions, on)
    return [(row.open, row.close) for row in rows if row.id == session and row.day == kind]


def test_a_row_replaces_ours_on_the_days_it_holds_and_on_no_other(facts: Path) -> None:
    markets = overridden(facts, '[[KRX.costs]]\nfrom = 2026-12-01\nto = 2026-12-31\ncommission = "0.01"\ntax = "0.30"\n')
    taxes = {
        day: cost_on(markets["KRX"], day).tax for day in map(date.fromisoformat, ("2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01"))
    }
    assert list(taxes.values()) == [Decimal("0.20"), Decimal("0.30"), Decimal("0.30"), Decimal("0.20")]
    assert cost_on(markets["KRX"], date(2026, 12, 1), "etf").tax == 0
    assert cost_on(markets["NXT"], date(2026, 12, 1)).tax == Decimal("0.20")


def test_a_row_without_days_holds_always_and_is_as_sure_as_its_owner(facts: Path) -> None:
    markets = overridden(facts, '[[NXT.sessions]]\nid = "nxt.close_price"\nopen = "15:00"\nclose = "16:00"\nmatching = "fixed"\n')
    (row,) = [row for row in markets["NXT"].sessions if row.id == "nxt.close_price" and not row.day]
    assert (row.open, row.source, row.grade) == (time(15), str(facts), Grade.V)
    assert hours(markets, "NXT", "nxt.close_price", date(2026, 11, 19), "csat") == [(time(16, 30), time(17))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('[[KRX.acceptance]]\nsession = "krx.after"\nkinds = ["limit"]\n', {"limit"}, id="one session's kinds as a whole"),
        pytest.param(
            '[[KRX.acceptance]]\nsession = "krx.after"\nkinds = ["limit"]\n[[KRX.acceptance]]\nsession = "krx.after"\nkinds = ["best"]\n',
            {"limit", "best"},
            id="rows of the owner's add up",
        ),
        pytest.param('[[KRX.acceptance]]\nsession = "krx.after"\nkinds = []\n', set(), id="a session that takes nothing"),
    ],
)
def test_kinds_are_replaced_session_by_session(facts: Path, text: str, found: set[str]) -> None:
    rows = in_force(overridden(facts, text)["KRX"].acceptance, TODAY)
    assert {kind for row in rows if row.session == "krx.after" for kind in row.kinds} == found
    assert {kind for row in rows if row.session == "krx.close_call" for kind in row.kinds} == {"limit", "market"}


def test_one_cut_off_is_replaced_without_the_others(facts: Path) -> None:
    markets = overridden(facts, '[[US.cutoffs]]\nof = "close"\nseconds = 600\nkinds = ["loc"]\n')
    assert {row.kinds: row.seconds for row in markets["US"].cutoffs} == {("loc",): 600, ("moc",): 930, ("moo",): 180, ("loo",): 180}


def test_a_ladder_of_one_code_and_a_kind_of_another(facts: Path) -> None:
    text = """
[[US.ladders]]
codes = "F"
bands = [["0", "0.0001"], ["1", "0.005"]]
[[KRX.instruments]]
codes = "005930"
kind = "kospi200"
[[KRX.instruments]]
codes = "28*"
kind = "konex"
lot = 10
"""
    markets = overridden(facts, text)
    assert find_instrument(markets, InstrumentId("US:F"), TODAY).ladder[-1].step == Decimal("0.005")
    assert find_instrument(markets, InstrumentId("US:GE"), TODAY).ladder[-1].step == Decimal("0.01")
    assert find_instrument(markets, SAMSUNG, TODAY).kind == "kospi200"
    konex = find_instrument(markets, InstrumentId("KRX:288490"), TODAY)
    assert (konex.kind, konex.lot) == ("konex", 10)
    assert find_instrument(markets, InstrumentId("KRX:122630"), TODAY).limit_multiple == 2


DAYS = """
[KRX]
last = 2028-06-30
[[KRX.closed]]
day = 2026-12-01
name = "a storm"
[[KRX.closed]]
day = 2026-12-31
open = true
[[KRX.closed]]
day = 2027-05-03
[[KRX.special]]
day = 2027-11-18
kind = "ordinary"
[[KRX.special]]
day = 2026-12-25
kind = "csat"
[[NXT.closed]]
day = 2026-12-02
"""


def test_days_are_closed_opened_and_made_special_for_every_venue_that_keeps_them(facts: Path) -> None:
    markets = overridden(facts, DAYS)
    for market in ("KRX", "NXT", "SOR"):
        calendar = markets[market].calendar
        closed = {row.day: row.name for row in calendar.closed}
        special = {row.day: row.kind for row in calendar.special}
        assert (closed[date(2026, 12, 1)], date(2026, 12, 31) in closed, date(2026, 12, 25) in closed) == ("a storm", False, False)
        assert (special[date(2026, 12, 25)], date(2027, 11, 18) in special) == ("csat", False)
        assert (calendar.doubtful, calendar.last) == ((), date(2028, 6, 30))
        assert (date(2026, 12, 2) in closed) is (market == "NXT")
    assert date(2026, 12, 1) not in {row.day for row in markets["US"].calendar.closed}


def test_our_own_days_are_untouched_by_an_owners_file(facts: Path) -> None:
    overridden(facts, DAYS)
    calendar = load_markets()["KRX"].calendar
    assert (calendar.last, [row.day for row in calendar.doubtful]) == (date(2027, 12, 31), [date(2027, 5, 3)])


def test_a_market_of_ones_own_is_written_whole(facts: Path) -> None:
    markets = overridden(facts, MOON)
    rock = find_instrument(markets, InstrumentId("MOON:ROCK"), TODAY)
    assert (rock.currency, rock.lot, rock.ladder[0].step) == ("CHEESE", 1, Decimal("0.5"))
    (session,) = markets["MOON"].sessions
    assert (session.open, session.close, session.matching, session.regular) == (time(6), time(0), Matching.CONTINUOUS, True)
    assert set(markets) == {*load_markets(), "MOON"}


def test_what_a_market_says_once_is_replaced_and_code_patterns_are_added(facts: Path) -> None:
    markets = overridden(facts, '[BINANCE]\nvalidity_cap = 400\nslip = "0.5%"\ncurrencies = [["*JPY", "JPY"]]\n')
    assert markets["BINANCE"].validity_cap == 400
    assert str(markets["BINANCE"].slip) == "Percent(value=Decimal('0.5'))"
    assert find_instrument(markets, InstrumentId("BINANCE:BTCJPY")).currency == "JPY"
    assert find_instrument(markets, InstrumentId("BINANCE:BTCUSDT")).currency == "USDT"


def test_contracts_are_replaced_and_added(facts: Path) -> None:
    row = '[[contracts]]\nsymbol = "{}"\nname = "x"\ncurrency = "USD"\nmultiplier = 1\ntick = "0.5"\n'
    facts.write_text(row.format("ES") + row.format("ZZ"), encoding="utf-8")
    contracts = {contract.symbol: contract for contract in load_contracts(facts)}
    assert (contracts["ES"].tick, contracts["ZZ"].tick, contracts["NQ"].tick) == (Decimal("0.5"), Decimal("0.5"), Decimal("0.25"))


def test_a_file_that_was_edited_is_read_again(facts: Path) -> None:
    before = overridden(facts, "[KRX]\nvalidity_cap = 10\n")
    assert overridden(facts, "[KRX]\nvalidity_cap = 10\n") is before
    assert overridden(facts, "[KRX]\nvalidity_cap = 20\n")["KRX"].validity_cap == 20


SESSION = '[[KRX.sessions]]\nid = "krx.pre"\nopen = {}\nclose = {}\nmatching = "continuous"\n'
STEPS = 'steps from 0 upwards such as [["0", "1"], ["2000", "5"]]'
BAD_FACTS = [
    ("not TOML", "[KRX\n", ["1:5: this is not TOML: Expected ']' at the end of a table declaration"]),
    ("a file cut off", "[KRX]\nlot =", ["this is not TOML: Invalid value (at end of document)"]),
    ("a market that is a value", "KRX = 1\n", ["1:1: `KRX` must be a table of keys and values"]),
    (
        "a market in small letters",
        MOON.replace("MOON", "moon"),
        ["1:1: 'moon' cannot be the name of a market; write capital letters and digits such as MOON"],
    ),
    (
        "a market that is not whole",
        "[MOON]\nzone = 'Asia/Seoul'\nlot = 1\n",
        ["1:1: `MOON` lacks `validity_cap`; add it", "1:1: `MOON` lacks `currencies`; add it"],
    ),
    ("a market without sessions", MOON[: MOON.index("acc")], ["1:1: `MOON` lacks `sessions`; add it"]),
    ("a zone nobody knows", '[KRX]\nzone = "Asia/Soul"\n', ["2:1: `KRX.zone` cannot be Asia/Soul; write a time zone such as Asia/Seoul"]),
    ("a zone outside", '[KRX]\nzone = "/etc/passwd"\n', ["2:1: `KRX.zone` cannot be /etc/passwd; write a time zone such as Asia/Seoul"]),
    ("a lot of nothing", '[KRX]\nlot = "0"\n', ["2:1: `KRX.lot` cannot be 0; write above zero"]),
    ("a cap of no days", "[KRX]\nvalidity_cap = 0\n", ["2:1: `KRX.validity_cap` cannot be 0; write a number of days above zero"]),
    ("a slip of another sort", '[KRX]\nslip = "far"\n', ["2:1: `KRX.slip` cannot be far; write a distance such as 3 ticks or 0.5 %"]),
    (
        "another's days that are nobody's",
        '[NXT]\ndays_of = "MOON"\n',
        ["2:1: `NXT.days_of` cannot be MOON; write a market with days of its own"],
    ),
    (
        "another's days that are another's",
        '[US]\ndays_of = "NXT"\n',
        ["2:1: `US.days_of` cannot be NXT; write a market with days of its own"],
    ),
    (
        "a key of no fact",
        "[[KRX.limits]]\npercent = 30\npercents = 30\n",
        ["3:1: `KRX.limits[1].percents` is no key that a market fact has; there are from, grade, kind, percent, source, to"],
    ),
    (
        "rows that are one table",
        "[KRX.limits]\npercent = 30\n",
        ["1:1: `KRX.limits` must be rows: write each under a header of its own in double brackets"],
    ),
    ("a row that lacks its value", "[[KRX.limits]]\nkind = 'etf'\n", ["1:1: `KRX.limits[1]` lacks `percent`; add it"]),
    (
        "the second row of two",
        "[[KRX.limits]]\npercent = 30\n\n[[KRX.limits]]\nkind = 'etf'\npercent = 'much'\n",
        ["6:1: `KRX.limits[2].percent` cannot be much; write a number such as 0.15"],
    ),
    (
        "rows in one line",
        "[KRX]\nlimits = [{ percent = 0 }]\n",
        ["2:1: `KRX.limits[1].percent` cannot be 0; write above 0 and at most 100"],
    ),
    (
        "a number that is none",
        "[[KRX.limits]]\npercent = nan\n",
        ["2:1: `KRX.limits[1].percent` cannot be NaN; write a number such as 0.15"],
    ),
    (
        "a number beyond reason",
        "[[KRX.limits]]\npercent = 1e999999\n",
        ["2:1: `KRX.limits[1].percent` cannot be 1E+999999; write a number such as 0.15"],
    ),
    (
        "a truth for a number",
        "[[KRX.limits]]\npercent = true\n",
        ["2:1: `KRX.limits[1].percent` cannot be true; write a number such as 0.15"],
    ),
    (
        "a grade of another school",
        "[[KRX.limits]]\npercent = 30\ngrade = 'A'\n",
        ["3:1: `KRX.limits[1].grade` cannot be A; write one of V, M, U"],
    ),
    (
        "an end before the beginning",
        "[[KRX.limits]]\npercent = 30\nfrom = 2026-12-01\nto = 2026-11-30\n",
        ["4:1: `KRX.limits[1].to` cannot be 2026-11-30; write a day not before `from`"],
    ),
    (
        "a moment for a day",
        "[[KRX.limits]]\npercent = 30\nfrom = 2026-12-01T00:00:00\n",
        ["3:1: `KRX.limits[1].from` cannot be 2026-12-01 00:00:00; write a day such as 2026-11-19"],
    ),
    (
        "one fact twice",
        "[[KRX.limits]]\npercent = 30\n[[KRX.limits]]\npercent = 20\nfrom = 2027-01-01\n",
        ["3:1: `KRX.limits[2]` and an earlier row say two things of the same fact on the same day; end one with `to`"],
    ),
    (
        "an hour that is none",
        SESSION.format('"25:00"', '"08:50"'),
        ["3:1: `KRX.sessions[1].open` cannot be 25:00; write a time such as 08:30"],
    ),
    (
        "a close before the open",
        SESSION.format('"09:00"', '"08:50"'),
        ["4:1: `KRX.sessions[1].close` cannot be 08:50; write after `open`"],
    ),
    (
        "a match outside",
        SESSION.format('"07:00"', '"08:50"') + 'matches_from = "09:00"\n',
        ["6:1: `KRX.sessions[1].matches_from` cannot be 09:00; write between `open` and `close`"],
    ),
    (
        "an eve in the morning",
        SESSION.format('"04:00"', '"09:00"') + "day_before = true\n",
        ["3:1: `KRX.sessions[1].open` cannot be 04:00; write after `close` on a session that begins on the evening before"],
    ),
    (
        "a way of matching nobody has",
        SESSION.format('"07:00"', '"08:50"').replace("continuous", "dutch"),
        ["5:1: `KRX.sessions[1].matching` cannot be dutch; write one of continuous, call, fixed"],
    ),
    (
        "an id with a space",
        SESSION.format('"07:00"', '"08:50"').replace("krx.pre", "krx pre"),
        ["2:1: `KRX.sessions[1].id` cannot be krx pre; write an id such as krx.after"],
    ),
    (
        "an order nobody knows",
        '[[KRX.acceptance]]\nsession = "krx.after"\nkinds = ["markt"]\n',
        ["3:1: `KRX.acceptance[1].kinds` cannot be [markt]; write order kinds such as limit, limit_ioc, market or best_fok"],
    ),
    (
        "kinds that are no list",
        '[[KRX.acceptance]]\nsession = "krx.after"\nkinds = "limit"\n',
        ["3:1: `KRX.acceptance[1].kinds` cannot be limit; write a list of texts"],
    ),
    (
        "orders in no session",
        '[[UPBIT.acceptance]]\nsession = "upbit.night"\nkinds = ["limit"]\n',
        ["1:1: `UPBIT.acceptance` cannot be upbit.night; write a session of UPBIT: restart, upbit.continuous, vi"],
    ),
    (
        "a ladder that does not begin",
        '[[KRX.ladders]]\nbands = [["1", "1"]]\n',
        [f"2:1: `KRX.ladders[1].bands` cannot be [[1, 1]]; write {STEPS}"],
    ),
    ("a ladder that falls", "[[KRX.ladders]]\nbands = [[0, 1], [10, 5], [5, 1]]\n", None),
    ("a band off its steps", "[[KRX.ladders]]\nbands = [[0, 3], [10, 5]]\n", None),
    ("a step of nothing", "[[KRX.ladders]]\nbands = [[0, 0]]\n", None),
    ("bands of three", "[[KRX.ladders]]\nbands = [[0, 1, 2]]\n", [f"2:1: `KRX.ladders[1].bands` cannot be [[0, 1, 2]]; write {STEPS}"]),
    (
        "a cost under zero",
        '[[KRX.costs]]\ncommission = "-1"\ntax = 101\n',
        ["2:1: `KRX.costs[1].commission` cannot be -1; write from 0 to 100", "3:1: `KRX.costs[1].tax` cannot be 101; write from 0 to 100"],
    ),
    (
        "a fee a share under zero",
        "[[US.costs]]\ncommission = 0\ntax = 0\nper_share = -1\n",
        ["4:1: `US.costs[1].per_share` cannot be -1; write zero or more"],
    ),
    ("settled before it was traded", "[[KRX.settlement]]\ndays = -1\n", ["2:1: `KRX.settlement[1].days` cannot be -1; write zero or more"]),
    (
        "a cut-off of lunch",
        '[[US.cutoffs]]\nof = "lunch"\nseconds = -5\nkinds = ["loc"]\n',
        ["2:1: `US.cutoffs[1].of` cannot be lunch; write open or close", "3:1: `US.cutoffs[1].seconds` cannot be -5; write zero or more"],
    ),
    (
        "an interruption of another rule",
        '[[KRX.interruptions]]\nrule = "mild"\nsession = "krx.after"\npercent = 3\nseconds = 120\n',
        ["2:1: `KRX.interruptions[1].rule` cannot be mild; write dynamic or static"],
    ),
    (
        "an instrument without a lot",
        '[[KRX.instruments]]\ncodes = "005930"\nlot = 0\n',
        ["3:1: `KRX.instruments[1].lot` cannot be 0; write above zero"],
    ),
    (
        "a closed Sunday",
        "[[KRX.closed]]\nday = 2026-11-22\n",
        ["2:1: `KRX.closed[1].day` cannot be 2026-11-22; write a weekday: on Saturdays and Sundays nothing trades anyway"],
    ),
    (
        "a special day of no kind",
        '[[KRX.special]]\nday = 2026-11-23\nkind = "party"\n',
        ["1:1: `KRX.special` cannot be party; write a kind of day with sessions: csat, new_year, ordinary"],
    ),
    (
        "a contract without a tick",
        '[[contracts]]\nsymbol = "ES"\nname = "x"\ncurrency = "USD"\nmultiplier = 50\ntick = 0\n',
        ["6:1: `contracts[1].tick` cannot be 0; write above zero"],
    ),
]


@pytest.mark.parametrize(("text", "sentences"), [pytest.param(text, said, id=name) for name, text, said in BAD_FACTS])
def test_a_wrong_file_is_refused_with_its_places_and_nothing_of_it_is_taken(facts: Path, text: str, sentences: list[str] | None) -> None:
    ours = load_markets()
    with pytest.raises(Mistakes) as refused:
        overridden(facts, text)
    said = str(refused.value).split("\n")
    if sentences is None:
        assert all(STEPS in sentence for sentence in said)
    else:
        assert said == [f"{facts}{':' if sentence[0].isdigit() else ': '}{sentence}" for sentence in sentences]
    assert load_markets() is ours


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        pytest.param(None, "the file of market facts cannot be read (No such file or directory); check `market_facts`", id="no file"),
        pytest.param(b"\xff\xfe", "the file of market facts cannot be read (it is not UTF-8); check `market_facts`", id="not UTF-8"),
        pytest.param(
            b"#" * 1_000_001, "a file of market facts has at most 1,000,000 bytes; keep only the rows that differ from ours", id="large"
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_a_mistake(facts: Path, raw: bytes | None, sentence: str) -> None:
    if raw is not None:
        facts.write_bytes(raw)
    with pytest.raises(Mistakes) as refused:
        load_markets(facts)
    assert str(refused.value) == f"{facts}: {sentence}"


def test_a_directory_is_no_file_of_facts(tmp_path: Path) -> None:
    with pytest.raises(Mistakes, match="Is a directory"):
        load_markets(tmp_path)


def config(directory: Path, rules: str, head: str = "", *, unverified: bool = False, today: date = TODAY) -> Loaded:
    text = (
        f"{head}accounts: {{main: {{cash: {{KRW: 1000000}}}}}}\nfeeds: {{f: {{kind: recording, file: x, dialect: upbit}}}}\nrules:\n{rules}"
    )
    return load_text(text, "config.yaml", today, directory=directory, require_accounts=False, name_unverified=unverified)


def test_a_configuration_is_judged_by_the_facts_that_it_names(tmp_path: Path, facts: Path) -> None:
    facts.write_text(MOON, encoding="utf-8")
    rule = "  r: {instrument: MOON:ROCK, side: sell, quantity: 1, stop: 4, until: 30d}\n"
    loaded = config(tmp_path, rule, "market_facts: mine.toml\n")
    assert loaded.mistakes == ()
    assert loaded.settings is not None
    assert (loaded.settings.market_facts, len(loaded.settings.rules)) == (str(facts), 1)
    without = config(tmp_path, rule)
    assert [mistake.code for mistake in without.mistakes] == ["market.unknown"]


def test_wrong_facts_are_mistakes_of_their_own_file_and_nothing_else_is_judged(tmp_path: Path, facts: Path) -> None:
    facts.write_text("[KRX]\nlot = 0\n", encoding="utf-8")
    loaded = config(tmp_path, "  r: {instrument: MOON:ROCK, side: sell, quantity: 1, stop: 4}\n", "market_facts: mine.toml\n")
    assert loaded.settings is None
    assert [mistake.sentence() for mistake in loaded.mistakes] == [f"{facts}:2:1: `KRX.lot` cannot be 0; write above zero"]


def said_of(rule: str, directory: Path, head: str = "", today: date = TODAY) -> list[tuple[str, ...]]:
    """Return code and the telling parameters of each warning about facts."""
    loaded = config(directory, rule, head, unverified=True, today=today)
    assert loaded.mistakes == ()
    named = ("session", "kind", "market", "codes", "day", "last")
    ours = ("config.unv", "config.unc", "config.cal")
    return [(w.code, *(w.params[key] for key in named if key in w.params)) for w in loaded.warnings if w.code.startswith(ours)]


SELL = "side: sell, quantity: 1, stop: 60000, bind: none"
NEW_YEAR = "2027-01-04"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        pytest.param(f"instrument: KRX:005930, {SELL}, until: 10d", [], id="ordinary days of a known session"),
        pytest.param(
            f"instrument: KRX:005930, {SELL}, sessions: [regular, krx.after], until: 2026-12-31, order: {{limit: 59000}}",
            [],
            id="ends before",
        ),
        pytest.param(
            f"instrument: KRX:005930, {SELL}, sessions: [regular, krx.after], until: {NEW_YEAR}, order: {{limit: 59000}}",
            [("config.unverified_hours_on", "krx.after", "new_year", "KRX", NEW_YEAR)],
            id="a special day whose hours nobody has seen",
        ),
        pytest.param(
            f"instrument: NXT:005930, {SELL}, sessions: [nxt.pre, nxt.main], until: 10d, order: {{limit: 59000, tif: ioc}}",
            [("config.unverified_kind", "nxt.pre", "limit_ioc", "NXT")],
            id="a kind that a session may not take",
        ),
        pytest.param(
            f"instrument: NXT:005930, {SELL}, sessions: [nxt.pre, nxt.main], until: 10d, order: {{limit: 59000}}", [], id="a kind it takes"
        ),
        pytest.param(
            f"instrument: NXT:005930, {SELL}, sessions: nxt.close_price, until: 10d, order: close_price",
            [("config.unverified_hours", "nxt.close_price", "NXT"), ("config.unverified_kind", "nxt.close_price", "close_price", "NXT")],
            id="a session of which little is known",
        ),
        pytest.param("instrument: US:AAPL, side: sell, quantity: 1, stop: 90, until: 10d", [("config.unverified_cost", "US")], id="costs"),
        pytest.param("instrument: UPBIT:KRW-BTC, side: sell, quantity: 1, stop: 9000, until: 10d", [], id="nothing"),
    ],
)
def test_check_names_the_unverified_facts_that_a_rule_rests_on(tmp_path: Path, rule: str, said: list[tuple[str, ...]]) -> None:
    assert said_of(f"  r: {{{rule}}}\n", tmp_path) == said


def test_the_owners_own_doubts_are_named_too(tmp_path: Path, facts: Path) -> None:
    facts.write_text('[[BINANCE.ladders]]\ncodes = "SOLUSDT"\nbands = [["0", "0.01"]]\ngrade = "U"\n', encoding="utf-8")
    rule = "  r: {instrument: BINANCE:SOLUSDT, side: sell, quantity: 1, stop: 9, until: 10d}\n"
    assert said_of(rule, tmp_path, "market_facts: mine.toml\n") == [("config.unverified_step", "BINANCE", "SOLUSDT")]


def test_a_fact_is_named_once_at_the_first_rule(tmp_path: Path) -> None:
    rule = "instrument: US:{}, side: sell, quantity: 1, stop: 90, until: 10d"
    rules = "".join(f"  r{number}: {{{rule.format(code)}}}\n" for number, code in enumerate(("AAPL", "F", "GE")))
    loaded = config(tmp_path, rules, unverified=True)
    assert [(warning.code, warning.line) for warning in loaded.warnings] == [("config.unverified_cost", 4)]


@pytest.mark.parametrize(
    ("today", "until", "said"),
    [
        pytest.param(date(2026, 11, 2), "2026-11-30", [("config.uncertain_special", "csat", "KRX", "2026-11-19")], id="an examination"),
        pytest.param(date(2026, 11, 20), "2026-11-30", [], id="that is over"),
        pytest.param(date(2027, 4, 30), "2027-05-10", [("config.uncertain_open", "KRX", "2027-05-03")], id="perhaps closed"),
        pytest.param(date(2027, 7, 12), "2027-07-20", [("config.uncertain_closed", "KRX", "2027-07-19")], id="perhaps open"),
        pytest.param(date(2027, 12, 20), "2027-12-31", [], id="the last known day"),
        pytest.param(date(2027, 12, 20), "2028-01-03", [("config.calendar_ends", "KRX", "2027-12-31")], id="beyond it"),
    ],
)
def test_check_names_the_days_that_are_not_certain_and_the_end_of_the_calendar(
    tmp_path: Path, today: date, until: str, said: list[tuple[str, ...]]
) -> None:
    rules = "".join(
        f"  r{n}: {{instrument: {market}:005930, {SELL}, until: {until}, order: {{limit: 59000}}}}\n"
        for n, market in enumerate(("KRX", "KRX"))
    )
    assert said_of(rules, tmp_path, today=today) == said


def test_what_the_owner_has_looked_up_is_said_no_more(tmp_path: Path, facts: Path) -> None:
    facts.write_text('[[US.costs]]\ncommission = "0.25"\ntax = "0.00206"\n', encoding="utf-8")
    rule = "  r: {instrument: US:AAPL, side: sell, quantity: 1, stop: 90, until: 10d}\n"
    assert said_of(rule, tmp_path) == [("config.unverified_cost", "US")]
    assert said_of(rule, tmp_path, "market_facts: mine.toml\n") == []
