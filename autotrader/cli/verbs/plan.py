"""`autotrader plan`: what the file would change, in rules, levels and money, before anything changes."""

from pathlib import Path
from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.planning import asked, told
from autotrader.errors import UserMistake

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the plan to this new file, for `apply --plan`.")]


def plan(
    ctx: typer.Context, out: Out = None, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None
) -> None:
    """Say what the file would change, and change nothing.

    A running daemon takes a small change of its file by itself, within seconds; a large one (of more than half of the rules, or of
    rules in flight) waits for `apply`. Without a daemon this is what the next `run` would take.
    """
    call = Call(ctx)
    found = asked(call)
    if out is not None:
        import msgspec

        if out.exists():
            raise UserMistake("cli.file_exists", file=out)
        out.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    if call.as_json:
        call.print_json(found)
        return
    print("\n".join(told(call, found)))
    if out is not None:
        print(call.tell("cli.plan_written", file=out))
    print(call.tell("cli.mode", mode=call.mode))


APP = alone(plan)
