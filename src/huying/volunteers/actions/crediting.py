"""Confirmed minutes in the ledger: issued by the place, held by the person, two people behind each transfer.

The ledger refuses any other way: minutes come into being on issuing accounts only, and not by one person alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from huying.kernel.actor import Actor
from huying.ledger import actions as ledger_actions
from huying.ledger.models import Transfer
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers.models import ServiceRecord, Volunteer
from huying.volunteers.states import LEDGER_OWNER, MINUTES

POSTING = Actor.system("volunteers.crediting")
"""The platform posts; who entered and who confirmed the record answer for it, and stand on the transfer."""


def credit(records: Sequence[ServiceRecord], *, makers: dict[int, int], checker_id: int | None) -> None:
    """Post these versions' minutes in one go: entered by ``makers`` (by record), confirmed by ``checker_id``.

    Sets ``transfer_id``. Doing it again for the same version changes nothing, for the key is the record's id and
    version.
    """
    entries = [
        ledger_actions.Entry(
            debit=issuing(record),
            credit=account(record),
            amount=record.minutes,
            key=f"service:{record.public_id}:{record.version}",
            reason="service",
            rule_version=str(record.rule_version),
            evidence=f"volunteers.ServiceRecord:{record.pk} {record.evidence}",
            occurred_at=record.ends_at,
            made_by=makers[record.pk],
            approved_by=checker_id,
        )
        for record in records
    ]
    for record, posted in zip(records, ledger_actions.post(actor=POSTING, entries=entries), strict=True):
        record.transfer_id = posted.pk


def take_back(actor: Actor, record: ServiceRecord, *, maker_id: int) -> None:
    """Reverse what this version posted: ``actor`` agreed to what ``maker_id`` asked for.

    Why stands with the steps of the record, where it can be forgotten, not in the ledger (decision 0012).
    """
    assert record.transfer_id is not None  # only counted records are corrected
    ledger_actions.reverse(
        actor=actor,
        transfer=Transfer.objects.get(pk=record.transfer_id),
        reason="correction",
        key=f"service:{record.public_id}:{record.version}:back",
        approved_by=maker_id,
    )


def issuing(record: ServiceRecord) -> int:
    """The account the place's minutes come from, which may go below nothing."""
    return ledger_actions.open_account(
        actor=POSTING,
        asset=MINUTES,
        owner_type="places.Place",
        owner_id=record.place_id,
        place_path=record.place.path,
        purpose="issuing",
        floor=None,
    ).pk


def account(record: ServiceRecord) -> int:
    """The account of the person's own minutes, never below nothing."""
    place = place_of(record.person_id)
    return ledger_actions.open_account(
        actor=POSTING,
        asset=MINUTES,
        owner_type=LEDGER_OWNER,
        owner_id=record.person_id,
        place_path=place.path if place else "",
    ).pk


def place_of(person_id: int) -> Place | None:
    """Whose auditors see this person's accounts: the place he lives at, or where nobody knows, starts out from."""
    row = Person.objects.filter(pk=person_id).select_related("home_place").first()
    if row is None or row.home_place is not None:
        return row.home_place if row else None
    helper = Volunteer.objects.filter(person_id=person_id).select_related("base_place").first()
    return helper.base_place if helper else None


def follow_home(*, actor: Actor, person_id: int) -> int:
    """The person's accounts belong to the place he belongs to now; how many did not. Again it changes nothing."""
    return ledger_actions.follow_owner(
        actor=actor, owner_type=LEDGER_OWNER, owner_id=person_id, place=place_of(person_id)
    )
