"""How the words of a command are parsed without being carried out."""

from collections.abc import Callable

import pytest

from autotrader.cli.main import ClickError, build


@pytest.fixture(scope="session")
def parsed() -> Callable[[list[str]], str]:
    """Return what is wrong with the words of a call: nothing when they parse."""
    root = build()

    def parse(words: list[str]) -> str:
        try:
            _parse(root, words)
        except ClickError as wrong:
            return str(wrong)
        return ""

    return parse


def _parse(command, words: list[str], parent=None) -> None:
    """Parse the words as the command would, and those after a verb as the verb would."""
    if words == ["--help"]:
        return
    context = command.make_context(command.name or "autotrader", list(words), parent=parent)
    rest = [*getattr(context, "_protected_args", []), *context.args]
    if hasattr(command, "resolve_command"):
        _, verb, after = command.resolve_command(context, rest)
        _parse(verb, after, context)
