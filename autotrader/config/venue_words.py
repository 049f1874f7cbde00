"""Where and when a rule watches and orders, from its keys: `watch`, `venue`, `sessions`, `window`; each judged by the market.

The usual is always empty: `watch: KRX` of a KRX instrument and `sessions: regular` say nothing that was not so before.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from autotrader.config import values
from autotrader.config.mistakes import Findings
from autotrader.domain.tick import InstrumentId
from autotrader.engine.hours import REGULAR, orderable, watchable
from autotrader.errors import UserMistake
from autotrader.markets.profile import MarketProfile, Markets, profile_of


class Places(NamedTuple):
    """A rule's venues and sessions; empty where they are the usual ones."""

    sessions: tuple[str, ...] = ()
    watch: str = ""
    venue: str = ""


class PlaceReader:
    """The keys of one rule that say where; what is wrong with them is noted."""

    def __init__(self, fields: Mapping[str, Any], markets: Markets, findings: Findings) -> None:
        self.fields = fields
        self.markets = markets
        self.findings = findings

    def places(self, instrument: InstrumentId | None) -> Places:
        """Return the venues and sessions; without an instrument only their form can be judged."""
        if instrument is None:
            return Places(self.sessions())
        home = profile_of(self.markets, instrument)
        watch = self.one_of("watch", home, watchable(self.markets, home))
        venue = self.one_of("venue", home, orderable(home))
        return Places(self.sessions(), watch, venue)

    def one_of(self, key: str, home: MarketProfile, known: list[str]) -> str:
        """Return the venue of a key, empty for the instrument's own market."""
        if key not in self.fields:
            return ""

        def read(text: str) -> str:
            if text in known:
                return text
            near = f"; did you mean {text.upper()}?" if text.upper() in known else values.perhaps(text, known)
            raise UserMistake("config.not_a_venue", text=text[:60], key=key, market=home.id, perhaps=near, known=", ".join(known))

        found = self.findings.read(read, self.fields[key], key) or ""
        return "" if found == home.id else found

    def sessions(self) -> tuple[str, ...]:
        """Return the session ids as written, each once; empty for the regular ones alone."""
        if "sessions" not in self.fields:
            return ()
        written = listed(self.fields["sessions"])
        if written is None:
            self.findings.note("sessions", code="config.needs_list", where="sessions")
            return ()
        if not written:
            self.findings.note("sessions", code="config.no_sessions")
        found = tuple(dict.fromkeys(session for session in written if isinstance(session, str)))
        for place, session in enumerate(written):
            if not isinstance(session, str):
                self.findings.note("sessions", place, code="config.needs_text", key="sessions")
        return () if found == (REGULAR,) else found


def listed(written: object) -> list[object] | None:
    """Return one word as a list of one; None for what is neither."""
    if isinstance(written, str):
        return [written]
    return written if isinstance(written, list) else None
