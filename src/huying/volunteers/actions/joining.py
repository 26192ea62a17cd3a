"""Joining, resting and leaving: the person's own choice (条例 art. 25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, SignInNeeded
from huying.kernel.transactions import begin
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.people.states import PersonMoved
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.oneself import own
from huying.volunteers.actions.placing import place
from huying.volunteers.actions.teams import end
from huying.volunteers.actions.wanting import end_invitations_of
from huying.volunteers.models import Language, Membership, ServiceCategory, Skill, Stay, Team, Volunteer
from huying.volunteers.states import SLOTS

LONGEST_REST = timedelta(days=366)


class ChildrenNeedCompany(Forbidden):
    code = "children_need_company"
    message = _("未满 14 周岁暂不能单独登记为志愿者，请由监护人带着参加活动。")


class RestUnclear(InvalidInput):
    code = "rest_unclear"
    message = _("请选今天以后、一年以内的日期。")


@dataclass(frozen=True, slots=True)
class VolunteerLeft:
    """A volunteer stopped. Reactions give back what he had taken on."""

    volunteer_id: int


@dataclass(frozen=True, slots=True)
class VolunteerCounts:
    """A volunteer joined, came back, serves from another place or stopped: what he adds to the figures has changed."""

    volunteer_id: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a volunteer says about himself: where he starts from, what he can do, how far and how much he takes on.

    ``travel_km`` straight-line kilometres; ``weekly_limit`` open calls at once; ``shares_phone``: those he goes to may
    see his number (志愿服务条例 art. 20). ``availability``: parts of the week, see Volunteer.
    """

    base_place: Place
    skills: Sequence[Skill] = ()
    travel_km: float = 3
    weekly_limit: int = 5
    shares_phone: bool = False
    languages: Sequence[Language] = ()
    categories: Sequence[ServiceCategory] = ()
    availability: Sequence[int] = ()


def save_profile(*, actor: Actor, profile: Profile) -> Volunteer:
    """Join, come back after having left (the earlier time stays counted), or change what one offers. Raises
    ChildrenNeedCompany, SignInNeeded.

    He is reckoned from the public position of his base, never from his home.
    """
    if actor.person_id is None:
        raise SignInNeeded
    with begin(actor):
        person = locks.one(Person, pk=actor.person_id)
        if people_rules.is_child(person, clock.today()):
            raise ChildrenNeedCompany
        volunteer = Volunteer.objects.filter(person=person).first() or Volunteer(person=person)
        fresh = volunteer.pk is None or volunteer.left_at is not None
        if volunteer.left_at is not None:
            past = {"joined_at": volunteer.joined_at, "left_at": volunteer.left_at}
            Stay.objects.create(volunteer=volunteer, place_id=volunteer.base_place_id, **past)
        if fresh:
            volunteer.joined_at, volunteer.left_at = clock.now(), None
        base, moved = profile.base_place, volunteer.base_place_id != profile.base_place.pk
        if person.home_place_id is None and not fresh and volunteer.base_place_id != base.pk:
            events.publish(PersonMoved(person_id=person.pk))
        volunteer.base_place, volunteer.lon, volunteer.lat = base, base.lon, base.lat
        volunteer.travel_km, volunteer.weekly_limit = profile.travel_km, profile.weekly_limit
        volunteer.shares_phone = profile.shares_phone
        volunteer.availability = sorted({slot for slot in profile.availability if 0 <= slot < SLOTS})
        volunteer.save()
        volunteer.skills.set(profile.skills)
        place([volunteer.pk])
        volunteer.languages.set(profile.languages)
        volunteer.categories.set(profile.categories)
        if fresh or moved:
            events.publish(VolunteerCounts(volunteer_id=volunteer.pk))
        audit.record(actor, "volunteer.join" if fresh else "volunteer.change", volunteer, place_path=base.path)
        return volunteer


def pause(*, actor: Actor, until: date | None) -> Volunteer:
    """Rest until that day (included), nobody asks meanwhile; None: be asked again from now on. No reason is wanted."""
    with begin(actor):
        volunteer = own(actor)
        if until is not None and not clock.today() <= until <= clock.today() + LONGEST_REST:
            raise RestUnclear(fields={"until": RestUnclear.message})
        volunteer.paused_until = until
        volunteer.save(update_fields=["paused_until"])
        audit.record(actor, "volunteer.pause" if until else "volunteer.resume", volunteer)
        return volunteer


def leave(*, actor: Actor) -> Volunteer:
    """Stop being a volunteer: memberships end, invitations too, calls taken on go back to the station, the record of service
    stays.
    """
    with begin(actor):
        mine = Membership.objects.filter(rules.PRESENT, volunteer__person_id=actor.person_id or 0)
        locks.many(Team.objects.filter(pk__in=mine.values("team_id")))
        volunteer = own(actor)
        volunteer.left_at, volunteer.paused_until = clock.now(), None
        volunteer.save(update_fields=["left_at", "paused_until"])
        for membership in Membership.objects.filter(rules.PRESENT, volunteer=volunteer):
            end(membership)
        end_invitations_of(volunteer)
        audit.record(actor, "volunteer.leave", volunteer, place_path=volunteer.base_place.path)
        events.publish(VolunteerLeft(volunteer_id=volunteer.pk))
        events.publish(VolunteerCounts(volunteer_id=volunteer.pk))
        return volunteer
