"""Lists to take along, without telephone numbers; and a person's own copy of everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from huying.kernel import clock
from huying.people import actions as people_actions
from huying.volunteers import actions
from huying.volunteers.models import Language, ServiceCategory
from huying.volunteers.tests.factories import START, Cast, actor, browser
from huying.volunteers.tests.test_keeping import started
from huying.volunteers.tests.test_service import confirmed
from huying.volunteers.tests.test_sessions import opened, scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def rows_of(answer: Any) -> list[tuple[Any, ...]]:
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


def test_the_members_of_a_team_come_as_a_workbook_for_those_who_keep_them(cast: Cast) -> None:
    actions.add_member(actor=actor(cast.keeper), team=cast.team, volunteer=cast.li, agreed=True)
    address = reverse("volunteers:team_members_file", args=[cast.team.public_id, "xlsx"])

    head, *rows = rows_of(browser(cast.wu.person).get(address))

    assert [row[:4] for row in rows] == [("吴长青", "是", "和平社区", "做饭"), ("李安和", "否", "和平社区", "做饭")]
    assert not any("电话" in str(name) for name in head)
    assert browser(cast.keeper).get(address).status_code == 200
    assert [browser(who).get(address).status_code for who in (cast.li.person, cast.outsider)] == [403, 404]
    assert browser(cast.keeper).get(address.replace("xlsx", "exe")).status_code == 404


def test_who_came_to_a_session_comes_as_a_workbook_for_those_who_run_it(cast: Cast) -> None:
    session = opened(cast)
    scan(session, cast.li)
    with clock.frozen(START + timedelta(hours=1)):
        scan(session, cast.li, leaving=True)
        actions.close_session(actor=actor(cast.wu.person), session=session, seen=[cast.li])
    address = reverse("volunteers:session_file", args=[session.public_id, "xlsx"])

    _head, *rows = rows_of(browser(cast.wu.person).get(address))

    assert [(row[0], row[2], row[5], row[6]) for row in rows] == [("李安和", "扫现场屏幕码", "吴长青", 60)]
    assert browser(cast.li.person).get(address).status_code == 403


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
