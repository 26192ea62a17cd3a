"""Teams: founded by keepers, joined by oneself, answered for by their leaders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.oneself import own
from huying.volunteers.models import Membership, Skill, Team, TeamKind, Volunteer


class TeamNameTaken(Conflict):
    code = "team_name_taken"
    message = _("这个地方已经有同名的队伍。")


class TeamCircle(Conflict):
    code = "team_circle"
    message = _("上级队伍不能是它自己，也不能是它下面的队伍。")


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
class TeamFacts:
    """What a team is: its name and place, what it does, how many calls it holds at once."""

    name: str
    place: Place
    about: str = ""
    skills: Sequence[Skill] = ()
    open_limit: int = 20
    active: bool = True
    kind: TeamKind | None = None
    parent: Team | None = None


def save_team(*, actor: Actor, facts: TeamFacts, team: Team | None = None) -> Team:
    """Found a team, or change one. Raises Forbidden, TeamNameTaken, TeamCircle."""
    with begin(actor):
        fresh = locked_chain(team, facts.parent)
        if not rules.can_make_team(actor, facts.place) or (team and not rules.can_keep_team(actor, fresh)):
            raise Forbidden
        if Team.objects.filter(place=facts.place, name=facts.name).exclude(pk=fresh.pk).exists():
            raise TeamNameTaken(fields={"name": TeamNameTaken.message})
        fresh.name, fresh.place, fresh.about = facts.name, facts.place, facts.about
        fresh.open_limit, fresh.active = facts.open_limit, facts.active
        fresh.kind = facts.kind
        if (
            facts.parent != (fresh.parent if fresh.pk else None)
            and facts.parent
            and not may_belong(actor, facts.parent)
        ):
            raise Forbidden
        fresh.parent = facts.parent
        try:
            with transaction.atomic():
                fresh.save()
        except IntegrityError:  # somebody else took the name in this very moment
            raise TeamNameTaken(fields={"name": TeamNameTaken.message}) from None
        fresh.skills.set(facts.skills)
        audit.record(actor, "team.change" if team else "team.make", fresh, place_path=facts.place.path)
        return fresh


def locked_chain(team: Team | None, parent: Team | None) -> Team:
    """The team (a new one for None), locked with its parent to be and all above it. Raises TeamCircle.

    Two who would close a circle from both ends meet at these locks; the second sees what the first has done.
    """
    above = [one.pk for one in chain(parent)]
    locked = locks.many(Team.objects.filter(pk__in=[*above, team.pk if team else 0]))
    now = {one.pk for one in chain(parent)}
    if not now <= {one.pk for one in locked}:
        raise Conflict
    if team is None:
        return Team()
    if team.pk in now:
        raise TeamCircle(fields={"parent": TeamCircle.message})
    found = next((one for one in locked if one.pk == team.pk), None)
    if found is None:
        raise NotFound
    return found


def chain(team: Team | None) -> list[Team]:
    """The team and every team above it, as the database has them now."""
    found: list[Team] = []
    key = team.pk if team else None
    while key is not None and key not in {one.pk for one in found}:
        row = Team.objects.filter(pk=key).first()
        if row is None:
            break
        found.append(row)
        key = row.parent_id
    return found


def may_belong(actor: Actor, parent: Team) -> bool:
    """Under a team goes another when a keeper or a leader of the upper one says so."""
    return rules.can_keep_members(actor, parent)


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
