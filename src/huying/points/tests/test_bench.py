"""The judge of the bench: it finds what it is there for."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from conftest import url_for
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

import huying
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.points import actions
from huying.points.management import crowd
from huying.points.models import Gift, Passbook
from huying.points.tests.factories import START

pytestmark = pytest.mark.django_db


def test_the_judge_finds_what_is_lost_or_double(db: None) -> None:
    with clock.frozen(START):
        shop = crowd.opened(2, 100, 10)
        passbook = Passbook.objects.select_related("book__place").get(pk=shop.passbooks[0])
        gift = actions.reserve(actor=Actor(person_id=passbook.person_id), passbook=passbook, good=shop.good)
        fine = crowd.violations(shop, 100, 10, {str(gift.public_id)})
        lost = crowd.violations(shop, 100, 10, {"0" * 36})
        Gift.objects.filter(pk=gift.pk).update(state="handed", way="code", ended_at=START)
        twice = crowd.violations(shop, 100, 10, set())

    assert fine == []
    assert len(lost) == 1
    assert len(twice) == 3  # goods, the passbook, the hold


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_a_small_crowd_loses_nothing_while_its_clients_are_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    database, told = connection.settings_dict, StringIO()
    with pytest.raises(CommandError):  # it fills the database, so it wants to be asked for
        call_command("bench_points", "--small", stdout=told)
    monkeypatch.setenv("HUYING_BENCH", "1")
    monkeypatch.setenv("HUYING_DATA", str(settings.DATA))  # the same keys
    monkeypatch.setenv("HUYING_SECRET_KEY", settings.SECRET_KEY)
    monkeypatch.setenv("PYTHONPATH", str(Path(huying.__file__).parent.parent))
    monkeypatch.setenv("HUYING_DATABASE_URL", url_for(database["NAME"], database["USER"]))

    call_command("bench_points", "--small", stdout=told)

    document = json.loads(told.getvalue())
    figures = document["figures"]
    assert document["violations"] == []
    assert (figures["violations"], figures["kills"]) == (0, 3)
    assert figures["hands"] + figures["waiting_after_kills"] > 80  # of 108 pieces for 120
