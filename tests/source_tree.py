"""Reads the package's own source: what each module imports, calls and says. Takes the root, so that planted faults can be read too."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from string import Formatter

PACKAGE = Path(__file__).resolve().parent.parent / "autotrader"
PURE = {"messages", "errors", "domain", "markets", "engine", "exchange"}


@cache
def _parse(text: str) -> tuple[ast.Module, tuple[ast.AST, ...]]:
    """Return a source text's tree and all its nodes; the same text, in whatever copy of the package, is read once."""
    tree = ast.parse(text)
    return tree, tuple(ast.walk(tree))


@dataclass(frozen=True)
class Module:
    """One source file of the package."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return _parse(self.path.read_text(encoding="utf-8"))[0]

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return _parse(self.path.read_text(encoding="utf-8"))[1]

    @property
    def floor(self) -> str:
        return [*self.name.split("."), ""][1]

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def imports(self) -> Iterator[str]:
        """Yield every imported module or member with its full name, lazy imports too."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{self._origin(node)}.{alias.name}" for alias in node.names)

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        steps = node.level - self.is_package
        home = self.name.split(".")[: -steps or None]
        return ".".join([*home, *filter(None, [node.module])])

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Yield every call with the dotted name of what is called."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node

    def strings(self) -> Iterator[tuple[str, int]]:
        """Yield every string in code with its line; docstrings are not code."""
        prose = {id(node.value) for node in self.nodes if isinstance(node, ast.Expr)}
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                yield node.value, node.lineno

    def string_patterns(self) -> Iterator[re.Pattern[str]]:
        """Yield what f-strings can become, as far as they begin with words of their own."""
        for node in self.nodes:
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*" for part in node.values]
                yield re.compile("".join(parts))


def modules(package: Path = PACKAGE) -> list[Module]:
    """Return every module under the package's folder."""
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        found.append(Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def errors(package: Path = PACKAGE) -> set[str]:
    """Return the names of AutotraderError and of all that inherit from it, wherever they are defined."""
    classes = [node for module in modules(package) for node in module.nodes if isinstance(node, ast.ClassDef)]
    known = {"AutotraderError"}
    while more := {node.name for node in classes if {ast.unparse(base) for base in node.bases} & known} - known:
        known |= more
    return known


def placeholders(sentence: str) -> set[str]:
    """Return the names of the parameters that a sentence of the catalogue needs."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(sentence) if name is not None}
