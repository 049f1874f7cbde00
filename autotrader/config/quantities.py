"""How many, from `quantity` (all, a number, a part of the holding) or, for a buy, from the `amount` of money to spend."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from autotrader.config import values
from autotrader.config.mistakes import Findings
from autotrader.domain.rule import Part, PartOf, Quantity, Side, Spend
from autotrader.errors import UserMistake

PART = re.compile(r"([^%]*%) +of +(.*)")


def read_quantity(fields: Mapping[str, Any], side: Side | None, findings: Findings) -> Quantity:
    """Return how many; None is `all`, and also what is returned once a mistake is noted."""
    if "amount" in fields:
        return _amount(fields, side, findings)
    if "quantity" not in fields:
        findings.note("quantity", code="config.rule_needs", at_key=True, key="quantity")
        return None
    return findings.read(partial(_quantity, side), fields["quantity"], "quantity")


def _amount(fields: Mapping[str, Any], side: Side | None, findings: Findings) -> Quantity:
    if side is Side.SELL:
        findings.note("amount", code="config.quantity_amount_of_sell", at_key=True)
        return None
    if "quantity" in fields:
        findings.note("amount", code="config.quantity_and_amount", at_key=True)
    amount = findings.read(values.positive, fields["amount"], "amount")
    return None if amount is None else Spend(amount)


def _quantity(side: Side | None, text: str) -> Quantity:
    """Return the quantity of a text, or raise UserMistake."""
    if text == "all":
        if side is Side.BUY:
            raise UserMistake("config.buy_all")
        return None
    if "%" not in text:
        return values.positive(text)
    if side is Side.BUY:
        raise UserMistake("config.quantity_part_of_buy", text=text[:60])
    found = PART.fullmatch(text)
    if found is None:
        return Part(values.part(text))
    percent, of = found.groups()
    words = [word.value for word in PartOf]
    if of not in words:
        raise UserMistake("config.quantity_part_of", text=text[:60], part=percent[:20], perhaps=values.perhaps(of, words))
    return Part(values.part(percent), PartOf(of))
