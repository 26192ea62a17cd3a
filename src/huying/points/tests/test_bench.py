"""The judge of the bench: it finds what it is there for."""

from __future__ import annotations

import pytest

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
