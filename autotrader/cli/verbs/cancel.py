"""`autotrader cancel`: by id, or by account, instrument or all."""

import typer

from autotrader.cli.call import Call
from autotrader.cli.each import over_each
from autotrader.cli.listing import Selector, chosen
from autotrader.cli.options import All, AsJson, Config, Lang, OfAccount, OfInstrument, OfTag, RuleIds, State, alone
from autotrader.engine.events import Cancel

WHICH = frozenset({"waiting", "watching", "paused", "fired", "held"})
"""What the selectors cover. A rule named by its id is tried in any state, and the refusal says why it cannot be."""


def cancel(
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
    """Cancel rules for good.

    The order of a rule that fired is cancelled at the broker, as far as it still can be.
    """
    call = Call(ctx)
    return over_each(call, chosen(call, ids, WHICH, Selector(every, tag, account, instrument)), Cancel)


APP = alone(cancel)
