"""A call finds its answer: offered to helpers, taken by one, or taken back. Lock order: Call, then Offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import (
    CLOCK_FIELDS,
    LONGEST,
    alone_until,
    next_lift,
    remember_silence,
    ring_due,
    start_clock,
)
from huying.calls.actions.escalating import lift_when_refused, lift_when_silent
from huying.calls.actions.moving import HelpMissing, StepRefused, ValueMissing, move, remember, step
from huying.calls.models import Call, CallGood, Offer, OfferGood, Ring
from huying.calls.queries.preferring import is_wished, wish_in_words
from huying.calls.queries.rings import owing, running_rings
from huying.calls.states import HELD_STATES, LIVE_OFFERS, TRANSITIONS, Excuse, OfferState, State
from huying.kernel import clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, InvalidInput
from huying.kernel.transactions import begin
from huying.volunteers import actions as volunteer_actions
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team, Volunteer

CLOCKS = Actor.system("calls.clocks")
NO_FACTS: Mapping[str, Any] = {}


class NobodyChosen(InvalidInput):
    code = "nobody_chosen"
    message = _("请先选择派给谁。")


class AlreadyAsked(Conflict):
    code = "already_asked"
    message = _("这件求助已经问过{name}了，请另选一位。")


class ExcuseUnknown(InvalidInput):
    code = "excuse_unknown"
    message = _("请在列出的原因里选一个，也可以不选。")


class WrongAnswerer(InvalidInput):
    code = "wrong_answerer"
    message = _("这类求助不能派给{name}：{why}")


def dispatch(*, actor: Actor, call: Call, volunteers: Sequence[Volunteer] = (), teams: Sequence[Team] = ()) -> Call:
    """Ask the chosen helpers; each may say no (志愿服务条例 art. 25), a unit with a reason. Raises NobodyChosen,
    AlreadyAsked, WrongAnswerer.
    """
    if not volunteers and not teams:
        raise NobodyChosen
    with step(actor, call, "dispatch") as fresh:
        check_answerers(actor, fresh, volunteers, teams)
        made = [offer(actor, fresh, volunteer=one) for one in volunteers]
        duty = owing(fresh, teams)
        made += [offer(actor, fresh, team=one, must_answer=one.pk in duty) for one in teams]
        put_before(actor, fresh, made)
        return fresh


def put_before(actor: Actor, call: Call, asked: Sequence[Offer], within: Ring | None = None, **facts: Any) -> None:
    """The step that puts a call before these, written down. They have as long as the clock of the answer runs; who is
    asked ``within`` a ring has as long as a whole ring lasts, however much of it is over. When a part of that is over
    (``AHEAD``) others are asked beside the volunteers among them, whether they said no or nothing (decision 0021).
    """
    keys = [one.pk for one in asked]
    move(actor, call, "dispatch", asked=len(keys), offers=keys, **facts)
    start_clock(call)
    until = ring_due(call, within) if within else None
    if within is not None and until is not None:
        call.stage_due_at, call.due_estimated = until, False
        call.amber_at = ring_due(call, within, share=2)
        call.lift_at = next_lift(call)
    call.save(update_fields=CLOCK_FIELDS)
    Offer.objects.filter(pk__in=keys).update(
        answer_due_at=call.stage_due_at or clock.now() + LONGEST,
        alone_until=Case(When(volunteer__isnull=False, then=alone_until(call, within))),
    )


def offer(
    actor: Actor, call: Call, *, volunteer: Volunteer | None = None, team: Team | None = None, must_answer: bool = False
) -> Offer:
    return Offer.objects.create(
        call=call,
        volunteer=volunteer,
        team=team,
        must_answer=must_answer,
        offered_at=clock.now(),
        offered_by_id=actor.person_id,
    )


def check_answerers(actor: Actor, call: Call, volunteers: Sequence[Volunteer], teams: Sequence[Team]) -> None:
    """Nobody is asked twice for the same call, nobody who rests or left, nobody for himself, no kind that is not
    theirs, nobody without the checks that it needs.
    """
    before = call.offers.filter(Q(volunteer__in=volunteers) | Q(team__in=teams))
    gone = {OfferState.WITHDRAWN, OfferState.EXPIRED}
    for asked in before.exclude(state__in=gone).select_related("volunteer__person", "team"):
        raise AlreadyAsked(name=str(asked.volunteer or asked.team))
    for volunteer in volunteers:
        if volunteer.left_at or (volunteer.paused_until and volunteer.paused_until >= clock.today()):
            raise WrongAnswerer(name=str(volunteer), why=_("正在休息"))
        if volunteer.person_id == call.requester_id:
            raise WrongAnswerer(name=str(volunteer), why=_("就是求助人本人"))
        if call.kind.answered_by == "team":
            raise WrongAnswerer(name=str(volunteer), why=_("需由队伍承接"))
        check_ready(actor, call, volunteer)
    for team in teams:
        if not team.active:
            raise WrongAnswerer(name=str(team), why=_("已停用"))
        if call.kind.answered_by == "volunteer" or volunteer_rules.is_by_name(call.kind.category):
            raise WrongAnswerer(name=str(team), why=_("需由个人承接"))


def check_ready(actor: Actor, call: Call, volunteer: Volunteer) -> None:
    """The helper has today what this kind of service needs (checks, insurance, the guardian's yes); WrongAnswerer."""
    try:
        volunteer_actions.check_ready(actor, volunteer, call.kind.category, clock.today())
    except volunteer_actions.NotReady as refusal:
        raise WrongAnswerer(name=str(volunteer), why=_("还没有{what}").format(**refusal.facts)) from None


def check_wished(call: Call, volunteer: Volunteer) -> None:
    """The helper is as the person served wishes, in language and, where he may choose, in sex and age; WrongAnswerer."""
    wish = wish_in_words(call)
    if wish and not Volunteer.objects.filter(is_wished(call), pk=volunteer.pk).exists():
        raise WrongAnswerer(name=str(volunteer), why=_("求助人想请的是：{wish}").format(wish=wish))


def ask_guardians(actor: Actor, call: Call) -> None:
    """Where only the guardian's yes is missing he is asked for it, before the step is refused."""
    category = call.kind.category
    if category is None or not category.risk:
        return
    volunteer = Volunteer.objects.filter(person_id=actor.person_id or 0).select_related("person").first()
    if volunteer and "guardian" in volunteer_rules.missing_for(volunteer, category, clock.today()):
        volunteer_actions.ask_guardians(actor=actor, person=volunteer.person, category=category)


def accept(
    *, actor: Actor, call: Call, seats: int = 0, offer: UUID | None = None, goods: Mapping[int, int] | None = None
) -> Call:
    """Say yes to one's own open offer; who fills the call ends the search, the rest are thanked and released.

    ``seats``: how many people of a team come, 0 for all that are still wanted; never more than those. ``offer``: which of
    one's own is answered (public id), where a person and his team were asked. ``goods``: how much of each line of goods
    comes along, by the number of the line; never more than is asked for.
    Raises WrongAnswerer where a check or insurance is missing by now.
    """
    ask_guardians(actor, call)
    with step(actor, call, "accept") as fresh:
        mine = own_offer(actor, fresh, OfferState.OFFERED, offer)
        if mine.volunteer is not None:
            check_ready(actor, fresh, mine.volunteer)
        elif mine.team_id:
            free = fresh.people_needed - fresh.accepted_count
            mine.seats = min(max(seats, 0) or free, free)
        answer(mine, OfferState.ACCEPTED, actor)
        if fresh.raised_for_id is not None:
            bring(mine, goods or {})
        fill(actor, fresh, mine, "accept")
        return fresh


def bring(mine: Offer, goods: Mapping[int, int]) -> None:
    """What comes along with a yes, instead of what came along with an earlier yes to the same question."""
    OfferGood.objects.filter(offer=mine).delete()
    lines = {one.order: one for one in CallGood.objects.filter(call_id=mine.call_id)} if goods else {}
    given = {lines[n]: min(amount, lines[n].amount) for n, amount in goods.items() if n in lines and amount > 0}
    OfferGood.objects.bulk_create(OfferGood(offer=mine, good=line, amount=amount) for line, amount in given.items())


def fill(actor: Actor, call: Call, mine: Offer, verb: str) -> None:
    """Count the helper in; when enough have come the call is accepted, before that it stays open for the others, and
    goes back to the pool when nobody else is asked.
    """
    call.accepted_count += mine.seats
    full = call.accepted_count >= call.people_needed
    released = withdraw_offers(call) if full else []
    to = State.ACCEPTED if full else State(call.state)
    move(actor, call, verb, to=to, offer=mine.pk, released=released)
    if to == State.DISPATCHED and not call.offers.filter(state=OfferState.OFFERED).exists():
        move(CLOCKS, call, "seek_on")
        events.publish(HelpMissing(call_id=call.pk))
    if mine.volunteer is not None:
        volunteer_actions.tell_of_risk(
            actor=actor, person=mine.volunteer.person, category=call.kind.category, what=call.kind.name
        )


def decline(*, actor: Actor, call: Call, reason: str = "", excuse: str = "", offer: UUID | None = None) -> Call:
    """Say no. Of a volunteer nothing is told and nothing stays, whatever was sent: he is not asked again, and everything
    goes on as if he had not answered, to the minute (decision 0021). A team is named, says why where it must answer, and
    who comes next is asked; with an ``excuse`` of the list (``Excuse``) its score does not sink (志愿服务条例 art. 15, 25).
    """
    if excuse and excuse not in Excuse.values:
        raise ExcuseUnknown(fields={"excuse": ExcuseUnknown.message})
    with step(actor, call, "decline") as fresh:
        mine = own_offer(actor, fresh, OfferState.OFFERED, offer)
        if mine.team_id is None:
            mine.put_away, mine.remind_at = True, None
            mine.save(update_fields=["put_away", "remind_at"])
            return fresh
        if mine.must_answer and not (reason.strip() or excuse):
            raise ValueMissing(fields={"reason": _("请写明原因，一句话就好。")})
        mine.excuse = excuse
        said = " ".join(filter(None, [str(Excuse(excuse).label) if excuse else "", reason.strip()]))
        answer(mine, OfferState.DECLINED, actor, said)
        back_to_pool(CLOCKS, fresh, "decline", note=said, facts={"offer": mine.pk})
        lift_when_refused(fresh)
        ask_others(fresh)
        return fresh


def come_to_nothing(actor: Actor, call: Call, offers: Sequence[Offer]) -> None:
    """These offers brought nobody: they are taken back, the desk above hears of units that were silent, and who stands
    by is asked. Whoever takes them back asks who comes next, in the same look (``looking``): a job for it would find
    nothing to do.
    """
    remember_silence(call, offers)
    for one in offers:
        answer(one, OfferState.EXPIRED, actor)
    units = [str(one.team) for one in offers if one.team and one.must_answer]
    back_to_pool(actor, call, "expire", facts={"units": units} if units else {})
    if not lift_when_refused(call, units):
        lift_when_silent(call, units)
    call_reserves(call)


def ask_others(call: Call) -> None:
    """An offer brought nobody: who stands by is asked at once, and the worker looks who comes next."""
    call_reserves(call)
    events.publish(HelpMissing(call_id=call.pk))


def expire(*, actor: Actor, call: Call) -> Call:
    """Take back offers whose time is over; idempotent: with nothing overdue it refuses like any other late step."""
    with step(actor, call, "expire") as fresh:
        late = locks.many(fresh.offers.filter(state=OfferState.OFFERED, answer_due_at__lte=clock.now()))
        if not late:
            raise StepRefused(state=State(fresh.state).label, verb=TRANSITIONS["expire"].label)
        come_to_nothing(actor, fresh, late)
        return fresh


def recall(*, actor: Actor, call: Call, reason: str) -> Call:
    """Take all open offers back and pool the call again; its rings are over, and begin anew when nobody takes it."""
    with step(actor, call, "recall", reason=reason) as fresh:
        fresh.ring, fresh.ring_due_at = 0, fresh.limit_at  # at the limit of a place it hears that nobody came
        move(actor, fresh, "recall", note=reason, released=withdraw_offers(fresh))
        return fresh


def hand_back(*, actor: Actor, call: Call, reason: str) -> Call:
    """Give an accepted call back with a reason; it goes to the pool, other helpers stay."""
    with step(actor, call, "hand_back", reason=reason) as fresh:
        give_back(actor, fresh, own_offer(actor, fresh, OfferState.ACCEPTED), reason)
        return fresh


def give_back(actor: Actor, call: Call, mine: Offer, reason: str) -> None:
    """This helper does not come; with others still holding the call they stay, and the call looks for more."""
    call.accepted_count = max(0, call.accepted_count - mine.seats)
    call.scheduled_at = None
    asking = State.DISPATCHED if call.state == State.DISPATCHED else State.POOLED
    if call.state in HELD_STATES and call.ring:
        call.ring = 1  # a search of its own: from the first ring on
    if not call.ring:
        call.ring_due_at = call.limit_at
    move(actor, call, "hand_back", to=asking, note=reason)
    # answered within the search that has begun now: nobody is given a call a second time in one
    answer(mine, OfferState.HANDED_BACK, actor, reason)
    if call_reserves(call) == 0 and call.ring:
        events.publish(HelpMissing(call_id=call.pk))


def call_reserves(call: Call) -> int:
    """Those who said they would stand by are asked first, the earliest first; how many were."""
    free = call.people_needed - call.accepted_count
    waiting = locks.many(call.offers.filter(state=OfferState.RESERVE))
    first = sorted(waiting, key=lambda one: (one.answered_at is None, one.answered_at, one.pk))[: max(free, 0)]
    for one in first:
        one.state, one.offered_at, one.answered_at, one.answered_by_id = OfferState.OFFERED, clock.now(), None, None
        one.save(update_fields=["state", "offered_at", "answered_at", "answered_by"])
    if first:
        put_before(CLOCKS, call, first, running_rings([call]).get(call.pk), again=True)
    return len(first)


def release(*, actor: Actor, volunteer_id: int) -> int:
    """Give back every call a volunteer who left still holds or is asked for; how many. Doing it twice does nothing."""
    live = Offer.objects.filter(volunteer_id=volunteer_id, state__in=LIVE_OFFERS, volunteer__left_at__isnull=False)
    found = list(live.select_related("call__place").order_by("call_id"))
    for one in found:
        with begin(actor):
            call = locks.one(Call, pk=one.call_id)
            fresh = locks.one(Offer, pk=one.pk)
            if fresh.state == OfferState.ACCEPTED and call.state in TRANSITIONS["hand_back"].from_:
                give_back(actor, call, fresh, str(_("志愿者已退出")))
            elif fresh.state == OfferState.OFFERED:
                answer(fresh, OfferState.WITHDRAWN, actor)
                back_to_pool(actor, call, "expire")
                ask_others(call)
    with begin(actor):
        waiting = Offer.objects.filter(volunteer_id=volunteer_id, state=OfferState.RESERVE)
        waiting.filter(volunteer__left_at__isnull=False).update(state=OfferState.WITHDRAWN)
    return len(found)


def back_to_pool(actor: Actor, call: Call, verb: str, note: str = "", facts: Mapping[str, Any] = NO_FACTS) -> None:
    """Pool the call when no question is open any more; else only write the step down."""
    waiting = call.offers.filter(state=OfferState.OFFERED).exists()
    if waiting:
        remember(actor, call, verb, call.state, note, dict(facts))
    else:
        move(actor, call, verb, note=note, **facts)


def own_offer(actor: Actor, call: Call, state: str, offer: UUID | None = None, rows: Q | None = None) -> Offer:
    """The actor's own offer in that state, locked: the one named, else his own before that of a team he leads; of those in
    ``rows``.
    """
    found = rules.offers_to(actor).filter(rows or Q(), call=call, state=state)
    found = found.filter(public_id=offer) if offer else found
    first = found.order_by(F("team_id").asc(nulls_first=True), "pk").values_list("pk", flat=True).first()
    return locks.one(Offer, pk=first)


def answer(one: Offer, state: OfferState, actor: Actor, reason: str = "") -> None:
    one.state, one.answered_at, one.answered_by_id, one.reason = state, clock.now(), actor.person_id, reason
    one.remind_at, one.put_away = None, False
    one.save(
        update_fields=["state", "answered_at", "answered_by", "reason", "excuse", "remind_at", "seats", "put_away"]
    )


def withdraw_offers(call: Call) -> list[int]:
    """Take open offers back (the call is filled, or sought no more); the keys of the offers taken back."""
    return [one.pk for one in taken_back(call, {OfferState.OFFERED})]


def let_all_go(call: Call) -> dict[str, Any]:
    """The call itself stops: open offers are taken back, those of who was coming or stood by too. For the event: all of these
    (``released``), and those who are told that they need not come (``coming``). Who was only asked, and may have said no, is
    written to no more; both alike, for what one of them alone is told would tell of the no (decision 0021).
    """
    taken = taken_back(call, LIVE_OFFERS | {OfferState.RESERVE})
    call.accepted_count = 0
    coming = [one.pk for one in taken if one.state != OfferState.OFFERED]
    return {"released": [one.pk for one in taken], "coming": coming}


def taken_back(call: Call, states: AbstractSet[OfferState]) -> list[Offer]:
    """Offers in these states, taken back; as they were before."""
    taken = list(locks.many(call.offers.filter(state__in=states)))
    gone = Offer.objects.filter(pk__in=[one.pk for one in taken])
    gone.update(state=OfferState.WITHDRAWN, answered_at=clock.now(), remind_at=None, put_away=False)
    return taken
