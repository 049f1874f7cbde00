"""`autotrader templates`: rules that attach to new holdings, and what they have attached."""

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.preview import what
from autotrader.cli.words import number, state_word


def templates(ctx: typer.Context, state: State = None, config: Config = None, as_json: AsJson = False, lang: Lang = None) -> None:
    """List the templates and what they attached.

    A template is a rule of the file that attaches to what is newly bought."""
    from autotrader.control.protocol import Templates

    call = Call(ctx)
    found = call.ask(Templates())["templates"]
    if call.as_json:
        call.print_json({"templates": found})
        return
    print("\n".join(line for template in found for line in _told(call, template)) if found else call.tell("cli.no_templates"))
    print(call.tell("cli.mode", mode=call.mode))


def _told(call: Call, template: View) -> list[str]:
    """Return what a template does, for which holdings, and what it has attached."""
    text = template["text"]["rule"]
    where = call.tell("cli.from_file" if template["in_file"] else "cli.template_gone")
    words = {"template": template["id"], "where": where, "version": template["version"]}
    lines = [
        call.tell("cli.template", what=what(_as_view(text)), **words),
        "  " + call.tell("cli.template_for", filters=_filters(call, template)),
    ]
    for rule in template["rules"]:
        facts = {key: rule[key] for key in ("instrument", "account")} | {"state": state_word(rule["state"], call.language)}
        lines.append("  " + call.tell("cli.template_rule", rule=rule["id"], **facts))
    return lines if template["rules"] else [*lines, "  " + call.tell("cli.template_none")]


def _as_view(text: View) -> View:
    """Return as much of a rule's view as a template has."""
    import msgspec

    from autotrader.domain.rule import Rule, quantity_text

    return {"text": text, "quantity": quantity_text(msgspec.convert(text, Rule).quantity)}


def _filters(call: Call, template: View) -> str:
    """Return which holdings it is for, in the words of the file."""
    text = template["text"]
    said = [f"{key} {' + '.join(text[name])}" for name, key in LISTS.items() if text[name]]
    if text["least_value"] is not None:
        said.append(f"min_value {number(str(text['least_value']))}")
    if text["bought_by"]:
        said.append(f"bought_by {text['bought_by']}")
    if text["rule"]["account"]:
        said.append(f"account {text['rule']['account']}")
    return (", ".join(said) or call.tell("cli.template_any")) + (", include_existing" if text["include_existing"] else "")


LISTS = {"markets": "markets", "instruments": "instruments", "excluded": "except"}

APP = alone(templates)
