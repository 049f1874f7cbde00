"""`autotrader reload`: the daemon reads its file again, whole or not at all."""

from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.words import because

Yes = Annotated[bool, typer.Option("--yes", help="Also a change of more than half of the rules, or of rules in flight.")]


def reload(
    ctx: typer.Context,
    yes: Yes = False,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Let the daemon read its file again.

    A file with a mistake changes nothing."""
    from autotrader.control.protocol import Reload

    call = Call(ctx)
    call.refuse_another_file()
    result = call.ask(Reload(confirmed=yes))
    if call.as_json:
        call.print_json(result)
        return
    print("\n".join([*_of_marks(call, result), taken(call, result)]))


def _of_marks(call: Call, result: dict[str, Any]) -> list[str]:
    """Return what the edits did to marks, rule by rule."""
    return [f"{rule}: {because(note, call.language)}" for rule, notes in result.get("edit_notes", {}).items() for note in notes]


def taken(call: Call, result: dict[str, Any]) -> str:
    """Return what a reload changed: rules, templates, and whether more than those changed."""
    lines = [call.tell("plan.taken", **result)]
    if any(result.get("templates", {}).values()):
        lines.append(call.tell("cli.templates_taken", **result["templates"]))
    if result.get("restart_needed"):
        lines.append(call.tell("cli.restart_needed"))
    return "\n".join(lines)


APP = alone(reload)
