"""What people do as volunteers and with teams. Joining, resting and leaving are the person's own choice (条例 art.
25).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInNeeded
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.models import Membership, Skill, Team, Volunteer

LONGEST_REST = timedelta(days=366)


class ChildrenNeedCompany(Forbidden):
    code = "children_need_company"
    message = _("未满 14 周岁暂不能单独登记为志愿者，请由监护人带着参加活动。")


class RestUnclear(InvalidInput):
    code = "rest_unclear"
    message = _("请选今天以后、一年以内的日期。")


class NotAVolunteer(Conflict):
    code = "not_a_volunteer"
    message = _("您还没有登记为志愿者。")


class TeamNameTaken(Conflict):
    code = "team_name_taken"
    message = _("这个地方已经有同名的队伍。")


class AlreadyMember(Conflict):
    code = "already_member"
    message = _("已经在这支队伍里了。")


class NotAgreed(InvalidInput):
    code = "not_agreed"
    message = _("请先征得本人同意。")


class LastLeader(Conflict):
    code = "last_leader"
    message = _("队伍至少要有一位队长，请先指定另一位。")


@dataclass(frozen=True, slots=True)
class VolunteerLeft:
    """A volunteer stopped. Reactions give back what he had taken on."""

    volunteer_id: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a volunteer says about himself: where he starts from, what he can do, how far and how much he takes on.

    ``travel_km`` straight-line kilometres; ``weekly_limit`` open calls at once; ``shares_phone``: those he goes to may
    see his number (志愿服务条例 art. 20).
    """

    base_place: Place
    skills: Sequence[Skill] = ()
    travel_km: float = 3
    weekly_limit: int = 5
    shares_phone: bool = False


def save_profile(*, actor: Actor, profile: Profile) -> Volunteer:
    """Join, come back after having left, or change what one offers. Raises ChildrenNeedCompany, SignInNeeded.

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
        if fresh:
            volunteer.joined_at, volunteer.left_at = clock.now(), None
        base = profile.base_place
        volunteer.base_place, volunteer.lon, volunteer.lat = base, base.lon, base.lat
        volunteer.travel_km, volunteer.weekly_limit = profile.travel_km, profile.weekly_limit
        volunteer.shares_phone = profile.shares_phone
        volunteer.save()
        volunteer.skills.set(profile.skills)
        audit.record(actor, "volunteer.join" if fresh else "volunteer.change", volunteer, place_path=base.path)
        return volunteer


def own(actor: Actor) -> Volunteer:
    """The actor's own row, locked; NotAVolunteer."""
    row = Volunteer.objects.filter(person_id=actor.person_id or 0, left_at__isnull=True).first()
    if row is None:
        raise NotAVolunteer
    return locks.one(Volunteer, pk=row.pk)


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
    """Stop being a volunteer: memberships end, calls taken on go back to the station, the record of service stays."""
    with begin(actor):
        mine = Membership.objects.filter(rules.PRESENT, volunteer__person_id=actor.person_id or 0)
        locks.many(Team.objects.filter(pk__in=mine.values("team_id")))
        volunteer = own(actor)
        volunteer.left_at, volunteer.paused_until = clock.now(), None
        volunteer.save(update_fields=["left_at", "paused_until"])
        for membership in Membership.objects.filter(rules.PRESENT, volunteer=volunteer):
            end(membership)
        audit.record(actor, "volunteer.leave", volunteer, place_path=volunteer.base_place.path)
        events.publish(VolunteerLeft(volunteer_id=volunteer.pk))
        return volunteer


# ── one's rights ────────────────────────────────────────────────────────────
def export(person: Person) -> Iterable[people_actions.Section]:
    """The volunteer's profile and his teams, for his copy of everything."""
    names = {
        "place": gettext("从哪里出发"),
        "skills": gettext("会做什么"),
        "travel_km": gettext("愿意去多远"),
        "shares_phone": gettext("让对方看到电话"),
        "joined_at": gettext("登记时间"),
        "left_at": gettext("退出时间"),
        "team": gettext("队伍"),
        "is_leader": gettext("队长"),
    }
    rows = [
        {
            "place": one.base_place.name,
            "skills": [skill.name for skill in one.skills.all()],
            "travel_km": one.travel_km,
            "shares_phone": one.shares_phone,
            "joined_at": one.joined_at,
            "left_at": one.left_at,
        }
        for one in Volunteer.objects.filter(person=person).select_related("base_place").prefetch_related("skills")
    ]
    yield people_actions.Section("volunteer", gettext("我的志愿登记"), rows, names)
    teams = Membership.objects.filter(volunteer__person=person).select_related("team").order_by("id")
    mine = [
        {"team": one.team.name, "is_leader": one.is_leader, "starts_at": one.starts_at, "ends_at": one.ends_at}
        for one in teams
    ]
    yield people_actions.Section("teams", gettext("我的队伍"), mine, names)


def erase(actor: Actor, person: Person) -> None:
    """Who is forgotten volunteers no more; that somebody served stays, ten years and without a face (GB/T 40143)."""
    volunteer = Volunteer.objects.filter(person=person).first()
    if volunteer is None:
        return
    for membership in Membership.objects.filter(rules.PRESENT, volunteer=volunteer):
        end(membership)
    volunteer.skills.clear()
    volunteer.lon = volunteer.lat = volunteer.paused_until = None
    volunteer.left_at, volunteer.shares_phone = volunteer.left_at or clock.now(), False
    volunteer.save()
    events.publish(VolunteerLeft(volunteer_id=volunteer.pk))


RIGHTS = people_actions.Rights(
    export=export,
    erase=erase,
    one_each={"volunteers.Volunteer": _("两份资料都登记过志愿服务，服务记录不能混在一起，请联系系统管理员核对。")},
)


# ── teams ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class TeamFacts:
    """What a team is: its name and place, what it does, how many calls it holds at once."""

    name: str
    place: Place
    about: str = ""
    skills: Sequence[Skill] = ()
    open_limit: int = 20
    active: bool = True


def save_team(*, actor: Actor, facts: TeamFacts, team: Team | None = None) -> Team:
    """Found a team, or change one. Raises Forbidden, TeamNameTaken."""
    with begin(actor):
        fresh = locks.one(Team, pk=team.pk) if team else Team()
        if not rules.can_make_team(actor, facts.place) or (team and not rules.can_keep_team(actor, fresh)):
            raise Forbidden
        if Team.objects.filter(place=facts.place, name=facts.name).exclude(pk=fresh.pk).exists():
            raise TeamNameTaken(fields={"name": TeamNameTaken.message})
        fresh.name, fresh.place, fresh.about = facts.name, facts.place, facts.about
        fresh.open_limit, fresh.active = facts.open_limit, facts.active
        try:
            with transaction.atomic():
                fresh.save()
        except IntegrityError:  # somebody else took the name in this very moment
            raise TeamNameTaken(fields={"name": TeamNameTaken.message}) from None
        fresh.skills.set(facts.skills)
        audit.record(actor, "team.change" if team else "team.make", fresh, place_path=facts.place.path)
        return fresh


def join_team(*, actor: Actor, team: Team) -> Membership:
    """Join by oneself a team of one's neighbourhood. Raises NotAVolunteer, AlreadyMember, NotFound."""
    with begin(actor):
        fresh = locks.one(Team, pk=team.pk, active=True)
        if not Team.objects.filter(rules.teams_open_to(actor), pk=fresh.pk).exists():
            raise NotFound
        return enrol(actor, fresh, own(actor), is_leader=False)


def add_member(*, actor: Actor, team: Team, volunteer: Volunteer, agreed: bool, is_leader: bool = False) -> Membership:
    """Write down somebody who said yes; he is told, and may leave at once. Raises Forbidden, NotAgreed, AlreadyMember.

    Only keepers name leaders.
    """
    if not agreed:
        raise NotAgreed(fields={"agreed": NotAgreed.message})
    with begin(actor):
        fresh = locks.one(Team, pk=team.pk)
        may = rules.can_keep_team(actor, fresh) if is_leader else rules.can_keep_members(actor, fresh)
        if not may:
            raise Forbidden
        row = locks.one(Volunteer, pk=volunteer.pk, left_at__isnull=True)
        made = enrol(actor, fresh, row, is_leader=is_leader)
        tell(actor, row, gettext("您已加入%(team)s") % {"team": fresh.name}, fresh)
        return made


def enrol(actor: Actor, team: Team, volunteer: Volunteer, *, is_leader: bool) -> Membership:
    if Membership.objects.filter(rules.PRESENT, team=team, volunteer=volunteer).exists():
        raise AlreadyMember
    made = Membership.objects.create(team=team, volunteer=volunteer, is_leader=is_leader, starts_at=clock.now())
    audit.record(actor, "team.member", team, place_path=team.place.path, changes={"volunteer": volunteer.pk})
    return made


def end_membership(*, actor: Actor, team: Team, volunteer: Volunteer) -> Membership:
    """Leave a team, or take somebody out of it; leaders are taken out by keepers. Raises Forbidden, NotFound,
    LastLeader.
    """
    with begin(actor):
        fresh = locks.one(Team, pk=team.pk)
        himself = volunteer.person_id == actor.person_id
        if not (himself or rules.can_keep_members(actor, fresh)):
            raise Forbidden
        membership = present(fresh, volunteer)
        if membership.is_leader and not himself:
            if not rules.can_keep_team(actor, fresh):
                raise Forbidden
            need_other_leader(membership)
        end(membership)
        audit.record(actor, "team.member_end", fresh, place_path=fresh.place.path, changes={"volunteer": volunteer.pk})
        if not himself:
            tell(actor, volunteer, gettext("您已退出%(team)s") % {"team": fresh.name}, fresh)
        return membership


def set_leader(*, actor: Actor, team: Team, volunteer: Volunteer, is_leader: bool) -> Membership:
    """Make a member a leader, who answers for the team, or an ordinary member again. Raises Forbidden, LastLeader."""
    with begin(actor):
        fresh = locks.one(Team, pk=team.pk)
        if not rules.can_keep_team(actor, fresh):
            raise Forbidden
        membership = present(fresh, volunteer)
        if membership.is_leader and not is_leader:
            need_other_leader(membership)
        membership.is_leader = is_leader
        membership.save(update_fields=["is_leader"])
        changes = {"volunteer": volunteer.pk, "is_leader": is_leader}
        audit.record(actor, "team.leader", fresh, place_path=fresh.place.path, changes=changes)
        return membership


def present(team: Team, volunteer: Volunteer) -> Membership:
    found = Membership.objects.filter(rules.PRESENT, team=team, volunteer=volunteer).first()
    if found is None:
        raise NotFound
    return found


def need_other_leader(membership: Membership) -> None:
    """A team nobody answers for cannot be dispatched to; only a leader himself may leave it so."""
    others = Membership.objects.filter(rules.PRESENT, team_id=membership.team_id, is_leader=True)
    if not others.exclude(pk=membership.pk).exists():
        raise LastLeader


def end(membership: Membership) -> None:
    """End it now; one that began this very moment is ended a moment later, since a span is never empty."""
    membership.ends_at = max(clock.now(), membership.starts_at + timedelta(microseconds=1))
    membership.save(update_fields=["ends_at"])


def tell(actor: Actor, volunteer: Volunteer, title: str, team: Team) -> None:
    people_actions.send_notice(
        actor=actor,
        person=volunteer.person,
        title=title,
        body=gettext("不愿意的话，可以随时在队伍页面退出。"),
        url=reverse("volunteers:team", args=[team.public_id]),
    )
