"""How owners of ledger accounts and the papers behind transfers are called: the ledger knows type and number only."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from huying.kernel.actor import Actor
from huying.ledger import queries as ledger_queries
from huying.people.models import Person
from huying.places.models import Place
from huying.points import rules as point_rules
from huying.points.models import Book, Claim, Good, Partner, Passbook
from huying.points.states import REASONS
from huying.ui.naming import named
from huying.volunteers import queries as volunteer_queries
from huying.volunteers.models import ServiceRecord, Team
from huying.volunteers.states import CREDITED


def persons(ids: set[int]) -> dict[int, str]:
    """Person key -> name; who was erased shows the word that stands in his place."""
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))


def places(ids: set[int]) -> dict[int, str]:
    """Place key -> name in the reader's language."""
    return {one.pk: named(one) for one in Place.objects.filter(pk__in=ids)}


def teams(ids: set[int]) -> dict[int, str]:
    """Team key -> name."""
    return dict(Team.objects.filter(pk__in=ids).values_list("pk", "name"))


def records(actor: Actor, ids: set[int]) -> dict[int, ledger_queries.Paper]:
    """Record key -> its title and page for who may see the record; for others only that it is one."""
    seen = volunteer_queries.records_by_ids(actor, ids)
    hidden = ledger_queries.Paper(gettext("服务记录"))
    return {key: paper_of(seen[key]) if key in seen else hidden for key in ids}


def paper_of(record: ServiceRecord) -> ledger_queries.Paper:
    href = reverse("volunteers:record", args=[record.public_id])
    return ledger_queries.Paper(f"{record.title} · {record.evidence} {record.get_evidence_display()}", href)


def books(ids: set[int]) -> dict[int, str]:
    return {one.pk: named(one) for one in Book.objects.filter(pk__in=ids)}


def goods(ids: set[int]) -> dict[int, str]:
    """Good key -> the bank it lies at, and what it is."""
    rows = Good.objects.filter(pk__in=ids).select_related("bank")
    return {one.pk: f"{named(one.bank)} · {named(one)}" for one in rows}


def partners(ids: set[int]) -> dict[int, str]:
    return dict(Partner.objects.filter(pk__in=ids).values_list("pk", "name"))


def claims(actor: Actor, ids: set[int]) -> dict[int, ledger_queries.Paper]:
    """Claim key -> what was done and its page for who may see it; for others only that it is one."""
    passbooks = Passbook.objects.filter(point_rules.passbooks_visible_to(actor)).values("pk")
    seen = {one.pk: one for one in Claim.objects.filter(pk__in=ids, passbook__in=passbooks)}
    papers = {
        key: ledger_queries.Paper(one.title, reverse("points:claim", args=[one.public_id])) for key, one in seen.items()
    }
    return {key: papers.get(key) or ledger_queries.Paper(gettext("积分申报")) for key in ids}


def goods_read(actor: Actor, ids: set[int]) -> dict[int, ledger_queries.Paper]:
    return {key: ledger_queries.Paper(name) for key, name in goods(ids).items()}


def register() -> None:
    """Tell the ledger; called once when Django starts."""
    for model, naming in ((Person, persons), (Place, places), (Team, teams)):
        ledger_queries.name_owners(model._meta.label, naming)
    for owner, naming in ((Book, books), (Good, goods), (Partner, partners)):
        ledger_queries.name_owners(owner._meta.label, naming)
    ledger_queries.say_reasons(CREDITED)
    ledger_queries.say_reasons(REASONS)
    ledger_queries.read_papers(Claim._meta.label, claims)
    ledger_queries.read_papers(Good._meta.label, goods_read)
    ledger_queries.read_papers(ServiceRecord._meta.label, records)
