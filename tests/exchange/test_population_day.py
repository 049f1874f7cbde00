"""The simulated market by the clock: sessions, calls, nights, and what each scenario is there to show."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import pytest
from markets_of import CALM, HOUR, HYNIX, SAMSUNG, SECOND, START, day, prints_of, told_until, turns

from autotrader.domain.rule import OrderType, Side
from autotrader.domain.settings import SimInstrument
from autotrader.domain.tick import Flag, InstrumentId, Quote, Tick
from autotrader.exchange.events import Rejected
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.market import Clock, SimMarket, Told
from autotrader.exchange.orders import Order
from autotrader.exchange.place import Based
from autotrader.exchange.scenarios import SCENARIOS
from autotrader.exchange.stall import Ended, Filled, Turned
from autotrader.markets.calendar import moment

EXPECTED, OFF_HOURS, AUCTION = int(Flag.EXPECTED), int(Flag.OFF_HOURS), int(Flag.AUCTION)


def clock(at: int, zone: str = "Asia/Seoul") -> str:
    return moment(at, zone).strftime("%H:%M")


@pytest.fixture(scope="module")
def friday() -> list[Told]:
    return list(told_until(day(), START + 12 * HOUR))


def test_each_session_prints_what_it_makes(friday: list[Told]) -> None:
    kinds = Counter((tick.venue, tick.session, tick.flags) for tick in prints_of(friday, SAMSUNG))
    assert set(kinds) == {
        ("NXT", "nxt.pre", 0),
        ("KRX", "krx.pre_close_price", OFF_HOURS),
        ("KRX", "krx.open_call", EXPECTED),
        ("KRX", "krx.open_call", AUCTION),
        ("KRX", "krx.continuous", 0),
        ("NXT", "nxt.main", 0),
        ("KRX", "krx.close_call", EXPECTED),
        ("KRX", "krx.close_call", AUCTION),
        ("NXT", "nxt.close_price", OFF_HOURS),
        ("NXT", "nxt.after_call", EXPECTED),
        ("NXT", "nxt.after_call", AUCTION),
        ("KRX", "krx.post_close_price", OFF_HOURS),
        ("KRX", "krx.after", 0),
        ("NXT", "nxt.after", 0),
    }
    assert [kinds["KRX", session, AUCTION] for session in ("krx.open_call", "krx.close_call")] == [1, 1]
    assert kinds["KRX", "krx.continuous", 0] > 700


@pytest.mark.parametrize(
    ("venue", "session", "first", "last"),
    [
        ("NXT", "nxt.pre", "08:00", "08:49"),
        ("KRX", "krx.continuous", "09:00", "15:19"),
        ("NXT", "nxt.main", "09:00", "15:19"),
        ("KRX", "krx.after", "16:00", "19:59"),
        ("NXT", "nxt.after", "15:40", "19:59"),
    ],
)
def test_a_session_prints_in_its_hours_only(friday: list[Told], venue: str, session: str, first: str, last: str) -> None:
    times = [clock(tick.time) for tick in prints_of(friday) if (tick.venue, tick.session) == (venue, session)]
    assert (min(times)[:4], max(times)[:4]) == (first[:4], last[:4])
    assert first <= min(times)
    assert max(times) <= last


def test_off_hours_trades_are_at_the_close_they_are_named_after(friday: list[Told]) -> None:
    ticks = prints_of(friday, SAMSUNG)
    close = next(tick.price for tick in ticks if tick.session == "krx.close_call" and tick.flags == AUCTION)
    at = {tick.session: tick.price for tick in ticks if tick.flags == OFF_HOURS}
    assert at == {"krx.pre_close_price": Decimal(70000), "krx.post_close_price": close, "nxt.close_price": close}


def test_the_expected_price_comes_before_the_match_and_near_it(friday: list[Told]) -> None:
    call = [tick for tick in prints_of(friday, SAMSUNG) if tick.session == "krx.open_call"]
    assert [tick.flags for tick in call[-2:]] == [EXPECTED, AUCTION]
    assert abs(call[-2].price / call[-1].price - 1) < Decimal("0.005")


def test_prints_are_numbered_over_venues_in_the_order_of_time(friday: list[Told]) -> None:
    ticks = prints_of(friday, SAMSUNG)
    assert [tick.sequence for tick in ticks] == list(range(1, len(ticks) + 1))
    assert all(before.time <= after.time for before, after in pairwise(ticks))


def test_there_are_no_quotes_in_a_call(friday: list[Told]) -> None:
    in_call = [event for event in friday if isinstance(event, Quote) and event.venue == "KRX" and "15:20" <= clock(event.time) < "15:30"]
    assert {(quote.bid, quote.bid_size, quote.ask, quote.ask_size) for quote in in_call} == {(None, None, None, None)}


def test_the_same_seed_gives_the_same_day(friday: list[Told]) -> None:
    assert list(told_until(day(), START + 12 * HOUR)) == friday


def test_the_time_is_told_at_every_change_of_sessions(friday: list[Told]) -> None:
    assert [clock(event.at) for event in friday if isinstance(event, Clock)] == [
        *("08:00", "08:30", "08:40", "08:50", "09:00", "09:00", "15:20", "15:30", "15:40", "16:00", "20:00"),
        "08:00",  # of Monday: the night passed at once
    ]


def test_a_weekend_passes_at_once_and_the_next_day_begins_at_the_close() -> None:
    market = day(begin="2026-11-20T15:00")
    told = list(told_until(market, START + 73 * HOUR))
    close = next(tick.price for tick in prints_of(told, SAMSUNG) if tick.session == "krx.close_call" and tick.flags == AUCTION)
    based = next(event for event in told if isinstance(event, Based) and event.instrument == SAMSUNG)
    assert (based.price, moment(based.at, "Asia/Seoul").strftime("%a %H:%M")) == (close, "Mon 08:00")
    assert market.bases()[SAMSUNG] == close


def test_an_american_day_keeps_the_hours_of_new_york() -> None:
    apple = InstrumentId("US:AAPL")
    market = day(begin="2026-11-20T04:00", instruments={apple: SimInstrument(start=Decimal(200), volatility=Decimal("0.02"))})
    begin = market.now
    ticks = prints_of(list(told_until(market, begin + 15 * HOUR)))
    hours = {session: [clock(t.time, "America/New_York") for t in ticks if t.session == session] for session in {t.session for t in ticks}}
    assert {session: (times[0], times[-1]) for session, times in hours.items()} == {
        "us.pre": ("04:01", "09:29"),
        "us.regular": ("09:30", "15:59"),
        "us.post": ("16:00", "18:59"),
    }


def test_a_coin_beside_a_share_never_sleeps() -> None:
    coin = InstrumentId("UPBIT:KRW-BTC")
    market = day(begin="2026-11-20T19:00", every=600_000, instruments={SAMSUNG: CALM, coin: SimInstrument(start=Decimal(150_000_000))})
    ticks = prints_of(list(told_until(market, market.now + 12 * HOUR)), coin)
    assert {tick.session for tick in ticks} == {"upbit.continuous"}
    assert len(ticks) >= 70


# scenarios


def states(told: list[Told]) -> list[tuple[str, str, str, str]]:
    return [(clock(event.at), event.venue, event.instrument, event.state) for event in told if isinstance(event, Turned)]


def story(scenario: str, hours: int, *, instruments: dict[InstrumentId, SimInstrument] | None = None, every: int = 10_000) -> list[Told]:
    market = day(scenario, every=every, instruments=instruments or {SAMSUNG: CALM})
    return list(told_until(market, market.now + hours * HOUR))


def test_a_crash_day_stops_the_whole_market_twice() -> None:
    told = story("crash_day", 8, instruments={SAMSUNG: CALM, HYNIX: CALM})
    said = [(venue, state) for _, venue, instrument, state in states(told) if not instrument]
    assert said == [(venue, state) for state in ("halt", "restart", "open") * 2 for venue in ("KRX", "NXT")]
    halts = [event.at for event in told if isinstance(event, Turned) and event.state == "halt"]
    for stop in halts[::2]:
        assert not [t for t in prints_of(told) if stop < t.time < stop + 20 * 60 * SECOND], "nothing trades in a halt"
        called = [t for t in prints_of(told) if stop + 20 * 60 * SECOND < t.time < stop + 30 * 60 * SECOND]
        assert {t.flags for t in called} == {EXPECTED}


def test_a_gap_over_the_weekend_opens_under_every_price_of_friday() -> None:
    ticks = [t for t in prints_of(story("gap_down", 68)) if t.venue == "KRX" and not t.flags & (EXPECTED | OFF_HOURS)]
    friday, monday = ([t.price for t in ticks if moment(t.time, "Asia/Seoul").strftime("%a") == name] for name in ("Fri", "Mon"))
    assert friday
    assert monday
    assert max(monday[:5]) < min(friday) * Decimal("0.97")


def test_a_limit_up_locks_the_price_with_nobody_on_the_other_side() -> None:
    told = story("limit_up", 7)
    prices = [tick.price for tick in prints_of(told) if tick.venue == "KRX" and not tick.flags & EXPECTED]
    assert max(prices) == prices[-1] == 91000
    last = [event for event in told if isinstance(event, Quote) and event.venue == "KRX" and event.bid is not None][-1]
    assert last.bid == 91000
    assert last.ask is None
    assert any(state == "vi" for *_, state in states(told)), "on the way up are interruptions"


def test_a_vi_day_interrupts_one_issue_and_resumes_with_one_match() -> None:
    told = story("vi_day", 6)
    krx = [(at, state) for at, venue, instrument, state in states(told) if (venue, instrument) == ("KRX", SAMSUNG)]
    assert [state for _, state in krx] == ["vi", "open"] * 3
    reasons = [event.reason for event in told if isinstance(event, Turned) and event.venue == "KRX" and event.state == "vi"]
    assert reasons == ["dynamic", "static", "dynamic"]
    matches = [t for t in prints_of(told) if (t.venue, t.session, t.flags) == ("KRX", "krx.continuous", AUCTION)]
    assert len(matches) == 3
    assert all(120 <= (event.until - event.at) // SECOND <= 150 for event in told if isinstance(event, Turned) and event.state == "vi")


def test_a_thin_after_market_trades_seldom_with_wide_quotes() -> None:
    thin, usual = story("thin_after", 12, every=30_000), story("ordinary", 12, every=30_000)

    def after(told: list[Told]) -> list[Tick]:
        return [tick for tick in prints_of(told) if tick.session == "krx.after"]

    assert 0 < len(after(thin)) * 3 < len(after(usual))
    quotes = [q for q in thin if isinstance(q, Quote) and clock(q.time) > "16:05" and q.bid and q.ask]
    assert all(quote.ask - quote.bid >= 400 for quote in quotes if quote.ask and quote.bid)
    assert min(t.price for t in prints_of(thin) if clock(t.time) >= "17:00") < Decimal("0.98") * 70000


def test_after_a_split_the_base_is_a_fifth_of_the_close() -> None:
    told = story("split", 67)
    close = next(t.price for t in prints_of(told) if t.session == "krx.close_call" and t.flags == AUCTION)
    base = next(event.price for event in told if isinstance(event, Based))
    assert abs(base * 5 - close) < 5 * 10
    monday = [t.price for t in prints_of(told) if t.time > START + 24 * HOUR]
    assert all(abs(price / base - 1) < Decimal("0.1") for price in monday)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_venue_refuses_anything_that_the_crowd_sends(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[Rejected] = []

    def noting(exchange: Exchange, new: Order, at: int) -> object:
        events = order(exchange, new, at)
        refused.extend(event for event in events if isinstance(event, Rejected))
        return events

    order = Exchange.order
    monkeypatch.setattr(Exchange, "order", noting)
    story(scenario, 13, every=60_000)
    assert refused == []


# orders from outside


def sent(market: SimMarket, kind: OrderType, side: Side, price: int | None, *, venue: str = "", name: str = "me/1") -> list[Told]:
    """Enter an order that is taken."""
    refused, told = market.enter(SAMSUNG, Order(name, side, kind, Decimal(50), Decimal(price) if price else None), venue)
    assert refused is None, refused.reason
    return list(told)


def until_filled(told: Iterator[Told]) -> Filled:
    return next(event for event in told if isinstance(event, Filled))


def test_an_order_at_the_opening_is_filled_at_the_one_price_of_the_call() -> None:
    market = day(instruments={SAMSUNG: CALM})
    list(told_until(market, START + HOUR * 3 // 4))
    sent(market, OrderType.MARKET, Side.SELL, None)
    told = list(told_until(market, START + HOUR + 60 * SECOND))
    opening = next(tick for tick in prints_of(told) if tick.flags == AUCTION)
    assert {event.price for event in told if isinstance(event, Filled)} == {opening.price}


def test_an_order_goes_to_the_venue_that_it_names_and_a_smart_one_where_trading_is_open() -> None:
    market = day(instruments={SAMSUNG: CALM})
    list(told_until(market, START + 600 * SECOND))
    refused, _ = market.enter(SAMSUNG, Order("me/0", Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(71000)))
    assert refused is not None, "KRX is not open at ten past eight"
    for venue, name in (("NXT", "me/1"), ("SOR", "me/2")):
        assert any(isinstance(event, Filled) for event in sent(market, OrderType.LIMIT, Side.BUY, 71000, venue=venue, name=name))


def test_what_is_left_of_an_order_ends_with_the_day() -> None:
    market = day(begin="2026-11-20T15:00", instruments={SAMSUNG: CALM})
    turns(market, 2)
    sent(market, OrderType.LIMIT, Side.BUY, 60000)
    ended = [event for event in told_until(market, START + 9 * HOUR) if isinstance(event, Ended)]
    assert [event.id for event in ended] == ["me/1"]


def test_a_crowd_that_stays_in_bed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: without orders in the calls there is no auction print."""
    monkeypatch.setattr("autotrader.exchange.desk.Desk.collect", lambda desk, wants, at: [])
    with pytest.raises(AssertionError):
        test_each_session_prints_what_it_makes(list(told_until(day(), START + 12 * HOUR)))
