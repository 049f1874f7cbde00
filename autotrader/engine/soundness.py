"""Whether a rule that came over the socket can be true. The file's and the command line's own readers say more and sooner;
this is the last door, so that nothing in the store can stop the daemon at every start.

What was read once goes through here again as an entry buys (its exits) and as a template attaches, so nothing is refused here
that those readers take: a holding would be bare. What only a person's own text can get wrong is in `misprints`.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from autotrader.domain.money import HUNDRED, exact
from autotrader.domain.rule import (
    LONGEST_NOTE,
    LONGEST_SPAN,
    MOST_CONDITIONS,
    MOST_DIGITS,
    MOST_LEGS,
    MOST_PRINTS,
    MOST_TAGS,
    MOST_TICKS,
    MOST_TIMES,
    NAME,
    PRICED,
    Action,
    Amount,
    AtPrice,
    Bind,
    Change,
    Condition,
    Confirm,
    Distance,
    Leg,
    Level,
    OffBase,
    OnPositionChange,
    OrderSpec,
    OrderType,
    Part,
    Percent,
    Preserve,
    PriceOf,
    ProfitRate,
    Quantity,
    Rearm,
    Rebound,
    Rule,
    Side,
    Spend,
    Target,
    Ticks,
    Trail,
    Unfilled,
    UnfilledAction,
    Volume,
    Within,
    order_of,
    trigger_kind,
)
from autotrader.engine.coherence import (
    height,
    is_on_the_wrong_side,
    is_order_unused,
    keyed_levels,
    lies_under,
    moves_no_stop,
    takes_all,
    takes_time_in_force,
    total_share,
)
from autotrader.engine.guards import is_price
from autotrader.engine.hours import REGULAR, is_there, orderable, venue_of_session, watchable
from autotrader.engine.triggers import distances_of, time_of
from autotrader.errors import UserMistake
from autotrader.markets.calendar import read_until
from autotrader.markets.profile import Markets, find_instrument, profile_of
from autotrader.markets.windows import read_time, read_window

SELLS = frozenset({"stop", "target", "trail", "preserve", "time_exit"})
LARGEST = Decimal(10) ** MOST_DIGITS


def faults(rule: Rule, markets: Markets) -> Iterator[str]:
    """Name every part of a rule that cannot be."""
    if not _are_named(rule.legs) or len(rule.legs) > MOST_LEGS or len(rule.exits) > MOST_LEGS or not _go_together(rule.legs):
        yield "legs"
    if rule.exits and (rule.side is Side.SELL or not _are_named(rule.exits) or not _go_together(rule.exits)):
        yield "exits"
    if not _is_quantity(rule.quantity, rule.side):
        yield "quantity"
    if not _is_order(rule.order) or is_order_unused(rule):
        yield "limit" if rule.order.limit is not None or rule.order.peg is not None else "order"
    yield from _faults_of_words(rule)
    yield from _faults_of_cost(rule)
    yield from _faults_of_policies(rule)
    yield from _faults_of_places(rule, markets)
    if rule.when is not None and not (
        0 < len(rule.when.conditions) <= MOST_CONDITIONS and all(_is_condition(c, markets) for c in rule.when.conditions)
    ):
        yield "when"
    for leg in rule.legs:
        yield from _faults_of_leg(leg, rule.side, order_of(rule, leg))
    for leg in rule.exits:
        yield from _faults_of_leg(leg, Side.SELL, leg.order or OrderSpec())


def misprints(rule: Rule, markets: Markets) -> Iterator[str]:
    """Name what a person cannot have meant, and what a rule that the engine makes may well have: the name of exits is longer
    than that of their entry, and what was bought in parts need not be whole lots."""
    if not NAME.fullmatch(rule.id):
        yield "id"
    if isinstance(rule.quantity, Decimal) and _is_number(rule.quantity):
        with exact():
            if rule.quantity % find_instrument(markets, rule.instrument).lot:
                yield "quantity"


def _are_named(legs: tuple[Leg, ...]) -> bool:
    names = [leg.name for leg in legs]
    return bool(names) and len(set(names)) == len(names) and all(NAME.fullmatch(name) for name in names)


def _go_together(legs: tuple[Leg, ...]) -> bool:
    """Tell whether legs sell a whole at most, and have a stop where one of them is to move it."""
    shares = all(leg.share is None or _is_share(leg.share) for leg in legs)
    return shares and total_share(legs) <= HUNDRED and not moves_no_stop(legs)


def _faults_of_words(rule: Rule) -> Iterator[str]:
    """Name what a rule says of itself that is too long, or says twice."""
    if len(rule.note) > LONGEST_NOTE:
        yield "note"
    if len(set(rule.tags)) != len(rule.tags) or len(rule.tags) > MOST_TAGS or not all(NAME.fullmatch(tag) for tag in rule.tags):
        yield "tags"
    if rule.shadow and rule.action is Action.ALERT:
        yield "shadow"
    if rule.until and not _reads(read_until, rule.until):
        yield "until"


def _faults_of_cost(rule: Rule) -> Iterator[str]:
    """Name what is said of the cost or the holding of a buy, which has none yet, and a cost that is none."""
    buys = rule.side is Side.BUY
    if rule.cost_basis is not None and (buys or not _is_number(rule.cost_basis)):
        yield "cost_basis"
    if buys and rule.net:
        yield "net"
    if buys and rule.on_position_change is not OnPositionChange.FOLLOW:
        yield "on_position_change"
    if buys and rule.bind is not Bind.HOLDING:
        yield "bind"


def _faults_of_policies(rule: Rule) -> Iterator[str]:
    """Name what of a rule's policies no clock and no count can be."""
    if rule.gap_guard is not None and not _is_share(rule.gap_guard, under=HUNDRED):
        yield "gap_guard"
    if rule.unfilled is not None and not _is_chase(rule.unfilled):
        yield "unfilled"
    if rule.confirm is not None and not _is_confirm(rule.confirm):
        yield "confirm"
    if rule.rearm is not None and not _is_rearm(rule.rearm):
        yield "rearm"


def _is_chase(unfilled: Unfilled) -> bool:
    counts = 1 <= unfilled.step_ticks <= MOST_TICKS and 1 <= unfilled.most <= MOST_TIMES
    return 0 < unfilled.after <= LONGEST_SPAN and counts and unfilled.final is not UnfilledAction.REPRICE


def _is_confirm(confirm: Confirm) -> bool:
    """Tell whether a condition is confirmed by prints or by time, and not by both."""
    if confirm.span:
        return not confirm.prints and 0 < confirm.span <= LONGEST_SPAN
    return 2 <= confirm.prints <= MOST_PRINTS


def _is_rearm(rearm: Rearm) -> bool:
    return 1 <= rearm.most <= MOST_TIMES and 0 <= rearm.cooldown <= LONGEST_SPAN and _is_distance(rearm.hysteresis)


def _faults_of_places(rule: Rule, markets: Markets) -> Iterator[str]:
    """Name venues, sessions and hours that the market of the rule does not know."""
    home = profile_of(markets, rule.instrument)
    if rule.watch and rule.watch not in watchable(markets, home):
        yield "watch"
    if rule.venue and rule.venue not in orderable(home):
        yield "venue"
    for session in rule.sessions:
        venue = venue_of_session(markets, home, session)
        if session != REGULAR and (venue is None or not is_there(home, venue, rule.watch, rule.venue)):
            yield "sessions"
            break
    if rule.window and not _reads(read_window, rule.window):
        yield "window"


def _is_condition(condition: Condition, markets: Markets) -> bool:
    match condition:
        case Within(window):
            return _reads(read_window, window)
        case Change(percent):
            return _is_rate(percent)
        case Volume(least):
            return _is_number(least)
        case PriceOf(instrument, price):
            return _is_number(price) and _reads(lambda name: find_instrument(markets, instrument), instrument)


def _reads(reader: Callable[[str], object], text: str) -> bool:
    """Tell whether a written word can be read."""
    try:
        reader(text)
    except UserMistake:
        return False
    return True


def _is_order(order: OrderSpec) -> bool:
    """Tell whether an order has the price that its type carries, the owner's or one of the moment, and no other."""
    if order.type is OrderType.STOP_LIMIT or not takes_time_in_force(order):
        return False  # the daemon watches a stop itself
    if order.peg is not None:
        return order.type is OrderType.LIMIT and order.limit is None and abs(order.peg.ticks) <= MOST_TICKS
    return _is_number(order.limit) if order.limit is not None and order.type in PRICED else order.limit is None and order.type not in PRICED


def _faults_of_leg(leg: Leg, side: Side, order: OrderSpec) -> Iterator[str]:
    trigger = leg.trigger
    if (trigger_kind(trigger) in SELLS) is not (side is Side.SELL):
        yield f"{leg.name} of a {side.value}"
        return
    sound = all(_is_distance(distance) for distance in distances_of(trigger))
    sound = sound and all(_is_level(level, key, side) for key, level in keyed_levels(trigger))
    sound = sound and _is_begun(leg) and _is_kept(leg) and (not time_of(trigger) or _reads(read_time, time_of(trigger)))
    share = leg.share is None or (side is Side.SELL and _is_share(leg.share) and leg.share > 0)
    then = leg.then is None or isinstance(trigger, Target)
    if not (sound and share and then and _is_sent(leg, side, order)):
        yield leg.name


def _is_begun(leg: Leg) -> bool:
    """Tell whether a mark starts at a price of its own or with its activation, and not at both."""
    if not isinstance(leg.trigger, Trail | Rebound) or leg.trigger.start is None:
        return True
    return _is_number(leg.trigger.start) and leg.trigger.activate is None


def _is_kept(leg: Leg) -> bool:
    """Tell whether the arm of a kept profit lies over its floor, as far as that can be told before a price is known."""
    if not isinstance(leg.trigger, Preserve):
        return True
    arm, floor = leg.trigger.arm, leg.trigger.floor
    (unit, high), (other, low) = height(arm), height(floor)
    return unit == other and high > low and getattr(arm, "base", None) == getattr(floor, "base", None)


def _is_sent(leg: Leg, side: Side, order: OrderSpec) -> bool:
    """Tell whether what a leg sends can be, and could fill where the leg fires."""
    offset = leg.limit_offset
    if offset is not None:
        one = leg.order is None and not time_of(leg.trigger)
        return one and (_is_distance(offset) or offset == Amount(Decimal(0))) and not takes_all(leg.trigger, offset, side)
    return (leg.order is None or _is_order(leg.order)) and (not _is_order(order) or not is_on_the_wrong_side(leg.trigger, order))


def _is_quantity(quantity: Quantity, side: Side) -> bool:
    match quantity:
        case None:
            return side is Side.SELL
        case Part(percent):
            return side is Side.SELL and _is_share(percent) and percent > 0
        case Spend(amount):
            return side is Side.BUY and _is_number(amount)
        case number:
            return _is_number(number)


def _is_distance(distance: Distance) -> bool:
    match distance:
        case Amount(value):
            return _is_number(value)
        case Percent(value):
            return _is_number(value) and value < HUNDRED
        case Ticks(count):
            return 1 <= count <= MOST_TICKS


def _is_level(level: Level, key: str, side: Side) -> bool:
    match level:
        case AtPrice(price):
            return _is_number(price)
        case ProfitRate(percent):
            return side is Side.SELL and _is_rate(percent) and (key != "target" or percent > 0)
        case OffBase(offset, base):
            if isinstance(base, AtPrice) and not _is_number(base.price):
                return False
            size = offset.value if isinstance(offset, Percent) else Decimal(offset.count)
            sound = _is_rate(size) if isinstance(offset, Percent) else 1 <= abs(offset.count) <= MOST_TICKS
            return sound and (size <= 0 if lies_under(key, side) else size >= 0)


def _is_number(value: Decimal) -> bool:
    """Tell whether a number above zero could be written: so that a product of three stays exact."""
    if not is_price(value) or value >= LARGEST:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DIGITS


def _is_share(percent: Decimal, under: Decimal | None = None) -> bool:
    """Tell whether a percentage is a part of a whole, `under` one: nothing of it included."""
    return percent == 0 or (_is_number(percent) and (percent <= HUNDRED if under is None else percent < under))


def _is_rate(percent: Decimal) -> bool:
    """Tell whether a signed rate leaves a price above zero."""
    return percent == 0 or (_is_number(abs(percent)) and percent > -HUNDRED) if percent.is_finite() else False
