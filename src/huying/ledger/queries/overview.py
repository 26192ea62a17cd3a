"""The ledger as its auditors see it: sums of each asset, the accounts, the state of the seals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext

from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.ledger import rules
from huying.ledger.models import Account, Asset, Seal, Transfer
from huying.ledger.states import EXPIRED, OWNER

MOST_COUNTED = 10_000
PEOPLE = "people.Person"
"""The owner type whose names also say who made and who approved a transfer."""
Naming = Callable[[set[int]], dict[int, str]]
_namings: dict[str, Naming] = {}


def name_owners(owner_type: str, naming: Naming) -> None:
    """How owners of this type are called: ``naming`` gets ids and gives names. Rooms above say so when they start."""
    _namings[owner_type] = naming


def names_of(accounts: Iterable[Account]) -> dict[int, str]:
    """Account key -> what its owner is called; type and number where nobody said how to name them."""
    by_type: dict[str, list[Account]] = {}
    for one in accounts:
        by_type.setdefault(one.owner_type, []).append(one)
    told: dict[int, str] = {}
    for owner_type, rows in by_type.items():
        naming = _namings.get(owner_type)
        names = naming({one.owner_id for one in rows}) if naming else {}
        for one in rows:
            told[one.pk] = own_name(one) if owner_type == OWNER else names.get(one.owner_id) or str(one).split(" ")[0]
    return told


def own_name(account: Account) -> str:
    """The ledger's own accounts: where units come into being, and where those go that were not used."""
    if account.purpose == EXPIRED:
        return gettext("到期收回")
    return gettext("发行") if account.issuing else account.purpose


@dataclass(frozen=True, slots=True)
class Sums:
    """One asset: what was ever issued, what people have of it, what of that is held, in how many accounts."""

    asset: Asset
    issued: int
    owned: int
    held: int
    accounts: int


def sums(actor: Actor) -> list[Sums]:
    """Sums of each asset over the accounts that the auditor may see."""
    rows = Account.objects.filter(rules.visible_to(actor))
    found = {
        one["asset_id"]: one
        for one in rows.values("asset_id").annotate(
            issued=Sum(F("debits") - F("credits"), filter=Q(issuing=True), default=0),
            owned=Sum(F("credits") - F("debits"), filter=Q(issuing=False), default=0),
            on_hold=Sum("held", default=0),
            number=Count("id"),
        )
    }
    assets = Asset.objects.filter(pk__in=found).order_by("id")
    told = [(one, found[one.pk]) for one in assets]
    return [Sums(asset, one["issued"], one["owned"], one["on_hold"], one["number"]) for asset, one in told]


def listed(actor: Actor, *, asset: str = "", only: str = "", owner_id: int | None = None) -> QuerySet[Account]:
    """Accounts the auditor may see, by asset, by owner's number; ``only``: issuing, held or used."""
    rows = Account.objects.filter(rules.visible_to(actor)).select_related("asset")
    if asset:
        rows = rows.filter(asset__code=asset)
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    narrowed = {"issuing": Q(issuing=True), "held": Q(held__gt=0), "used": Q(credits__gt=0) | Q(debits__gt=0)}
    return rows.filter(narrowed[only]) if only else rows


def assets() -> QuerySet[Asset]:
    """Everything that is counted, in the order of entry."""
    return Asset.objects.order_by("id")


def seen_account(actor: Actor, public_id: UUID) -> Account:
    """One account of the auditor's places; NotFound for others."""
    rows = Account.objects.filter(rules.visible_to(actor), public_id=public_id)
    found = rows.select_related("asset").first()
    if found is None:
        raise NotFound
    return found


def others_of(account_ids: Iterable[int]) -> dict[int, str]:
    """Account key -> the owner's name, for the other side of the lines of a statement."""
    return names_of(Account.objects.filter(pk__in=set(account_ids)))


def people_called(ids: Iterable[int | None]) -> dict[int, str]:
    """Person key -> name, for who made and who approved a transfer; without a name the number stands for itself."""
    naming = _namings.get(PEOPLE)
    return naming({one for one in ids if one is not None}) if naming else {}


def last_seal() -> Seal | None:
    """The newest seal, without its leaves."""
    return Seal.objects.order_by("-number").defer("leaves").first()


def unsealed() -> int:
    """How many transfers wait for their seal; ten thousand says enough."""
    last = Seal.objects.order_by("-number").values_list("last_id", flat=True).first() or 0
    return Transfer.objects.filter(pk__gt=last)[:MOST_COUNTED].count()
