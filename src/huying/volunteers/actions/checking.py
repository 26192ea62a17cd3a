"""Sessions: people sign in and out by a code or are called, once each; what two ends prove becomes a record.

Sources: security 4 no. 1-3 (rotating codes, one visit at a time, two people), domain.md 0.1 (never compulsory), 2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks, signing
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMany
from huying.kernel.transactions import begin
from huying.people.actions import limits
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.oneself import own
from huying.volunteers.actions.readiness import NotReady, ask_guardians, check_ready, tell_of_risk
from huying.volunteers.actions.recording import Served, check_overlap, entered
from huying.volunteers.models import Attendance, ServiceCategory, ServiceRecord, ServiceSession, Team, Volunteer
from huying.volunteers.states import SessionState, Way

EARLY = timedelta(hours=2)
"""How long before the planned beginning people may sign in, and after the planned end sign out."""
LATE = timedelta(hours=6)
OLDEST = timedelta(days=92)
"""How far back a session may be entered from paper; beyond that nobody remembers."""
FARTHEST = timedelta(days=5 * 366)
"""How far from today a session can be: beyond that somebody's pen slipped."""
LONGEST_SESSION = timedelta(hours=24)
TRIES = limits.Limit("volunteers.code", 10, timedelta(hours=1))
SHORTEST_VISIT = timedelta(minutes=1)


class SessionUnclear(InvalidInput):
    code = "session_unclear"
    message = _("结束要晚于开始，一场最多 24 小时，最多补登三个月以内的。")


class SessionOver(Conflict):
    code = "session_over"
    message = _("这一场已经结束，不能再签到。没记上的，请联系队长或站点。")


class NotNow(Conflict):
    code = "not_now"
    message = _("现在不在这一场的签到时间内。")


class CodeStale(InvalidInput):
    code = "code_stale"
    message = _("码已经更换或不对，请看着现场屏幕再扫一次，或输入现在显示的数字。")


class StillElsewhere(Conflict):
    code = "still_elsewhere"
    message = _("还有另一场没有签退，请先签退那一场，或请那边的队长结束。")


class TooSoon(Conflict):
    code = "too_soon"
    message = _("刚刚签到，至少一分钟后才能签退。")


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What is planned: where, when (aware), what, and how many minutes of rest are taken off."""

    title: str
    place: Place
    starts_at: datetime
    ends_at: datetime
    team: Team | None = None
    category: ServiceCategory | None = None
    content: str = ""
    break_minutes: int = 0


def open_session(*, actor: Actor, plan: SessionPlan) -> ServiceSession:
    """Plan a session, or one that has taken place and is entered from paper. Raises Forbidden, SessionUnclear."""
    length = plan.ends_at - plan.starts_at
    if abs(plan.starts_at - clock.now()) > FARTHEST:
        raise SessionUnclear(fields={"starts_at": _("请写前后五年以内的日期。")})
    wrong = not timedelta(0) < length <= LONGEST_SESSION or timedelta(minutes=plan.break_minutes) >= length
    if wrong or plan.ends_at < clock.now() - OLDEST:
        raise SessionUnclear(fields={"ends_at": SessionUnclear.message})
    with begin(actor):
        if actor.person_id is None or not rules.can_open_session(actor, plan.team, plan.place):
            raise Forbidden
        made = ServiceSession.objects.create(
            title=plan.title,
            content=plan.content,
            category=plan.category,
            team=plan.team,
            place=plan.place,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            break_minutes=plan.break_minutes,
            opened_by_id=actor.person_id,
            opened_at=clock.now(),
        )
        audit.record(actor, "session.open", made, place_path=plan.place.path)
        return made


def print_code(*, actor: Actor, session: ServiceSession, until: datetime) -> ServiceSession:
    """A code for paper that holds until then, at most until the session's end and a while; earlier prints are void.

    Who signs in by paper does so unwitnessed: class B.
    """
    with begin(actor):
        fresh = running(actor, session)
        fresh.paper_until = min(until, fresh.ends_at + LATE)
        fresh.paper_serial += 1
        fresh.save(update_fields=["paper_until", "paper_serial"])
        audit.record(actor, "session.print", fresh, place_path=fresh.place.path)
        return fresh


def running(actor: Actor, session: ServiceSession) -> ServiceSession:
    """The session, locked, when this actor runs it and it is open."""
    fresh = locks.one(ServiceSession, pk=session.pk)
    if not rules.can_run(actor, fresh):
        raise Forbidden
    if fresh.state != SessionState.OPEN:
        raise SessionOver
    return fresh


# ── by code ─────────────────────────────────────────────────────────────────
def read_link(actor: Actor, text: str) -> tuple[ServiceSession, str]:
    """(session, ticket) for a link that was just read; the ticket lets this person press the button for some minutes.

    Raises CodeStale for a link of another moment, of an old print, or not from here.
    """
    try:
        code, number = rules.read_code(text)
    except signing.BadSignature:
        raise CodeStale from None
    session = ServiceSession.objects.select_related("place", "team").filter(public_id=code.session).first()
    if session is None or not rules.holds(session, code.way, number):
        raise CodeStale
    return session, rules.ticket(code, actor.person_id or 0)


def read_digits(actor: Actor, session: ServiceSession, text: str) -> str:
    """The ticket for digits typed by hand. Ten tries an hour; raises CodeStale, TooMany."""
    wait = limits.spend(TRIES, str(actor.person_id))
    if wait:
        raise TooMany(retry_after=wait)
    way = rules.matches(session, text) if text.isascii() else None
    if way is None:
        raise CodeStale(fields={"digits": CodeStale.message})
    limits.give_back(TRIES, str(actor.person_id))
    return rules.ticket(rules.Code(session.public_id, way), actor.person_id or 0)


def check_by_code(*, actor: Actor, ticket: str, leaving: bool) -> Attendance:
    """Sign in, or out, with a code just shown. Doing it again changes nothing.

    Raises CodeStale, NotAVolunteer, SessionOver, NotNow, NotReady, StillElsewhere, TooSoon.
    """
    try:
        code = rules.unticket(ticket, actor.person_id or 0)
    except signing.BadSignature:
        raise CodeStale from None
    try:
        with begin(actor):
            volunteer = own(actor)
            session = locks.one(ServiceSession, public_id=code.session)
            return (went if leaving else came)(actor, session, volunteer, code.way, None)
    except NotReady as refusal:
        if "guardian" in refusal.facts["missing"] and session.category is not None:
            ask_guardians(actor=actor, person=volunteer.person, category=session.category)
        raise


def came(actor: Actor, session: ServiceSession, volunteer: Volunteer, way: Way, witness: int | None) -> Attendance:
    """In once: the visit that is there, or a new one."""
    there = Attendance.objects.filter(session=session, volunteer=volunteer).first()
    if there is not None:
        return there
    allow_now(session)
    check_ready(actor, volunteer, session.category, clock.today())
    visit = Attendance(
        session=session,
        volunteer=volunteer,
        person_id=volunteer.person_id,
        in_at=clock.now(),
        in_way=way,
        in_by_id=witness,
    )
    if Attendance.objects.filter(volunteer=volunteer, dropped=False, out_at__isnull=True).exists():
        raise StillElsewhere
    try:
        with transaction.atomic():
            visit.save()
    except IntegrityError:  # an earlier visit reaches into this moment
        raise StillElsewhere from None
    tell_of_risk(actor=actor, person=volunteer.person, category=session.category, what=session.title)
    return visit


def went(actor: Actor, session: ServiceSession, volunteer: Volunteer, way: Way, witness: int | None) -> Attendance:
    """Out once. Raises NotFound for somebody who never came."""
    visit = Attendance.objects.filter(session=session, volunteer=volunteer).first()
    if visit is None:
        raise NotFound
    visit = locks.one(Attendance, pk=visit.pk)
    if visit.out_at is not None:
        return visit
    if visit.dropped:
        raise SessionOver
    if clock.now() - visit.in_at < SHORTEST_VISIT:
        raise TooSoon
    allow_now(session)
    visit.out_at, visit.out_way, visit.out_by_id = clock.now(), way, witness
    visit.save(update_fields=["out_at", "out_way", "out_by"])
    return visit


def allow_now(session: ServiceSession) -> None:
    if session.state != SessionState.OPEN:
        raise SessionOver
    if not session.starts_at - EARLY <= clock.now() <= session.ends_at + LATE:
        raise NotNow


# ── by the leader ───────────────────────────────────────────────────────────
def call_roll(
    *, actor: Actor, session: ServiceSession, volunteers: Sequence[Volunteer], leaving: bool
) -> tuple[list[Attendance], list[Volunteer]]:
    """Those named are here now, or go now, before the eyes of the leader; one press for all.

    (visits, those whom it did not work for: never came, just came, still elsewhere, or the leader himself, whom another
    one must call). Raises Forbidden, SessionOver, NotNow.
    """
    with begin(actor):
        present = locks.many(Volunteer.objects.filter(pk__in=[one.pk for one in volunteers], left_at__isnull=True))
        fresh = running(actor, session)
        allow_now(fresh)
        visits, refused = [], []
        for one in present:
            if one.person_id == actor.person_id:
                refused.append(one)
                continue
            try:
                visits.append((went if leaving else came)(actor, fresh, one, Way.ROLL, actor.person_id))
            except NotReady as refusal:
                refused.append(one)
                if "guardian" in refusal.facts["missing"] and fresh.category is not None:
                    ask_guardians(actor=actor, person=one.person, category=fresh.category)
            except (StillElsewhere, TooSoon, NotFound, SessionOver):
                refused.append(one)
        changes = {"leaving": leaving, "count": len(visits)}
        audit.record(actor, "session.roll", fresh, place_path=fresh.place.path, changes=changes)
        return visits, refused


# ── the end ─────────────────────────────────────────────────────────────────
def close_session(*, actor: Actor, session: ServiceSession, seen: Sequence[Volunteer] = ()) -> list[ServiceRecord]:
    """Close, and make a record of every visit with two ends; whoever closes cannot enter his own visit, another
    organiser does that by closing once more.

    ``seen``: those of whom the organiser says that he saw them there; without that a scan is class B. Visits without an
    end count nothing: the sheet can still prove them. Raises Forbidden.
    """
    with begin(actor):
        rows = Attendance.objects.filter(session=session, record__isnull=True).exclude(person_id=actor.person_id or 0)
        locks.many(Volunteer.objects.filter(pk__in=rows.values("volunteer_id")))
        fresh = locks.one(ServiceSession, pk=session.pk)
        if actor.person_id is None or not rules.can_run(actor, fresh):
            raise Forbidden
        visits = locks.many(rows.select_related("volunteer"))
        witness(actor, visits, {one.pk for one in seen})
        made = [record_of(actor, fresh, visit) for visit in visits if visit.out_at is not None]
        Attendance.objects.filter(session=fresh, out_at__isnull=True).update(dropped=True)
        if fresh.state == SessionState.OPEN:
            fresh.state, fresh.closed_at = SessionState.CLOSED, clock.now()
            fresh.save(update_fields=["state", "closed_at"])
        audit.record(actor, "session.close", fresh, place_path=fresh.place.path, changes={"records": len(made)})
        return [record for record in made if record is not None]


def witness(actor: Actor, visits: Sequence[Attendance], seen: set[int]) -> None:
    """Write down who saw those who are ticked (``seen``: keys of volunteers); never himself."""
    for visit in visits:
        if visit.volunteer_id in seen and visit.person_id != actor.person_id:
            visit.seen_by_id = actor.person_id
            visit.save(update_fields=["seen_by"])


def record_of(actor: Actor, session: ServiceSession, visit: Attendance) -> ServiceRecord | None:
    """What a visit with two ends proves; None when nothing is left of it after the break or it is counted already."""
    assert visit.out_at is not None
    minutes = (visit.out_at - visit.in_at) // timedelta(minutes=1) - session.break_minutes
    if minutes < 1:
        return None
    served = Served(
        volunteer=visit.volunteer,
        place=session.place,
        title=session.title,
        starts_at=visit.in_at,
        ends_at=visit.out_at,
        minutes=minutes,
        evidence=rules.evidence_of(visit),
        team=session.team,
        category=session.category,
        content=session.content,
        in_charge=session.opened_by.name,
        subject=session,
    )
    try:
        check_overlap(visit.volunteer, visit.in_at, visit.out_at)
    except Conflict:
        return None  # his time is counted elsewhere already; the visit stays and says so
    visit.record = entered(actor, visit.volunteer, served, actor.person_id or 0)
    visit.save(update_fields=["record"])
    return visit.record
