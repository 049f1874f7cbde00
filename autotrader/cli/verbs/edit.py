"""`autotrader edit`: other numbers for a rule. A rule of the command line is edited in the store, one of the file in its file."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.fields import changed, edits_of, given
from autotrader.cli.judging import context_for, warnings_of
from autotrader.cli.options import AsJson, Config, Lang, State
from autotrader.cli.outlook import day_ahead
from autotrader.cli.preview import rule_of, will_do
from autotrader.cli.refusals import Refusal
from autotrader.cli.rule_options import in_parts
from autotrader.cli.words import because
from autotrader.domain.rule import RuleId
from autotrader.engine.events import Edit, ShowRule
from autotrader.errors import RefusedByState, UserMistake

Id = Annotated[str, typer.Argument(metavar="ID", help="The rule.", show_default=False)]


def edit(
    ctx: typer.Context,
    rule: Id,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
    **keys: Any,
) -> None:
    """Change keys of a rule.

    An empty text (--activate "") removes a key. The file of a rule that lives in it is edited, comments and order stay;
    then the daemon reads it again.
    """
    call = Call(ctx)
    options = given(keys)
    if not options:
        raise UserMistake("cli.nothing_to_change")
    view = _kept(call, rule)
    changes = edits_of(options, lambda: _written(call, rule, view))
    if view is None or view["in_file"]:
        _refuse_what_went(view)
        _in_file(call, rule, changes, view)
    else:
        _in_store(call, view, changes)


def _kept(call: Call, rule: str) -> View | None:
    """Return the rule as it is kept, None when only the file has it because no daemon has taken it yet."""
    try:
        view: View = call.ask(ShowRule(RuleId(rule)))["rule"]
    except Refusal:
        if call.daemon is None and any(rule == written.id for written in call.settings.rules):
            return None
        raise
    return view


def _written(call: Call, rule: str, view: View | None) -> Mapping[str, Any]:
    """Return the keys of a rule as they are written: in the file where it lives there, which the daemon has perhaps not read yet."""
    from autotrader.config.fields import rule_to_fields

    if view is not None and not view["in_file"]:
        return rule_to_fields(rule_of(view))
    kept = next((written for written in call.settings.rules if written.id == rule), None)
    return {} if kept is None else rule_to_fields(kept)


def _in_store(call: Call, view: View, changes: Mapping[str, Any]) -> None:
    from autotrader.config.fields import rule_to_fields
    from autotrader.config.mistakes import Mistakes
    from autotrader.config.rules import read_rule

    reading = read_rule(view["id"], changed(rule_to_fields(rule_of(view)), changes), context_for(call))
    if reading.rule is None:
        raise Mistakes(reading.mistakes)
    result = call.ask(Edit(reading.rule, view["version"]))
    _report(call, result, reading.warnings)


def _refuse_what_went(view: View | None) -> None:
    """Raise RefusedByState, before the file is touched, for a rule that has fired and is not over: nothing would take its new text."""
    for leg in view["legs"] if view is not None else ():
        if leg["state"] in ("fired", "held"):
            raise RefusedByState("leg.illegal", subject=f"{view['id']}/{leg['name']}", signal="edit", status=leg["state"])  # type: ignore[index]


def _in_file(call: Call, rule: str, changes: Mapping[str, Any], before: View | None) -> None:
    """Edit the file (this process does, never the daemon) and let a running daemon take it; what it refuses is taken back."""
    from autotrader.cli.yaml_edit import digest, edit_rule, put_back

    raw = call.config.read_bytes()
    edit_rule(call.config, rule, changes, digest(raw), today=call.now)
    if call.daemon is None:
        if call.as_json:
            call.print_json({"file": str(call.config), "taken": False})
        else:
            print(call.tell("cli.file_edited", file=call.config))
        return
    from autotrader.control.protocol import Reload

    written = digest(call.config.read_bytes())
    try:
        notes = call.ask(Reload()).get("edit_notes", {}).get(rule, [])
    except Refusal as refused:
        put_back(call.config, raw, written)
        if refused.code == "plan.pending":
            raise RefusedByState("cli.edit_pending", rule=rule, file=call.config) from refused
        raise
    shown = call.ask(ShowRule(RuleId(rule)))
    if before is not None and shown["rule"]["generation"] > before["generation"]:
        notes = [{"code": "cli.begins_again", "params": {"rule": rule, "state": before["state"]}}, *notes]
    _report(call, {**shown, "notes": notes}, ())


def _report(call: Call, result: View, warnings: Any) -> None:
    """Say what the rule is now, what the edit kept and reset, and what is odd about it."""
    view, notes = result["rule"], result.get("notes", [])
    said = warnings_of(call, warnings, result)
    lines = [*(because(note, call.language) for note in notes), *will_do(call, view)]
    if call.as_json:
        call.print_json({"rule": view, "message": " ".join(lines), "warnings": said, "notes": notes})
        return
    print(call.tell("cli.edited", rule=view["id"], version=view["version"], mode=call.mode))
    print("\n".join([*lines, *day_ahead(call, view), *(call.tell("cli.mind", what=warning["message"]) for warning in said)]))


APP = in_parts(edit)
