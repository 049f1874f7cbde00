"""Read the packaged market facts into profiles."""

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from autotrader.markets.profile import Band, DatedCost, Ladder, MarketProfile, Markets


def _ladder(rows: list[list[str]]) -> Ladder:
    return tuple(Band(Decimal(start), Decimal(step)) for start, step in rows)


def _profile(market: str, facts: dict[str, Any]) -> MarketProfile:
    return MarketProfile(
        id=market,
        zone=facts["zone"],
        validity_cap=facts["validity_cap"],
        lot=Decimal(facts["lot"]),
        currencies=tuple((pattern, currency) for pattern, currency in facts["currencies"]),
        ladders=tuple((pattern, _ladder(rows)) for pattern, rows in facts["ladders"]),
        costs=tuple(DatedCost(row["from"], Decimal(row["commission"]), Decimal(row["tax"])) for row in facts["costs"]),
        sessions=frozenset(facts["sessions"]),
        always_open=facts.get("always_open", False),
        foreign_venues=frozenset(facts.get("foreign_venues", [])),
    )


@cache
def load_markets() -> Markets:
    """Return every market the package knows."""
    text = resources.files("autotrader.markets").joinpath("data/markets.toml").read_text(encoding="utf-8")
    return {market: _profile(market, facts) for market, facts in tomllib.loads(text).items()}
