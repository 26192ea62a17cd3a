"""Appeals and their clocks: how long each step may take, as the rows say."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from huying.kernel import clock, worktime
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import queries as people_queries
from huying.people.models import Person
from huying.places.models import Place
from huying.points import rules
from huying.points.models import Appeal, Book, Reversal, Term
from huying.points.queries.owners import of_owner
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
    found = rows.select_related(
        "passbook__person", "passbook__book__place", "claim", "reversal__claim", "gift__good"
    ).first()
    if found is None:
        raise NotFound
    return found


def desk(actor: Actor, state: str = "", words: str = "", book: Book | None = None) -> QuerySet[Appeal]:
    """Appeals of the books where the actor sits on panels; ``state`` "" is all that are open. By name or number."""
    rows = Appeal.objects.filter(rules.appeals_visible_to(actor)).exclude(passbook__person_id=actor.person_id or 0)
    rows = of_owner(rows, words, book)
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


def panel(one: Appeal) -> list[Person]:
    """Who may take the step that it waits for: at the book's place or, where nobody may, at the nearest place above."""
    place: Place | None = one.passbook.book.place
    while place is not None:
        if found := judges(one, people_queries.holders_over(place, rules.PANELS)):
            return found
        place = place.parent
    return []


def above(one: Appeal) -> list[Person]:
    """Who hears that it took too long: who may take the step at the nearest place above the first panel."""
    first = panel(one)
    place = one.passbook.book.place.parent
    while place is not None:
        found = [who for who in judges(one, people_queries.holders_over(place, rules.PANELS)) if who not in first]
        if found:
            return found
        place = place.parent
    return first


def judges(one: Appeal, holders: list[int]) -> list[Person]:
    """Those of them who may take this step."""
    people = Person.objects.filter(pk__in=holders, erased_at=None).order_by("pk")
    actors = ((person, people_queries.actor_of_person(person.pk)) for person in people)
    return [person for person, actor in actors if rules.can_judge(actor, one)]


def overdue() -> QuerySet[Appeal, int]:
    """Keys of appeals whose step is over its time and of which nobody above was told."""
    now = clock.now()
    late = (
        Q(state=AppealState.FILED, mark_due__lt=now)
        | Q(state=AppealState.MARKED, first_due__lt=now)
        | Q(state=AppealState.AGAIN, second_due__lt=now)
    )
    rows = Appeal.objects.filter(late).exclude(raised_in=F("state"))
    return rows.order_by("filed_at", "id").values_list("pk", flat=True)


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
