"""`autotrader run`: be the daemon, until SIGTERM."""

import sys
from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import RunCall
from autotrader.cli.options import Config, Lang, State, alone
from autotrader.cli.places import config_file
from autotrader.cli.refusals import sentence_of
from autotrader.control.exits import BAD_CONFIG
from autotrader.errors import UserMistake

Prices = Annotated[bool | None, typer.Option("--prices/--no-prices", help="Say the prices as they move (else: unless systemd started us).")]


def run(ctx: typer.Context, prices: Prices = None, state: State = None, config: Config = None, lang: Lang = None) -> int:
    """Watch until SIGTERM or Ctrl-C.

    Exit code 78 (a file with mistakes, none at all, or a damaged store) keeps systemd from trying again and again.
    """
    call = Call(ctx)
    try:
        file = config_file(call.named_config, call.doors.environ, call.doors.service_config)
    except UserMistake as error:
        print(sentence_of(error, call.language), file=sys.stderr)
        return BAD_CONFIG
    return call.doors.run(RunCall(file, call.state, call.language, prices))


APP = alone(run)
