"""Assets and accounts are opened here; what is on them is written by postings only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from huying.kernel import audit, chance, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import SignInNeeded
from huying.kernel.transactions import begin
from huying.ledger.actions.refusals import AccountDiffers, AssetUnknown, FloorOdd
from huying.ledger.models import Account, Asset
from huying.ledger.queries.balances import account_of
from huying.ledger.states import AssetKind

OPEN = """
INSERT INTO ledger_account (public_id, asset_id, owner_type, owner_id, purpose, place_path, floor, opened_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (owner_type, owner_id, asset_id, purpose) DO NOTHING RETURNING id
"""

OPEN_MANY = """
INSERT INTO ledger_account (public_id, asset_id, owner_type, owner_id, purpose, place_path, floor, opened_at)
SELECT public_id, %s, %s, owner_id, %s, place_path, %s, %s
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) WITH ORDINALITY wanted (public_id, owner_id, place_path, n) ORDER BY n
ON CONFLICT (owner_type, owner_id, asset_id, purpose) DO NOTHING RETURNING id
"""


def add_asset(
    *, actor: Actor, code: str, kind: AssetKind, name: str, unit: str, name_en: str = "", unit_en: str = ""
) -> Asset:
    """Something new to count, such as one kind of goods. The same code again gives the asset that is there."""
    with begin(actor):
        asset, fresh = Asset.objects.get_or_create(
            code=code, defaults={"kind": kind, "name": name, "name_en": name_en, "unit": unit, "unit_en": unit_en}
        )
        if fresh:
            audit.record(actor, "ledger.add_asset", asset, changes={"code": code, "kind": kind})
        return asset


def open_account(
    *,
    actor: Actor,
    asset: Asset | str,
    owner_type: str,
    owner_id: int,
    place_path: str = "",
    purpose: str = "main",
    floor: int | None = 0,
) -> Account:
    """The owner's account of this asset (or its code) for this purpose; opened when there is none.

    ``owner_type`` is a model label such as ``people.Person``. ``floor`` 0: it never goes below nothing; None: it issues
    what it gives, by two people each time. Raises AssetUnknown, FloorOdd, AccountDiffers (open, with another floor).
    """
    if actor.is_anonymous:
        raise SignInNeeded
    if floor not in {0, None}:
        raise FloorOdd(fields={"floor": FloorOdd.message})
    known = account_of(owner_type, owner_id, asset, purpose)
    if known is not None and known.floor == floor:
        return known
    with begin(actor):
        kind = Asset.objects.filter(code=asset).first() if isinstance(asset, str) else asset
        if kind is None:
            raise AssetUnknown
        facts: list[UUID | int | str | datetime | None] = [
            chance.uuid7(),
            kind.pk,
            owner_type,
            owner_id,
            purpose,
            place_path,
            floor,
            clock.now(),
        ]
        with connection.cursor() as cursor:
            cursor.execute(OPEN, facts)
            fresh = cursor.fetchone() is not None
        account = account_of(owner_type, owner_id, kind, purpose)
        if account is None or account.floor != floor:
            raise AccountDiffers
        if fresh:
            audit.record(actor, "ledger.open", account, place_path=place_path, changes={"issuing": floor is None})
        return account


def open_accounts(
    *,
    actor: Actor,
    asset: str,
    owner_type: str,
    owners: Mapping[int, str],
    purpose: str = "main",
    floor: int | None = 0,
) -> dict[int, int]:
    """Accounts of many owners at once, as ``open_account`` opens them: key of the account by key of the owner.

    ``owners``: the path of each owner's place. Raises AssetUnknown, FloorOdd, AccountDiffers; then none is opened.
    """
    if actor.is_anonymous:
        raise SignInNeeded
    if floor not in {0, None}:
        raise FloorOdd(fields={"floor": FloorOdd.message})
    with begin(actor):
        kind = Asset.objects.filter(code=asset).first()
        if kind is None:
            raise AssetUnknown
        wanted = sorted(owners)
        paths = [owners[one] for one in wanted]
        with connection.cursor() as cursor:
            cursor.execute(
                OPEN_MANY, [kind.pk, owner_type, purpose, floor, clock.now(), chance.uuid7s(len(wanted)), wanted, paths]
            )
            fresh = {key for (key,) in cursor.fetchall()}
        rows = Account.objects.filter(owner_type=owner_type, owner_id__in=wanted, asset=kind, purpose=purpose)
        accounts = list(rows.order_by("id"))
        if any(one.floor != floor for one in accounts):
            raise AccountDiffers
        changes = {"issuing": floor is None}
        audit.write(
            audit.line(actor, "ledger.open", one, place_path=one.place_path, changes=changes)
            for one in accounts
            if one.pk in fresh
        )
        return {one.owner_id: one.pk for one in accounts}
