"""What somebody must have before he serves: a check for work with children, insurance, the guardian's yes (K04)."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from huying.people import queries as people_queries
from huying.people import rules as people_rules
from huying.people.models import Consent
from huying.people.states import ADULT_FROM, CHILD_UNTIL, YOUTH_SERVICE
from huying.volunteers.models import ProtectionCheck, ServiceCategory, Volunteer


def missing_for(volunteer: Volunteer, category: ServiceCategory | None, day: date) -> list[str]:
    """What this volunteer lacks for service of this kind on ``day``; usually nothing.

    ``check``: child protection (S4-5.2); ``insurance`` (志愿服务条例 art. 17); ``guardian``: the yes of the guardian of
    somebody of 14 to 17 to service with a risk (domain 7, no. 8).
    """
    missing: list[str] = []
    if category is None:
        return missing
    if category.needs_check:
        last = ProtectionCheck.objects.filter(volunteer=volunteer, checked_at__date__lte=day).order_by("-id").first()
        if last is None or not last.passed or last.valid_until < day:
            missing.append("check")
    if category.needs_insurance and (volunteer.insured_until is None or volunteer.insured_until < day):
        missing.append("insurance")
    young = bool(category.risk) and people_rules.is_youth(volunteer.person, day)
    if young and not people_queries.consented(volunteer.person_id, YOUTH_SERVICE):
        missing.append("guardian")
    return missing


def ready_for(category: ServiceCategory | None, day: date) -> Q:
    """Volunteers who lack nothing for service of this kind on ``day``; agrees with ``missing_for``."""
    found = Q()
    if category is None:
        return found
    if category.needs_check:
        checks = ProtectionCheck.objects.filter(checked_at__date__lte=day)
        later = checks.filter(volunteer=OuterRef("volunteer"), id__gt=OuterRef("id"))
        valid = checks.filter(volunteer=OuterRef("pk"), passed=True, valid_until__gte=day)
        found &= Q(Exists(valid.filter(~Exists(later))))
    if category.needs_insurance:
        found &= Q(insured_until__gte=day)
    if category.risk:
        born = "person__birth_date"
        of_age = Q(**{f"{born}__lte": people_rules.years_before(day, ADULT_FROM)})
        child = Q(**{f"{born}__gt": people_rules.years_before(day, CHILD_UNTIL)})
        agreed = Consent.objects.filter(
            person=OuterRef("person"), purpose__code=YOUTH_SERVICE, withdrawn_at__isnull=True
        )
        found &= Q(**{f"{born}__isnull": True}) | of_age | child | Q(Exists(agreed))
    return found


def is_by_name(category: ServiceCategory | None) -> bool:
    """Whether everybody who serves must be known by name: with children a team cannot vouch by a number."""
    return category is not None and category.needs_check
