"""Teams that want people, what a volunteer is asked, and plans for all wants, as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules as people_rules
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.models import Allocation, AllocationGap, AllocationLine, Invitation, Team, Volunteer, Want
from huying.volunteers.queries.fitting import Fit, reasons
from huying.volunteers.states import WANT_LACKS, InvitationState, WantState

QUESTIONS = ("skill", "distance", "time", "taken")
"""The questions of the matching that a want asks, in their order."""


def wants(
    actor: Actor,
    *,
    words: str = "",
    skill: str = "",
    state: str = WantState.OPEN,
    within: Place | None = None,
    team: UUID | None = None,
) -> QuerySet[Want]:
    """Wants the actor may see, with ``asked``: how many are asked now; by team name, skill, state (none: all), place."""
    rows = Want.objects.filter(rules.wants_visible_to(actor))
    if state == WantState.OPEN:
        rows = rows.filter(rules.open_wants())
    elif state:
        rows = rows.filter(state=state)
    if within:
        rows = rows.filter(team__place__path__startswith=within.path)
    if team:
        rows = rows.filter(team__public_id=team)
    if words.strip():
        rows = rows.filter(team__name__icontains=words.strip())
    if skill:
        rows = rows.filter(skills__code=skill)
    return rows.select_related("team__place", "place").prefetch_related("skills").annotate(asked=asked())


def asked() -> Count:
    """How many have been asked and still may answer: also those who said no already."""
    now = clock.now()
    waiting = Q(invitations__state=InvitationState.OPEN, invitations__ends_at__gt=now)
    return Count("invitations", filter=waiting, distinct=True)


@dataclass(frozen=True, slots=True)
class WantStory:
    """A want, who came by it, and what this reader may do: ``keeps`` withdraw it, ``allocates`` ask volunteers."""

    want: Want
    joined: list[Invitation]
    keeps: bool
    allocates: bool
    open: bool


def want_story(actor: Actor, public_id: UUID) -> WantStory:
    """One want; NotFound when it is not the actor's to read."""
    found = wants(actor, state="").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    came = found.invitations.filter(state=InvitationState.JOINED).select_related("volunteer__person")
    return WantStory(
        want=found,
        joined=list(came.order_by("joined_at", "id")),
        keeps=rules.can_keep_want(actor, found),
        allocates=rules.can_allocate(actor, found.team.place),
        open=rules.is_wanted(found) and found.team.active,
    )


def keeps_team(actor: Actor, public_id: UUID) -> Team:
    """A team at work for which the actor may say that it wants people; NotFound for others."""
    kept = people_rules.within(actor, rules.KEEPERS, "place__path") | Q(pk__in=rules.led_team_ids(actor))
    found = Team.objects.filter(kept, public_id=public_id, active=True).select_related("place__parent").first()
    if found is None:
        raise NotFound
    return found


def volunteers_ticked(actor: Actor, public_ids: list[UUID]) -> list[Volunteer]:
    """Volunteers of the actor's places with these ids; whoever is not, is left out."""
    kept = people_rules.within(actor, rules.KEEPERS, "base_place__path")
    return list(Volunteer.objects.filter(kept, public_id__in=public_ids).order_by("id"))


# ── a volunteer's own ───────────────────────────────────────────────────────
def my_invitations(actor: Actor) -> list[Invitation]:
    """What waits for an answer of his; what he put away is gone for him. One at a time, by the database."""
    rows = Invitation.objects.filter(
        volunteer__person_id=actor.person_id or 0,
        volunteer__left_at__isnull=True,
        state=InvitationState.OPEN,
        put_away=False,
        ends_at__gt=clock.now(),
        want__team__active=True,
    )
    return list(rows.select_related("want__team__place", "want__place").order_by("ends_at", "id"))


@dataclass(frozen=True, slots=True)
class InvitationStory:
    """What somebody is asked; ``open``: he may still say yes, ``joined``: he did."""

    invitation: Invitation
    open: bool
    joined: bool


def invitation_story(actor: Actor, public_id: UUID) -> InvitationStory:
    """An invitation of the actor's own; NotFound for others."""
    rows = Invitation.objects.filter(public_id=public_id, volunteer__person_id=actor.person_id or 0)
    found = rows.select_related("want__team__place", "want__place").prefetch_related("want__skills").first()
    if found is None:
        raise NotFound
    waits = found.state == InvitationState.OPEN and not found.put_away and found.ends_at > clock.now()
    return InvitationStory(
        found,
        open=waits and rules.is_wanted(found.want) and found.want.team.active,
        joined=found.state == InvitationState.JOINED,
    )


# ── plans ───────────────────────────────────────────────────────────────────
def places_to_plan(actor: Actor) -> QuerySet[Place]:
    """Places the actor keeps, and the divisions right below them."""
    keys = [int(path.strip("/").rpartition("/")[2]) for path in people_rules.held(actor, rules.KEEPERS) if path != "/"]
    rows = Place.objects.filter(Q(pk__in=keys) | Q(parent_id__in=keys, kind__is_division=True))
    return rows.only("public_id", "name", "name_en", "path", "depth").order_by("depth", "sort_key", "id")


def allocations(actor: Actor) -> QuerySet[Allocation]:
    """Plans of the actor's places."""
    return Allocation.objects.filter(rules.allocations_visible_to(actor)).select_related("place", "asked_by")


def allocation_by_id(actor: Actor, public_id: UUID) -> Allocation:
    """One plan; NotFound when it is not the actor's to see."""
    found = allocations(actor).select_related("confirmed_by").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def line_by_id(actor: Actor, plan: Allocation, public_id: UUID) -> AllocationLine:
    """One line of a plan; NotFound."""
    found = plan.lines.select_related("allocation").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def lines_of(plan: Allocation) -> QuerySet[AllocationLine]:
    """Who is proposed for what."""
    rows = plan.lines.select_related("want__team", "want__place", "volunteer__person", "volunteer__base_place")
    return rows.prefetch_related("want__skills")


def going(plan: Allocation) -> int:
    """How many lines are not struck out."""
    return plan.lines.filter(struck=False).count()


def line_in_words(line: AllocationLine) -> Fit:
    """Why he is proposed, with what was known when it was calculated."""
    needed = sorted(line.want.skills.all(), key=lambda skill: skill.pk)
    return Fit(line.volunteer, reasons(line.volunteer, line.want, needed, line.km, line.served, line.teams))


@dataclass(frozen=True, slots=True)
class WantGap:
    """Why places of a want stay empty, in words, and how many people passed each question."""

    row: AllocationGap
    why: str
    people: str


def gaps_of(plan: Allocation) -> QuerySet[AllocationGap]:
    return plan.gaps.select_related("want__team", "want__place")


def gap_in_words(row: AllocationGap) -> WantGap:
    return WantGap(row, str(WANT_LACKS.get(row.lack, WANT_LACKS["taken"])), passed(row.people))


def passed(people: Mapping[str, int]) -> str:
    """12 can do it, 3 of them are near, 1 of them has time."""
    said = {
        "skill": lambda n: ngettext("会做的 %(n)d 人", "会做的 %(n)d 人", n) % {"n": n},
        "distance": lambda n: ngettext("其中够近的 %(n)d 人", "其中够近的 %(n)d 人", n) % {"n": n},
        "time": lambda n: ngettext("其中有空的 %(n)d 人", "其中有空的 %(n)d 人", n) % {"n": n},
        "taken": lambda n: ngettext("其中还没安排的 %(n)d 人", "其中还没安排的 %(n)d 人", n) % {"n": n},
    }
    told: list[str] = []
    for question in QUESTIONS:
        if question not in people:
            continue
        told.append(said[question](people[question]))
        if not people[question]:
            break
    return _("，").join(told)


def missing(plan: Allocation) -> int:
    """How many places stay empty."""
    return plan.gaps.aggregate(n=Sum("empty"))["n"] or 0
