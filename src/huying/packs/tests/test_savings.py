"""The passbook of a mechanism: what was learned at a lecture becomes points by itself, once, when two stand for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.activities import actions as activities
from huying.activities.models import ActivityKind, Session, SignUp
from huying.calls.tests.factories import actor, person, role
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import queries as ledger
from huying.packs.tests.conftest import World
from huying.packs.tests.test_shipped import text_of
from huying.packs.tests.working import SYSTEM, draft
from huying.people.models import Person
from huying.points import actions as points
from huying.points.models import Claim, Edition, Passbook
from huying.points.tests.factories import VOTE

DAY = timedelta(days=1)


def saving(world: World) -> Passbook:
    """The shipped savings bank, adopted and published here; the resident has a passbook of it."""
    world.on(world.load(text_of("tongren.savings_bank")))
    edition = Edition.objects.get(book__place=world.east)
    points.adopt(actor=actor(world.clerk), edition=edition, vote=VOTE)
    points.publish(actor=SYSTEM, edition=edition)
    return points.open_passbook(actor=actor(world.resident), book=edition.book, person=world.resident)


def keeper(world: World, name: str) -> Actor:
    who = person(name, world.home)
    role(who, "station_keeper", world.home)
    return actor(who)


def lecture(world: World, kind: str, who: Person) -> tuple[Session, SignUp]:
    """The day after tomorrow, for an hour; somebody signed up for it."""
    made = draft(world.home, kind=ActivityKind.objects.get(code=kind), starts_at=clock.now() + 2 * DAY, title="读书会")
    session = activities.publish(actor=SYSTEM, activity=made).sessions.get()
    return session, activities.sign_up(actor=actor(who), shift=session.shifts.get())


def archived(session: Session, sign_up: SignUp, door: Actor, desk: Actor) -> None:
    with clock.frozen(session.starts_at + timedelta(minutes=5)):
        activities.check_in(actor=door, sign_up=sign_up)
        activities.hold(actor=door, session=session)
        activities.close_results(actor=desk, session=session)


def work() -> int:
    """Run the jobs of learning that wait, however often they were run before; how many there are."""
    rows = list(ProcrastinateJob.objects.filter(task_name="points.earn_learning").values_list("args", flat=True))
    for args in rows:
        app.tasks["points.earn_learning"].func.__wrapped__(**args)  # type: ignore[attr-defined]
    return len(rows)


def test_a_lecture_earns_once_when_one_signed_in_and_another_archived(world: World) -> None:
    passbook, door, desk = saving(world), keeper(world, "门口的人"), keeper(world, "归档的人")
    session, sign_up = lecture(world, "lecture", world.resident)

    archived(session, sign_up, door, desk)
    with clock.frozen(session.ends_at):
        first = work()
        activities.reopen_results(actor=desk, session=session, reason="少数了一个人")
        activities.close_results(actor=desk, session=session)
        again = work()

    (claim,) = Claim.objects.filter(passbook=passbook)
    assert (first, again, claim.state, claim.rule.code, claim.title) == (1, 2, "confirmed", "study", "读书会")
    assert {claim.made_by_id, claim.ended_by_id} == {door.person_id, desk.person_id}
    assert ledger.balance(passbook.account_id) == 1


@pytest.mark.parametrize("kind", ["culture", "lecture"])
def test_no_points_where_nothing_was_learned_or_one_alone_stands_for_it(world: World, kind: str) -> None:
    passbook, door, desk = saving(world), keeper(world, "门口的人"), keeper(world, "归档的人")
    session, sign_up = lecture(world, kind, world.resident)

    archived(session, sign_up, door, desk if kind == "culture" else door)

    assert work() == 0 and not Claim.objects.filter(passbook=passbook).exists()


def test_who_has_no_passbook_gets_none(world: World) -> None:
    saving(world)
    door, desk = keeper(world, "门口的人"), keeper(world, "归档的人")
    session, sign_up = lecture(world, "class", person("没有存折", world.home))

    archived(session, sign_up, door, desk)

    assert work() == 1 and not Claim.objects.exists()
