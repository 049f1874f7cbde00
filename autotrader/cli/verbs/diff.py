"""`autotrader diff`: the rules of a file against those that are kept, as text."""

from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Any

import typer

from autotrader.cli.call import Call
from autotrader.cli.listing import Selector, rules_of
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.preview import rule_of
from autotrader.cli.yaml_words import rule_lines
from autotrader.control.protocol import Templates

File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The file (else where `run` finds it).", show_default=False)]
KEPT = "kept"
Texts = dict[str, dict[str, Any]]
"""The keys of rules or templates, by name."""


def diff(
    ctx: typer.Context, file: File = None, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None
) -> None:
    """Compare the rules and templates of a file with those kept.

    Key by key and as text: no levels and no money, which `plan` shows. Words that mean the same do not differ.
    """
    from autotrader.config.fields import rule_to_fields

    call = Call(ctx)
    path = file or call.config
    wanted = {str(rule.id): rule_to_fields(rule) for rule in call.settings_of(path).rules}
    kept = {view["id"]: rule_to_fields(rule_of(view)) for view in rules_of(call, Selector(every=True)) if view["in_file"]}
    new, old = _templates_of(call, path)
    before, after = _listed(kept, wanted, old, new)
    lines = list(unified_diff(before, after, fromfile=KEPT, tofile=str(path), lineterm=""))
    if call.as_json:
        call.print_json({"file": str(path), "differs": bool(lines), "diff": lines})
        return
    print("\n".join(lines) if lines else call.tell("cli.no_difference"))


def _templates_of(call: Call, path: Path) -> tuple[Texts, Texts]:
    """Return the keys of the file's templates and of the kept ones, by name."""
    import msgspec

    from autotrader.config.templates import template_fields
    from autotrader.domain.rule import Template

    wanted = {str(template.rule.id): template_fields(template) for template in call.settings_of(path).templates}
    kept = {view["id"]: view["text"] for view in call.ask(Templates())["templates"] if view["in_file"]}
    return wanted, {name: template_fields(msgspec.convert(text, Template)) for name, text in kept.items()}


def _listed(kept: Texts, wanted: Texts, old: Texts, new: Texts) -> tuple[list[str], list[str]]:
    """Return the lines of what is kept and of the file, in one order: rules, then templates under a head of their own."""
    sides: list[list[str]] = []
    for rules, templates in ((kept, old), (wanted, new)):
        lines = [line for name in {**wanted, **kept} if name in rules for line in rule_lines(name, rules[name])]
        more = [line for name in {**new, **old} if name in templates for line in rule_lines(name, templates[name])]
        sides.append([*lines, *(["templates:", *more] if more else [])])
    return sides[0], sides[1]


APP = alone(diff)
