"""What is wrong with a file or a command, and where. Mistakes are collected, so that a person can mend all of them at once.

A rule's reader knows only keys (a `FieldMistake` with its path); a file gives them a line and a column (a `Mistake`), the
command line gives them a flag. Both carry a code and parameters; the sentence with its remedy is in the catalogue.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from autotrader.domain.money import text as plain_text
from autotrader.errors import UserMistake
from autotrader.messages import say

MAX_MISTAKES = 100
"""More than these help nobody, and a hostile file shall not buy time with them."""

Path = tuple[str | int, ...]
Value = TypeVar("Value")


class Mistake(Struct, frozen=True):
    """A mistake with its place in a file, 1-based. Line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    code: str
    params: dict[str, str] = {}

    def sentence(self) -> str:
        """Return `file:line:column: what is wrong; what to do`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {say(self.code, self.params)}"


WITH_PARTS = {"legs": "leg", "exits": "exit", "tags": "tag"} | {key: key for key in ("preserve", "when", "unfilled", "rearm")}
"""Keys with entries of their own, and the option of the command line that writes them."""
NO_OPTIONS = ("instrument", "side")
"""Keys that the command line takes without an option; what is wrong with them names the value."""
AS_OPTIONS = {
    "config.order_unknown": "option.order_unknown",
    "config.order_needs_price": "option.order_needs_price",
    "config.order_stop_limit": "option.order_stop_limit",
    "config.order_tif": "option.order_tif",
    "config.peg_of_kind": "option.peg_of_kind",
}
"""Sentences whose remedy is a piece of a file, and the ones that say what can be typed instead."""
GROUPS = ("all", "any")
"""What stands between `when` and its conditions; on the command line nothing does."""


class FieldMistake(Struct, frozen=True):
    """A mistake with its keys. `at_key` says that the key itself is at fault and not its value."""

    path: Path
    code: str
    params: dict[str, str] = {}
    at_key: bool = False

    def sentence(self) -> str:
        """Return the sentence with the flag of the command line that it is about."""
        if self.path and self.path[0] in WITH_PARTS:
            parts = [f"number {key + 1}" if isinstance(key, int) else key for key in self.path[1:] if key not in GROUPS]
            return ", ".join([f"--{WITH_PARTS[str(self.path[0])]}", *parts]) + f": {self._said()}"
        key = next((key for key in reversed(self.path) if isinstance(key, str)), "")
        if key != "tif" and self.path[:1] == ("order",) and len(self.path) > 1:
            key = "limit"  # the price of an order of any kind is given with --limit
        return f"--{key.replace('_', '-')}: {self._said()}" if key and key not in NO_OPTIONS else self._said()

    def _said(self) -> str:
        return say(AS_OPTIONS.get(self.code, self.code), {**_typed(self.params, in_leg=self.path[:1] != ("order",)), **self.params})


def _typed(params: Mapping[str, str], *, in_leg: bool) -> dict[str, str]:
    """Return the parts of an order as they are typed: as options, or as entries of a leg."""
    typed = {f"typed_{key}": f"{key}={value}" if in_leg else f"--{key} {value}" for key, value in TYPED}
    kind = params.get("key", "limit")
    order = f"order={kind}," if in_leg else f"--order {kind} "
    return {**typed, "typed_price": ("" if kind == "limit" else order) + typed["typed_limit"]}


TYPED = (("stop", "68000"), ("limit", "67900"), ("order", "KIND"), ("tif", "ioc"))
"""The keys of an order, with an example of each."""


class Mistakes(UserMistake):
    """All that is wrong with what a person asked for, one line each."""

    def __init__(self, mistakes: Sequence[FieldMistake | Mistake]) -> None:
        super().__init__("config.mistakes", count=str(len(mistakes)))
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        return "\n".join(mistake.sentence() for mistake in self.mistakes)


def _shown(value: object) -> str:
    """Return a parameter as people read it."""
    return plain_text(value) if isinstance(value, Decimal) else str(value)


class Findings:
    """The mistakes of one reading, in the order found."""

    def __init__(self) -> None:
        self.mistakes: list[FieldMistake] = []

    @property
    def full(self) -> bool:
        """Return whether nobody would read more of them."""
        return len(self.mistakes) > MAX_MISTAKES

    def note(self, *path: str | int, code: str, at_key: bool = False, **params: object) -> None:
        """Note a mistake and carry on."""
        self.add(path, code, params, at_key)

    def add(self, path: Path, code: str, params: Mapping[str, object], at_key: bool = False) -> None:
        """Note a mistake whose parameters come as a mapping."""
        self.mistakes.append(FieldMistake(path, code, {name: _shown(value) for name, value in params.items()}, at_key))

    def read(self, parse: Callable[[str], Value], text: object, *path: str | int) -> Value | None:
        """Return what the text spells, or note why it spells nothing."""
        if not isinstance(text, str):
            self.note(*path, code="config.needs_text", key=path[-1])
            return None
        try:
            return parse(text)
        except UserMistake as wrong:
            self.add(path, wrong.code, wrong.params)
            return None
