"""Nobody is named on a board, and units are ranked only where an administrator switched it on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.calls import queries as call_queries
from huying.calls.states import State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, person, role
from huying.cockpit import actions, rules
from huying.cockpit.models import BoardSetting
from huying.cockpit.tests.board_world import SYSTEM, fill, text, url
from huying.figures import actions as figure_actions
from huying.figures.actions import Word
from huying.kernel import clock
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.models import AuditLine
from huying.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    figure_actions.install_first_rows()
    with clock.frozen(START):
        yield Cast()


@pytest.fixture
def busy(cast: Cast) -> Cast:
    fill(cast)
    return cast


# ── people ──────────────────────────────────────────────────────────────────
def test_nobody_is_named_on_a_board(busy: Cast) -> None:
    boss = person("何主任", busy.county)
    role(boss, "administrator", busy.county)
    actions.set_ranking(actor=actor(boss), place=busy.home.parent or busy.county, ranks=True, reason="试行一季度")
    names = set(Person.objects.values_list("name", flat=True))
    reader = person("只看的人", busy.county)
    role(reader, "inspector", busy.county)
    client = browser(reader)

    pages = [
        text(client.get(url(place, name)))
        for place in (busy.county, busy.street, busy.home)
        for name in ("board", "now")
    ]

    assert len(names) > 8
    assert {name for page in pages for name in names if name in page} == set()
    assert not any(busy.team.name in page or "去医院复查" in page for page in pages)


def test_the_latest_steps_say_what_where_and_when(busy: Cast) -> None:
    found = call_queries.latest_steps(busy.county, 3)

    newest = found[0]
    assert (newest.kind.name, newest.place.name, newest.state) == ("clinic", "和平社区", State.CLOSED)
    assert call_queries.latest_steps(busy.away, 3) == []


# ── the order of units ──────────────────────────────────────────────────────
@pytest.fixture
def boss(cast: Cast) -> Person:
    made = person("何主任", cast.county)
    role(made, "administrator", cast.county)
    return made


def test_units_are_not_ranked_until_an_administrator_switches_it_on(busy: Cast, boss: Person) -> None:
    client = browser(busy.dispatcher)
    before = client.get(url(busy.county)).context["units"]

    actions.set_ranking(actor=actor(boss), place=busy.county, ranks=True, reason=" 试行一季度 ")
    after = client.get(url(busy.county))
    elsewhere = client.get(url(busy.street)).context["units"]
    actions.set_ranking(actor=actor(boss), place=busy.county, ranks=False, reason="试行结束")
    at_last = client.get(url(busy.county)).context["units"]

    assert (before["ranked"], elsewhere["ranked"], at_last["ranked"]) == (False, False, False)
    assert [one["rank"] for one in before["rows"]] == [None, None]
    ranked = [(one["rank"], one["name"], one["value"], one["of"]) for one in after.context["units"]["rows"]]
    assert ranked == [(1, "青禾街道", "100.0", "2 / 2 件"), (2, "东篱街道", "25.0", "1 / 4 件")]
    assert "2026-03-03起排序，原因：试行一季度。只排单位，不排个人。" in text(after)


def test_units_with_the_same_share_have_the_same_rank_and_without_any_none(busy: Cast, boss: Person) -> None:
    from huying.calls.tests.factories import place

    third, fourth = place("丙街道", busy.county, "street"), place("丁街道", busy.county, "street")
    told = [
        Word("tests.Even", n, code, third.pk, clock.today(), 3)
        for n, code in enumerate(("calls_due_net", "calls_due_on_time"))
    ]
    figure_actions.count(actor=SYSTEM, words=told)
    actions.set_ranking(actor=actor(boss), place=busy.county, ranks=True, reason="试行一季度")

    rows = browser(busy.dispatcher).get(url(busy.county)).context["units"]["rows"]

    assert [one["rank"] for one in rows] == [1, 1, 3, None]
    assert rows[-1]["name"] == fourth.name and rows[-1]["value"] == "–"


def test_the_switch_keeps_who_when_and_why(cast: Cast, boss: Person) -> None:
    client = browser(boss)

    empty = client.post(
        url(cast.county, "ranking"), {"ranks": "on", "reason": ""}, headers={"Idempotency-Key": "k" * 12}
    )
    done = client.post(
        url(cast.county, "ranking"), {"ranks": "on", "reason": "试行一季度"}, headers={"Idempotency-Key": "l" * 12}
    )

    assert (empty.status_code, done.status_code) == (422, 303)
    kept = BoardSetting.objects.get()
    assert (kept.place_id, kept.ranks, kept.reason, kept.set_by_id) == (cast.county.pk, True, "试行一季度", boss.pk)
    line = AuditLine.objects.get(verb="board.rank")
    assert (line.reason, line.changes) == ("试行一季度", {"ranks": True})
    assert "何主任" in text(client.get(url(cast.county, "ranking")))


def test_only_administrators_of_the_place_switch_it(cast: Cast, boss: Person) -> None:
    for who in (cast.dispatcher, cast.keeper, cast.outsider):
        with pytest.raises(Forbidden):
            actions.set_ranking(actor=actor(who), place=cast.home, ranks=True, reason="试行一季度")
    with pytest.raises(InvalidInput):
        actions.set_ranking(actor=actor(boss), place=cast.home, ranks=True, reason="")

    assert rules.can_set_board(actor(boss), cast.home) and not BoardSetting.objects.exists()
    assert browser(cast.dispatcher).get(url(cast.county, "ranking")).status_code == 403
