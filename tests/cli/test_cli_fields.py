"""Options become the keys of a rule as its file would have them."""

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from autotrader.cli.fields import changed, changes_of, edits_of, fields_of, given
from autotrader.cli.rule_options import OPTIONS
from autotrader.errors import UserMistake
from autotrader.messages import say


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        pytest.param({"stop": "-5%"}, {"stop": "-5%"}, id="a key as it stands"),
        pytest.param(
            {"leg": ["stop=-5%", "target=+10%, share=50%,then=stop_to_breakeven", "trail=2%,activate=+5%,limit-offset=100"]},
            {
                "legs": [
                    {"stop": "-5%"},
                    {"target": "+10%", "share": "50%", "then": "stop_to_breakeven"},
                    {"trail": "2%", "activate": "+5%", "limit_offset": "100"},
                ]
            },
            id="several legs",
        ),
        pytest.param(
            {"leg": ["stop=68000,limit=67900,tif=ioc", "target=80000,order=best_ioc,name=high"]},
            {
                "legs": [
                    {"stop": "68000", "order": {"limit": "67900", "tif": "ioc"}},
                    {"target": "80000", "name": "high", "order": "best_ioc"},
                ]
            },
            id="legs with orders of their own",
        ),
        pytest.param(
            {"leg": ["preserve=+7%:+5%"]}, {"legs": [{"preserve": {"arm": "+7%", "floor": "+5%"}}]}, id="a leg that keeps a profit"
        ),
        pytest.param({"leg": ["time_exit=15:15"]}, {"legs": [{"time_exit": "15:15"}]}, id="a leg by the clock"),
        pytest.param({"preserve": "+7% : +5%"}, {"preserve": {"arm": "+7%", "floor": "+5%"}}, id="a profit to keep"),
        pytest.param({"exit": ["stop=-3%"]}, {"exits": [{"stop": "-3%"}]}, id="exits of an entry"),
        pytest.param(
            {"unfilled": "after=30s,action=reprice,step-ticks=2,max=3"},
            {"unfilled": {"after": "30s", "action": "reprice", "step_ticks": "2", "max": "3"}},
            id="what is not filled",
        ),
        pytest.param(
            {"rearm": "max=3,cooldown=10m,hysteresis=1%"}, {"rearm": {"max": "3", "cooldown": "10m", "hysteresis": "1%"}}, id="begin again"
        ),
        pytest.param(
            {"when": ["time=10:00-close", "change=<= -3%", "price=KRX:000660 >= 180000"]},
            {"when": [{"time": "10:00-close"}, {"change": "<= -3%"}, {"price": "KRX:000660 >= 180000"}]},
            id="conditions of which all must hold",
        ),
        pytest.param({"when": ["volume=>= 100000"], "when_any": True}, {"when": {"any": [{"volume": ">= 100000"}]}}, id="any condition"),
        pytest.param({"tag": ["core", "krx"]}, {"tags": ["core", "krx"]}, id="tags"),
        pytest.param(
            {"net": True, "shadow": True, "rearm_next_session": True},
            {"net": "true", "shadow": "true", "rearm_next_session": "true"},
            id="switches",
        ),
        pytest.param({"net": False, "shadow": False}, {}, id="switches that are off"),
        pytest.param({"limit": "bid - 2 ticks"}, {"order": {"limit": "bid - 2 ticks"}}, id="a price of the moment"),
        pytest.param({"sessions": "nxt.pre, regular"}, {"sessions": ["nxt.pre", "regular"]}, id="sessions"),
        pytest.param(
            {"stop": "", "leg": [""], "tag": [""], "when": [""], "preserve": "", "rearm": "", "sessions": ""}, {}, id="empty texts"
        ),
    ],
)
def test_options_are_keys_of_the_file(options: dict[str, Any], fields: dict[str, Any]):
    assert fields_of(options) == fields


@pytest.mark.parametrize("key", ["leg", "exit", "tag", "when"])
def test_an_empty_text_in_place_of_a_list_removes_it(key: str):
    assert list(changes_of({key: [""]}).values()) == [None]


def test_every_option_has_its_way_into_the_file():
    switches = ("net", "shadow", "rearm_next_session")
    pairs = {"leg": ["stop=1"], "exit": ["stop=1"], "unfilled": "after=1s", "rearm": "max=1", "when": ["time=x"], "preserve": "2:1"}
    options = {
        key: pairs.get(key, ["x"] if key == "tag" else key in switches or "x") for key in OPTIONS if key not in ("when_any", "order")
    }
    keys = fields_of(options)
    assert keys.keys() >= {*OPTIONS} - {"limit", "tif", "leg", "exit", "tag", "when_any"}
    assert keys.keys() >= {"legs", "exits", "tags", "order"}


def test_what_was_not_given_is_not_changed():
    assert given({"stop": None, "leg": [], "tag": (), "net": None, "note": "", "state": "x"}) == {"note": ""}
    assert given({"shadow": False, "leg": ["stop=1"]}) == {"leg": ["stop=1"], "shadow": False}


def test_an_edit_to_legs_takes_the_single_trigger_out_and_the_other_way_round_needs_to_be_said():
    rule = {"side": "sell", "quantity": "10", "trail": "3%", "activate": "+5%"}
    edited = changed(rule, edits_of({"leg": ["stop=-5%", "target=+10%"]}))
    assert edited == {"side": "sell", "quantity": "10", "legs": [{"stop": "-5%"}, {"target": "+10%"}]}
    assert changed(edited, edits_of({"leg": [""], "stop": "-4%"})) == {"side": "sell", "quantity": "10", "stop": "-4%"}
    assert "stop" in edits_of({"leg": ["stop=-5%"], "stop": "1"})  # both were written: the reader says that they exclude each other


def test_an_amount_takes_the_place_of_a_quantity_and_back():
    assert changed({"quantity": "10"}, edits_of({"amount": "1000000"})) == {"amount": "1000000"}
    assert changed({"amount": "1000000"}, edits_of({"quantity": "10"})) == {"quantity": "10"}


WRITTEN = st.text(st.sampled_from("stop=,:%-+ anyé\n1.5"), max_size=20)


@drawn(st.sampled_from(sorted(OPTIONS)), WRITTEN)
def test_whatever_is_written_becomes_keys_or_a_mistake_of_the_user(key: str, text: str):
    try:
        fields_of({key: [text] if key in ("leg", "exit", "tag", "when") else text})
    except UserMistake as mistake:
        assert say(mistake.code, mistake.params)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"leg": ["stop"]}, "cli.not_a_pair"),
        ({"leg": ["=1"]}, "cli.not_a_pair"),
        ({"leg": ["stop=1", ""]}, "cli.not_a_pair"),
        ({"rearm": "max=3,max=4"}, "cli.pair_twice"),
        ({"preserve": ":5%"}, "cli.not_two_levels"),
        ({"leg": ["preserve=5%"]}, "cli.not_two_levels"),
        ({"leg": ["stop=1,tif=ioc"]}, "cli.tif_of_what"),
        ({"when": ["time"]}, "cli.not_a_condition"),
        ({"when_any": True}, "cli.any_of_what"),
    ],
)
def test_what_has_no_form_is_refused(options: dict[str, Any], code: str):
    with pytest.raises(UserMistake) as refused:
        fields_of(options)
    assert refused.value.code == code
