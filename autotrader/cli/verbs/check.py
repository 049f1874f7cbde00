"""`autotrader check`: every mistake of a file at once, with its place and its remedy; and the schema that editors use."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.refusals import mistake_view
from autotrader.cli.words import because
from autotrader.control.exits import DONE, MISTAKE

if TYPE_CHECKING:
    from autotrader.config.load import Loaded

MOST = 1000
"""Rules that the linter is asked about: it holds each against the others."""

File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The file (else where `run` finds it).", show_default=False)]
Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the file, for your editor.")]


def check(
    ctx: typer.Context,
    file: File = None,
    schema: Schema = False,
    state: State = None,
    config: Config = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> int:
    """Check a configuration file.

    Every mistake at once, with line, column and remedy; then what is odd about its rules."""
    call = Call(ctx)
    if schema:
        return _print_schema()
    from autotrader.config.load import load_file

    loaded = load_file(file or call.config, call.now, name_unverified=True)
    said = _judged(call, loaded)
    if call.as_json:
        _print_json(loaded, said)
    else:
        _print_lines(call, loaded, said)
    return DONE if loaded.settings is not None and said.refusal is None else MISTAKE


class Said(NamedTuple):
    """What the engine says of a file: what is odd about its rules, or why it would not take them."""

    odd: list[View]
    refusal: View | None = None


def _judged(call: Call, loaded: "Loaded") -> Said:
    if loaded.settings is None or not loaded.settings.accounts:
        return Said([])
    if len(loaded.settings.rules) > MOST:
        return Said([_noted(call, {"code": "cli.not_linted", "params": {"count": len(loaded.settings.rules), "most": MOST}})])
    body = call.doors.judge(loaded.settings, call.now)
    if not body["ok"]:
        return Said([], _noted(call, body))
    return Said([_noted(call, note, rule) for rule, notes in body["result"]["lint"].items() for note in notes])


def _noted(call: Call, note: View, rule: str = "") -> View:
    message = because(note, call.language)
    return {"rule": rule, "code": note["code"], "params": note["params"], "message": f"{rule}: {message}" if rule else message}


def _print_lines(call: Call, loaded: "Loaded", said: Said) -> None:
    mistakes = [mistake.sentence() for mistake in loaded.mistakes] + ([said.refusal["message"]] if said.refusal else [])
    print("".join(f"{mistake}\n" for mistake in mistakes), end="")
    what = [*(warning.sentence() for warning in loaded.warnings), *(note["message"] for note in said.odd)]
    print("".join(call.tell("cli.mind", what=line) + "\n" for line in what), end="")
    if loaded.settings is not None and not mistakes:
        templates = len(loaded.settings.templates)
        code = "cli.no_mistakes_and_templates" if templates else "cli.no_mistakes"
        print(call.tell(code, count=len(loaded.settings.rules), templates=templates, mode=loaded.settings.mode.value))
    else:
        print(call.tell("cli.mistakes", count=len(mistakes)))


def _print_json(loaded: "Loaded", said: Said) -> None:
    import msgspec

    mistakes = [*(mistake_view(mistake) for mistake in loaded.mistakes), *([said.refusal] if said.refusal else [])]
    good = not mistakes
    view = {
        "ok": good,
        "rules": len(loaded.settings.rules) if loaded.settings is not None else None,
        "templates": len(loaded.settings.templates) if loaded.settings is not None else None,
        "mistakes": mistakes,
        "warnings": [*(mistake_view(warning) for warning in loaded.warnings), *said.odd],
    }
    why = {} if good else {"code": "config.mistakes", "params": {"count": len(mistakes)}}
    message = {} if good else {"message": "\n".join(mistake["message"] for mistake in mistakes)}
    print(msgspec.json.encode({**view, **why, **message}).decode())


def _print_schema() -> int:
    import json

    from autotrader.config.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return DONE


APP = alone(check)
