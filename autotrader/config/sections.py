"""From the typed sections of the file to accounts and feeds: what each kind needs, and what does not belong to it."""

from decimal import Decimal
from pathlib import Path

from autotrader.config import values
from autotrader.config.kinds import BELONGS, BROKERS, DIALECTS, KINDS
from autotrader.config.mistakes import Findings
from autotrader.config.schema import AccountText, FeedText, SimText
from autotrader.domain.money import exact
from autotrader.domain.money import text as plain_text
from autotrader.domain.rule import AccountName
from autotrader.domain.settings import AccountSettings, FeedSettings, OpeningPosition, SimInstrument
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.exchange.scenarios import SCENARIOS
from autotrader.markets.profile import Markets, find_instrument

CALM = Decimal("0.01")
"""Percent per step in a sim that keeps hours: with steps of a second a day then moves by some two percent."""


def account(name: str, text: AccountText, markets: Markets, findings: Findings) -> AccountSettings:
    """Return the account; what is wrong with it is noted."""
    path = ("accounts", name)
    if text.broker not in BROKERS:
        perhaps = values.perhaps(text.broker, list(BROKERS))
        findings.note(*path, "broker", code="config.unknown_broker", broker=text.broker, known=", ".join(BROKERS), perhaps=perhaps)
    if text.broker == "paper" and text.url:
        findings.note(*path, "url", code="config.paper_url", at_key=True)
    if text.broker == "loopback":
        _check_loopback(path, text, findings)
    for instrument, position in text.positions.items():
        lot = find_instrument(markets, InstrumentId(instrument)).lot
        with exact():
            if position.quantity % lot != 0:
                params = {"quantity": position.quantity, "instrument": instrument, "lot": plain_text(lot)}
                findings.add((*path, "positions", instrument, "quantity"), "config.not_a_lot", params)
    return AccountSettings(
        name=AccountName(name),
        broker=text.broker,
        cash=dict(text.cash),
        positions={InstrumentId(key): OpeningPosition(held.quantity, held.cost) for key, held in text.positions.items()},
        url=text.url,
        fee=text.fee,
    )


def _check_loopback(path: tuple[str, str], text: AccountText, findings: Findings) -> None:
    """Note what an HTTP broker lacks, or has that only paper has."""
    if not text.url:
        findings.note(*path, code="config.section_needs", at_key=True, key="url", where=".".join(path))
    elif not text.url.startswith(("http://", "https://")):
        findings.note(*path, "url", code="config.http_url", url=text.url)
    for key in ("cash", "positions"):
        if getattr(text, key):
            findings.note(*path, key, code="config.paper_only", at_key=True, key=key)


def feed(name: str, text: FeedText, directory: Path, findings: Findings) -> FeedSettings:
    """Return the feed; what is wrong with it is noted."""
    path = ("feeds", name)
    if text.kind not in KINDS:
        perhaps = values.perhaps(text.kind, list(KINDS))
        findings.note(*path, "kind", code="config.unknown_kind", kind=text.kind, known=", ".join(KINDS), perhaps=perhaps)
    else:
        _check_kind(path, text, findings)
    if text.url and not text.url.startswith(("ws://", "wss://")):
        findings.note(*path, "url", code="config.ws_url", url=text.url)
    begin = text.begin or (SCENARIOS[text.scenario].begin if text.scenario in SCENARIOS else "")
    return FeedSettings(
        name=FeedName(name),
        kind=text.kind,
        url=text.url,
        instruments={InstrumentId(key): _moves(sim, hours=bool(begin)) for key, sim in text.instruments.items()},
        seed=text.seed,
        speed=text.speed,
        every=text.every // values.NANOSECONDS["ms"],
        file=str((directory / text.file).resolve()) if text.file else "",
        dialect=text.dialect,
        quotes=text.quotes,
        scenario=text.scenario,
        begin=begin,
    )


def _moves(text: SimText, *, hours: bool) -> SimInstrument:
    """Return how an instrument moves; a recording's needs no start. A whole day has far more steps than a quick look."""
    start = text.start or next(iter(text.path), Decimal(0))
    volatility = CALM if hours and "volatility" not in text.model_fields_set else text.volatility
    return SimInstrument(start=start, volatility=volatility, drift=text.drift, path=tuple(text.path))


def _check_kind(path: tuple[str, str], text: FeedText, findings: Findings) -> None:
    """Note the keys that this kind of feed lacks, and those that belong to another."""
    for key in text.model_fields_set & set(BELONGS):
        if text.kind not in BELONGS[key]:
            findings.note(*path, key, code="config.key_of_kind", at_key=True, key=key, kind=text.kind, kinds=" and ".join(BELONGS[key]))
    if text.kind == "sim":
        _check_sim(path, text, findings)
    if text.kind == "recording":
        _check_recording(path, text, findings)


def _check_sim(path: tuple[str, str], text: FeedText, findings: Findings) -> None:
    if not text.instruments:
        findings.note(*path, code="config.sim_empty", at_key=True, feed=path[1])
    if text.scenario and text.scenario not in SCENARIOS:
        perhaps = values.perhaps(text.scenario, list(SCENARIOS))
        findings.note(*path, "scenario", code="config.scenario", name=text.scenario, known=", ".join(SCENARIOS), perhaps=perhaps)
    if not text.speed:
        findings.note(*path, "speed", code="config.sim_speed")
    for instrument, sim in text.instruments.items():
        if sim.start is None and not sim.path:
            findings.note(*path, "instruments", instrument, code="config.sim_start", at_key=True, instrument=instrument)


def _check_recording(path: tuple[str, str], text: FeedText, findings: Findings) -> None:
    if not text.file and not text.url:
        findings.note(*path, code="config.section_needs", at_key=True, key="file", where=".".join(path))
    if text.dialect not in DIALECTS:
        spot = (*path, "dialect") if text.dialect else path
        findings.note(*spot, code="config.dialect", at_key=not text.dialect, known=", ".join(DIALECTS))
    elif text.dialect == "sim" and not text.instruments:
        findings.note(*path, code="config.sim_empty", at_key=True, feed=path[1])
