"""The register of consents: given per purpose and wording, taken back as easily (PIPL art. 14-16, 29, 31)."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, NotFound
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.models import Account, Consent, Guardianship, Person, Purpose
from huying.people.states import YOUTH_SERVICE, Tie

FIRST_PURPOSES = Path(__file__).resolve().parent.parent / "management" / "purposes.toml"
IN_FORCE = datetime(2021, 11, 1, tzinfo=UTC)  # the Personal Information Protection Law
ACCOUNT, CHILD_DATA, CHILD_ACCOUNT = "account", "child_data", "child_account"


class NeededForAccount(Conflict):
    code = "needed_for_account"
    message = _("没有这一项就不能保留您的资料。您可以在“注销账号”里一次清除全部资料。")


class GuardianDecides(Forbidden):
    code = "guardian_decides"
    message = _("未满14周岁，由监护人决定。")


GUARDIAN_ONLY = {YOUTH_SERVICE: _("未满18周岁参加有风险的服务，由监护人决定。")}
"""What a guardian decides until somebody is of age, not only until he is fourteen (domain 7, no. 8)."""


def load_purposes() -> int:
    """Add the purposes this product starts with; those that are there stay. How many are new."""
    rows = [
        Purpose(effective_at=IN_FORCE, order=number, **facts)
        for number, facts in enumerate(tomllib.loads(FIRST_PURPOSES.read_text())["purpose"])
    ]
    known = set(Purpose.objects.values_list("code", "version"))
    new = [row for row in rows if (row.code, row.version) not in known]
    Purpose.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def current_purpose(code: str, at: datetime | None = None) -> Purpose:
    """The wording of a purpose in force now; NotFound for an unknown code."""
    rows = Purpose.objects.filter(code=code, effective_at__lte=at or clock.now())
    found = rows.order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def give_consent(*, actor: Actor, person_id: int, code: str) -> Consent:
    """Say yes to the present wording of a purpose, for oneself or for a ward; saying it twice is saying it
    once.

    Care staff may write down what the person said or signed (``recorded_by`` shows it). Raises
    GuardianDecides
    when a child speaks for itself, Forbidden for strangers.
    """
    with begin(actor):
        person = locks.one(Person, pk=person_id)
        purpose = current_purpose(code)
        by, recorder = _speaker(actor, person, code)
        older = Consent.objects.filter(person=person, purpose__code=code, withdrawn_at__isnull=True)
        standing = older.filter(purpose=purpose).first()
        if standing is not None:
            return standing
        now = clock.now()
        older.update(withdrawn_at=now, withdrawn_by=by)
        consent = Consent.objects.create(
            person=person,
            purpose=purpose,
            given_by=by,
            given_at=now,
            channel=actor.channel,
            recorded_by=recorder,
        )
        audit.record(actor, "consent.given", person, changes={"purpose": code, "version": purpose.version})
        return consent


def withdraw_consent(*, actor: Actor, person_id: int, code: str) -> int:
    """Take consent to a purpose back; what rested on it stops at once. How many consents ended (0 or 1).

    Raises NeededForAccount where nothing can be kept without it: that way leads to erasure.
    """
    with begin(actor):
        person = locks.one(Person, pk=person_id)
        if current_purpose(code).is_needed:
            raise NeededForAccount
        by, _recorder = _speaker(actor, person, code)
        standing = Consent.objects.filter(person=person, purpose__code=code, withdrawn_at__isnull=True)
        ended = standing.update(withdrawn_at=clock.now(), withdrawn_by=by)
        if ended and code == CHILD_ACCOUNT:
            Account.objects.filter(person=person).update(is_active=False)
        if ended:
            audit.record(actor, "consent.withdrawn", person, changes={"purpose": code})
        return ended


def _speaker(actor: Actor, person: Person, code: str) -> tuple[Person, Person | None]:
    """Who says yes or no, and which staff member writes it down (None when nobody stands between)."""
    if actor.person_id is None or person.erased_at is not None:
        raise Forbidden
    me = Person.objects.get(pk=actor.person_id)
    today = clock.today()
    child = rules.is_child(person, today) or (code in GUARDIAN_ONLY and rules.is_youth(person, today))
    if person.pk == me.pk:
        if child:
            raise GuardianDecides(GUARDIAN_ONLY.get(code))
        return person, None
    if rules.is_ward_of(me.pk, person):
        return me, None
    if not rules.can_act_for(actor, person):
        raise Forbidden
    if not child:
        return person, me
    guardian = Guardianship.objects.filter(
        ward=person, tie__in=[Tie.PARENT, Tie.GUARDIAN], confirmed_at__isnull=False, ends_at__isnull=True
    ).first()
    if guardian is None or guardian.guardian is None:
        raise GuardianDecides
    return guardian.guardian, me
