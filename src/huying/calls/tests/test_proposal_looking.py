"""Looking through a proposal of many lines: filters, words, pages there and back, how many, and the same as a file."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.calls import actions
from huying.calls.models import Call, Proposal, ProposalLine
from huying.calls.queries import proposed, proposing
from huying.calls.queries.proposed import Wanted
from huying.calls.states import LineState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast, actor, kind, person, place, volunteer
from huying.calls.tests.proposing import made, sent_out, worked_out
from huying.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(cast: Cast, settings: Any) -> Client:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    return browser(cast.keeper)


def weighed(cast: Cast, many: int = 5) -> Proposal:
    """A proposal of so many lines, each with a helper of its own; the second call is urgent."""
    visit = kind("visit", answered_by="volunteer")
    for n in range(many):
        volunteer(person(f"秦安{n}", cast.home), cast.home, lon=120.05, lat=30.28)
        cast.call(State.POOLED, title=f"第{n}件", urgent=n == 1, kind=visit)
    return made(cast)


def titles(found: Proposal, **wanted: Any) -> list[str]:
    return [one.row.call.title for one in proposed.lines(found, Wanted(**wanted)).rows]


def test_urgent_lines_stand_first_and_those_not_sent_before_them_once_it_was_sent(cast: Cast) -> None:
    found = weighed(cast)
    assert titles(found) == ["第1件", "第4件", "第3件", "第2件", "第0件"]

    off = Call.objects.get(title="第2件")
    actions.cancel(actor=actor(cast.resident), call=off, reason="自己解决了")
    found = sent_out(cast, found)

    assert titles(found) == ["第2件", "第1件", "第4件", "第3件", "第0件"]
    assert titles(found, state=LineState.STALE) == ["第2件"]
    (listed,) = proposing.proposals(actor(cast.keeper)).rows
    assert (listed.sent, listed.stale) == (4, 1)  # type: ignore[attr-defined]


def test_a_wish_asks_nothing_more_of_a_line(cast: Cast) -> None:
    found = weighed(cast)
    Call.objects.update(wanted_from=clock.now(), wanted_to=clock.now() + timedelta(hours=3))
    keys = list(found.lines.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as many:
        told = [one.reasons for one in proposed.shown(keys)]
    with CaptureQueriesContext(connection) as one:
        proposed.shown(keys[:1])

    assert len(told) == 5
    assert len(many) == len(one)


def test_lines_are_found_by_state_street_kind_urgency_team_and_words(cast: Cast) -> None:
    found = weighed(cast)
    village = place("和平里", cast.home, "village", lon=120.05, lat=30.28)
    Call.objects.filter(title="第3件").update(place=village)
    Call.objects.filter(title="第4件").update(kind=kind("singing"))
    by_team = ProposalLine.objects.get(call__title="第0件")
    ProposalLine.objects.filter(pk=by_team.pk).update(volunteer=None, team=cast.team)
    locked = ProposalLine.objects.get(call__title="第2件")
    actions.change_line(actor=actor(cast.keeper), line=locked, to=LineState.LOCKED)
    helper = ProposalLine.objects.select_related("volunteer__person").get(call__title="第1件").volunteer
    assert helper is not None

    assert titles(found, state=LineState.LOCKED) == ["第2件"]
    assert titles(found, place_path=village.path) == ["第3件"]
    assert titles(found, kind="singing") == ["第4件"]
    assert titles(found, urgent=True) == ["第1件"]
    assert titles(found, who="teams") == ["第0件"]
    assert titles(found, who="people", state=LineState.PROPOSED) == ["第1件", "第4件", "第3件"]
    assert titles(found, words="第3件") == ["第3件"]
    assert titles(found, words="助老队") == ["第0件"]
    assert "第1件" in titles(found, words=helper.person.name)
    assert titles(found, state=proposed.OPEN) == []


def test_the_page_goes_on_and_back_keeps_its_filters_and_says_how_many(
    cast: Cast, keeper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = weighed(cast)
    monkeypatch.setattr(proposed, "A_PAGE", 2)
    address = f"/desk/proposals/{found.public_id}/"

    first = keeper.get(f"{address}?who=people").content.decode()
    on = links(first)[-1]
    second = keeper.get(address + on).content.decode()
    back = keeper.get(address + links(second)[0]).content.decode()

    assert [shown(html) for html in (first, second, back)] == [[1, 4], [2, 3], [1, 4]]
    assert "who=people" in on
    assert "符合条件的有 5 条。" in first
    assert "待派出 (5)" in first
    assert f'name="next" value="{address}?who=people"' in first
    assert keeper.get(f"{address}?place=00000000-0000-0000-0000-000000000000").status_code == 422
    assert "没有符合条件的" in keeper.get(f"{address}?q=找不到").content.decode()


def links(html: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([?][^"]*cursor=[^"]+)"', html)]


def shown(html: str) -> list[int]:
    return [n for n in range(5) if f"第{n}件" in html]


def test_a_change_on_the_third_page_comes_back_to_it(cast: Cast, keeper: Client) -> None:
    found = weighed(cast)
    line = found.lines.first()
    assert line is not None
    where = f"/desk/proposals/lines/{line.public_id}/"
    back = f"/desk/proposals/{found.public_id}/?who=people&cursor=abc"

    answer = sent(keeper, where, act="lock", next=back)

    assert answer["Location"] == f"{back}#line-{line.public_id}"


def test_the_file_has_every_line_and_every_open_call_and_names_nobody_in_full(cast: Cast, keeper: Client) -> None:
    singing = kind("singing", answered_by="volunteer")
    found = weighed(cast, 3)
    Call.objects.filter(title="第0件").update(kind=singing)
    lost = cast.call(State.POOLED, title="唱歌", kind=singing)
    found.gaps.create(call=lost, empty=1, lack="skill")

    answer = keeper.get(f"/desk/proposals/{found.public_id}/file/json/")
    narrow = keeper.get(f"/desk/proposals/{found.public_id}/file/json/?urgent=on")

    rows = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert [one["title"] for one in rows] == ["第1件", "第2件", "第0件", "唱歌"]
    assert rows[-1] | {"number": "", "place": ""} == {
        "number": "", "service": "singing", "title": "唱歌", "place": "", "urgent": False, "helper": "", "team": False,
        "people": 1, "state": "还没有人", "why": "没有还能问的人登记过需要的技能和检查",
    }  # fmt: skip
    assert all(re.fullmatch(r".\*{1,2}|和平助老队", one["helper"]) for one in rows[:-1])
    assert [one["title"] for one in json.loads(b"".join(narrow.streaming_content))] == ["第1件"]  # type: ignore[attr-defined]


def test_a_proposal_elsewhere_cannot_be_taken_as_a_file(cast: Cast, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    found = weighed(cast, 1)
    assert browser(cast.outsider).get(f"/desk/proposals/{found.public_id}/file/csv/").status_code == 404


def test_the_list_of_proposals_goes_on_and_back(cast: Cast, keeper: Client) -> None:
    keys = []
    for _turn in range(25):
        asked = worked_out(actions.propose(actor=actor(cast.keeper), place=cast.home))
        actions.discard(actor=actor(cast.keeper), proposal=asked)
        keys.append(str(asked.public_id))

    first = keeper.get("/desk/proposals/").content.decode()
    second = keeper.get("/desk/proposals/" + links(first)[-1]).content.decode()

    assert [key for key in reversed(keys) if key in first] == keys[:4:-1]
    assert [key for key in reversed(keys) if key in second] == keys[4::-1]
    assert links(second)


def test_the_order_of_the_page_is_that_of_its_index_and_asks_the_same_however_many(cast: Cast) -> None:
    found = weighed(cast, 3)
    with CaptureQueriesContext(connection) as few:
        proposed.lines(found)
    for n in range(20):
        call = cast.call(State.POOLED, title=f"后{n}")
        helper = volunteer(person(f"何小{n}", cast.home), cast.home)
        ProposalLine.objects.create(proposal=found, call=call, volunteer=helper)
    with CaptureQueriesContext(connection) as more:
        proposed.lines(found)
    rows = proposed.passing(found, Wanted()).annotate(not_sent=proposed.NOT_SENT).order_by(*proposed.ORDER)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = rows.values("not_sent", "urgent", "call_id", "id")[:100].explain()

    assert len(few) == len(more)
    assert "line_shown" in plan
    assert "Sort" not in plan
