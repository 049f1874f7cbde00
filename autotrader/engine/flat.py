"""The index whose cost stays flat: which legs can a print matter to, without asking the others.

Three shapes (`docs/decisions/0016-flat-index.md`):

- **Bands.** A leg with fixed bounds stands in two sorted lists, by the price at and under which it matters and by the one at and
  over which it does. A print looks at the ends of the lists only.
- **Groups.** Trailing legs of one direction that have the same mark are one group, whatever their distances. Every mark of a sell
  lies at or over the last price, so the groups stand in a stack, the lowest on top; a new high takes every group under it off the
  stack and melds them, small into large. Inside a group the legs stand in order of their distance, by kind of distance. A new
  high is one step however many legs follow it. Buys are the mirror.
- **Always.** A leg that waits for an arm price or for the safe side sees every print.

All comparisons are exact: a percentage is compared by cross-multiplication, never by a rounded level.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from autotrader.domain.money import HUNDRED, INFINITY, ZERO, exact
from autotrader.domain.rule import Amount, Distance, LegName, Percent, RuleId, Side, Ticks
from autotrader.engine.levels import trail_level
from autotrader.markets.facts import Ladder

Key = tuple[RuleId, LegName]
Entry = tuple[Decimal, Key]
FEW = 64
"""So many new entries are put in one by one; more are sorted in together, so that a million rules load in seconds."""
KINDS = (Amount, Percent)


class Row:
    """Entries in order of their number. Taking one out only forgets it: what is forgotten goes when it comes to the end, or
    when it is more than half."""

    __slots__ = ("_new", "_sorted", "live")

    def __init__(self) -> None:
        self._sorted: list[Entry] = []
        self._new: list[Entry] = []
        self.live: dict[Key, Decimal] = {}

    def __len__(self) -> int:
        return len(self.live)

    def add(self, key: Key, number: Decimal) -> None:
        """Put an entry in."""
        self.live[key] = number
        self._new.append((number, key))

    def discard(self, key: Key) -> None:
        """Take an entry out."""
        if self.live.pop(key, None) is not None and 2 * len(self.live) + FEW < len(self._sorted) + len(self._new):
            self._sorted = sorted((number, key) for key, number in self.live.items())
            self._new = []

    def take(self, other: "Row") -> None:
        """Put in all entries of another row."""
        self.live.update(other.live)
        self._new += [(number, key) for key, number in other.live.items()]

    def _tidy(self) -> list[Entry]:
        if self._new:
            if len(self._new) <= FEW:
                for entry in self._new:
                    insort(self._sorted, entry)
            else:
                self._sorted += self._new
                self._sorted.sort()
            self._new = []
        return self._sorted

    def _is_live(self, entry: Entry) -> bool:
        return self.live.get(entry[1]) == entry[0]

    def last(self) -> Decimal | None:
        """Return the largest number, None without entries."""
        row = self._tidy()
        while row and not self._is_live(row[-1]):
            row.pop()
        return row[-1][0] if row else None

    def first(self) -> Decimal | None:
        """Return the smallest number, None without entries."""
        row = self._tidy()
        start = 0
        while start < len(row) and not self._is_live(row[start]):
            start += 1
        if start:
            del row[:start]
        return row[0][0] if row else None

    def from_end(self, holds: Callable[[Decimal], bool]) -> Iterator[Key]:
        """Yield the keys from the largest number down, as long as the number does what is asked."""
        for entry in reversed(self._tidy()):
            if not holds(entry[0]):
                return
            if self._is_live(entry):
                yield entry[1]

    def from_start(self, holds: Callable[[Decimal], bool]) -> Iterator[Key]:
        """Yield the keys from the smallest number up, as long as the number does what is asked."""
        for entry in self._tidy():
            if not holds(entry[0]):
                return
            if self._is_live(entry):
                yield entry[1]


class Bands:
    """Legs with fixed bounds: a price strictly between the two cannot matter to one."""

    __slots__ = ("highs", "lows")

    def __init__(self) -> None:
        self.lows: Row = Row()
        self.highs: Row = Row()  # negated, so that the nearest one is the last of a row too

    def add(self, key: Key, low: Decimal, high: Decimal) -> None:
        """Put a leg in; a bound that no price reaches takes no place."""
        if low > ZERO:
            self.lows.add(key, low)
        if high < INFINITY:
            self.highs.add(key, high.copy_negate())

    def discard(self, key: Key) -> None:
        """Take a leg out."""
        self.lows.discard(key)
        self.highs.discard(key)

    def bounds(self) -> tuple[Decimal, Decimal]:
        """Return the prices between which nothing here can matter."""
        low, high = self.lows.last(), self.highs.last()
        return ZERO if low is None else low, INFINITY if high is None else high.copy_negate()

    def woken(self, price: Decimal) -> Iterator[Key]:
        """Yield the legs to which a price can matter, some perhaps twice."""
        yield from self.lows.from_end(lambda low: price <= low)
        yield from self.highs.from_end(lambda high: price >= high.copy_negate())


class Group:
    """Trailing legs that share a mark: price and time (ns) of the print that made it. `name` is what it is kept under once it
    was flushed (empty before), `unsaved` are the members whose kept mark does not follow it yet, `into` is the group that has
    taken this one in."""

    __slots__ = ("into", "name", "price", "rows", "size", "time", "unsaved")

    def __init__(self, price: Decimal, time: int) -> None:
        self.price = price
        self.time = time
        self.rows: dict[type, Row] = {}
        self.size = 0
        self.name = ""
        self.unsaved: dict[Key, None] = {}
        self.into: Group | None = None

    def root(self) -> "Group":
        """Return the group that this one has become part of; the way there is shortened as it is walked."""
        group = self
        while group.into is not None:
            if group.into.into is not None:
                group.into = group.into.into
            group = group.into
        return group

    def add(self, key: Key, distance: Distance) -> None:
        """Put a leg in, by its distance."""
        row = self.rows.setdefault(type(distance), Row())
        row.add(key, distance.value if isinstance(distance, KINDS) else Decimal(distance.count))
        self.size += 1
        self.unsaved[key] = None

    def discard(self, key: Key, distance: Distance) -> None:
        """Take a leg out."""
        self.rows[type(distance)].discard(key)
        self.size -= 1
        self.unsaved.pop(key, None)

    def members(self) -> Iterator[Key]:
        """Yield every leg."""
        for row in self.rows.values():
            yield from row.live

    def meld(self, small: "Group") -> None:
        """Take in the legs of another group, whose mark is at this one's now."""
        for kind, row in small.rows.items():
            mine = self.rows.get(kind)
            if mine is None:
                self.rows[kind] = row
            else:
                mine.take(row)
            self.unsaved.update(dict.fromkeys(row.live))
        self.size += small.size
        small.rows, small.unsaved, small.size, small.into = {}, {}, 0, self


class Trails:
    """The groups of one direction: sells that trail a high, or buys that trail a low."""

    def __init__(self, side: Side, ladder: Ladder) -> None:
        self.side = side
        self.sign = 1 if side is Side.SELL else -1
        self.ladder = ladder
        # The group nearest to the price is the last; `_ranks` are the marks by which the list is searched, ascending.
        self.stack: list[Group] = []
        self._ranks: list[Decimal] = []
        self._levels: list[Decimal] = []  # of each group and all before it, the level nearest to the price
        self.of: dict[Key, tuple[Group, Distance]] = {}

    def __len__(self) -> int:
        return len(self.of)

    def _rank(self, mark: Decimal) -> Decimal:
        return mark.copy_negate() if self.sign > 0 else mark

    def add(self, key: Key, distance: Distance, mark: Decimal, time: int) -> Group:
        """Put a leg into the group of its mark."""
        rank = self._rank(mark)
        place = bisect_left(self._ranks, rank)
        if place == len(self.stack) or self._ranks[place] != rank:
            self.stack.insert(place, Group(mark, time))
            self._ranks.insert(place, rank)
        group = self.stack[place]
        group.add(key, distance)
        self.of[key] = (group, distance)
        del self._levels[place:]
        return group

    def discard(self, key: Key) -> Group | None:
        """Take a leg out and return the group that it was in."""
        found = self.of.pop(key, None)
        if found is None:
            return None
        group, distance = found[0].root(), found[1]
        group.discard(key, distance)
        place = bisect_left(self._ranks, self._rank(group.price))
        del self._levels[place:]
        if not group.size:
            del self.stack[place], self._ranks[place]
        return group

    def ratchet(self, price: Decimal, time: int) -> Group | None:
        """Move every mark that a price is beyond; return the group that all of them are in now, None when none moved."""
        rank = self._rank(price)
        place = bisect_right(self._ranks, rank)
        if place == len(self._ranks):
            return None
        if place and self._ranks[place - 1] == rank:  # one that stands there already is joined
            place -= 1
        popped = self.stack[place:]
        moved = max(popped, key=_size)
        for group in popped:
            if group is not moved:
                moved.meld(group)
        moved.price, moved.time = price, time
        self.stack[place:], self._ranks[place:] = [moved], [rank]
        del self._levels[place:]
        return moved

    def _level(self, group: Group) -> Decimal:
        """Return the level of a group that is nearest to the price, exactly."""
        found = [self._level_of(kind, row, group.price) for kind, row in group.rows.items()]
        nearest = [level for level in found if level is not None]
        return max(nearest) if self.sign > 0 else min(nearest)

    def _level_of(self, kind: type, row: Row, mark: Decimal) -> Decimal | None:
        least = row.first()
        if least is None:
            return None
        return trail_level(_distance(kind, least), mark, self.side, self.ladder)

    def bounds(self) -> tuple[Decimal, Decimal, bool]:
        """Return the level nearest to the price, the mark nearest to it, and whether there are any."""
        if not self.stack:
            return ZERO, ZERO, False
        for place in range(len(self._levels), len(self.stack)):
            level = self._level(self.stack[place])
            if place:
                level = max(level, self._levels[-1]) if self.sign > 0 else min(level, self._levels[-1])
            self._levels.append(level)
        return self._levels[-1], self.stack[-1].price, True

    def met(self, price: Decimal) -> Iterator[Key]:
        """Yield the legs whose level a price has reached."""
        self.bounds()
        for place in range(len(self.stack) - 1, -1, -1):
            reached = price <= self._levels[place] if self.sign > 0 else price >= self._levels[place]
            if not reached:
                return
            yield from self._met_in(self.stack[place], price)

    def _met_in(self, group: Group, price: Decimal) -> Iterator[Key]:
        with exact():
            gap = (group.price - price) * self.sign
            share = gap * HUNDRED
        tests: dict[type, Callable[[Decimal], bool]] = {
            Amount: lambda value: value <= gap,
            Percent: lambda value: _product(value, group.price) <= share,
            Ticks: lambda count: self._is_reached(_distance(Ticks, count), group.price, price),
        }
        for kind, row in group.rows.items():
            yield from row.from_start(tests[kind])

    def _is_reached(self, distance: Distance, mark: Decimal, price: Decimal) -> bool:
        level = trail_level(distance, mark, self.side, self.ladder)
        return price <= level if self.sign > 0 else price >= level


def _size(group: Group) -> int:
    return group.size


def _product(one: Decimal, other: Decimal) -> Decimal:
    with exact():
        return one * other


def _distance(kind: type, number: Decimal) -> Distance:
    made: Distance = kind(int(number)) if kind not in KINDS else kind(number)
    return made


class Flat:
    """All legs of one watch."""

    def __init__(self, ladder: Ladder) -> None:
        self.bands = Bands()
        self.sells = Trails(Side.SELL, ladder)
        self.buys = Trails(Side.BUY, ladder)
        self.always: dict[Key, None] = {}

    def discard(self, key: Key) -> Group | None:
        """Take a leg out; return the group whose mark it followed, if it followed one."""
        self.always.pop(key, None)
        self.bands.discard(key)
        return self.sells.discard(key) or self.buys.discard(key)

    def add_band(self, key: Key, low: Decimal, high: Decimal) -> None:
        """Put in a leg with fixed bounds."""
        self.bands.add(key, low, high)

    def add_trail(self, key: Key, side: Side, distance: Distance, mark: Decimal, time: int) -> Group:
        """Put in a leg that trails a mark."""
        return (self.sells if side is Side.SELL else self.buys).add(key, distance, mark, time)

    def group_of(self, key: Key) -> Group | None:
        """Return the group whose mark a leg follows."""
        found = self.sells.of.get(key) or self.buys.of.get(key)
        return found[0].root() if found is not None else None

    def bounds(self, beyond: Callable[[Decimal, int], Decimal]) -> tuple[Decimal, Decimal]:
        """Return the prices between which nothing can matter; `beyond(price, ±1)` is the next number after one."""
        low, high = self.bands.bounds()
        level, mark, any_sells = self.sells.bounds()
        if any_sells:
            low, high = max(low, level), min(high, beyond(mark, 1))
        level, mark, any_buys = self.buys.bounds()
        if any_buys:
            low, high = max(low, beyond(mark, -1)), min(high, level)
        return low, high

    def ratchet(self, price: Decimal, time: int) -> list[Group]:
        """Move the marks that a price is beyond; return the groups that moved."""
        return [group for group in (self.sells.ratchet(price, time), self.buys.ratchet(price, time)) if group is not None]

    def woken(self, price: Decimal) -> Iterable[Key]:
        """Return the legs to which a price can matter, each once."""
        found: dict[Key, None] = dict.fromkeys(self.always)
        for keys in (self.bands.woken(price), self.sells.met(price), self.buys.met(price)):
            for key in keys:
                found[key] = None
        return found
