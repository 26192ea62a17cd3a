"""抢单: a leader takes a call from the pool for his team; a volunteer takes it by himself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huying.calls import actions, rules
from huying.calls.actions.answering import NothingAsked
from huying.calls.models import Call, HelperSex, Offer
from huying.calls.queries import nearby
from huying.calls.queries.nearby import Sought
from huying.calls.states import OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast, actor, kind, skill, team
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.volunteers.models import Language, ServiceCategory, Team, Volunteer

pytestmark = pytest.mark.django_db


def pooled(cast: Cast, people: int = 1, **more: Any) -> Call:
    call = cast.call(State.POOLED, people_needed=people, **more)
    return Call.objects.select_related("kind__category", "place").get(pk=call.pk)


def may(cast: Cast, call: Call) -> list[str]:
    return [one.name for one in rules.claiming_teams(actor(cast.leader.person), call)]


def test_a_leader_takes_a_call_of_teams_for_his_team_and_a_member_cannot(cast: Cast) -> None:
    call = pooled(cast, 4, kind=kind("bath", answered_by="team"))
    leader = actor(cast.leader.person)

    assert "claim" in rules.steps(leader, call)
    assert "claim" not in rules.steps(actor(cast.he.person), call)
    with pytest.raises(actions.TeamUnfit):
        actions.claim(actor=leader, call=call)
    with pytest.raises(DomainError):
        actions.claim(actor=actor(cast.he.person), call=call, team=cast.team.public_id)
    taken = actions.claim(actor=leader, call=call, team=cast.team.public_id)

    mine = Offer.objects.get(call=call)
    assert (taken.state, taken.accepted_count) == (State.ACCEPTED, 4)
    assert (mine.team_id, mine.volunteer_id, mine.state, mine.seats) == (cast.team.pk, None, OfferState.ACCEPTED, 4)
    assert mine.answered_by_id == cast.leader.person_id


def test_with_some_of_the_seats_the_call_goes_on_seeking(cast: Cast) -> None:
    call = pooled(cast, 4)

    taken = actions.claim(actor=actor(cast.leader.person), call=call, team=cast.team.public_id, seats=3)
    with pytest.raises(DomainError):
        actions.claim(actor=actor(cast.leader.person), call=call, team=cast.team.public_id)
    filled = actions.claim(actor=actor(cast.he.person), call=taken)

    assert (taken.state, taken.accepted_count) == (State.POOLED, 3)
    assert (filled.state, filled.accepted_count) == (State.ACCEPTED, 4)


def test_only_a_team_that_fits_may_take_it(cast: Cast) -> None:
    plumbing, hakka = skill("plumbing", "修水管"), Language.objects.create(code="hak", name="客家话")
    fixing, children = kind("fixing"), ServiceCategory.objects.create(code="child", name="陪孩子", needs_check=True)
    fixing.skills.add(plumbing)
    wishes = kind("bath", allow_preference=True)
    calls = {
        "any": pooled(cast),
        "skill": pooled(cast, kind=fixing),
        "language": pooled(cast, language=hakka),
        "by name": pooled(cast, kind=kind("child", category=children)),
        "a woman": pooled(cast, kind=wishes, helper_sex=HelperSex.FEMALE),
        "persons": pooled(cast, kind=kind("chat", answered_by="volunteer")),
    }
    own = ["和平助老队"]

    assert {name: may(cast, call) for name, call in calls.items()} == {key: [] for key in calls} | {"any": own}
    cast.team.skills.add(plumbing)
    cast.leader.languages.add(hakka)
    assert {name for name, call in calls.items() if may(cast, call)} == {"any", "skill", "language"}
    Team.objects.update(open_limit=0)
    assert may(cast, calls["any"]) == []
    Team.objects.update(open_limit=9, active=False)
    assert may(cast, calls["any"]) == []


def test_the_leader_chooses_on_the_page_who_takes_it(cast: Cast) -> None:
    call, second = pooled(cast, 3), team("和平理发队", cast.home, cast.leader)
    page, where = browser(cast.leader.person), f"/calls/{call.public_id}/claim/"

    asked = page.get(where).content.decode()
    wrong = sent(page, where, team="00000000-0000-0000-0000-000000000000")
    taken = sent(page, where, team=str(second.public_id), seats="2")

    assert [name in asked for name in ("我自己", "和平助老队", "和平理发队", "队伍来几个人")] == [True] * 4
    assert (wrong.status_code, taken.status_code) == (422, 303)
    assert list(Offer.objects.filter(call=call).values_list("team__name", "seats")) == [("和平理发队", 2)]


def test_a_volunteer_without_a_team_is_asked_nothing_and_takes_it_himself(cast: Cast) -> None:
    call = pooled(cast)
    page, where = browser(cast.he.person), f"/calls/{call.public_id}/claim/"

    asked = page.get(where).content.decode()
    taken = sent(page, where)

    assert "我自己" not in asked
    assert taken.status_code == 303
    assert Offer.objects.get(call=call).volunteer_id == cast.he.pk


def test_what_only_teams_may_take_stands_in_the_list_of_their_leader(cast: Cast) -> None:
    bath, fixing = kind("bath", answered_by="team"), kind("fixing", answered_by="team")
    fixing.skills.add(skill("plumbing", "修水管"))
    pooled(cast, kind=bath, title="助浴")
    pooled(cast, kind=fixing, title="修水管")

    def listed(who: Volunteer) -> list[tuple[str, str]]:
        one = Volunteer.objects.select_related("person", "base_place").get(pk=who.pk)
        page = nearby.near_home(actor(one.person), nearby.brings(one), Sought(), "")
        return [(near.call.title, near.reasons[-1]) for near in page.rows]

    assert listed(cast.he) == []
    assert listed(cast.leader) == [("助浴", "可以带队来接")]
    cast.team.skills.add(skill("plumbing"))
    assert [title for title, _why in listed(cast.leader)] == ["助浴", "修水管"]


def test_what_a_place_wanted_until_now_is_not_shown_and_not_taken(cast: Cast) -> None:
    now = clock.now()
    calls = [pooled(cast, 4, title=title) for title in ("村里要人", "居民要人")]
    Call.objects.update(wanted_from=now - timedelta(hours=2), wanted_to=now + timedelta(hours=1))
    Call.objects.filter(pk=calls[0].pk).update(raised_for=cast.street)
    he, leader = actor(cast.he.person), actor(cast.leader.person)
    mine = nearby.brings(Volunteer.objects.select_related("person", "base_place").get(pk=cast.he.pk))

    def shown() -> set[str]:
        return {one.title for one in nearby.waiting(he, mine, Sought(every=True))}

    before = shown()
    Call.objects.update(wanted_to=now)
    after = shown()
    with pytest.raises(NothingAsked):
        actions.claim(actor=he, call=calls[0])
    with pytest.raises(NothingAsked):
        actions.claim(actor=leader, call=calls[0], team=cast.team.public_id)

    assert (before, after) == ({"村里要人", "居民要人"}, {"居民要人"})
    assert not Offer.objects.filter(call=calls[0]).exists()
    assert actions.claim(actor=he, call=calls[1]).accepted_count == 1
