"""Other ways of signing up, behind the same pages on the same server: what a rush is compared with.

``row_lock`` locks the row of the activity and counts its sign-ups; ``no_lock`` counts only, and must sell too many, or
the rush would show nothing; ``nothing`` answers without writing, which no way of signing up can beat.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from huying.activities.actions.joining import is_open
from huying.activities.actions.pressing import check_person
from huying.activities.actions.refusals import SignUpClosed
from huying.activities.models import Activity, Shift, SignUp
from huying.activities.states import HOLDING, LIVE, SignUpState
from huying.kernel import audit, clock, idempotency, locks
from huying.kernel.actor import Actor
from huying.kernel.idempotency import Ticket
from huying.kernel.transactions import begin
from huying.people.models import Person


def nothing(*, actor: Actor, shift: Shift, **_more: Any) -> SignUp:
    """Who presses is known and asked for, and is answered, but nothing is written: what the pages alone take."""
    return SignUp(shift=shift, person_id=actor.person_id, state=SignUpState.SIGNED)


def press(*, actor: Actor, shift: Shift, ticket: Ticket, locking: bool, **_more: Any) -> SignUp | None:
    """One key, one transaction, as every other write of the platform has it."""
    with transaction.atomic():
        if not idempotency.take(ticket):
            return None
        made = sign_up(actor, shift, locking=locking)
        idempotency.keep_each([(ticket, reverse("activities:sign_up", args=[made.public_id]))])
        return made


def sign_up(actor: Actor, shift: Shift, *, locking: bool) -> SignUp:
    """Look, count, write: the usual way with an object-relational mapper."""
    with begin(actor):
        who = Person.objects.get(pk=actor.person_id or 0)
        if locking:
            locks.one(Activity, pk=shift.session.activity_id)
        fresh = Shift.objects.select_related("session__activity__place", "role").get(pk=shift.pk)
        if not is_open(fresh.session):
            raise SignUpClosed
        standing = SignUp.objects.filter(session=fresh.session, person=who, state__in=LIVE).first()
        if standing is not None:
            return standing
        check_person(actor, fresh, who)
        taken = SignUp.objects.filter(shift=fresh, state__in=HOLDING).count()
        state = SignUpState.SIGNED if taken < fresh.capacity else SignUpState.WAITING
        row = SignUp(session=fresh.session, shift=fresh, person=who, asked_by=who, state=state)
        row.at = row.changed_at = clock.now()
        row.save()
        audit.record(actor, "signup.make", row, place_path=fresh.session.activity.place.path)
        return row
