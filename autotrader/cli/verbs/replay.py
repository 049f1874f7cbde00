"""`autotrader replay`: what a rule would have done, by the same engine, over the prints of a file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.print_table import PrintTable
from autotrader.cli.words import because, moment, number
from autotrader.messages import say

Rules = Annotated[
    Path, typer.Argument(metavar="RULES.yaml", help="A file with rules; it needs no accounts and no feeds.", show_default=False)
]
Prints = Annotated[
    Path, typer.Option("--prints", metavar="FILE", help="csv or csv.gz with the columns time,price,size.", show_default=False)
]
Table = Annotated[
    bool, typer.Option("--table", help="Show each rule's mark and level print by print; with --json a line of type print after each.")
]
AMOUNTS = ("price", "mark", "level", "quantity", "limit", "filled", "fee", "size")


def replay(
    ctx: typer.Context,
    rules: Rules,
    prints: Prints,
    table: Table = False,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Try rules on recorded prints.

    What would they have done? Nothing is stored and nothing sent.
    With --json one JSON object a line, prices as exact text; the last one is {"type": "end", "prints": N, "fired": M}.
    """
    import msgspec

    from autotrader.config.load import load_file
    from autotrader.config.mistakes import Mistakes

    call = Call(ctx)
    loaded = load_file(rules, None, require_accounts=False)
    if loaded.settings is None:
        raise Mistakes(loaded.mistakes)
    encode = msgspec.json.Encoder().encode
    events = call.doors.replay(loaded.settings, prints, every=table)
    if call.as_json:
        for event in events:
            print(encode(event).decode())
    elif table:
        tables = PrintTable(call)
        for event in events:
            for line in tables.take(event):
                print(line)
    else:
        for event in events:
            print(told(call, event))


def told(call: Call, event: View) -> str:
    """Return a line for a person."""
    if event["type"] == "end":
        return call.tell("cli.replay_end", prints=f"{event['prints']:,}", fired=event["fired"])
    if event["type"] == "never_armed":
        return f"{event['rule']}/{event['leg']}: {call.tell('cli.never_armed', why=because(event['reason'], call.language))}"
    subject = "/".join(str(event[key]) for key in ("rule", "leg") if event.get(key))
    rest = {key: value for key, value in event.items() if key not in ("type", "rule", "leg", "print", "time") and value not in (None, "")}
    facts = " ".join(_fact(call, key, value) for key, value in rest.items())
    time = event.get("time")
    at = time if isinstance(time, str) else moment(time)
    return f"{event.get('print') or '-'}  {at}  {event['type']}  {subject}  {facts}".rstrip()


def _fact(call: Call, key: str, value: Any) -> str:
    """Return one fact of a line; a reason is said as its sentence."""
    if isinstance(value, dict):
        return f"({say(value['code'], value['params'], call.language)})"
    return f"{key} {number(str(value)) if key in AMOUNTS else value}"


APP = alone(replay)
