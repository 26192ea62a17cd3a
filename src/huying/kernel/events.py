"""Events go up: an action publishes a small frozen dataclass of ids; jobs follow it in the same transaction.

Which jobs follow which event stands in one file only: ``config/reactions.py``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from huying.kernel import jobs

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_reactions: dict[type, list[str]] = {}


def connect(reactions: dict[type, list[str]]) -> None:
    """Set the list of reactions; called once at start."""
    _reactions.clear()
    _reactions.update(reactions)


def publish(event: DataclassInstance) -> None:
    """Queue the jobs that follow ``event``; they commit or roll back with the change itself."""
    facts: dict[str, Any] = asdict(event)
    for name in _reactions.get(type(event), []):
        jobs.enqueue(name, **facts)
