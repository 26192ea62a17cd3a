"""Background doors of places: rooms that were held and never confirmed are given back."""

from __future__ import annotations

from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.places import actions


@jobs.task("places.lapse_bookings", cron="*/5 * * * *")
def lapse_bookings() -> None:
    """Every five minutes: what nobody confirmed in time is free again."""
    actions.lapse_bookings(actor=Actor.system("places.bookings"))
