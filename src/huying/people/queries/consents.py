"""The register of consents: what can be agreed to and what has been."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from huying.kernel import clock
from huying.people import rules
from huying.people.models import Consent, Person, Purpose
from huying.people.states import CHILD_ACTIVITY, YOUTH_SERVICE


@dataclass(frozen=True, slots=True)
class Standing:
    """One purpose and how a person stands to it; ``is_older`` when agreed to an earlier wording only."""

    purpose: Purpose
    consent: Consent | None
    is_older: bool


def consented(person_id: int, code: str) -> bool:
    """True when the person has a standing consent to the purpose ``code`` (in any wording)."""
    return Consent.objects.filter(person_id=person_id, purpose__code=code, withdrawn_at__isnull=True).exists()


def current_purposes() -> list[Purpose]:
    """The wording in force of every purpose, in their order."""
    newest: dict[str, Purpose] = {}
    for purpose in Purpose.objects.filter(effective_at__lte=clock.now()).order_by("version"):
        newest[purpose.code] = purpose
    return sorted(newest.values(), key=lambda purpose: (purpose.order, purpose.code))


def standing_of(person: Person) -> list[Standing]:
    """Every purpose that concerns ``person`` (those of children and the young only for them), with the consent to it."""
    given = {
        consent.purpose.code: consent
        for consent in Consent.objects.filter(person=person, withdrawn_at__isnull=True).select_related("purpose")
    }
    today = clock.today()
    child, youth = rules.is_child(person, today), rules.is_youth(person, today)
    of_age = {"account": not child, "child_data": child, "child_account": child}
    of_age |= {CHILD_ACTIVITY: child, YOUTH_SERVICE: youth}
    found = []
    for purpose in current_purposes():
        if not of_age.get(purpose.code, True):
            continue
        consent = given.get(purpose.code)
        found.append(Standing(purpose, consent, consent is not None and consent.purpose_id != purpose.pk))
    return found


def consent_history(person: Person) -> QuerySet[Consent]:
    """Every consent the person ever gave, newest first."""
    return Consent.objects.filter(person=person).select_related("purpose", "given_by").order_by("-pk")
