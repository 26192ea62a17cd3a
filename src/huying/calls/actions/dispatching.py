"""A call finds its answer: offered to helpers, taken by one, or taken back. Lock order: Call, then Offer."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import CLOCK_FIELDS, start_clock
from huying.calls.actions.escalating import lift_when_refused
from huying.calls.actions.moving import StepRefused, move, remember, step
from huying.calls.models import Call, Offer
from huying.calls.states import LIVE_OFFERS, TRANSITIONS, OfferState, State
from huying.kernel import clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, InvalidInput
from huying.kernel.transactions import begin
from huying.volunteers import actions as volunteer_actions
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team, Volunteer


class NobodyChosen(InvalidInput):
    code = "nobody_chosen"
    message = _("请先选择派给谁。")


class AlreadyAsked(Conflict):
    code = "already_asked"
    message = _("{name} 已经收到或谢绝过这件求助，请另选一位。")


class WrongAnswerer(InvalidInput):
    code = "wrong_answerer"
    message = _("这类求助不能派给{name}：{why}")


def dispatch(*, actor: Actor, call: Call, volunteers: Sequence[Volunteer] = (), teams: Sequence[Team] = ()) -> Call:
    """Ask the chosen helpers; each may say no (志愿服务条例 art. 25). Raises NobodyChosen, AlreadyAsked,
    WrongAnswerer.
    """
    if not volunteers and not teams:
        raise NobodyChosen
    with step(actor, call, "dispatch") as fresh:
        check_answerers(actor, fresh, volunteers, teams)
        move(actor, fresh, "dispatch", asked=len(volunteers) + len(teams))
        start_clock(fresh)
        fresh.save(update_fields=CLOCK_FIELDS)
        for volunteer in volunteers:
            offer(actor, fresh, volunteer=volunteer)
        for team in teams:
            offer(actor, fresh, team=team)
        return fresh


def offer(actor: Actor, call: Call, *, volunteer: Volunteer | None = None, team: Team | None = None) -> Offer:
    return Offer.objects.create(
        call=call,
        volunteer=volunteer,
        team=team,
        offered_at=clock.now(),
        offered_by_id=actor.person_id,
        answer_due_at=call.stage_due_at,
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


def ask_guardians(actor: Actor, call: Call) -> None:
    """Where only the guardian's yes is missing he is asked for it, before the step is refused."""
    category = call.kind.category
    if category is None or not category.risk:
        return
    volunteer = Volunteer.objects.filter(person_id=actor.person_id or 0).select_related("person").first()
    if volunteer and "guardian" in volunteer_rules.missing_for(volunteer, category, clock.today()):
        volunteer_actions.ask_guardians(actor=actor, person=volunteer.person, category=category)


def accept(*, actor: Actor, call: Call) -> Call:
    """Say yes to one's own open offer; the first to fill the call gets it, the rest are thanked and released.

    Raises WrongAnswerer where a check or insurance is missing by now.
    """
    ask_guardians(actor, call)
    with step(actor, call, "accept") as fresh:
        mine = own_offer(actor, fresh, OfferState.OFFERED)
        if mine.volunteer is not None:
            check_ready(actor, fresh, mine.volunteer)
        answer(mine, OfferState.ACCEPTED, actor)
        fill(actor, fresh, mine, "accept")
        return fresh


def claim(*, actor: Actor, call: Call) -> Call:
    """Take a pooled call by oneself (抢单). Raises WrongAnswerer where a check or insurance is missing."""
    ask_guardians(actor, call)
    with step(actor, call, "claim") as fresh:
        volunteer = Volunteer.objects.select_related("person").get(person_id=actor.person_id or 0)
        check_ready(actor, fresh, volunteer)
        mine = offer(actor, fresh, volunteer=volunteer)
        answer(mine, OfferState.ACCEPTED, actor)
        fill(actor, fresh, mine, "claim")
        return fresh


def fill(actor: Actor, call: Call, mine: Offer, verb: str) -> None:
    """Count the helper in; when enough have come the call is accepted, before that it stays open for the others."""
    call.accepted_count = call.people_needed if mine.team_id else call.accepted_count + 1
    full = call.accepted_count >= call.people_needed
    released = withdraw_offers(call) if full else []
    to = State.ACCEPTED if full else State(call.state)
    move(actor, call, verb, to=to, offer=mine.pk, released=released)
    if mine.volunteer is not None:
        volunteer_actions.tell_of_risk(
            actor=actor, person=mine.volunteer.person, category=call.kind.category, what=call.kind.name
        )


def decline(*, actor: Actor, call: Call) -> Call:
    """Say no, without a reason and without a trace that counts; when nobody is left to answer, the call is pooled
    again.
    """
    with step(actor, call, "decline") as fresh:
        answer(own_offer(actor, fresh, OfferState.OFFERED), OfferState.DECLINED, actor)
        back_to_pool(Actor.system("calls.decline"), fresh, "decline")
        lift_when_refused(fresh)
        return fresh


def expire(*, actor: Actor, call: Call) -> Call:
    """Take back offers whose time is over; idempotent: with nothing overdue it refuses like any other late step."""
    with step(actor, call, "expire") as fresh:
        late = locks.many(fresh.offers.filter(state=OfferState.OFFERED, answer_due_at__lte=clock.now()))
        if not late:
            raise StepRefused(state=State(fresh.state).label, verb=TRANSITIONS["expire"].label)
        for one in late:
            answer(one, OfferState.EXPIRED, actor)
        back_to_pool(actor, fresh, "expire")
        lift_when_refused(fresh)
        return fresh


def recall(*, actor: Actor, call: Call, reason: str) -> Call:
    """Take all open offers back and pool the call again."""
    with step(actor, call, "recall", reason=reason) as fresh:
        move(actor, fresh, "recall", note=reason, released=withdraw_offers(fresh))
        return fresh


def hand_back(*, actor: Actor, call: Call, reason: str) -> Call:
    """Give an accepted call back with a reason; it goes to the pool, other helpers stay."""
    with step(actor, call, "hand_back", reason=reason) as fresh:
        give_back(actor, fresh, own_offer(actor, fresh, OfferState.ACCEPTED), reason)
        return fresh


def give_back(actor: Actor, call: Call, mine: Offer, reason: str) -> None:
    """This helper does not come; with others still holding the call they stay, and the call looks for more."""
    answer(mine, OfferState.HANDED_BACK, actor, reason)
    left = call.offers.filter(state=OfferState.ACCEPTED)
    with_team = left.filter(team__isnull=False).exists()
    call.accepted_count = call.people_needed if with_team else left.count()
    call.scheduled_at = None
    asking = State.DISPATCHED if call.state == State.DISPATCHED else State.POOLED
    move(actor, call, "hand_back", to=asking, note=reason)


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
                back_to_pool(actor, call, "decline")
    return len(found)


def back_to_pool(actor: Actor, call: Call, verb: str) -> None:
    """Pool the call when no question is open any more; else only write the step down."""
    waiting = call.offers.filter(state=OfferState.OFFERED).exists()
    if waiting:
        remember(actor, call, verb, call.state, "", {})
    else:
        move(actor, call, verb)


def own_offer(actor: Actor, call: Call, state: str) -> Offer:
    """The actor's own offer in that state, locked."""
    pk = rules.offers_to(actor).filter(call=call, state=state).values_list("pk", flat=True).first()
    return locks.one(Offer, pk=pk)


def answer(one: Offer, state: OfferState, actor: Actor, reason: str = "") -> None:
    one.state, one.answered_at, one.answered_by_id, one.reason = state, clock.now(), actor.person_id, reason
    one.save(update_fields=["state", "answered_at", "answered_by", "reason"])


def withdraw_offers(call: Call, *, accepted_too: bool = False) -> list[int]:
    """Take open offers back (the call is filled, stopped or ended); accepted ones only when the call itself stops.

    Returns the keys of the offers taken back, so that these helpers can be told.
    """
    states = LIVE_OFFERS if accepted_too else {OfferState.OFFERED}
    taken = locks.many(call.offers.filter(state__in=states))
    for one in taken:
        one.state, one.answered_at = OfferState.WITHDRAWN, clock.now()
        one.save(update_fields=["state", "answered_at"])
    if accepted_too:
        call.accepted_count = 0
    return [one.pk for one in taken]
