from __future__ import annotations

import pytest

from huying.people.actions.consents import load_purposes
from huying.places.tests.factories import place


@pytest.fixture(autouse=True)
def settings_of_people(settings):
    """A console gateway, no second factor unless the test asks for it, cheap hashing."""
    settings.HUYING_SMS_GATEWAY = "console"
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def purposes(db):
    load_purposes()


@pytest.fixture
def county():
    return place("county")


@pytest.fixture
def street(county):
    return place("street", county)
