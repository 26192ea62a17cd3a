"""Accounts: who is behind a session, which sessions are open, whether a second factor is due."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db.models import QuerySet

from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.prepared import Shape
from huying.people import rules
from huying.people.models import Account, ExternalIdentity, Person, Role, SignIn
from huying.people.queries.actors import holding
from huying.people.states import STAFF
from huying.places.queries.wording import STAMP

HOME = "(SELECT path FROM places_place home WHERE home.id = person.home_place_id)"


class Backend(BaseBackend):
    """Finds the account of a session together with its person, in one query."""

    def get_user(self, user_id: int) -> Account | None:
        found, accounts, persons = _with_person()
        for row in prepared.rows(found, [user_id]):
            account = accounts.made(row)
            account.person = persons.made(row[accounts.width :])
            account.heard = (row[-2] or "", row[-1])
            return account
        return None


@cache
def _with_person() -> tuple[str, Shape[Account], Shape[Person]]:
    """An account's row, beside it that of its person, the path of his home and the stamp of the words on screens."""
    accounts, persons = Shape(Account, "account"), Shape(Person, "person")
    found = (
        f"SELECT {accounts.columns}, {persons.columns}, {HOME}, {STAMP}"  # noqa: S608 - own tables
        f" FROM {Account._meta.db_table} account"
        f" JOIN {Person._meta.db_table} person ON person.id = account.person_id"
        " WHERE account.id = %s AND account.is_active"
    )
    return found, accounts, persons


def heard(account: Account) -> tuple[str, str]:
    """The path of his home ("" without one) and the stamp of the words, for an account that was not read by the backend."""
    ((path, stamp),) = prepared.rows(
        f"SELECT {HOME}, {STAMP} FROM {Person._meta.db_table} person WHERE id = %s",  # noqa: S608 - own tables
        [account.person_id],
    )
    return path or "", stamp


def second_factor_due(account: Account) -> bool:
    """True when this installation asks a second factor of staff and this person is staff now."""
    if not settings.HUYING_STAFF_SECOND_FACTOR:
        return False
    roles = Role.objects.filter(holding(clock.now()), person_id=account.person_id, kind__in=STAFF)
    return roles.exists()


def open_sessions(account: Account) -> QuerySet[SignIn]:
    """Where the account is signed in, last used first."""
    return SignIn.objects.filter(account=account).order_by("-seen_at", "-pk")


def account_by_key(key: str) -> Account | None:
    """The active account behind the key in a first-password link (the public id of its person)."""
    try:
        public_id = UUID(key)
    except ValueError:
        return None
    return Account.objects.select_related("person").filter(person__public_id=public_id, is_active=True).first()


def account_by_number(number: int) -> Account | None:
    """The active account with this number, with its person."""
    return Account.objects.select_related("person").filter(pk=number, is_active=True).first()


def is_linked_outside(account: Account) -> bool:
    """True when the account can also be opened by an outside identity."""
    return ExternalIdentity.objects.filter(account=account).exists()


def has_account(person: Person) -> bool:
    """True when the person can sign in, or could."""
    return Account.objects.filter(person=person).exists()


def person_for_account(actor: Actor, public_id: UUID) -> Person:
    """Somebody for whom ``actor`` may open an account; NotFound otherwise."""
    person = Person.objects.select_related("home_place").filter(public_id=public_id).first()
    if person is None or not rules.can_open_account(actor, person):
        raise NotFound
    return person
