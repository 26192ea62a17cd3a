"""People for tests, made through the real actions; other rooms' tests may use them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.test import Client

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people import actions, queries
from huying.people.actions.codes import phone_index
from huying.people.actions.consents import load_purposes
from huying.people.actions.persons import create_person
from huying.people.models import Account, Person, Role
from huying.people.states import RoleKind
from huying.places.models import Place

SYSTEM = Actor.system("tests")
PASSWORD = "gui-hua-mi-jiu-47"
_numbers = count(1)


def phone_number() -> str:
    """A fresh mobile number nobody else in this test run has."""
    return f"139{next(_numbers):08d}"


def person(name: str = "", *, home: Place | None = None, **facts: Any) -> Person:
    """Somebody written down; ``home`` is where he lives."""
    number = next(_numbers)
    given = {"name": name or f"居民{number}", "birth_date": date(1980, 1, 1), "home_place": home}
    with begin(SYSTEM):
        return create_person(SYSTEM, actions.Facts(**{**given, **facts}))


def account(owner: Person | None = None, *, username: str = "", password: str = PASSWORD) -> Account:
    """An account that can sign in by password, and by phone when its owner has one."""
    load_purposes()
    owner = owner or person(phone=phone_number())
    made = Account(
        person=owner,
        username=username or f"user{next(_numbers)}",
        phone_index=owner.phone_index,
        created_at=clock.now(),
    )
    made.set_password(password)
    made.save()
    return made


def role(holder: Person, kind: str, place: Place, **facts: Any) -> Role:
    """A role given by the installation."""
    starts_at = facts.pop("starts_at", clock.now() - timedelta(days=1))
    made = Role(person=holder, kind=kind, place=place, starts_at=starts_at, granted_at=clock.now(), **facts)
    made.save()
    return made


def actor(holder: Person, **facts: Any) -> Actor:
    """The actor of somebody, with the roles he holds now."""
    return queries.actor_for(Account(pk=0, person_id=holder.pk), **facts)


def staff(kind: str = RoleKind.OFFICE, place: Place | None = None, name: str = "") -> Person:
    """Somebody with an account and a staff role."""
    from huying.places.tests.factories import place as make_place

    here = place or make_place("street")
    made = person(name, home=here, phone=phone_number())
    account(made)
    role(made, kind, here)
    return made


def client(owner: Person | Account, *, fresh: bool = True) -> Client:
    """A browser in which this person signed in just now, through the real door."""
    held = owner if isinstance(owner, Account) else owner.account
    browser = Client()
    answer = browser.post("/people/sign-in/", {"identifier": held.username, "password": PASSWORD})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    if not fresh:
        session = browser.session
        session["fresh"] = 0
        session.save()
    return browser


def index_of(phone: str) -> bytes:
    return phone_index(phone)
