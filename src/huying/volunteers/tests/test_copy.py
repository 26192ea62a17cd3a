"""A person's own copy of everything that this room keeps of him."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.kernel import clock
from huying.people import actions as people_actions
from huying.volunteers import actions
from huying.volunteers.models import Language, ServiceCategory
from huying.volunteers.tests.factories import START, Cast, actor
from huying.volunteers.tests.test_keeping import started
from huying.volunteers.tests.test_service import confirmed
from huying.volunteers.tests.test_sessions import opened, scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def test_my_copy_holds_all_that_this_room_keeps_of_me(cast: Cast) -> None:
    keeper, me = actor(cast.keeper), actor(cast.li.person)
    cast.li.languages.set(Language.objects.filter(code="hakka"))
    cast.li.categories.set(ServiceCategory.objects.filter(code="elderly"))
    cast.li.availability = [4]
    cast.li.save()
    actions.record_insurance(actor=keeper, volunteer=cast.li, until=clock.today(), note="团体险")
    actions.record_check(actor=keeper, volunteer=cast.li, passed=True, valid_until=clock.today(), note="无记录")
    actions.link_external(actor=keeper, volunteer=cast.li, system="全国系统", value="N-7")
    actions.join_campaign(actor=me, campaign=started(cast))
    confirmed(cast)
    scan(opened(cast), cast.li)

    copy = {one.code: one for one in people_actions.export_person(actor=me, person_id=cast.li.person_id)}

    mine = copy["volunteer"].rows[0]
    assert (mine["languages"], mine["categories"], mine["availability"]) == (["客家话"], ["助老服务"], ["周二 下午"])
    assert (mine["weekly_limit"], mine["insured_until"], mine["insurance_note"]) == (5, clock.today(), "团体险")
    assert copy["protection_checks"].rows[0]["note"] == "无记录"
    assert copy["external_ids"].rows == [{"system": "全国系统", "value": "N-7"}]
    assert [row["title"] for row in copy["campaigns"].rows] == ["招募助餐志愿者"]
    assert [row["in_way"] for row in copy["attendances"].rows] == ["扫现场屏幕码"]
    assert [(row["amount"], row["balance"]) for row in copy["ledger"].rows] == [(120, 120)]
    assert all(set(row) <= set(one.names) for one in copy.values() if one.names for row in one.rows)
