"""The one list of what follows from what: event -> jobs. Read it to see every side effect in the product."""

from __future__ import annotations

from huying.activities.actions import ActivityMoved, DoorCounted, LearnedTogether, PlaceFreed
from huying.calls.actions.clocks import CallCounts
from huying.calls.actions.crediting import CallServed
from huying.calls.actions.moving import CallMoved, HelpMissing
from huying.figures.states.feeds import FeedLapsed
from huying.kernel import events
from huying.people.states import PersonMoved
from huying.places.actions import BookingLost
from huying.places.states import PlaceMoved, PlacesChanged, SiteChecked
from huying.points.actions import BookEnded, PointsMoved
from huying.volunteers.actions import ServiceConfirmed, VolunteerCounts, VolunteerLeft

REACTIONS: dict[type, list[str]] = {
    ActivityMoved: ["activities.tell", "activities.count"],
    DoorCounted: ["activities.count_door"],
    PlaceFreed: ["activities.tell_freed"],
    BookingLost: ["activities.tell_room"],
    CallCounts: ["calls.count"],
    CallMoved: ["calls.tell"],
    CallServed: ["calls.hand_in"],
    FeedLapsed: ["people.tell_feed_lapsed"],
    LearnedTogether: ["points.earn_learning"],
    HelpMissing: ["calls.ask_next"],
    PersonMoved: ["volunteers.follow_home"],
    PlaceMoved: ["ledger.follow_move", "figures.follow_move"],
    PlacesChanged: ["figures.count_sites"],
    SiteChecked: ["figures.count_check"],
    PointsMoved: ["points.count"],
    BookEnded: ["points.book_ended"],
    ServiceConfirmed: ["volunteers.count_service", "points.earn_service"],
    VolunteerCounts: ["volunteers.count"],
    VolunteerLeft: ["calls.release"],
}


def register() -> None:
    """Tell the kernel which jobs follow each event; called once when Django starts."""
    events.connect(REACTIONS)
