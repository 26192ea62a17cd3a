"""Everything that is done about volunteering, killed at every point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from huying.calls.tests.factories import START, Cast, actor, person, skill, volunteer
from huying.figures.actions.counting import sources
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Guardianship
from huying.places.tests.factories import kinds
from huying.volunteers import actions, rules
from huying.volunteers.models import Certificate, Membership, ServiceCategory, ServiceRecord, ServiceSession, Volunteer
from huying.volunteers.queries import counting
from huying.volunteers.states import Evidence, Measure
from tests.crash.allocating_deeds import ALLOCATING
from tests.crash.sweeping import Operation, Run, Sweep, keyed
from tests.crash.writes import unknown
from tests.invariants import broken_service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
Act = Callable[[], Any]
_numbers = count(1)
SYSTEM = Actor.system("drills")


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        yield Cast()


def fresh(cast: Cast) -> Volunteer:
    return volunteer(person(f"志愿者{next(_numbers)}", cast.home), cast.home)


def save_profile(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(person(f"新人{next(_numbers)}", cast.home))
    profile = actions.Profile(base_place=cast.home, travel_km=2, weekly_limit=3)
    return doer, lambda: actions.save_profile(actor=doer, profile=profile)


def pause(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(fresh(cast).person)
    return doer, lambda: actions.pause(actor=doer, until=clock.today() + timedelta(days=7))


def leave(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(member(cast).person)
    return doer, lambda: actions.leave(actor=doer)


def join_team(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(fresh(cast).person)
    return doer, lambda: actions.join_team(actor=doer, team=cast.team)


def save_team(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(cast.keeper)
    facts = actions.TeamFacts(name=f"新队{next(_numbers)}", place=cast.home, about="助老")
    return doer, lambda: actions.save_team(actor=doer, facts=facts)


def add_member(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), fresh(cast)
    return doer, lambda: actions.add_member(actor=doer, team=cast.team, volunteer=row, agreed=True)


def member(cast: Cast) -> Volunteer:
    row = fresh(cast)
    Membership.objects.create(team=cast.team, volunteer=row, starts_at=START - timedelta(days=1))
    return row


def end_membership(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), member(cast)
    return doer, lambda: actions.end_membership(actor=doer, team=cast.team, volunteer=row)


def set_leader(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), member(cast)
    return doer, lambda: actions.set_leader(actor=doer, team=cast.team, volunteer=row, is_leader=True)


# ── service ─────────────────────────────────────────────────────────────────
def served(cast: Cast) -> actions.Served:
    begin = START - timedelta(hours=3)
    return actions.Served(
        volunteer=fresh(cast),
        place=cast.home,
        title="周三助餐",
        starts_at=begin,
        ends_at=begin + timedelta(hours=2),
        minutes=120,
        evidence=Evidence.A,
        team=cast.team,
    )


def entered(cast: Cast) -> ServiceRecord:
    """Entered by the team's leader."""
    return actions.submit_record(actor=actor(cast.leader.person), served=served(cast))


def counted(cast: Cast) -> ServiceRecord:
    return actions.confirm(actor=actor(cast.keeper), record=entered(cast))


def asked(cast: Cast) -> ServiceRecord:
    """Confirmed, and the leader asks for an hour less."""
    row = counted(cast)
    facts = {"starts_at": row.starts_at, "ends_at": row.ends_at, "minutes": 60, "reason": "记多了"}
    return actions.correct(actor=actor(cast.leader.person), record=row, **facts)


def submit_record(cast: Cast) -> tuple[Actor, Act]:
    doer, facts = actor(cast.leader.person), served(cast)
    return doer, lambda: actions.submit_record(actor=doer, served=facts)


def confirm(cast: Cast) -> tuple[Actor, Act]:
    counted(cast)  # the place's issuing account is open
    doer, row = actor(cast.keeper), entered(cast)
    return doer, lambda: actions.confirm(actor=doer, record=row)


def confirm_many(cast: Cast) -> tuple[Actor, Act]:
    counted(cast)
    doer, rows = actor(cast.keeper), [entered(cast), entered(cast)]
    return doer, lambda: actions.confirm_many(actor=doer, records=rows)[0]


def give_back(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), entered(cast)
    return doer, lambda: actions.give_back(actor=doer, record=row, reason="不清楚")


def resubmit(cast: Cast) -> tuple[Actor, Act]:
    row = actions.give_back(actor=actor(cast.keeper), record=entered(cast), reason="不清楚")
    doer = actor(cast.leader.person)
    return doer, lambda: actions.resubmit(actor=doer, record=row, minutes=90, reason="扣掉路上")


def withdraw(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.leader.person), entered(cast)
    return doer, lambda: actions.withdraw(actor=doer, record=row, reason="录错了")


def correct(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.leader.person), counted(cast)
    return doer, lambda: actions.correct(
        actor=doer, record=row, starts_at=row.starts_at, ends_at=row.ends_at, minutes=60, reason="记多了"
    )


def accept(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), asked(cast)
    return doer, lambda: actions.accept(actor=doer, record=row)


def keep(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), asked(cast)
    return doer, lambda: actions.keep(actor=doer, record=row, reason="有签到")


def object_to(cast: Cast) -> tuple[Actor, Act]:
    row = counted(cast)
    doer = actor(row.person)
    return doer, lambda: actions.object_to(actor=doer, record=row, words="是三个小时")


def running(cast: Cast) -> ServiceSession:
    plan = actions.SessionPlan(f"助餐{next(_numbers)}", cast.home, START, START + timedelta(hours=2), team=cast.team)
    return actions.open_session(actor=actor(cast.leader.person), plan=plan)


def open_session(cast: Cast) -> tuple[Actor, Act]:
    doer = actor(cast.leader.person)
    plan = actions.SessionPlan("助餐", cast.home, START, START + timedelta(hours=2), team=cast.team)
    return doer, lambda: actions.open_session(actor=doer, plan=plan)


def print_code(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.leader.person), running(cast)
    return doer, lambda: actions.print_code(actor=doer, session=row, until=row.ends_at)


def check_by_code(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(fresh(cast).person), running(cast)
    _found, ticket = actions.read_link(doer, rules.screen_code(row))
    return doer, lambda: actions.check_by_code(actor=doer, ticket=ticket, leaving=False)


def call_roll(cast: Cast) -> tuple[Actor, Act]:
    doer, row, names = actor(cast.leader.person), running(cast), [fresh(cast), fresh(cast)]
    return doer, lambda: actions.call_roll(actor=doer, session=row, volunteers=names, leaving=False)[0]


def close_session(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.leader.person), running(cast)
    names = [fresh(cast), fresh(cast)]
    with clock.frozen(START - timedelta(hours=1)):
        actions.call_roll(actor=doer, session=row, volunteers=names, leaving=False)
    actions.call_roll(actor=doer, session=row, volunteers=names, leaving=True)
    return doer, lambda: actions.close_session(actor=doer, session=row)


def copy_sheet(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), running(cast)
    line = actions.SheetLine(fresh(cast), START - timedelta(hours=2), START - timedelta(hours=1))
    actions.copy_sheet(actor=actor(cast.leader.person), session=row, lines=[line])
    return doer, lambda: actions.copy_sheet(actor=doer, session=row, lines=[line]).records


def certified(cast: Cast) -> Certificate:
    row = counted(cast).volunteer
    return actions.issue_certificate(actor=actor(row.person), volunteer=row, since=clock.today(), until=clock.today())


def issue_certificate(cast: Cast) -> tuple[Actor, Act]:
    row = counted(cast).volunteer
    doer, today = actor(row.person), clock.today()
    return doer, lambda: actions.issue_certificate(actor=doer, volunteer=row, since=today, until=today)


def revoke_certificate(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), certified(cast)
    return doer, lambda: actions.revoke_certificate(actor=doer, certificate=row, reason="误开")


# ── proofs, campaigns, counts ───────────────────────────────────────────────
def paper() -> SimpleUploadedFile:
    body = BytesIO()
    Image.new("RGB", (8, 8), (next(_numbers) % 256, 30, 30)).save(body, "PNG")
    return SimpleUploadedFile("证书.png", body.getvalue(), "image/png")


def add_proof(cast: Cast) -> tuple[Actor, Act]:
    doer, chosen, picture = actor(fresh(cast).person), skill("cook", "做饭"), paper()
    return doer, lambda: actions.add_proof(actor=doer, skill=chosen, picture=picture)


def verify_proof(cast: Cast) -> tuple[Actor, Act]:
    row = actions.add_proof(actor=actor(fresh(cast).person), skill=skill("cook", "做饭"), picture=paper())
    doer = actor(cast.keeper)
    return doer, lambda: actions.verify_proof(actor=doer, proof=row)


def refuse_proof(cast: Cast) -> tuple[Actor, Act]:
    row = actions.add_proof(actor=actor(fresh(cast).person), skill=skill("cook", "做饭"), picture=paper())
    doer = actor(cast.keeper)
    return doer, lambda: actions.refuse_proof(actor=doer, proof=row, reason="看不清")


def tell_expiring(cast: Cast) -> tuple[Actor, Act]:
    ends = clock.today() + timedelta(days=3)
    Volunteer.objects.filter(insured_until__isnull=False).update(insured_until=None)
    Volunteer.objects.filter(pk__in=[fresh(cast).pk, fresh(cast).pk]).update(insured_until=ends)
    doer = Actor.system("tests")
    return doer, lambda: actions.tell_expiring(actor=doer)


def ask_guardians(cast: Cast) -> tuple[Actor, Act]:
    young, mother = person(f"少年{next(_numbers)}", cast.home, birth_date=date(2010, 1, 5)), fresh(cast).person
    tie = {"tie": "parent", "starts_at": START, "confirmed_at": START, "confirmed_by": mother}
    Guardianship.objects.create(ward=young, guardian=mother, **tie)
    doer, kind = actor(young), ServiceCategory(name="环境保护", risk="路滑")
    return doer, lambda: actions.ask_guardians(actor=doer, person=young, category=kind)


def keep_print(cast: Cast) -> tuple[Actor, Act]:
    row = certified(cast)
    doer = actor(row.volunteer.person)
    return doer, lambda: actions.keep_print(actor=doer, certificate=row, pdf=b"%PDF-1.7")


def record_check(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), fresh(cast)
    return doer, lambda: actions.record_check(actor=doer, volunteer=row, passed=True, valid_until=clock.today())


def record_insurance(cast: Cast) -> tuple[Actor, Act]:
    doer, row = actor(cast.keeper), fresh(cast)
    return doer, lambda: actions.record_insurance(actor=doer, volunteer=row, until=clock.today())


def link_external(cast: Cast) -> tuple[Actor, Act]:
    doer, row, number = actor(cast.keeper), fresh(cast), f"n-{next(_numbers)}"
    return doer, lambda: actions.link_external(actor=doer, volunteer=row, system="s", value=number)


def report_counts(cast: Cast) -> tuple[Actor, Act]:
    doer, source = actor(cast.keeper), f"来源{next(_numbers)}"
    rows = [actions.Count(cast.home, one, 5, clock.today(), source) for one in Measure]
    return doer, lambda: actions.report_counts(actor=doer, counts=rows)


def hand_in(cast: Cast) -> tuple[Actor, Act]:
    one, system = fresh(cast), Actor.system("calls.hand_in")
    served = actions.Served(one, cast.home, "陪同就医", START - timedelta(hours=1), START, 60, Evidence.B)
    return system, lambda: actions.hand_in(actor=system, served=served, maker_id=cast.keeper.pk)


def count_service(cast: Cast) -> tuple[Actor, Act]:
    row = counted(cast)
    sources({counting.SERVICE})  # the first word of a kind of record writes its name down as well
    return SYSTEM, lambda: actions.count_service(actor=SYSTEM, record_id=row.pk)


def count_volunteer(cast: Cast) -> tuple[Actor, Act]:
    somebody = fresh(cast)
    sources({counting.JOINED, counting.LEFT})
    return SYSTEM, lambda: actions.count_volunteer(actor=SYSTEM, volunteer_id=somebody.pk)


def place_skills(cast: Cast) -> tuple[Actor, Act]:
    fresh(cast).skills.add(skill("cook", "做饭"))
    return SYSTEM, lambda: actions.place_skills(actor=SYSTEM)


SERVICE = (
    count_service,
    count_volunteer,
    submit_record,
    hand_in,
    confirm,
    confirm_many,
    give_back,
    resubmit,
    withdraw,
    correct,
    accept,
    keep,
    object_to,
    open_session,
    print_code,
    check_by_code,
    call_roll,
    close_session,
    copy_sheet,
    issue_certificate,
    revoke_certificate,
    add_proof,
    verify_proof,
    refuse_proof,
    tell_expiring,
    place_skills,
    ask_guardians,
    keep_print,
    record_check,
    record_insurance,
    link_external,
    report_counts,
)
ACTS = (*ALLOCATING, save_profile, pause, leave, join_team, save_team, add_member, end_membership, set_leader, *SERVICE)
OPERATIONS = {act.__name__: act for act in ACTS}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(cast: Cast, name: str, tally: Callable[..., None]) -> None:
    def prepare() -> Run:
        doer, act = OPERATIONS[name](cast)
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare, broken_service)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_every_action_of_volunteers_is_swept() -> None:
    assert unknown("volunteers", OPERATIONS, {"placing.place_batch"}) == set()  # part of place_skills
