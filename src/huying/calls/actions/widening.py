"""A call goes out ring by ring until it is filled: the station, the office, the centre, partners, neighbours, and who is
bound to come at last (一呼百应, S0-3a; domain.md section 1). What the rings are is data (``Ring``).

Each step is done once however often it is tried: a second run finds enough people asked, or the ring's time set anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from huying.calls.actions.clocks import ring_due
from huying.calls.actions.dispatching import answer, call_reserves, put_before, withdraw_offers
from huying.calls.actions.escalating import lift
from huying.calls.actions.moving import move, step
from huying.calls.models import Call, Offer, Ring
from huying.calls.queries.rings import AROUND, duty_team, reached, rings_at, rings_of
from huying.calls.states import MANY, SEEKING, Asks, Level, OfferState, State
from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, InvalidInput
from huying.kernel.transactions import begin
from huying.volunteers.models import Team, Volunteer

ASIDE = ("say", "joined", "escalate", "silent", "urge", "told", "kind")
"""Lines of the history that are no step."""
MOST_SEATS = 2000
WORKER = Actor.system("calls.rings")


class NobodyToAsk(Conflict):
    code = "nobody_to_ask"
    message = _("各圈里现在都没有能问的人。可以换个时间再呼叫，或请上一级帮忙。")


class SeatsWrong(InvalidInput):
    code = "seats_wrong"
    message = _("请写要几个人：比已有的 {found} 人多，最多 {most} 人。")


class LimitOver(InvalidInput):
    code = "limit_over"
    message = _("最晚时间已经过了，请选以后的时间。")


def widen(*, actor: Actor, call: Call, people: int | None = None, until: datetime | None = None) -> Call:
    """Somebody on duty sends the call out, to its first ring at once and on by the rings' clocks. ``people``: how many are
    sought now; of a call that is out already the number changes, though nobody else can be asked. ``until``: a new limit of a
    call that a place raised, which holds though nobody can be asked; one that is over must be moved. Raises SeatsWrong,
    LimitOver, NobodyToAsk.
    """
    with step(actor, call, "dispatch") as fresh:
        before = fresh.limit_at
        set_limit(fresh, until)
        check_seats(fresh, fresh.people_needed if people is None else people)
        rings = rings_at(fresh.place) or [AROUND]
        anew = fresh.limit_at != before or (bool(fresh.ring) and people not in {None, fresh.people_needed})
        fresh.people_needed = people or fresh.people_needed
        fresh.ring = fresh.ring or rings[0].order
        if not ask_rings(actor, fresh, rings):
            if not anew:
                raise NobodyToAsk
            # its rings run: those who are asked, or asked next, fill it
            fresh.save(update_fields=["people_needed", "wanted_from", "wanted_to", "waiting_since", "ring_due_at"])
            fresh.refresh_from_db(fields=["ring"])  # of one that did not run none was entered
            changes = {"people": fresh.people_needed}
            audit.record(actor, "call.dispatch", fresh, place_path=fresh.place.path, changes=changes)
        return fresh


def seek_more(*, actor: Actor, call: Call, people: int, until: datetime | None = None) -> Call:
    """A call that was filled seeks more, ``people`` in all: boats are missing, or the flood grows. Those who said yes stay, who
    stands by is asked first, and a search of its own begins with the first ring. ``until`` as in ``widen``. Raises SeatsWrong,
    LimitOver, NobodyToAsk.
    """
    with step(actor, call, "seek_more", people=people) as fresh:
        check_seats(fresh, people)
        set_limit(fresh, until)
        rings = rings_at(fresh.place) or [AROUND]
        fresh.people_needed, fresh.ring = people, rings[0].order
        move(actor, fresh, "seek_more", people=people)
        if call_reserves(fresh) + ask_rings(actor, fresh, rings) == 0:
            raise NobodyToAsk
        return fresh


def check_seats(call: Call, people: int) -> None:
    """More than those who come, and not more than a call can hold; else SeatsWrong."""
    if not call.accepted_count < people <= MOST_SEATS:
        words = SeatsWrong.message.format(found=call.accepted_count, most=MOST_SEATS)
        raise SeatsWrong(words, fields={"people": words})


def set_limit(call: Call, until: datetime | None) -> None:
    """Move the limit of a call that a place raised, where it is given; LimitOver when it is then over all the same. Where the
    old one was over a search of its own begins: who did not answer then may be asked again.
    """
    if call.raised_for_id is None:
        return
    now = clock.now()
    if until is not None and until > now:
        call.waiting_since = now if call.limit_at and call.limit_at <= now else call.waiting_since
        call.wanted_from, call.wanted_to = call.wanted_from or now, until
        call.ring_due_at = min(call.ring_due_at, until) if call.ring_due_at else None
    if (until is not None and until <= now) or (call.limit_at and call.limit_at <= now):
        raise LimitOver(fields={"until": LimitOver.message})


def ask_next(*, actor: Actor, call: Call) -> bool:
    """Ask those who come next, who may all say no; False when nothing is to do.

    After an offer came to nothing, when volunteers had the call to themselves for long enough, when it lay in the pool for
    longer than it may, or while it is going out, when the ring's time is over or fewer are asked than should be.
    """
    with begin(actor):
        return go_on(actor, locks.one(Call, pk=call.pk))


def go_on(actor: Actor, call: Call) -> bool:
    """The same for a call that is locked already."""
    if call.state not in SEEKING:
        return False
    if call.limit_at and call.limit_at <= clock.now():
        return time_is_up(call)
    ahead = waited(call)
    if ahead and call_reserves(call):
        return True
    if not (ahead or call.ring or lay_unanswered(call)):
        return False
    return ask_rings(actor, call, rings_of(call), on=ahead or hurries(call)) > 0


def time_is_up(call: Call) -> bool:
    """The moment until which a place wanted them is over: nobody else is asked, and the place hears of it, once. Always False."""
    if call.ring or call.ring_due_at:
        call.ring, call.ring_due_at = 0, None
        move(WORKER, call, "time_up", released=withdraw_offers(call))
    return False


def hurries(call: Call) -> bool:
    """A ring that has too few does not hold such a call up: it is urgent, or seeks many."""
    return call.urgent or call.people_needed > MANY


def ask_next_ring(*, actor: Actor, call: Call) -> Call:
    """Somebody on duty does not wait for the end of a ring: the next that has anybody is asked at once, beside those who are
    asked already. Raises NobodyToAsk; the duty is never bound by it, its turn comes when everybody's time is over.
    """
    with step(actor, call, "dispatch") as fresh:
        set_limit(fresh, None)
        rings = rings_at(fresh.place)
        for ring in rings:
            if ring.order <= fresh.ring or ring.asks == Asks.DUTY:
                continue
            seats = fresh.people_needed - fresh.accepted_count
            if chosen := reached(fresh, ring, ring.per_seat * seats):
                enter(fresh, ring)
                ask(actor, fresh, ring, chosen)
                return fresh
        raise NobodyToAsk


def waited(call: Call) -> bool:
    """Some volunteers had it to themselves for long enough: others are asked beside them now. Seen to once. Where a
    question is over, taking it back is what comes first (``expire``).
    """
    if call.offers.filter(state=OfferState.OFFERED, answer_due_at__lte=clock.now()).exists():
        return False
    rows = call.offers.filter(state=OfferState.OFFERED, alone_until__lte=clock.now())
    keys = [one.pk for one in locks.many(rows)]
    return Offer.objects.filter(pk__in=keys).update(alone_until=None) > 0


def lay_unanswered(call: Call) -> bool:
    """In the pool: the last step took an offer back that came to nothing, or the time there is over."""
    if call.state != State.POOLED:
        return False
    if call.stage_due_at and call.stage_due_at <= clock.now():
        return True
    last = call.events.exclude(verb__in=ASIDE).order_by("-id").first()
    return last is not None and last.verb == "expire"


def ask_rings(actor: Actor, call: Call, rings: list[Ring], *, on: bool | None = None) -> int:
    """Ask as many as the ring that runs allows; the next ring when its time is over or it has nobody. ``call`` is locked.

    How many were asked; 0 when those who are asked have their time, or when nobody is left. Who was asked late in a ring
    has his time beyond it, and the duty waits for him. Where a ring has too few, the next is asked beside it: at once when
    the call ``hurries``, else (``on``) when the first volunteers had it to themselves for long enough. No answer moves
    either moment (decisions 0021, 0046).
    """
    on = hurries(call) if on is None else on
    now, still, found = clock.now(), call.offers.filter(state=OfferState.OFFERED), 0
    asked = still.filter(Q(alone_until__isnull=False) | Q(team__isnull=False)).count()
    seats, running = call.people_needed - call.accepted_count, False
    for ring in rings:
        runs = ring.order == call.ring
        if ring.order < call.ring or (runs and call.ring_due_at and call.ring_due_at <= now):
            continue
        if call.level == Level.CENTRE and not ring.level and not call.ring:
            continue
        if ring.asks == Asks.DUTY:
            team = duty_team(call, ring)
            if team is None:
                continue
            return found if waits(call) else bind(call, ring, team)
        running = running or runs
        missing = ring.per_seat * seats - asked
        if missing < 1:
            if not found:
                enter(call, ring)
                call.save(update_fields=["ring", "ring_due_at"])
            return found
        if chosen := reached(call, ring, missing):
            enter(call, ring)
            found += ask(actor, call, ring, chosen)
            asked += len(chosen)
            if len(chosen) == missing or not hurries(call):
                return found
        elif runs and still.exists() and not on:
            return found
    if found or (running and still.exists()):  # those who are asked have their time
        return found
    return stop(call, rings)


def waits(call: Call) -> bool:
    """The ring before the duty is over, and some were asked late in it: the call is looked at again when their time is."""
    asked = call.offers.filter(state=OfferState.OFFERED, answer_due_at__gt=clock.now())
    last = asked.aggregate(at=Max("answer_due_at"))["at"]
    last = min(last, call.limit_at or last) if last else None
    if last and last != call.ring_due_at:
        call.ring_due_at = last
        call.save(update_fields=["ring_due_at"])
    return last is not None


def stop(call: Call, rings: list[Ring]) -> int:
    """No ring is left: its clock stands, but for the limit of the call, and who was to hold the call in the rings that had
    nobody has it now; what happens next is for the people there. Always 0.
    """
    if call.ring_due_at != call.limit_at:
        call.ring_due_at = call.limit_at
        call.save(update_fields=["ring_due_at"])
    for ring in rings:
        rise(call, ring)
    return 0


def enter(call: Call, ring: Ring) -> None:
    """The ring runs from now on; whoever is to hold the call in it gets it."""
    if ring.pk is not None and (ring.order != call.ring or call.ring_due_at is None):
        call.ring, call.ring_due_at = ring.order, ring_due(call, ring)
    elif ring.pk is None:
        call.ring_due_at = call.limit_at
    rise(call, ring)


def rise(call: Call, ring: Ring) -> None:
    """Whoever is to hold the call in this ring gets it; it never sinks."""
    levels = list(Level)
    while ring.level and levels.index(Level(call.level)) < levels.index(Level(ring.level)):
        lift(WORKER, call)


def ask(actor: Actor, call: Call, ring: Ring, who: Sequence[Volunteer | Team]) -> int:
    """Offer the call to these. They have the time of a ring, else as always."""
    new = [
        Offer(
            call=call,
            team_id=one.pk if isinstance(one, Team) else None,
            volunteer_id=None if isinstance(one, Team) else one.pk,
            offered_at=clock.now(),
            offered_by_id=actor.person_id,
            must_answer=isinstance(one, Team) and ring.duty,
        )
        for one in who
    ]
    put_before(actor, call, Offer.objects.bulk_create(new), ring, **({"ring": ring.name} if call.ring else {}))
    return len(new)


def bind(call: Call, ring: Ring, team: Team) -> int:
    """The unit on duty has the call, unasked (兜底): the duty lies on organisations, never on persons (K10). Always 1."""
    enter(call, ring)
    seats = call.people_needed - call.accepted_count
    mine = call.offers.filter(team=team, state=OfferState.OFFERED).first()
    call.offers.filter(team=team, state=OfferState.RESERVE).update(state=OfferState.WITHDRAWN)
    mine = mine or Offer(call=call, team=team, offered_at=clock.now())
    mine.seats, mine.must_answer = seats, True
    mine.save()
    answer(mine, OfferState.ACCEPTED, WORKER)
    call.accepted_count = call.people_needed
    move(WORKER, call, "bind", offer=mine.pk, released=withdraw_offers(call))
    return 1


def enough(*, actor: Actor, call: Call) -> Call:
    """Those who have said yes are enough: nobody else is sought, the rest are thanked and released."""
    with step(actor, call, "enough") as fresh:
        fresh.people_needed = fresh.accepted_count
        move(actor, fresh, "enough", released=withdraw_offers(fresh))
        return fresh
