"""Which functions of a room open a transaction, read from its source: what a sweep has to know of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "huying"
OUTSIDE_ACTIONS = {"tests", "cli", "supervise", "postgres", "migrations"}


def writes(room: str) -> set[str]:
    """``module.function`` of every function below ``actions`` (in the kernel: anywhere) that opens ``begin``.

    A function that enters a context manager of the same room which opens it (``step`` in calls) counts as well; the
    context manager itself does not, nobody runs it alone.
    """
    trees = [(path.stem, ast.parse(path.read_text())) for path in files(room)]
    found = [(stem, node) for stem, tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    doors = {"begin"}
    while more := {node.name for _stem, node in found if is_context(node) and enters(node, doors)} - doors:
        doors |= more
    return {f"{stem}.{node.name}" for stem, node in found if enters(node, doors) and not is_context(node)}


def files(room: str) -> Iterable[Path]:
    if room != "kernel":
        return [*(SOURCE / room).glob("actions.py"), *(SOURCE / room / "actions").rglob("*.py")]
    kernel = SOURCE / "kernel"
    return [path for path in kernel.rglob("*.py") if OUTSIDE_ACTIONS.isdisjoint(path.relative_to(kernel).parts)]


def is_context(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "contextmanager" for one in node.decorator_list)


def enters(node: ast.FunctionDef, doors: set[str]) -> bool:
    return bool(doors & set(entered(node)))


def entered(node: ast.FunctionDef) -> Iterator[str]:
    """Names of the context managers of this function, called plainly or through their module."""
    for inner in ast.walk(node):
        for item in inner.items if isinstance(inner, ast.With) else []:
            called = item.context_expr.func if isinstance(item.context_expr, ast.Call) else None
            if isinstance(called, ast.Name | ast.Attribute):
                yield called.id if isinstance(called, ast.Name) else called.attr


def unknown(room: str, swept: Iterable[str], elsewhere: Iterable[str]) -> set[str]:
    """Functions of the room that write, are in no sweep and have no explanation; the names swept are bare ones."""
    bare, explained = set(swept), set(elsewhere)
    return {one for one in writes(room) - explained if one.partition(".")[2] not in bare}
