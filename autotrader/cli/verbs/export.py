"""`autotrader export`: the rules of the command line as YAML, to keep under version control or to move into the file."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.listing import ENDS, rules_of
from autotrader.cli.options import AsJson, Config, Lang, OfAccount, OfInstrument, State, alone
from autotrader.cli.preview import rule_of

Everything = Annotated[bool, typer.Option("--all", help="Also the rules that have ended.")]
PLAIN = re.compile(r"[A-Za-z0-9+.][A-Za-z0-9+._:/%-]*( ticks?)?|-[0-9][0-9.]*%?")
"""What YAML reads as it stands, inside braces too."""


def export(
    ctx: typer.Context,
    everything: Everything = False,
    account: OfAccount = None,
    instrument: OfInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Print the rules of the command line as YAML.

    Pasted into the file they are new rules there: cancel the old ones first, or give the new ones other ids.
    """
    from autotrader.config.fields import rule_to_fields

    call = Call(ctx)
    rules = [view for view in rules_of(call, account, instrument) if view["origin"] == "cli"]
    kept = {view["id"]: rule_to_fields(rule_of(view)) for view in rules if everything or view["state"] not in ENDS}
    if call.as_json:
        call.print_json({"rules": kept})
        return
    print("\n".join(["rules:", *(f"  {quoted(name)}: {flow(fields)}" for name, fields in kept.items())]) if kept else "rules: {}")


def flow(fields: Mapping[str, Any]) -> str:
    """Return a mapping on one line."""
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in fields.items()) + "}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return flow(value)
    return f"[{', '.join(quoted(item) for item in value)}]" if isinstance(value, list) else quoted(value)


def quoted(text: str) -> str:
    """Return a text as YAML reads it back letter by letter: as it stands, or in double quotes."""
    if PLAIN.fullmatch(text) and not text.endswith(":"):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


APP = alone(export)
