"""The page of a proposal: read, changed, confirmed, looked through."""

from __future__ import annotations

from typing import Any

import pytest

from huying.calls import actions
from huying.calls.models import Offer, Proposal, ProposalLine
from huying.calls.queries import proposed, proposing
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast
from huying.calls.tests.proposing import drawn, made, worked_out
from huying.places import queries as place_queries
from huying.places.queries.maps import Spot

pytestmark = pytest.mark.django_db


def test_a_dispatcher_asks_reads_changes_and_confirms_on_the_page(cast: Cast, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    call = cast.call(State.POOLED)
    page = browser(cast.keeper)
    drawn(cast.home)

    asked = sent(page, "/desk/proposals/", place=str(cast.home.public_id))
    assert "正在计算" in page.get(asked["Location"]).content.decode()
    worked_out(Proposal.objects.get())
    shown = page.get(asked["Location"]).content.decode()
    line = ProposalLine.objects.get()

    assert call.title in shown
    assert "要去的地方" in shown
    assert "已证明：没有总代价更小的派法。" in shown
    assert "确认派出 1 条" in shown
    where = f"/desk/proposals/lines/{line.public_id}/"
    sent(page, where, act="lock")
    assert "解锁" in page.get(asked["Location"]).content.decode()
    other = cast.he if line.volunteer_id != cast.he.pk else cast.li
    assert f'value="{other.public_id}"' in page.get(where).content.decode()
    sent(page, where, volunteers=str(other.public_id))
    sent(page, f"{asked['Location']}act/", act="confirm")
    assert "正在派出" in page.get(asked["Location"]).content.decode()
    actions.send(proposal_id=line.proposal_id)
    assert "已派出 1 条" in page.get(asked["Location"]).content.decode()
    assert Offer.objects.get().volunteer_id == other.pk


def test_the_map_of_a_proposal_shows_places_and_nobodys_home(cast: Cast, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    for _ in range(2):
        cast.call(State.POOLED, lon=120.0613, lat=30.2917)
    drawn(cast.home)
    found = made(cast)

    shown = proposed.lines(found).rows
    dots = proposing.spots(shown)
    html = browser(cast.keeper).get(f"/desk/proposals/{found.public_id}/").content.decode()

    assert [one.spot for one in shown] == [(cast.home.lon, cast.home.lat)] * 2
    assert [(one.lon, one.lat, one.name, one.href) for one in dots] == [
        (cast.home.lon, cast.home.lat, "和平社区 · 2 条", f"#{shown[0].anchor}")
    ]
    picture = place_queries.map_of(cast.home, spots=dots)
    assert picture is not None
    drawn_at = {(point.x, point.y) for point in picture.points}
    home = place_queries.map_of(cast.home, spots=[Spot(120.0613, 30.2917)])
    assert home is not None
    assert not drawn_at & {(point.x, point.y) for point in home.points}
    assert "和平社区 · 2 条" in html


def test_how_far_the_plan_may_be_from_the_cheapest_is_said_on_the_page(cast: Cast, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    cast.call(State.POOLED)
    found = made(cast)
    Proposal.objects.filter(pk=found.pk).update(figures={**found.figures, "total": 1_025, "bound": 1_000})

    html = browser(cast.keeper).get(f"/desk/proposals/{found.public_id}/").content.decode()

    assert "离最省的派法最多差 2.50%" in html
    assert "已证明" not in html
