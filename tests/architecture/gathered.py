"""What people did together in the world of the walk: activities, rooms booked, service given, hours that stand in the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta

from huying.activities import actions as activities
from huying.activities.models import Activity, ActivityKind
from huying.activities.states import Span
from huying.activities.tests.factories import come, session_of, shift_of
from huying.calls.tests.factories import START, Cast, actor
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import queries as ledger
from huying.ledger.models import Transfer
from huying.people.models import Person
from huying.places import actions as places
from huying.places.models import Place
from huying.places.tests.test_photos import picture
from huying.volunteers import actions as volunteers
from huying.volunteers import rules
from huying.volunteers.models import Allocation, AllocationLine, ServiceRecord, Skill, Volunteer
from huying.volunteers.states import LEDGER_OWNER, MINUTES, AllocationState, Evidence
from tests.architecture.pointed import Pointed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACE_CODE = "330106009001"
"""The code of alice's community, as tables of other systems name it."""


class Gathered:
    """Alice's community: an activity ahead, one just held, dora's booking, li's service with his certificate."""

    def __init__(self, cast: Cast, site: Place) -> None:
        self.cast, self.boss = cast, actor(cast.keeper)
        self.dora, self.leader = actor(cast.resident), actor(cast.leader.person)
        self.of_activities()
        self.of_rooms(site)
        self.of_service()
        self.of_volunteers()
        self.points = Pointed(cast)

    def published(self, title: str, starts: datetime, *roles: activities.RoleFacts) -> Activity:
        """An activity of alice's community."""
        facts = activities.Facts(
            kind=ActivityKind.objects.get(code="culture"),
            place=self.cast.home,
            title=title,
            starts_at=starts,
            ends_at=starts + 2 * HOUR,
            contact_name="王敏之",
            where="社区广场",
            roles=list(roles),
            parties=[activities.PartyFacts("和平社区")],
            risks="上下楼梯，注意脚下",
            takes_groups=True,
        )
        draft = activities.save_draft(actor=self.boss, facts=facts)
        return activities.publish(actor=self.boss, activity=draft)

    def of_activities(self) -> None:
        """One ahead with dora in it; one that was held yesterday, where somebody served; a plan; dora's calendar."""
        self.activity = self.published("端午包粽子", START + 2 * DAY, activities.RoleFacts("参加者", 3))
        self.ahead = session_of(self.activity)
        self.sign_up = come(self.cast.resident, shift_of(self.activity))
        with clock.frozen(START - 3 * DAY):
            past = self.published("敬老午餐", START - DAY, activities.RoleFacts("志愿者", 3, True))
            self.helper = come(self.cast.he.person, shift_of(past))
            begun = self.published("晨练", START - HOUR, activities.RoleFacts("参加者", 3))
            self.guest = come(self.cast.resident, shift_of(begun))
        with clock.frozen(START - DAY):
            activities.check_in(actor=self.boss, sign_up=self.helper)
        self.begun, self.held = session_of(begun), session_of(past)
        with clock.frozen(START - DAY + 2 * HOUR):
            activities.hold(actor=self.boss, session=self.held)
        shown = activities.PhotoFacts(False, False, "", False)
        self.picture = activities.add_photo(actor=self.boss, session=self.held, upload=picture(), facts=shown)
        today = clock.today()
        self.plan = activities.save_plan(
            actor=self.boss,
            facts=activities.PlanFacts(
                self.cast.home, "三月", today, today + 27 * DAY, [activities.RuleFacts(Span.WEEK)]
            ),
        )
        self.calendar = activities.new_calendar_key(actor=self.dora)

    def of_rooms(self, site: Place) -> None:
        """A room of alice's station with its hours, and the time that dora asked for."""
        facts = places.Facts(name="二楼活动室")
        self.room = places.create_place(actor=Actor.system("walk"), parent=site, kind="room", facts=facts)
        week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "makeup")
        places.set_hours(actor=Actor.system("walk"), place=self.room, hours={key: [["08:00", "20:00"]] for key in week})
        wanted = places.Wanted(self.room, START + DAY, START + DAY + HOUR, "排练", "合唱队")
        self.booking = places.book(actor=self.dora, wanted=wanted)

    def served(self, who: Volunteer, ago: timedelta) -> ServiceRecord:
        """Two hours that the team's leader entered."""
        begin = START - ago
        facts = volunteers.Served(
            volunteer=who,
            place=self.cast.home,
            title="周三助餐",
            starts_at=begin,
            ends_at=begin + 2 * HOUR,
            minutes=120,
            evidence=Evidence.A,
            team=self.cast.team,
        )
        return volunteers.submit_record(actor=self.leader, served=facts)

    def of_service(self) -> None:
        """Li's service: confirmed, so that it stands in the ledger and on a certificate; and one that waits. A skill
        that can be proven, and the number by which other systems know alice's community.
        """
        li = self.cast.li
        Skill.objects.create(code="first_aid", name="急救", name_en="First aid")
        self.cast.home.code = PLACE_CODE
        self.cast.home.save(update_fields=["code"])
        confirmed = volunteers.confirm(actor=self.boss, record=self.served(li, 2 * DAY))
        self.receipt = ledger.receipt_code(Transfer.objects.get(pk=confirmed.transfer_id))
        account = ledger.account_of(LEDGER_OWNER, li.person_id, MINUTES)
        assert account is not None
        self.account = account
        self.record = self.served(li, 4 * HOUR)
        self.certificate = volunteers.issue_certificate(
            actor=actor(li.person), volunteer=li, since=clock.today() - 30 * DAY, until=clock.today()
        )

    def of_volunteers(self) -> None:
        """A session of the team that is on now, with its code, and its call for more people."""
        plan = volunteers.SessionPlan(
            title="周三助餐", place=self.cast.home, starts_at=START, ends_at=START + 2 * HOUR, team=self.cast.team
        )
        self.session = volunteers.open_session(actor=self.leader, plan=plan)
        self.code = rules.screen_code(self.session)
        notice = volunteers.Notice(
            team=self.cast.team,
            title="招募助餐志愿者",
            content="每周三上午为老人送餐",
            risks="上下楼梯，注意脚下",
            cover="意外险、交通补贴",
            wanted=3,
            opens_at=START,
            closes_at=START + 7 * DAY,
        )
        self.campaign = volunteers.start_campaign(actor=self.leader, notice=notice)
        self.of_allocating()

    def of_allocating(self) -> None:
        """The team wants two people: li is asked, he stands in a plan that waits for a yes, nobody else is found."""
        self.want = volunteers.state_want(actor=self.leader, facts=self.wanted(9))
        self.invitation = volunteers.invite(actor=self.boss, want=self.want, volunteers=[self.cast.li])[0]
        now, figures = clock.now(), {"wants": 1, "seats": 1, "volunteers": 2, "total": 1, "bound": 1}
        self.allocation = Allocation.objects.create(
            place=self.cast.home, state=AllocationState.READY, asked_at=now, made_at=now, figures=figures
        )
        self.allocation_line = AllocationLine.objects.create(
            allocation=self.allocation, want=self.want, volunteer=self.cast.he, km=1.2
        )

    def wanted(self, headcount: int) -> volunteers.WantFacts:
        return volunteers.WantFacts(
            team=self.cast.team,
            place=self.cast.home,
            headcount=headcount,
            words="周三助餐缺人，来了先跟着走一趟",
            until_date=clock.today() + 30 * DAY,
        )

    def ticket(self, person: Person | None) -> str:
        """What this person may press after he read the code of the session; empty for who may not read it."""
        if person is None or not Volunteer.objects.filter(person=person).exists():
            return "none"
        return volunteers.read_link(actor(person), self.code)[1]
