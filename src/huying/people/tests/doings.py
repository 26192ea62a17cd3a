"""Rows for every key to a person in service, in activities and around the shares of calls: what somebody did there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from huying.activities import models as activities
from huying.calls.models import Call, Exclusion
from huying.kernel import clock
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers import models as volunteers
from huying.volunteers.models import Volunteer

HOUR = timedelta(hours=1)


def leave_out(call: Call, who: Person, other: Person) -> None:
    """He asked to leave a call out of the shares and thought better of it; what ``other`` asked he agreed to and undid."""
    now = clock.now()
    claim = {"call": call, "ground": "illegal", "reason": "于法无据", "proposed_at": now}
    Exclusion.objects.create(proposed_by=who, state="withdrawn", **claim)
    decided = {"decided_by": who, "decided_at": now, "undone_by": who, "undone_at": now}
    Exclusion.objects.create(proposed_by=other, state="undone", **decided, **claim)


def want_people(who: Person, other: Volunteer, team: volunteers.Team) -> None:
    """He wrote down whom a team wants, invited ``other``, asked for a plan of all wants and confirmed it."""
    now = clock.now()
    where = {"place": team.place, "lon": 120.0, "lat": 30.0}
    want = volunteers.Want.objects.create(
        team=team, headcount=2, words="来搭把手", until_date=now.date(), made_by=who, made_at=now, **where
    )
    volunteers.Invitation.objects.create(
        want=want, volunteer=other, invited_by=who, invited_at=now, ends_at=now + timedelta(days=7)
    )
    done = {"state": "confirmed", "confirmed_by": who, "confirmed_at": now}
    volunteers.Allocation.objects.create(place=team.place, asked_by=who, asked_at=now, **done)


def serve(who: Person, other: Volunteer, home: Place) -> None:
    """He served and others answer for it; he answers for the service of ``other``."""
    me, now = Volunteer.objects.get(person=who), clock.now()
    skill = volunteers.Skill.objects.create(code="doings", name="做饭", name_en="Cooking")
    team = volunteers.Team.objects.create(name="助老队", place=home)
    span = {"starts_at": now - 2 * HOUR, "ends_at": now - HOUR}
    campaign = {"team": team, "title": "招募", "content": "陪伴", "risks": "无", "cover": "有保险", "wanted": 3}
    want_people(who, other, team)
    volunteers.Campaign.objects.create(opens_at=now, closes_at=now + HOUR, made_by=who, **campaign)
    session = volunteers.ServiceSession.objects.create(title="打扫", place=home, opened_by=who, opened_at=now, **span)
    for helper, by in ((me, other.person), (other, who)):
        own = {"volunteer": helper, "person": helper.person}
        seen = {"session": session, "in_at": span["starts_at"], "in_way": "roll", "out_at": now, "out_way": "roll"}
        volunteers.Attendance.objects.create(in_by=by, out_by=by, seen_by=by, **own, **seen)
        volunteers.SheetEntry.objects.create(session=session, entered_by=by, entered_at=now, **own, **span)
        refused = {"refused_by": by, "refused_at": now, "refused_reason": "过期的证书"}
        volunteers.SkillProof.objects.create(
            skill=skill, made_at=now, verified_by=by, verified_at=now, **refused, **own
        )
        found = {"passed": True, "valid_until": date(2027, 1, 1), "checked_at": now}
        volunteers.ProtectionCheck.objects.create(checked_by=by, **own, **found)
    third = Person.objects.create(name="第三人", created_at=now)
    answered(volunteer=me, person=who, place=home, entered_by=third, **span)
    answered(volunteer=other, person=other.person, place=home, entered_by=who, **span)
    before = {"starts_at": now - 4 * HOUR, "ends_at": now - 3 * HOUR, "entered_by": third}
    record = answered(volunteer=other, person=other.person, place=home, second_by=who, corrected_by=who,
                      correction={}, confirmed_by=who, confirmed_at=now, state="correcting", **before)  # fmt: skip
    line = {"record": record, "verb": "confirm", "to_state": "confirmed", "version": 1, "minutes": 60, "at": now}
    volunteers.ServiceEvent.objects.create(by=who, **span, **line)
    paper = {"volunteer": other, "issuer": home, "issuer_name": "和平站", "minutes": 60, "records": [], "code": "C1"}
    day = {"since": date(2026, 1, 1), "until": date(2026, 2, 1), "issued_at": now, "revoked_at": now}
    volunteers.Certificate.objects.create(issued_by=who, revoked_by=who, revoked_reason="有误", **paper, **day)
    count = {"place": home, "measure": "registered", "value": 7, "as_of_date": date(2026, 1, 1), "source": "省平台"}
    volunteers.ReportedCount.objects.create(entered_by=who, entered_at=now, **count)


def answered(**facts: Any) -> volunteers.ServiceRecord:
    """An hour of service as it stands in the table."""
    given = {"title": "打扫", "host": "和平站", "in_charge": "队长", "minutes": 60, "evidence": "A"}
    return volunteers.ServiceRecord.objects.create(recorded_at=clock.now(), due_at=clock.now(), **given, **facts)


def gather(who: Person, home: Place) -> None:
    """He wrote an activity and held it, came to it, said what he thought, and planned the next ones."""
    now = clock.now()
    kind = activities.ActivityKind.objects.order_by("pk").first()
    activity = activities.Activity.objects.create(
        kind=kind, place=home, title="包粽子", contact_name="王守一", created_by=who
    )
    role = activities.ActivityRole.objects.create(activity=activity, name="参加者", capacity=3)
    span = {"starts_at": now - 2 * HOUR, "ends_at": now - HOUR}
    session = activities.Session.objects.create(activity=activity, state="held", held_at=now, held_by=who, **span)
    shift = activities.Shift.objects.create(session=session, role=role, capacity=3, taken=1)
    came = activities.SignUp.objects.create(
        session=session, shift=shift, person=who, asked_by=who, state="present", at=now, changed_at=now
    )
    activities.CheckIn.objects.create(session=session, sign_up=came, in_at=now, in_by=who, out_at=now, out_by=who)
    activities.Feedback.objects.create(session=session, person=who, score=5, words="很好", at=now)
    activities.Photo.objects.create(session=session, shows_people=False, added_by=who, at=now)
    unit = activities.Unit.objects.order_by("pk").first()
    activities.Result.objects.create(
        session=session, measure="served", amount=3, unit=unit, source="entered", entered_by=who, at=now
    )
    activities.ActivityEvent.objects.create(activity=activity, at=now, verb="hold", person=who)
    activities.CalendarKey.objects.create(person=who, token="a-calendar-of-his-own", made_at=now)
    year = {"begins": date(2026, 1, 1), "ends": date(2026, 12, 31)}
    activities.RhythmPlan.objects.create(place=home, name="全年", created_by=who, **year)
