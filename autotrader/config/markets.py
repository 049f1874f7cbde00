"""Read the packaged market facts, and the owner's file of facts over them.

The owner's file is TOML in the shape of ours: a table a market (`[KRX]`), its rows in `[[KRX.sessions]]`, `[[KRX.acceptance]]`,
`[[KRX.ladders]]`, `[[KRX.limits]]`, `[[KRX.costs]]`, `[[KRX.settlement]]`, `[[KRX.cutoffs]]`, `[[KRX.interruptions]]` and
`[[KRX.instruments]]`, its days in `[[KRX.closed]]` and `[[KRX.special]]`, contracts in `[[contracts]]`. A row of the owner's
replaces ours that state the same fact (session: id and day; acceptance: session; ladder: codes and kind; limit and cost: kind;
cut-off: of and kinds; interruption: rule, session and kind; instrument: codes) on the days it holds, `from` to `to`, which
are all days where they are not written. `open = true` on a closed day opens one of ours, `kind = "ordinary"` on a special
day gives it the usual hours. What a market says once (`zone`, `lot`, `last` …) replaces ours; code patterns of `currencies`
go before ours. A market that is not ours is written whole.
"""

import re
import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from autotrader.config.mistakes import MAX_MISTAKES, Mistake, Mistakes
from autotrader.config.toml_places import line_of
from autotrader.domain.settings import Settings
from autotrader.markets.facts import ContractRow
from autotrader.markets.profile import Markets
from autotrader.markets.reading import FactMistake, joined, read_contracts, read_markets

MAX_BYTES = 1_000_000
"""An owner's file larger than this is not one."""
AT = re.compile(r" \(at line (?P<line>\d+), column (?P<column>\d+)\)$")


def load_markets(override: Path | None = None) -> Markets:
    """Return every market that the package knows, with the owner's file over them, or raise every mistake of that file."""
    return _ours() if override is None else _with_theirs(_text(override), str(override))


def markets_of(settings: Settings) -> Markets:
    """Return the markets as a configuration has them: with the file that its `market_facts` names."""
    return load_markets(Path(settings.market_facts) if settings.market_facts else None)


def load_contracts(override: Path | None = None) -> tuple[ContractRow, ...]:
    """Return the futures contracts, with those of the owner's file over them, or raise every mistake of that file."""
    theirs = None if override is None else _tables(_text(override), str(override))
    contracts, mistakes = read_contracts(_packaged(), theirs, str(override))
    if mistakes and override is not None:
        raise _placed(mistakes, _text(override), str(override))
    return contracts


@cache
def _packaged() -> dict[str, Any]:
    """Return the tables of all our files. The package is read as it was tested: what is wrong with it is a test's affair."""
    data = resources.files("autotrader.markets").joinpath("data")
    files = sorted((file for file in data.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return joined(tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal) for file in files)


@cache
def _ours() -> Markets:
    return read_markets(_packaged())[0]


@cache
def _with_theirs(text: str, file: str) -> Markets:
    """Return all markets with an owner's rows; kept by what the file says, so that an edit is seen."""
    theirs = _tables(text, file)
    markets, mistakes = read_markets(_packaged(), theirs, file)
    mistakes += read_contracts(_packaged(), theirs, file)[1]
    if mistakes:
        raise _placed(mistakes, text, file)
    return markets


def _text(file: Path) -> str:
    """Return the text of an owner's file, or raise why there is none."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Mistakes([Mistake(str(file), 0, 0, "market.facts_too_large", {"limit": f"{MAX_BYTES:,}"})])
        return raw.decode("utf-8")
    except OSError as error:
        raise Mistakes([Mistake(str(file), 0, 0, "market.facts_unread", {"reason": error.strerror or str(error)})]) from None
    except UnicodeDecodeError:
        raise Mistakes([Mistake(str(file), 0, 0, "market.facts_unread", {"reason": "it is not UTF-8"})]) from None


def _tables(text: str, file: str) -> dict[str, Any]:
    """Return the tables of an owner's file, or raise where it is not TOML."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        at = AT.search(str(error))
        line, column = (int(at["line"]), int(at["column"])) if at else (0, 0)
        raise Mistakes([Mistake(file, line, column, "market.facts_toml", {"reason": AT.sub("", str(error))[:200]})]) from None


def _placed(mistakes: list[FactMistake], text: str, file: str) -> Mistakes:
    """Return the mistakes with their lines, in the order of the file."""
    placed = ((line_of(text, mistake.place), mistake) for mistake in mistakes[:MAX_MISTAKES])
    ordered = sorted(placed, key=lambda pair: pair[0])
    return Mistakes([Mistake(file, line, 1 if line else 0, mistake.code, mistake.params) for line, mistake in ordered])
