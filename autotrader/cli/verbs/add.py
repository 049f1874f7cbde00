"""`autotrader add`: a rule from one line, and in words what it will do."""

from enum import Enum
from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.fields import fields_of, given
from autotrader.cli.judging import context_for, warnings_of
from autotrader.cli.options import AsJson, Config, Lang, State
from autotrader.cli.outlook import day_ahead
from autotrader.cli.preview import will_do
from autotrader.cli.rule_options import in_parts

NAMELESS = "new-rule"
"""Judged under this id when none is given; the engine then makes one from the instrument and the trigger."""


class Side(str, Enum):
    """What a rule does when it fires."""

    SELL = "sell"
    BUY = "buy"


Which = Annotated[Side, typer.Argument(metavar="sell|buy", help="What is sent when the rule fires.", show_default=False)]
Instrument = Annotated[str, typer.Argument(metavar="MARKET:CODE", help="For example KRX:005930 or BINANCE:BTCUSDT.", show_default=False)]
Id = Annotated[str | None, typer.Option("--id", metavar="ID", help="Name of the rule (else made from instrument and trigger).")]


def add(
    ctx: typer.Context,
    side: Which,
    instrument: Instrument,
    rule_id: Id = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
    **keys: Any,
) -> None:
    """Add a rule, and say in words what it will do.

    A sell takes --stop, --target or --trail, a buy --above, --below or --rebound.
    """
    call = Call(ctx)
    fields: dict[str, Any] = {"instrument": instrument, "side": side.value, **fields_of(given(keys))}
    rule, warnings = judged(call, NAMELESS if rule_id is None else rule_id, fields, nameless=rule_id is None)
    from autotrader.engine.events import Add

    result = call.ask(Add(rule))
    view = result["rule"]
    lines = will_do(call, view)
    said = warnings_of(call, warnings, result)
    if call.as_json:
        call.print_json({"rule": view, "message": " ".join(lines), "warnings": said})
        return
    print(call.tell("cli.added", rule=view["id"], mode=call.mode))
    print("\n".join([*lines, *day_ahead(call, view), *(call.tell("cli.mind", what=warning["message"]) for warning in said)]))


def judged(call: Call, rule_id: str, fields: dict[str, Any], *, nameless: bool) -> tuple[Any, Any]:
    """Return the rule that the options make, without its stand-in name, and what is odd about it; or raise all mistakes."""
    from msgspec.structs import replace

    from autotrader.config.mistakes import Mistakes
    from autotrader.config.rules import read_rule

    reading = read_rule(rule_id, fields, context_for(call))
    if reading.rule is None:
        raise Mistakes(reading.mistakes)
    return (replace(reading.rule, id="") if nameless else reading.rule), reading.warnings


APP = in_parts(add)
