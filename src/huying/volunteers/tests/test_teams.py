"""Teams: who founds and changes them, who joins and leaves, who leads; and the keeper's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.kernel import clock
from huying.kernel.errors import Forbidden, NotFound
from huying.people.models import Notice, Person
from huying.volunteers import actions, queries
from huying.volunteers.models import Membership, Team, Volunteer
from huying.volunteers.tests.factories import START, Cast, actor, browser, person, role, sent

pytestmark = pytest.mark.django_db
TEAMS, NEW, LIST = (reverse(f"volunteers:{name}") for name in ("teams", "team_new", "list"))


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def url(team: Team, name: str = "team") -> str:
    return reverse(f"volunteers:{name}", args=[team.public_id])


def facts(cast: Cast, **more: Any) -> dict[str, Any]:
    good = {
        "name": "桂花家电队",
        "about": "修灯修锁",
        "place": str(cast.home.public_id),
        "skills": ["cook"],
        "open_limit": "6",
        "active": "on",
    }
    return {name: value for name, value in (good | more).items() if value is not None}


def present(team: Team) -> list[tuple[str, bool]]:
    rows = team.memberships.filter(ends_at__isnull=True).order_by("-is_leader", "id")
    return [(str(one.volunteer), one.is_leader) for one in rows]


# ── founding and changing ───────────────────────────────────────────────────
def test_a_keeper_founds_a_team_at_his_own_place(cast: Cast) -> None:
    answer = sent(browser(cast.keeper), NEW, **facts(cast))

    made = Team.objects.get(name="桂花家电队")
    assert (answer.status_code, answer["Location"]) == (303, url(made))
    assert (made.place, made.about, made.open_limit, made.active) == (cast.home, "修灯修锁", 6, True)
    assert list(made.skills.values_list("code", flat=True)) == ["cook"]


def test_a_keeper_above_may_found_it_below_and_finds_the_place_by_name(cast: Cast) -> None:
    answer = sent(browser(cast.office), NEW, **facts(cast, place=str(cast.street.public_id), place_words="桂花社区"))

    assert answer.status_code == 303
    assert Team.objects.get(name="桂花家电队").place == cast.next_door


@pytest.mark.parametrize("where", ["next_door", "street", "away"])
def test_no_team_is_founded_at_a_place_of_others(cast: Cast, where: str) -> None:
    answer = sent(browser(cast.keeper), NEW, **facts(cast, place=str(getattr(cast, where).public_id)))

    assert answer.status_code == 403
    assert not Team.objects.filter(name="桂花家电队").exists()


@pytest.mark.parametrize("who", ["resident", "li"])
def test_who_keeps_nothing_founds_nothing(cast: Cast, who: str) -> None:
    found = getattr(cast, who)
    client = browser(getattr(found, "person", found))

    assert [client.get(NEW).status_code, sent(client, NEW, **facts(cast)).status_code] == [403, 403]


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"name": ""}, "name"),
        ({"name": "和平助老队"}, "name"),
        ({"name": "长" * 81}, "name"),
        ({"about": "长" * 301}, "about"),
        ({"open_limit": "0"}, "open_limit"),
        ({"open_limit": "501"}, "open_limit"),
        ({"skills": ["nothing"]}, "skills"),
        ({"place": "x"}, "place"),
    ],
)
def test_wrong_facts_are_said_beside_their_field_and_kept(cast: Cast, given: dict[str, Any], at_fault: str) -> None:
    answer = sent(browser(cast.keeper), NEW, **facts(cast, **given))

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [at_fault])
    assert "修灯修锁" in answer.content.decode() or at_fault == "about"


def test_a_team_is_changed_and_stopped_by_its_keepers_only(cast: Cast) -> None:
    changed = facts(cast, name="和平助老一队", active=None)

    keeper = sent(browser(cast.keeper), url(cast.team, "team_edit"), **changed)
    leader = sent(browser(cast.wu.person), url(cast.team, "team_edit"), **changed)
    outside = sent(browser(cast.outsider), url(cast.team, "team_edit"), **changed)

    cast.team.refresh_from_db()
    assert (keeper.status_code, leader.status_code, outside.status_code) == (303, 403, 404)
    assert (cast.team.name, cast.team.active) == ("和平助老一队", False)


# ── joining and leaving ─────────────────────────────────────────────────────
def test_a_volunteer_joins_and_leaves_by_himself(cast: Cast) -> None:
    client = browser(cast.li.person)

    joined = sent(client, url(cast.team), act="join")
    inside = present(cast.team)
    twice = sent(client, url(cast.team), act="join")
    left = sent(client, url(cast.team), act="leave")

    assert (joined.status_code, twice.status_code, left.status_code) == (303, 409, 303)
    assert inside == [("吴长青", True), ("李安和", False)]
    assert present(cast.team) == [("吴长青", True)]


def test_who_does_not_volunteer_or_lives_elsewhere_joins_nothing(cast: Cast) -> None:
    stranger = cast.volunteer("钱远", cast.away)

    answers = [
        sent(browser(who), url(cast.team), act="join").status_code
        for who in (cast.resident, stranger.person, cast.keeper)
    ]

    assert answers == [404, 404, 409]
    assert present(cast.team) == [("吴长青", True)]


def test_nobody_joins_a_team_that_was_stopped(cast: Cast) -> None:
    cast.team.active = False
    cast.team.save()

    assert sent(browser(cast.li.person), url(cast.team), act="join").status_code == 404


# ── members and leaders ─────────────────────────────────────────────────────
def press(who: Person, cast: Cast, act: str, volunteer: Volunteer, **more: str) -> int:
    body = {"act": act, "who": str(volunteer.public_id), **more}
    return int(sent(browser(who), url(cast.team, "team_members"), **body).status_code)


def test_a_leader_adds_somebody_who_agreed_and_he_is_told(cast: Cast) -> None:
    without = press(cast.wu.person, cast, "add", cast.li)
    agreed = press(cast.wu.person, cast, "add", cast.li, agreed="on")

    notice = Notice.objects.get(person=cast.li.person)
    assert (without, agreed) == (422, 303)
    assert present(cast.team) == [("吴长青", True), ("李安和", False)]
    assert (notice.title, notice.url) == ("您已加入和平助老队", url(cast.team))


def test_keepers_name_leaders_and_a_team_is_never_left_without_one_by_others(cast: Cast) -> None:
    press(cast.keeper, cast, "add", cast.li, agreed="on")

    by_leader = press(cast.wu.person, cast, "lead", cast.li)
    last = press(cast.keeper, cast, "unlead", cast.wu)
    thrown_out = press(cast.keeper, cast, "end", cast.wu)
    named = press(cast.keeper, cast, "lead", cast.li)
    then = press(cast.keeper, cast, "unlead", cast.wu)

    assert (by_leader, last, thrown_out, named, then) == (403, 409, 409, 303, 303)
    assert present(cast.team) == [("李安和", True), ("吴长青", False)]


def test_a_leader_takes_out_members_but_no_other_leader(cast: Cast) -> None:
    press(cast.keeper, cast, "add", cast.li, agreed="on")
    press(cast.keeper, cast, "add", cast.he, agreed="on")
    press(cast.keeper, cast, "lead", cast.he)

    member, leader = press(cast.wu.person, cast, "end", cast.li), press(cast.wu.person, cast, "end", cast.he)

    assert (member, leader) == (303, 403)
    assert present(cast.team) == [("吴长青", True), ("何晓燕", True)]
    assert Notice.objects.filter(person=cast.li.person, title="您已退出和平助老队").count() == 1


def test_the_last_leader_may_still_go_by_himself(cast: Cast) -> None:
    assert sent(browser(cast.wu.person), url(cast.team), act="leave").status_code == 303
    assert present(cast.team) == []


@pytest.mark.parametrize("body", [{}, {"act": "fly"}, {"act": "end", "who": "x"}, {"act": "add", "agreed": "on"}])
def test_a_press_that_makes_no_sense_changes_nothing(cast: Cast, body: dict[str, str]) -> None:
    answer = sent(browser(cast.keeper), url(cast.team, "team_members"), **body)

    assert answer.status_code == 422
    assert present(cast.team) == [("吴长青", True)]


def test_somebody_of_another_place_cannot_be_added(cast: Cast) -> None:
    stranger = cast.volunteer("钱远", cast.away)

    assert press(cast.keeper, cast, "add", stranger, agreed="on") == 404


def test_who_may_open_the_members_page(cast: Cast) -> None:
    press(cast.keeper, cast, "add", cast.li, agreed="on")
    people = (cast.keeper, cast.office, cast.wu.person, cast.li.person, cast.resident, cast.outsider)

    answers = [browser(who).get(url(cast.team, "team_members")).status_code for who in people]

    assert answers == [200, 200, 200, 403, 404, 404]


def test_the_rules_hold_without_the_pages(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.add_member(actor=actor(cast.li.person), team=cast.team, volunteer=cast.he, agreed=True)
    with pytest.raises(Forbidden):
        actions.add_member(actor=actor(cast.wu.person), team=cast.team, volunteer=cast.he, agreed=True, is_leader=True)
    with pytest.raises(Forbidden):
        actions.end_membership(actor=actor(cast.li.person), team=cast.team, volunteer=cast.wu)
    with pytest.raises(NotFound):
        actions.end_membership(actor=actor(cast.keeper), team=cast.team, volunteer=cast.he)


# ── reading ─────────────────────────────────────────────────────────────────
def test_who_reads_a_team(cast: Cast) -> None:
    people = (cast.keeper, cast.office, cast.wu.person, cast.li.person, cast.resident, cast.outsider)

    answers = [browser(who).get(url(cast.team)).status_code for who in people]

    assert answers == [200, 200, 200, 200, 404, 404]
    assert Client().get(url(cast.team)).status_code == 302


def test_teams_are_found_by_name_and_only_those_one_may_read(cast: Cast) -> None:
    Team.objects.create(name="东篱青年队", place=cast.away)

    def names(who: Person, **asked: str) -> list[str]:
        return [team.name for team in browser(who).get(TEAMS, asked).context["page"].rows]

    assert names(cast.li.person) == ["和平助老队"]
    assert names(cast.outsider) == ["东篱青年队"]
    assert names(cast.resident) == []
    assert names(cast.keeper, q="助老") == ["和平助老队"]
    assert names(cast.keeper, q="没有%_'") == []


def test_a_leader_looks_for_members_by_full_name_only(cast: Cast) -> None:
    keeper = queries.volunteers_named(actor(cast.keeper), cast.team, "lianhe")
    leader_part = queries.volunteers_named(actor(cast.wu.person), cast.team, "李安")
    leader_full = queries.volunteers_named(actor(cast.wu.person), cast.team, "李安和")

    assert (keeper, leader_part, leader_full) == ([cast.li], [], [cast.li])


# ── the keeper's list ───────────────────────────────────────────────────────
def listed(who: Person, **asked: str) -> list[str]:
    answer = browser(who).get(LIST, asked)
    assert answer.status_code == 200
    return [str(one) for one in answer.context["page"].rows]


def test_the_list_holds_volunteers_of_the_keepers_places_by_name_and_nothing_else(cast: Cast) -> None:
    cast.volunteer("钱远", cast.away)
    gone = cast.volunteer("孙去", cast.home)
    actions.leave(actor=actor(gone.person))

    assert sorted(listed(cast.keeper)) == sorted(["何晓燕", "吴长青", "李安和"])
    assert listed(cast.outsider) == ["钱远"]


def test_the_list_is_narrowed_by_name_skill_and_rest(cast: Cast) -> None:
    cast.li.skills.add(cast.listen)
    actions.pause(actor=actor(cast.he.person), until=clock.today())

    assert listed(cast.keeper, q="xiaoyan") == ["何晓燕"]
    assert listed(cast.keeper, skill="listen") == ["李安和"]
    assert listed(cast.keeper, resting="on") == ["何晓燕"]
    assert listed(cast.keeper, skill="no such/skill") == listed(cast.keeper)


def test_the_list_is_for_keepers(cast: Cast) -> None:
    inspector = person("督查", cast.home)
    role(inspector, "inspector", cast.home)

    answers = [browser(who).get(LIST).status_code for who in (cast.resident, cast.li.person, inspector)]

    assert answers == [403, 403, 403]


# ── cheap however many there are ────────────────────────────────────────────
def more_volunteers(cast: Cast, name: str) -> str:
    cast.volunteer(name)
    return LIST


def more_teams(cast: Cast, name: str) -> str:
    made = Team.objects.create(name=name, place=cast.home)
    made.skills.add(cast.cook)
    return TEAMS


def more_members(cast: Cast, name: str) -> str:
    joined = cast.volunteer(name)
    Membership.objects.create(team=cast.team, volunteer=joined, starts_at=clock.now())
    return url(cast.team)


@pytest.mark.parametrize(("grow", "most"), [(more_volunteers, 10), (more_teams, 8), (more_members, 12)])
def test_three_rows_cost_as_many_queries_as_one(cast: Cast, grow: Callable[[Cast, str], str], most: int) -> None:
    client = browser(cast.keeper)

    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as made:
            assert client.get(address).status_code == 200
        return len(made)

    one = count(grow(cast, "甲"))
    grow(cast, "乙")
    three = count(grow(cast, "丙"))

    assert three == one
    assert one <= most
