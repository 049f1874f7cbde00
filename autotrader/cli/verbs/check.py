"""`autotrader check`: every mistake of a file at once, with its place and its remedy; and the schema that editors use."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autotrader.cli.call import Call
from autotrader.cli.options import AsJson, Config, Lang, State, alone
from autotrader.cli.refusals import mistake_view
from autotrader.control.exits import DONE, MISTAKE

if TYPE_CHECKING:
    from autotrader.config.load import Loaded

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

    Every mistake at once, with line, column and remedy."""
    call = Call(ctx)
    if schema:
        return _print_schema()
    from autotrader.config.load import load_file

    loaded = load_file(file or call.config, call.today, name_unverified=True)
    if call.as_json:
        _print_json(loaded)
    else:
        _print_lines(call, loaded)
    return DONE if loaded.settings is not None else MISTAKE


def _print_lines(call: Call, loaded: "Loaded") -> None:
    print("".join(f"{mistake.sentence()}\n" for mistake in loaded.mistakes), end="")
    print("".join(call.tell("cli.mind", what=warning.sentence()) + "\n" for warning in loaded.warnings), end="")
    if loaded.settings is not None:
        templates = len(loaded.settings.templates)
        code = "cli.no_mistakes_and_templates" if templates else "cli.no_mistakes"
        print(call.tell(code, count=len(loaded.settings.rules), templates=templates, mode=loaded.settings.mode.value))
    else:
        print(call.tell("cli.mistakes", count=len(loaded.mistakes)))


def _print_json(loaded: "Loaded") -> None:
    import msgspec

    good = loaded.settings is not None
    view = {
        "ok": good,
        "rules": len(loaded.settings.rules) if loaded.settings is not None else None,
        "templates": len(loaded.settings.templates) if loaded.settings is not None else None,
        "mistakes": [mistake_view(mistake) for mistake in loaded.mistakes],
        "warnings": [mistake_view(warning) for warning in loaded.warnings],
    }
    said = {} if good else {"code": "config.mistakes", "params": {"count": len(loaded.mistakes)}}
    message = {} if good else {"message": "\n".join(mistake.sentence() for mistake in loaded.mistakes)}
    print(msgspec.json.encode({**view, **said, **message}).decode())


def _print_schema() -> int:
    import json

    from autotrader.config.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return DONE


APP = alone(check)
