"""The clocks of a call: when its stage is due, and when silence lifts it to the next level.

How long is data (``Clock``): by stage, kind and urgency, in natural time, office hours or the site's own hours. The days
that count are those of the call's place. A pause stops a clock; it goes on where it stood (domain.md section 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from huying.calls.models import Call, Clock, LateStage, Offer, Ring
from huying.calls.states import LADDER, NEXT_LEVEL, PAUSED, SEEKING, STAGE_OF, WAITING_FOR_HELP, Level, Stage, State
from huying.kernel import clock, events, worktime
from huying.kernel.worktime import Calendar, Deadline, Pause
from huying.places import queries as place_queries

AHEAD = 4
"""When this part of a volunteer's time is over others are asked beside him, whether he said no or nothing."""
LONGEST = timedelta(days=1)
"""A question always ends: so long after it was put where no clock of the answer is set. A no could not be kept as the
silence it may have been if silence had no end (decision 0021).
"""
CLOCK_FIELDS = (
    *("stage_started_at", "stage_due_at", "amber_at", "due_estimated", "overdue"),
    *("held_stage", "held_since", "waiting_since", "lift_at", "ring_due_at"),
)
"""What ``start_clock`` sets, for those who save these alone."""


@dataclass(frozen=True, slots=True)
class CallCounts:
    """A call was submitted, closed, opened again or set aside, or was late: what it adds to the figures has changed."""

    call_id: int


@dataclass(frozen=True, slots=True)
class Watch:
    """The rules that hold for one call, the local days, and the times it stood still."""

    call: Call
    rules: dict[str, Clock]
    calendar: Calendar | None
    pauses: Sequence[Pause]

    def due(self, stage: str, since: datetime, share: int = 1) -> Deadline | None:
        """When ``stage`` that began at ``since`` is over; None when it has no clock. ``share=2``: when half of its time
        is.
        """
        rule = self.rules.get(stage)
        if rule is None:
            return None
        span, pauses = timedelta(minutes=rule.minutes) / share, [one for one in self.pauses if one.start >= since]
        try:
            return worktime.deadline(since, span, hours_of(rule, self.call), pauses, calendar=self.calendar)
        except worktime.NeverOpen:  # a site that never opens cannot stop somebody from asking
            return worktime.deadline(since, span, worktime.OFFICE, pauses, calendar=self.calendar)


def watch(call: Call) -> Watch:
    """Read the rules once; the calendar and the pauses only when they can matter."""
    stage = STAGE_OF.get(State(call.state))
    wanted = [stage, *(LADDER.values() if call.state in WAITING_FOR_HELP else ())]
    rows = Clock.objects.filter(Q(kind=call.kind_id) | Q(kind=None), stage__in=wanted, urgent__in=[call.urgent, False])
    rules: dict[str, Clock] = {}
    for rule in sorted(rows, key=lambda one: (one.kind_id is not None, one.urgent)) if stage else ():
        rules[rule.stage] = rule  # the kind's own before the general one, the urgent before the ordinary
    follows = any(rule.mode != Clock.Mode.NATURAL for rule in rules.values())
    began = min(filter(None, [call.stage_started_at, call.waiting_since]))
    stood = pauses_of(call, began) if rules and began < clock.now() else ()
    return Watch(call, rules, worktime.calendar_for(call.place.path) if follows else None, stood)


def hours_of(rule: Clock | Ring, call: Call) -> worktime.Hours:
    """The hours in which a clock runs: all, those of the office, or the site's own (the office's where none are known)."""
    if rule.mode == Clock.Mode.NATURAL:
        return worktime.NATURAL
    if rule.mode == Clock.Mode.SITE:
        return place_queries.serving_hours(call.place) or worktime.OFFICE
    return worktime.OFFICE


def pauses_of(call: Call, since: datetime) -> list[Pause]:
    """The times since then in which the call waited for an answer or was set aside, each with its reason."""
    found: list[Pause] = []
    began: tuple[datetime, str] | None = None
    for event in call.events.filter(at__gte=since).select_related("words").order_by("id"):
        if event.to_state in PAUSED:
            began = began or (event.at, event.note)
        elif began is not None:
            found.append(Pause(began[0], event.at, began[1]))
            began = None
    if began is not None and call.state not in PAUSED:  # the step that ends it is not written down yet
        found.append(Pause(began[0], clock.now(), began[1]))
    return found


def start_clock(call: Call, before: State | None = None) -> None:
    """Set when the present stage is due and when silence lifts the call; paused and ended calls have no clock.

    ``before`` is the state the call comes from. The stage that was paused goes on with the time it has left.
    """
    now, stage = clock.now(), STAGE_OF.get(State(call.state))
    remember_late(call, before or State(call.state), now)
    if before in STAGE_OF and call.state in PAUSED and not call.held_stage:
        call.held_stage, call.held_since = STAGE_OF[before], call.stage_started_at
    goes_on = stage is not None and stage == call.held_stage and call.held_since is not None
    call.stage_started_at = call.held_since if goes_on and call.held_since else now
    if call.state not in PAUSED:
        call.held_stage, call.held_since = "", None
    if call.state in WAITING_FOR_HELP:
        call.waiting_since = call.waiting_since or now
    elif call.state not in PAUSED or call.held_stage not in {STAGE_OF[one] for one in WAITING_FOR_HELP}:
        call.waiting_since = None
    call.overdue, call.stage_due_at, call.due_estimated, call.lift_at = False, None, False, None
    call.ring_due_at = call.ring_due_at if call.state in SEEKING else None
    call.amber_at = None
    if stage is None:
        return
    seen, since = watch(call), call.stage_started_at
    if stage == Stage.DELIVER and call.scheduled_at:  # the visit is measured from the agreed time
        since = max(call.scheduled_at, since)
    due = seen.due(stage, since)
    if due is not None:
        half = seen.due(stage, since, share=2)
        call.stage_due_at, call.due_estimated, call.amber_at = due.at, due.estimated, half.at if half else None
        call.overdue = goes_on and due.at is not None and due.at <= now  # it was late before the pause already
    call.lift_at = next_lift(call, seen)


def ring_due(call: Call, ring: Ring, share: int = 1) -> datetime | None:
    """When a ring that begins now is over; None when it has no end. ``share=2``: when half of it is. For an urgent call a ring
    may have a time of its own, which goes on by night; none goes on beyond the limit of a call that a place raised.
    """
    limit = call.limit_at if call.limit_at and call.limit_at > clock.now() else None
    return min(filter(None, [own_due(call, ring, share), limit]), default=None)


def own_due(call: Call, ring: Ring, share: int) -> datetime | None:
    """The same without the limit of the call."""
    at_once = ring.urgent_minutes if call.urgent else None
    if at_once is not None:
        return clock.now() + timedelta(minutes=at_once) / share
    if ring.minutes is None:
        return None
    span, mode = timedelta(minutes=ring.minutes) / share, hours_of(ring, call)
    calendar = worktime.calendar_for(call.place.path) if ring.mode != Clock.Mode.NATURAL else None
    try:
        return worktime.deadline(clock.now(), span, mode, calendar=calendar).at
    except worktime.NeverOpen:
        return worktime.deadline(clock.now(), span, worktime.OFFICE, calendar=calendar).at


def alone_until(call: Call, ring: Ring | None) -> datetime:
    """Until when a volunteer who is asked now is the only one for his seat (``AHEAD``), in the time that he has."""
    if ring is not None and (due := ring_due(call, ring, share=AHEAD)):
        return due
    own = watch(call).due(Stage.ANSWER, clock.now(), share=AHEAD)
    return own.at if own and own.at else clock.now() + LONGEST / AHEAD


def next_lift(call: Call, seen: Watch | None = None) -> datetime | None:
    """When silence is noticed next: the stage runs out, or nobody has come for as long as the next level is given.

    A stage that has run out and has no such rung counts its own time again, until the centre holds the call.
    """
    stage, level = STAGE_OF.get(State(call.state)), Level(call.level)
    own = None if call.overdue else call.stage_due_at
    if stage is None or level == Level.CENTRE or stage == Stage.RATE:
        return own
    seen = seen or watch(call)
    rung = seen.due(LADDER[NEXT_LEVEL[level]], call.waiting_since) if call.waiting_since else None
    if call.overdue and rung is None:
        again = seen.due(stage, clock.now())
        own = again.at if again else None
    return min(filter(None, [own, rung.at if rung else None]), default=None)


def remember_late(call: Call, left: State, now: datetime) -> None:
    """Write down that the stage of the state that is left took too long.

    Waiting for a rating is nobody's delay, nor is the end of a ring. Where nobody came it is not asked whether somebody
    said no or stayed silent (decision 0021): what a team owed is written by ``remember_silence``.
    """
    stage = STAGE_OF.get(left)
    if not call.pk or stage is None:
        return
    nobodys = stage == Stage.RATE or (stage == Stage.ANSWER and (call.ring or call.state == State.POOLED))
    if not nobodys and call.stage_due_at and call.stage_due_at < now:
        late_stage(call, stage, call.stage_due_at, now)
    elif call.overdue:  # it was counted as late until now
        events.publish(CallCounts(call_id=call.pk))


def remember_silence(call: Call, offers: Sequence[Offer]) -> None:
    """Of these offers that came to nothing those of teams ran out: an organisation owed an answer, a person never does."""
    now = clock.now()
    over = [one.answer_due_at for one in offers if one.team_id and one.answer_due_at and one.answer_due_at < now]
    if over and not call.ring:
        late_stage(call, Stage.ANSWER, min(over), now)


def late_stage(call: Call, stage: Stage, due: datetime, left: datetime) -> None:
    """A stage that was left too late; the call counts as late from now on."""
    LateStage.objects.create(call=call, stage=stage, due_at=due, left_at=left)
    events.publish(CallCounts(call_id=call.pk))
