"""`autotrader export`: the rules of the command line as the file would have them."""

import typer

from autotrader.cli.call import Call
from autotrader.cli.listing import ENDS, Selector, rules_of
from autotrader.cli.options import AsJson, Config, Ended, Lang, OfAccount, OfInstrument, OfTag, RuleIds, State, alone
from autotrader.cli.preview import rule_of
from autotrader.cli.yaml_words import rule_line
from autotrader.errors import UnknownThing, UserMistake


def export(
    ctx: typer.Context,
    ids: RuleIds = None,
    everything: Ended = False,
    tag: OfTag = None,
    account: OfAccount = None,
    instrument: OfInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Print the rules of the command line as YAML.

    All that have not ended, or those with these ids. Exits that belong to an entry are printed with it. Pasted into the file
    they are new rules there: cancel the old ones first, or give the new ones other ids.
    """
    from autotrader.config.fields import rule_to_fields

    call = Call(ctx)
    selector = Selector(False, tag, account, instrument)
    if ids and (selector.selects or everything):
        raise UserMistake("cli.which_rules")
    rules = [view for view in rules_of(call, selector) if view["origin"] == "cli"]
    if ids:
        rules = [_named(rule_id, rules) for rule_id in dict.fromkeys(ids)]
    kept = {view["id"]: view for view in rules if everything or ids or view["state"] not in ENDS}
    if not ids:
        kept = {name: view for name, view in kept.items() if view.get("parent") not in kept}
    fields = {name: rule_to_fields(rule_of(view)) for name, view in kept.items()}
    if call.as_json:
        call.print_json({"rules": fields})
        return
    print("\n".join(["rules:", *(rule_line(name, keys) for name, keys in fields.items())]) if fields else "rules: {}")


def _named(rule_id: str, rules: list[dict[str, object]]) -> dict[str, object]:
    """Return the rule of the command line with this id."""
    found = next((view for view in rules if view["id"] == rule_id), None)
    if found is None:
        raise UnknownThing("cli.not_of_the_line", rule=rule_id)
    return found


APP = alone(export)
