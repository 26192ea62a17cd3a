"""The rights of the person whom data is about: a copy of everything, and being forgotten (PIPL art. 44-47).

Other rooms add what they keep: ``exporters``, ``erasers`` and ``obstacles`` are filled by their app when it
starts.
What must be kept ten years (records of service, GB/T 40143) stays under the number of a person without a
face.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.contrib.sessions.models import Session
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import attachments, audit, clock, idempotency, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, NotFound
from huying.kernel.models import StoredAnswer
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.actions.codes import phone_index
from huying.people.models import (
    Account,
    Allowance,
    Consent,
    Guardianship,
    Household,
    Notice,
    OneTimeCode,
    OutgoingText,
    Person,
    Role,
    RoleProposal,
    SignIn,
)
from huying.people.states import STAFF, Texting

ERASED_NAME = "已注销"
LEAST_TRACE = 4  # shorter words of other rooms stand in answers about anybody
Cell = str | int | float | bool | None | datetime


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the copy of one's data: a title and rows of named values; ``names`` are their words on the
    page.
    """

    code: str
    title: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one room adds: its part of the copy, how it forgets, why a person cannot go just now, and his words
    (``traces``) by which answers kept for repeats are found before they are forgotten. ``one_each``: of which models
    a person has one at most, and what to say when two doubles have one each (nothing: ``untangle`` sees to it).
    ``apart``: why the second person cannot become part of the first; ``untangle``: what keys alone do not move.
    """

    export: Callable[[Person], Iterable[Section]] | None = None
    erase: Callable[[Actor, Person], None] | None = None
    obstacles: Callable[[Person], Iterable[str | Promise]] | None = None
    traces: Callable[[Person], Iterable[str]] | None = None
    one_each: Mapping[str, str | Promise] = field(default_factory=dict)
    apart: Callable[[Person, Person], Iterable[str | Promise]] | None = None
    untangle: Callable[[Person, Person], None] | None = None


_rooms: dict[str, Rights] = {}


class CannotEraseNow(Conflict):
    code = "cannot_erase_now"
    message = _("现在还不能注销：{why}")


def register_rights(room: str, rights: Rights) -> None:
    """Add what ``room`` keeps about persons; called once by its app when the program starts."""
    _rooms[room] = rights


ONE_EACH: dict[str, str | Promise] = {
    "people.Account": _("两份资料各有一个登录账号，请本人先注销不用的那一个。"),
}


def one_each(label: str) -> str | Promise:
    """What to say when two doubles each have a row of this model, of which a person has one at most."""
    words = dict(ONE_EACH)
    for room in _rooms.values():
        words.update(room.one_each)
    return words.get(label, _("两份资料各有一份只能有一份的登记，请先处理其中一份。"))


def apart(kept: Person, double: Person) -> Iterator[str | Promise]:
    """Why, as the rooms see it, ``double`` cannot become part of ``kept`` just now."""
    for _room, rights in sorted(_rooms.items()):
        if rights.apart is not None:
            yield from rights.apart(kept, double)


def untangle(kept: Person, double: Person) -> None:
    """Let each room put in order what moving the foreign keys to ``double`` would not."""
    for _room, rights in sorted(_rooms.items()):
        if rights.untangle is not None:
            rights.untangle(kept, double)


# ── a copy ──────────────────────────────────────────────────────────────────
def export_person(*, actor: Actor, person_id: int) -> list[Section]:
    """Everything kept about the actor himself or a child of his, in open words; an audit line is written."""
    with begin(actor):
        person = Person.objects.select_related("home_place").get(pk=person_id)
        if actor.person_id != person.pk and not rules.is_ward_of(actor.person_id, person):
            raise Forbidden
        audit.record(actor, "person.exported", person)
        sections = [*_own_sections(person)]
        for _room, rights in sorted(_rooms.items()):
            if rights.export is not None:
                sections.extend(rights.export(person))
        return sections


def _own_sections(person: Person) -> Iterable[Section]:
    yield Section(
        "person",
        gettext("我的资料"),
        [
            {
                "name": person.name,
                "sex": person.get_sex_display(),
                "birth_date": person.birth_date,
                "phone": person.phone.open() if person.phone else "",
                "id_number": person.id_number.open() if person.id_number else "",
                "address": person.address.open() if person.address else "",
                "home_place": person.home_place.name if person.home_place else "",
                "preferences": person.preferences,
                "created_at": person.created_at,
            }
        ],
    )
    accounts = Account.objects.filter(person=person)
    yield Section(
        "account",
        gettext("我的账号"),
        _rows(accounts.values("username", "created_at", "last_login", "is_active")),
    )
    signed = SignIn.objects.filter(account__person=person).order_by("-pk")
    yield Section("sessions", gettext("登录中的设备"), _rows(signed.values("way", "address", "device", "started_at")))
    roles = Role.objects.filter(person=person).order_by("pk")
    yield Section("roles", gettext("我的角色"), _rows(roles.values("kind", "place__name", "starts_at", "ends_at")))
    proposed = RoleProposal.objects.filter(person=person).order_by("pk")
    yield Section(
        "role_proposals",
        gettext("给我提名的角色"),
        _rows(proposed.values("kind", "place__name", "reason", "proposed_at", "state")),
    )
    consents = Consent.objects.filter(person=person).order_by("pk")
    yield Section(
        "consents",
        gettext("我的同意"),
        _rows(consents.values("purpose__title", "purpose__version", "given_at", "withdrawn_at")),
    )
    ties = Guardianship.objects.filter(Q(ward=person) | Q(guardian=person)).order_by("pk")
    yield Section(
        "family",
        gettext("我的家人"),
        _rows(ties.values("tie", "ward__name", "guardian__name", "starts_at", "ends_at")),
    )
    notices = Notice.objects.filter(person=person).order_by("-pk")
    yield Section("notices", gettext("我的消息"), _rows(notices.values("title", "body", "created_at", "read_at")))


def _rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


# ── being forgotten ─────────────────────────────────────────────────────────
def obstacles(person: Person) -> list[str]:
    """Why the person cannot be erased just now, in words he can act on; empty when nothing stands in the way."""
    found: list[str | Promise] = []
    now = clock.now()
    holding = Role.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), person=person, kind__in=STAFF)
    if holding.exists():
        found.append(_("您还担任工作人员角色，请先交接。"))
    wards = Guardianship.objects.filter(
        guardian=person, ends_at__isnull=True, confirmed_at__isnull=False, ward__erased_at__isnull=True
    ).select_related("ward")
    if any(rules.is_child(bond.ward, clock.today()) for bond in wards):
        found.append(_("您还是孩子的监护人，请先注销孩子的资料，或换一位监护人。"))
    for _room, rights in sorted(_rooms.items()):
        if rights.obstacles is not None:
            found.extend(rights.obstacles(person))
    return [str(reason) for reason in found]


def erase_person(*, actor: Actor, person_id: int) -> Person:
    """Forget the person: name becomes 已注销, everything personal goes in this one transaction, also elsewhere.

    By oneself or the guardian of a child. Raises CannotEraseNow with the reasons, Forbidden.
    """
    with begin(actor):
        rows = {row.pk: row for row in locks.many(Person.objects.filter(Q(pk=person_id) | Q(merged_into=person_id)))}
        if person_id not in rows:
            raise NotFound
        person = rows.pop(person_id)
        if person.erased_at is not None:
            return person
        if actor.person_id != person.pk and not rules.is_ward_of(actor.person_id, person):
            raise Forbidden
        reasons = obstacles(person)
        if reasons:
            raise CannotEraseNow(why=" ".join(reasons))
        traces = _traces(person)
        _erase_rooms(actor, person)
        for double in rows.values():  # history that could not move when it was merged into him
            _erase_rooms(actor, double)
            attachments.forget_names(double.pk)
            StoredAnswer.objects.filter(scope=f"person:{double.pk}").delete()
            Person.objects.filter(pk=double.pk).update(name=ERASED_NAME)
        _erase_around(person)
        _erase_stored_answers(person, traces)
        _erase_row(person)
        audit.record(actor, "person.erased", person)
        return person


def _erase_rooms(actor: Actor, person: Person) -> None:
    for _room, rights in sorted(_rooms.items()):
        if rights.erase is not None:
            rights.erase(actor, person)


def _traces(person: Person) -> list[str]:
    """What a stored answer would give away: his name, numbers, address, and words of his in other rooms."""
    own = (person.name, _open(person.phone), _open(person.id_number), _open(person.address))
    written = (text for rights in _rooms.values() if rights.traces is not None for text in rights.traces(person))
    lines = (line.strip() for text in written for line in text.splitlines())
    return sorted({text for text in (*own, *(line for line in lines if len(line) >= LEAST_TRACE)) if text})


def _erase_around(person: Person) -> None:
    now = clock.now()
    later = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    Guardianship.objects.filter(Q(ward=person) | Q(guardian=person)).exclude(proof="").update(proof="")
    Role.objects.filter(later, person=person).update(ends_at=Greatest(F("starts_at"), now))
    RoleProposal.objects.filter(person=person).delete()
    Guardianship.objects.filter(later, Q(ward=person) | Q(guardian=person)).update(
        ends_at=now, contact=None, contact_index=None
    )
    Notice.objects.filter(Q(person=person) | Q(about=person)).delete()
    Consent.objects.filter(person=person, withdrawn_at__isnull=True).update(withdrawn_at=now, withdrawn_by=person)
    keys = list(SignIn.objects.filter(account__person=person).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    Account.objects.filter(person=person).delete()
    if person.phone is not None:
        _erase_number(person.phone.open())
    attachments.forget_names(person.pk)
    household = person.household_id
    if household and not Person.objects.filter(household_id=household).exclude(pk=person.pk).exists():
        person.household = None
        Household.objects.filter(pk=household).delete()


def _erase_number(number: str) -> None:
    """The number where it stands without his person: codes, budgets, messages on their way, unanswered invitations."""
    index = phone_index(number)
    OneTimeCode.objects.filter(phone_index=index).delete()
    Allowance.objects.filter(key__in=[form.hex() for form in index.forms]).delete()
    asked = Guardianship.objects.filter(contact_index=index, guardian__isnull=True, ends_at__isnull=True)
    asked.update(ends_at=Greatest(F("starts_at"), clock.now()), contact=None, contact_index=None)
    for text in OutgoingText.objects.filter(state=Texting.QUEUED):  # few: what waits goes in seconds
        if _open(text.phone) == number:
            text.delete()


def _erase_stored_answers(person: Person, traces: list[str]) -> None:
    """Stored answers of his own go; those of others that show him lose their body (they are kept a month).

    Bodies are sealed, so each is opened and looked at; only few writes answer with a body at all.
    """
    StoredAnswer.objects.filter(scope=f"person:{person.pk}").delete()
    texts = {text for trace in traces for text in (trace, trace.removeprefix("+86"))}
    shapes = {shape.encode() for text in texts for shape in (text, json.dumps(text)[1:-1])}
    showing = [
        row.pk
        for row in StoredAnswer.objects.exclude(body=b"", location="").iterator(chunk_size=500)
        if any(shape in idempotency.body_of(row) + unquote(row.location).encode() for shape in shapes)
    ]
    StoredAnswer.objects.filter(pk__in=showing).update(body=b"", location="")


def _erase_row(person: Person) -> None:
    person.name = person.search_text = person.sort_key = ""
    person.name = ERASED_NAME
    person.search_terms = []
    person.sex = ""
    person.birth_date = person.lon = person.lat = person.household = None
    person.phone = person.phone_index = person.id_number = person.id_index = person.address = None
    person.preferences = {}
    person.erased_at = clock.now()
    person.save()


def _open(value: Any) -> str:
    return value.open() if value else ""
