"""Taking back only for error or fraud, with evidence, notice and two people; appeals to others; expiry with notice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.ledger import queries as ledger_queries
from huying.people.models import Notice
from huying.points import actions, queries, rules, tasks
from huying.points.models import Appeal, Claim, Passbook, Reversal, Term
from huying.points.states import ClaimState, Ground, Outcome
from huying.points.tests.factories import START, World, balance

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SYSTEM = Actor.system("tests")


def owner(passbook: Passbook) -> Actor:
    return Actor(person_id=passbook.person_id)


def proposed(world: World, claim: Claim) -> Reversal:
    return actions.propose_reversal(
        actor=world.keeper, claim=claim, ground=Ground.ERROR, evidence="同一天记了两次，见记录本"
    )


# ── taking back ─────────────────────────────────────────────────────────────
def test_taking_back_holds_tells_waits_and_takes_exactly_what_the_claim_gave(world: World) -> None:
    passbook = world.passbook()
    claim, _other = world.confirmed(passbook), world.confirmed(passbook)
    row = proposed(world, claim)
    held = ledger_queries.account(passbook.account_id).available

    with pytest.raises(actions.TooEarly):
        actions.carry_reversal(actor=world.second, reversal=row)
    with clock.frozen(START + 16 * DAY):
        with pytest.raises(actions.AnotherPerson):
            actions.carry_reversal(actor=world.keeper, reversal=row)
        done = actions.carry_reversal(actor=world.second, reversal=row)
        with pytest.raises(actions.StepRefused):
            actions.carry_reversal(actor=world.office, reversal=row)

    assert (held, balance(passbook), done.state) == (10, 10, "carried")
    assert Claim.objects.get(pk=claim.pk).state == ClaimState.REVERSED
    titles = Notice.objects.filter(person=passbook.person).values_list("title", flat=True)
    assert [one for one in titles if "冲回" in one]


def test_who_agrees_does_not_have_to_wait(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))
    with pytest.raises(Forbidden):
        actions.agree_reversal(actor=world.keeper, reversal=row)

    actions.agree_reversal(actor=owner(passbook), reversal=row)

    assert actions.carry_reversal(actor=world.second, reversal=row).state == "carried"


def test_nothing_is_taken_without_evidence_nor_for_conduct(world: World) -> None:
    claim = world.confirmed(world.passbook())

    for ground, evidence in (("error", " "), ("conduct", "办了酒席"), ("", "x")):
        with pytest.raises(actions.ReasonMissing):
            actions.propose_reversal(actor=world.keeper, claim=claim, ground=ground, evidence=evidence)
    with pytest.raises(IntegrityError), transaction.atomic():
        now = clock.now()
        Reversal.objects.create(
            claim=claim, ground="other", evidence="x", made_by=world.cast.keeper, made_at=now, not_before=now
        )


def test_what_is_spent_is_not_taken_and_nobody_comes_below_nothing(world: World) -> None:
    passbook = world.passbook()
    claim, good = world.confirmed(passbook), world.good(stock=2, points=10)
    world.gift(good, passbook)

    with pytest.raises(actions.SpentAlready):
        proposed(world, claim)
    assert (balance(passbook), Reversal.objects.count()) == (10, 0)


def test_dropped_points_are_free_again(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))

    actions.drop_reversal(actor=world.keeper, reversal=row, reason="查过了，没有记错")

    assert ledger_queries.account(passbook.account_id).available == 10


def test_a_proposal_that_nobody_decides_ends_by_the_clock_and_its_maker_makes_no_other(world: World) -> None:
    passbook = world.passbook()
    claim = world.confirmed(passbook)
    row = proposed(world, claim)
    assert row.until is not None and clock.local(row.until).date().isoformat() == "2026-04-01"  # ten working days more
    with clock.frozen(row.until - timedelta(seconds=1)):
        kept = actions.lapse_reversal(actor=SYSTEM, reversal=row)
        assert (kept.state, list(queries.over_now()["lapse_reversal"])) == ("proposed", [])
    with clock.frozen(row.until):
        assert list(queries.over_now()["lapse_reversal"]) == [row.pk]
        tasks.lapse_reversal.func.__wrapped__(row_id=row.pk)
        assert list(queries.over_now()["lapse_reversal"]) == []
        with pytest.raises(actions.AnotherPerson):
            proposed(world, claim)
        again = actions.propose_reversal(actor=world.second, claim=claim, ground=Ground.ERROR, evidence="见记录本")
    row.refresh_from_db()
    assert (row.state, row.ended_by, again.state) == ("dropped", None, "proposed")
    assert Notice.objects.filter(person=passbook.person, title__contains="不冲回了").count() == 1


def test_while_it_is_held_it_can_be_appealed_and_an_appeal_stops_its_clock(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))
    assert row.until is not None
    with clock.frozen(row.until - timedelta(hours=1)):  # long after his fifteen days
        case = actions.file_appeal(actor=owner(passbook), passbook=passbook, reversal=row, words="没有记两次")
    with clock.frozen(row.until + DAY):
        assert list(queries.over_now()["lapse_reversal"]) == []
        assert actions.lapse_reversal(actor=SYSTEM, reversal=row).state == "proposed"
        actions.mark_appeal(actor=world.office, appeal=case)
        actions.decide_appeal(actor=world.office, appeal=case, outcome=Outcome.KEPT, reason="记了两次")
        actions.accept_appeal(actor=owner(passbook), appeal=case)
        assert list(queries.over_now()["lapse_reversal"]) == []  # its whole time again
        assert actions.carry_reversal(actor=world.second, reversal=row).state == "carried"


def test_outsiders_and_owners_take_nothing_back(world: World) -> None:
    passbook = world.passbook()
    claim = world.confirmed(passbook)

    for who in (world.outsider, owner(passbook), world.auditor):
        with pytest.raises(Forbidden):
            actions.propose_reversal(actor=who, claim=claim, ground=Ground.FRAUD, evidence="x")


# ── appeals ─────────────────────────────────────────────────────────────────
def refused(world: World) -> Claim:
    return actions.refuse(actor=world.keeper, claim=world.claim(world.passbook()), reason="看不清")


def appealed(claim: Claim) -> Appeal:
    return actions.file_appeal(actor=owner(claim.passbook), passbook=claim.passbook, claim=claim, words="照片很清楚")


def test_an_appeal_runs_by_clocks_that_are_rows(world: World) -> None:
    row = appealed(refused(world))
    marked = actions.mark_appeal(actor=world.second, appeal=row)
    kept = actions.decide_appeal(actor=world.second, appeal=row, outcome=Outcome.KEPT, reason="照片里没有人")
    again = actions.appeal_again(actor=owner(row.passbook), appeal=row, words="再看看")

    days = {
        name: clock.local(getattr(one, name)).date().isoformat()
        for name, one in (
            ("mark_due", row),
            ("first_due", marked),
            ("again_until", kept),
            ("second_due", again),
        )
        if getattr(one, name)
    }
    assert days == {
        "mark_due": "2026-03-04",  # Wednesday
        "first_due": "2026-03-10",
        "again_until": "2026-03-18",
        "second_due": "2026-03-17",
    }
    Term.objects.create(code="mark", version=2, days=2, working=True)
    assert clock.local(queries.due("mark", START)).date().isoformat() == "2026-03-05"


def test_upheld_the_claim_waits_for_somebody_else(world: World) -> None:
    claim = refused(world)
    row = appealed(claim)
    actions.mark_appeal(actor=world.second, appeal=row)

    done = actions.decide_appeal(actor=world.second, appeal=row, outcome=Outcome.UPHELD, reason="看得清")

    again = Claim.objects.get(former=claim)
    assert (done.state, Claim.objects.get(pk=claim.pk).state, again.state) == ("closed", "refused", "waiting")
    for verb in ({"claim": again}, {"claim": again, "reason": "还是不行"}):
        with pytest.raises(actions.NotForOneself):  # who refused it before
            (actions.refuse if "reason" in verb else actions.confirm)(actor=world.keeper, **verb)
    assert not Claim.objects.filter(rules.claims_to_check(world.keeper), pk=again.pk).exists()
    actions.refuse(actor=world.office, claim=again, reason="没有照片")
    appealed(again)  # a second refusal can be appealed like the first


def test_nobody_judges_what_he_did_and_the_second_panel_is_another(world: World) -> None:
    row = appealed(refused(world))
    for who in (world.keeper, owner(row.passbook)):
        with pytest.raises(Forbidden):
            actions.mark_appeal(actor=who, appeal=row)
    actions.mark_appeal(actor=world.second, appeal=row)
    with pytest.raises(actions.ReasonMissing):
        actions.decide_appeal(actor=world.second, appeal=row, outcome=Outcome.KEPT, reason="")
    actions.decide_appeal(actor=world.second, appeal=row, outcome=Outcome.KEPT, reason="没有人")
    actions.appeal_again(actor=owner(row.passbook), appeal=row, words="请上级看看")

    for who in (world.second, world.keeper, world.outsider):
        with pytest.raises(Forbidden):
            actions.review_appeal(actor=who, appeal=row, outcome=Outcome.KEPT, reason="一样")
    done = actions.review_appeal(actor=world.inspector, appeal=row, outcome=Outcome.UPHELD, reason="应当认可")

    assert (done.state, done.second_by_id) == ("closed", world.inspector.person_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=row.pk).update(second_by=done.first_by)


def test_while_an_appeal_is_open_nothing_is_taken_back(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))
    case = actions.file_appeal(actor=owner(passbook), passbook=passbook, reversal=row, words="没有记两次")

    with clock.frozen(START + 20 * DAY), pytest.raises(actions.UnderAppeal):
        actions.carry_reversal(actor=world.second, reversal=row)
    actions.mark_appeal(actor=world.office, appeal=case)
    actions.decide_appeal(actor=world.office, appeal=case, outcome=Outcome.UPHELD, reason="确实做了两次")

    assert Reversal.objects.get(pk=row.pk).state == "dropped"
    assert ledger_queries.account(passbook.account_id).available == 10


def test_points_taken_back_wrongly_are_stated_anew(world: World) -> None:
    passbook = world.passbook()
    row = proposed(world, world.confirmed(passbook))
    actions.agree_reversal(actor=owner(passbook), reversal=row)
    actions.carry_reversal(actor=world.second, reversal=row)
    row.refresh_from_db()
    case = actions.file_appeal(actor=owner(passbook), passbook=passbook, reversal=row, words="我想错了")
    actions.mark_appeal(actor=world.office, appeal=case)
    actions.decide_appeal(actor=world.office, appeal=case, outcome=Outcome.UPHELD, reason="应当有")

    waiting = Claim.objects.get(state=ClaimState.WAITING)
    for who in (world.keeper, world.second):  # the two who took them
        with pytest.raises(actions.NotForOneself):
            actions.refuse(actor=who, claim=waiting, reason="还是不行")
        with pytest.raises(actions.NotForOneself):
            actions.confirm(actor=who, claim=waiting)
        assert not queries.claims_desk(who).filter(pk=waiting.pk).exists()
    assert queries.claims_desk(world.office).filter(pk=waiting.pk).exists()
    actions.confirm(actor=world.office, claim=waiting)

    assert balance(passbook) == 10


def test_too_late_twice_or_about_nothing(world: World) -> None:
    claim = refused(world)
    appealed(claim)
    with pytest.raises(actions.AppealedAlready):
        appealed(claim)
    late = refused(world)
    with clock.frozen(START + 15 * DAY + timedelta(seconds=1)), pytest.raises(actions.TooLate):
        appealed(late)
    passbook = world.passbook()
    with pytest.raises(Forbidden):
        actions.file_appeal(actor=world.keeper, passbook=passbook, words="替他说")


def test_a_freeze_can_be_appealed_and_an_answer_left_alone_stands(world: World) -> None:
    passbook = world.passbook()
    actions.freeze(actor=world.keeper, passbook=passbook, reason="有人反映")
    case = actions.file_appeal(actor=owner(passbook), passbook=passbook, words="没有的事")
    actions.mark_appeal(actor=world.second, appeal=case)
    actions.decide_appeal(actor=world.second, appeal=case, outcome=Outcome.KEPT, reason="正在核实")

    with clock.frozen(START + 16 * DAY):
        assert list(queries.over_now()["unfreeze"]) == [passbook.pk]  # to appeal never makes it longer
        assert list(queries.over_now()["close_appeal"]) == [case.pk]
        done = actions.accept_appeal(actor=SYSTEM, appeal=case)
        with pytest.raises(actions.TooLate), transaction.atomic():
            Appeal.objects.filter(pk=case.pk).update(state="decided")
            actions.appeal_again(actor=owner(passbook), appeal=case, words="还想说")

    assert done.state == "closed"


def told(world: World, who: Actor, words: str) -> int:
    return Notice.objects.filter(person_id=who.person_id, title=words).count()


def test_a_panel_that_may_answer_is_told_at_once_and_those_above_when_it_takes_too_long(world: World) -> None:
    case = appealed(refused(world))
    new, late = "有新的积分申诉", "有积分申诉超过时限没有处理"
    assert (told(world, world.second, new), told(world, world.keeper, new)) == (1, 0)  # the keeper refused it
    assert told(world, owner(case.passbook), new) == 0

    with clock.frozen(case.mark_due):
        assert list(queries.over_now()["raise_appeal"]) == []
    with clock.frozen(case.mark_due + timedelta(seconds=1)):
        assert list(queries.over_now()["raise_appeal"]) == [case.pk]
        raised = [actions.raise_appeal(actor=SYSTEM, appeal=case) for _ in range(2)]
        assert list(queries.over_now()["raise_appeal"]) == []
        assert told(world, world.office, late) == 1
        assert told(world, world.second, late) == 0  # he knows
        marked = actions.mark_appeal(actor=world.second, appeal=case)
    assert raised == [True, False]
    assert marked.first_due is not None
    with clock.frozen(marked.first_due + timedelta(seconds=1)):  # the next step has its own word
        assert actions.raise_appeal(actor=SYSTEM, appeal=case)
    assert told(world, world.office, late) == 2


def test_the_second_panel_is_told_that_it_is_asked(world: World) -> None:
    case = appealed(refused(world))
    actions.mark_appeal(actor=world.second, appeal=case)
    actions.decide_appeal(actor=world.second, appeal=case, outcome=Outcome.KEPT, reason="没有人")
    again = actions.appeal_again(actor=owner(case.passbook), appeal=case, words="再看看")

    words = "有积分申诉要另一组复核"
    assert (told(world, world.office, words), told(world, world.second, words)) == (1, 0)
    assert again.second_due is not None
    with clock.frozen(again.second_due + timedelta(seconds=1)):
        assert actions.raise_appeal(actor=SYSTEM, appeal=case)
