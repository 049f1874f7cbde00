"""`autotrader diff`: the rules of a file against those that are kept, as text."""

from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.listing import Selector, rules_of
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.preview import rule_of
from autotrader.cli.yaml_words import rule_lines

File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The file (else where `run` finds it).", show_default=False)]
KEPT = "kept"


def diff(
    ctx: typer.Context, file: File = None, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None
) -> None:
    """Compare the rules of a file with those that are kept.

    Key by key and as text: no levels and no money, which `plan` shows. Words that mean the same do not differ.
    """
    from autotrader.config.fields import rule_to_fields

    call = Call(ctx)
    path = file or call.config
    wanted = {str(rule.id): rule_to_fields(rule) for rule in call.settings_of(path).rules}
    kept = {view["id"]: rule_to_fields(rule_of(view)) for view in rules_of(call, Selector(every=True)) if view["in_file"]}
    order = [*wanted, *(name for name in kept if name not in wanted)]
    before, after = ([line for name in order if name in side for line in rule_lines(name, side[name])] for side in (kept, wanted))
    lines = list(unified_diff(before, after, fromfile=KEPT, tofile=str(path), lineterm=""))
    if call.as_json:
        call.print_json({"file": str(path), "differs": bool(lines), "diff": lines})
        return
    print("\n".join(lines) if lines else call.tell("cli.no_difference"))


APP = alone(diff)
