"""Every page about people opens for those it is for."""

from __future__ import annotations

import pytest

from huying.people.states import RoleKind
from huying.people.tests import factories as make

pytestmark = pytest.mark.django_db

MINE = [
    "me/",
    "me/data/",
    "me/data/copy.html",
    "me/data/copy.json",
    "me/erase/",
    "me/preferences/",
    "me/sign-in/",
    "me/password/",
    "me/username/",
    "me/phone/",
    "me/second/",
    "me/consents/",
    "me/family/",
    "me/family/child/",
    "me/family/entrust/",
    "me/notices/",
    "me/roles/",
    "act/",
    "sign-in/set-up/",
    "confirm/",
]


@pytest.mark.parametrize("address", MINE)
def test_a_resident_opens_every_page_of_his_own(address):
    browser = make.client(make.account())

    answer = browser.get(f"/people/{address}")

    assert answer.status_code == 200, answer.content.decode()[:3000]


@pytest.mark.parametrize("address", [*MINE, "persons/", "persons/add/", "persons/doubles/", "roles/proposals/"])
def test_staff_open_every_page_of_their_own(address):
    browser = make.client(make.staff(RoleKind.OFFICE))

    answer = browser.get(f"/people/{address}")

    assert answer.status_code == 200, answer.content.decode()[:3000]


@pytest.mark.parametrize("address", [*MINE, "persons/", "persons/add/"])
def test_a_visitor_is_sent_to_the_door(client, address):
    answer = client.get(f"/people/{address}")

    assert answer.status_code in {302, 303}
    assert answer["Location"].startswith("/people/sign-in/?next=/people/")


@pytest.mark.parametrize("address", ["sign-in/", "sign-in/code/"])
def test_the_door_is_open_to_visitors(client, address):
    assert client.get(f"/people/{address}").status_code == 200
