"""`market sessions` and `market orders`: when orders are taken, and which."""

from datetime import date
from typing import Any

from autotrader.cli.market.asked import Answer, Asked, weekday
from autotrader.cli.table import table
from autotrader.markets.calendar import end_of_day, local_date
from autotrader.markets.facts import Grade, SessionRow
from autotrader.markets.orders import accepted, accepted_at
from autotrader.markets.sessions import Session, is_open_day, next_open_day, sessions_at, sessions_on, special_kind, trading_day

MATRIX = (
    *("limit", "limit_ioc", "limit_fok", "market", "market_ioc", "market_fok", "conditional", "best", "best_ioc", "best_fok"),
    *("priority", "midpoint", "midpoint_ioc", "midpoint_fok", "stop_limit", "close_price", "moo", "loo", "moc", "loc"),
)
"""Order kinds in the order of the acceptance matrix (market-rules 2.2)."""
SESSION_COLUMNS = ("session", "from", "to", "matching", "regular", "grade", "name")


def sessions(asked: Asked, on: str | None, at: str | None, *, everything: bool) -> Answer:
    """Return the sessions of a day, or with `at` those that are open then; those of brokers only when asked for."""
    day = asked.day(on, at)
    found = sessions_on(asked.profile, day) if at is None else sessions_at(asked.profile, asked.moment(at))
    shown = [session for session in found if everything or not session.broker_only]
    return Answer([_session_view(asked, session) for session in shown], _session_lines(asked, day, at, shown))


def _session_view(asked: Asked, session: Session) -> dict[str, Any]:
    row = row_of(asked, session)
    return {
        "id": session.id,
        "open": asked.iso(session.open),
        "close": asked.iso(session.close),
        "matching": session.matching.value,
        "name": session.name,
        "regular": session.regular,
        "grade": row.grade.value,
        "matches_from": asked.iso(session.matches_from),
        "broker_only": session.broker_only,
    }


def row_of(asked: Asked, session: Session) -> SessionRow:
    """Return the fact behind a session: the row of its trading day, which is the day of its close."""
    day = trading_day(asked.profile, session)
    kind = special_kind(asked.profile, day)
    rows = [row for row in asked.profile.sessions if row.id == session.id and row.holds(day)]
    return min(rows, key=lambda row: (row.day != kind, row.day != ""))


def _session_lines(asked: Asked, day: date, at: str | None, shown: list[Session]) -> list[str]:
    call, head = asked.call, [_day_line(asked, day), *asked.beyond(day)]
    if not shown:
        after = asked.moment(at) if at is not None else end_of_day(asked.profile, day) - 1
        return [*head, call.tell("cli.no_session"), *_opens_next(asked, after)]
    columns = [call.tell(f"column.{column}") for column in SESSION_COLUMNS]
    lines = [*head, *table(columns, [_session_row(asked, day, session) for session in shown])]
    if any(row_of(asked, session).grade is Grade.U for session in shown):
        lines.append(call.tell("cli.unverified_hours"))
    return lines


def _session_row(asked: Asked, day: date, session: Session) -> list[str]:
    matching = asked.call.tell(f"matching.{session.matching.value}")
    if session.open < session.matches_from < session.close:
        matching = asked.call.tell("cli.matches_from", matching=matching, time=asked.clock(session.matches_from, day))
    hours = [asked.clock(session.open, day), asked.clock(session.close, day)]
    regular = asked.call.tell("cli.regular") if session.regular else asked.call.tell("cli.broker_only") if session.broker_only else ""
    return [session.id, *hours, matching, regular, row_of(asked, session).grade.value, session.name]


def _day_line(asked: Asked, day: date) -> str:
    """Return the day's headline: an ordinary day, a special one, or why it is closed."""
    call, calendar = asked.call, asked.profile.calendar
    facts = {"market": asked.profile.id, "day": weekday(day), "zone": asked.profile.zone}
    special = next((special for special in calendar.special if special.day == day), None)
    closed = next((closed for closed in calendar.closed if closed.day == day), None)
    if not is_open_day(asked.profile, day):
        line = call.tell("cli.closed_day", name=closed.name if closed and closed.name else call.tell("cli.weekend"), **facts)
    elif special is not None:
        line = call.tell("cli.special_day", kind=special.kind, name=special.name or special.kind, **facts)
    else:
        return call.tell("cli.ordinary_day", **facts)
    certain = all(known.certain for known in (special, closed) if known is not None)
    return line if certain else f"{line} {call.tell('cli.not_certain')}"


def orders(asked: Asked, at: str | None) -> Answer:
    """Return the order kinds that are accepted at a moment."""
    moment = asked.moment(at)
    kinds = in_matrix_order(accepted_at(asked.profile, moment))
    open_now = sessions_at(asked.profile, moment)
    day = local_date(asked.profile, moment)
    call, facts = asked.call, {"market": asked.profile.id, "time": f"{asked.clock(moment)} {asked.zone_name(moment)}"}
    head = [call.tell("cli.orders_at", **facts), *asked.beyond(day)]
    head += ["  " + _open_line(asked, day, session) for session in open_now]
    if kinds:
        return Answer(kinds, [*head, call.tell("cli.takes", kinds=", ".join(kinds))])
    return Answer(kinds, [*head, call.tell("cli.takes_nothing"), *_opens_next(asked, moment)])


def orders_of_day(asked: Asked, on: str) -> Answer:
    """Return the order kinds of every session of a day."""
    day = asked.day(on)
    found = [session for session in sessions_on(asked.profile, day) if not session.broker_only]
    kinds = {session.id: in_matrix_order(accepted(asked.profile, session.id, day)) for session in found}
    view = [{"id": s.id, "open": asked.iso(s.open), "close": asked.iso(s.close), "kinds": kinds[s.id]} for s in found]
    head = [_day_line(asked, day), *asked.beyond(day)]
    if not found:
        return Answer(view, [*head, asked.call.tell("cli.no_session"), *_opens_next(asked, end_of_day(asked.profile, day) - 1)])
    columns = [asked.call.tell(f"column.{column}") for column in ("session", "from", "to", "takes")]
    rows = [[s.id, asked.clock(s.open, day), asked.clock(s.close, day), ", ".join(kinds[s.id]) or "-"] for s in found]
    return Answer(view, [*head, *table(columns, rows)])


def in_matrix_order(kinds: frozenset[str]) -> list[str]:
    """Return order kinds as the acceptance matrix lists them, unknown ones last."""
    return sorted(kinds, key=lambda kind: (MATRIX.index(kind) if kind in MATRIX else len(MATRIX), kind))


def _open_line(asked: Asked, day: date, session: Session) -> str:
    facts = {"session": session.id, "open": asked.clock(session.open, day), "close": asked.clock(session.close, day)}
    return asked.call.tell("cli.session_open", matching=asked.call.tell(f"matching.{session.matching.value}"), **facts)


def _opens_next(asked: Asked, after: int) -> list[str]:
    """Return when the market opens next, nothing when no session of it is known."""
    profile = asked.profile
    day = local_date(profile, after)
    for candidate in (day, next_open_day(profile, day)):
        session = next((s for s in sessions_on(profile, candidate) if s.open > after and not s.broker_only), None)
        if session is not None:
            time = f"{asked.clock(session.open)} {asked.zone_name(session.open)}"
            return [asked.call.tell("cli.opens_next", session=session.id, time=time)]
    return []
