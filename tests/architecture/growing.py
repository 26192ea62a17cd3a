"""More of everything that the rooms of the walk's ``Gathered`` show in lists, as it would come in real life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from huying.activities import actions as activities
from huying.activities.models import Activity, ActivityKind, Theme, Unit
from huying.activities.states import Measure, Span
from huying.activities.tests.factories import come, session_of, shift_of
from huying.calls.tests.factories import START, actor, skill
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.tests import factories as make
from huying.places import actions as places
from huying.places.models import PlaceKind
from huying.places.tests.test_photos import picture
from huying.points import actions as points
from huying.points.rules import codes
from huying.volunteers import actions as volunteers
from huying.volunteers.models import Allocation, AllocationGap, AllocationLine, ServiceSession, Volunteer
from huying.volunteers.states import AllocationState, Evidence
from huying.volunteers.states import Measure as Counted
from tests.architecture.gathered import DAY, HOUR, Gathered

SYSTEM = Actor.system("walk")


def grow(given: Gathered, numbers: Sequence[int]) -> None:
    """One more of each thing in the rooms that people gather in, for each number; the numbers keep times and names apart."""
    for number in numbers:
        more_activities(given, number)
        more_of_sessions(given, number)
        more_bookings(given, number)
        more_checks(given, number)
        more_service(given, number)
        more_of_volunteers(given, number)
        more_points(given, number)


def activity(given: Gathered, title: str, starts: datetime, *, rrule: str = "") -> Activity:
    """An activity with two roles and two hosts, now and then with a theme."""
    facts = activities.Facts(
        kind=ActivityKind.objects.get(code="culture"),
        place=given.cast.home,
        title=title,
        starts_at=starts,
        ends_at=starts + HOUR,
        contact_name="王敏之",
        venue=given.room,
        roles=[activities.RoleFacts("参加者", 9), activities.RoleFacts("志愿者", 9, True)],
        parties=[
            activities.PartyFacts("", share=5000, team=given.cast.team),
            activities.PartyFacts("和平社区", share=5000),
        ],
        themes=list(Theme.objects.order_by("id")[:2]),
        risks="注意脚下",
        takes_groups=True,
        rrule=rrule,
    )
    draft = activities.save_draft(actor=given.boss, facts=facts)
    return activities.publish(actor=given.boss, activity=draft)


def more_activities(given: Gathered, number: int) -> None:
    """A series that dora goes to, one that waits for its results, a draft, and a plan with its rules."""
    ahead = START + (3 + 10 * number) * DAY
    series = activity(given, f"晨练{number}", ahead, rrule="FREQ=DAILY;COUNT=3")
    come(given.cast.resident, shift_of(series, name="参加者"))
    moved = session_of(series, 1)
    later = moved.starts_at + 5 * HOUR
    activities.move_session(
        actor=given.boss, session=moved, starts_at=later, ends_at=later + HOUR, venue=given.room, reason="停电"
    )
    begins = START - number * 2 * HOUR
    with clock.frozen(START - 4 * DAY):
        activity(given, f"讲座{number}", begins)
    activities.copy(actor=given.boss, activity=series, starts_at=ahead + 60 * DAY)
    today = clock.today()
    rules = [
        activities.RuleFacts(Span.WEEK),
        activities.RuleFacts(Span.MONTH, site_kind=PlaceKind.objects.get(code="station")),
        activities.RuleFacts(Span.MONTH, theme=Theme.objects.order_by("id").first()),
    ]
    facts = activities.PlanFacts(given.cast.home, f"计划{number}", today, today + 27 * DAY, rules)
    activities.save_plan(actor=given.boss, facts=facts)
    wider = activities.PlanFacts(given.cast.home, given.plan.name, today, today + 27 * DAY, rules * number)
    activities.save_plan(actor=given.boss, facts=wider, plan=given.plan)
    activities.name_focus(
        actor=given.boss, plan=given.plan, every=Span.WEEK, day=today + number * 7 * DAY, title="学雷锋"
    )


def more_of_sessions(given: Gathered, number: int) -> None:
    """More sessions and guests of the one activity, more people at its door, and more that came of the one held."""
    for extra in (START + (4 + number) * DAY, START - (4 + number) * DAY):
        with clock.frozen(START - 30 * DAY):
            activities.add_session(actor=given.boss, activity=given.activity, starts_at=extra, ends_at=extra + HOUR)
    guest = make.person(f"客人{number}", home=given.cast.home)
    held = given.held
    with clock.frozen(START - 2 * DAY):
        row = come(guest, given.guest.shift)
    activities.check_in(actor=given.boss, sign_up=row)
    rows = [
        activities.ResultFacts(Measure.OUTPUT, Decimal(n), Unit.objects.get(code="mu"), f"种{n}")
        for n in range(1, number + 1)
    ]
    activities.save_results(actor=given.boss, session=held, rows=rows)
    shown = activities.PhotoFacts(True, consent="都同意了")
    activities.add_photo(actor=given.boss, session=held, upload=picture(), facts=shown)


def more_bookings(given: Gathered, number: int) -> None:
    """Dora gets the room again, and somebody else waits for an answer."""
    starts = START + (3 + 2 * number) * HOUR
    wanted = places.Wanted(given.room, starts, starts + HOUR, f"排练{number}", "合唱队")
    places.confirm_booking(actor=given.boss, booking=places.book(actor=given.dora, wanted=wanted))
    other = actor(make.person(f"舞者{number}", home=given.cast.home))
    wanted = places.Wanted(given.room, starts + HOUR, starts + 2 * HOUR, f"跳舞{number}", "舞队")
    places.book(actor=other, wanted=wanted)


def more_checks(given: Gathered, number: int) -> None:
    """Another station that was checked against another standard of the county, verified, and checked anew."""
    bob, home = actor(given.cast.dispatcher), given.cast.home
    items = tuple(places.ItemFacts(f"第{n}件") for n in range(1, number + 2))
    asked = places.StandardFacts(f"standard{number}", 1, f"标准{number}", ("station",), items)
    standard = places.install_standard(actor=SYSTEM, place=given.cast.county, facts=asked)
    site = places.create_place(actor=SYSTEM, parent=home, kind="station", facts=places.Facts(name=f"查过的站{number}"))
    said = [places.Said(n, "no" if n == 1 else "yes", "有牌子") for n in range(1, len(items) + 1)]
    for at in (site, given.room.parent):
        assert at is not None
        checked = places.self_check(actor=given.boss, place=at, standard=standard, said=said)
        places.verify_check(actor=bob, check=checked)
        places.self_check(actor=given.boss, place=at, standard=standard, said=said)


def served(given: Gathered, who: Volunteer, number: int, **more: object) -> volunteers.Served:
    """An hour of service, each at its own time."""
    begins = START - (3 + number) * DAY
    facts = {"evidence": Evidence.A, "team": given.cast.team, **more}
    return volunteers.Served(who, given.cast.home, f"助餐{number}", begins, begins + HOUR, 60, **facts)  # type: ignore[arg-type]


def more_service(given: Gathered, number: int) -> None:
    """Li's hours and a certificate for them; somebody new whose hours are confirmed, and whose others wait."""
    li = given.cast.li
    entered = volunteers.submit_record(actor=given.leader, served=served(given, li, number))
    volunteers.confirm(actor=given.boss, record=entered)
    volunteers.object_to(actor=actor(li.person), record=entered, words="是两个小时")
    today = clock.today()
    volunteers.issue_certificate(actor=actor(li.person), volunteer=li, since=today - number * DAY * 9, until=today)
    helper = Volunteer.objects.create(
        person=make.person(f"帮手{number}", home=given.cast.home), base_place=given.cast.home, joined_at=clock.now()
    )
    volunteers.add_member(actor=given.boss, team=given.cast.team, volunteer=helper, agreed=True)
    entered = volunteers.submit_record(actor=given.leader, served=served(given, helper, number))
    volunteers.confirm(actor=given.boss, record=entered)
    begins = START - 5 * HOUR
    facts = volunteers.Served(
        helper, given.cast.home, f"送餐{number}", begins, begins + HOUR, 60, Evidence.A, team=given.cast.team
    )
    volunteers.submit_record(actor=given.leader, served=facts)
    volunteers.call_roll(actor=given.leader, session=given.session, volunteers=[helper], leaving=False)
    sheet = ServiceSession.objects.get(pk=given.session.pk)
    with clock.frozen(sheet.ends_at + 2 * HOUR):
        line = volunteers.SheetLine(helper, sheet.starts_at, sheet.ends_at)
        volunteers.copy_sheet(actor=given.leader, session=sheet, lines=[line])


def more_of_volunteers(given: Gathered, number: int) -> None:
    """Another session and campaign of the team, a team below it, papers and checks of li, counts from elsewhere."""
    team, li = given.cast.team, given.cast.li
    starts = START + number * DAY
    plan = volunteers.SessionPlan(f"助餐{number}", given.cast.home, START + HOUR, START + 3 * HOUR, team=team)
    volunteers.open_session(actor=given.leader, plan=plan)
    times = {"opens_at": START, "closes_at": starts}
    notice = volunteers.Notice(
        team=team, title=f"招募{number}", content="送餐", risks="楼梯", cover="意外险", wanted=3, **times
    )
    volunteers.start_campaign(actor=given.leader, notice=notice)
    volunteers.save_team(actor=given.boss, facts=volunteers.TeamFacts(f"分队{number}", given.cast.home, parent=team))
    chosen = skill(f"paper-{number}", f"证书{number}")
    proof = volunteers.add_proof(actor=actor(li.person), skill=chosen, picture=picture())
    volunteers.verify_proof(actor=given.boss, proof=proof)
    today = clock.today()
    volunteers.record_check(actor=given.boss, volunteer=li, passed=True, valid_until=today + number * DAY)
    volunteers.link_external(actor=given.boss, volunteer=li, system=f"系统{number}", value=f"n-{number}")
    counts = [volunteers.Count(given.cast.home, one, 5, today, f"来源{number}") for one in Counted]
    volunteers.report_counts(actor=given.boss, counts=counts)
    more_of_allocating(given, number)


def more_of_allocating(given: Gathered, number: int) -> None:
    """Another want with somebody who came by it, another one in the plan, an older plan, somebody more who fits."""
    home = given.cast.home
    want = volunteers.state_want(actor=given.leader, facts=given.wanted(9))
    want.skills.set([skill(f"paper-{number}", f"证书{number}")])
    came, fits = (
        Volunteer.objects.create(
            person=make.person(f"{name}{number}", home=home), base_place=home, joined_at=clock.now()
        )
        for name in ("应邀", "合适")
    )
    (asked,) = volunteers.invite(actor=given.boss, want=given.want, volunteers=[came])
    volunteers.take_up(actor=actor(came.person), invitation=asked)
    AllocationLine.objects.create(allocation=given.allocation, want=want, volunteer=fits, km=2, teams=1)
    AllocationGap.objects.create(allocation=given.allocation, want=want, empty=2, lack="skill", people={"skill": 0})
    Allocation.objects.create(place=home, state=AllocationState.DROPPED, asked_at=clock.now())


def more_points(given: Gathered, number: int) -> None:
    """More of everything on dora's passbook, more goods, counters, partners and sheets, somebody else with a passbook."""
    there = given.points
    there.entered(there.shelved(f"物品{number}", litter="烟头", litter_grams=100))
    points.open_bank(actor=there.alice, book=there.book, place=given.cast.home, name=f"储蓄所{number}")
    points.save_partner(actor=there.alice, book=there.book, name=f"单位{number}", is_sponsor=True, is_merchant=True)
    points.confirm(actor=there.alice, claim=there.stated(f"捡垃圾{number}", "litter", 25_000))
    refused = points.refuse(actor=there.bob, claim=there.stated(f"修灯{number}"), reason="看不清")
    points.file_appeal(actor=there.dora, passbook=there.passbook, claim=refused, words=f"很清楚{number}")
    there.stated(f"送医{number}")
    fetched = points.reserve(actor=there.dora, passbook=there.passbook, good=there.good)
    points.hand(actor=there.alice, gift=fetched, code=codes.digits(fetched.public_id, fetched.serial))
    points.reserve(actor=there.dora, passbook=there.passbook, good=there.good)
    today = clock.today()
    facts = {"partner": there.partner, "funded_by": there.partner, "since": today, "until": today + DAY}
    points.make_sheet(actor=there.bob, **facts)
    other = make.person(f"存折{number}", home=given.cast.home)
    points.open_passbook(actor=actor(other), book=there.book, person=other)
