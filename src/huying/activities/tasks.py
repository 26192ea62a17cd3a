"""Background doors of activities: word to people, places that nobody confirmed, reminders, endings."""

from __future__ import annotations

from huying.activities import actions, queries
from huying.activities.actions import SignUpMoved
from huying.activities.models import SignUp
from huying.kernel import jobs
from huying.kernel.actor import Actor

CLOCKS = Actor.system("activities.clocks")
BATCH = 200


@jobs.task("activities.tell")
def tell(event_id: int, after: int = 0) -> None:
    """Tell those who signed up about one step, once; so many at a time, from the sign-up ``after`` on."""
    actions.tell(actor=Actor.system("activities.tell"), event_id=event_id, after=after)


@jobs.task("activities.tell_freed")
def tell_freed(sign_up_id: int) -> None:
    """Tell somebody who waited that there is a place."""
    actions.tell_freed(actor=Actor.system("activities.tell"), sign_up_id=sign_up_id)


@jobs.task("activities.tell_room")
def tell_room(booking_id: int, by_id: int | None) -> None:
    """Tell the organisers that the room of a session was taken away."""
    actions.tell_room(actor=Actor.system("activities.tell"), booking_id=booking_id, by_id=by_id)


@jobs.task("activities.tick", cron="* * * * *")
def tick() -> None:
    """Each minute: queue one job for every reserved place whose time for a yes is over."""
    for key in queries.lapsed_now().values_list("pk", flat=True)[:BATCH]:
        jobs.enqueue("activities.lapse", key=f"activities.lapse:{key}", sign_up_id=key)


@jobs.task("activities.lapse")
def lapse(sign_up_id: int) -> None:
    """Give one unconfirmed place to the next in line; somebody who said yes meanwhile keeps it."""
    try:
        actions.lapse(actor=CLOCKS, sign_up=SignUp.objects.get(pk=sign_up_id))
    except SignUpMoved:
        return


@jobs.task("activities.remind", cron="*/15 * * * *")
def remind() -> None:
    """Every quarter of an hour: a word to those whose activity begins within a day."""
    while actions.remind(actor=CLOCKS):
        pass


@jobs.task("activities.end", cron="*/30 * * * *")
def end() -> None:
    """Every half hour: activities whose sessions have all been held are over."""
    actions.end_activities(actor=CLOCKS)


@jobs.task("activities.count")
def count(event_id: int) -> None:
    """A step of an activity: what its sessions add to the figures may have changed."""
    actions.count_sessions(actor=Actor.system("activities.count"), event_id=event_id)


@jobs.task("activities.count_door")
def count_door(session_id: int) -> None:
    """Somebody was counted in after the end of a session, or taken off."""
    actions.count_sessions(actor=Actor.system("activities.count"), session_id=session_id)
