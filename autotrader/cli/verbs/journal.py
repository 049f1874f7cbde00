"""`autotrader journal`: every change of state with its cause, the newest last."""

from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.rows import journal_line

Subject = Annotated[
    str | None, typer.Argument(metavar="[SUBJECT]", help="A rule, `rule/leg`, an account, `file`, `daemon` …", show_default=False)
]
Most = Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="So many rows at most.")]


def journal(
    ctx: typer.Context,
    subject: Subject = None,
    limit: Most = 100,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show every change of state with its cause.

    When, what, why and by whom; the newest last."""
    from autotrader.control.protocol import Journal

    call = Call(ctx)
    rows = call.ask(Journal(subject, limit))["rows"]
    if call.as_json:
        call.print_json({"rows": rows})
        return
    for row in rows:
        print(journal_line(call, row))
    if not rows:
        print(call.tell("cli.no_rows"))
    print(call.tell("cli.mode", mode=call.mode))


APP = alone(journal)
