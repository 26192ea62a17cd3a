"""What helpers promised, are asked and have done, and whom the list, the ring and the proposal take into question, for the tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from huying.calls import queries
from huying.calls.models import Call, Offer, Ring
from huying.calls.queries import weighing
from huying.calls.queries.rings import reached
from huying.calls.states import Asks, OfferState, State
from huying.calls.tests.factories import START, Cast, actor
from huying.people.models import Person
from huying.volunteers.models import Volunteer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def wish(call: Call, since: datetime, until: datetime | None = None) -> Call:
    Call.objects.filter(pk=call.pk).update(wanted_from=since, wanted_to=until)
    call.refresh_from_db()
    return call


def promise(cast: Cast, one: Volunteer, at: datetime, scheduled: bool = False) -> None:
    """He said yes to something at ``at``: as the asker wished, or as it was settled after a wish for another time."""
    other = cast.call(State.POOLED, title="别的事", lon=121.0, lat=31.0)
    Call.objects.filter(pk=other.pk).update(
        state=State.SCHEDULED if scheduled else State.ACCEPTED,
        wanted_from=at - 30 * DAY if scheduled else at,
        scheduled_at=at if scheduled else None,
    )
    facts = {"call": other, "volunteer": one, "state": OfferState.ACCEPTED, "offered_at": START}
    Offer.objects.create(**facts, answered_at=START)


def question(cast: Cast, one: Volunteer, no: bool = False) -> None:
    """He is asked about something else and has time to answer; ``no``: he has, and nobody is told."""
    other = cast.call(State.POOLED, title="问着的", lon=121.0, lat=31.0)
    Call.objects.filter(pk=other.pk).update(state=State.DISPATCHED)
    facts = {"call": other, "volunteer": one, "state": OfferState.OFFERED, "offered_at": START}
    Offer.objects.create(**facts, answer_due_at=START + DAY, put_away=no)


def served(cast: Cast, one: Volunteer, at: datetime, requester: Person | None = None) -> None:
    """He has done something that ended at ``at``, for the resident or somebody else."""
    other = cast.call(State.POOLED, title="做完的")
    whose = requester or cast.resident
    Call.objects.filter(pk=other.pk).update(state=State.DELIVERED, delivered_at=at, requester=whose)
    facts = {"call": other, "volunteer": one, "state": OfferState.DONE, "offered_at": START - DAY}
    Offer.objects.create(**facts, answered_at=START - DAY)


def found(cast: Cast, call: Call) -> dict[str, list[str]]:
    """The people proposed, in their order, with the reasons."""
    rows = queries.candidates(actor(cast.keeper), call, 50)
    return {one.name: one.reasons for one in rows if one.field == "volunteers"}


def rung(call: Call) -> set[str]:
    return {
        str(one) for one in reached(call, Ring(order=1, name="本站", asks=Asks.OWN), 50) if isinstance(one, Volunteer)
    }


def weighed(cast: Cast) -> set[str]:
    """Who has all slots of the one need, and is rested by then."""
    told = weighing.matter(cast.home)
    slots, begins = int(told.needs.slots[0]), int(told.needs.begins[0])
    fits = (told.helpers.slots & slots == slots) & (told.helpers.rested_from <= begins)
    keys = told.people[fits[: len(told.people)]]
    return {str(one) for one in Volunteer.objects.filter(pk__in=keys.tolist())}


def people(cast: Cast, call: Call) -> set[str]:
    """Whom the list, the ring and the proposal take into question: they must agree."""
    first, second, third = set(found(cast, call)), rung(call), weighed(cast)
    assert first == second == third
    return first
