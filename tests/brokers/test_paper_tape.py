"""How the tape fills a paper order: behind what was queued, never better than what traded, and saying what it leaves open."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from autotrader.brokers.paper import tape
from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.records import Account, KeptOrder
from autotrader.config.markets import load_markets
from autotrader.domain.order import BrokerOrder, Cost, FillRange, IntentId, OrderId, OrderRequest, OrderStatus, OutcomeKind
from autotrader.domain.rule import PRICED, AccountName, OrderType, Side, TimeInForce
from autotrader.domain.tick import Flag, InstrumentId, Quote, Tick
from autotrader.engine.events import Reference
from autotrader.markets.orders import type_and_tif

SAMSUNG = InstrumentId("KRX:005930")
BITCOIN = InstrumentId("BINANCE:BTCUSDT")
BUY, SELL = Side.BUY, Side.SELL


def seoul(hour: int, minute: int, second: int = 0, day: int = 20) -> int:
    """Return a moment of Friday 2026-11-20 (or another day of that month) in Seoul."""
    return int(datetime(2026, 11, day, hour - 9 if hour >= 9 else hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000_000


NOON = seoul(12, 0)


def book() -> PaperBook:
    return PaperBook(
        Account("main", 0, {"KRW": Decimal(10**9), "USDT": Decimal(10**6)}, {SAMSUNG: Cost(Decimal(7_000_000), Decimal(1000))}),
        load_markets(),
    )


def order(kind: str, price: str | None = None, *, side: Side = BUY, quantity: str = "10", **more: object) -> OrderRequest:
    order_type, tif = type_and_tif(kind)
    limit = None if price is None else Decimal(price)
    name = InstrumentId(str(more.pop("instrument", SAMSUNG)))
    request = OrderRequest(IntentId("i"), 1, "", AccountName("main"), name, side, order_type, Decimal(quantity), limit, tif)
    return replace(request, **more)


def print_(price: str, size: str = "10", *, at: int = NOON, flags: Flag = Flag.NONE, session: str = "", venue: str = "") -> Tick:
    return Tick(SAMSUNG, Decimal(price), Decimal(size), at, venue=venue, session=session, flags=int(flags))


def quote(bid: str | None, bid_size: str | None, ask: str | None, ask_size: str | None, venue: str = "") -> Quote:
    numbers = [None if raw is None else Decimal(raw) for raw in (bid, bid_size, ask, ask_size)]
    return Quote(SAMSUNG, *numbers, NOON, venue)


def after(paper: PaperBook, request: OrderRequest, *seen: Tick | Quote) -> BrokerOrder:
    outcome, _ = paper.place(request)
    assert outcome.kind is OutcomeKind.ACCEPTED, outcome.detail
    for one in seen:
        paper.show(one)
    return paper.ledger()[-1]


def fills(done: BrokerOrder) -> list[tuple[str, str]]:
    return [(str(execution.price), str(execution.quantity)) for execution in done.executions]


NEAR = quote("70000", "30", "70100", "5")


@pytest.mark.parametrize(
    ("request_", "seen", "filled", "range_"),
    [
        pytest.param(order("limit", "70000"), [print_("70000", "35")], [("70000", "5")], (5, 10), id="behind what is displayed"),
        pytest.param(order("limit", "70000"), [print_("70000", "20")], [], (0, 10), id="what is displayed goes first"),
        pytest.param(order("limit", "69900"), [print_("69900", "999")], [], (0, 10), id="deeper than the quote nobody knows the queue"),
        pytest.param(order("limit", "69900"), [print_("69800", "4")], [("69900", "4")], None, id="a print through the limit is ours"),
        pytest.param(
            order("limit", "70000", quantity="80"),
            [print_("70000", "60"), print_("69900", "8")],
            [("70000", "30"), ("70000", "8")],
            (38, 68),
            id="first the queue, then a print through",
        ),
        pytest.param(order("limit", "70100"), [print_("70100", "9")], [("70100", "9")], None, id="a taker takes what prints at the ask"),
        pytest.param(
            order("limit", "70100"), [print_("70000", "9")], [("70100", "5")], (5, 9), id="a taker pays the ask, for what it displays"
        ),
        pytest.param(
            order("limit", "70100"),
            [print_("70200", "9"), print_("70100", "4")],
            [("70100", "4")],
            None,
            id="the ask went away and came back",
        ),
        pytest.param(order("market"), [print_("70300", "9")], [("70300", "9")], None, id="a quote better than the print counts not"),
        pytest.param(order("market", side=SELL), [print_("70100", "9")], [("70000", "9")], None, id="a market sell gets the bid"),
        pytest.param(order("best"), [print_("70100", "3")], [("70100", "3")], None, id="best is fixed at the ask"),
        pytest.param(order("best"), [print_("70200", "3"), print_("70000", "3")], [("70100", "3")], None, id="best does not follow"),
        pytest.param(order("priority"), [print_("70000", "31")], [("70000", "1")], (1, 10), id="priority queues at the bid"),
        pytest.param(
            order("midpoint"), [print_("70100", "3"), print_("70050", "3")], [("70050", "3")], (0, 3), id="midpoint of the quotes"
        ),
        pytest.param(
            order("midpoint"),
            [quote("69800", "1", "69900", "1"), print_("69850", "3"), print_("70050", "3")],
            [("69850", "3")],
            (0, 3),
            id="midpoint follows the book",
        ),
        pytest.param(order("midpoint"), [quote(None, None, "69900", "1"), print_("100", "3")], [], None, id="no midpoint of one side"),
        pytest.param(
            order("stop_limit", "70300", stop=Decimal(70200)),
            [print_("70100"), print_("70200"), print_("70300", "4")],
            [("70300", "4")],
            None,
            id="a stop-limit sleeps, wakes and fills with the next print",
        ),
        pytest.param(
            order("stop_limit", "69800", side=SELL, stop=Decimal(69900)),
            [print_("69700"), print_("69900", "4")],
            [("69900", "4")],
            None,
            id="a sell stop wakes through a gap",
        ),
    ],
)
def test_with_a_quote_an_order_keeps_its_place(request_, seen, filled, range_):
    paper = book()
    paper.show(NEAR)
    done = after(paper, request_, *seen)
    assert fills(done) == filled
    assert done.range == (None if range_ is None else FillRange(*map(Decimal, range_)))


def test_what_the_tape_leaves_open_is_said():
    paper = book()
    paper.show(NEAR)
    done = after(paper, order("limit", "70000", quantity="80"), print_("70000", "60"))
    assert done.reason.startswith("paper.fill_open: 30 filled, in truth between 30 and 60")


def test_without_quotes_a_print_at_the_limit_fills_and_the_doubt_is_said():
    done = after(book(), order("limit", "70000"), print_("70000", "4"), print_("69900", "4"))
    assert fills(done) == [("70000", "4"), ("69900", "4")]
    assert done.range == FillRange(Decimal(4), Decimal(8))


@pytest.mark.parametrize(
    ("kind", "size", "filled", "status"),
    [
        ("market_ioc", "4", "4", OrderStatus.CANCELLED),
        ("market_ioc", "40", "10", OrderStatus.FILLED),
        ("market_fok", "4", "0", OrderStatus.CANCELLED),
        ("market_fok", "40", "10", OrderStatus.FILLED),
        ("best_ioc", "4", "4", OrderStatus.CANCELLED),
    ],
)
@pytest.mark.parametrize("by", ["print", "quote"])
def test_what_lives_for_one_look_is_decided_by_the_next_print_or_quote(kind, size, filled, status, by):
    seen = print_("70000", size) if by == "print" else quote("69900", "1", "70000", size)
    done = after(book(), order(kind), seen, print_("70000", "100"))
    assert (done.filled, done.status) == (Decimal(filled), status)


@pytest.mark.parametrize(
    "seen", [print_("70100"), quote("69900", "1", "70100", "50"), quote("69900", "1", None, None)], ids=["print", "ask", "nobody sells"]
)
def test_an_ioc_that_is_not_reached_is_cancelled_with_its_reason(seen):
    done = after(book(), order("limit_ioc", "70000"), seen)
    assert (done.status, done.filled, done.reason.split(":")[0]) == (OrderStatus.CANCELLED, 0, "paper.rest_cancelled")


@pytest.mark.parametrize("kind", ["best", "priority"])
def test_without_a_quote_the_first_print_fixes_the_price(kind):
    paper = book()
    done = after(paper, order(kind), print_("70000", "3"), print_("71000", "9"))
    assert done.price == 70000
    assert fills(done) == ([("70000", "3")] if kind == "best" else [])


def test_the_first_quote_after_the_acceptance_tells_the_place_too():
    done = after(book(), order("limit", "70000"), NEAR, print_("70000", "20"))
    assert (fills(done), done.range) == ([], FillRange(Decimal(0), Decimal(10)))


@pytest.mark.parametrize(
    ("ordered_at", "printed_at", "filled"),
    [("", "", 1), ("", "KRX", 1), ("", "NXT", 0), ("NXT", "NXT", 1), ("NXT", "KRX", 0), ("NXT", "", 0), ("SOR", "NXT", 1), ("SOR", "", 1)],
)
def test_an_order_fills_from_the_prints_of_its_venue(ordered_at, printed_at, filled):
    paper = book()
    paper.show(quote("1", "9", "2", "9", venue="NXT" if printed_at == "KRX" else "KRX"))
    done = after(paper, order("limit", "70000", quantity="1", venue=ordered_at), print_("70000", venue=printed_at))
    assert done.filled == filled


def test_an_auction_has_one_price_for_all():
    paper = book()
    paper.show(NEAR)
    done = after(paper, order("limit", "70000"), print_("69000", "100", flags=Flag.AUCTION))
    assert fills(done) == [("69000", "10")]


def opened(at: int, session: str) -> PaperBook:
    paper = book()
    paper.show(print_("70000", at=at, session=session))
    return paper


@pytest.mark.parametrize(
    ("kind", "at", "session", "taken"),
    [
        ("market", seoul(12, 0), "krx.continuous", True),
        ("market", seoul(12, 0), "regular", True),
        ("market", seoul(17, 0), "krx.after", False),
        ("best", seoul(17, 0), "krx.after", True),
        ("limit_ioc", seoul(15, 25), "krx.close_call", True),  # the print at 15:25 is none of that session: its time is not believed
        ("market", seoul(17, 0), "", True),
    ],
)
def test_sessions_are_judged_only_when_the_tape_tells_the_market_time(kind, at, session, taken):
    price = "70000" if kind.startswith("limit") else None
    outcome, _ = opened(at, session).place(order(kind, price))
    assert (outcome.kind is OutcomeKind.ACCEPTED, outcome.inadmissible) == (taken, not taken)
    assert taken or outcome.detail.startswith("paper.not_taken_now: KRX takes no market order now")


@pytest.mark.parametrize(("kind", "taken"), [("market", True), ("limit_fok", True), ("midpoint", False), ("moc", False)])
def test_a_market_that_never_closes_is_always_judged(kind, taken):
    price = "50000" if kind.startswith("limit") else None
    outcome, _ = book().place(order(kind, price, instrument=BITCOIN, quantity="1"), NOON)
    assert (outcome.kind is OutcomeKind.ACCEPTED) is taken


@pytest.mark.parametrize(("kind", "code"), [("close_price", "paper.not_on_the_tape"), ("moc", "paper.hours_not_known")])
def test_what_no_tape_can_fill_is_refused(kind, code):
    assert book().place(order(kind))[0].detail.startswith(code)


@pytest.mark.parametrize(("price", "taken"), [("92600", True), ("92700", False), ("50000", True), ("49950", False)])
def test_the_days_limits_hold_when_the_base_is_known(price, taken):
    paper = opened(NOON, "krx.continuous")
    paper.show(Reference(SAMSUNG, Decimal(71300)))  # market-rules 3.2: 50,000 to 92,600
    outcome, _ = paper.place(order("limit", price))
    assert (outcome.kind is OutcomeKind.ACCEPTED) is taken
    assert taken or outcome.detail.startswith("paper.beyond_limits")


@pytest.mark.parametrize(
    ("placed", "session", "last_good", "first_late"),
    [
        pytest.param(seoul(12, 0), "krx.continuous", seoul(15, 30, 20), seoul(16, 0, 5), id="a regular order ends after the closing call"),
        pytest.param(seoul(17, 0), "krx.after", seoul(19, 59, 59), seoul(20, 0, 1), id="an after-market order with the after-market"),
    ],
)
def test_a_day_order_ends_with_its_session(placed, session, last_good, first_late):
    done = after(opened(placed, session), order("limit", "69000"), print_("69000", "3", at=last_good), print_("69000", "3", at=first_late))
    assert (done.filled, done.status, done.reason.split(":")[0]) == (3, OrderStatus.EXPIRED, "paper.session_over")


def test_a_nxt_order_lives_through_the_sessions_of_its_day():
    paper = book()
    paper.show(print_("70000", at=seoul(12, 0), session="nxt.main", venue="NXT"))
    done = after(paper, order("limit", "69000", venue="NXT"), print_("69000", "3", at=seoul(17, 0), venue="NXT"))
    assert done.filled == 3


def test_a_conditional_order_is_a_market_order_in_the_closing_call():
    paper = opened(seoul(12, 0), "krx.continuous")
    request = order("conditional", "69000")
    before, closing = print_("70000", at=seoul(15, 19)), print_("70500", at=seoul(15, 30, 2), flags=Flag.AUCTION)
    assert fills(after(paper, request, before, closing)) == [("70500", "10")]


@pytest.mark.parametrize(
    ("kind", "price", "filled"),
    [("moc", None, [("201", "10")]), ("loc", "201", [("201", "10")]), ("loc", "200.5", [])],
)
def test_an_on_close_order_waits_for_the_closing_auction_alone(kind, price, filled):
    apple = InstrumentId("US:AAPL")
    paper = PaperBook(Account("main", 0, {"USD": Decimal(10**6)}, {}), load_markets())
    day = int(datetime(2026, 11, 20, 5, tzinfo=UTC).timestamp()) * 1_000_000_000  # midnight in New York

    def traded(hour: int, minute: int, value: str, flags: Flag = Flag.NONE) -> Tick:
        at = day + (hour * 60 + minute) * 60_000_000_000
        return Tick(apple, Decimal(value), Decimal(100), at, session="us.regular", flags=int(flags))

    paper.show(traded(9, 31, "200"))
    late = [traded(9, 32, "199", Flag.AUCTION), traded(15, 59, "199"), traded(16, 0, "201", Flag.AUCTION), traded(16, 1, "199")]
    done = after(paper, order(kind, price, instrument=apple), *late)
    assert fills(done) == filled
    assert filled or done.reason.startswith("paper.auction_over")


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (order("stop_limit", "70000"), "paper.no_stop_price"),
        (order("stop_limit", "70000", stop=Decimal(70100)), "paper.stop_beyond_limit"),
        (order("stop_limit", "70000", side=SELL, stop=Decimal(69900)), "paper.stop_beyond_limit"),
        (order("stop_limit", "70000", stop=Decimal(69950)), "paper.off_tick"),
        (order("conditional", None), "paper.no_limit_price"),
    ],
)
def test_what_no_venue_would_take_is_refused(request_, code):
    assert book().place(request_)[0].detail.startswith(code)


PRICES = st.sampled_from(["69800", "69900", "70000", "70100", "70200"])
SIZES = st.sampled_from(["1", "7", "20", "100"])
KINDS = [
    "limit",
    "limit_ioc",
    "limit_fok",
    "market",
    "market_ioc",
    "market_fok",
    "best",
    "priority",
    "midpoint",
    "conditional",
    "stop_limit",
]
SEEN = st.one_of(st.builds(print_, PRICES, SIZES), st.builds(lambda bid, a, b: quote(bid, a, str(int(bid) + 100), b), PRICES, SIZES, SIZES))


def check_no_look_gives_too_much(kind: str, side: Side, price: str, seen: list[Tick | Quote]) -> None:
    """Fail if an order fills more than was printed or displayed, better than that, beyond its limit, or outside its range."""
    limit = price if type_and_tif(kind)[0] in PRICED else None
    paper = book()
    stop = Decimal(price) if kind == "stop_limit" else None
    paper.place(order(kind, limit, side=side, quantity="30", stop=stop))
    for one in seen:
        count = len(paper.ledger()[0].executions)
        paper.show(one)
        done = paper.ledger()[0]
        new = done.executions[count:]
        worth, size = (
            (one.price, one.size) if isinstance(one, Tick) else (one.ask, one.ask_size) if side is BUY else (one.bid, one.bid_size)
        )
        assert sum(execution.quantity for execution in new) <= size
        for execution in new:
            assert execution.price >= worth if side is BUY else execution.price <= worth
            assert limit is None or (execution.price <= Decimal(limit) if side is BUY else execution.price >= Decimal(limit))
        span = done.range or FillRange(done.filled, done.filled)
        assert 0 <= span.least <= done.filled <= span.most <= done.quantity
        assert done.tif is TimeInForce.DAY or done.status is not OrderStatus.PARTIAL
        assert done.tif is not TimeInForce.FOK or done.filled in (0, 30)


@given(st.sampled_from(KINDS), st.sampled_from(list(Side)), PRICES, st.lists(SEEN, max_size=12))
def test_no_print_or_quote_ever_gives_more_or_better_than_it_had(kind, side, price, seen):
    check_no_look_gives_too_much(kind, side, price, seen)


def test_the_check_catches_a_fill_that_forgets_its_limit(monkeypatch):
    monkeypatch.setattr(tape, "_beyond", lambda side, limit, price: Decimal(1))
    with pytest.raises(AssertionError):
        check_no_look_gives_too_much("limit", BUY, "69800", [print_("70000")])


def test_the_check_catches_an_order_that_takes_more_than_was_printed(monkeypatch):
    monkeypatch.setattr(tape, "_in_lots", lambda quantity, lot: Decimal(30))
    with pytest.raises(AssertionError):
        check_no_look_gives_too_much("limit", BUY, "70000", [print_("69900", "7")])


def test_an_order_is_untouched_by_what_does_not_concern_it():
    resting = after(book(), order("limit", "69000"))
    row = KeptOrder(1, resting, resting=True)
    assert tape.on_print(row, print_("70000"), Decimal(10), None, Decimal(1)) == tape.Meeting(row)
    assert resting.order_id == OrderId("main-0-1")
    assert resting.type is OrderType.LIMIT
