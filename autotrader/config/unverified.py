"""Which unverified facts the rules of a file rest on, each once: what `check` tells the owner to look at.

A rule rests on the hours of the sessions that it watches and orders in, on whether they take its order, on the price step and
the costs of its instrument, and on the days until its validity ends.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple, TypeVar

from autotrader.config.mistakes import FieldMistake
from autotrader.domain.money import text
from autotrader.domain.rule import Rule
from autotrader.domain.settings import Settings
from autotrader.engine.hours import enabled_on, order_venue, view_of
from autotrader.markets.calendar import Today, day_in, last_valid_day
from autotrader.markets.facts import ClosedDay, Dated, Grade, SpecialDay
from autotrader.markets.orders import kind_of
from autotrader.markets.profile import MarketProfile, Markets, cost_on, find_instrument, in_force, profile_of

D = TypeVar("D", bound=Dated)


class Span(NamedTuple):
    """The days of a rule's validity, both included."""

    first: date
    last: date

    def meets(self, row: Dated) -> bool:
        """Tell whether a fact holds on one of the days."""
        return row.effective_from <= self.last and (row.effective_to is None or row.effective_to >= self.first)

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last


class Doubt(NamedTuple):
    """An unverified fact: what makes it one and the same for several rules, and what is said of it."""

    key: object
    code: str
    params: dict[str, str]


def unverified(settings: Settings, markets: Markets, today: Today) -> list[FieldMistake]:
    """Return a warning for each unverified fact that a rule rests on, at the first rule that does."""
    found: dict[object, FieldMistake] = {}
    for rule in settings.rules:
        for doubt in _doubts(rule, markets, day_in(profile_of(markets, rule.instrument), today)):
            found.setdefault(doubt.key, FieldMistake(("rules", rule.id), doubt.code, doubt.params, at_key=True))
    return list(found.values())


def _doubts(rule: Rule, markets: Markets, today: date) -> Iterator[Doubt]:
    home = profile_of(markets, rule.instrument)
    span = Span(today, last_valid_day(home, rule.until, today))
    for venue, sessions in _venues(rule, markets):
        yield from _hours(venue, sessions, span)
    yield from _kind(rule, order_venue(markets, rule), span)
    yield from _instrument(rule, markets, today)
    yield from _days(order_venue(markets, rule), span)
    calendar = home.calendar
    if span.last > calendar.last:
        params = {"market": home.id, "last": calendar.last.isoformat(), "rule": rule.id, "until": span.last.isoformat()}
        yield Doubt((home.id, calendar.last), "config.calendar_ends", params)


def _venues(rule: Rule, markets: Markets) -> Iterator[tuple[MarketProfile, frozenset[str]]]:
    """Yield the venues that a rule watches or orders at, with its sessions there."""
    view = view_of(markets, rule)
    yield from ((markets[name], view.sessions) for name in sorted(view.venues))
    venue = order_venue(markets, rule)
    yield venue, enabled_on(venue, rule.sessions)


def _unverified(rows: tuple[D, ...], span: Span) -> list[D]:
    return [row for row in rows if row.grade is Grade.U and span.meets(row)]


def _hours(venue: MarketProfile, sessions: frozenset[str], span: Span) -> Iterator[Doubt]:
    """Yield the sessions whose hours are unverified on ordinary days, or on a special day that the rule lives to see."""
    for row in (row for row in _unverified(venue.sessions, span) if row.id in sessions):
        hours = f"{row.open:%H:%M}-{row.close:%H:%M}"
        params = {"session": row.id, "hours": hours, "source": row.source, "market": venue.id}
        day = next((special.day for special in venue.calendar.special if special.kind == row.day and span.has(special.day)), None)
        if not row.day:
            yield Doubt((venue.id, row), "config.unverified_hours", params)
        elif day is not None and row.holds(day):
            on = {"day": day.isoformat(), "kind": row.day}
            yield Doubt((venue.id, row), "config.unverified_hours_on", params | on)


def _kind(rule: Rule, venue: MarketProfile, span: Span) -> Iterator[Doubt]:
    """Yield the sessions of which it is unverified whether they take the rule's order."""
    kind, sessions = kind_of(rule.order.type, rule.order.tif), enabled_on(venue, rule.sessions)
    for row in _unverified(venue.acceptance, span):
        if row.session in sessions and kind in row.kinds:
            params = {"session": row.session, "kind": kind, "market": venue.id, "source": row.source}
            yield Doubt((venue.id, row.session, kind), "config.unverified_kind", params)


def _instrument(rule: Rule, markets: Markets, today: date) -> Iterator[Doubt]:
    """Yield the price step and the costs of the rule's instrument where they are unverified."""
    profile, found = profile_of(markets, rule.instrument), find_instrument(markets, rule.instrument, today)
    ladder = next((row for row in in_force(profile.ladders, today) if row.bands is found.ladder), None)
    if ladder is not None and ladder.grade is Grade.U:
        params = {"codes": ladder.codes, "market": profile.id, "source": ladder.source}
        yield Doubt((profile.id, ladder), "config.unverified_step", params)
    cost = cost_on(profile, today, found.kind)
    if cost.grade is Grade.U:
        params = {"market": profile.id, "commission": text(cost.commission), "tax": text(cost.tax), "source": cost.source}
        yield Doubt((profile.id, cost), "config.unverified_cost", params)


def _days(venue: MarketProfile, span: Span) -> Iterator[Doubt]:
    """Yield the days of a rule's life of which it is not certain whether, or how long, its venue is open."""
    calendar = venue.calendar
    unsure: list[tuple[ClosedDay | SpecialDay, str]] = [
        *((row, "config.uncertain_closed") for row in calendar.closed if not row.certain),
        *((row, "config.uncertain_special") for row in calendar.special if not row.certain),
        *((row, "config.uncertain_open") for row in calendar.doubtful),
    ]
    for row, code in unsure:
        if span.has(row.day):
            # Venues that keep one calendar share its days; the day is named once.
            kind = {"kind": row.kind} if isinstance(row, SpecialDay) else {}
            yield Doubt(row, code, {"market": venue.id, "day": row.day.isoformat(), "name": row.name, "source": row.source} | kind)
