"""Whether a rule's sessions, window and order kind fit its venues: what no day of theirs could ever fulfil is a mistake.

Judged by the facts in force today and later; without a day, by all of them.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from autotrader.config import values
from autotrader.config.mistakes import Findings, Path
from autotrader.config.order_words import KINDS
from autotrader.config.venue_words import Places, listed
from autotrader.domain.rule import OnInadmissible, OrderSpec, Rule
from autotrader.domain.tick import InstrumentId
from autotrader.engine.admission import policy
from autotrader.engine.hours import REGULAR, enabled_on, is_there, order_venue, venue_of_session
from autotrader.errors import UserMistake
from autotrader.markets.calendar import ordinary_day
from autotrader.markets.facts import Dated, Matching, SessionRow
from autotrader.markets.orders import auction_of, kind_of, substitute
from autotrader.markets.profile import MarketProfile, Markets, profile_of
from autotrader.markets.sessions import Session, sessions_on
from autotrader.markets.windows import time_on, window_on

Row = TypeVar("Row", bound=Dated)


def check_sessions(
    instrument: InstrumentId, written: object, places: Places, markets: Markets, today: date | None, findings: Findings
) -> None:
    """Note sessions that the instrument's venues do not have, have no longer, or where the rule is not."""
    home = profile_of(markets, instrument)
    venues = [home, *(markets[name] for name in home.venues)]
    for place, session in enumerate(listed(written) or ()):
        if not isinstance(session, str) or session == REGULAR:
            continue
        venue = venue_of_session(markets, home, session)
        if venue is None:
            _note_unknown(session, place, venues, today, findings)
        elif not _lasting(_rows_of(venue, session), today):
            ended = max(row.effective_to for row in _rows_of(venue, session) if row.effective_to is not None)
            findings.note("sessions", place, code="config.session_ended", session=session, day=ended.isoformat())
        elif not is_there(home, venue, places.watch, places.venue):
            findings.note("sessions", place, code="config.session_elsewhere", session=session, venue=venue.id)


def _note_unknown(session: str, place: int, venues: list[MarketProfile], today: date | None, findings: Findings) -> None:
    known = list(dict.fromkeys([REGULAR, *(row.id for venue in venues for row in _lasting(venue.sessions, today))]))
    params = {"session": session[:60], "market": venues[0].id, "perhaps": values.perhaps(session, known), "known": ", ".join(known)}
    findings.add(("sessions", place), "config.unknown_session", params)


def _rows_of(venue: MarketProfile, session: str) -> list[SessionRow]:
    return [row for row in venue.sessions if row.id == session]


def _lasting(rows: Iterable[Row], today: date | None) -> list[Row]:
    """Return the rows that hold today or on a later day."""
    return [row for row in rows if today is None or row.effective_to is None or row.effective_to >= today]


def check_order_is_taken(
    rule: Rule, order: OrderSpec, path: Path, markets: Markets, today: date | None, findings: Findings, warnings: Findings
) -> None:
    """Note an order kind that no session of the rule's order venue takes as written: a warning where another goes instead."""
    venue = order_venue(markets, rule)
    kind = kind_of(order.type, order.tif)
    enabled, taken = _enabled_and_taken(venue, rule.sessions, today)
    if not venue.acceptance or any(kind in kinds for kinds in taken.values()):
        return
    params = {"sessions": ", ".join(taken), "kind": kind}
    instead = _instead(venue, kind, enabled, taken)
    if instead and policy(rule) is OnInadmissible.SUBSTITUTE:
        warnings.add(path, "config.order_substituted", {**params, "instead": instead})
        return
    others = [row.id for row in _lasting(venue.sessions, today) if kind in _taken(venue, row.id, today)]
    params["elsewhere"] = f" ({', '.join(dict.fromkeys(others))} would)" if others else ""
    params["taken"] = ", ".join(other for other in KINDS if any(other in kinds for kinds in taken.values())) or "none"
    params["substitute"] = f", or `on_inadmissible: substitute` to send {instead}" if instead else ""
    findings.add(path, "config.order_not_taken", params)


def enabled_sessions(venue: MarketProfile, rule: Rule, today: date | None) -> list[Session]:
    """Return the sessions of an ordinary day in which a rule orders."""
    return list(_enabled_and_taken(venue, rule.sessions, today)[0])


def _enabled_and_taken(
    venue: MarketProfile, written: tuple[str, ...], today: date | None
) -> tuple[list[Session], dict[str, tuple[str, ...]]]:
    """Return the sessions of an ordinary day in which rules that name these order, and the order kinds that each takes.

    Nothing of it depends on the rule otherwise, and a file may have 100,000 of them."""
    key = (id(venue), written, today)
    kept = _ORDINARY.get(key)
    if kept is None:
        if len(_ORDINARY) >= MOST_ORDINARY:
            _ORDINARY.clear()
        named = enabled_on(venue, written)
        enabled = [session for session in sessions_on(venue, ordinary_day(venue, today)) if session.id in named]
        kept = _ORDINARY[key] = (venue, enabled, {session.id: _taken(venue, session.id, today) for session in enabled})
    return kept[1], kept[2]


MOST_ORDINARY = 1000
_ORDINARY: dict[tuple[object, ...], tuple[MarketProfile, list[Session], dict[str, tuple[str, ...]]]] = {}
"""By the identity of the venue, which is kept so that it stays its own."""


def _taken(venue: MarketProfile, session: str, today: date | None) -> tuple[str, ...]:
    """Return the order kinds that a session takes now or later, in the order of the facts."""
    return tuple(kind for row in _lasting(venue.acceptance, today) if row.session == session for kind in row.kinds)


def _instead(venue: MarketProfile, kind: str, sessions: list[Session], taken: Mapping[str, tuple[str, ...]]) -> str:
    """Return what is sent instead and where, empty when nothing is: `best in krx.after`."""
    places: dict[str, list[str]] = {}
    for session in sessions:
        call = session.matching is Matching.CALL
        other = substitute(kind, frozenset(taken[session.id]), call=call, auction=auction_of(venue, session))
        if other is not None:
            places.setdefault(other, []).append(session.id)
    return ", ".join(f"{other} in {' and '.join(names)}" for other, names in places.items())


def read_window(venue: MarketProfile, today: date | None, text: str) -> tuple[int, int]:
    """Return the window on an ordinary day, or raise UserMistake when the text is none."""
    return window_on(venue, text, ordinary_day(venue, today))


def check_window(rule: Rule, markets: Markets, today: date | None, findings: Findings) -> None:
    """Note a window in which no session of an ordinary day is open: the rule could never fire."""
    venue = order_venue(markets, rule)
    start, end = read_window(venue, today, rule.window)
    enabled = enabled_sessions(venue, rule, today)
    if not any(start < session.close and session.open < end for session in enabled):
        sessions = ", ".join(session.id for session in enabled)
        findings.note("window", code="config.window_outside", window=rule.window, sessions=sessions)


def check_time(rule: Rule, time: str, path: Path, markets: Markets, today: date | None, findings: Findings) -> None:
    """Note a time of day after which no session of an ordinary day is open: the leg could never fire."""
    venue = order_venue(markets, rule)
    try:
        at = time_on(venue, time, ordinary_day(venue, today))
    except UserMistake as wrong:
        findings.add(path, wrong.code, wrong.params)
        return
    enabled = enabled_sessions(venue, rule, today)
    if not any(at < session.close for session in enabled):
        findings.add(path, "config.leg_time_outside", {"time": time, "sessions": ", ".join(session.id for session in enabled)})
