"""Who is proposed for and may take a call whose kind of service asks for papers, checks or insurance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.calls import actions, queries
from huying.calls.actions.crediting import hand_in_service
from huying.calls.actions.dispatching import WrongAnswerer
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, skill
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.volunteers import actions as volunteers
from huying.volunteers.models import ServiceCategory, ServiceRecord, SkillProof

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def of_kind(cast: Cast, code: str) -> ServiceCategory:
    cast.kind.category = ServiceCategory.objects.get(code=code)
    cast.kind.save()
    return cast.kind.category


def test_a_skill_without_an_accepted_paper_counts_as_missing(cast: Cast) -> None:
    wiring = skill("electric", "电工")
    wiring.needs_proof = True
    wiring.save()
    cast.kind.skills.add(wiring)
    cast.li.skills.add(wiring)
    call = cast.call()

    def seen() -> tuple[int, bool]:
        one = next(row for row in queries.candidates(actor(cast.keeper), call) if row.name == "李安和")
        return one.missing, "会电工" in one.reasons

    before = seen()
    facts = {"volunteer": cast.li, "person": cast.li.person, "skill": wiring, "made_at": START}
    proof = SkillProof.objects.create(**facts, valid_until=clock.today())
    handed_in = seen()
    volunteers.verify_proof(actor=actor(cast.keeper), proof=proof)
    accepted = seen()
    with clock.frozen(START + DAY):
        expired = seen()

    assert [before, handed_in, accepted, expired] == [(1, False), (1, False), (0, True), (1, False)]


def test_only_those_who_were_checked_are_proposed_for_and_take_a_call_about_children(cast: Cast) -> None:
    of_kind(cast, "children")
    volunteers.record_check(actor=actor(cast.keeper), volunteer=cast.he, passed=True, valid_until=clock.today() + DAY)
    call = cast.call(State.POOLED)

    names = [one.name for one in queries.candidates(actor(cast.keeper), call)]
    with pytest.raises(WrongAnswerer, match="儿童保护核查"):
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])
    with pytest.raises(WrongAnswerer):
        actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])
    with pytest.raises(WrongAnswerer):
        actions.claim(actor=actor(cast.li.person), call=call)

    assert names == ["何晓燕"]
    assert actions.claim(actor=actor(cast.he.person), call=call).state == State.ACCEPTED


def test_an_insurance_that_ended_since_the_offer_stops_the_yes(cast: Cast) -> None:
    of_kind(cast, "traffic")
    cast.li = volunteers.record_insurance(actor=actor(cast.keeper), volunteer=cast.li, until=clock.today())
    call = cast.call(State.DISPATCHED)

    with clock.frozen(START + DAY), pytest.raises(WrongAnswerer, match="意外保险"):
        actions.accept(actor=actor(cast.li.person), call=call)
    assert actions.accept(actor=actor(cast.li.person), call=call).state == State.ACCEPTED


def test_the_kind_of_service_stands_in_the_record_of_a_call(cast: Cast) -> None:
    category = of_kind(cast, "elderly")
    call = cast.call(State.SERVING)
    with clock.frozen(START + timedelta(hours=1)):
        call = actions.deliver(actor=actor(cast.li.person), call=call, note="好了")
        call = actions.rate(actor=actor(cast.resident), call=call, score=5, solved=True)
        hand_in_service(actor=Actor.system("tests"), call_id=call.pk)

    assert ServiceRecord.objects.get().category == category
