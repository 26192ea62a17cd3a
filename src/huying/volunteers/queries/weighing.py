"""All open wants below a place and everybody there who may be asked, as arrays for ``matching``. Brings numpy along: for
jobs only.

The rules are those of ``fitting``: skills, time, how far somebody wants to go; whoever does least costs least. A want
that nobody can fill costs so much that filling it always comes first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet
from django.db.models.functions import Coalesce

from huying.kernel import clock, columns
from huying.matching.earth import Plane
from huying.matching.problem import BITS, Helpers, Lists, Needs, Prices, Week
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.models import Invitation, Membership, Volunteer, Want
from huying.volunteers.queries.fitting import asked_now, recent
from huying.volunteers.states import SLOTS, InvitationState

MOST = 5_000
"""Wants weighed at once, the oldest first; the rest is for the next plan."""
WEEK = Week(slots=SLOTS + 1, a_day=SLOTS + 1)
"""The parts of the week, and one more that everybody has: for wants that name no time."""
ANY_TIME = 1 << SLOTS
PRICES = Prices(load=1_000, stranger=0)
"""A service or a team more counts as much as a kilometre more."""
EMPTY = 100_000_000
"""Metres: dearer than any way and any load."""


class Free(Func):
    """The parts of the week somebody named as a mask, with ANY_TIME; who named none has time at any."""

    output_field = BigIntegerField()
    template = (
        "(CASE cardinality(%(expressions)s) WHEN 0 THEN %(every)s::bigint ELSE %(any_time)s::bigint | "
        "(SELECT bit_or(1::bigint << part) FROM unnest(%(expressions)s) part) END)"
    )

    def __init__(self, named: str):
        super().__init__(named, every=(1 << (SLOTS + 1)) - 1, any_time=ANY_TIME)


@dataclass
class Matter:
    """What is weighed: ``wants`` row for row with ``needs``, keys of ``people`` with ``helpers``, and what they do already.

    ``later``: wants whose skills did not fit beside those of older ones.
    """

    wants: list[Want]
    people: Any
    served: Any
    teams: Any
    helpers: Helpers
    needs: Needs
    later: list[Want] = field(default_factory=list)

    def km(self, need: int, helper: int) -> float:
        """Straight line on the plane of the matching."""
        east = self.helpers.x[helper] - self.needs.x[need]
        return float(np.hypot(east, self.helpers.y[helper] - self.needs.y[need]) / 1_000)


def open_wants(place: Place) -> list[Want]:
    """Wants below ``place`` with ``free`` places for which nobody is asked, the oldest first."""
    rows = Want.objects.filter(rules.open_wants(), team__place__path__startswith=place.path)
    asked = Count(
        "invitations", filter=Q(invitations__state=InvitationState.OPEN, invitations__ends_at__gt=clock.now())
    )
    rows = rows.annotate(free=F("headcount") - F("joined") - asked).filter(free__gt=0)
    return list(rows.prefetch_related("skills").order_by("id")[:MOST])


def matter(place: Place) -> Matter:
    """Who could join what below ``place``."""
    bits: dict[int, int] = {}
    wants, later = [], []
    for want in open_wants(place):
        new = [one.pk for one in want.skills.all() if one.pk not in bits]
        if len(bits) + len(new) > BITS:
            later.append(want)
            continue
        bits.update((key, len(bits) + at) for at, key in enumerate(new))
        wants.append(want)
    people = volunteers(place)
    plane = Plane.around(np.array([one.lon for one in wants] or [0.0]), np.array([one.lat for one in wants] or [0.0]))
    helpers = helpers_of(people, skills_of(people["id"], bits), plane)
    needs = needs_of(wants, people["id"], bits, plane)
    return Matter(wants, people["id"], people["served"], people["teams"], helpers, needs, later)


def size(place: Place) -> int:
    """About how many pairs of wants and volunteers there are below ``place``."""
    people = Volunteer.objects.filter(left_at__isnull=True, base_place__path__startswith=place.path).count()
    return people * Want.objects.filter(rules.open_wants(), team__place__path__startswith=place.path).count()


def volunteers(place: Place) -> dict[str, Any]:
    """id, at_lon, at_lat, travel_km, free (mask), served, teams of whoever may be asked; in the order of their keys."""
    lon, lat = Coalesce("lon", "base_place__lon"), Coalesce("lat", "base_place__lat")
    rows = Volunteer.objects.filter(asked_now(), base_place__path__startswith=place.path)
    rows = rows.annotate(at_lon=lon, at_lat=lat, free=Free("availability"))
    rows = rows.filter(at_lon__isnull=False, at_lat__isnull=False)
    numbers, places = dict.fromkeys(("id", "free"), int), dict.fromkeys(("at_lon", "at_lat", "travel_km"), float)
    found = columns.read(rows, **numbers, **places)
    order = np.argsort(found["id"], kind="stable")
    found = {name: values[order] for name, values in found.items()}
    found["served"] = counted(recent(), found["id"])
    found["teams"] = counted(Membership.objects.filter(rules.PRESENT), found["id"])
    return found


def counted(rows: QuerySet[Any], keys: Any) -> Any:
    """How many of ``rows`` each of these volunteers has; ``keys`` in rising order."""
    found = columns.read(rows.order_by().values("volunteer_id").annotate(n=Count("pk")), volunteer_id=int, n=int)
    made = np.zeros(len(keys), np.int64)
    at, here = rows_of(keys, found["volunteer_id"])
    made[at[here]] = found["n"][here]
    return made


def rows_of(keys: Any, wanted: Any) -> tuple[Any, Any]:
    """Where each of ``wanted`` stands among ``keys`` (in rising order), and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at, keys[at] == wanted


def skills_of(keys: Any, bits: dict[int, int]) -> Any:
    """The skills of these volunteers that count today, as masks."""
    rows = Volunteer.skills.through._default_manager.filter(rules.proven_on(clock.today()), skill_id__in=list(bits))
    found = columns.read(rows, volunteer_id=int, skill_id=int)
    masks = np.zeros(len(keys), np.int64)
    at, here = rows_of(keys, found["volunteer_id"])
    worth = np.array([1 << bits[key] for key in found["skill_id"].tolist()], np.int64)
    np.bitwise_or.at(masks, at[here], worth[here])
    return masks


def helpers_of(people: dict[str, Any], skills: Any, plane: Plane) -> Helpers:
    x, y = plane.metres(people["at_lon"], people["at_lat"])
    return Helpers.make(
        x,
        y,
        skills,
        people["free"],
        load=people["served"] + people["teams"],
        reach=(1_000 * people["travel_km"]).astype(np.int64),
    )


def needs_of(wants: list[Want], keys: Any, bits: dict[int, int], plane: Plane) -> Needs:
    """One need for each want; who is in the team, or was asked by the want before, is barred."""
    x, y = plane.metres(np.array([one.lon for one in wants]), np.array([one.lat for one in wants]))
    return Needs.make(
        x,
        y,
        [sum(1 << bits[skill.pk] for skill in one.skills.all()) for one in wants],
        [sum(1 << slot for slot in one.slots) or ANY_TIME for one in wants],
        headcount=[getattr(one, "free") for one in wants],  # noqa: B009 - annotated
        unserved=EMPTY,
        barred=Lists.of(barred(wants, keys)),
    )


def barred(wants: list[Want], keys: Any) -> list[list[int]]:
    """For each want the rows of those it must not ask."""
    inside: dict[int, set[int]] = {}
    asked: dict[int, set[int]] = {}
    members = Membership.objects.filter(rules.PRESENT, team_id__in={one.team_id for one in wants})
    for team, volunteer in members.values_list("team_id", "volunteer_id"):
        inside.setdefault(team, set()).add(volunteer)
    before = Invitation.objects.filter(want_id__in=[one.pk for one in wants])
    for want, volunteer in before.values_list("want_id", "volunteer_id"):
        asked.setdefault(want, set()).add(volunteer)
    found = []
    for one in wants:
        who = np.array(sorted(inside.get(one.team_id, set()) | asked.get(one.pk, set())), np.int64)
        at, here = rows_of(keys, who)
        found.append(at[here].tolist())
    return found
