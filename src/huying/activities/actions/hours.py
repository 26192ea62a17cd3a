"""From a shift to records of service: those who served are handed in to the volunteers' room, each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from huying.activities import rules
from huying.activities.actions.holding import at_the_door
from huying.activities.actions.refusals import NotYet, SignUpMoved
from huying.activities.models import CheckIn, Session, SignUp
from huying.activities.states import TOOK_PLACE, SignUpState
from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.people.models import Person
from huying.volunteers import actions as volunteer_actions
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.actions import NotForOneself
from huying.volunteers.models import Membership, ServiceRecord, Team, Volunteer
from huying.volunteers.states import Evidence


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The records, (name, why not) of those who were refused, and who was not seen going: for them nothing was made."""

    records: tuple[ServiceRecord, ...]
    refused: tuple[tuple[str, str], ...]
    not_out: tuple[CheckIn, ...]


def hand_in_hours(*, actor: Actor, session: Session) -> HandedIn:
    """Hand in the hours of everybody who served and was seen coming and going; nobody hands in his own.

    Class A where others than himself saw both, on the spot; else class B. Again hands in what is missing only. Raises
    Forbidden, NotYet.
    """
    fresh = Session.objects.select_related("activity__place", "activity__kind").get(pk=session.pk)
    if not rules.can_run(actor, fresh.activity):
        raise Forbidden
    if fresh.state not in TOOK_PLACE:
        raise NotYet
    made: list[ServiceRecord] = []
    refused: list[tuple[str, str]] = []
    rows = served(fresh)
    volunteers = {one.person_id: one for one in volunteers_of(rows)}
    for here in rows:
        assert here.sign_up is not None and here.sign_up.person is not None
        volunteer = volunteers.get(here.sign_up.person.pk)
        if volunteer is None or here.out_at is None:
            continue
        try:
            made.append(volunteer_actions.submit_record(actor=actor, served=facts(actor, fresh, here, volunteer)))
        except DomainError as refusal:
            refused.append((here.sign_up.person.name, str(refusal)))
    not_out = tuple(one for one in rows if one.out_at is None)
    return HandedIn(tuple(made), tuple(refused), not_out)


def served(session: Session) -> list[CheckIn]:
    """Who was checked in for a role that serves, in order of arrival."""
    rows = CheckIn.objects.filter(
        session=session,
        sign_up__shift__role__is_volunteer=True,
        sign_up__person__isnull=False,
        sign_up__state=SignUpState.PRESENT,
    )
    return list(rows.select_related("sign_up__person", "sign_up__shift__role__category").order_by("id"))


def volunteers_of(rows: list[CheckIn]) -> list[Volunteer]:
    """The volunteers among those who were checked in."""
    people = [here.sign_up.person_id for here in rows if here.sign_up]
    return list(Volunteer.objects.filter(person__in=people).select_related("person"))


def span(session: Session, here: CheckIn) -> tuple[datetime, datetime]:
    """When somebody served: not before the session, not after its end, in whole minutes."""
    assert here.out_at is not None
    starts = max(here.in_at, session.starts_at).replace(second=0, microsecond=0)
    ends = min(here.out_at, session.ends_at)
    return starts, max(ends, starts + timedelta(minutes=1))


def evidence_of(here: CheckIn, volunteer: Volunteer) -> Evidence:
    """A when others than himself saw him coming and going, else B."""
    witnesses = {here.in_by_id, here.out_by_id}
    return Evidence.B if witnesses & {None, volunteer.person_id} else Evidence.A


def facts(actor: Actor, session: Session, here: CheckIn, volunteer: Volunteer) -> volunteer_actions.Served:
    """What enters the record (民政部令第67号 art. 7): activity, day, place, content, actual time, unit, person in charge."""
    assert here.sign_up is not None
    starts, ends = span(session, here)
    activity = session.activity
    host = activity.parties.order_by("part_from").first()
    leader = Person.objects.filter(pk=session.held_by_id or actor.person_id or 0).first()
    return volunteer_actions.Served(
        volunteer=volunteer,
        place=activity.place,
        title=activity.title,
        category=here.sign_up.shift.role.category,
        content=here.sign_up.shift.role.name,
        starts_at=starts,
        ends_at=ends,
        minutes=int((ends - starts).total_seconds() // 60),
        evidence=evidence_of(here, volunteer),
        team=team_of(actor, session, volunteer),
        host=host.name if host else activity.place.name,
        in_charge=leader.name if leader else activity.contact_name,
        subject=here.sign_up,
    )


def team_of(actor: Actor, session: Session, volunteer: Volunteer) -> Team | None:
    """For which of the teams that take part somebody served: his own before others. Who runs the activity as a leader
    only hands in for a team he leads, so that it reaches the queue of its other leaders.
    """
    rows = session.activity.parties.filter(team__isnull=False).select_related("team").order_by("part_from", "id")
    teams = [one.team for one in rows if one.team]
    if not rules.can_make(actor, session.activity.place):
        led = set(volunteer_rules.led_team_ids(actor))
        teams = [one for one in teams if one.pk in led]
    mine = set(
        Membership.objects.filter(volunteer_rules.PRESENT, volunteer=volunteer).values_list("team_id", flat=True)
    )
    return min(teams, key=lambda one: one.pk not in mine, default=None)


def add_leaving(*, actor: Actor, sign_up: SignUp, at: datetime) -> CheckIn:
    """Write down afterwards when somebody left who was not signed out; never for oneself. Nobody saw it on the spot, so it
    makes class B. Raises Forbidden, NotForOneself, SignUpMoved (not there, or signed out), InvalidInput, ResultsClosed.
    """
    with begin(actor):
        _shift, row = at_the_door(actor, sign_up)
        if actor.person_id is None or row.person_id == actor.person_id:
            raise NotForOneself
        here = CheckIn.objects.filter(sign_up=row).first()
        if here is None or here.out_at is not None:
            raise SignUpMoved
        if not here.in_at <= at <= clock.now():
            raise InvalidInput(fields={"at": _("离开的时间要在签到以后、现在以前。")})
        here.out_at = at
        here.save(update_fields=["out_at"])
        path = row.session.activity.place.path
        audit.record(actor, "activity.leaving", row, place_path=path, changes={"at": at.isoformat()})
        return here
