"""What helpers can do, which languages they speak and who they are, as bits, for weighing: as far as the calls ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q

from huying.calls.models import ServiceKind
from huying.calls.queries.between import Columns, rows_of
from huying.calls.queries.preferring import group_of_person, taken_by
from huying.kernel import clock, columns
from huying.matching.problem import BITS
from huying.places.models import Place
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team, Volunteer


@dataclass
class Asked:
    """Bits that stand for a skill, or for all that a category of service needs."""

    skills: dict[int, int]
    categories: dict[int, tuple[Any, int]]
    of_kind: dict[int, int]
    people: dict[int, bool]
    teams: dict[int, bool]


def asked_bits(kinds: set[int]) -> Asked:
    """What the kinds of the open calls ask for; kinds beyond the room of a mask wait for the next proposal."""
    asked = Asked({}, {}, {}, {}, {})
    rows = ServiceKind.objects.filter(pk__in=kinds).select_related("category").prefetch_related("skills").order_by("pk")
    for kind in rows:
        skills = [skill.pk for skill in kind.skills.all()]
        category = kind.category
        new = [pk for pk in skills if pk not in asked.skills]
        strict = category is not None and volunteer_rules.ready_for(category, clock.today())
        used = len(asked.skills) + len(asked.categories)
        if used + len(new) + bool(strict) > BITS:
            continue
        for pk in new:
            asked.skills[pk] = len(asked.skills) + len(asked.categories)
        mask = sum(1 << asked.skills[pk] for pk in skills)
        if category is not None and strict:
            bit = len(asked.skills) + len(asked.categories)
            mask |= 1 << asked.categories.setdefault(category.pk, (category, bit))[1]
        asked.of_kind[kind.pk] = mask
        asked.people[kind.pk], asked.teams[kind.pk] = taken_by(kind)
    return asked


def languages_of(keys: Any, spoken: list[int], of_teams: bool = False) -> Any:
    """Those of the languages that calls ask for which volunteers speak, or members of teams; nothing is read for none."""
    masks = np.zeros(len(keys), np.int64)
    if not spoken:
        return masks
    rows, owner = Volunteer.languages.through._default_manager.filter(language_id__in=spoken), "volunteer_id"
    if of_teams:
        still = Q(volunteer__memberships__ends_at__isnull=True, volunteer__left_at__isnull=True)
        rows = rows.filter(still, volunteer__memberships__team__isnull=False)
        owner = "volunteer__memberships__team_id"
    found = columns.read(rows, **{owner: int, "language_id": int})
    add_bits(masks, keys, found[owner], np.left_shift(1, np.searchsorted(spoken, found["language_id"])))
    return masks


def languages_wanted(wanted: Any, spoken: list[int]) -> Any:
    """The bit of the language each call asks for; 0 for any."""
    return np.where(wanted > 0, np.left_shift(1, np.searchsorted(spoken, wanted)), 0)


def groups_of(place: Place, keys: Any, calls: Columns) -> Any:
    """Sex and age of volunteers as a number, where a call wishes for it; otherwise nothing is read."""
    groups = np.zeros(len(keys), np.int64)
    if not np.any(calls["liked"]):
        return groups
    rows = Volunteer.objects.filter(left_at__isnull=True, base_place__path__startswith=place.path)
    found = columns.read(rows.annotate(group=group_of_person("person__")), id=int, group=int)
    at, here = rows_of(keys, found["id"])
    groups[at[here]] = found["group"][here]
    return groups


def skills_of_people(keys: Any, asked: Asked) -> Any:
    """Proven skills, and a bit for each category for which nothing is missing."""
    masks = np.zeros(len(keys), np.int64)
    through = Volunteer.skills.through._default_manager
    rows = through.filter(volunteer_rules.proven_on(clock.today()), skill_id__in=list(asked.skills))
    found = columns.read(rows, volunteer_id=int, skill_id=int)
    add_bits(masks, keys, found["volunteer_id"], bits_of(found["skill_id"], asked))
    for category, bit in asked.categories.values():
        ready = Volunteer.objects.filter(volunteer_rules.ready_for(category, clock.today()))
        add_bits(masks, keys, columns.read(ready, id=int)["id"], 1 << bit)
    return masks


def skills_of_teams(keys: Any, asked: Asked) -> Any:
    """What the team is registered with; checks of its members are its own matter, except where each must be known by
    name.
    """
    own = [bit for category, bit in asked.categories.values() if not volunteer_rules.is_by_name(category)]
    masks = np.full(len(keys), sum(1 << bit for bit in own), np.int64)
    rows = Team.skills.through._default_manager.filter(skill_id__in=list(asked.skills))
    found = columns.read(rows, team_id=int, skill_id=int)
    add_bits(masks, keys, found["team_id"], bits_of(found["skill_id"], asked))
    return masks


def bits_of(skills: Any, asked: Asked) -> Any:
    """The bit of each of these skills, all of which are asked for."""
    known = sorted(asked.skills)
    return np.array([1 << asked.skills[pk] for pk in known], np.int64)[np.searchsorted(known, skills)]


def add_bits(masks: Any, keys: Any, found: Any, bits: Any) -> None:
    """Set ``bits`` (one, or one for each) for the helpers with the keys that were found; other keys are passed over."""
    if not len(keys) or not len(found):
        return
    at = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
    here = keys[at] == found
    np.bitwise_or.at(masks, at[here], np.broadcast_to(bits, len(found))[here])
