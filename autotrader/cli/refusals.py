"""What went wrong, as a person reads it on stderr and a script on stdout, with the exit code that both can rely on."""

import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from autotrader.cli.words import sentence, with_separators
from autotrader.control.exits import FAILED, exit_code
from autotrader.errors import AutotraderError, UserMistake


class Refusal(AutotraderError):
    """What the daemon, or the engine without one, answered; it brings its own exit code."""

    def __init__(self, code: str, params: Mapping[str, Any], exit: int) -> None:
        super().__init__(code, **params)
        self.exit = exit


def refusal_of(body: Mapping[str, Any]) -> Refusal:
    """Return the refusal in the body of a reply."""
    return Refusal(body["code"], body.get("params", {}), body.get("exit", FAILED) or FAILED)


def exit_of(error: AutotraderError) -> int:
    """Return the exit code for an error."""
    return error.exit if isinstance(error, Refusal) else exit_code(error)


def sentence_of(error: AutotraderError, language: str) -> str:
    """Return what to tell a person, one line a mistake."""
    if getattr(error, "mistakes", ()):
        return str(error)
    return sentence(error.code, error.params, language)


def sentence_for_people(error: AutotraderError, language: str) -> str:
    """Return the sentence with thousands separators; what is said of a text stays as that text was written."""
    if error.code.startswith("config."):
        return sentence_of(error, language)
    return sentence(error.code, with_separators(error.params), language)


def error_view(error: AutotraderError, language: str) -> dict[str, Any]:
    """Return what to tell a script."""
    params = {name: value if isinstance(value, int) else str(value) for name, value in error.params.items()}
    view: dict[str, Any] = {"ok": False, "code": error.code, "params": params, "message": sentence_of(error, language)}
    mistakes = [mistake_view(mistake) for mistake in getattr(error, "mistakes", ())]
    return {**view, "mistakes": mistakes} if mistakes else view


def mistake_view(mistake: Any) -> dict[str, Any]:
    """Return one mistake for a script: with its place in a file, or with the option that it is about."""
    view = {"code": mistake.code, "params": dict(mistake.params), "message": mistake.sentence()}
    if hasattr(mistake, "line"):
        return {**view, "file": mistake.file, "line": mistake.line, "column": mistake.column}
    return {**view, "key": ".".join(str(key) for key in mistake.path)}


def complain(error: Exception, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Say what is wrong to whoever asked, and return the exit code."""
    language = language_of(arguments, environ)
    named = named_error(error)
    if "--json" in arguments:
        import msgspec

        print(msgspec.json.encode(error_view(named, language)).decode())
    else:
        print(sentence_for_people(named, language), file=sys.stderr)
    return exit_of(named)


def named_error(error: Exception) -> AutotraderError:
    """Return the error as one of ours: a wrong call, or what the system says of a file."""
    if isinstance(error, AutotraderError):
        return error
    if isinstance(error, OSError):
        return AutotraderError("cli.system", what=error.strerror or str(error), path=error.filename or "-")
    command = getattr(getattr(error, "ctx", None), "command_path", "autotrader")
    said = " ".join(str(getattr(error, "format_message", lambda: error)()).split())
    said += "" if said.endswith((".", "?")) else "."
    return UserMistake("cli.usage", said=said, command=command)


def language_of(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the language of a call that perhaps could not be read."""
    for word, following in pairwise([*arguments, ""]):
        if word.startswith("--lang"):
            return word.partition("=")[2] or following
    return environ.get("AUTOTRADER_LANG", "en")
