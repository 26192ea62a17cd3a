"""Records of service: two people for every minute, never overlapping, never by oneself, corrected in the open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.errors import DomainError, Forbidden, NotFound
from huying.ledger.models import Transfer
from huying.people.models import Notice
from huying.volunteers import actions, queries
from huying.volunteers.models import HoursRule, Membership, ServiceEvent, ServiceRecord, Volunteer
from huying.volunteers.states import TRANSITIONS, Evidence, RecordState
from huying.volunteers.tests.factories import START, Cast, actor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def served(cast: Cast, who: Volunteer | None = None, hours: float = 2, ago: float = 3, **more: Any) -> actions.Served:
    begin = START - timedelta(hours=ago)
    facts: dict[str, Any] = {
        "volunteer": who or cast.li,
        "place": cast.home,
        "title": "周三助餐",
        "starts_at": begin,
        "ends_at": begin + timedelta(hours=hours),
        "minutes": int(hours * 60),
        "evidence": Evidence.A,
        "team": cast.team,
    }
    return actions.Served(**(facts | more))


def submitted(cast: Cast, **more: Any) -> ServiceRecord:
    """Entered by the leader of the team."""
    return actions.submit_record(actor=actor(cast.wu.person), served=served(cast, **more))


def confirmed(cast: Cast, **more: Any) -> ServiceRecord:
    return actions.confirm(actor=actor(cast.keeper), record=submitted(cast, **more))


def minutes(who: Volunteer) -> int:
    return queries.minutes_of(who.person_id)


# ── entering and confirming ─────────────────────────────────────────────────
def test_what_the_leader_entered_and_the_keeper_confirmed_stands_in_the_ledger(cast: Cast) -> None:
    record = submitted(cast)
    before = minutes(cast.li)

    done = actions.confirm(actor=actor(cast.keeper), record=record)

    posted = Transfer.objects.get(pk=done.transfer_id)
    assert (before, minutes(cast.li)) == (0, 120)
    assert (posted.key, posted.amount) == (f"service:{record.public_id}:1", 120)
    assert (posted.made_by_id, posted.approved_by_id) == (cast.wu.person_id, cast.keeper.pk)
    assert (done.state, done.confirmed_by, done.rule_version, done.is_late) == ("confirmed", cast.keeper, 1, False)
    assert list(done.events.order_by("id").values_list("verb", "by")) == [
        ("submit", cast.wu.person_id),
        ("confirm", cast.keeper.pk),
    ]
    assert Notice.objects.filter(person=cast.li.person).count() == 1


def test_nobody_enters_his_own_service(cast: Cast) -> None:
    with pytest.raises(actions.NotForOneself):
        submitted(cast, who=cast.wu)


def test_nobody_confirms_what_he_entered_nor_what_is_his(cast: Cast) -> None:
    record = submitted(cast)
    Membership.objects.create(team=cast.team, volunteer=cast.li, is_leader=True, starts_at=START - HOUR)

    with pytest.raises(Forbidden):
        actions.confirm(actor=actor(cast.wu.person), record=record)
    with pytest.raises(actions.NotForOneself):
        actions.confirm(actor=actor(cast.li.person), record=record)

    assert minutes(cast.li) == 0


def test_the_database_refuses_self_credit_whatever_the_code_does(cast: Cast) -> None:
    record = submitted(cast)

    for column in ("entered_by_id", "second_by_id", "confirmed_by_id", "corrected_by_id"):
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceRecord.objects.filter(pk=record.pk).update(**{column: cast.li.person_id})
    for column in ("confirmed_by_id", "second_by_id"):
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceRecord.objects.filter(pk=record.pk).update(**{column: cast.wu.person_id})


def test_one_time_counts_once_whatever_the_team_and_the_place(cast: Cast) -> None:
    submitted(cast, hours=2, ago=3)
    keeper = actor(cast.outsider)

    with pytest.raises(actions.ServiceOverlaps):
        actions.submit_record(actor=keeper, served=served(cast, hours=1, ago=2, place=cast.away, team=None))
    touching = actions.submit_record(actor=keeper, served=served(cast, hours=1, ago=1, place=cast.away, team=None))

    assert touching.state == RecordState.SUBMITTED


def test_the_database_refuses_overlap_whatever_the_code_does(cast: Cast) -> None:
    first, second = submitted(cast, hours=1, ago=5), submitted(cast, hours=1, ago=2)

    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceRecord.objects.filter(pk=second.pk).update(starts_at=first.starts_at, ends_at=first.ends_at)


def test_the_database_refuses_more_minutes_than_the_time_holds(cast: Cast) -> None:
    record = submitted(cast)

    for wrong in ({"minutes": 121}, {"minutes": 0}, {"ends_at": record.starts_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceRecord.objects.filter(pk=record.pk).update(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"minutes": 0}, {"minutes": 121}, {"hours": 4}, {"hours": 0, "minutes": 1}, {"hours": 25, "ago": 30}],
)
def test_impossible_times_are_refused(cast: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(actions.TimeUnclear):
        submitted(cast, **wrong)


def test_outsiders_enter_nothing_here(cast: Cast) -> None:
    for who in (actor(cast.outsider), actor(cast.resident), actor(cast.he.person), ANONYMOUS, Actor.system("x")):
        with pytest.raises(Forbidden):
            actions.submit_record(actor=who, served=served(cast))


def test_the_same_subject_again_gives_the_record_that_is_there(cast: Cast) -> None:
    first = submitted(cast, subject=cast.team)

    assert submitted(cast, subject=cast.team).pk == first.pk
    assert ServiceRecord.objects.count() == 1


def test_a_record_entered_after_ten_working_days_is_marked(cast: Cast) -> None:
    # 3 March 2026 is a Tuesday: the tenth working day after it is 17 March
    facts = served(cast)

    with clock.frozen(datetime(2026, 3, 17, 6, 0, tzinfo=START.tzinfo)):
        in_time = actions.submit_record(actor=actor(cast.wu.person), served=facts)
        actions.withdraw(actor=actor(cast.wu.person), record=in_time, reason="重录")
    with clock.frozen(datetime(2026, 3, 18, 6, 0, tzinfo=START.tzinfo)):
        late = actions.submit_record(actor=actor(cast.wu.person), served=facts)

    assert (in_time.is_late, late.is_late) == (False, True)
    assert clock.local(late.due_at).date().isoformat() == "2026-03-17"


# ── long days ───────────────────────────────────────────────────────────────
def test_more_than_eight_hours_a_day_take_a_reason_and_more_than_twelve_the_office(cast: Cast) -> None:
    with clock.frozen(START + timedelta(hours=13)):
        eight = submitted(cast, hours=8, ago=-1)
        more = submitted(cast, hours=2, ago=-9)
        most = submitted(cast, hours=2.5, ago=1.5, minutes=150)
        keeper = actor(cast.keeper)
        actions.confirm(actor=keeper, record=eight)
        with pytest.raises(actions.LongDay):
            actions.confirm(actor=keeper, record=more)
        actions.confirm(actor=keeper, record=more, reason="抗洪抢险")
        with pytest.raises(actions.LongDay):
            actions.confirm(actor=keeper, record=most, reason="抗洪抢险")
        actions.confirm(actor=actor(cast.office), record=most, reason="抗洪抢险，已核实")

    assert minutes(cast.li) == (8 + 2) * 60 + 150


def test_a_new_rule_of_hours_is_never_retroactive(cast: Cast) -> None:
    HoursRule.objects.create(
        version=2, over_minutes=60, approval="office", valid_from=clock.today() + timedelta(days=1)
    )

    today = actions.confirm(actor=actor(cast.keeper), record=submitted(cast))
    with clock.frozen(START + timedelta(days=1)):
        tomorrow = submitted(cast, ago=-21)
        with pytest.raises(actions.LongDay):
            actions.confirm(actor=actor(cast.keeper), record=tomorrow, reason="忙")

    assert today.rule_version == 1


def test_many_are_confirmed_at_one_press_and_long_days_left_for_a_look(cast: Cast) -> None:
    with clock.frozen(START + timedelta(hours=9)):
        good = [submitted(cast, who=cast.he), submitted(cast, hours=5, ago=-1)]
        long = submitted(cast, hours=3.5, ago=3.5)
        mine = actions.submit_record(actor=actor(cast.keeper), served=served(cast, hours=1, ago=9))

        done, refused = actions.confirm_many(actor=actor(cast.keeper), records=[*good, long, mine])

    assert {one.pk for one in done} | {one.pk for one, _why in refused} == {*(x.pk for x in good), long.pk}
    assert [type(why) for _one, why in refused] == [actions.LongDay]
    assert minutes(cast.he) == 120


# ── giving back and correcting ──────────────────────────────────────────────
def test_a_returned_record_comes_again_only_shorter_and_is_then_checked_by_another(cast: Cast) -> None:
    keeper, leader, office = actor(cast.keeper), actor(cast.wu.person), actor(cast.office)
    record = actions.give_back(actor=keeper, record=submitted(cast), reason="路上时间不算")

    with pytest.raises(actions.OnlyShorter):
        actions.resubmit(actor=leader, record=record, minutes=130, reason="改")
    again = actions.resubmit(actor=keeper, record=record, minutes=90, reason="扣掉路上半小时")
    with pytest.raises(Forbidden):
        actions.confirm(actor=keeper, record=again)
    actions.confirm(actor=office, record=again)

    assert minutes(cast.li) == 90


def test_a_correction_takes_two_people_and_reverses_what_stood(cast: Cast) -> None:
    record = confirmed(cast)
    leader, office = actor(cast.wu.person), actor(cast.office)

    asked = actions.correct(
        actor=leader, record=record, starts_at=record.starts_at, ends_at=record.ends_at, minutes=60, reason="记多了"
    )
    meanwhile = minutes(cast.li)
    with pytest.raises(Forbidden):
        actions.accept(actor=leader, record=asked)
    done = actions.accept(actor=office, record=asked, reason="已核对")

    assert (meanwhile, minutes(cast.li)) == (120, 60)
    assert (done.version, done.minutes, done.state, done.evidence) == (2, 60, "confirmed", "A")
    assert Transfer.objects.get(pk=done.transfer_id).key == f"service:{record.public_id}:2"
    assert [(one.amount, one.reverses_id is not None) for one in Transfer.objects.order_by("id")] == [
        (120, False),
        (120, True),
        (60, False),
    ]
    assert list(done.events.order_by("id").values_list("verb", "version", "minutes")) == [
        ("submit", 1, 120),
        ("confirm", 1, 120),
        ("correct", 1, 120),
        ("accept", 2, 60),
    ]


def test_longer_hours_by_correction_rest_on_two_words_and_become_class_c(cast: Cast) -> None:
    record = confirmed(cast, hours=1)
    asked = actions.correct(
        actor=actor(cast.wu.person),
        record=record,
        starts_at=record.starts_at,
        ends_at=record.ends_at + HOUR,
        minutes=120,
        reason="忘了签退",
    )

    done = actions.accept(actor=actor(cast.office), record=asked)

    assert (done.evidence, done.second_by, minutes(cast.li)) == ("C", cast.office, 120)


def test_service_that_did_not_take_place_is_taken_back_whole(cast: Cast) -> None:
    record = confirmed(cast)
    asked = actions.correct(
        actor=actor(cast.wu.person),
        record=record,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        minutes=0,
        reason="当天没有来",
    )

    done = actions.accept(actor=actor(cast.office), record=asked)

    assert (done.state, done.transfer_id, minutes(cast.li)) == ("withdrawn", None, 0)
    assert submitted(cast).state == "submitted"


def test_a_refused_correction_leaves_everything_as_it_was(cast: Cast) -> None:
    record = confirmed(cast)
    asked = actions.correct(
        actor=actor(cast.wu.person),
        record=record,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        minutes=10,
        reason="记多了",
    )

    kept = actions.keep(actor=actor(cast.office), record=asked, reason="有签到记录")

    assert (kept.state, kept.minutes, kept.version, minutes(cast.li)) == ("confirmed", 120, 1, 120)


def test_the_volunteer_may_object_to_his_own_record_and_nobody_else(cast: Cast) -> None:
    record = confirmed(cast)

    line = actions.object_to(actor=actor(cast.li.person), record=record, words="那天是三个小时")
    with pytest.raises(NotFound):
        actions.object_to(actor=actor(cast.he.person), record=record, words="不对")

    assert (line.verb, line.reason) == ("object", "那天是三个小时")


def test_reasons_are_wanted_where_the_table_says_so(cast: Cast) -> None:
    record = submitted(cast)

    with pytest.raises(actions.ReasonMissing):
        actions.give_back(actor=actor(cast.keeper), record=record, reason=" ")
    with pytest.raises(actions.ReasonMissing):
        actions.withdraw(actor=actor(cast.wu.person), record=record, reason="")


def in_state(cast: Cast, state: str) -> ServiceRecord:
    """A record that came to this state by the real steps."""
    leader, keeper = actor(cast.wu.person), actor(cast.keeper)
    record = submitted(cast)
    if state == RecordState.RETURNED:
        return actions.give_back(actor=keeper, record=record, reason="不清楚")
    if state == RecordState.WITHDRAWN:
        return actions.withdraw(actor=leader, record=record, reason="录错了")
    if state != RecordState.SUBMITTED:
        record = actions.confirm(actor=keeper, record=record)
    if state == RecordState.CORRECTING:
        return actions.correct(
            actor=leader, record=record, starts_at=record.starts_at, ends_at=record.ends_at, minutes=9, reason="改"
        )
    return record


@pytest.mark.parametrize("state", RecordState.values)
@pytest.mark.parametrize("verb", sorted(TRANSITIONS))
def test_every_step_is_taken_from_the_states_of_the_table_and_no_other(cast: Cast, verb: str, state: str) -> None:
    record = in_state(cast, state)
    more: dict[str, Any] = {"reason": "核对"}
    if verb in {"resubmit", "correct"}:
        more["minutes"] = 30
    if verb == "correct":
        more |= {"starts_at": record.starts_at, "ends_at": record.ends_at}

    try:
        after = getattr(actions, verb)(actor=actor(cast.office), record=record, **more).state
    except DomainError as error:
        after = type(error).__name__

    expected = TRANSITIONS[verb].to if state in TRANSITIONS[verb].from_ else "RecordMoved"
    assert after == expected
    events = ServiceEvent.objects.filter(record=record)
    assert events.latest("id").to_state == (after if after != "RecordMoved" else state)
