"""The nodes of a YAML file: text, mappings and sequences, each with the line and column where it stands (1-based)."""

from typing import Any, NamedTuple

from autotrader.config.mistakes import Path


class Scalar(NamedTuple):
    """A text exactly as written."""

    text: str
    line: int
    column: int


class Sequence(NamedTuple):
    items: "list[Node]"
    line: int
    column: int


class Mapping(NamedTuple):
    """Entries in the order of the file: the key's own node (for its place) and the value."""

    entries: "dict[str, tuple[Scalar, Node]]"
    line: int
    column: int


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """Return the node as text, lists and dicts of text."""
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(value) for key, (_, value) in node.entries.items()}


def place(root: Node, path: Path, *, at_key: bool) -> tuple[int, int]:
    """Return where the value (or the key) at a path stands; where the path leaves the tree, its last node that exists."""
    line, column = root.line, root.column
    for depth, step in enumerate(path):
        found = _step(root, step)
        if found is None:
            break
        key, root = found
        spot = key if at_key and depth == len(path) - 1 else root
        line, column = spot.line, spot.column
    return line, column


def _step(node: Node, step: str | int) -> tuple[Node, Node] | None:
    """Return the key's and the value's node one step down. A list of names may be addressed by the name."""
    match node:
        case Mapping():
            return node.entries.get(str(step))
        case Sequence():
            matching = [item for place, item in enumerate(node.items) if place == step or (isinstance(item, Scalar) and item.text == step)]
            return (matching[0], matching[0]) if matching else None
        case Scalar():
            return None
