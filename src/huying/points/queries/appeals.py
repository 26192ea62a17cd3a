"""Appeals and their clocks: how long each step may take, as the rows say."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.kernel import worktime
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.points import rules
from huying.points.models import Appeal, Reversal, Term
from huying.points.states import AppealState


def term(code: str) -> Term:
    """The newest row of this term; NotFound (a bug: the migration writes the first ones)."""
    found = Term.objects.filter(code=code).order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def due(code: str, start: datetime, place_path: str = "") -> datetime:
    """When this term runs out that begins at ``start``: close of business for working days, else to the minute."""
    found = term(code)
    if not found.working:
        return start + timedelta(days=found.days)
    calendar = worktime.calendar_for(place_path)
    at = worktime.deadline_in_days(start, found.days, worktime.OFFICE, calendar=calendar).at
    assert at is not None  # nothing pauses these clocks
    return at


def appeal(actor: Actor, public_id: UUID) -> Appeal:
    """One appeal the actor may see; NotFound."""
    rows = Appeal.objects.filter(rules.appeals_visible_to(actor), public_id=public_id)
    found = rows.select_related("passbook__person", "passbook__book__place", "claim", "reversal__claim").first()
    if found is None:
        raise NotFound
    return found


def desk(actor: Actor, state: str = "") -> QuerySet[Appeal]:
    """Appeals of the books where the actor sits on panels, the oldest first; ``state`` "" is all that are open."""
    rows = Appeal.objects.filter(rules.appeals_visible_to(actor)).exclude(passbook__person_id=actor.person_id or 0)
    rows = rows.filter(state=state) if state else rows.exclude(state=AppealState.CLOSED)
    return rows.select_related("passbook__person", "passbook__book", "claim__rule", "reversal")


def due_now(one: Appeal) -> datetime | None:
    """When the step that it waits for has to be done; None while nobody has to."""
    return {
        AppealState.FILED: one.mark_due,
        AppealState.MARKED: one.first_due,
        AppealState.DECIDED: one.again_until,
        AppealState.AGAIN: one.second_due,
    }.get(AppealState(one.state))


def reversal(actor: Actor, public_id: UUID) -> Reversal:
    """One taking back the actor may see; NotFound."""
    rows = Reversal.objects.filter(public_id=public_id).select_related("claim__passbook__book__place", "claim__person")
    found = rows.first()
    seen = found and found.claim.passbook.__class__.objects.filter(
        rules.passbooks_visible_to(actor), pk=found.claim.passbook_id
    )
    if found is None or not seen:
        raise NotFound
    return found


def open_reversals(actor: Actor) -> QuerySet[Reversal]:
    """Takings back that wait where the actor keeps points."""
    seen = Q(claim__passbook__in=rules.passbooks_of(actor))
    return Reversal.objects.filter(seen, state="proposed").select_related("claim__person", "claim__passbook__book")
