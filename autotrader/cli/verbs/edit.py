"""`autotrader edit`: other numbers for a rule. A rule of the command line is edited in the store, one of the file in its file."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.fields import changed, edits_of, given
from autotrader.cli.judging import context_for, warnings_of
from autotrader.cli.listing import Selector, chosen
from autotrader.cli.options import AsJson, Config, Lang, RuleIds, State
from autotrader.cli.outlook import day_ahead
from autotrader.cli.preview import rule_of, will_do
from autotrader.cli.refusals import Refusal, error_view, exit_of, sentence_for_people
from autotrader.cli.rule_options import in_parts
from autotrader.cli.words import because
from autotrader.control.exits import DONE
from autotrader.domain.rule import RuleId
from autotrader.engine.events import Edit, ShowRule
from autotrader.errors import AutotraderError, DaemonNotRunning, RefusedByState, UserMistake

WHICH = frozenset({"waiting", "watching", "paused"})
"""What the selectors cover. A rule named by its id is tried in any state, and the refusal says why it cannot be."""
EveryOne = Annotated[bool, typer.Option("--all", help="Every rule that watches.")]
WithTag = Annotated[str | None, typer.Option("--with-tag", metavar="NAME", help="The rules with this tag.")]
InAccount = Annotated[str | None, typer.Option("--in-account", metavar="NAME", help="The rules of this account.")]
OnInstrument = Annotated[str | None, typer.Option("--on-instrument", metavar="ID", help="The rules of this instrument.")]


def edit(
    ctx: typer.Context,
    ids: RuleIds = None,
    every: EveryOne = False,
    with_tag: WithTag = None,
    in_account: InAccount = None,
    on_instrument: OnInstrument = None,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
    **keys: Any,
) -> int:
    """Change keys of rules.

    An empty text (--activate "") removes a key. The file of a rule that lives in it is edited, comments and order stay;
    then the daemon reads it again. Give ids, or --all, --with-tag, --in-account or --on-instrument: --tag and --account are keys here.
    """
    call = Call(ctx)
    options = given(keys)
    if not options:
        raise UserMistake("cli.nothing_to_change")
    call.refuse_another_file()
    selector = Selector(every, with_tag, in_account, on_instrument)
    if bool(ids) == selector.selects:
        raise UserMistake("cli.which_to_edit")
    rules = chosen(call, ids, WHICH, selector)
    if len(rules) == 1 and ids:
        answer = _edited(call, rules[0], options)
        _say(call, answer)
        return DONE
    return _each(call, rules, options)


def _each(call: Call, rules: list[str], options: dict[str, Any]) -> int:
    """Edit one rule after the other: each refusal is said and keeps none of the others from being done; the worst exit code counts."""
    worst, views = DONE, []
    for rule in rules:
        try:
            answer = _edited(call, rule, options)
        except DaemonNotRunning:
            raise
        except AutotraderError as error:
            worst = max(worst, exit_of(error))
            views.append({"id": rule, **error_view(error, call.language)})
            if not call.as_json:
                print(sentence_for_people(error, call.language), file=sys.stderr)
            continue
        views.append({"id": rule, **{key: value for key, value in answer.items() if key != "lines"}})
        if not call.as_json:
            _say(call, answer)
    if call.as_json:
        call.print_json({"ok": worst == DONE, "rules": views})
    elif not rules:
        print(call.tell("cli.none_chosen"))
    return worst


def _edited(call: Call, rule: str, options: dict[str, Any]) -> View:
    """Edit one rule; return what is to be said of it."""
    view = _kept(call, rule)
    changes = edits_of(options, lambda: _written(call, rule, view))
    if view is not None and not view["in_file"]:
        return _in_store(call, view, changes)
    _refuse_what_went(view)
    return _in_file(call, rule, changes, view)


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


def _in_store(call: Call, view: View, changes: Mapping[str, Any]) -> View:
    from autotrader.config.fields import rule_to_fields
    from autotrader.config.mistakes import Mistakes
    from autotrader.config.rules import read_rule

    reading = read_rule(view["id"], changed(rule_to_fields(rule_of(view)), changes), context_for(call))
    if reading.rule is None:
        raise Mistakes(reading.mistakes)
    result = call.ask(Edit(reading.rule, view["version"]))
    return _report(call, result, reading.warnings)


def _refuse_what_went(view: View | None) -> None:
    """Raise RefusedByState, before the file is touched, for a rule that has fired and is not over: nothing would take its new text."""
    if view is None:
        return
    for leg in view["legs"]:
        if leg["state"] in ("fired", "held"):
            raise RefusedByState("leg.illegal", subject=f"{view['id']}/{leg['name']}", signal="edit", status=leg["state"])


def _in_file(call: Call, rule: str, changes: Mapping[str, Any], before: View | None) -> View:
    """Edit the file (this process does, never the daemon) and let a running daemon take it; what it refuses is taken back."""
    from autotrader.cli.yaml_edit import digest, edit_rule, put_back

    raw = call.config.read_bytes()
    written = digest(edit_rule(call.config, rule, changes, digest(raw), today=call.now).encode("utf-8"))
    if call.daemon is None:
        return {"file": str(call.config), "taken": False}
    from autotrader.control.protocol import Reload

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
    return _report(call, {**shown, "notes": notes}, ())


def _report(call: Call, result: View, warnings: Any) -> View:
    """Return what the rule is now, what the edit kept and reset, and what is odd about it."""
    view, notes = result["rule"], result.get("notes", [])
    lines = [*(because(note, call.language) for note in notes), *will_do(call, view)]
    return {"rule": view, "message": " ".join(lines), "warnings": warnings_of(call, warnings, result), "notes": notes, "lines": lines}


def _say(call: Call, answer: View) -> None:
    """Print what an edit came to."""
    lines = answer.pop("lines", [])
    if call.as_json:
        call.print_json(answer)
    elif "rule" not in answer:
        print(call.tell("cli.file_edited", file=answer["file"]))
    else:
        view = answer["rule"]
        print(call.tell("cli.edited", rule=view["id"], version=view["version"], mode=call.mode))
        minds = [call.tell("cli.mind", what=warning["message"]) for warning in answer["warnings"]]
        print("\n".join([*lines, *day_ahead(call, view), *minds]))


APP = in_parts(edit)
