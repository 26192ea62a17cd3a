"""The desk of a team's leader: what waits for him, from every room, and the ways that lead there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from huying.kernel import clock
from huying.volunteers import actions
from huying.volunteers.models import Membership, ServiceRecord, ServiceSession
from huying.volunteers.tests.factories import START, Cast, actor, browser, role, sent
from huying.volunteers.tests.test_service import served

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def opened(cast: Cast, title: str, starts_at: Any) -> ServiceSession:
    plan = actions.SessionPlan(title, cast.home, starts_at, starts_at + 2 * HOUR, team=cast.team)
    return actions.open_session(actor=actor(cast.wu.person), plan=plan)


def entered(cast: Cast) -> ServiceRecord:
    """Hours that the keeper entered, so that the leader is the second person."""
    return actions.submit_record(actor=actor(cast.keeper), served=served(cast))


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    return str(answer.content.decode())


def test_a_leader_finds_what_waits_today_and_what_comes(cast: Cast) -> None:
    leader = browser(cast.wu.person)
    opened(cast, "上周没有结束的", START - 7 * DAY)
    opened(cast, "今天助餐", START)
    opened(cast, "后天清洁", START + 2 * DAY)
    opened(cast, "下个月的", START + 30 * DAY)
    entered(cast)

    answer = leader.get(reverse("leading"))
    found = answer.context["desk"]

    assert [one.title for one in found.forgotten] == ["上周没有结束的"]
    assert [line["title"] for line in answer.context["today"]] == ["今天助餐"]
    assert [line["title"] for line in answer.context["ahead"]] == ["后天清洁"]
    assert (answer.context["waiting"], len(found.waiting), found.people) == (1, 1, 1)
    assert [one.name for one in found.teams] == [cast.team.name]


def test_the_desk_is_for_leaders_and_says_no_to_others(cast: Cast) -> None:
    answers = [browser(who).get(reverse("leading")).status_code for who in (cast.li.person, cast.keeper, cast.resident)]

    assert answers == [403, 403, 403]
    assert Client().get(reverse("leading")).status_code == 302


def test_a_leader_who_is_a_resident_gets_there_from_his_own_page_and_from_the_navigation(cast: Cast) -> None:
    way = f'href="{reverse("leading")}"'
    leader, other = browser(cast.wu.person), browser(cast.li.person)

    for name in ("people:me", "volunteers:me", "volunteers:queue", "calls:help"):
        assert way in page(leader, name), name
    for name in ("people:me", "volunteers:me", "calls:help"):
        assert way not in page(other, name), name


def test_what_a_leader_runs_stands_in_the_wide_layout_and_what_is_his_own_does_not(cast: Cast) -> None:
    session, record = opened(cast, "今天助餐", START), entered(cast)
    leader = browser(cast.wu.person)
    wide = [("leading",), ("volunteers:queue",), ("volunteers:records",), ("volunteers:sessions",)]
    wide += [("volunteers:session_new",), ("volunteers:campaign_new",), ("volunteers:record", record.public_id)]
    wide += [(f"volunteers:session{part}", session.public_id) for part in ("", "_code", "_paper", "_roll", "_sheet")]
    wide += [(f"volunteers:team{part}", cast.team.public_id) for part in ("", "_members")]

    for one in wide:
        assert "hy-body--staff" in page(leader, *one), one
    for name in ("people:me", "volunteers:me", "volunteers:my_service", "volunteers:teams"):
        assert "hy-body--resident" in page(leader, name), name
    assert "hy-body--resident" in page(browser(cast.li.person), "volunteers:record", record.public_id)


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
def test_members_and_rosters_are_taken_along_by_those_who_run_them(cast: Cast, kind: str, start: bytes) -> None:
    session = opened(cast, "今天助餐", START)
    Membership.objects.create(team=cast.team, volunteer=cast.li, starts_at=START)
    lists = [
        reverse("volunteers:team_file", args=[cast.team.public_id, kind]),
        reverse("volunteers:session_file", args=[session.public_id, kind]),
    ]
    leader, mate = browser(cast.wu.person), browser(cast.li.person)

    for address in lists:
        file = b"".join(leader.get(address).streaming_content)  # type: ignore[arg-type]
        assert file.startswith(start)
        if kind == "xlsx":
            sheet = load_workbook(io.BytesIO(file), read_only=True).worksheets[0]
            file = "".join(str(cell) for row in sheet.values for cell in row).encode()
        assert "李安和".encode() in file and b"1390" not in file
        assert mate.get(address).status_code == 403
        assert leader.get(address.replace(f"/{kind}/", "/exe/")).status_code == 404


def test_a_keeper_who_leads_no_team_keeps_his_own_rail(cast: Cast) -> None:
    office = browser(cast.office)

    shown = page(office, "volunteers:records")

    assert reverse("volunteers:sessions") in shown and reverse("leading") not in shown


def test_an_empty_desk_says_what_to_do(cast: Cast) -> None:
    role(cast.wu.person, "team_leader", cast.home)

    shown = page(browser(cast.wu.person), "leading")

    assert shown.count('class="hy-empty"') == 3
    assert shown.count("hy-empty__body") == 3 and reverse("volunteers:session_new") in shown


def test_a_session_of_the_day_is_led_from_the_desk(cast: Cast) -> None:
    session = opened(cast, "今天助餐", START)
    Membership.objects.create(team=cast.team, volunteer=cast.li, starts_at=START)
    leader = browser(cast.wu.person)
    roll = reverse("volunteers:session_roll", args=[session.public_id])
    assert roll in page(leader, "leading")

    came = sent(leader, roll, act="in", who=[str(cast.li.pk)])

    assert came.status_code == 303
    assert "已到 1 人" in page(leader, "leading")
