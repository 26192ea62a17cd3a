from __future__ import annotations

import pytest
from django.test import Client

from huying.kernel.actor import Actor
from huying.people import actions
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = pytest.mark.django_db


def test_one_learns_who_one_is_and_where_one_works() -> None:
    street = place("street")
    keeper = make.staff(RoleKind.OFFICE, street, "林知远")
    actions.send_notice(actor=Actor.system("t"), person=keeper, title="停水通知", urgent=True)

    response = make.client(keeper).get("/api/v1/people/me")

    assert response.json() == {
        "id": str(keeper.public_id),
        "name": "林知远",
        "roles": [{"kind": "office", "place": str(street.public_id)}],
        "unread": 1,
    }


def test_a_visitor_is_asked_to_sign_in() -> None:
    response = Client().get("/api/v1/people/me")

    assert (response.status_code, response.json()["error"]["code"]) == (401, "sign_in_needed")
