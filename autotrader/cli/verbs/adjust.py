"""`autotrader adjust`: a rule after a split or the like, its prices and quantities scaled by the ratio."""

import re
from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.each import over_each
from autotrader.cli.listing import Selector, chosen
from autotrader.cli.options import All, AsJson, Config, Lang, OfAccount, OfInstrument, OfTag, RuleIds, State, alone
from autotrader.cli.planning import changes
from autotrader.cli.yaml_words import value_text
from autotrader.domain.rule import RuleId
from autotrader.engine.events import Adjust, ShowRule
from autotrader.errors import AutotraderError, UserMistake

WHICH = frozenset({"waiting", "watching", "paused", "held"})
"""What the selectors cover. A rule named by its id is tried in any state, and the refusal says why it cannot be."""
RATIO = re.compile(r"([1-9][0-9]{0,5}):([1-9][0-9]{0,5})")
Ratio = Annotated[
    str, typer.Option("--ratio", metavar="NEW:OLD", help="5:1 when five new shares took the place of one.", show_default=False)
]


def adjust(
    ctx: typer.Context,
    ratio: Ratio,
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
    """Scale rules after a split, a consolidation or the like.

    Prices, distances in money and marks shrink by the ratio, quantities grow by it; percentages stay. A rule that is held for it
    watches again. What does not divide evenly is rounded to the tick, and said. The file of a rule that lives in it is edited too,
    so that it does not undo this when it is read next. Give ids, or --all, --tag, --account or --instrument.
    """
    new, old = read_ratio(ratio)
    call = Call(ctx)
    call.refuse_another_file()
    rules = chosen(call, ids, WHICH, Selector(every, tag, account, instrument))
    before: dict[str, View] = {}

    def verb(rule: RuleId) -> Adjust:
        before[rule] = call.ask(ShowRule(rule))["rule"]
        return Adjust(rule, new, old)

    return over_each(call, rules, verb, lambda view: _into_file(call, before[view["id"]], view) if view["in_file"] else [])


def _into_file(call: Call, before: View, after: View) -> list[str]:
    """Write the keys that were scaled into the file, and say so; raise what a person must write when that cannot be."""
    from autotrader.cli.yaml_edit import digest, edit_rule

    scaled = {key: new for key, (_, new) in changes(before["text"], after["text"]).items()}
    try:
        edit_rule(call.config, after["id"], scaled, digest(call.config.read_bytes()), today=call.now)
    except (UserMistake, OSError):
        keys = ", ".join(f"{key}: {value_text(value)}" for key, value in scaled.items())
        raise AutotraderError("cli.file_not_adjusted", file=str(call.config), rule=after["id"], keys=keys) from None
    return [call.tell("cli.file_adjusted", file=call.config)]


def read_ratio(text: str) -> tuple[int, int]:
    """Return how many new shares took the place of how many old ones."""
    found = RATIO.fullmatch(text.replace(" ", ""))
    if found is None:
        raise UserMistake("cli.not_a_ratio", text=text)
    new, old = int(found[1]), int(found[2])
    if new == old:
        raise UserMistake("cli.ratio_of_one", text=text)
    return new, old


APP = alone(adjust)
