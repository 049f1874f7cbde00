"""For the person in front of a terminal: every few seconds the prices that moved, and how far each rule is from firing."""

import asyncio

from autotrader.daemon.listing import list_in_slices
from autotrader.domain.money import parse
from autotrader.engine.engine import Engine
from autotrader.engine.records import Note
from autotrader.engine.views import View
from autotrader.notify.log import LogNotifier
from autotrader.ports import Clock

EVERY = 2.0
LIVE = ("watching", "waiting", "paused", "fired")


class Ticker:
    """Says the last prices and levels of the rules that still watch, when they changed."""

    def __init__(self, engine: Engine, log: LogNotifier, clock: Clock) -> None:
        self._engine = engine
        self._log = log
        self._clock = clock
        self._said: dict[str, str] = {}
        self._ended = False

    async def run(self) -> None:
        """Say what changed until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            self.say(await list_in_slices(self._engine))

    def say(self, rules: list[View]) -> None:
        """Say every instrument whose line changed since the last time."""
        lines: dict[str, list[str]] = {}
        prices: dict[str, str] = {}
        for rule in rules:
            if rule["state"] in LIVE and rule["last_price"] is not None and not rule["blind"]:
                prices[rule["instrument"]] = rule["last_price"]
                lines.setdefault(rule["instrument"], []).extend(_leg_words(rule, leg) for leg in rule["legs"])
        for instrument, legs in lines.items():
            self._say_line(instrument, prices[instrument], "; ".join(legs))
        ended = bool(rules) and not any(rule["state"] in (*LIVE, "held") for rule in rules)
        if ended and not self._ended:
            self._log.said("daemon", Note("daemon.all_ended"), self._clock.now())
        self._ended = ended

    def _say_line(self, instrument: str, price: str, legs: str) -> None:
        if self._said.get(instrument) != price + legs:
            self._said[instrument] = price + legs
            params = {"instrument": instrument, "price": grouped(price), "legs": legs}
            self._log.said("prices", Note("ticker.line", params), self._clock.now())


def _leg_words(rule: View, leg: View) -> str:
    words = [rule["id"]]
    if leg["mark"] is not None:
        words.append(f"{'high' if rule['side'] == 'sell' else 'low'} {grouped(leg['mark'])},")
    if leg["level"] is not None:
        words.append(f"{'sells' if rule['side'] == 'sell' else 'buys'} at {grouped(leg['level'])} ({leg['distance_percent']} %)")
    elif leg["activate"] is not None:
        words.append(f"starts at {grouped(leg['activate'])}")
    else:
        words.append(leg["state"])
    return " ".join(words)


def grouped(number: str) -> str:
    """Return a number for people, with thousands separators."""
    value = parse(number)
    return number if value is None else f"{value:,}"
