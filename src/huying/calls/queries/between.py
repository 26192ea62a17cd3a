"""What lies between calls and helpers, for weighing: who came last time, and who must not be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q

from huying.calls.models import Call, Offer
from huying.calls.queries.candidates import GONE
from huying.calls.states import OfferState, State
from huying.matching.problem import Lists
from huying.places.models import Place

Columns = dict[str, Any]


@dataclass(frozen=True)
class Ties:
    """Where helpers are in the arrays: those of ``people`` in the order of their keys, then those of ``teams``. ``refused``:
    pairs that a dispatcher does not want, as keys of call, volunteer and team.
    """

    place: Place
    people: Columns
    teams: Columns
    refused: Sequence[tuple[int, int | None, int | None]] = ()

    def volunteers(self, keys: Iterable[int]) -> dict[int, int]:
        return places_of(self.people["id"], keys)

    def groups(self, keys: Iterable[int]) -> dict[int, int]:
        found = places_of(self.teams["id"], keys)
        return {key: len(self.people["id"]) + at for key, at in found.items()}

    def own(self, persons: Any) -> dict[int, int]:
        """Where one of these persons is himself a volunteer."""
        known = np.flatnonzero(np.isin(self.people["person_id"], persons))
        return dict(zip(self.people["person_id"][known].tolist(), known.tolist(), strict=True))


def places_of(sorted_keys: Any, keys: Iterable[int]) -> dict[int, int]:
    """Where each of these keys is among the sorted ones; those that are not there are left out."""
    asked = np.unique(np.fromiter(keys, np.int64))
    at = np.searchsorted(sorted_keys, asked)
    here = at < len(sorted_keys)
    here[here] = sorted_keys[at[here]] == asked[here]
    return dict(zip(asked[here].tolist(), at[here].tolist(), strict=True))


def rows_of(sorted_keys: Any, asked: Any) -> tuple[Any, Any]:
    """Where each of these keys is among the sorted ones, and whether it is there at all."""
    if not len(sorted_keys):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), bool)
    at = np.minimum(np.searchsorted(sorted_keys, asked), len(sorted_keys) - 1)
    return at, sorted_keys[at] == asked


def among(keys: Any, counted: dict[int, int]) -> Any:
    """How many of each of these keys; 0 for those not counted."""
    amounts = np.zeros(len(keys), np.int64)
    for key, at in places_of(keys, counted).items():
        amounts[at] = counted[key]
    return amounts


def pooled(place: Place) -> Q:
    """The open calls of a place, as seen from their offers."""
    return Q(call__state=State.POOLED, call__place__path__startswith=place.path)


def who_came(calls: Columns, ties: Ties) -> Lists:
    """Who helped the same person before, and not a place in whose name he pressed (``served`` is 0 for a whistle)."""
    here = Call.objects.filter(state=State.POOLED, place__path__startswith=ties.place.path, raised_for=None)
    done = Offer.objects.filter(state=OfferState.DONE, volunteer__isnull=False, call__raised_for=None)
    done = done.filter(call__requester_id__in=here.values("requester_id"))
    pairs = list(done.values_list("call__requester_id", "volunteer_id").distinct())
    at = ties.volunteers(volunteer for _requester, volunteer in pairs)
    known: dict[int, set[int]] = defaultdict(set)
    for requester, volunteer in pairs:
        if volunteer in at:
            known[requester].add(at[volunteer])
    asked = np.flatnonzero(np.isin(calls["served"], list(known)))
    return listed(calls, {row: known[int(calls["served"][row])] for row in asked.tolist()})


def who_not(calls: Columns, ties: Ties) -> Lists:
    """The one served himself, whoever was asked for this very call already, whatever the answer was, and the ``refused``."""
    before = Offer.objects.filter(pooled(ties.place)).exclude(GONE)
    rows = [*before.values_list("call_id", "volunteer_id", "team_id"), *ties.refused]
    people = ties.volunteers(volunteer for _call, volunteer, _team in rows if volunteer)
    groups = ties.groups(team for _call, _volunteer, team in rows if team)
    barred: dict[int, set[int]] = defaultdict(set)
    for call, volunteer, team in rows:
        at = people.get(volunteer) if volunteer else groups.get(team or 0)
        if at is not None:
            barred[call].add(at)
    at_call = places_of(calls["id"], barred)
    named = {at_call[call]: helpers for call, helpers in barred.items() if call in at_call}
    own = ties.own(np.unique(calls["requester_id"]))
    for row in np.flatnonzero(np.isin(calls["requester_id"], list(own))).tolist():
        named.setdefault(row, set()).add(own[int(calls["requester_id"][row])])
    return listed(calls, named)


def listed(calls: Columns, named: dict[int, set[int]]) -> Lists:
    """A list for each call, from the helpers named for some rows of them."""
    many = np.zeros(len(calls["id"]) + 1, np.int64)
    for row, helpers in named.items():
        many[row + 1] = len(helpers)
    who = [one for row in sorted(named) for one in sorted(named[row])]
    return Lists(np.cumsum(many), np.array(who, np.int64))
