"""What must hold of calls and service at any moment, whatever was killed or raced: broken rules as sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from procrastinate.contrib.django.models import ProcrastinateJob

from huying.activities.models import Activity, CheckIn, Session, Shift, SignUp
from huying.activities.states import COMING, HOLDING, WHOLE, SignUpState
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import EDGES, ENDED_STATES, LIVE_OFFERS, OPEN_STATES, STAGE_OF, OfferState, State
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.ledger import queries as ledger_queries
from huying.ledger.models import Transfer
from huying.places.models import Booking
from huying.places.states import BookingState
from huying.points import queries as point_queries
from huying.points.models import Claim, Good, Passbook, Reversal, Sheet
from huying.points.states import ClaimState, GiftState
from huying.volunteers.models import ServiceEvent, ServiceRecord
from huying.volunteers.states import COUNTED, LEDGER_OWNER, MINUTES

QUIET = frozenset({"draft", "say", "joined"})
"""Lines of history that are no step: nobody's trail, and only ``say`` tells somebody."""
ASIDE = frozenset({("duplicate", state, State.CANCELLED) for state in OPEN_STATES | {State.DELIVERED}})
TELLS = "calls.tell"


def broken_rules() -> list[str]:
    """Every broken rule of every call in the database."""
    found: list[str] = []
    events: dict[int, list[CallEvent]] = defaultdict(list)
    for event in CallEvent.objects.order_by("id"):
        events[event.call_id].append(event)
    offers: dict[int, list[Offer]] = defaultdict(list)
    for offer in Offer.objects.order_by("id"):
        offers[offer.call_id].append(offer)
    for call in Call.objects.all():
        for rule in (*history(call, events[call.pk]), *answers(call, offers[call.pk]), *times(call)):
            found.append(f"{call.number} ({call.state}): {rule}")
    return found + trail(events) + jobs(events)


def history(call: Call, events: list[CallEvent]) -> list[str]:
    """The chain of steps is unbroken, each step stands in the table, and its end is where the call is."""
    found = []
    if not events or (events[0].verb, events[0].from_state, events[0].to_state) != ("draft", "", State.DRAFT):
        found.append("history does not begin with a draft")
    for before, event in pairwise(events):
        if event.from_state != before.to_state:
            found.append(f"{before.verb} led to {before.to_state}, then {event.verb} came from {event.from_state}")
        step = (event.verb, event.from_state, event.to_state)
        if step not in EDGES | ASIDE and event.from_state != event.to_state:
            found.append(f"no such step: {step}")
    if events and events[-1].to_state != call.state:
        found.append(f"history ends with {events[-1].to_state}")
    reopened = sum(event.verb == "reopen" for event in events)
    if call.reopened_count != reopened:
        found.append(f"reopened {reopened} times in history, {call.reopened_count} counted")
    return found


def answers(call: Call, offers: list[Offer]) -> list[str]:
    """Who said yes is counted, and no question stays open when none should."""
    states = Counter(offer.state for offer in offers)
    found = []
    if call.state not in ENDED_STATES | {State.RATED, State.AUTO_RATED}:
        yes = [offer for offer in offers if offer.state == OfferState.ACCEPTED]
        helpers = sum(offer.seats for offer in yes)
        if helpers != call.accepted_count:
            found.append(f"{helpers} helpers said yes, {call.accepted_count} counted")
    if call.state == State.DISPATCHED and not states[OfferState.OFFERED]:
        found.append("dispatched, but nobody is asked")
    if call.state != State.DISPATCHED and states[OfferState.OFFERED]:
        found.append(f"{states[OfferState.OFFERED]} still asked")
    if call.state in ENDED_STATES and any(states[state] for state in LIVE_OFFERS):
        found.append("ended with live offers")
    if call.state in {State.ACCEPTED, State.SCHEDULED, State.SERVING} and call.accepted_count < 1:
        found.append("nobody comes")
    return found


def times(call: Call) -> list[str]:
    """Ended calls have an end and no clock; calls in a stage without a clock have none either."""
    found = []
    if (call.ended_at is not None) != (call.state in ENDED_STATES):
        found.append(f"ended_at is {call.ended_at}")
    if call.stage_due_at is not None and State(call.state) not in STAGE_OF:
        found.append("a clock runs where none should")
    if (call.state == State.CLOSED) and call.score is not None and call.solved is None:
        found.append("rated, but not said whether it is solved")
    return found


def stepped(event: CallEvent) -> bool:
    """True for lines written with a trail: an answer that leaves the call where it is (one of several) has none."""
    still = event.verb in {"decline", "expire"} and event.from_state == event.to_state
    return event.verb not in QUIET and not still


def trail(events: dict[int, list[CallEvent]]) -> list[str]:
    """Each step has its audit line and each audit line its step."""
    lines = Counter(
        AuditLine.objects.filter(subject_type="calls.Call", verb__startswith="call.").values_list("subject_id", "verb")
    )
    steps = Counter((call, f"call.{one.verb}") for call, row in events.items() for one in row if stepped(one))
    return [
        f"call {call}: {verb} {steps[call, verb]} times in history, {lines[call, verb]} in the trail"
        for call, verb in sorted(steps.keys() | lines.keys())
        if steps[call, verb] != lines[call, verb]
    ]


def jobs(events: dict[int, list[CallEvent]]) -> list[str]:
    """Each step has queued the job that tells of it, once, and no such job speaks of a step that is not there."""
    queued = Counter(
        (args["call_id"], args["event_id"])
        for args in ProcrastinateJob.objects.filter(task_name=TELLS).values_list("args", flat=True)
    )
    told = Counter((call, one.pk) for call, row in events.items() for one in row if stepped(one) or one.verb == "say")
    return [
        f"call {call}, event {event}: {queued[call, event]} jobs instead of {told[call, event]}"
        for call, event in sorted(queued.keys() | told.keys())
        if queued[call, event] != told[call, event]
    ]


def broken_service() -> list[str]:
    """Every broken rule of records of service: what is confirmed stands in the ledger once, and nothing else does."""
    found: list[str] = []
    minutes: Counter[int] = Counter()
    for record in ServiceRecord.objects.select_related("volunteer"):
        counted = record.state in COUNTED
        minutes[record.person_id] += record.minutes if counted else 0
        for rule in (*posted(record, counted), *lines(record)):
            found.append(f"service {record.pk} ({record.state}, version {record.version}): {rule}")
    for person_id, expected in minutes.items():
        account = ledger_queries.account_of(LEDGER_OWNER, person_id, MINUTES)
        held = ledger_queries.balance(account) if account else 0
        if held != expected:
            found.append(f"person {person_id}: {held} minutes in the ledger, {expected} confirmed")
    return found


def posted(record: ServiceRecord, counted: bool) -> list[str]:
    """Its transfers: one that stands while it counts, by two people, of this version; none that stands otherwise."""
    found = []
    own = Transfer.objects.filter(key__startswith=f"service:{record.public_id}:", reverses__isnull=True)
    standing = [one for one in own if not one.reversals.exists()]
    if record.person_id != record.volunteer.person_id:
        found.append("of another person than its volunteer")
    if len(standing) != int(counted):
        found.append(f"{len(standing)} transfers stand")
    for one in standing:
        if (one.amount, one.pk) != (record.minutes, record.transfer_id):
            found.append(f"{one.amount} minutes posted instead of {record.minutes}")
        if one.made_by_id == one.approved_by_id or record.person_id in {one.made_by_id, one.approved_by_id}:
            found.append("not by two other people")
    return found


def lines(record: ServiceRecord) -> list[str]:
    """Its history begins with the entry, is unbroken, and ends where the record is."""
    rows = list(ServiceEvent.objects.filter(record=record).order_by("id"))
    found = [] if rows and rows[0].verb == "submit" else ["history does not begin with the entry"]
    found += [f"{b.verb} came from {b.from_state}" for a, b in pairwise(rows) if a.to_state != b.from_state]
    if rows and (rows[-1].to_state, rows[-1].minutes) != (record.state, record.minutes):
        found.append(f"history ends with {rows[-1].to_state}, {rows[-1].minutes} minutes")
    return found


# ── activities and bookings ─────────────────────────────────────────────────
def broken_gatherings() -> list[str]:
    """Places of shifts agree with sign-ups, nobody waits beside a free place, and rooms are held by live bookings."""
    found: list[str] = []
    rows: dict[int, list[SignUp]] = defaultdict(list)
    for row in SignUp.objects.order_by("id"):
        rows[row.shift_id].append(row)
    for shift in Shift.objects.select_related("session__activity"):
        found += [f"shift {shift.pk}: {rule}" for rule in places_of(shift, rows[shift.pk])]
    for activity in Activity.objects.prefetch_related("parties"):
        shares = [party.share for party in activity.parties.all()]
        if shares and sum(shares) != WHOLE:
            found.append(f"activity {activity.pk}: shares fill {sum(shares)}")
    here = set(CheckIn.objects.filter(sign_up__isnull=False).values_list("sign_up_id", flat=True))
    present = set(SignUp.objects.filter(state=SignUpState.PRESENT).values_list("pk", flat=True))
    if here != present:
        found.append(f"present {sorted(present)}, checked in {sorted(here)}")
    return found + rooms()


def places_of(shift: Shift, rows: list[SignUp]) -> list[str]:
    """What is counted is what stands in the sign-ups; the first in line does not fit."""
    found = []
    held = sum(row.count for row in rows if row.state in HOLDING)
    line = [row for row in rows if row.state == SignUpState.WAITING]
    if (shift.taken, shift.waiting) != (held, sum(row.count for row in line)):
        found.append(f"{shift.taken} taken and {shift.waiting} waiting, but {held} and {sum(r.count for r in line)}")
    if shift.taken > shift.capacity:
        found.append(f"{shift.taken} of {shift.capacity} places")
    ahead = shift.session.state == "planned" and shift.session.starts_at > clock.now()
    if ahead and line and shift.taken + line[0].count <= shift.capacity:
        found.append(f"sign-up {line[0].pk} waits beside a free place")
    if shift.session.state == "cancelled" and any(row.state in COMING for row in rows):
        found.append("somebody comes to a session that was called off")
    return found


def rooms() -> list[str]:
    """A live booking takes its place as a whole once; an ended one takes nothing; sessions called off hold no room."""
    found = []
    for booking in Booking.objects.prefetch_related("spaces"):
        wholes = [one.place_id for one in booking.spaces.all() if one.whole]
        if wholes != ([] if booking.state == BookingState.CANCELLED else [booking.place_id]):
            found.append(f"booking {booking.pk} ({booking.state}) takes {wholes}")
    live = Booking.objects.filter(subject_type=Session._meta.label).exclude(state=BookingState.CANCELLED)
    gone = Session.objects.filter(state="cancelled", pk__in=live.values("subject_id"))
    return found + [f"session {one.pk} was called off and still holds a room" for one in gone]


def broken_points() -> list[str]:
    """Every broken rule of points: what is confirmed, given and waits stands in the ledger once, and nothing else does."""
    found: list[str] = []
    for passbook in Passbook.objects.all():
        account = ledger_queries.account(passbook.account_id)
        booked = passbook.claims.filter(state=ClaimState.CONFIRMED)
        given, used = sum(one.amount or 0 for one in booked), passbook.gifts.filter(state=GiftState.HANDED)
        gone = sum(lot.gone for lot in account.lots.all())
        expected = given - sum(one.points for one in used) - gone
        waiting = sum(one.points for one in passbook.gifts.filter(state=GiftState.RESERVED))
        waiting += sum(
            one.claim.amount or 0 for one in Reversal.objects.filter(claim__passbook=passbook, state="proposed")
        )
        if (account.balance, account.held) != (expected, waiting):
            found.append(
                f"passbook {passbook.pk}: {account.balance}, {account.held} held; {expected}, {waiting} by rows"
            )
    for piece in point_queries.pieces(Good.objects.all()):
        gifts = piece.good.gifts
        handed = sum(one.quantity for one in gifts.filter(state=GiftState.HANDED))
        handed += sum(one.quantity for one in gifts.filter(state=GiftState.RETURNED, sheet__isnull=False))
        handed += sum(one.quantity for one in piece.good.weighings.all())
        reserved = sum(one.quantity for one in gifts.filter(state=GiftState.RESERVED))
        if (piece.given, piece.reserved) != (handed, reserved) or piece.stock < 0:
            found.append(f"good {piece.good.pk}: {piece}, {handed} and {reserved} by rows")
    for claim in Claim.objects.filter(state__in=[ClaimState.CONFIRMED, ClaimState.REVERSED]):
        posted = Transfer.objects.get(pk=claim.transfer_id or 0)
        if posted.amount != claim.amount or posted.reversals.exists() != (claim.state == ClaimState.REVERSED):
            found.append(f"claim {claim.pk} ({claim.state}): {posted}")
    for sheet in Sheet.objects.exclude(state="dropped"):
        if sum(one.value_fen for one in sheet.gifts.all()) != sheet.total_fen:
            found.append(f"sheet {sheet.pk}: its lines are not its total")
    return found
