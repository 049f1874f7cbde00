"""`market calendar`: the weekdays of a year without trading, and the days with hours of their own."""

from datetime import date, timedelta
from typing import Any

from autotrader.cli.market.asked import Answer, Asked, weekday
from autotrader.cli.table import table
from autotrader.errors import UserMistake
from autotrader.markets.calendar import SATURDAY
from autotrader.markets.facts import SpecialDay
from autotrader.markets.sessions import is_open_day, regular_hours


def calendar(asked: Asked, year: int | None) -> Answer:
    """Return the closures and the special days of a year."""
    wanted = asked.day(None).year if year is None else year
    known = asked.profile.calendar
    if not known.first.year <= wanted <= known.last.year:
        raise UserMistake("cli.year_unknown", year=wanted, market=asked.profile.id, first=known.first.year, last=known.last.year)
    closed = [] if asked.profile.always_open else [day for day in _weekdays(wanted) if not is_open_day(asked.profile, day)]
    special = sorted((special for special in known.special if special.day.year == wanted), key=lambda special: special.day)
    view = {"closed": [str(day) for day in closed], "special": [_special_view(asked, special) for special in special]}
    return Answer(view, _lines(asked, wanted, closed, special))


def _weekdays(year: int) -> list[date]:
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    return [day for day in days if day.year == year and day.weekday() < SATURDAY]


def _special_view(asked: Asked, special: SpecialDay) -> dict[str, Any]:
    opens, closes = regular_hours(asked.profile, special.day) or (None, None)
    hours = {"open": None if opens is None else asked.iso(opens), "close": None if closes is None else asked.iso(closes)}
    return {"date": str(special.day), "kind": special.kind, "name": special.name, **hours, "certain": special.certain}


def _lines(asked: Asked, year: int, closed: list[date], special: list[SpecialDay]) -> list[str]:
    call = asked.call
    if asked.profile.always_open:
        return [call.tell("cli.never_closes", market=asked.profile.id)]
    named = {row.day: row for row in asked.profile.calendar.closed}
    heads = [call.tell(f"column.{column}") for column in ("closed", "name", "certain")]
    rows = [[weekday(day), *_said_of(asked, named.get(day))] for day in closed]
    lines = [call.tell("cli.calendar_of", market=asked.profile.id, year=year, closed=len(closed), special=len(special))]
    lines += table(heads, rows) if rows else []
    if special:
        columns = [call.tell(f"column.{column}") for column in ("special", "opens", "closes", "kind", "name", "certain")]
        lines += ["", *table(columns, [_special_row(asked, day) for day in special])]
    return lines


def _said_of(asked: Asked, row: Any) -> list[str]:
    return ["", ""] if row is None else [row.name, asked.call.tell("cli.yes" if row.certain else "cli.no")]


def _special_row(asked: Asked, special: SpecialDay) -> list[str]:
    opens, closes = regular_hours(asked.profile, special.day) or (None, None)
    hours = ["-" if at is None else asked.clock(at, special.day) for at in (opens, closes)]
    return [weekday(special.day), *hours, special.kind, *_said_of(asked, special)]
