"""The terms of a rule in words: levels as written, quantities, kinds of order, further conditions, what follows an order."""

from typing import assert_never

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.words import grouped, number
from autotrader.domain.money import text as plain
from autotrader.domain.rule import (
    AtPrice,
    Basis,
    Change,
    Condition,
    Level,
    OffBase,
    OrderSpec,
    Part,
    PartOf,
    PriceOf,
    ProfitRate,
    Rearm,
    Rule,
    Side,
    Spend,
    Ticks,
    Unfilled,
    UnfilledAction,
    Volume,
    Within,
)

UNUSUAL = ("basis", "confirm", "gap_guard", "cost_basis", "net", "on_position_change")
"""Keys that are said as they are written, where they are written at all."""
NS = ((3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"), (1_000_000, "ms"))


def as_written(call: Call, level: Level) -> str:
    """Return a level whose price is not known yet, in the words of its rule."""
    from autotrader.config.fields import level_text

    match level:
        case AtPrice():
            return number(level_text(level))
        case ProfitRate():
            return call.tell("cli.profit_rate", rate=level_text(level))
        case OffBase(offset, base):
            under = (offset.count if isinstance(offset, Ticks) else offset.value) < 0
            where = call.tell("cli.under" if under else "cli.over")
            name = grouped(base.price) if isinstance(base, AtPrice) else call.tell(f"base.{base.value}")
            return call.tell("cli.off_base", offset=level_text(level), where=where, base=name)
        case _:
            assert_never(level)


def seen_words(call: Call, rule: Rule) -> dict[str, str]:
    """Return what of an instrument is compared with a level, and how it is taken up again: `KRX:005930 trades`, `it then trades`."""
    basis = rule.basis.value
    if rule.basis is Basis.LAST_OR_QUOTE:
        basis = "last_or_bid" if rule.side is Side.SELL else "last_or_ask"
    then = "cli.then_is" if rule.basis in (Basis.BID, Basis.ASK, Basis.MID) else "cli.then_trades"
    return {"seen": call.tell(f"cli.seen.{basis}", instrument=rule.instrument), "then": call.tell(then)}


def kind_words(call: Call, order: OrderSpec) -> str:
    """Return the trade's name for a kind of order."""
    from autotrader.markets.orders import kind_of

    return call.tell(f"order_kind.{kind_of(order.type, order.tif)}")


def quantity_words(call: Call, view: View, rule: Rule) -> str:
    """Return how many: shares where there are shares, a part of what is held, what the money pays for."""
    match rule.quantity:
        case None:
            return call.tell("cli.all_of_it")
        case Part(percent, of):
            return call.tell("cli.part_of_sellable" if of is PartOf.SELLABLE else "cli.part_of_holding", part=f"{plain(percent)}%")
        case Spend(amount):
            return call.tell("cli.spend", amount=grouped(amount), currency=view["currency"])
        case count:
            return _units(call, view, plain(count))


def _units(call: Call, view: View, count: str) -> str:
    from autotrader.config.markets import load_markets

    market, _, code = view["instrument"].partition(":")
    profile = load_markets().get(market)
    if profile is not None and profile.always_open:
        return call.tell("cli.units", count=number(count), unit=code)
    return call.tell("cli.one_share" if count == "1" else "cli.shares", count=number(count))


def unusual_words(rule: Rule) -> str:
    """Return the keys about venues, sessions and the price that counts where they differ from the usual, as they are written."""
    from autotrader.config.fields import market_fields, rule_to_fields

    written = rule_to_fields(rule)
    fields = {**market_fields(rule), **{key: written[key] for key in UNUSUAL if key in written}}
    return ", ".join(f"{key} {' + '.join(value) if isinstance(value, list) else value}" for key, value in fields.items())


def only_while(call: Call, rule: Rule) -> list[str]:
    """Return the further conditions in a line."""
    if rule.when is None:
        return []
    said = [_condition(call, rule, condition) for condition in rule.when.conditions]
    if len(said) == 1:
        return [call.tell("cli.only_while", said=said[0])]
    return [call.tell("cli.only_while_any" if rule.when.any_of else "cli.only_while_all", said="; ".join(said))]


def _condition(call: Call, rule: Rule, condition: Condition) -> str:
    match condition:
        case Within(window):
            return call.tell("cli.within", window=window)
        case Change(percent, over):
            rate = f"{'+' if percent >= 0 else ''}{plain(percent)}%"
            return call.tell("cli.changed_over" if over else "cli.changed_under", instrument=rule.instrument, rate=rate)
        case Volume(least):
            return call.tell("cli.traded", instrument=rule.instrument, least=grouped(least))
        case PriceOf(instrument, price, over):
            where = call.tell("cli.over" if over else "cli.under")
            return call.tell("cli.price_of", instrument=instrument or rule.instrument, where=where, price=grouped(price))
        case _:
            assert_never(condition)


def follows(call: Call, rule: Rule) -> list[str]:
    """Return what is done with an order that does not fill, and after one that has."""
    lines = [_unfilled(call, rule.unfilled)] if rule.unfilled is not None else []
    lines += [call.tell("cli.rearm_next_session")] if rule.rearm_next_session else []
    return [*lines, *([_rearm(call, rule.rearm)] if rule.rearm is not None else [])]


def _unfilled(call: Call, unfilled: Unfilled) -> str:
    words = {"after": span_text(unfilled.after)}
    if unfilled.action is UnfilledAction.REPRICE:
        step = f"{unfilled.step_ticks} {'tick' if unfilled.step_ticks == 1 else 'ticks'}"
        return call.tell("cli.reprices", step=step, most=unfilled.most, final=call.tell(f"unfilled_action.{unfilled.final.value}"), **words)
    return call.tell("cli.unfilled", does=call.tell(f"unfilled_action.{unfilled.action.value}"), **words)


def _rearm(call: Call, rearm: Rearm) -> str:
    from autotrader.config.fields import distance_text

    words = {"hysteresis": distance_text(rearm.hysteresis), "most": rearm.most}
    if not rearm.cooldown:
        return call.tell("cli.rearms_at_once", **words)
    return call.tell("cli.rearms", cooldown=span_text(rearm.cooldown), **words)


def span_text(span: int) -> str:
    """Return ns in the largest unit that divides them: `30s`, `10m`."""
    size, unit = next(((size, unit) for size, unit in NS if span % size == 0), NS[-1])
    return f"{span // size}{unit}"
