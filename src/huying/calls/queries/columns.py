"""The columns of the board: which calls come first in each, and how many there are."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from huying.calls import rules
from huying.calls.models import Call
from huying.calls.queries.board import CARDS, COLUMN_OF, EVERYTHING, ON_BOARD, Card, Column, Filters, narrowed
from huying.calls.queries.counted import Kept, Whole, tallies
from huying.calls.queries.shown import cards_of
from huying.calls.states import COLUMNS, State
from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.people import rules as people_rules

STATES = sorted(str(state) for state in ON_BOARD)


Cards = dict[str, list[Card]]
KEPT_CARDS = Kept[Cards](32)
"""The cards of the desks asked for last, some 200 kB each."""


def board(actor: Actor, filters: Filters = EVERYTHING, whole: Whole | None = None) -> list[Column]:
    """The columns with their first cards by what is due first: one question for which, one for what they show, one for
    how many there are. However many calls there are, each state is read by index up to its first cards only.

    With ``whole``, the unfiltered desk in numbers, nothing is counted, and the cards are those that were read at its
    stamp: a board that many look at is read once for each step that a call takes, at least once a minute.
    """
    totals = tallies(actor, filters) if whole is None else whole.open
    cards = first_cards(actor, filters) if whole is None else kept_cards(actor, whole.stamp)
    return [
        Column(code, str(name), tone, sum(totals.get(state, (0, 0, 0))[0] for state in states), cards[code])
        for code, (name, tone, states) in COLUMNS.items()
    ]


def kept_cards(actor: Actor, stamp: tuple[Any, ...]) -> Cards:
    """The first cards of the unfiltered board. They hang on the reach alone, as the numbers of a desk do; names that
    change without a step of the call (a person renamed or erased) are at most a minute old.
    """
    reach = people_rules.held(actor, rules.READERS)
    cards = KEPT_CARDS.get(reach, stamp)
    if cards is None:
        cards = first_cards(actor, EVERYTHING)
        KEPT_CARDS.put(reach, stamp, cards)
    return cards


def first_cards(actor: Actor, filters: Filters) -> Cards:
    cards: Cards = {code: [] for code in COLUMNS}
    for card in sorted(cards_of(first_keys(actor, filters), clock.now()).values(), key=due_first):
        cards[COLUMN_OF[State(card.call.state)]].append(card)
    return cards


def first_keys(actor: Actor, filters: Filters) -> list[int]:
    """Keys of the first cards of each column, by what is due first; calls without a clock come after all others.

    The same short walk along an index for each state, written down once: Django would write and the database would plan
    one statement for each.
    """

    def walk() -> QuerySet[Call, Any]:
        rows = narrowed(actor, Call.objects.filter(rules.on_desk(actor)), filters)
        one = rows.filter(state=RawSQL("part.state", ())).order_by("stage_due_at", "id")
        return one.values_list("pk", "state", "stage_due_at")[:CARDS]

    found: dict[str, list[tuple[bool, Any, int]]] = {code: [] for code in COLUMNS}
    written = prepared.words(("calls.first", actor.rights) if filters == EVERYTHING else None, walk)
    if written is None:
        return []
    text, values = written
    walks = f"SELECT walk.* FROM unnest(%s::text[]) AS part(state) CROSS JOIN LATERAL ({text}) AS walk"  # noqa: S608
    for pk, state, due in prepared.rows(walks, [STATES, *values], anew=True):
        found[COLUMN_OF[State(state)]].append((due is None, due or 0, pk))
    return [pk for column in found.values() for _none, _due, pk in sorted(column)[:CARDS]]


def due_first(card: Card) -> tuple[bool, Any, int]:
    """What is due first, then what has no clock."""
    return card.call.stage_due_at is None, card.call.stage_due_at or 0, card.call.pk
