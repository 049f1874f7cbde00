"""The index whose cost stays flat: which legs can a print matter to, without asking the others.

Three shapes (`docs/decisions/0016-flat-index.md`):

- **Bands.** A leg with fixed bounds stands in two heaps, by the price at and under which it matters and by the one at and
  over which it does. A print looks at the tops of the heaps only.
- **Groups.** Trailing legs of one direction that have the same mark are one group, whatever their distances. Every mark of a sell
  lies at or over the last price, so the groups stand in a stack, the lowest on top; a new high takes every group under it off the
  stack and melds them, small into large. Inside a group the legs stand in heaps by their distance, one for each kind of distance.
  A new high is one step however many legs follow it. The levels of the groups that do not move stand in a heap too. Buys are the
  mirror.
- **Always.** A leg that waits for an arm price or for the safe side sees every print.

All comparisons are exact: a percentage is compared by cross-multiplication, never by a rounded level.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_DOWN, Context, Decimal
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import Generic, TypeVar

from autotrader.domain.money import EXACT, HUNDRED, INFINITY, ZERO, exact
from autotrader.domain.rule import Amount, Distance, LegName, Percent, RuleId, Side, Ticks
from autotrader.engine.levels import trail_level
from autotrader.markets.facts import Ladder

Key = tuple[RuleId, LegName]
FEW = 64
"""A heap may hold as many that were taken out as it holds others, and so many more, before it is made anew."""
KINDS: tuple[type[Distance], ...] = (Amount, Percent, Ticks)


class Item:
    """What stands in heaps under a leg's name. What is taken out is only told so, and goes when it comes to a top.

    `turn` says when the leg's turn comes among those that one print meets, the lowest first, for a quick one: a print can only
    fire it, so that nobody need look at it before. It is None for one that must be asked what a print does to it.
    """

    __slots__ = ("key", "live", "turn")

    def __init__(self, key: Key, turn: int | None = None) -> None:
        self.key = key
        self.turn = turn
        self.live = True

    def __lt__(self, other: object) -> bool:
        """Tell apart what the numbers and names did not: the same leg taken out and put in again. Either may be first."""
        return False


ItemT = TypeVar("ItemT", bound=Item)
Entry = tuple[Decimal, Key, ItemT]


class Row(Generic[ItemT]):
    """A heap of items by number, the smallest on top. What was put in since the last look stands behind it, in no order."""

    __slots__ = ("_entries", "_tidy", "size")

    def __init__(self) -> None:
        self._entries: list[Entry[ItemT]] = []
        self._tidy = 0
        self.size = 0

    def add(self, *entries: Entry[ItemT]) -> None:
        """Put items in, each with its number and its leg."""
        self._entries += entries
        self.size += len(entries)

    def lose(self, count: int = 1) -> None:
        """Take note that items are no longer live."""
        self.size -= count
        if 2 * self.size + FEW < len(self._entries):
            self._entries = [entry for entry in self._entries if entry[2].live]
            self._tidy = 0

    def take(self, other: "Row[ItemT]") -> None:
        """Put in all items of another row."""
        self._entries += other._entries
        self.size += other.size

    def items(self) -> Iterator[ItemT]:
        """Yield every item, in no order."""
        return (item for _, _, item in self._entries if item.live)

    def _heap(self) -> list[Entry[ItemT]]:
        entries, tidy = self._entries, self._tidy
        if tidy < len(entries):
            if (len(entries) - tidy) * 8 < tidy:
                new = entries[tidy:]
                del entries[tidy:]
                for entry in new:
                    heappush(entries, entry)
            else:
                heapify(entries)
            self._tidy = len(entries)
        return entries

    def first(self) -> Decimal | None:
        """Return the smallest number, None without items."""
        heap = self._heap()
        while heap and not heap[0][2].live:
            heappop(heap)
        self._tidy = len(heap)
        return heap[0][0] if heap else None

    def upto(self, bound: Decimal) -> list[ItemT]:
        """Return the items whose number is not above a bound, in no order: level by level down the heap, or, when it turns out
        that they are many of all, by one look at each."""
        heap = self._heap()
        if not heap or heap[0][0] > bound:
            return []
        size, found = len(heap), []
        level = [0]
        while level:
            level = [place for place in level if heap[place][0] <= bound]
            found += [heap[place][2] for place in level]
            if len(found) > FEW and 16 * len(found) > size:
                return [item for number, _, item in heap if number <= bound and item.live]
            level = [child for place in level for child in (2 * place + 1, 2 * place + 2) if child < size]
        return [item for item in found if item.live]


class Banded(Item):
    """A leg with fixed bounds, and the heaps that it stands in."""

    __slots__ = ("rows",)

    def __init__(self, key: Key, rows: "tuple[Row[Banded], ...]", turn: int | None) -> None:
        super().__init__(key, turn)
        self.rows = rows


class Bands:
    """Legs with fixed bounds: a price strictly between the two cannot matter to one."""

    __slots__ = ("_highs", "_lows", "_of")

    def __init__(self) -> None:
        self._lows: Row[Banded] = Row()  # negated, so that the nearest one is on top
        self._highs: Row[Banded] = Row()
        self._of: dict[Key, Banded] = {}

    def add(self, key: Key, low: Decimal, high: Decimal, turn: int | None) -> None:
        """Put a leg in; a bound that no price reaches takes no place."""
        places = [(self._lows, low.copy_negate())] * (low > ZERO) + [(self._highs, high)] * (high < INFINITY)
        banded = self._of[key] = Banded(key, tuple(row for row, _ in places), turn)
        for row, number in places:
            row.add((number, key, banded))

    def discard(self, key: Key) -> None:
        """Take a leg out."""
        banded = self._of.pop(key, None)
        if banded is not None:
            banded.live = False
            for row in banded.rows:
                row.lose()

    def bounds(self) -> tuple[Decimal, Decimal]:
        """Return the prices between which nothing here can matter."""
        low, high = self._lows.first(), self._highs.first()
        return ZERO if low is None else low.copy_negate(), INFINITY if high is None else high

    def woken(self, price: Decimal) -> list[Banded]:
        """Return the legs to which a price can matter, each once."""
        lows, highs = self._lows.upto(price.copy_negate()), self._highs.upto(price)
        return list(dict.fromkeys(lows + highs)) if lows and highs else lows or highs


class Follower(Item):
    """A trailing leg, the place of its kind of distance in `KINDS`, and the group whose mark it follows."""

    __slots__ = ("_group", "kind")

    def __init__(self, key: Key, kind: int, group: "Group", turn: int | None) -> None:
        super().__init__(key, turn)
        self.kind = kind
        self._group = group

    @property
    def group(self) -> "Group":
        """The group that the leg is in now; the way there is shortened as it is walked."""
        group = self._group
        if group.into is not None:
            group = self._group = group.root()
        return group


class Standing(Item):
    """The level of a group that does not move."""

    __slots__ = ("group",)

    def __init__(self, group: "Group") -> None:
        super().__init__(group.key)
        self.group = group


class Group:
    """Trailing legs that share a mark: price and time (ns) of the print that made it.

    `key` is the first leg it had; `name` is what it is kept under once it was flushed (empty before), and `unsaved` are the legs
    whose kept mark does not follow that name yet; `standing` is its level where that is worked out; `into` is the group that has
    taken this one in. A mark that nobody shares has one leg, `_lone`, which needs no heaps: a rule must not cost a kilobyte.
    """

    __slots__ = ("_lone", "_nearest", "_rows", "into", "key", "name", "price", "size", "standing", "time", "unsaved")

    def __init__(self, key: Key, price: Decimal, time: int) -> None:
        self.key = key
        self.price = price
        self.time = time
        self.size = 0
        self.name = ""
        self.unsaved: list[Follower] | None = None
        self.standing: Standing | None = None
        self.into: Group | None = None
        self._lone: Entry[Follower] | None = None
        self._rows: list[Row[Follower]] | None = None
        self._nearest: tuple[Distance, ...] | None = None

    def root(self) -> "Group":
        """Return the group that this one has become part of; the way there is shortened as it is walked."""
        group = self
        while group.into is not None:
            if group.into.into is not None:
                group.into = group.into.into
            group = group.into
        return group

    def add(self, key: Key, distance: Distance, turn: int | None) -> Follower:
        """Put a leg in."""
        follower = Follower(key, KINDS.index(type(distance)), self, turn)
        entry = (_number(distance), key, follower)
        self.size += 1
        self._nearest = None
        if self.size == 1:
            self._lone = entry
        else:
            self._heaps()[follower.kind].add(entry)
        return follower

    def discard(self, follower: Follower) -> None:
        """Take a leg out that is no longer live."""
        self.size -= 1
        self._nearest = None
        if self._rows is None:
            self._lone = None
        else:
            self._rows[follower.kind].lose()

    def _heaps(self) -> list[Row[Follower]]:
        """Return the heaps of the legs, one for each kind of distance; a lone leg moves in."""
        if self._rows is None:
            self._rows = [Row() for _ in KINDS]
            if self._lone is not None:
                self._rows[self._lone[2].kind].add(self._lone)
                self._lone = None
        return self._rows

    def followers(self) -> list[Follower]:
        """Return every leg, in no order."""
        if self._lone is not None:
            return [self._lone[2]]
        return [follower for row in self._rows or () for follower in row.items()]

    def keep_as(self, name: str, unsaved: list[Follower]) -> None:
        """Take the name under which the mark is kept, and the legs whose own rows do not name it."""
        self.name = name
        self.unsaved = unsaved

    def meld(self, groups: Iterable["Group"]) -> None:
        """Take in the legs of other groups, whose marks are at this one's now."""
        heaps = self._heaps()
        self._nearest = None
        lone: list[list[Entry[Follower]]] = [[] for _ in KINDS]
        for group in groups:
            if group is self:
                continue
            if self.unsaved is not None:
                self.unsaved += group.followers()
            entry = group._lone
            if entry is not None:
                lone[entry[2].kind].append(entry)
            elif group._rows is not None:
                for mine, theirs in zip(heaps, group._rows, strict=True):
                    mine.take(theirs)
            self.size += group.size
            group.dissolve(self)
        for mine, entries in zip(heaps, lone, strict=True):
            mine.add(*entries)

    def dissolve(self, into: "Group") -> None:
        """Become part of another group, and hold nothing any more."""
        self.into, self.size, self._lone = into, 0, None
        if self._rows is not None or self.unsaved is not None:
            self._rows = self.unsaved = self._nearest = None

    def nearest(self) -> tuple[Distance, ...]:
        """Return the smallest distance of each kind; they stay the same while the mark moves."""
        if self._lone is not None:
            return (_distance(self._lone[2].kind, self._lone[0]),)
        if self._nearest is None:
            firsts = [(kind, row.first()) for kind, row in enumerate(self._rows or ())]
            self._nearest = tuple(_distance(kind, number) for kind, number in firsts if number is not None)
        return self._nearest

    def lone(self) -> tuple[Distance, Follower] | None:
        """Return the leg whose mark nobody shares, with its distance."""
        return None if self._lone is None else (_distance(self._lone[2].kind, self._lone[0]), self._lone[2])

    def within(self, farthest: Callable[[type[Distance]], Decimal]) -> list[Follower]:
        """Return the legs of a mark that is shared whose number is at most the farthest of their kind."""
        rows = [(kind, row) for kind, row in zip(KINDS, self._rows or (), strict=False) if row.size]
        return [follower for kind, row in rows for follower in row.upto(farthest(kind))]


_SIZE = attrgetter("size")


class Trails:
    """The groups of one direction: sells that trail a high, or buys that trail a low.

    Marks and levels are compared by rank: negated for sells, so that of two marks the nearer to the price has the higher rank,
    and of two levels the nearer one the lower.
    """

    def __init__(self, side: Side, ladder: Ladder) -> None:
        self.side = side
        self.sign = 1 if side is Side.SELL else -1
        self.ladder = ladder
        self.stack: list[Group] = []  # the group nearest to the price is the last
        self.of: dict[Key, Follower] = {}
        # The levels of all groups but those that changed since `bounds` was asked. The group that moves with the price stays among these.
        self._levels: Row[Standing] = Row()
        self._changed: dict[Group, None] = {}
        self._nearest = INFINITY  # the rank of the last group's level, where it is not among the levels
        self._bounds: tuple[Decimal, Decimal, bool] | None = None

    def __len__(self) -> int:
        return len(self.of)

    def _rank(self, price: Decimal) -> Decimal:
        return price.copy_negate() if self.sign > 0 else price

    def _place(self, mark: Decimal) -> int:
        return bisect_left(self.stack, self._rank(mark), key=lambda group: self._rank(group.price))

    def add(self, key: Key, distance: Distance, mark: Decimal, time: int, turn: int | None = None) -> Follower:
        """Put a leg into the group of its mark."""
        place = self._place(mark)
        if place == len(self.stack) or self.stack[place].price != mark:
            self.stack.insert(place, Group(key, mark, time))
        group = self.stack[place]
        follower = self.of[key] = group.add(key, distance, turn)
        self._change(group)
        return follower

    def discard(self, key: Key) -> Follower | None:
        """Take a leg out and return what it was."""
        follower = self.of.pop(key, None)
        if follower is None:
            return None
        group, follower.live = follower.group, False
        group.discard(follower)
        self._change(group)
        if not group.size:
            del self.stack[self._place(group.price)]
        return follower

    def _change(self, group: Group) -> None:
        """Let the level of a group be worked out again."""
        if group.standing is not None:
            group.standing.live, group.standing = False, None
            self._levels.lose()
        self._changed[group] = self._bounds = None

    def ratchet(self, price: Decimal, time: int) -> Group | None:
        """Move every mark that a price is beyond; return the group that all of them are in now, None when none moved."""
        stack, rank = self.stack, self._rank(price)
        if not stack or self._rank(stack[-1].price) <= rank:
            return None
        place = len(stack) - 1
        if place and self._rank(stack[place - 1].price) >= rank:  # one that stands there already is joined
            place = self._place(price)
        popped = stack[place:]
        moved = max(popped, key=_SIZE) if len(popped) > 1 else popped[0]
        if place:
            self._forget_levels(popped)
        else:  # all of them move, so that no level stands any more
            self._levels, moved.standing = Row(), None
        if len(popped) > 1:
            moved.meld(popped)
        moved.price, moved.time = price, time
        stack[place:] = [moved]
        self._changed[moved] = self._bounds = None
        return moved

    def _forget_levels(self, groups: Iterable[Group]) -> None:
        """Forget the levels of groups that move, while others stand."""
        lost = 0
        for group in groups:
            if group.standing is not None:
                group.standing.live, group.standing = False, None
                lost += 1
        self._levels.lose(lost)

    def _level(self, group: Group) -> Decimal:
        """Return the rank of the level of a group that is nearest to the price, exactly."""
        return min(self._rank(trail_level(distance, group.price, self.side, self.ladder)) for distance in group.nearest())

    def bounds(self) -> tuple[Decimal, Decimal, bool]:
        """Return the level nearest to the price, the mark nearest to it, and whether there are any."""
        if self._bounds is None:
            self._bounds = self._work_out() if self.stack else (ZERO, ZERO, False)
        return self._bounds

    def _work_out(self) -> tuple[Decimal, Decimal, bool]:
        top = self.stack[-1]
        for group in self._changed:
            if group is not top and group.size:
                group.standing = Standing(group)
                self._levels.add((self._level(group), group.key, group.standing))
        moving = top.standing is None
        self._changed = {top: None} if moving else {}
        self._nearest = self._level(top) if moving else INFINITY
        first = self._levels.first()
        nearest = self._nearest if first is None else min(first, self._nearest)
        return self._rank(nearest), top.price, True

    def met(self, price: Decimal) -> list[Follower]:
        """Return the legs whose level a price has reached."""
        rank = self._rank(price)
        if not self.stack or self._rank(self.bounds()[0]) > rank:
            return []
        groups = [standing.group for standing in self._levels.upto(rank)]
        if self._nearest <= rank:
            groups.append(self.stack[-1])
        return [follower for group in groups for follower in self._met_in(group, price)]

    def _met_in(self, group: Group, price: Decimal) -> list[Follower]:
        lone = group.lone()
        if lone is not None:
            distance, follower = lone
            return [follower] if self._is_reached(distance, group.price, price) else []
        return group.within(lambda kind: self._farthest(kind, group.price, price))

    def _farthest(self, kind: type[Distance], mark: Decimal, price: Decimal) -> Decimal:
        """Return the largest number of a kind of distance whose level a price has reached, so that one comparison tells."""
        with exact():
            gap = (mark - price) * self.sign
        if kind is Amount:
            return gap
        if kind is Percent:
            return _DOWN.divide(EXACT.multiply(gap, HUNDRED), mark)
        least, most = 0, 1
        while self._is_reached(Ticks(most), mark, price):
            least, most = most, 2 * most
        while most - least > 1:
            middle = (least + most) // 2
            least, most = (middle, most) if self._is_reached(Ticks(middle), mark, price) else (least, middle)
        return Decimal(least)

    def _is_reached(self, distance: Distance, mark: Decimal, price: Decimal) -> bool:
        level = trail_level(distance, mark, self.side, self.ladder)
        return price <= level if self.sign > 0 else price >= level


_DOWN = Context(prec=EXACT.prec + 10, rounding=ROUND_DOWN)
"""A percentage that exact arithmetic can hold is at most a quotient exactly when it is at most the quotient rounded down so late."""


def _number(distance: Distance) -> Decimal:
    return Decimal(distance.count) if isinstance(distance, Ticks) else distance.value


def _distance(place: int, number: Decimal) -> Distance:
    kind = KINDS[place]
    return Ticks(int(number)) if kind is Ticks else Amount(number) if kind is Amount else Percent(number)


class Flat:
    """All legs of one watch."""

    def __init__(self, ladder: Ladder) -> None:
        self.bands = Bands()
        self.sells = Trails(Side.SELL, ladder)
        self.buys = Trails(Side.BUY, ladder)
        self.always: dict[Key, None] = {}

    def discard(self, key: Key) -> Follower | None:
        """Take a leg out; return what it was if it followed a mark."""
        self.always.pop(key, None)
        self.bands.discard(key)
        return self.sells.discard(key) or self.buys.discard(key)

    def add_band(self, key: Key, low: Decimal, high: Decimal, turn: int | None) -> None:
        """Put in a leg with fixed bounds."""
        self.bands.add(key, low, high, turn)

    def add_trail(self, key: Key, side: Side, distance: Distance, mark: Decimal, time: int, turn: int | None) -> Follower:
        """Put in a leg that trails a mark."""
        return (self.sells if side is Side.SELL else self.buys).add(key, distance, mark, time, turn)

    def group_of(self, key: Key) -> Group | None:
        """Return the group whose mark a leg follows."""
        found = self.sells.of.get(key) or self.buys.of.get(key)
        return found.group if found is not None else None

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

    def woken(self, price: Decimal) -> tuple[list[Key], list[Item]]:
        """Return the legs to which a price can matter, each once (a leg stands in one place): those that must be asked what it
        does to them, and the quick ones, which can only fire."""
        found: list[Item] = [*self.bands.woken(price), *self.sells.met(price), *self.buys.met(price)]
        return [*self.always, *[item.key for item in found if item.turn is None]], [item for item in found if item.turn is not None]
