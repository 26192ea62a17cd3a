"""From a shift to records of service: those who served are handed in to the volunteers' room, each once."""

from __future__ import annotations

from datetime import datetime, timedelta

from huying.activities import rules
from huying.activities.actions.refusals import NotYet
from huying.activities.models import CheckIn, Session
from huying.activities.states import TOOK_PLACE, SignUpState
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden
from huying.people.models import Person
from huying.volunteers import actions as volunteer_actions
from huying.volunteers.models import ServiceRecord, Volunteer
from huying.volunteers.states import Evidence


def hand_in_hours(*, actor: Actor, session: Session) -> tuple[list[ServiceRecord], list[tuple[str, str]]]:
    """Hand in the hours of everybody who served and was checked in: the records, and (name, why not) for the rest.

    Class A where an organiser saw both coming and going; who was not seen going served until the end, class B. Nobody
    hands in his own hours. Again hands in what is missing only. Raises Forbidden, NotYet.
    """
    fresh = Session.objects.select_related("activity__place", "activity__kind").get(pk=session.pk)
    if not rules.can_run(actor, fresh.activity):
        raise Forbidden
    if fresh.state not in TOOK_PLACE:
        raise NotYet
    made: list[ServiceRecord] = []
    refused: list[tuple[str, str]] = []
    for here in served(fresh):
        person = here.sign_up.person if here.sign_up else None
        volunteer = Volunteer.objects.filter(person=person).select_related("person").first() if person else None
        if volunteer is None or person is None:
            continue
        try:
            made.append(volunteer_actions.submit_record(actor=actor, served=facts(actor, fresh, here, volunteer)))
        except DomainError as refusal:
            refused.append((person.name, str(refusal)))
    return made, refused


def served(session: Session) -> list[CheckIn]:
    """Who was checked in for a role that serves, in order of arrival."""
    rows = CheckIn.objects.filter(
        session=session,
        sign_up__shift__role__is_volunteer=True,
        sign_up__person__isnull=False,
        sign_up__state=SignUpState.PRESENT,
    )
    return list(rows.select_related("sign_up__person", "sign_up__shift__role__category").order_by("id"))


def span(session: Session, here: CheckIn) -> tuple[datetime, datetime]:
    """When somebody served: not before the session, not after its end, in whole minutes."""
    starts = max(here.in_at, session.starts_at).replace(second=0, microsecond=0)
    ends = min(here.out_at or session.ends_at, session.ends_at)
    return starts, max(ends, starts + timedelta(minutes=1))


def facts(actor: Actor, session: Session, here: CheckIn, volunteer: Volunteer) -> volunteer_actions.Served:
    """What enters the record (民政部令第67号 art. 7): activity, day, place, content, actual time, unit, person in charge."""
    assert here.sign_up is not None
    starts, ends = span(session, here)
    activity = session.activity
    host = activity.parties.order_by("part_from").first()
    leader = Person.objects.filter(pk=session.held_by_id or actor.person_id or 0).first()
    others = {here.in_by_id, here.out_by_id}
    witnessed = here.out_at is not None and not others & {None, volunteer.person_id}
    return volunteer_actions.Served(
        volunteer=volunteer,
        place=activity.place,
        title=activity.title,
        category=here.sign_up.shift.role.category,
        content=here.sign_up.shift.role.name,
        starts_at=starts,
        ends_at=ends,
        minutes=int((ends - starts).total_seconds() // 60),
        evidence=Evidence.A if witnessed else Evidence.B,
        host=host.name if host else activity.place.name,
        in_charge=leader.name if leader else activity.contact_name,
        subject=here.sign_up,
    )
