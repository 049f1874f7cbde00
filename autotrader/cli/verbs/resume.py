"""`autotrader resume`: by id, or by account, instrument or all."""

import typer

from autotrader.cli.call import Call
from autotrader.cli.each import over_each
from autotrader.cli.listing import Selector, chosen
from autotrader.cli.options import All, AsJson, Config, Lang, OfAccount, OfInstrument, OfTag, RuleIds, State, alone
from autotrader.engine.events import Resume

WHICH = frozenset({"paused"})
"""What the selectors cover. A rule named by its id is tried in any state, and the refusal says why it cannot be."""


def resume(
    ctx: typer.Context,
    ids: RuleIds = None,
    every: All = False,
    tag: OfTag = None,
    account: OfAccount = None,
    instrument: OfInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> int:
    """Let paused rules fire again.

    Each is armed anew at the present price.

    Give ids, or --all, --tag, --account or --instrument.
    """
    call = Call(ctx)
    return over_each(call, chosen(call, ids, WHICH, Selector(every, tag, account, instrument)), Resume)


APP = alone(resume)
