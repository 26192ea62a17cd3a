"""Contacts of a place: public numbers in the open, private ones sealed and opened with a reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, locks, sealed
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound, Text
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.models import Contact, Place
from huying.places.rules.values import tidy, too_long

MOST_CONTACTS = 30


def _checked(role: str, name: str, phone: str) -> tuple[str, str, str]:
    """Tidy role and name, and the number in its one spelling ("" when none is given)."""
    problems: dict[str, Text] = {}
    if len(role) > 40 or len(name) > 60:
        problems["role" if len(role) > 40 else "name"] = too_long(40 if len(role) > 40 else 60)
        raise InvalidInput(fields=problems)
    if not tidy(role):
        problems["role"] = _("请写职务，例如“站长”。")
    if not tidy(name):
        problems["name"] = _("请写姓名。")
    number = ""
    if phone.strip():
        try:
            number = sealed.normal_phone(phone)
        except sealed.PhoneUnclear as unclear:
            problems["phone"] = str(unclear)
    if problems:
        raise InvalidInput(fields=problems)
    return tidy(role), tidy(name), number


def add_contact(
    *, actor: Actor, place: Place, role: str, name: str, phone: str = "", is_public: bool = False
) -> Contact:
    """Add a contact; its number is sealed unless it is public. Forbidden, InvalidInput."""
    role, name, number = _checked(role, name, phone)
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_keep(actor, place):
            raise Forbidden
        count = Contact.objects.filter(place=place).count()
        if count >= MOST_CONTACTS:
            raise InvalidInput(_("联系人太多了，最多 {most} 位。"), most=MOST_CONTACTS)
        contact = Contact(place=place, role=role, name=name, is_public=is_public, order=count)
        _put_phone(contact, number)
        contact.save()

        audit.record(actor, "place.contact.add", contact, place_path=place.path, changes={"public": is_public})
        return contact


def change_contact(
    *, actor: Actor, contact: Contact, role: str, name: str, phone: str | None, is_public: bool
) -> Contact:
    """Change a contact. ``phone`` None keeps the number it has (the form never shows a sealed one)."""
    role, name, number = _checked(role, name, phone or "")
    with begin(actor):
        place = locks.one(Place, pk=contact.place_id)
        if not rules.can_keep(actor, place):
            raise Forbidden
        contact = _again(contact)
        if phone is None:
            number = contact.public_phone or (contact.phone.open() if contact.phone else "")
        contact.role, contact.name, contact.is_public = role, name, is_public
        _put_phone(contact, number)
        contact.save()

        changes = {"public": is_public, "phone": phone is not None}
        audit.record(actor, "place.contact.change", contact, place_path=place.path, changes=changes)
        return contact


def remove_contact(*, actor: Actor, contact: Contact) -> None:
    """Delete a contact: it is about a person and has no history to keep."""
    with begin(actor):
        place = locks.one(Place, pk=contact.place_id)
        if not rules.can_keep(actor, place):
            raise Forbidden
        contact = _again(contact)
        audit.record(actor, "place.contact.remove", contact, place_path=place.path)
        contact.delete()


def reveal_contact(*, actor: Actor, contact: Contact, reason: str) -> str:
    """The private number, with the reason in the trail (security 5 no. 7). NotFound for those outside."""
    place = contact.place
    if not rules.can_see_private_contacts(actor, place):
        raise NotFound
    if contact.is_public:
        return contact.public_phone
    return sealed.reveal(actor, contact, "phone", reason, place_path=place.path)


def _again(contact: Contact) -> Contact:
    """The row as it is now; NotFound when somebody removed it meanwhile."""
    row = Contact.objects.filter(pk=contact.pk).select_related("place").first()
    if row is None:
        raise NotFound
    return row


def _put_phone(contact: Contact, number: str) -> None:
    contact.public_phone = number if contact.is_public else ""
    contact.phone = None if contact.is_public else number
