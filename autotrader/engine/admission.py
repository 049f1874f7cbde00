"""May this order go now, as it is written, as another type, or not yet? And what would go in each session of a day.

What a session takes is data; what is sent in its place is the substitution table (semantics 2.7). Asked before a shot is
consumed, and again by the last gate before every sending.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from autotrader.domain.money import HUNDRED, exact
from autotrader.domain.rule import PRICED, OnInadmissible, OrderType, Percent, Rule, Side, TimeInForce
from autotrader.domain.tick import InstrumentId
from autotrader.engine.book import Book
from autotrader.engine.hours import enabled_on, keeps_hours, market_time, order_venue, sessions_ahead
from autotrader.engine.records import Note, TradingRecord, TradingState
from autotrader.engine.world import World
from autotrader.markets.calendar import local_date, moment
from autotrader.markets.facts import Matching
from autotrader.markets.limits import Limits, clamp, daily_limits
from autotrader.markets.orders import accepted, accepted_at, auction_of, kind_of, substitute, type_and_tif
from autotrader.markets.profile import MarketProfile, find_instrument, profile_of
from autotrader.markets.sessions import Session, next_change, sessions_at, trading_day
from autotrader.markets.ticks import move_ticks, round_to_send

FOR_AN_AUCTION = frozenset(kind.value for kind in (OrderType.MOO, OrderType.LOO, OrderType.MOC, OrderType.LOC))
STOPPED = frozenset({TradingState.HALT, TradingState.SUSPENDED, TradingState.CLOSED})
CALLS = frozenset({TradingState.VI, TradingState.RESTART})
LATE_WORD = 60_000_000_000
"""A call ends up to half a minute late, and word of it comes later still. ns."""
MOST_CHANGES = 400
"""Session boundaries looked through for the next one that takes an order: more than the longest row of holidays has."""


class Answer(Enum):
    """What the present session and state of trading say to an order."""

    GO = "go"
    CLOSED = "closed"
    """No enabled session of the venue is open."""
    STOPPED = "stopped"
    """Trading is halted."""
    LATER = "later"
    """It is an order for an auction, and waits for that auction."""
    WAIT = "wait"
    """A session is open and does not take this order, nor one in its place that the rule allows."""
    FAIL = "fail"
    """As WAIT, and the rule says that it has failed then."""


class Clearance(NamedTuple):
    """The answer, the order kind to send (as written or in its place) and why not as written."""

    answer: Answer
    kind: str
    note: Note | None = None


class Taking(NamedTuple):
    """The order kinds taken, the sessions or state that take them ('' when none is open), whether that is a call, and which
    of the day's auctions (`open`, `close`)."""

    kinds: frozenset[str] = frozenset()
    session: str = ""
    call: bool = False
    auction: str = ""


class Terms(NamedTuple):
    """What is sent: type, time in force and limit price."""

    type: OrderType
    tif: TimeInForce
    price: Decimal | None


def policy(rule: Rule) -> OnInadmissible:
    """Return what the rule wants of an order that the session does not take: exits are sent in another form, entries fail."""
    if rule.on_inadmissible is not None:
        return rule.on_inadmissible
    return OnInadmissible.SUBSTITUTE if rule.side is Side.SELL else OnInadmissible.FAIL


def clear(world: World, book: Book, rule: Rule, kind: str, now: int) -> Clearance:
    """Say whether a rule's order of a kind may go at this moment of our clock."""
    venue = order_venue(world.markets, rule)
    at = market_time(world, book, rule, now)
    state = state_of(book, venue, rule.instrument, at)
    if state in STOPPED:
        return Clearance(
            Answer.STOPPED, kind, Note("blocked.halt", {"instrument": rule.instrument, "venue": venue.id, "state": state.value})
        )
    if not venue.acceptance:
        return Clearance(Answer.GO, kind)
    taking = _taking(world, book, rule, venue, at, state)
    if kind in taking.kinds:
        return Clearance(Answer.GO, kind)
    if not taking.session:
        return Clearance(Answer.CLOSED, kind, _closed(venue, rule, kind, at))
    return _in_its_place(rule, kind, taking)


def _in_its_place(rule: Rule, kind: str, taking: Taking) -> Clearance:
    wanted = policy(rule)
    params = {"kind": kind, "session": taking.session}
    if _waits_for_an_auction(rule, kind):
        instead = substitute(kind, taking.kinds, call=taking.call, auction=taking.auction)
        note = Note("order.waits_for_auction", params) if instead is None else Note("order.substituted", {**params, "instead": instead})
        return Clearance(Answer.LATER if instead is None else Answer.GO, instead or kind, note)
    if wanted is OnInadmissible.SUBSTITUTE:
        instead = substitute(kind, taking.kinds, call=taking.call, auction=taking.auction)
        if instead is not None:
            return Clearance(Answer.GO, instead, Note("order.substituted", {**params, "instead": instead}))
        return Clearance(Answer.WAIT, kind, Note("blocked.not_taken", params))
    if wanted is OnInadmissible.WAIT:
        return Clearance(Answer.WAIT, kind, Note("blocked.not_taken", params))
    return Clearance(Answer.FAIL, kind, Note("failed.not_taken", params))


def _waits_for_an_auction(rule: Rule, kind: str) -> bool:
    """Tell whether an order is meant for an auction, so that waiting for it is no failure of an entry either."""
    return kind in FOR_AN_AUCTION and rule.on_inadmissible is not OnInadmissible.FAIL


def state_of(book: Book, venue: MarketProfile, instrument: InstrumentId, at: int) -> TradingState:
    """Return the state of trading of an issue at a venue: the venue's own when it is stopped as a whole."""
    whole = in_force(book.trading.get((venue.id, "")), at)
    return whole if whole is not TradingState.OPEN else in_force(book.trading.get((venue.id, instrument)), at)


def in_force(told: TradingRecord | None, at: int) -> TradingState:
    """Return the state that was told, while it lasts: one whose end was told is over a minute later, said or not."""
    if told is None or (told.until and at >= told.until + LATE_WORD):
        return TradingState.OPEN
    return told.state


def _taking(world: World, book: Book, rule: Rule, venue: MarketProfile, at: int, state: TradingState) -> Taking:
    """Return what the venue takes of a rule's orders at a moment of its feed's clock."""
    day = local_date(venue, at)
    if not keeps_hours(world, rule):
        session = _said_session(book, rule, venue, enabled_on(venue, rule.sessions))
        # A tape may be older than our facts: then what is known last is taken to hold.
        return Taking(accepted(venue, session, day) or accepted(venue, session, None), session)
    by_hours = by_calendar(venue, rule, at)
    if state in CALLS and by_hours.session:
        return Taking(accepted(venue, state.value, day), state.value, call=True)
    return by_hours


def by_calendar(venue: MarketProfile, rule: Rule, at: int) -> Taking:
    """Return what the venue's hours alone say: the kinds that the rule's open sessions take."""
    enabled = enabled_on(venue, rule.sessions)
    open_now = [session for session in sessions_at(venue, at) if session.id in enabled]
    if not open_now:
        return Taking()
    kinds = frozenset(kind for session in open_now for kind in accepted(venue, session.id, trading_day(venue, session)))
    call = all(session.matching is Matching.CALL for session in open_now)
    auctions = [auction_of(venue, session) for session in open_now]
    name = " + ".join(session.id for session in open_now)
    return Taking(kinds & accepted_at(venue, at), name, call, next((auction for auction in auctions if auction), ""))


def _said_session(book: Book, rule: Rule, venue: MarketProfile, enabled: frozenset[str]) -> str:
    """Return the session that the newest print named, where the feed keeps no hours; else the venue's regular one."""
    said = book.said_sessions.get(rule.instrument, "")
    if said in enabled:
        return said
    return next(
        (row.id for row in venue.sessions if row.regular and row.matching is Matching.CONTINUOUS),
        next((row.id for row in venue.sessions), ""),
    )


def _closed(venue: MarketProfile, rule: Rule, kind: str, at: int) -> Note:
    opens = next_taking(venue, rule, kind, at)
    when = f"{moment(opens, venue.zone):%Y-%m-%d %H:%M}" if opens is not None else "unknown"
    return Note("blocked.closed", {"venue": venue.id, "sessions": ", ".join(sorted(enabled_on(venue, rule.sessions))), "opens": when})


def taking_at(venue: MarketProfile, rule: Rule, kind: str, at: int) -> bool:
    """Tell whether the calendar has a session of the rule open that takes the kind, or one that may go in its place."""
    taking = by_calendar(venue, rule, at)
    if kind in taking.kinds:
        return True
    may_change = policy(rule) is OnInadmissible.SUBSTITUTE or _waits_for_an_auction(rule, kind)
    return may_change and substitute(kind, taking.kinds, call=taking.call, auction=taking.auction) is not None


def next_taking(venue: MarketProfile, rule: Rule, kind: str, at: int) -> int | None:
    """Return the first moment after `at` at which the order could go, None when the calendar knows none.

    The answer holds for every moment until then, so orders that wait together ask once.
    """
    key = (id(venue), rule.sessions, kind, rule.side, rule.on_inadmissible)
    kept = _NEXT_TAKING.get(key)
    if kept is not None and kept[1] <= at and (kept[2] is None or at < kept[2]):
        return kept[2]
    asked, found = at, None
    for _ in range(MOST_CHANGES):
        at = next_change(venue, at)
        if taking_at(venue, rule, kind, at):
            found = at
            break
    if len(_NEXT_TAKING) > MOST_CHANGES:
        _NEXT_TAKING.clear()
    _NEXT_TAKING[key] = (venue, asked, found)
    return found


_NEXT_TAKING: dict[tuple[object, ...], tuple[MarketProfile, int, int | None]] = {}
"""By the identity of the venue's profile, which is kept with the answer so that it stays its own."""


def deadline_after(world: World, book: Book, rule: Rule, kind: str, now: int, span: int, *, calls: bool = True) -> int:
    """Return our clock's moment by which an order had `span` ns in which the venue would have taken it (safety F10).

    `calls` False: calls do not count, because the order waits for a print.
    """
    venue = order_venue(world.markets, rule)
    if not keeps_hours(world, rule) or venue.always_open or not venue.acceptance:
        return now + span
    at = market_time(world, book, rule, now)
    shift, left = now - at, span
    for _ in range(MOST_CHANGES):
        change = next_change(venue, at)
        if taking_at(venue, rule, kind, at) and (calls or not by_calendar(venue, rule, at).call):
            if at + left <= change:
                return at + left + shift
            left -= change - at
        at = change
    return at + shift


def terms(world: World, book: Book, rule: Rule, kind: str, written: Terms, seen: Decimal, now: int) -> Terms:
    """Return what is sent for an order kind: prices on the tick, inside the day's limits, rounded by side.

    `written` is the order before any substitution, `seen` the newest print: the price that a type without one is deemed to
    have where no quote is known.
    """
    order_type, tif = type_and_tif(kind)
    if order_type not in PRICED:
        return Terms(order_type, tif, None)
    raw = written.price if written.price is not None else _deemed(world, book, rule, written.type, seen)
    return Terms(order_type, tif, sent_price(world, book, rule, raw, now))


def sent_price(world: World, book: Book, rule: Rule, raw: Decimal, now: int) -> Decimal:
    """Return a price as it is sent: on the tick, rounded by side, inside the day's limits as far as they are known."""
    day = local_date(order_venue(world.markets, rule), market_time(world, book, rule, now))
    instrument = find_instrument(world.markets, rule.instrument, day)
    price = round_to_send(instrument.ladder, raw, rule.side)
    limits = limits_of(world, book, rule.instrument, day)
    return clamp(price, limits) if limits is not None else price


def limits_of(world: World, book: Book, instrument: InstrumentId, day: date) -> Limits | None:
    """Return the day's price limits, None while the day's base price is not known."""
    kept = book.prices.get(instrument)
    if kept is None or kept.previous_close is None or kept.base_day != day.isoformat():
        return None
    return daily_limits(profile_of(world.markets, instrument), find_instrument(world.markets, instrument, day), kept.previous_close, day)


def _deemed(world: World, book: Book, rule: Rule, wanted: OrderType, seen: Decimal) -> Decimal:
    """Return the price that an order without one is taken to have (semantics 2.7)."""
    bid, ask = sides(world, book, rule, seen)
    opposite, own = (bid, ask) if rule.side is Side.SELL else (ask, bid)
    match wanted:
        case OrderType.MARKET | OrderType.MOO | OrderType.MOC:
            return _slipped(world, rule, opposite)
        case OrderType.PRIORITY:
            return own
        case OrderType.MIDPOINT:
            with exact():
                return (bid + ask) / 2
        case _:
            return opposite


def sides(world: World, book: Book, rule: Rule, seen: Decimal) -> tuple[Decimal, Decimal]:
    """Return best bid and ask where a rule's orders go; the newest print stands in for a side that is not known, and for one that
    it has traded through since."""
    quote, newest = book.quotes.get((rule.instrument, order_venue(world.markets, rule).id)), book.newest(rule.instrument)
    if quote is None:
        return seen, seen
    bid, ask = quote.bid if quote.bid is not None else seen, quote.ask if quote.ask is not None else seen
    if quote.time and (newest is None or newest.time <= quote.time):
        return bid, ask
    return min(bid, seen), max(ask, seen)


def _slipped(world: World, rule: Rule, price: Decimal) -> Decimal:
    """Return a price that a market order's stand-in accepts: some way through the opposite side."""
    profile = order_venue(world.markets, rule)
    slip, sign = profile.slip, -1 if rule.side is Side.SELL else 1
    if isinstance(slip, Percent):
        with exact():
            return price + sign * price * slip.value / HUNDRED
    return move_ticks(find_instrument(world.markets, rule.instrument).ladder, price, sign * slip.count)


def written_terms(rule: Rule) -> Terms:
    """Return the order as its owner wrote it."""
    return Terms(rule.order.type, rule.order.tif, rule.order.limit)


def outlook(world: World, book: Book, rule: Rule, now: int) -> list[dict[str, Any]]:
    """Return what would be sent in each session of the order venue, of today or the next trading day; [] at 24-hour markets."""
    venue = order_venue(world.markets, rule)
    if venue.always_open or not keeps_hours(world, rule):
        return []
    day, sessions = sessions_ahead(venue, enabled_on(venue, rule.sessions), market_time(world, book, rule, now))
    return [*_outlook(venue, rule, day, sessions)]


def _outlook(venue: MarketProfile, rule: Rule, day: date, sessions: tuple[Session, ...]) -> Iterator[dict[str, Any]]:
    enabled = enabled_on(venue, rule.sessions)
    kind = kind_of(rule.order.type, rule.order.tif)
    for session in sessions:
        if session.broker_only and session.id not in enabled:
            continue
        sends, why = _would_send(venue, rule, kind, session, day, enabled=session.id in enabled)
        yield {
            "session": session.id,
            "name": session.name,
            "open": session.open,
            "close": session.close,
            "sends": sends,
            "as_written": sends == kind,
            "why": None if why is None else {"code": why.code, "params": dict(why.params)},
        }


def _would_send(
    venue: MarketProfile, rule: Rule, kind: str, session: Session, day: date, *, enabled: bool
) -> tuple[str | None, Note | None]:
    if not enabled:
        return None, Note("outlook.not_enabled", {"session": session.id})
    takes = accepted(venue, session.id, day)
    params = {"kind": kind, "session": session.id}
    if kind in takes:
        return kind, None
    if _waits_for_an_auction(rule, kind):
        instead = substitute(kind, takes, call=session.matching is Matching.CALL, auction=auction_of(venue, session))
        return (
            (None, Note("outlook.later", params))
            if instead is None
            else (instead, Note("outlook.not_taken", {**params, "instead": instead}))
        )
    match policy(rule):
        case OnInadmissible.SUBSTITUTE:
            instead = substitute(kind, takes, call=session.matching is Matching.CALL, auction=auction_of(venue, session))
            if instead is not None:
                return instead, Note("outlook.not_taken", {**params, "instead": instead})
            return None, Note("outlook.waits", params)
        case OnInadmissible.WAIT:
            return None, Note("outlook.waits", params)
        case OnInadmissible.FAIL:
            return None, Note("outlook.fails", params)
