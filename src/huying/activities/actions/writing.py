"""Writing an activity down: what, whose, when, for whom, with how many places; drafts, templates, copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.activities import rules
from huying.activities.actions.joining import promote
from huying.activities.actions.refusals import CapacityTooSmall, NotReady, SharesUnclear, StepRefused, TimesUnclear
from huying.activities.actions.rooms import change_rooms, following
from huying.activities.actions.steps import locked, remember, shifts_of
from huying.activities.models import Activity, ActivityKind, ActivityRole, Party, Session, Shift, Theme
from huying.activities.queries.listing import themes
from huying.activities.states import (
    ACTIVITY_STEPS,
    LONGEST_SESSION_DAYS,
    MOST_ROLES,
    WHOLE,
    ActivityState,
    SessionState,
    Side,
)
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.search import pieces, search_text
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.volunteers.models import ServiceCategory, Skill, Team

FARTHEST = timedelta(days=5 * 366)
"""From today, either way: what is farther off is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What one can be, and how many places there are for it in each session."""

    name: str
    capacity: int
    is_volunteer: bool = False
    about: str = ""
    skills: Sequence[Skill] = ()
    category: ServiceCategory | None = None


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A unit or team with its side and its share of the credit in hundredths of a per cent."""

    name: str
    side: Side = Side.HOST
    share: int = WHOLE
    team: Team | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is written about an activity. Moments aware; ``rrule`` RFC 5545 or empty for once."""

    kind: ActivityKind
    place: Place
    title: str
    starts_at: datetime
    ends_at: datetime
    contact_name: str
    rrule: str = ""
    contact_phone: str = ""
    summary: str = ""
    about: str = ""
    programme: str = ""
    audience: str = ""
    bring: str = ""
    risks: str = ""
    guarantees: str = ""
    age_from: int | None = None
    age_to: int | None = None
    venue: Place | None = None
    where: str = ""
    themes: Sequence[Theme] = ()
    needs_sign_up: bool = True
    takes_groups: bool = False
    closes_minutes: int = 0
    confirm_hours: int = 24
    is_template: bool = False
    roles: Sequence[RoleFacts] = field(default=())
    parties: Sequence[PartyFacts] = field(default=())


TEXTS = (
    "kind",
    "place",
    "title",
    "summary",
    "about",
    "programme",
    "audience",
    "bring",
    "risks",
    "guarantees",
    "contact_name",
    "contact_phone",
    "age_from",
    "age_to",
    "venue",
    "where",
    "needs_sign_up",
    "takes_groups",
    "closes_minutes",
    "confirm_hours",
)


def save_draft(*, actor: Actor, facts: Facts, activity: Activity | None = None) -> Activity:
    """Write a draft or a template, new or again. Raises Forbidden, StepRefused, SharesUnclear, TimesUnclear, RuleUnclear."""
    with begin(actor):
        fresh = locked(actor, activity) if activity else Activity(created_by_id=actor.person_id)
        if not rules.can_make(actor, facts.place):
            raise Forbidden
        if fresh.state != ActivityState.DRAFT:
            raise StepRefused(state=ActivityState(fresh.state).label, verb=ACTIVITY_STEPS["publish"].label)
        fresh.is_template, fresh.rrule = facts.is_template, facts.rrule and rules.normal(facts.rrule)
        fresh.first_at, fresh.length = facts.starts_at, check_times(facts.starts_at, facts.ends_at)
        write(fresh, facts)
        fresh.sessions.all().delete()
        fresh.roles.all().delete()
        made = [ActivityRole(activity=fresh, order=n, **plain(one)) for n, one in enumerate(roles_of(facts))]
        for role, given in zip(ActivityRole.objects.bulk_create(made), roles_of(facts), strict=True):
            role.skills.set(given.skills)
        make_sessions(fresh, facts)
        tag(fresh)
        if activity is None:
            remember(actor, fresh, "make", tell=False)
        return fresh


def change(*, actor: Actor, activity: Activity, facts: Facts) -> Activity:
    """Change what is written of a published activity and tell those who signed up; times change by ``move_session``.

    Sessions that take place where the activity does follow it to another venue, with their rooms. Places of a role can
    grow at any time, and shrink down to those taken. Raises CapacityTooSmall, SharesUnclear, SpaceTaken, NotReady; then
    nothing is changed.
    """
    with begin(actor):
        moved = elsewhere(actor, activity, facts)
        fresh = locked(actor, activity)
        if not rules.can_make(actor, facts.place):
            raise Forbidden
        if fresh.state != ActivityState.PUBLISHED:
            raise StepRefused(state=ActivityState(fresh.state).label, verb=ACTIVITY_STEPS["publish"].label)
        before = {name: getattr(fresh, name) for name in TEXTS}
        fresh.sequence += 1
        write(fresh, facts)
        changed = [name for name in TEXTS if getattr(fresh, name) != before[name]]
        keep_roles(actor, fresh, list(planned(fresh)), roles_of(facts))
        check_told(fresh)
        Session.objects.filter(pk__in=moved).update(venue=fresh.venue, where=fresh.where)
        tag(fresh)
        remember(actor, fresh, "change", tell=bool({"venue", "where", "bring"} & set(changed)), changed=changed)
        return fresh


def planned(activity: Activity) -> QuerySet[Session]:
    """Its sessions that are still to come or under way."""
    return activity.sessions.filter(state=SessionState.PLANNED, ends_at__gt=clock.now()).order_by("starts_at", "id")


def elsewhere(actor: Actor, activity: Activity, facts: Facts) -> list[int]:
    """The keys of the sessions that follow the activity to where it is now; their rooms have moved. SpaceTaken."""
    standing = Activity.objects.get(pk=activity.pk)
    if not rules.can_write(actor, standing):
        raise Forbidden
    rows = following(standing, list(planned(standing).select_related("activity", "venue__kind")))
    if standing.venue_id != (facts.venue.pk if facts.venue else None):
        change_rooms(actor, rows, facts.venue)
    return [one.pk for one in rows]


def untold(activity: Activity) -> dict[str, Promise]:
    """What a notice of recruitment must say (志愿服务条例 art. 12, GB/T 40143 6.1) and does not, by field of the form."""
    found: dict[str, Promise] = {}
    if not (activity.venue_id or activity.where):
        found["where"] = _("地点")
    if activity.needs_sign_up and not activity.roles.exists():
        found["roles"] = _("报名的名额")
    if activity.roles.filter(is_volunteer=True).exists() and not activity.risks.strip():
        found["risks"] = _("招募志愿者要写明可能的风险")
    return found


def check_told(activity: Activity) -> None:
    """What was published stays as complete as it had to be. NotReady, beside the fields."""
    missing = untold(activity)
    if missing:
        said = NotReady(what="；".join(str(one) for one in missing.values()))
        said.fields = {name: str(said) for name in missing}
        raise said


def write(activity: Activity, facts: Facts) -> None:
    """Texts, search, parties and chosen themes of an activity that may be changed."""
    for name in TEXTS:
        setattr(activity, name, getattr(facts, name))
    activity.changed_at = clock.now()
    activity.search_text = search_text(facts.title, facts.summary, facts.kind.name, facts.where)
    activity.search_terms = pieces(activity.search_text)
    activity.save()
    activity.chosen_themes.set(facts.themes)
    keep_parties(activity, facts.parties)


def keep_parties(activity: Activity, parties: Sequence[PartyFacts]) -> None:
    """The units with their shares as neighbouring slices of the whole. SharesUnclear unless they fill it exactly."""
    total = sum(one.share for one in parties)
    if parties and (total != WHOLE or any(one.share < 0 for one in parties)):
        said = SharesUnclear(total=f"{total / 100:g}")
        said.fields = {"parties": str(said)}
        raise said
    if len({one.name for one in parties}) != len(parties):
        raise InvalidInput(fields={"parties": InvalidInput.message})
    activity.parties.all().delete()
    rows, at = [], 0
    for one in parties:
        party = Party(activity=activity, name=one.name, side=one.side, team=one.team, place=one.place)
        party.part_from, party.part_to = at, at + one.share
        rows.append(party)
        at += one.share
    Party.objects.bulk_create(rows)


def roles_of(facts: Facts) -> list[RoleFacts]:
    """The roles as given; no sign-up, no roles. InvalidInput for two of one name or too many."""
    roles = list(facts.roles) if facts.needs_sign_up else []
    if len(roles) > MOST_ROLES or len({one.name for one in roles}) != len(roles):
        raise InvalidInput(fields={"roles": InvalidInput.message})
    return roles


def plain(role: RoleFacts) -> dict[str, Any]:
    return {
        "name": role.name,
        "capacity": role.capacity,
        "is_volunteer": role.is_volunteer,
        "about": role.about,
        "category": role.category if role.is_volunteer else None,
    }


def make_sessions(activity: Activity, facts: Facts) -> None:
    """The sessions that the times and the rhythm give, each with its shifts. RuleUnclear."""
    length = facts.ends_at - facts.starts_at
    rules.check_end(activity.rrule, facts.starts_at)
    starts = rules.occurrences(activity.rrule, facts.starts_at)
    rows = [
        Session(activity=activity, starts_at=one, ends_at=one + length, venue=facts.venue, where=facts.where)
        for one in starts
    ]
    add_shifts(Session.objects.bulk_create(rows), list(activity.roles.all()))


def check_times(starts_at: datetime, ends_at: datetime) -> timedelta:
    """How long a session is; TimesUnclear when it ends before it begins or lasts over 31 days, or begins in a year that
    nobody can mean.
    """
    if abs(starts_at - clock.now()) > FARTHEST:
        raise TimesUnclear(fields={"starts_at": _("请写前后五年以内的日期。")})
    length = ends_at - starts_at
    if not timedelta() < length <= timedelta(days=LONGEST_SESSION_DAYS):
        raise TimesUnclear(fields={"ends_at": TimesUnclear.message})
    return length


def add_shifts(sessions: Sequence[Session], roles: Sequence[ActivityRole]) -> None:
    Shift.objects.bulk_create(
        [Shift(session=session, role=role, capacity=role.capacity) for session in sessions for role in roles]
    )


def keep_roles(actor: Actor, activity: Activity, sessions: Sequence[Session], wanted: Sequence[RoleFacts]) -> None:
    """New roles and other numbers of places, in all sessions to come; the lines move up. CapacityTooSmall."""
    shifts = shifts_of(sessions)
    known = {role.name: role for role in activity.roles.all()}
    for order, given in enumerate(wanted):
        role = known.get(given.name) or ActivityRole(activity=activity)
        fresh = role.pk is None
        for name, value in plain(given).items():
            setattr(role, name, value)
        role.order = order
        role.save()
        role.skills.set(given.skills)
        if fresh:
            add_shifts(sessions, [role])
        for shift in (one for one in shifts if one.role_id == role.pk):
            if shift.taken > given.capacity:
                raise CapacityTooSmall(role=role.name, taken=shift.taken)
            shift.capacity = given.capacity
            shift.save(update_fields=["capacity"])
            promote(actor, shift)


def tag(activity: Activity) -> None:
    """Themes by the days of its sessions, and those that were chosen (S0-1a.4)."""
    days = {clock.local(one).date() for one in activity.sessions.values_list("starts_at", flat=True)}
    # What a mechanism of the place calls by the same name stands for the one that every platform has
    rows = themes(places=[activity.place]).order_by("limited", "order", "id")
    given = {theme.name: theme for theme in rules.themes_on(days, rows)}
    activity.themes.set({*given.values(), *activity.chosen_themes.all()})


def copy(*, actor: Actor, activity: Activity, starts_at: datetime, is_template: bool = False) -> Activity:
    """A new draft with everything but the sign-ups, beginning at another time; of a template or of any activity."""
    with begin(actor):
        source = Activity.objects.select_related("kind", "place").get(pk=activity.pk)
        first = source.sessions.order_by("starts_at").first()
        length = first.ends_at - first.starts_at if first else timedelta(hours=2)
        facts = facts_of(source, starts_at, starts_at + length, is_template=is_template)
        made = save_draft(actor=actor, facts=facts)
        made.copied_from = source
        made.save(update_fields=["copied_from"])
        return made


def facts_of(activity: Activity, starts_at: datetime, ends_at: datetime, *, is_template: bool = False) -> Facts:
    """What is written of an activity, as facts to write again; a rhythm is left out, for its end is over."""
    roles = [
        RoleFacts(one.name, one.capacity, one.is_volunteer, one.about, list(one.skills.all()), one.category)
        for one in activity.roles.order_by("order", "id").select_related("category").prefetch_related("skills")
    ]
    parties = [
        PartyFacts(one.name, Side(one.side), one.share, one.team, one.place)
        for one in activity.parties.order_by("part_from", "id").select_related("team__place", "place")
    ]
    return Facts(
        **{name: getattr(activity, name) for name in TEXTS},
        starts_at=starts_at,
        ends_at=ends_at,
        themes=list(activity.chosen_themes.all()),
        is_template=is_template,
        roles=roles,
        parties=parties,
    )
