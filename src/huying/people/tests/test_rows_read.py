"""People and accounts read by a statement of every request are what Django's own query gives."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.kernel import prepared
from huying.kernel.prepared import Shape
from huying.people.models import Account, Person

pytestmark = pytest.mark.django_db


def test_an_object_takes_sealed_text_as_django_gives_it_and_rows_beside_it_are_not_asked_for_again() -> None:
    person = Person.objects.create(name="沈守拙", phone="13800001111")
    account = Account.objects.create(username="sealed", person=person)
    persons, accounts = Shape(Person, "person"), Shape(Account, "account")
    [row] = prepared.rows(f"SELECT {persons.columns} FROM people_person person WHERE id = %s", [person.pk])
    [other] = prepared.rows(f"SELECT {accounts.columns} FROM people_account account WHERE id = %s", [account.pk])

    read, loaded = persons.made(row), Person.objects.get(pk=person.pk)

    assert read.phone.open() == loaded.phone.open() == "13800001111"
    assert {name: getattr(read, name) for name in persons.names if name != "phone"} == {
        name: getattr(loaded, name) for name in persons.names if name != "phone"
    }
    with CaptureQueriesContext(connection) as seen:
        assert accounts.made(other, person=read).person is read
    assert len(seen) == 0
    read.name = "沈守拙二"
    read.save(update_fields=["name"])
    assert Person.objects.get(pk=person.pk).name == "沈守拙二"  # it is a row that is there, not a new one
