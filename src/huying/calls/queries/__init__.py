"""What can be asked about calls. Every list begins from ``rules.visible_to``."""

from huying.calls.queries.board import (
    Card,
    Column,
    Filters,
    Kpis,
    board,
    card,
    desk_calls,
    kinds_on_desk,
    kpis,
    narrowed,
    places_on_desk,
    stamp,
    with_offers,
)
from huying.calls.queries.calls import (
    by_public_id,
    calls_for,
    duplicates,
    menu,
    my_calls,
    my_offers,
    nearby_pool,
)
from huying.calls.queries.candidates import Candidate, candidates
from huying.calls.queries.story import Button, Story, history, progress, story

__all__ = [
    "Button",
    "Candidate",
    "Card",
    "Column",
    "Filters",
    "Kpis",
    "Story",
    "board",
    "by_public_id",
    "calls_for",
    "candidates",
    "card",
    "desk_calls",
    "duplicates",
    "history",
    "kinds_on_desk",
    "kpis",
    "menu",
    "my_calls",
    "my_offers",
    "narrowed",
    "nearby_pool",
    "places_on_desk",
    "progress",
    "stamp",
    "story",
    "with_offers",
]
