"""`autotrader journal`: every change of state with its cause, the newest last."""

from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.listing import accounts_of
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.rows import journal_line
from autotrader.engine.events import ListRules
from autotrader.errors import UnknownThing

Subject = Annotated[
    str | None, typer.Argument(metavar="[SUBJECT]", help="A rule, `rule/leg`, an account, `file`, `daemon` …", show_default=False)
]
SUBJECTS = frozenset({"file", "daemon", "feed", "account", "market"})
"""What is told of beside rules and their orders, the first word of the subject."""
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
    if subject is not None and not rows:
        _refuse_unknown(call, subject)
    if call.as_json:
        call.print_json({"rows": rows})
        return
    for row in rows:
        print(journal_line(call, row))
    if not rows:
        print(call.tell("cli.no_rows"))
    print(call.tell("cli.mode", mode=call.mode))


def _refuse_unknown(call: Call, subject: str) -> None:
    """Raise UnknownThing for a subject of which no journal will ever tell: a typing mistake must not look like an answer."""
    first, _, rest = subject.partition("/")
    if first in SUBJECTS or (not rest and first in accounts_of(call)):
        return
    rule = next((rule for rule in call.ask(ListRules())["rules"] if rule["id"] == first), None)
    if rule is None or (rest and rest not in [leg["name"] for leg in rule["legs"]]):
        raise UnknownThing("cli.unknown_subject", subject=subject)


APP = alone(journal)
