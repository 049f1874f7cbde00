"""The people of the simulated market: what they want to do in one turn, drawn from the value and from dice alone.

Market makers quote several levels around the value, noise traders take from either side, momentum traders join a run, and
now and then an institution goes through several levels at once. Nothing here looks at the order book: an order from outside
changes who trades with whom, never what the crowd draws, so the day goes on nearly as it would have.
"""

from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.rule import Side
from autotrader.exchange.walk import Dice, Move
from autotrader.markets.facts import Ladder
from autotrader.markets.limits import Limits
from autotrader.markets.ticks import floor_to_tick, tick_down, tick_up

SIDES = (Side.BUY, Side.SELL)
CERTAIN = 1000
RUN = 3
"""So many steps of the value in one direction make a trend."""

REMEMBERED = 10_000

Level = tuple[Decimal, Decimal]
"""A price and a quantity."""


class Temper(NamedTuple):
    """How a crowd behaves. Chances are thousandths a turn; `gap` is the distance of the best quotes in price steps."""

    levels: int = 5
    gap: int = 1
    trades: int = CERTAIN
    """That somebody trades at the value."""
    noise: int = 0
    """That a small order takes the other side's best price."""
    trend: int = 0
    """That a momentum trader joins a run and pushes the price a step beyond the value."""
    sweep: int = 0
    """That an institution takes several levels at once; the price comes back step by step."""


FOLLOWING = Temper()
"""One trade a turn, exactly at the value: what the walk or the script says is what is printed."""
LIVELY = Temper(noise=350, trend=250, sweep=4)
QUIET = Temper(levels=4, gap=2, trades=400, noise=150, trend=150, sweep=2)
THIN = Temper(levels=2, gap=5, trades=60, noise=20, trend=50, sweep=4)


class Want(NamedTuple):
    """An order that somebody wants to send: at this price or better."""

    side: Side
    price: Decimal
    quantity: Decimal


class Plan(NamedTuple):
    """What the crowd wants of a venue in one turn: the quotes that shall stand, best first, and then the orders that take."""

    bids: list[Level]
    asks: list[Level]
    takes: list[Want]


class _Roll:
    """One large drawn number, carved into small ones: a turn costs one draw whatever comes of it."""

    def __init__(self, dice: Dice) -> None:
        self._left = dice.randint(0, (1 << 160) - 1)

    def below(self, sides: int) -> int:
        """Return a number from 0 to sides - 1."""
        self._left, drawn = divmod(self._left, sides)
        return drawn

    def happens(self, chance: int) -> bool:
        return self.below(CERTAIN) < chance


class _Steps:
    """Neighbouring prices of a ladder, remembered: a market asks for the same ones again and again."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._up: dict[Decimal, Decimal] = {}
        self._down: dict[Decimal, Decimal] = {}

    def up(self, price: Decimal) -> Decimal:
        above = self._up.get(price)
        if above is None:
            above = tick_up(self._ladder, price)
            self._remember(price, above)
        return above

    def down(self, price: Decimal) -> Decimal:
        below = self._down.get(price)
        if below is None:
            below = tick_down(self._ladder, price)
            self._remember(below, price)
        return below

    def away(self, price: Decimal, steps: int) -> Decimal:
        """Return the price so many steps away, not under zero."""
        for _ in range(abs(steps)):
            if price <= 0:
                break
            price = self.up(price) if steps > 0 else self.down(price)
        return price

    def _remember(self, below: Decimal, above: Decimal) -> None:
        if len(self._up) > REMEMBERED:
            self._up.clear()
            self._down.clear()
        self._up[below] = above
        self._down[above] = below


class Crowd:
    """Those who trade one instrument at one venue."""

    def __init__(self, ladder: Ladder, unit: Decimal, dice: Dice) -> None:
        self._ladder = ladder
        self._steps = _Steps(ladder)
        self._unit = unit
        self._dice = dice
        self.temper = FOLLOWING
        self.limits: Limits | None = None
        self._value: Decimal | None = None
        self._run = 0
        self._pressure = 0
        """How many steps the crowd's own doing holds the price away from the value."""

    def plan(self, move: Move) -> Plan:
        """Return what the crowd does while trading is continuous."""
        roll, temper = _Roll(self._dice), self.temper
        side = self._side(move.price, roll)
        self._push(roll)
        centre = self._centre(move.price)
        if self.limits is not None and centre in self.limits:
            side = Side.SELL if centre == self.limits.upper else Side.BUY  # nobody offers above the limit: one side is empty
        bids, asks = self._quotes(centre, side, move.size, roll)
        takes: list[Want] = []
        opposite, own = (asks, bids) if side is Side.BUY else (bids, asks)
        if roll.happens(temper.trades):
            takes.append(Want(side, centre, move.size))
        if roll.happens(temper.noise) and own:
            other = Side.SELL if side is Side.BUY else Side.BUY
            takes.append(Want(other, own[0][0], self._unit * (1 + roll.below(40))))
        if roll.happens(temper.sweep) and len(opposite) > 1:
            takes.append(self._sweep(side, opposite, roll))
        return Plan(bids, asks, takes)

    def collect(self, move: Move) -> tuple[Want, ...]:
        """Return the orders that the crowd adds to a call: both sides a little beyond the value, so that they meet about there."""
        roll = _Roll(self._dice)
        centre = self._clamped(floor_to_tick(self._ladder, move.price))
        wants = []
        for side in SIDES:
            away = roll.below(4) * (1 if side is Side.BUY else -1)
            price = self._clamped(self._steps.away(centre, away))
            eager = self.limits is not None and centre == (self.limits.upper if side is Side.BUY else self.limits.lower)
            wants.append(Want(side, price, self._unit * (20 + roll.below(300)) * (10 if eager else 1)))
        return tuple(wants)

    def at_close_price(self) -> tuple[tuple[Side, Decimal], ...]:
        """Return sides and quantities of those who trade at a fixed price: most turns nobody."""
        roll = _Roll(self._dice)
        return tuple((side, self._unit * (1 + roll.below(80))) for side in SIDES if roll.happens(120))

    def begin(self, limits: Limits | None) -> None:
        """Begin a day: without what the one before left, and with limits of its own."""
        self._value, self._run, self._pressure = None, 0, 0
        self.limits = limits

    def _side(self, value: Decimal, roll: _Roll) -> Side:
        """Return who trades at the value: buyers after a rise, sellers after a fall, chance otherwise. Count the run."""
        before, self._value = self._value, value
        drawn = SIDES[roll.below(2)]
        if before is None or value == before:
            return drawn
        step = 1 if value > before else -1
        self._run = self._run + step if self._run * step > 0 else step
        return Side.BUY if step > 0 else Side.SELL

    def _push(self, roll: _Roll) -> None:
        """Let the pressure ease by a step, or a momentum trader add to it."""
        joins, eases = roll.happens(self.temper.trend), roll.below(2)
        if joins and abs(self._run) >= RUN:
            self._pressure += 1 if self._run > 0 else -1
        elif self._pressure and eases:
            self._pressure -= 1 if self._pressure > 0 else -1

    def _sweep(self, side: Side, opposite: list[Level], roll: _Roll) -> Want:
        """Return an order for several whole levels, and remember where it left the price."""
        deep = 2 + roll.below(len(opposite) - 1)
        self._pressure += deep if side is Side.BUY else -deep
        return Want(side, opposite[deep - 1][0], sum((quantity for _, quantity in opposite[:deep]), Decimal(0)))

    def _centre(self, value: Decimal) -> Decimal:
        price = self._steps.away(floor_to_tick(self._ladder, value), self._pressure)
        return self._clamped(price if price > 0 else value)

    def _clamped(self, price: Decimal) -> Decimal:
        return price if self.limits is None else min(max(price, self.limits.lower), self.limits.upper)

    def _quotes(self, centre: Decimal, side: Side, size: Decimal, roll: _Roll) -> tuple[list[Level], list[Level]]:
        """Return bids and asks. The side that is to be taken stands at the centre, the other one `gap` steps away."""
        gap = self.temper.gap
        low = centre if side is Side.SELL else self._steps.away(centre, -gap)
        high = centre if side is Side.BUY else self._steps.away(centre, gap)
        bids, asks = self._levels(low, roll, up=False), self._levels(high, roll, up=True)
        for quotes in (bids, asks):
            if quotes:
                quotes[0] = (quotes[0][0], quotes[0][1] + size)  # enough for the trade to be at the value, and no further
        return bids, asks

    def _levels(self, best: Decimal, roll: _Roll, *, up: bool) -> list[Level]:
        """Return levels from the best price on, as far as the daily limits and zero allow."""
        levels = []
        for _ in range(self.temper.levels):
            if best <= 0 or (self.limits is not None and not self.limits.lower <= best <= self.limits.upper):
                break
            levels.append((best, self._unit * (20 + roll.below(300))))
            best = self._steps.up(best) if up else self._steps.down(best)
        return levels
