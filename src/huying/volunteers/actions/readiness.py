"""Asking before service: what is missing is named, and a guardian whose yes is needed hears of it."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.volunteers import rules
from huying.volunteers.models import ServiceCategory, Volunteer


class NotReady(Conflict):
    code = "not_ready"
    message = _("这一类服务要先有{what}，请联系站点。服务还没开始，不影响您参加别的。")


MISSING = {
    "check": _("有效的儿童保护核查"),
    "insurance": _("有效的意外保险"),
    "guardian": _("监护人的同意"),
}


def check_ready(actor: Actor, volunteer: Volunteer, category: ServiceCategory | None, day: date) -> None:
    """Nothing is missing for service of this kind on ``day``; else NotReady, which names everything.

    A guardian who himself signs his ward up thereby says yes. ``facts["missing"]`` are the codes of ``missing_for``.
    """
    missing = rules.missing_for(volunteer, category, day)
    if "guardian" in missing and people_rules.is_ward_of(actor.person_id, volunteer.person):
        missing.remove("guardian")
    if missing:
        raise NotReady(what=str(_("、")).join(str(MISSING[one]) for one in missing), missing=missing)


def ask_guardians(*, actor: Actor, person: Person, category: ServiceCategory) -> int:
    """Ask the guardians of somebody of 14 to 17 for their yes to service with a risk, once a day; how many they are."""
    with begin(actor):
        return people_actions.tell_guardians(
            actor=actor,
            person=person,
            title=gettext("%(name)s想参加有风险的志愿服务，请您决定") % {"name": person.name},
            body=gettext("%(kind)s：%(risk)s 同意后才能报名，随时可以撤回。")
            % {"kind": category.name, "risk": category.risk},
            url=reverse("people:ward_consents", args=[person.public_id]),
            key=f"youth_service:{person.pk}:{clock.today()}",
        )


def tell_of_risk(*, actor: Actor, person: Person, category: ServiceCategory | None, what: str, url: str = "") -> int:
    """Tell the guardians of somebody under age that he takes part in service with a risk; how many were told.

    Inside the transaction of the step itself: who is told was really signed up.
    """
    if category is None or not category.risk or people_rules.is_ward_of(actor.person_id, person):
        return 0
    return people_actions.tell_guardians(
        actor=actor,
        person=person,
        title=gettext("%(name)s参加有风险的志愿服务：%(what)s") % {"name": person.name, "what": what},
        body=category.risk,
        url=url,
    )
