"""The control protocol carries every verb there and back, and names what it cannot read."""

import contextlib
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrader.control.exits import exit_code
from autotrader.control.protocol import (
    REPLY_LIMIT,
    REQUEST_LIMIT,
    Alerts,
    AnyVerb,
    History,
    Journal,
    Ping,
    PlanFile,
    Reload,
    Reply,
    Request,
    Templates,
    Unreadable,
    decode_reply,
    decode_request,
    encode_reply,
    encode_request,
    patience,
    refusal,
    success,
)
from autotrader.domain.rule import AtPrice, Base, Leg, OffBase, Percent, Rule, Side, Stop, Trail
from autotrader.engine.events import Add, Adjust, Cancel, Decision, Edit, Held, ListRules, Pause, Resolve, Resume, ShowRule, Status
from autotrader.errors import (
    AnotherInstance,
    AutotraderError,
    CorruptState,
    DaemonNotRunning,
    IllegalTransition,
    RefusedByState,
    UnknownThing,
    UserMistake,
)

RULE = Rule(
    id="samsung",
    account="main",
    instrument="KRX:005930",
    side=Side.SELL,
    quantity=Decimal("10.50"),
    legs=(
        Leg("stop", Stop(AtPrice(Decimal("68000.0")))),
        Leg("trail", Trail(Percent(Decimal("3.25")), activate=OffBase(Percent(Decimal(5)), Base.ARM))),
    ),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["ping", "add", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["v", "id", "by", "verb", "type", "rule"]), inner, max_size=5)
    ),
    max_leaves=12,
)
VERBS: list[AnyVerb] = [
    Add(RULE),
    Edit(RULE, version=3),
    Pause("samsung"),
    Resume("samsung"),
    Cancel("samsung"),
    Adjust("samsung", new=5, old=1),
    ListRules(),
    ShowRule("samsung"),
    Held(),
    Resolve("samsung/stop/1/1", Decision.PLACED, order_id="77"),
    Status(),
    Reload(confirmed=True, digest="ab12"),
    PlanFile(),
    Templates(),
    History(limit=5, rule="samsung"),
    Journal(subject="samsung/stop", limit=7),
    Alerts(seen=[1, 2]),
    Ping(),
]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: type(verb).__name__)
def test_every_verb_arrives_as_it_was_sent(verb):
    request = Request("r-1", "cli:owner", verb)
    line = encode_request(request)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode_request(line) == request


def test_a_request_is_written_as_documented():
    assert encode_request(Request("r-1", "cli", Pause("a"))) == b'{"v":1,"id":"r-1","by":"cli","verb":{"type":"pause","rule":"a"}}\n'


def test_decimals_stay_exactly_as_written():
    verb = decode_request(encode_request(Request("r", "cli", Add(RULE)))).verb
    assert isinstance(verb, Add)
    assert str(verb.rule.quantity) == "10.50"


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        pytest.param(b"hello\n", "control.unreadable", "", id="not JSON"),
        pytest.param(b"\n", "control.unreadable", "", id="an empty line"),
        pytest.param(b"[1,2]\n", "control.unreadable", "", id="not an object"),
        pytest.param(b"\xff\xfe\n", "control.unreadable", "", id="not UTF-8"),
        pytest.param(b'{"v":1,"id":"\xff"}\n', "control.unreadable", "", id="an id that is not UTF-8"),
        pytest.param(b'{"v":1,"id":"x","by":"\xff","verb":{"type":"ping"}}\n', "control.unreadable", "x", id="a name that is not UTF-8"),
        pytest.param(b'{"v":1,"id":5}\n', "control.unreadable", "", id="an id that is no text"),
        pytest.param(b"[" * 60_000 + b"\n", "control.unreadable", "", id="nested too deep"),
        pytest.param(b'{"v":1,"id":"x","verb":' + b'{"a":' * 9_000 + b"\n", "control.unreadable", "", id="objects nested too deep"),
        pytest.param(b'{"v":2,"id":"x","whatever":[]}\n', "control.version", "x", id="another version, whatever it looks like"),
        pytest.param(b'{"id":"x","by":"c","verb":{"type":"ping"}}\n', "control.version", "x", id="no version"),
        pytest.param(b'{"v":1,"id":"x","by":"c"}\n', "control.unreadable", "x", id="no verb"),
        pytest.param(b'{"v":1,"id":"x","by":"c","verb":{"type":"sell_everything"}}\n', "control.unreadable", "x", id="an unknown verb"),
        pytest.param(b'{"v":1,"id":"x","by":"c","verb":{"type":"pause"}}\n', "control.unreadable", "x", id="a verb without its rule"),
        pytest.param(
            b'{"v":1,"id":"x","by":"c","verb":{"type":"history","limit":"9"}}\n', "control.unreadable", "x", id="text for a number"
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_id_where_it_has_one(line, code, request_id):
    with pytest.raises(Unreadable) as caught:
        decode_request(line)
    assert (caught.value.code, caught.value.request) == (code, request_id)
    assert str(caught.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | _json.map(msgspec.json.encode))
def test_whatever_comes_is_a_request_or_is_called_unreadable(line):
    with contextlib.suppress(Unreadable):
        assert isinstance(decode_request(line), Request)


def test_a_request_over_the_limit_is_not_even_sent():
    spare = REQUEST_LIMIT - len(encode_request(Request("r", "", Ping()))) + 1
    assert len(encode_request(Request("r", "x" * spare, Ping()))) == REQUEST_LIMIT + 1
    with pytest.raises(Unreadable, match=str(REQUEST_LIMIT)):
        encode_request(Request("r", "x" * (spare + 1), Ping()))


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        pytest.param(success({"price": Decimal("1.50")}), Reply("r", ok=True, result={"price": "1.50"}), id="a result, decimals as text"),
        pytest.param(
            refusal(RefusedByState("control.taken", path="/x")),
            Reply("r", ok=False, code="control.taken", params={"path": "/x"}, exit=5),
            id="a refusal with its code and exit code",
        ),
    ],
)
def test_replies_arrive_as_they_were_sent(body, reply):
    assert decode_reply(encode_reply("r", body)) == reply


@pytest.mark.parametrize("line", [b"", b"{\n", b'{"v":1,"id":"r"}\n', b'{"v":1,"id":"r","ok":"yes"}\n'])
def test_a_reply_that_cannot_be_read_is_named(line):
    with pytest.raises(Unreadable, match="control protocol"):
        decode_reply(line)


def test_a_reply_of_a_thousand_rules_goes_through_and_one_over_the_limit_says_so():
    many = success({"rules": [msgspec.to_builtins(RULE)] * 1000})
    assert len(decode_reply(encode_reply("r", many)).result["rules"]) == 1000
    too_much = decode_reply(encode_reply("r", success({"text": "x" * REPLY_LIMIT})))
    assert (too_much.ok, too_much.code, too_much.exit) == (False, "control.reply_too_long", 2)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(AutotraderError("control.busy", limit=1), 1, id="anything else failed"),
        pytest.param(CorruptState("control.busy", limit=1), 1, id="a corrupt state failed"),
        pytest.param(UserMistake("control.busy", limit=1), 2, id="a mistake"),
        pytest.param(UnknownThing("control.busy", limit=1), 2, id="an unknown rule is a mistake"),
        pytest.param(DaemonNotRunning("control.not_running", path="/x"), 3, id="no daemon"),
        pytest.param(RefusedByState("control.busy", limit=1), 5, id="refused by the state"),
        pytest.param(IllegalTransition("control.busy", limit=1), 5, id="no such move is a refusal"),
        pytest.param(AnotherInstance("control.taken", path="/x"), 75, id="another instance"),
    ],
)
def test_exit_codes_follow_from_the_kind_of_error(error, code):
    assert exit_code(error) == code


def test_a_reload_may_take_as_long_as_reading_a_hostile_file():
    assert patience(Reload()) > 30 > patience(Ping())
