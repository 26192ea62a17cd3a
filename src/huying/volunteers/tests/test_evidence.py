"""What is class A: an organiser other than the person saw him. A code can be passed on (security 4, no. 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.volunteers import actions, rules
from huying.volunteers.models import Attendance, ServiceRecord
from huying.volunteers.states import Way
from huying.volunteers.tests.factories import START, Cast, actor, browser, sent
from huying.volunteers.tests.test_service import confirmed, minutes
from huying.volunteers.tests.test_service_pages import url
from huying.volunteers.tests.test_sessions import HOUR, opened, scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def test_who_scanned_and_was_seen_by_the_organiser_is_class_a(cast: Cast) -> None:
    session = opened(cast)
    for one in (cast.li, cast.he):
        scan(session, one)
    with clock.frozen(START + HOUR):
        for one in (cast.li, cast.he):
            scan(session, one, leaving=True)
        made = actions.close_session(actor=actor(cast.wu.person), session=session, seen=[cast.li])

    assert {one.person: one.evidence for one in made} == {cast.li.person: "A", cast.he.person: "B"}
    assert Attendance.objects.get(volunteer=cast.li).seen_by == cast.wu.person


def test_nobody_says_of_himself_that_he_was_there(cast: Cast) -> None:
    session = opened(cast)
    scan(session, cast.wu)
    with clock.frozen(START + HOUR):
        scan(session, cast.wu, leaving=True)
        alone = actions.close_session(actor=actor(cast.wu.person), session=session, seen=[cast.wu])
        again = actions.close_session(actor=actor(cast.keeper), session=session, seen=[cast.wu])

    assert (alone, [one.evidence for one in again]) == ([], ["A"])
    row = Attendance.objects.get(volunteer=cast.wu)
    row.seen_by = cast.wu.person
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_paper_code_stays_class_b_whoever_says_he_saw_him(cast: Cast) -> None:
    session = actions.print_code(actor=actor(cast.wu.person), session=opened(cast), until=START + HOUR)
    scan(session, cast.li, text=rules.paper_code(session))
    with clock.frozen(START + HOUR):
        scan(session, cast.li, leaving=True)
        made = actions.close_session(actor=actor(cast.wu.person), session=session, seen=[cast.li])

    assert [one.evidence for one in made] == ["B"]


def test_a_forwarded_code_is_no_proof_and_a_ticket_lives_two_minutes(cast: Cast) -> None:
    session = opened(cast)
    _found, ticket = actions.read_link(actor(cast.he.person), rules.screen_code(session))

    with clock.frozen(START + timedelta(seconds=121)), pytest.raises(actions.CodeStale):
        actions.check_by_code(actor=actor(cast.he.person), ticket=ticket, leaving=False)
    with clock.frozen(START + timedelta(seconds=119)):
        visit = actions.check_by_code(actor=actor(cast.he.person), ticket=ticket, leaving=False)
    visit.out_at, visit.out_way = START + HOUR, Way.SCREEN

    assert rules.evidence_of(visit) == "B"


def test_taking_everything_back_is_ticked_and_never_guessed_from_an_empty_field(cast: Cast) -> None:
    record = confirmed(cast)
    leader, keeper = browser(cast.wu.person), browser(cast.keeper)

    asked = sent(leader, url("record_step", record.public_id, "correct"), none="on", minutes="120", reason="没有来")
    agreed = sent(keeper, url("record_step", record.public_id, "accept"))

    record.refresh_from_db()
    assert (asked.status_code, agreed.status_code, record.state) == (303, 303, "withdrawn")
    assert minutes(cast.li) == 0


def test_those_who_scanned_are_ticked_by_the_organiser_who_saw_them(cast: Cast) -> None:
    session = opened(cast)
    for one in (cast.li, cast.he):
        scan(session, one)
    with clock.frozen(START + HOUR):
        for one in (cast.li, cast.he):
            scan(session, one, leaving=True)
        leader, address = browser(cast.wu.person), url("session", session.public_id)
        offered = {line.volunteer.pk for line in leader.get(address).context["scanned"]}
        strange = sent(leader, address, seen=[str(cast.wu.public_id)])
        done = sent(leader, address, seen=[str(cast.li.public_id)])

    assert (offered, strange.status_code, done.status_code) == ({cast.li.pk, cast.he.pk}, 422, 303)
    assert dict(ServiceRecord.objects.values_list("person_id", "evidence")) == {
        cast.li.person_id: "A",
        cast.he.person_id: "B",
    }
