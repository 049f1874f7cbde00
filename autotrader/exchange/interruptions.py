"""Volatility interruptions (VI, market-rules 3.3): a tentative price too far from a reference does not trade but begins a call."""

from datetime import date

from autotrader.exchange.scale import Scale
from autotrader.exchange.tape import Tape
from autotrader.markets.facts import InterruptionRow
from autotrader.markets.limits import interruption
from autotrader.markets.profile import Instrument, MarketProfile, in_force


class Guard:
    """Judges tentative prices of one session. The dynamic reference is the last price that the incoming order found."""

    def __init__(self, profile: MarketProfile, instrument: Instrument, day: date, session: str, scale: Scale, tape: Tape) -> None:
        self._profile = profile
        self._kind = instrument.kind
        self._day = day
        self._session = session
        self._scale = scale
        self._tape = tape
        self._references: tuple[int | None, int | None] = (None, None)
        self._judged: dict[int, InterruptionRow | None] = {}

    def refer(self) -> None:
        """Take the last price, and the latest price of a call, as what an order that comes now is measured from."""
        references = (self._tape.key, self._tape.single)
        if references != self._references:
            self._references = references
            self._judged.clear()

    def judge(self, key: int) -> InterruptionRow | None:
        """Return the interruption that a trade at this price would begin, None when it may happen."""
        if key not in self._judged:
            last, single = (None if reference is None else self._scale.price(reference) for reference in self._references)
            price = self._scale.price(key)
            self._judged[key] = interruption(self._profile, self._kind, self._session, self._day, last, single, price)
        return self._judged[key]


def guard_for(profile: MarketProfile, instrument: Instrument, day: date, session: str, scale: Scale, tape: Tape) -> Guard | None:
    """Return who judges in a session, None where the market interrupts nothing."""
    there = any(row.session == session for row in in_force(profile.interruptions, day))
    return Guard(profile, instrument, day, session, scale, tape) if there else None
