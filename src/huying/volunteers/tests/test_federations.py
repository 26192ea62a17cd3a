"""Teams above teams: their leaders reach everything below; hours are confirmed by the nearest who can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huying.kernel import clock
from huying.kernel.errors import Forbidden
from huying.volunteers import actions, queries, rules
from huying.volunteers.models import Membership, ServiceRecord, Team, Volunteer
from huying.volunteers.tests.factories import START, Cast, actor, browser
from huying.volunteers.tests.test_keeping import started, url
from huying.volunteers.tests.test_service import served, submitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Tree(Cast):
    """A federation, a branch under it, and the team of the community at the bottom; each with its leader."""

    def __init__(self) -> None:
        super().__init__()
        self.top = Team.objects.create(name="青禾联合会", place=self.county)
        self.middle = Team.objects.create(name="青禾支队", place=self.street, parent=self.top)
        Team.objects.filter(pk=self.team.pk).update(parent=self.middle)
        self.team.refresh_from_db()
        self.chief, self.branch = self.volunteer("韩联合"), self.volunteer("鲁支队")
        self.lead(self.top, self.chief)
        self.lead(self.middle, self.branch)

    def lead(self, team: Team, who: Volunteer) -> Membership:
        return Membership.objects.create(team=team, volunteer=who, is_leader=True, starts_at=clock.now())


@pytest.fixture
def tree(db: None) -> Iterator[Tree]:
    with clock.frozen(START):
        yield Tree()


def led(who: Volunteer) -> set[str]:
    """Names of the teams he leads, by the rule for many; the rule for one agrees."""
    me = actor(who.person)
    found = set(Team.objects.filter(pk__in=rules.led_team_ids(me)).values_list("name", flat=True))
    assert found == {one.name for one in Team.objects.filter(active=True) if rules.leads(me, one)}
    return found


def test_a_leader_leads_his_team_and_all_below_it_and_none_above(tree: Tree) -> None:
    assert led(tree.chief) == {"青禾联合会", "青禾支队", "和平助老队"}
    assert led(tree.branch) == {"青禾支队", "和平助老队"}
    assert led(tree.wu) == {"和平助老队"}
    assert led(tree.li) == set()


def test_a_stopped_team_above_gives_no_reach_and_a_stopped_one_below_is_not_led(tree: Tree) -> None:
    Team.objects.filter(pk=tree.team.pk).update(active=False)
    below = led(tree.chief)
    Team.objects.filter(pk=tree.top.pk).update(active=False)

    assert (below, led(tree.chief)) == ({"青禾联合会", "青禾支队"}, set())


def test_a_circle_that_should_not_be_there_does_not_hang_anything(tree: Tree) -> None:
    Team.objects.filter(pk=tree.top.pk).update(parent=tree.team)

    assert led(tree.wu) == {"青禾联合会", "青禾支队", "和平助老队"}


def test_the_leader_above_sees_and_runs_the_team_below(tree: Tree) -> None:
    chief, client = actor(tree.chief.person), browser(tree.chief.person)
    record = submitted(tree)

    actions.add_member(actor=chief, team=tree.team, volunteer=tree.li, agreed=True)
    plan = actions.SessionPlan("助餐", tree.home, START, START + 2 * HOUR, team=tree.team)
    session = actions.open_session(actor=chief, plan=plan)
    actions.stop_campaign(actor=chief, campaign=started(tree))

    assert queries.team_story(chief, tree.team.public_id).keeps_members
    assert queries.record_by_id(chief, record.public_id) == record
    assert tree.team in queries.teams_led(chief)
    for name, key in (
        ("team", tree.team.public_id),
        ("team_members", tree.team.public_id),
        ("session", session.public_id),
    ):
        assert client.get(url(name, key)).status_code == 200
    with pytest.raises(Forbidden):
        actions.set_leader(actor=chief, team=tree.team, volunteer=tree.li, is_leader=True)


def may_confirm(who: Volunteer, record: ServiceRecord) -> bool:
    """By the rule for one; the rule for many agrees."""
    me, fresh = actor(who.person), ServiceRecord.objects.select_related("team", "place").get(pk=record.pk)
    found = rules.can_check(me, fresh)
    assert ServiceRecord.objects.filter(rules.to_check(me), pk=record.pk).exists() == found
    return found


def test_hours_are_confirmed_above_only_where_nobody_nearer_can(tree: Tree) -> None:
    by_leader = submitted(tree)
    by_keeper = actions.submit_record(actor=actor(tree.keeper), served=served(tree, tree.he))
    for_leader = actions.submit_record(actor=actor(tree.keeper), served=served(tree, tree.wu))

    able = {
        record.pk: [who for who in (tree.wu, tree.branch, tree.chief) if may_confirm(who, record)]
        for record in (by_leader, by_keeper, for_leader)
    }

    assert able == {
        by_leader.pk: [tree.branch],  # the leader entered it: the next one up answers, and not the one above him
        by_keeper.pk: [tree.wu],
        for_leader.pk: [tree.branch],  # it is the leader's own
    }
    with pytest.raises(Forbidden):
        actions.confirm(actor=actor(tree.chief.person), record=by_leader)
    actions.confirm(actor=actor(tree.branch.person), record=by_leader)


def test_without_a_leader_between_the_federation_confirms(tree: Tree) -> None:
    record = submitted(tree)
    Membership.objects.filter(team=tree.middle).delete()

    assert [may_confirm(who, record) for who in (tree.chief, tree.wu)] == [True, False]


def test_a_second_leader_of_the_team_is_nearer_than_the_branch(tree: Tree) -> None:
    record = submitted(tree)
    tree.lead(tree.team, tree.he)

    assert [may_confirm(who, record) for who in (tree.he, tree.branch, tree.chief)] == [True, False, False]
