"""A browser in which somebody is signed in, and writes with a key of their own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.test import Client

from huying.calls.tests.factories import account
from huying.people.models import Account, Person


def browser(who: Person) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(Account.objects.filter(person=who).first() or account(who))
    return client


def sent(client: Client, address: str, /, **body: Any) -> Any:
    """POST with a fresh idempotency key."""
    return client.post(address, {"idempotency_key": uuid4().hex, **body})
