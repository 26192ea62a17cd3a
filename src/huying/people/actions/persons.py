"""Adding and changing persons: by themselves, by care staff, by a guardian for a child."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, locks, search
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.pinyin import syllables
from huying.kernel.sealed import BlindIndex, blind_index, check_id_number, normal_phone
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.actions.codes import phone_index
from huying.people.models import Person
from huying.people.states import PersonMoved, Sex
from huying.places.models import Place

OLDEST = date(1900, 1, 1)
NAME_MOST, ADDRESS_MOST = 50, 200


class IdNumberTaken(Conflict):
    code = "id_number_taken"
    message = _("这个证件号码已经登记在另一份资料里，请核对；如果是同一个人，请用原来的那份。")


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be written about a person. A field left at None is not touched; "" empties it."""

    name: str | None = None
    sex: str | None = None
    birth_date: date | str | None = None
    phone: str | None = None
    id_number: str | None = None
    address: str | None = None
    home_place: Place | str | None = None

    def __repr__(self) -> str:
        given = [field.name for field in fields(self) if getattr(self, field.name) is not None]
        return f"<Facts {' '.join(given)}>"


def add_person(*, actor: Actor, facts: Facts) -> Person:
    """Write down somebody new. Care staff do it for their places (``rules.can_add_person``).

    Raises InvalidInput with the fields to mend, IdNumberTaken, Forbidden.
    """
    place = facts.home_place if isinstance(facts.home_place, Place) else None
    if not rules.can_add_person(actor, place):
        raise Forbidden(_("请选择您负责的范围内的居住地。"), fields={"home_place": _("不在您负责的范围内。")})
    with begin(actor):
        return create_person(actor, facts)


def create_person(actor: Actor, facts: Facts) -> Person:
    """The row itself, for actions that have asked their own rule; inside an open action."""
    person = Person(created_at=clock.now(), created_by_id=actor.person_id)
    changed = _apply(person, facts)
    if not person.name:
        raise InvalidInput(fields={"name": _("请填写姓名。")})
    _save(person)
    audit.record(actor, "person.added", person, place_path=_path(person), changes={"fields": sorted(changed)})
    return person


def edit_person(*, actor: Actor, person_id: int, facts: Facts) -> Person:
    """Change what is known of a person. Raises InvalidInput, IdNumberTaken, Forbidden.

    Care staff may move somebody only to a home inside their own places, so nobody is lost from view by a
    slip.
    """
    with begin(actor):
        person = locks.one(Person, pk=person_id)
        if not rules.can_edit_person(actor, person):
            raise Forbidden
        place = facts.home_place
        if isinstance(place, Place) and place.pk != person.home_place_id and actor.person_id != person.pk:
            guardian = rules.is_ward_of(actor.person_id, person)
            if not guardian and not rules.can_add_person(actor, place):
                raise Forbidden(fields={"home_place": _("不在您负责的范围内。")})
        changed = _apply(person, facts)
        if changed:
            _save(person)
            if "home_place" in changed:
                events.publish(PersonMoved(person_id=person.pk))
            if "name" in changed:
                Person.objects.filter(merged_into=person).update(name=person.name)  # history is read under it
            audit.record(actor, "person.edited", person, place_path=_path(person), changes={"fields": sorted(changed)})
        return person


def _apply(person: Person, facts: Facts) -> set[str]:
    """Check and write the given facts; the names of those that moved. Collects all problems."""
    problems: dict[str, str | Promise] = {}
    changed: set[str] = set()
    for write in (_name, _sex, _birth_date, _phone, _id_number, _address, _home_place):
        value = getattr(facts, write.__name__[1:])
        if value is None:
            continue
        try:
            if write(person, value):
                changed.add(write.__name__[1:])
        except InvalidInput as problem:
            problems.update({write.__name__[1:]: next(iter(problem.fields.values()), problem.message)})
    if problems:
        raise InvalidInput(fields=problems)
    return changed


def _problem(text: Promise) -> InvalidInput:
    return InvalidInput(fields={"": text})


def _name(person: Person, text: str) -> bool:
    name = rules.normal_name(text)
    if not name:
        raise _problem(_("请填写姓名。"))
    if len(name) > NAME_MOST:
        raise _problem(_("姓名太长了，最多50个字。"))
    before = person.name
    write_name(person, name)
    return before != name


def write_name(person: Person, name: str) -> None:
    """Put a normal name into the row with everything it is found and sorted by; saving is the caller's."""
    person.name = name
    person.search_text = search.search_text(name)
    person.search_terms = search.pieces(person.search_text)
    person.sort_key = " ".join(syllables(name.lower()))[:200]


def _sex(person: Person, sex: str) -> bool:
    if sex not in Sex.values:
        raise _problem(_("请从列表里选择。"))
    before, person.sex = person.sex, sex
    return before != sex


def _birth_date(person: Person, value: date | str) -> bool:
    if isinstance(value, str):
        if value:
            raise _problem(_("请按“年-月-日”填写日期。"))
        before, person.birth_date = person.birth_date, None
        return before is not None
    if not OLDEST <= value <= clock.today():
        raise _problem(_("出生日期不对，请核对。"))
    before, person.birth_date = person.birth_date, value
    return before != value


def _phone(person: Person, text: str) -> bool:
    number = normal_phone(text) if text else None
    index = phone_index(number) if number else None
    if _same(index, person.phone_index):
        return False
    person.phone, person.phone_index = number, index
    return True


def _id_number(person: Person, text: str) -> bool:
    found = check_id_number(text) if text else None
    index = blind_index(found.number, "id_number") if found else None
    if _same(index, person.id_index):
        return False
    if found and Person.objects.filter(id_index=index).exclude(pk=person.pk).exists():
        raise IdNumberTaken(fields={"id_number": IdNumberTaken.message})
    person.id_number, person.id_index = (found.number if found else None), index
    if found:
        person.birth_date = found.birth_date
        person.sex = person.sex or found.sex
    return True


def _address(person: Person, text: str) -> bool:
    address = " ".join(text.split())
    if len(address) > ADDRESS_MOST:
        raise _problem(_("地址太长了，最多200个字。"))
    if address == (person.address.open() if person.address else ""):
        return False
    person.address = address or None
    return True


def _home_place(person: Person, place: Place | str) -> bool:
    before = person.home_place_id
    person.home_place = place if isinstance(place, Place) else None
    return before != person.home_place_id


def _same(index: BlindIndex | None, stored: Any) -> bool:
    return index.fits(stored) if index is not None else stored is None


def _save(person: Person) -> None:
    """Save; a row that took the same identity number meanwhile is found by its value, not by the error."""
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        taken = Person.objects.filter(id_index=person.id_index).exclude(pk=person.pk)
        if person.id_index is not None and taken.exists():
            raise IdNumberTaken(fields={"id_number": IdNumberTaken.message}) from None
        raise


def _path(person: Person) -> str:
    return person.home_place.path if person.home_place else ""
