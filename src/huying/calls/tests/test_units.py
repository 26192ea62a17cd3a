"""Units owe an answer: a no needs a reason, silence moves the call up with their names, and at last one has it (兜底)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.invariants import broken_rules

from huying.calls import actions
from huying.calls.models import Call, Offer, Proposal, ProposalLine, Ring
from huying.calls.states import Asks, Level, OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import actor, clocks, person, role
from huying.calls.tests.ringing import HOUR, Town, cast, five, pooled, ring
from huying.calls.tests.timing import Time
from huying.kernel import clock, jobs
from huying.kernel.actor import Actor
from huying.people.models import Notice
from huying.volunteers.models import TeamKind

__all__ = ["cast"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


def duty_call(cast: Town) -> Call:
    ring(1, Asks.PARTNERS, team_kind=cast.unit_kind, duty=True)
    return actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=1)


def test_a_unit_that_must_answer_says_why_it_cannot_come(cast: Town) -> None:
    call = duty_call(cast)

    with pytest.raises(actions.ValueMissing):
        actions.decline(actor=actor(cast.boss.person), call=call)
    actions.decline(actor=actor(cast.boss.person), call=call, reason="人手都派出去了")

    one = call.offers.get()
    assert (one.state, one.reason) == (OfferState.DECLINED, "人手都派出去了")
    jobs.run_worker(wait=False)
    assert Notice.objects.filter(person=cast.keeper, body__contains="供电所服务队 这次来不了：人手都派出去了").exists()


@pytest.mark.parametrize("why", ["its kind", "a ring with duty names its kind"])
def test_a_unit_that_is_asked_by_hand_owes_an_answer_too(cast: Town, time: Time, why: str) -> None:
    clocks(answer=HOUR)
    if why != "its kind":
        cast.unit.kind = TeamKind.objects.create(code="street-unit", name="街面单位")
        cast.unit.save()
        ring(1, Asks.PARTNERS, team_kind=cast.unit.kind, duty=True)
    call = actions.dispatch(actor=actor(cast.keeper), call=pooled(cast), teams=[cast.unit, cast.team])

    with pytest.raises(actions.ValueMissing):
        actions.decline(actor=actor(cast.boss.person), call=call)
    owed = dict(call.offers.values_list("team__name", "must_answer"))
    time.after(1.1)

    call.refresh_from_db()
    assert owed == {"供电所服务队": True, "和平助老队": False}
    assert (call.level, call.events.get(verb="escalate").facts["units"]) == (Level.OFFICE, ["供电所服务队"])


def test_a_unit_says_why_on_the_page_of_the_step_too(cast: Town) -> None:
    call = actions.dispatch(actor=actor(cast.keeper), call=pooled(cast), teams=[cast.unit])
    leader, page = browser(cast.boss.person), f"/calls/{call.public_id}/decline/"

    html = leader.get(page).content.decode()
    silent, said = sent(leader, page), sent(leader, page, reason="人手都派出去了")

    assert "单位要答复" in html
    assert (silent.status_code, said.status_code) == (422, 303)
    assert Offer.objects.get(call=call).reason == "人手都派出去了"


def test_a_unit_that_a_proposal_asks_owes_an_answer_too(cast: Town) -> None:
    call, now = pooled(cast), clock.now()
    made = Proposal.objects.create(
        place=cast.home, state="ready", asked_at=now, made_at=now, expires_at=now + timedelta(minutes=30)
    )
    ProposalLine.objects.create(proposal=made, call=call, team=cast.unit)
    actions.confirm(actor=actor(cast.keeper), proposal=made)

    actions.send(proposal_id=made.pk)

    assert Offer.objects.get(call=call).must_answer


@pytest.mark.parametrize("known", [True, False])
def test_the_usual_rings_end_with_the_unit_on_duty_where_there_are_units(cast: Town, known: bool) -> None:
    if not known:
        cast.unit.kind = None
        cast.unit.save()
        TeamKind.objects.filter(code="unit").delete()
    top = Actor(person_id=cast.dispatcher.pk, roles=(("dispatcher", cast.county.path),))

    actions.use_usual_rings(actor=top)

    asks = list(Ring.objects.order_by("order").values_list("asks", flat=True))
    last = Ring.objects.latest("order")
    assert asks == ["own", "office", "centre", *["partners"] * known, "neighbours", *["duty"] * known]
    assert (last.asks == Asks.DUTY, last.duty) == (known, known)
    assert (last.team_kind, last.level) == ((cast.unit_kind, Level.CENTRE) if known else (None, Level.CENTRE))


def test_the_silence_of_a_unit_moves_the_call_up_and_names_it(cast: Town, time: Time) -> None:
    call = duty_call(cast)

    time.after(1.1)

    call.refresh_from_db()
    line = call.events.get(verb="escalate")
    assert (call.level, line.facts) == (Level.OFFICE, {"level": "office", "units": ["供电所服务队"]})


def test_at_the_centre_the_silence_of_a_unit_is_named_to_the_centre_and_to_who_looks_on(cast: Town, time: Time) -> None:
    """The rings as they are shipped lift the call to the centre before units are asked: nobody is above."""
    five(cast)
    inspector = person("方督察", cast.county)
    role(inspector, "inspector", cast.county)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=1)
    for hours in (1.1, 2.2, 3.3, 4.4, 5.5):
        time.after(hours)

    call.refresh_from_db()
    lines = {one.verb: one.facts.get("units") for one in call.events.filter(facts__has_key="units")}
    heard = Notice.objects.filter(body__contains="供电所服务队")
    page = browser(cast.dispatcher).get(f"/calls/{call.public_id}/").content.decode()
    own = browser(cast.resident).get(f"/calls/{call.public_id}/").content.decode()
    assert lines == {"expire": ["供电所服务队"], "silent": ["供电所服务队"]}
    assert (call.level, set(heard.values_list("person__name", flat=True))) == (Level.CENTRE, {"林知远", "方督察"})
    assert page.count("供电所服务队没有按时答复") == 2
    assert "供电所服务队" not in own
    assert broken_rules() == []


def test_below_the_centre_the_page_and_the_notice_say_which_unit_was_silent(cast: Town, time: Time) -> None:
    boss = person("柳如烟", cast.street)
    role(boss, "office", cast.street)
    call = duty_call(cast)

    time.after(1.1)

    page = browser(boss).get(f"/calls/{call.public_id}/").content.decode()
    assert "超时，已升级：供电所服务队没有按时答复" in page
    assert Notice.objects.filter(person=boss, body__contains="供电所服务队").count() == 1


def test_at_last_the_unit_on_duty_has_it_and_may_hand_it_back_with_a_reason(cast: Town, time: Time) -> None:
    cast.unit.place = cast.county
    cast.unit.save()
    ring(1, Asks.OWN)
    ring(2, Asks.DUTY, team_kind=cast.unit_kind, level=Level.CENTRE)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=3)

    time.after(1.1)

    call.refresh_from_db()
    one = call.offers.get(team=cast.unit)
    assert (call.state, call.accepted_count, one.state, one.seats) == (State.ACCEPTED, 3, OfferState.ACCEPTED, 3)
    assert Notice.objects.filter(person=cast.boss.person, body__contains="兜底").count() == 1
    actions.hand_back(actor=actor(cast.boss.person), call=call, reason="车坏了")
    time.after(1.2)
    time.after(3.5)
    call.refresh_from_db()
    assert call.offers.filter(team=cast.unit).count() == 1, "it is not bound a second time"
