"""A day by the clock: phases on time, what each hands on or ends, off-hours sessions, halts (market-rules 1, 2)."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from exchange_stories import FRIDAY, do, exchange_of, said

from autotrader.config.markets import load_markets
from autotrader.exchange.day import FOREVER, Day
from autotrader.exchange.events import Event
from autotrader.exchange.phases import Phase

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
ZONES = {"KRX": "Asia/Seoul", "NXT": "Asia/Seoul", "US": "America/New_York", "UPBIT": "Asia/Seoul"}


class Told:
    """A day of one exchange, driven by hours written as people write them."""

    def __init__(self, market: str, day: date = FRIDAY, *, base: str = "10000", vi: bool = False, late: int = 0, close_price=None) -> None:
        self._zone = ZoneInfo(ZONES[market])
        self._date = day
        self.exchange = exchange_of(market, base=base, limited=True, vi=vi, day=day)
        self.day = Day(load_markets()[market], self.exchange, day, lateness=lambda most: min(most, late), close_price=close_price)

    def moment(self, clock: str) -> int:
        hour, minute, *second = (int(part) for part in clock.split(":"))
        local = datetime(self._date.year, self._date.month, self._date.day, hour, minute, second[0] if second else 0, tzinfo=self._zone)
        return int(local.timestamp()) * SECOND

    def clock(self, at: int) -> str:
        return datetime.fromtimestamp(at // SECOND, self._zone).strftime("%H:%M:%S")

    def until(self, clock: str) -> list[str]:
        """Let time go by to an hour; return what happened."""
        return said(self.day.advance(self.moment(clock)))

    def at(self, clock: str, *lines: str) -> list[str]:
        """Let time go by to an hour and do what the lines say; return what happened at the last one."""
        self.until(clock)
        told: list[Event] = []
        for line in lines:
            told = do(self.exchange, line, self.moment(clock))
        return said(told)

    def phases(self) -> list[str]:
        """Run to the end and return when which phase began."""
        seen = []
        while not self.day.over:
            at = self.day.next_change
            before = (self.exchange.phase_now, self.exchange.session)
            self.day.advance(at)
            if (self.exchange.phase_now, self.exchange.session) != before:
                seen.append(f"{self.clock(at)} {self.exchange.phase_now.value} {self.exchange.session}".strip())
        return seen


KRX_DAY = [
    "08:30:00 open_call krx.open_call",
    "09:00:00 continuous krx.continuous",
    "15:20:00 close_call krx.close_call",
    "15:30:00 pause",
    "16:00:00 after krx.after",
    "20:00:00 closed",
]
NXT_DAY = [
    "08:00:00 pre nxt.pre",
    "08:50:00 pause",
    "09:00:30 continuous nxt.main",
    "15:20:00 pause",
    "15:30:00 open_call nxt.after_call",
    "15:40:00 after nxt.after",
    "20:00:00 closed",
]
US_DAY = ["04:00:00 pre us.pre", "09:30:00 continuous us.regular", "16:00:00 after us.post", "20:00:00 closed"]


@pytest.mark.parametrize(
    ("market", "day", "phases"),
    [
        ("KRX", FRIDAY, KRX_DAY),
        ("NXT", FRIDAY, NXT_DAY),
        ("US", FRIDAY, US_DAY),
        ("US", date(2026, 11, 27), ["04:00:00 pre us.pre", "09:30:00 continuous us.regular", "13:00:00 after us.post", "17:00:00 closed"]),
        (
            "KRX",
            date(2026, 11, 19),
            [
                "09:30:00 open_call krx.open_call",
                "10:00:00 continuous krx.continuous",
                "16:20:00 close_call krx.close_call",
                "16:30:00 pause",
                "17:00:00 after krx.after",
                "20:00:00 closed",
            ],
        ),
    ],
    ids=["KRX", "NXT", "US", "US half day", "KRX CSAT day"],
)
def test_phases_begin_by_the_hours_of_the_day(market, day, phases):
    assert Told(market, day).phases() == phases


def test_a_closed_day_is_over_at_once():
    day = Told("KRX", date(2026, 12, 25)).day
    day.advance(day.next_change)
    assert (day.over, day.next_change) == (True, FOREVER)


def test_a_call_ends_late_as_the_dice_say_and_the_next_session_begins_then():
    told = Told("KRX", late=17)
    assert told.phases()[:4] == [
        "08:30:00 open_call krx.open_call",
        "09:00:17 continuous krx.continuous",
        "15:20:00 close_call krx.close_call",
        "15:30:17 pause",
    ]


def test_the_rest_of_the_regular_market_does_not_enter_the_after_market():
    told = Told("KRX")
    told.at("10:00", "a buy limit 5 9000", "s sell stop_limit 1 9000 stop=9500")
    assert told.until("15:30") == [
        "phase close_call krx.close_call",
        "auction 0@None",
        "phase pause",
        "a ends 5 session_over",
        "s ends 1 session_over",
    ]
    assert told.at("16:00", "b buy limit 5 9000") == ["b rests 5@9000"]
    assert told.until("20:00") == ["b ends 5 day_over", "phase closed"]


def test_a_limit_order_of_the_pre_market_lives_at_nxt_until_the_day_ends():
    told = Told("NXT")
    assert told.at("08:00", "a buy limit 5 9000", "b buy priority 5") == ["b rests 5@9000"]
    assert told.until("08:59") == ["phase pause"]
    assert told.at("08:59", "cancel b") == ["b ends 5 by_owner"]
    assert told.at("08:59:30", "c buy limit 1 9000") == ["c refused between"]
    told.until("16:00")
    assert str(told.exchange.open_quantity("a")) == "5"
    assert told.until("20:00") == ["a ends 5 day_over", "phase closed"]


def test_midpoint_and_stop_orders_end_with_the_main_market_of_nxt():
    told = Told("NXT")
    told.at("10:00", "m buy midpoint 5", "s sell stop_limit 5 9000 stop=9100", "a buy limit 5 9000")
    happened = told.until("15:40")
    assert [line for line in happened if "ends" in line] == ["m ends 5 not_carried", "s ends 5 not_carried"]


def test_off_hours_trading_before_the_opening_is_at_the_previous_close_and_by_time_alone():
    told = Told("KRX")
    assert told.at("08:30", "a buy close_price 5", "b buy close_price 5") == ["b rests 5@10000"]
    assert told.at("08:31", "c buy limit 5 10100", "d sell close_price 7") == ["a<-d 5@10000", "b<-d 2@10000"]
    assert told.until("08:40") == ["b ends 3 window_over"]
    assert told.at("08:41", "e sell close_price 1") == ["e refused no_window"]
    assert told.exchange.last is None, "a trade at the close price is no price of the market"


def test_off_hours_trading_after_the_close_is_at_todays_close_and_begins_ten_minutes_later():
    told = Told("KRX", late=20)
    told.at("15:25", "a buy limit 5 9900", "b sell limit 5 9900")
    assert told.at("15:31", "c buy close_price 5", "d sell close_price 3") == ["d rests 3@market"], "its price is not known yet"
    assert told.until("15:40") == ["c<-d 3@9900"]
    assert told.day.close == Decimal(9900)
    assert told.at("15:50", "e sell close_price 1") == ["c<-e 1@9900"]
    assert told.until("16:00") == ["phase after krx.after", "c ends 1 window_over"]


def test_nxt_trades_at_the_close_of_krx_once_that_is_known():
    close: list[Decimal] = []
    told = Told("NXT", close_price=lambda: close[0] if close else None)
    told.at("15:31", "a buy close_price 5", "b sell close_price 5")
    assert told.until("15:32") == []
    close.append(Decimal(10050))
    assert told.until("15:33") == ["a<-b 5@10050"]


def test_on_open_and_on_close_orders_have_cut_offs_before_the_actual_open_and_close():
    told = Told("US", date(2026, 11, 27), base="100")
    assert told.at("09:26:59", "a buy moo 5") == ["accepted"]
    assert told.at("09:27", "b buy moo 5") == ["b refused cut_off"]
    assert told.at("09:28", "cancel a") == ["a refused cut_off"]
    assert told.until("09:30") == [
        "phase open_call us.regular",
        "a rests 5@market",
        "auction 0@None",
        "a ends 5 auction_over",
        "phase continuous us.regular",
    ]
    assert told.at("12:44:29", "c sell loc 5 99") == ["accepted"]
    assert told.at("12:44:30", "d sell loc 5 99") == ["d refused cut_off"]
    told.at("12:50", "e buy limit 2 99", "f buy limit 2 98")
    assert told.until("13:00") == [
        "phase close_call us.regular",
        "c rests 5@99",
        "auction 2@99",
        "e<-c 2@99",
        "c ends 3 auction_over",
        "f ends 2 session_over",
        "phase after us.post",
    ]
    assert told.day.close == 99


def test_an_interruption_ends_by_the_clock():
    told = Told("KRX", vi=True)
    told.at("10:00", "b buy limit 1 10000", "s sell limit 1 10000", "v sell limit 5 10600", "o buy limit 4 10600")
    assert (told.exchange.phase_now, told.clock(told.day.next_change)) == (Phase.VI, "10:02:00")
    assert told.until("10:02") == ["auction 4@10600", "o<-v 4@10600", "phase continuous krx.continuous"]
    assert told.day.session == "krx.continuous"


def test_a_closing_call_that_is_prolonged_ends_two_minutes_later():
    told = Told("KRX", vi=True)
    told.at("10:00", "b buy limit 1 10000", "s sell limit 1 10000")
    told.at("15:25", "c buy limit 1 10500", "t sell limit 1 10500")
    assert told.until("15:30") == ["interrupted dynamic at 10500"]
    assert told.until("15:32") == ["auction 1@10500", "c<-t 1@10500", "phase pause"]
    assert told.day.close == Decimal(10500)


def test_a_circuit_breaker_halts_then_collects_then_trades():
    told = Told("KRX")
    told.at("10:00", "a buy limit 5 10000")
    told.day.halt(told.moment("10:01"), "circuit_breaker", halted=20 * MINUTE, call=10 * MINUTE)
    assert told.until("10:21") == ["phase restart restart"]
    told.at("10:25", "s sell limit 5 9500")
    assert told.until("10:31") == ["auction 5@10000", "a<-s 5@10000", "phase continuous krx.continuous"]


def test_a_halt_outlasts_the_session_that_it_began_in():
    told = Told("KRX")
    told.at("15:10", "a buy limit 5 10000")
    told.day.halt(told.moment("15:10"), "news")
    assert told.until("15:25") == []
    told.day.restart(told.moment("15:25"), 3 * MINUTE)
    assert told.until("15:28") == ["auction 0@None", "phase close_call krx.close_call"]


def test_a_circuit_breaker_of_the_third_level_ends_the_day():
    told = Told("KRX")
    told.at("15:10", "a buy limit 5 10000")
    assert said(told.day.shut(told.moment("15:10"), "circuit_breaker")) == [
        "halted circuit_breaker",
        "phase halt",
        "a ends 5 day_over",
        "phase closed",
    ]
    assert told.at("15:20", "cancel a") == ["a refused over"]
    assert (told.day.over, told.day.next_change) == (True, FOREVER)


def test_the_periodic_calls_that_were_abolished_are_matched_every_ten_minutes():
    told = Told("KRX", date(2026, 9, 11))
    told.at("16:05", "a buy limit 5 10000", "b sell limit 5 10000")
    assert told.until("16:10") == ["auction 5@10000", "a<-b 5@10000"]
    told.at("16:12", "c buy limit 5 10000", "d sell limit 2 10000")
    assert told.until("16:20") == ["auction 2@10000", "c<-d 2@10000"]
    assert told.until("16:30") == ["auction 0@None"]


def test_a_market_without_hours_trades_from_midnight_to_midnight():
    day = Day(load_markets()["UPBIT"], exchange_of("UPBIT"), FRIDAY)
    day.advance(day.next_change)
    assert (day.session, day.exchange.phase_now) == ("upbit.continuous", Phase.CONTINUOUS)
