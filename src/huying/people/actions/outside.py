"""Identities at an outside sign-in service: found, tied and untied. Only issuer and subject are kept."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict
from huying.kernel.sealed import PhoneUnclear, normal_mobile
from huying.kernel.transactions import begin
from huying.people.actions.codes import phone_index
from huying.people.models import Account, ExternalIdentity


class LinkedElsewhere(Conflict):
    code = "linked_elsewhere"
    message = _("这个身份已经关联了另一个账号。")


def find_or_link(*, actor: Actor, issuer: str, subject: str, phone: str = "") -> Account | None:
    """The account of an outside identity; one with the same proved number is tied to it on first sight.

    ``phone`` is given only when the provider says that it proved the number itself.
    """
    if not subject:
        return None
    known = ExternalIdentity.objects.filter(issuer=issuer, subject=subject).select_related("account__person")
    identity = known.first()
    if identity is not None:
        return identity.account if identity.account.is_active else None
    try:
        index = phone_index(normal_mobile(phone))
    except PhoneUnclear:
        return None
    account = Account.objects.filter(phone_index=index, is_active=True).select_related("person").first()
    if account is not None:
        link_identity(actor=actor, account=account, issuer=issuer, subject=subject)
    return account


def link_identity(*, actor: Actor, account: Account, issuer: str, subject: str) -> ExternalIdentity:
    """Tie an outside identity to an account. Raises LinkedElsewhere when it opens another one."""
    with begin(actor):
        identity = ExternalIdentity(account=account, issuer=issuer, subject=subject, linked_at=clock.now())
        try:
            with transaction.atomic():
                identity.save()
        except IntegrityError:
            standing = ExternalIdentity.objects.get(issuer=issuer, subject=subject)
            if standing.account_id != account.pk:
                raise LinkedElsewhere from None
            return standing
        audit.record(actor, "account.linked", account, changes={"issuer": issuer})
        return identity


def unlink_identities(*, actor: Actor, account: Account) -> int:
    """Untie every outside identity of the account; how many there were."""
    with begin(actor):
        gone = ExternalIdentity.objects.filter(account=account).delete()[0]
        if gone:
            audit.record(actor, "account.unlinked", account)
        return gone
