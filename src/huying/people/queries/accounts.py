"""Accounts: who is behind a session, which sessions are open, whether a second factor is due."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db.models import QuerySet

from huying.kernel import clock
from huying.people.models import Account, ExternalIdentity, Role, SignIn
from huying.people.queries.actors import holding
from huying.people.states import STAFF


class Backend(BaseBackend):
    """Finds the account of a session together with its person, in one query."""

    def get_user(self, user_id: int) -> Account | None:
        return Account.objects.select_related("person").filter(pk=user_id, is_active=True).first()


def second_factor_due(account: Account) -> bool:
    """True when this installation asks a second factor of staff and this person is staff now."""
    if not settings.HUYING_STAFF_SECOND_FACTOR:
        return False
    roles = Role.objects.filter(holding(clock.now()), person_id=account.person_id, kind__in=STAFF)
    return roles.exists()


def open_sessions(account: Account) -> QuerySet[SignIn]:
    """Where the account is signed in, last used first."""
    return SignIn.objects.filter(account=account).order_by("-seen_at", "-pk")


def account_outside(issuer: str, subject: str) -> Account | None:
    """The account linked to an identity at an outside sign-in service."""
    linked = (
        ExternalIdentity.objects.filter(issuer=issuer, subject=subject, account__is_active=True)
        .select_related("account__person")
        .first()
    )
    return linked.account if linked else None
