"""The paper account: what it accepts, how prints fill it, and what is left afterwards, to the last digit."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.records import Account
from autotrader.config.markets import load_markets
from autotrader.domain.order import Balance, Cost, Holding, IntentId, OrderId, OrderRequest, OrderStatus, OutcomeKind
from autotrader.domain.rule import AccountName, OrderType, Side
from autotrader.domain.tick import InstrumentId, Tick

SAMSUNG = InstrumentId("KRX:005930")
ON_NXT = InstrumentId("NXT:005930")
BITCOIN = InstrumentId("BINANCE:BTCUSDT")
NOON = int(datetime(2026, 8, 14, 3, tzinfo=UTC).timestamp()) * 1_000_000_000
LIMIT, MARKET, BUY, SELL = OrderType.LIMIT, OrderType.MARKET, Side.BUY, Side.SELL


def book(*, won: str = "10000000", dollars: str = "100000", held: str = "100", fee: str | None = None) -> PaperBook:
    cash = {"KRW": Decimal(won), "USDT": Decimal(dollars)}
    positions = {SAMSUNG: Cost(Decimal(70000) * Decimal(held), Decimal(held))}
    return PaperBook(Account("main", 0, cash, positions), load_markets(), None if fee is None else Decimal(fee))


def order(
    client_id: str = "a", side: Side = BUY, quantity: str = "10", limit: str | None = None, instrument: str = SAMSUNG
) -> OrderRequest:
    price = None if limit is None else Decimal(limit)
    kind = MARKET if limit is None else LIMIT
    name = InstrumentId(instrument)
    return OrderRequest(IntentId(client_id), 1, client_id, AccountName("main"), name, side, kind, Decimal(quantity), price)


def accepted(paper: PaperBook, request: OrderRequest) -> OrderId:
    outcome, reports = paper.place(request)
    assert outcome.kind is OutcomeKind.ACCEPTED, outcome.detail
    assert [report.order.status for report in reports] == [OrderStatus.WORKING]
    return OrderId(outcome.order_id)


def printed(price: str, size: str = "1000", instrument: str = SAMSUNG) -> Tick:
    return Tick(InstrumentId(instrument), Decimal(price), Decimal(size), NOON)


def fills(paper: PaperBook, order_id: str) -> list[tuple[str, str]]:
    found = next(kept for kept in paper.ledger() if kept.order_id == order_id)
    return [(str(execution.price), str(execution.quantity)) for execution in found.executions]


@pytest.mark.parametrize(
    ("request_", "prints", "filled"),
    [
        pytest.param(order(), [("71000", "4"), ("71100", "20")], [("71000", "4"), ("71100", "6")], id="a market order takes what prints"),
        pytest.param(order(), [("71000", "0")], [], id="a print without size fills nothing"),
        pytest.param(order(), [("71000", "0.5")], [], id="less than a lot fills nothing"),
        pytest.param(order(limit="70000"), [("70000", "10")], [("70000", "10")], id="a buy limit fills at its price"),
        pytest.param(order(limit="70000"), [("70100", "10")], [], id="a print above a buy limit fills nothing"),
        pytest.param(order(limit="70000"), [("69000", "10")], [("69000", "10")], id="a buy limit that takes gets the print"),
        pytest.param(
            order(limit="70000"), [("70100", "9"), ("69000", "10")], [("70000", "10")], id="a buy limit that rested gets its limit"
        ),
        pytest.param(
            order(limit="70000"),
            [("69900", "3"), ("69800", "3"), ("70100", "9"), ("69000", "9")],
            [("69900", "3"), ("69800", "3"), ("70000", "4")],
            id="a buy limit takes until a print does not reach it",
        ),
        pytest.param(order(side=SELL, limit="71000"), [("72000", "10")], [("72000", "10")], id="a sell limit that takes gets the print"),
        pytest.param(
            order(side=SELL, limit="71000"),
            [("70900", "9"), ("72000", "10")],
            [("71000", "10")],
            id="a sell limit that rested gets its limit",
        ),
        pytest.param(order(side=SELL, limit="71000"), [("70999", "10")], [], id="a print under a sell limit fills nothing"),
        pytest.param(order(side=SELL), [("8500", "10")], [("8500", "10")], id="a market sell fills through a gap"),
    ],
)
def test_a_print_fills_what_it_reaches(request_, prints, filled):
    paper = book()
    order_id = accepted(paper, request_)
    for price, size in prints:
        paper.show(printed(price, size))
    assert fills(paper, order_id) == filled


def test_a_print_shown_before_the_acceptance_never_fills():
    paper = book()
    assert paper.show(printed("70000")) == []
    order_id = accepted(paper, order())
    assert fills(paper, order_id) == []


def test_orders_share_a_print_in_time_priority_and_never_use_it_twice():
    paper = book()
    first, second, third = (accepted(paper, order(name, quantity="10")) for name in "abc")
    reports = paper.show(printed("70000", "15"))
    assert [(report.order.order_id, report.order.filled) for report in reports] == [(first, 10), (second, 5)]
    assert fills(paper, third) == []


def test_a_partly_filled_order_keeps_its_place():
    paper = book()
    first, second = accepted(paper, order("a")), accepted(paper, order("b"))
    paper.show(printed("70000", "4"))
    paper.show(printed("70000", "7"))
    assert (fills(paper, first), fills(paper, second)) == ([("70000", "4"), ("70000", "6")], [("70000", "1")])


def test_an_order_that_ended_is_not_filled_again():
    paper = book()
    order_id = accepted(paper, order())
    paper.show(printed("70000"))
    assert paper.show(printed("70000")) == []
    assert fills(paper, order_id) == [("70000", "10")]


def test_a_buy_moves_cash_cost_and_quantity_exactly():
    paper = book()
    accepted(paper, order(quantity="3"))
    paper.show(printed("71333"))
    assert paper.statement().holdings == (Holding(SAMSUNG, Decimal(103), Decimal(103), Decimal(7000000 + 213999)),)
    assert paper.statement().balances[0] == Balance("KRW", Decimal(10000000 - 213999 - 32), Decimal(9785969))  # 0.015 % is 32.09985


def test_a_sell_pays_commission_and_tax_each_cut_to_the_won():
    paper = book()
    order_id = accepted(paper, order(side=SELL, quantity="3"))
    paper.show(printed("71333"))
    (execution,) = next(kept for kept in paper.ledger() if kept.order_id == order_id).executions
    assert execution.fee == 32 + 427  # 32.09985 and 427.998
    assert paper.statement().balances[0].total == 10000000 + 213999 - 459


def test_the_tax_is_that_of_the_day_of_the_print():
    paper = book()
    accepted(paper, order(side=SELL))
    eve = int(datetime(2025, 12, 31, 14, 59, 59, tzinfo=UTC).timestamp()) * 1_000_000_000
    paper.show(Tick(SAMSUNG, Decimal(70000), Decimal(1), eve))
    paper.show(Tick(SAMSUNG, Decimal(70000), Decimal(1), eve + 1_000_000_000))
    assert [execution.fee for execution in paper.ledger()[0].executions] == [10 + 105, 10 + 140]


def test_the_accounts_own_commission_takes_the_place_of_the_markets():
    paper = book(fee="0")
    accepted(paper, order(side=SELL))
    paper.show(printed("70000", "10"))
    assert paper.ledger()[0].executions[0].fee == 1400


def test_a_partial_sell_leaves_the_cost_in_proportion_and_a_closed_position_leaves_none():
    paper = PaperBook(Account("main", 0, {"KRW": Decimal(0)}, {SAMSUNG: Cost(Decimal(100), Decimal(3))}), load_markets())
    accepted(paper, order("a", SELL, "1"))
    accepted(paper, order("b", SELL, "2"))
    paper.show(printed("100", "1"))
    assert paper.statement().holdings[0].cost == Decimal("66.666666666667")
    paper.show(printed("100", "2"))
    assert paper.statement().holdings == ()


def test_currencies_and_markets_with_the_same_code_are_kept_apart():
    paper = book()
    accepted(paper, order("k", quantity="1"))
    accepted(paper, order("n", quantity="2", instrument=ON_NXT))
    accepted(paper, order("b", quantity="0.01", instrument=BITCOIN))
    paper.show(printed("70000", instrument=ON_NXT))
    paper.show(printed("60000.5", "1", instrument=BITCOIN))
    statement = paper.statement()
    assert {holding.instrument: holding.quantity for holding in statement.holdings} == {SAMSUNG: 100, ON_NXT: 2, BITCOIN: Decimal("0.01")}
    assert {balance.currency: balance.total for balance in statement.balances} == {
        "KRW": Decimal(10000000 - 140000 - 21),
        "USDT": Decimal("100000") - Decimal("600.005") - Decimal("0.600005"),
    }


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        pytest.param(order(quantity="0"), "paper.not_positive", id="no quantity"),
        pytest.param(order(quantity="-1"), "paper.not_positive", id="a negative quantity"),
        pytest.param(order(quantity="NaN"), "paper.not_positive", id="a quantity that is no number"),
        pytest.param(order(quantity="1.5"), "paper.not_whole_lots", id="half a share"),
        pytest.param(order(quantity="0.000000001", instrument=BITCOIN), "paper.not_whole_lots", id="less than a satoshi"),
        pytest.param(order(limit="0"), "paper.not_positive", id="a limit of nothing"),
        pytest.param(order(limit="70050"), "paper.off_tick", id="a limit between two ticks"),
        pytest.param(order(side=SELL, quantity="101"), "paper.not_enough_sellable", id="more than is held"),
        pytest.param(order(side=SELL, instrument=ON_NXT), "paper.not_enough_sellable", id="held in another market only"),
        pytest.param(order(quantity="200", limit="70000"), "paper.not_enough_cash", id="more than the cash pays for"),
        pytest.param(order(quantity="1", limit="200", instrument="US:AAPL"), "paper.no_such_currency", id="a currency not held"),
        pytest.param(order(quantity="1", instrument="US:AAPL"), "paper.no_such_currency", id="a market buy in a currency not held"),
        pytest.param(order(instrument="MARS:X"), "market.unknown", id="a market that nobody knows"),
        pytest.param(order(instrument="BINANCE:XYZ"), "market.no_currency", id="an instrument without a currency"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason_and_holds_nothing(request_, code):
    paper = book()
    before = paper.statement()
    outcome, reports = paper.place(request_)
    assert (outcome.kind, outcome.detail.split(":")[0], outcome.order_id, reports) == (OutcomeKind.REFUSED, code, "", [])
    assert (paper.statement(), paper.ledger(), paper.find(request_.client_id)) == (before, (), None)


def test_a_limit_order_without_a_price_and_an_order_of_another_account_are_refused():
    paper = book()
    priceless = OrderRequest(IntentId("i"), 1, "i", AccountName("main"), SAMSUNG, BUY, LIMIT, Decimal(1), None)
    foreign = OrderRequest(IntentId("j"), 1, "j", AccountName("other"), SAMSUNG, BUY, MARKET, Decimal(1), None)
    assert [paper.place(request)[0].detail.split(":")[0] for request in (priceless, foreign)] == [
        "paper.no_limit_price",
        "paper.other_account",
    ]


def test_open_sells_reserve_their_rest():
    paper = book()
    accepted(paper, order("a", SELL, "60", limit="80000"))
    assert paper.place(order("b", SELL, "41"))[0].kind is OutcomeKind.REFUSED
    accepted(paper, order("c", SELL, "40"))
    assert paper.statement().holdings[0].sellable == 0
    paper.show(printed("70000", "10"))
    assert (paper.statement().holdings[0].quantity, paper.statement().holdings[0].sellable) == (90, 0)


def test_open_buys_reserve_value_and_fee_at_their_limit():
    paper = book(won="700105")
    assert paper.place(order("a", limit="70100"))[0].kind is OutcomeKind.REFUSED
    accepted(paper, order("b", limit="70000"))
    assert paper.statement().balances[0] == Balance("KRW", Decimal(700105), Decimal(0))
    assert paper.place(order("c", quantity="1"))[0].detail.startswith("paper.not_enough_cash")
    paper.show(printed("69000", "10"))
    assert paper.statement().balances[0] == Balance("KRW", Decimal(700105 - 690103), Decimal(700105 - 690103))


def test_simultaneous_buys_never_spend_more_than_there_is():
    paper = book(won="1000000")
    accepted(paper, order("a", limit="70000"))
    market = accepted(paper, order("b", quantity="10"))
    paper.show(printed("70100", "100"))
    assert fills(paper, market) == [("70100", "4")]
    paper.show(printed("70000", "100"))
    assert paper.statement().balances[0] == Balance("KRW", Decimal(1000000 - 280400 - 42 - 700000 - 105), Decimal(19453))


def test_a_market_buy_takes_what_the_cash_pays_for_and_ends_with_the_reason():
    paper = book(dollars="100")
    accepted(paper, order(quantity="1", instrument=BITCOIN))
    (report,) = paper.show(printed("60000", "1", BITCOIN))
    assert report.order.status is OrderStatus.CANCELLED
    assert report.order.reason.startswith("paper.cash_ran_out")
    assert report.order.filled == Decimal("0.00166500")
    assert report.statement.balances[1].total == Decimal("100") - Decimal("99.9") - Decimal("0.0999")


def test_a_market_buy_that_pays_for_no_lot_ends_unfilled():
    paper = book(won="69999")
    accepted(paper, order(quantity="1"))
    (report,) = paper.show(printed("70000"))
    assert (report.order.status, report.order.filled, report.statement.balances[0].total) == (OrderStatus.CANCELLED, 0, 69999)


def test_the_same_client_id_gets_the_first_answer_and_makes_no_second_order():
    paper = book()
    first = paper.place(order("a", limit="70000"))[0]
    again, reports = paper.place(order("a", limit="70000"))
    assert (again, reports, len(paper.ledger())) == (first, [], 1)
    refused = paper.place(order("b", SELL, "101"))[0]
    accepted(paper, order("c", quantity="1"))
    paper.show(printed("70000"))
    assert paper.place(order("b", SELL, "101"))[0] == refused


def test_orders_without_a_client_id_are_each_their_own():
    paper = book()
    assert accepted(paper, order("", quantity="1")) != accepted(paper, order("", quantity="1"))
    assert paper.find("") is None


def test_withdrawing_gives_back_what_was_reserved():
    paper = book()
    order_id = accepted(paper, order(limit="70000"))
    paper.show(printed("70000", "4"))
    withdrawn, (report,) = paper.withdraw(IntentId("w"), order_id)
    assert (withdrawn.kind, report.order.status, report.order.filled) == (OutcomeKind.ACCEPTED, OrderStatus.CANCELLED, 4)
    assert report.statement.balances[0] == Balance("KRW", Decimal(10000000 - 280042), Decimal(10000000 - 280042))
    assert paper.show(printed("70000")) == []


def test_an_order_that_ended_or_never_was_cannot_be_withdrawn():
    paper = book()
    order_id = accepted(paper, order())
    paper.show(printed("70000"))
    before = paper.ledger(), paper.statement()
    details = [paper.withdraw(IntentId("w"), OrderId(name))[0].detail.split(":")[0] for name in (order_id, "nobody")]
    assert details == ["paper.already_ended", "paper.no_such_order"]
    assert (paper.ledger(), paper.statement()) == before


def test_a_sell_into_a_currency_that_the_account_did_not_have_opens_it():
    paper = PaperBook(Account("main", 0, {}, {BITCOIN: Cost(Decimal(1), Decimal(1))}), load_markets())
    accepted(paper, order(side=SELL, quantity="1", instrument=BITCOIN))
    paper.show(printed("60000", "1", BITCOIN))
    assert paper.statement().balances == (Balance("USDT", Decimal(59940), Decimal(59940)),)


def test_numbers_of_an_account_born_later_are_never_those_of_the_one_before():
    numbers = set()
    for born in (0, NOON, NOON + 1_000_000_000):
        paper = PaperBook(Account("main", born, {"KRW": Decimal(1000000)}, {}), load_markets())
        accepted(paper, order(quantity="1"))
        paper.show(printed("70000"))
        numbers |= {paper.ledger()[0].order_id, paper.ledger()[0].executions[0].execution_id}
    assert len(numbers) == 6


def test_unsaved_changes_are_told_once_and_a_resting_mark_is_one_of_them():
    paper = book()
    accepted(paper, order(limit="70000"))
    assert len(paper.unsaved().orders) == 1
    assert not paper.has_unsaved()
    paper.show(printed("71000"))
    assert [row.resting for row in paper.unsaved().orders] == [True]
    paper.show(printed("71000"))
    assert not paper.has_unsaved()
