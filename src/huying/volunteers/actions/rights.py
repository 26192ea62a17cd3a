"""What this room keeps about a person, and how it forgets him."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from huying.kernel import clock, events
from huying.kernel.actor import Actor
from huying.people import actions as people_actions
from huying.people.models import Person
from huying.volunteers import rules
from huying.volunteers.actions.joining import VolunteerLeft
from huying.volunteers.actions.teams import end
from huying.volunteers.models import Membership, Volunteer


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


RIGHTS = people_actions.Rights(export=export, erase=erase)
