"""The phases of an exchange, and the market's session (whose order kinds are taken) that each belongs to."""

from enum import Enum

from autotrader.markets.profile import MarketProfile


class Phase(str, Enum):
    """What an exchange does with orders just now."""

    PRE = "pre"
    """Continuous trading before the regular session."""
    PRE_CLOSE = "pre_close"
    """Off-hours trading at the previous close, before the opening; the book takes nothing."""
    OPEN_CALL = "open_call"
    CONTINUOUS = "continuous"
    CLOSE_CALL = "close_call"
    POST_CLOSE = "post_close"
    """Off-hours trading at today's close; the book takes nothing."""
    SINGLE = "single"
    """The periodic calls after the close that were abolished in 2026."""
    AFTER = "after"
    """Continuous trading after the regular session."""
    VI = "vi"
    """A volatility interruption's call."""
    HALT = "halt"
    """Cancels only."""
    RESTART = "restart"
    """The call that ends a halt."""
    PAUSE = "pause"
    """Between two sessions: what rests stays, cancels are taken, nothing else."""
    CLOSED = "closed"
    """The day is over: nothing is taken, cancels neither, and nothing rests."""


CALLS = frozenset({Phase.OPEN_CALL, Phase.CLOSE_CALL, Phase.SINGLE, Phase.VI, Phase.RESTART})
"""Phases that collect orders and are matched once, when they are left (or by `uncross`)."""
TRADING = frozenset({Phase.PRE, Phase.CONTINUOUS, Phase.AFTER})
"""Phases that match an order when it comes."""
FIXED = frozenset({Phase.PRE_CLOSE, Phase.POST_CLOSE})
STATES = frozenset({Phase.VI, Phase.HALT, Phase.RESTART})
"""States within a phase, which goes on after them."""

_BY_NAME = {
    "pre_close_price": Phase.PRE_CLOSE,
    "open_call": Phase.OPEN_CALL,
    "after_call": Phase.OPEN_CALL,
    "continuous": Phase.CONTINUOUS,
    "main": Phase.CONTINUOUS,
    "regular": Phase.CONTINUOUS,
    "close_call": Phase.CLOSE_CALL,
    "post_close_price": Phase.POST_CLOSE,
    "close_price": Phase.POST_CLOSE,
    "off_hours_single": Phase.SINGLE,
    "pre": Phase.PRE,
    "after": Phase.AFTER,
    "post": Phase.AFTER,
    "overnight": Phase.AFTER,
}


_LIVES = {
    "krx.open_call": "krx.regular",
    "krx.continuous": "krx.regular",
    "krx.close_call": "krx.regular",
    "nxt.pre": "nxt",
    "nxt.main": "nxt",
    "nxt.after_call": "nxt",
    "nxt.after": "nxt",
    "us.pre": "us.day",
    "us.regular": "us.day",
}
"""Sessions among which the rest of an order is handed on. KRX's after-market is a market of its own (market-rules 1.1, V); at NXT a
limit order lives until the day ends (1.2, V). That an order of `us.pre` lives on in the regular session is an assumption (U)."""


def life_of(session: str) -> str:
    """Return which sessions a rest in this one is handed on to: those with the same answer."""
    return _LIVES.get(session, session)


def phase_of(session: str) -> Phase:
    """Return the phase that a session id (`krx.continuous`) means; a session of an owner's market trades continuously."""
    return _BY_NAME.get(session.partition(".")[2], Phase.CONTINUOUS)


def session_of(profile: MarketProfile, phase: Phase) -> str:
    """Return the session id, or the state row, whose order kinds a phase takes when it is set by hand ('' when none are).

    A market without calls of its own has its regular session's kinds in them.
    """
    if phase in {Phase.VI, Phase.RESTART}:
        return str(phase.value)
    for wanted in (phase, Phase.CONTINUOUS) if phase in CALLS else (phase,):
        named = next((row.id for row in profile.sessions if phase_of(row.id) is wanted and not row.broker_only), "")
        if named:
            return named
    return ""
