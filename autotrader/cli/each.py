"""One verb over several rules: each refusal is said and keeps none of the others from being done; the worst exit code counts."""

import sys
from collections.abc import Callable, Sequence

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.refusals import error_view, exit_of, sentence_for_people
from autotrader.cli.words import because, state_word
from autotrader.control.exits import DONE
from autotrader.domain.rule import RuleId
from autotrader.engine.events import Adjust, Cancel, Pause, Resume
from autotrader.errors import AutotraderError, DaemonNotRunning

Verb = Pause | Resume | Cancel | Adjust


Further = Callable[[View], list[str]]
"""What is done once the verb was: the rule's new view in, sentences out; raises what keeps it from being done."""


def nothing_further(rule: View) -> list[str]:
    return []


def over_each(call: Call, ids: Sequence[str], verb: Callable[[RuleId], Verb], further: Further = nothing_further) -> int:
    """Do the verb to each rule and return the exit code. What keeps all of them from being done is raised, and said once."""
    if ids and call.daemon is None:
        _ = call.settings
    results = [_attempt(call, rule_id, verb, further) for rule_id in ids]
    worst = max((code for code, _ in results), default=DONE)
    if call.as_json:
        call.print_json({"ok": worst == DONE, "rules": [view for _, view in results]})
    elif not results:
        print(call.tell("cli.none_chosen"))
    return worst


def _attempt(call: Call, rule_id: str, verb: Callable[[RuleId], Verb], further: Further) -> tuple[int, View]:
    try:
        result = call.ask(verb(RuleId(rule_id)))
        also = further(result["rule"])
    except DaemonNotRunning:
        raise
    except AutotraderError as error:
        if not call.as_json:
            print(sentence_for_people(error, call.language), file=sys.stderr)
        return exit_of(error), {"id": rule_id, **error_view(error, call.language)}
    rule = result["rule"]
    notes = [because(note, call.language) for note in result.get("notes", []) if note["code"] != "rule.cancelled"]  # the state says that
    notes += also
    if not call.as_json:
        print(call.tell("cli.now_is", rule=rule["id"], state=state_word(rule["state"], call.language)))
        print("".join(f"  {note}\n" for note in notes), end="")
    return DONE, {"id": rule_id, "ok": True, "rule": rule, "notes": notes}
