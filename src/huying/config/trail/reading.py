"""Which lines somebody may read, how they are narrowed, and what each says without giving a sealed value away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from huying.calls.models import Call
from huying.config.trail.words import SUBJECTS, WORDS
from huying.kernel import masking
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine
from huying.people import rules
from huying.people.models import Account, Person, Role
from huying.people.states import RoleKind
from huying.places.models import Place

READERS = (RoleKind.AUDIT_ADMIN, RoleKind.AUDITOR)
TOP_DEPTH = 2  # slashes in the path of a place that has none above it
CHUNK = 500


def can_read(actor: Actor) -> bool:
    """The audit administrator and the auditor read the trail, each of his places (GB/T 22239-2019 8.1.4, audit)."""
    return rules.holds(actor, *READERS)


def readable(actor: Actor) -> QuerySet[AuditLine]:
    """The lines of the actor's places. Those without a place (signing in, jobs) are for the audit administrator:
    all of them at the top of the tree, elsewhere those of people who live or work in his places.
    """
    paths = rules.held(actor, [RoleKind.AUDIT_ADMIN])
    placeless = Q(pk__in=[])
    if any(path.count("/") <= TOP_DEPTH for path in paths):
        placeless = Q(place_path="")
    elif paths:
        people = Person.objects.filter(rules.within(actor, [RoleKind.AUDIT_ADMIN], "home_place__path")).values("pk")
        holders = Role.objects.filter(rules.within(actor, [RoleKind.AUDIT_ADMIN])).values("person_id")
        placeless = Q(place_path="") & (Q(person_id__in=people) | Q(person_id__in=holders))
    return AuditLine.objects.filter(rules.within(actor, READERS, "place_path") | placeless)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; empty values do not narrow. ``since`` and ``until`` are moments, the last one excluded."""

    who: str = ""
    verb: str = ""
    subject: str = ""
    number: int | None = None
    place: Place | None = None
    since: datetime | None = None
    until: datetime | None = None


def narrowed(lines: QuerySet[AuditLine], wanted: Wanted) -> QuerySet[AuditLine]:
    """The lines that fit; ``who`` is a whole name or a user name, of who did it or for whom it was done."""
    if wanted.who:
        people = Person.objects.filter(Q(name=wanted.who) | Q(account__username=wanted.who.casefold()))
        ids = list(people.values_list("pk", flat=True)[:200])
        lines = lines.filter(Q(person_id__in=ids) | Q(on_behalf_of_id__in=ids))
    if wanted.verb:
        lines = lines.filter(verb=wanted.verb)
    if wanted.subject:
        lines = lines.filter(subject_type=wanted.subject)
    if wanted.number is not None:
        lines = lines.filter(subject_id=wanted.number)
    if wanted.place:
        lines = lines.filter(place_path__startswith=wanted.place.path)
    if wanted.since:
        lines = lines.filter(at__gte=wanted.since)
    if wanted.until:
        lines = lines.filter(at__lt=wanted.until)
    return lines


@dataclass(frozen=True, slots=True)
class Told:
    """One line in words."""

    at: datetime
    who: str
    behalf: str
    verb: str
    did: Promise | str
    kind: Promise | str
    subject: str
    place: str
    details: str
    reason: str
    channel: str
    address: str


def told(lines: Iterable[AuditLine]) -> Iterator[Told]:
    """Lines in words, names looked up for some hundreds at a time (four queries each)."""
    rest = iter(lines)
    while chunk := list(islice(rest, CHUNK)):
        names = Names(chunk)
        yield from (names.tell(line) for line in chunk)


class Names:
    """The names behind the numbers of some lines."""

    def __init__(self, lines: list[AuditLine]) -> None:
        self.accounts = dict(Account.objects.filter(pk__in=_subjects(lines, Account)).values_list("pk", "person_id"))
        people = {line.person_id or 0 for line in lines} | {line.on_behalf_of_id or 0 for line in lines}
        people |= _subjects(lines, Person) | set(self.accounts.values())
        self.people = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
        places = {_place_id(line) for line in lines} | _subjects(lines, Place)
        self.places = dict(Place.objects.filter(pk__in=places).values_list("pk", "name"))
        self.calls = dict(Call.objects.filter(pk__in=_subjects(lines, Call)).values_list("pk", "number"))

    def tell(self, line: AuditLine) -> Told:
        """Who acted stands by name, whoever he acted on or for by his first letter: an auditor needs no more."""
        return Told(
            at=line.at,
            who=self.people.get(line.person_id or 0) or line.system or "–",
            behalf=_veiled(self.people.get(line.on_behalf_of_id or 0, "")),
            verb=line.verb,
            did=WORDS.get(line.verb, line.verb),
            kind=SUBJECTS.get(line.subject_type, line.subject_type),
            subject=self.subject(line),
            place=self.places.get(_place_id(line), ""),
            details=_details(line.changes),
            reason=masking.mask(line.reason),
            channel=line.channel,
            address=line.address or "",
        )

    def subject(self, line: AuditLine) -> str:
        """The thing's own name where it has a public one, else its number."""
        key = line.subject_id or 0
        if line.subject_type == Call._meta.label:
            return self.calls.get(key, "") or str(key)
        if line.subject_type == Place._meta.label:
            return self.places.get(key, str(key))
        person = key if line.subject_type == Person._meta.label else 0
        if line.subject_type == Account._meta.label:
            person = self.accounts.get(key, 0)
        known = _veiled(self.people.get(person, ""))
        return " ".join(part for part in (known, str(key) if key else "") if part)


def _subjects(lines: list[AuditLine], model: type[Model]) -> set[int]:
    return {line.subject_id or 0 for line in lines if line.subject_type == model._meta.label}


def _place_id(line: AuditLine) -> int:
    last = line.place_path.strip("/").rpartition("/")[2]
    return int(last) if last.isdecimal() else 0


def _veiled(name: str) -> str:
    return f"{name[0]}＊＊" if name else ""


def _details(changes: dict[str, Any]) -> str:
    """What moved, as ``name: value`` pairs; numbers of people that slipped in are masked."""
    shown = masking.mask_any(changes)
    return "; ".join(f"{name}: {_flat(value)}" for name, value in shown.items())[:500]


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(inner) for inner in value)
    return "" if value is None else str(value)
