"""Replay as semantics 2.15 tells it: the same engine over a file's prints, the print's time for a clock, the paper account for orders."""

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from autotrader.config.load import load_text
from autotrader.daemon.replay import replay
from autotrader.domain.settings import Settings
from autotrader.errors import UserMistake

SECOND = 1_000_000_000
T0 = 1_723_161_600 * SECOND
"""Nine in Seoul."""


def settings(rules: str, head: str = "") -> Settings:
    loaded = load_text(f"{head}rules:\n{rules}\n", "rules.yaml", None, require_accounts=False, past_is_mistake=False)
    assert loaded.settings is not None, [mistake.sentence() for mistake in loaded.mistakes]
    return loaded.settings


def sell(words: str, name: str = "r", quantity: str = "10") -> str:
    return f"  {name}: {{instrument: KRX:005930, side: sell, quantity: {quantity}, {words}}}\n"


def buy(words: str, name: str = "b") -> str:
    return f"  {name}: {{instrument: KRX:005930, side: buy, quantity: 10, {words}}}\n"


def tape(tmp_path: Path, *prices: object, size: int = 1000, gap: int = SECOND, name: str = "prints.csv") -> Path:
    """Write prices, one a second."""
    path = tmp_path / name
    path.write_text("time,price,size\n" + "".join(f"{T0 + number * gap},{price},{size}\n" for number, price in enumerate(prices)))
    return path


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text)
    return path


def told(rules: str, prints: Path, head: str = "") -> list[dict[str, Any]]:
    return list(replay(settings(rules, head), prints))


def brief(lines: list[dict[str, Any]], *kinds: str) -> list[tuple[Any, ...]]:
    """Return type, row, price, mark and level of the lines of some kinds."""
    keys = ("type", "print", "price", "mark", "level")
    return [tuple(line[key] for key in keys) for line in lines if line["type"] in kinds]


WATCHING = ("armed", "activated", "mark", "fired")


def test_the_worked_trail_by_an_amount(tmp_path):
    lines = told(sell("trail: 1000"), tape(tmp_path, 10000, 11000, 10500, 10010, 10000))
    assert brief(lines, *WATCHING) == [
        ("armed", 1, "10000", "10000", "9000"),
        ("mark", 2, "11000", "11000", "10000"),
        ("fired", 5, "10000", "11000", "10000"),
    ]
    assert lines[-1] == {"type": "end", "prints": 5, "fired": 1}


def test_the_worked_trail_that_only_rises(tmp_path):
    lines = told(sell("trail: 1000"), tape(tmp_path, 10000, 11000, 12000))
    assert [level for *_, level in brief(lines, *WATCHING)] == ["9000", "10000", "11000"]


def test_the_worked_trail_in_percent_with_an_activation_above_cost(tmp_path):
    account = "accounts: {main: {broker: paper, positions: {KRX:005930: {quantity: 10, cost: 50000}}}}\n"
    lines = told(sell("trail: 2%, activate: +5%"), tape(tmp_path, 51000, 52400, 52600, 54000, 53000, 52900), account)
    assert brief(lines, *WATCHING) == [
        ("activated", 3, "52600", "52600", "51548"),
        ("mark", 4, "54000", "54000", "52920"),
        ("fired", 6, "52900", "54000", "52920"),
    ]


def test_the_worked_trail_in_percent_without_activation(tmp_path):
    lines = told(sell("trail: 3%"), tape(tmp_path, 68500, 71300, 70000, 69200, 69100))
    assert brief(lines, *WATCHING) == [
        ("armed", 1, "68500", "68500", "66445"),
        ("mark", 2, "71300", "71300", "69161"),
        ("fired", 5, "69100", "71300", "69161"),
    ]


def test_the_lines_of_one_story_are_exactly_these(tmp_path):
    lines = told(sell("stop: 68000, order: {limit: 67900}", name="guard"), tape(tmp_path, 70000, 67950, 67950))
    why = {"price": "67950", "level": "68000", "before": "70000", "instrument": "KRX:005930", "version": "1"}
    empty: dict[str, Any] = {"rule": "guard", "leg": "stop", "mark": None, "level": None}
    assert lines[:4] == [
        {**empty, "type": "armed", "print": 1, "time": T0, "price": "70000", "level": "68000"} | {"level": lines[0]["level"]},
        {
            **empty,
            "type": "fired",
            "print": 2,
            "time": T0 + SECOND,
            "price": "67950",
            "level": "68000",
            "why": {"code": "fired.stop", "params": why},
        },
        {
            **empty,
            "type": "order",
            "print": 2,
            "time": T0 + SECOND,
            "price": "67900",
            "side": "sell",
            "order_type": "limit",
            "quantity": "10",
            "intent": "guard/stop/1/1",
        },
        {
            **empty,
            "type": "fill",
            "print": 3,
            "time": T0 + 2 * SECOND,
            "price": "67950",
            "side": "sell",
            "quantity": "10",
            "fee": lines[3]["fee"],
            "order": lines[3]["order"],
        },
    ]
    assert [line["type"] for line in lines[4:]] == ["done", "end"]


def test_the_same_file_gives_the_same_lines(tmp_path):
    path = tape(tmp_path, *(70000 + (number * 7919) % 3000 for number in range(300)))
    rules = sell("trail: 1%") + sell("stop: 69000", name="s") + buy("rebound: 1%")
    assert told(rules, path) == told(rules, path)


@pytest.mark.parametrize(
    ("rule", "first", "fires"),
    [
        pytest.param(sell("stop: 68000"), 68000, True, id="stop"),
        pytest.param(sell("target: 72000"), 72500, True, id="target"),
        pytest.param(buy("above: 72000"), 72000, True, id="above"),
        pytest.param(buy("below: 68000"), 67000, True, id="below"),
        pytest.param(sell("trail: 1%"), 70000, False, id="a trail only sets its mark"),
        pytest.param(buy("rebound: 1%"), 70000, False, id="a rebound only sets its mark"),
        pytest.param(sell("stop: 68000, already_met: reject"), 68000, False, id="unless the rule says reject"),
        pytest.param(sell("stop: 68000, already_met: wait_cross"), 68000, False, id="unless the rule waits for the other side"),
    ],
)
def test_the_first_print_is_the_arm_price_and_can_fire(tmp_path, rule, first, fires):
    lines = told(rule, tape(tmp_path, first))
    assert lines[-1] == {"type": "end", "prints": 1, "fired": int(fires)}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("time,price,size,session\n{},67000,1,regular\n", 1, id="an open session"),
        pytest.param("time,price,size,session\n{},67000,1,after\n", 0, id="a closed session"),
        pytest.param("time,price,size,session\n{},67000,1,\n", 1, id="a session that is not said"),
        pytest.param("time,price,size\n{},67000,1\n", 1, id="no session column"),
    ],
)
def test_sessions_are_judged_only_where_the_file_says_them(tmp_path, text, kept):
    lines = told(sell("stop: 68000"), table(tmp_path, text.format(T0)))
    assert lines[-1]["fired"] == kept
    assert [line["reason"] for line in lines if line["type"] == "dropped"] == ["session"] * (1 - kept)


def test_what_is_dropped_says_its_row_price_and_reason(tmp_path):
    text = "time,price,size,sequence,venue,flags\n"
    rows = [
        f"{T0},70000,1,5,,",
        f"{T0},60000,1,4,,",
        f"{T0},60000,1,5,,",
        f"{T0},60000,1,6,NXT,",
        f"{T0},60000,1,7,,odd_lot",
        f"{T0},0,1,8,,",
        f"{T0},-1,1,9,,",
        f"{T0},NaN,1,10,,",
        f"{T0},-Infinity,1,11,,",
        f"{T0},70000,0,12,,",
        f"{T0},60000,inf,13,,",
    ]
    lines = told(sell("stop: 68000"), table(tmp_path, text + "\n".join(rows) + "\n"))
    dropped = [(line["print"], line["reason"]) for line in lines if line["type"] == "dropped"]
    assert dropped == [
        (2, "older"),
        (3, "duplicate"),
        (4, "venue"),
        (5, "flag"),
        *[(row, "wrong_price") for row in (6, 7, 8, 9)],
        (10, "wrong_size"),
        (11, "wrong_size"),
    ]
    assert lines[-1] == {"type": "end", "prints": 11, "fired": 0}


def test_a_rule_that_is_rejected_says_the_price_and_the_level(tmp_path):
    lines = told(sell("stop: 9000, already_met: reject"), tape(tmp_path, 8500))
    assert brief(lines, "rejected") == [("rejected", 1, "8500", None, "9000")]


def test_a_rule_that_waits_for_the_safe_side_says_when_it_is_reached(tmp_path):
    lines = told(sell("stop: 9000, already_met: wait_cross"), tape(tmp_path, 8500, 9100, 9000))
    assert brief(lines, "crossed", "fired") == [("crossed", 2, "9100", None, "9000"), ("fired", 3, "9000", None, "9000")]


def test_without_a_sequence_equal_prints_are_two_prints_and_an_older_one_is_dropped(tmp_path):
    text = f"time,price,size\n{T0},70000,1\n{T0},70000,1\n{T0 - 1},60000,1\n"
    lines = told(sell("stop: 68000"), table(tmp_path, text))
    assert [(line["print"], line["reason"]) for line in lines if line["type"] == "dropped"] == [(3, "older")]


@pytest.mark.parametrize(
    ("head", "fired"),
    [
        pytest.param("", 1, id="not written"),
        pytest.param("guards: {}\n", 0, id="written with the usual collar"),
        pytest.param("guards: {collar: off}\n", 1, id="written as off"),
    ],
)
def test_the_collar_counts_only_when_guards_are_written(tmp_path, head, fired):
    lines = told(sell("stop: 68000"), tape(tmp_path, 70000, 50000), head)
    assert lines[-1]["fired"] == fired
    assert [line["reason"] for line in lines if line["type"] == "dropped"] == ["collar"] * (1 - fired)


@pytest.mark.parametrize("until", ["2020-01-01", "2024-08-09", "2024-08-20", "2099-12-31", "90d"])
@pytest.mark.parametrize("order", ["market", "{limit: 67000}, unfilled: {after: 60s, action: keep}"])
def test_validity_is_not_judged_whatever_the_rule_says(tmp_path, until, order):
    day = 86_400 * SECOND
    lines = told(sell(f"stop: 68000, until: {until}, order: {order}"), tape(tmp_path, 70000, 69000, 67500, 67500, gap=100 * day))
    assert [kind for kind, *_ in brief(lines, "fired", "order", "fill")] == ["fired", "order", "fill"]


def test_prints_of_any_year_are_replayed_with_their_orders(tmp_path):
    year_2200 = 7_258_118_400 * SECOND
    rows = "".join(f"{year_2200 + number * SECOND},{price},10\n" for number, price in enumerate([70000, 68000, 68000]))
    lines = told(sell("stop: 68000, order: {limit: 67000}"), table(tmp_path, "time,price,size\n" + rows))
    assert [kind for kind, *_ in brief(lines, "fired", "order", "fill")] == ["fired", "order", "fill"]


def test_rules_that_cannot_be_taken_are_refused_and_not_silently_unwatched(tmp_path):
    good = settings(sell("stop: 68000"), "accounts: {main: {broker: paper}}\n")
    strange = replace(good, rules=(replace(good.rules[0], account="nobody"),))
    with pytest.raises(UserMistake, match="nobody"):
        list(replay(strange, tape(tmp_path, 70000)))


def test_a_file_without_rules_says_so(tmp_path):
    with pytest.raises(UserMistake, match="no rules"):
        told("  {}", tape(tmp_path, 1))


@pytest.mark.parametrize(("quantity", "sold"), [("7", "7"), ("all", "100")])
def test_without_accounts_one_is_assumed_that_holds_what_the_rules_sell(tmp_path, quantity, sold):
    lines = told(sell("stop: 68000", quantity=quantity), tape(tmp_path, 70000, 68000, 68000))
    assert [line["quantity"] for line in lines if line["type"] == "order"] == [sold]


def test_the_assumed_holding_was_bought_at_the_first_print(tmp_path):
    lines = told(sell("target: +10%"), tape(tmp_path, 70000, 76999, 77000))
    assert brief(lines, "fired") == [("fired", 3, "77000", None, "77000")]


def test_two_rules_share_the_holding_of_a_written_account_and_the_second_says_that_none_is_left(tmp_path):
    account = "accounts: {main: {broker: paper, positions: {KRX:005930: {quantity: 10, cost: 70000}}}}\n"
    lines = told(sell("stop: 68000", "a") + sell("stop: 68000", "b"), tape(tmp_path, 70000, 68000, 68000), account)
    assert [(line["rule"], line["type"]) for line in lines if line["type"] in ("order", "failed")] == [("a", "order"), ("b", "failed")]


def test_an_order_fills_at_the_next_print_and_at_most_its_size(tmp_path):
    lines = told(sell("stop: 68000"), tape(tmp_path, 70000, 68000, 67000, 66000, 65000, size=4))
    fills = [(line["print"], line["price"], line["quantity"]) for line in lines if line["type"] == "fill"]
    assert fills == [(3, "67000", "4"), (4, "66000", "4"), (5, "65000", "2")]


def test_a_limit_order_waits_for_a_print_at_or_through_its_price(tmp_path):
    lines = told(sell("stop: 68000, order: {limit: 67900}"), tape(tmp_path, 70000, 68000, 67800, 67899, 67900))
    assert [(line["print"], line["price"]) for line in lines if line["type"] == "fill"] == [(5, "67900")]


def test_what_was_bought_is_there_to_be_sold(tmp_path):
    account = "accounts: {main: {broker: paper, cash: {KRW: 10000000}}}\n"
    rules = buy("above: 70000") + sell("stop: 68000, bind: none", "out", quantity="all")
    lines = told(rules, tape(tmp_path, 69000, 70000, 70000, 68000, 68000), account)
    assert [(line["rule"], line["quantity"]) for line in lines if line["type"] == "fill"] == [("b", "10"), ("out", "10")]


def test_a_time_is_told_as_the_file_writes_it(tmp_path):
    text = "time,price,size\n2024-08-09T09:00:00.000000001+09:00,68000,1\n"
    (fired,) = [line for line in told(sell("stop: 68000"), table(tmp_path, text)) if line["type"] == "fired"]
    assert fired["time"] == "2024-08-09T09:00:00.000000001+09:00"


def test_prints_of_instruments_that_no_rule_watches_count_but_say_nothing(tmp_path):
    text = f"time,price,size,symbol\n{T0},1,1,000660\n{T0},68000,1,005930\n{T0},1,1,000660\n"
    lines = told(sell("stop: 68000"), table(tmp_path, text))
    assert lines[-1] == {"type": "end", "prints": 3, "fired": 1}
    assert {line["print"] for line in lines[:-1]} == {2}


@pytest.mark.parametrize("text", ["time,price,size\n", "time,price,size,symbol\n1,1,1,OTHER\n"], ids=["header only", "others only"])
def test_a_file_without_a_print_for_the_rules_says_what_they_waited_for(tmp_path, text):
    waited, *lines = told(sell("stop: 68000"), table(tmp_path, text))
    assert (waited["type"], waited["rule"], waited["reason"]["code"]) == ("never_armed", "r", "waiting.price")
    assert lines == [{"type": "end", "prints": text.count("OTHER"), "fired": 0}]


def test_prices_are_exact_text(tmp_path):
    rule = "  b: {instrument: BINANCE:BTCUSDT, side: sell, quantity: 0.001, trail: 0.1%}\n"
    path = tape(tmp_path, "0.1000", "0.30000000000000004", "0.2")
    fired = brief(told(rule, path), "fired")
    assert fired == [("fired", 3, "0.2", "0.30000000000000004", "0.29970000000000003996")]


def test_lines_come_as_the_file_is_read_and_memory_stays_flat(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write("time,price,size\n")
        for number in range(40_000):
            file.write(f"{T0 + number},{70000 + number % 50},1\n")
    lines = replay(settings(sell("stop: 68000")), path)
    assert next(lines)["type"] == "armed"
    tracemalloc.start()
    for line in lines:
        end = line
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert end == {"type": "end", "prints": 40_000, "fired": 0}
    assert peak < 2_000_000


def test_after_every_print_it_can_say_how_the_watching_legs_stand(tmp_path):
    rules = settings(sell("trail: 3%", name="t") + sell("stop: 68000", name="s") + buy("rebound: 3%"))
    lines = list(replay(rules, tape(tmp_path, 71300, 69150), every=True))
    trail = {"rule": "t", "leg": "trail", "kind": "trail", "active": None, "mark": "71300", "level": "69161", "shown": "69100"}
    stop = {"rule": "s", "leg": "stop", "kind": "stop", "active": None, "mark": None, "level": "68000", "shown": "68000"}
    low = {"rule": "b", "leg": "rebound", "kind": "rebound", "active": None, "mark": "71300", "level": "73439", "shown": "73500"}
    fell = low | {"mark": "69150", "level": "71224.5", "shown": "71300"}
    assert [line["legs"] for line in lines if line["type"] == "print"] == [[trail, stop, low], [stop, fell]]


def test_a_level_that_does_not_end_is_shown_on_the_tick_it_fires_on(tmp_path):
    head = "accounts: {main: {broker: paper, positions: {KRX:005930: {quantity: 3, cost: 33333}}}}\n"
    rules = settings(sell("stop: -10%", quantity="3"), head)
    (line,) = [line for line in replay(rules, tape(tmp_path, 33000), every=True) if line["type"] == "print"]
    assert (line["legs"][0]["level"], line["legs"][0]["shown"]) == ("29999.7", "29950")
