"""`autotrader version`: of this program, and of the daemon that answers."""

import typer

from autotrader import __version__
from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone


def version(ctx: typer.Context, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None) -> None:
    """Print the version, of a running daemon too."""
    call = Call(ctx)
    running = call.daemon["version"] if call.daemon else None
    if call.as_json:
        call.print_json({"version": __version__, "daemon_version": running})
        return
    print(f"autotrader {__version__}")
    if running is not None:
        print(call.tell("cli.daemon_version", version=running, pid=call.daemon["pid"] if call.daemon else ""))


APP = alone(version)
