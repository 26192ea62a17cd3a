"""What can be asked about calls. Every list begins from ``rules.visible_to``."""

from huying.calls.queries.board import Board, Column, board, card, kpis
from huying.calls.queries.candidates import Candidate, candidates
from huying.calls.queries.calls import (
    Story,
    by_public_id,
    calls_for,
    duplicates,
    history,
    menu,
    my_calls,
    my_offers,
    nearby_pool,
    story,
)

__all__ = [
    "Board",
    "Candidate",
    "Column",
    "Story",
    "board",
    "by_public_id",
    "calls_for",
    "candidates",
    "card",
    "duplicates",
    "history",
    "kpis",
    "menu",
    "my_calls",
    "my_offers",
    "nearby_pool",
    "story",
]
