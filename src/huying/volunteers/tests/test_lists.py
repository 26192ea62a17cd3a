"""Numbers of volunteers open to the people and teams they count; lists leave as files, with names only for who just said who he is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from huying.figures import actions as figure_actions
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.kernel.requests import FRESH
from huying.volunteers.models import Membership, Team
from huying.volunteers.tests.factories import START, Cast, browser
from huying.volunteers.tests.test_service import confirmed, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    figure_actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


def url(name: str, *args: Any) -> str:
    return reverse(f"volunteers:{name}", args=args)


def rows(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200
    found: list[dict[str, Any]] = json.loads(b"".join(answer.streaming_content))
    return found


def test_each_count_opens_to_what_it_counts(cast: Cast) -> None:
    confirmed(cast)
    Membership.objects.create(team=cast.team, volunteer=cast.he, starts_at=START)
    Team.objects.create(name="和平歇业队", place=cast.home, active=False)
    keeper = browser(cast.keeper)

    page = keeper.get(url("counts"))
    opened = {one.measure: (one.own, keeper.get(behind)) for one, behind in page.context["rows"][0]["counts"]}

    names = {
        measure: [one.name if measure == "teams" else one.person.name for one in answer.context["page"].rows]
        for measure, (_own, answer) in opened.items()
        if measure != "registered"
    }
    assert {measure: own for measure, (own, _answer) in opened.items()} == {
        "registered": 3,
        "recruited": 2,
        "active": 1,
        "teams": 1,
    }
    assert opened["registered"][1].status_code == 200
    assert sorted(names["recruited"]) == sorted(["何晓燕", "吴长青"])
    assert (names["active"], names["teams"]) == (["李安和"], ["和平助老队"])
    links = re.findall(r'<a class="hy-link hy-num" href="([^"]+)"', page.content.decode())
    assert [unescape(one) for one in links] == [behind for _one, behind in page.context["rows"][0]["counts"]]


def test_a_narrowed_list_says_so_and_its_file_has_the_same_rows(cast: Cast) -> None:
    confirmed(cast)
    keeper, asked = browser(cast.keeper), f"?within={cast.home.public_id}&only=active"

    page = keeper.get(url("list") + asked).content.decode()
    file = rows(keeper.get(url("list_file", "json") + asked))
    nowhere = keeper.get(url("list") + f"?within={cast.li.public_id}")

    assert "活跃志愿者" in page and 'name="only" value="active"' in page
    assert [one["name"] for one in file] == ["李安和"]
    assert nowhere.status_code == 404


def test_what_waits_leaves_as_a_file_for_those_who_may_confirm_it(cast: Cast) -> None:
    submitted(cast)
    keeper = browser(cast.keeper)

    file = rows(keeper.get(url("queue_file", "json")))

    assert [(one["volunteer"], one["minutes"]) for one in file] == [("李安和", 120)]
    assert browser(cast.resident).get(url("queue_file", "json")).status_code == 403
    assert keeper.get(url("queue_file", "exe")).status_code == 404
    assert AuditLine.objects.filter(verb="export", person_id=cast.keeper.pk).count() == 1


@pytest.mark.parametrize("name", ["queue_file", "records_file", "list_file"])
def test_a_file_with_names_asks_again_after_ten_minutes(cast: Cast, name: str) -> None:
    keeper = browser(cast.keeper)
    session = keeper.session
    session[FRESH] = (clock.now() - timedelta(minutes=11)).timestamp()
    session.save()

    answer = keeper.get(url(name, "csv"))

    assert answer.status_code == 303
    assert answer["Location"].startswith(reverse("people:confirm"))


def test_teams_campaigns_and_counts_name_nobody(cast: Cast) -> None:
    Membership.objects.create(team=cast.team, volunteer=cast.he, starts_at=START)
    keeper = browser(cast.keeper)

    teams = rows(keeper.get(url("teams_file", "json")))
    counts = rows(keeper.get(url("counts_file", "json")))

    assert teams == [
        {"team": "和平助老队", "place": "和平社区", "kind": "", "parent": None, "members": 2, "active": True}
    ]
    assert [(one["place"], one["own"], one["reported"]) for one in counts] == [
        ("和平社区", 3, None),
        ("和平社区", 2, None),
        ("和平社区", 0, None),
        ("和平社区", 1, None),
    ]
    assert rows(keeper.get(url("campaigns_file", "json"))) == []
    assert rows(browser(cast.li.person).get(url("teams_file", "json"))) == teams
    assert browser(cast.resident).get(url("counts_file", "json")).status_code == 403
