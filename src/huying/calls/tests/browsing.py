"""A browser in which somebody is signed in, and writes with a key of their own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.test import Client

from huying.calls.tests.factories import account
from huying.kernel import clock
from huying.kernel.requests import FRESH
from huying.people.models import Account, Person


def browser(who: Person) -> Client:
    """A browser in which this person is signed in, and has just shown who he is."""
    client = Client()
    client.force_login(Account.objects.filter(person=who).first() or account(who))
    session = client.session
    session[FRESH] = clock.now().timestamp()
    session.save()
    return client


def sent(client: Client, address: str, /, **body: Any) -> Any:
    """POST with a fresh idempotency key."""
    return client.post(address, {"idempotency_key": uuid4().hex, **body})
