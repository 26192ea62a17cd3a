"""What people do about volunteering: join by one's own choice, rest, leave; keepers form teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, SignInNeeded
from huying.kernel.transactions import begin
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.models import Membership, Skill, Team, Volunteer


class ChildrenNeedCompany(Forbidden):
    code = "children_need_company"
    message = _("未满 14 周岁暂不能单独登记为志愿者，请由监护人带着参加活动。")


class PauseInPast(InvalidInput):
    code = "pause_in_past"
    message = _("请选择今天或以后的日期。")


class TeamNameTaken(Conflict):
    code = "team_name_taken"
    message = _("这个地方已经有同名的队伍。")


class AlreadyMember(Conflict):
    code = "already_member"
    message = _("这位志愿者已经在队里。")


class TeamNeedsLeader(Conflict):
    code = "team_needs_leader"
    message = _("队伍至少要有一位队长，请先指定另一位。")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a volunteer says about himself: skills, base, kilometres he travels, calls a week at most."""

    base_place: Place
    skills: Sequence[Skill] = ()
    travel_km: float = 3
    weekly_limit: int = 5


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """What a team is: its name and place, what it does, how many calls it holds at once."""

    name: str
    place: Place
    about: str = ""
    skills: Sequence[Skill] = ()
    open_limit: int = 20
    active: bool = True


def save_profile(*, actor: Actor, profile: Profile) -> Volunteer:
    """Join, come back, or change one's own profile (志愿服务条例 art. 7: by one's own choice). Raises ChildrenNeedCompany."""
    if actor.person_id is None:
        raise SignInNeeded
    with begin(actor):
        person = locks.one(Person, pk=actor.person_id)
        if person.birth_date and people_rules.is_child(person.birth_date):
            raise ChildrenNeedCompany
        volunteer = Volunteer.objects.filter(person=person).first() or Volunteer(person=person, joined_at=clock.now())
        volunteer.base_place, volunteer.lon, volunteer.lat = profile.base_place, *around(profile.base_place)
        volunteer.travel_km, volunteer.weekly_limit = profile.travel_km, profile.weekly_limit
        volunteer.left_at = None
        volunteer.save()
        volunteer.skills.set(profile.skills)
        audit.record(actor, "volunteer.save", volunteer, place_path=profile.base_place.path)
        return volunteer


def around(place: Place) -> tuple[float | None, float | None]:
    """The position a volunteer is reckoned from: the public one of his base, never his home."""
    return place.lon, place.lat


def pause(*, actor: Actor, volunteer: Volunteer, until: date | None) -> Volunteer:
    """Rest until a day, that day included; None ends the rest at once. No reason is asked (domain 7, safeguard 1)."""
    if not rules.can_pause(actor, volunteer):
        raise Forbidden
    if until is not None and until < clock.today():
        raise PauseInPast(fields={"until": PauseInPast.message})
    with begin(actor):
        fresh = locks.one(Volunteer, pk=volunteer.pk)
        fresh.paused_until = until
        fresh.save(update_fields=["paused_until"])
        return fresh


def leave(*, actor: Actor, volunteer: Volunteer) -> Volunteer:
    """Stop volunteering; teams are left too, what was done stays on record."""
    if not rules.can_pause(actor, volunteer):
        raise Forbidden
    with begin(actor):
        fresh = locks.one(Volunteer, pk=volunteer.pk)
        fresh.left_at = clock.now()
        fresh.save(update_fields=["left_at"])
        fresh.memberships.filter(ends_at__isnull=True).update(ends_at=clock.now())
        audit.record(actor, "volunteer.leave", fresh, place_path=fresh.base_place.path)
        return fresh


def save_team(*, actor: Actor, facts: TeamFacts, team: Team | None = None) -> Team:
    """Found a team or change it. Raises Forbidden, TeamNameTaken."""
    if not rules.can_keep_teams(actor, facts.place) or (team and not rules.can_keep_teams(actor, team.place)):
        raise Forbidden
    with begin(actor):
        row = locks.one(Team, pk=team.pk) if team else Team()
        if Team.objects.filter(place=facts.place, name=facts.name).exclude(pk=row.pk).exists():
            raise TeamNameTaken(fields={"name": TeamNameTaken.message})
        row.name, row.place, row.about = facts.name, facts.place, facts.about
        row.open_limit, row.active = facts.open_limit, facts.active
        row.save()
        row.skills.set(facts.skills)
        audit.record(actor, "team.save", row, place_path=facts.place.path)
        return row


def add_member(*, actor: Actor, team: Team, volunteer: Volunteer, is_leader: bool = False) -> Membership:
    """Take a volunteer into the team. Raises Forbidden, AlreadyMember."""
    if not rules.can_change_members(actor, team):
        raise Forbidden
    with begin(actor):
        locks.one(Team, pk=team.pk)
        if team.memberships.filter(volunteer=volunteer, ends_at__isnull=True).exists():
            raise AlreadyMember(fields={"volunteer": AlreadyMember.message})
        made = Membership.objects.create(
            team=team, volunteer=volunteer, is_leader=is_leader, starts_at=clock.now()
        )
        audit.record(actor, "team.add", made, place_path=team.place.path)
        return made


def end_membership(*, actor: Actor, membership: Membership) -> None:
    """Take a volunteer out of the team, or leave it oneself. Raises Forbidden, TeamNeedsLeader."""
    own = membership.volunteer.person_id == actor.person_id
    if not own and not rules.can_change_members(actor, membership.team):
        raise Forbidden
    with begin(actor):
        locks.one(Team, pk=membership.team_id)
        need_other_leader(membership)
        Membership.objects.filter(pk=membership.pk, ends_at__isnull=True).update(ends_at=clock.now())
        audit.record(actor, "team.remove", membership, place_path=membership.team.place.path)


def set_leader(*, actor: Actor, membership: Membership, is_leader: bool) -> None:
    """Make somebody a leader, or no longer. Raises Forbidden, TeamNeedsLeader."""
    if not rules.can_keep_teams(actor, membership.team.place):
        raise Forbidden
    with begin(actor):
        locks.one(Team, pk=membership.team_id)
        if not is_leader:
            need_other_leader(membership)
        Membership.objects.filter(pk=membership.pk, ends_at__isnull=True).update(is_leader=is_leader)
        audit.record(actor, "team.leader", membership, changes={"leader": is_leader})


def need_other_leader(membership: Membership) -> None:
    others = membership.team.memberships.filter(is_leader=True, ends_at__isnull=True).exclude(pk=membership.pk)
    if membership.is_leader and not others.exists():
        raise TeamNeedsLeader
