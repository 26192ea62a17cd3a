"""A call ends: rated by the person served, closed unrated when the time is over, cancelled, handed on, or opened
again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.calls.actions.crediting import CallServed
from huying.calls.actions.dispatching import let_all_go
from huying.calls.actions.moving import move, step
from huying.calls.models import Call, Offer
from huying.calls.states import BY_SLIP, MAX_REOPENED, REOPEN_DAYS, Level, OfferState, Target
from huying.kernel import clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, InvalidInput


class ScoreUnknown(InvalidInput):
    code = "score_unknown"
    message = _("请在一到五星里选一个。")


class TargetUnknown(InvalidInput):
    code = "target_unknown"
    message = _("请选择转到哪里。")


class TooLateToReopen(Conflict):
    code = "too_late_to_reopen"
    message = _("办结已超过 {days} 天，请重新提一件求助，我们会接着办。")


def rate(*, actor: Actor, call: Call, score: int, solved: bool, comment: str = "") -> Call:
    """Confirm and rate once: five levels (GB/T 39735), and whether it is solved — closed is not solved (promise 2).

    A rating given by somebody else for the person is marked and counted apart, and so is one given with a paper slip: it
    shows who had the slip, not whose hand it was. "Not solved" closes it too, honestly; opening it again is a step of
    its own, offered on the same page.
    """
    if score not in range(1, 6):
        raise ScoreUnknown(fields={"score": ScoreUnknown.message})
    with step(actor, call, "rate", score=score) as fresh:
        fresh.score, fresh.solved, fresh.comment = score, solved, comment
        by_slip: dict[str, Any] = {"slip": True} if actor.channel == BY_SLIP else {}
        by_place = fresh.raised_for_id is not None  # staff judge what their own place asked for: nobody's satisfaction
        fresh.rated_by_proxy = by_place or bool(by_slip) or actor.person_id != fresh.requester_id
        move(actor, fresh, "rate", score=score, solved=solved, **by_slip)
        finish_offers(actor, fresh)
        move(Actor.system("calls.close"), fresh, "close")
        events.publish(CallServed(call_id=fresh.pk))
        return fresh


def auto_rate(*, actor: Actor, call: Call) -> Call:
    """The person stayed silent: close without a score, so that it never enters an average."""
    with step(actor, call, "auto_rate") as fresh:
        move(actor, fresh, "auto_rate")
        finish_offers(actor, fresh)
        move(actor, fresh, "close")
        events.publish(CallServed(call_id=fresh.pk))
        return fresh


def finish_offers(actor: Actor, call: Call) -> None:
    """Who came has done it, and keeps the time of his yes; nobody stands by any more. In a call of many whoever did not come
    did not do it: his yes is let go, and nothing is said of it.
    """
    yes = locks.many(call.offers.filter(state=OfferState.ACCEPTED))
    done = [one.pk for one in yes if call.people_needed == 1 or one.arrived_at is not None]
    Offer.objects.filter(pk__in=done).update(state=OfferState.DONE)
    call.offers.filter(state__in=[OfferState.ACCEPTED, OfferState.RESERVE]).update(state=OfferState.WITHDRAWN)


def reopen(*, actor: Actor, call: Call, reason: str) -> Call:
    """Not solved: back to the dispatcher, within seven days, twice at most; the second time the centre calls back."""
    with step(actor, call, "reopen", reason=reason) as fresh:
        if fresh.ended_at and fresh.ended_at < clock.now() - timedelta(days=REOPEN_DAYS):
            raise TooLateToReopen(days=REOPEN_DAYS)
        finish_offers(actor, fresh)
        fresh.reopened_count += 1
        fresh.accepted_count, fresh.scheduled_at = 0, None
        fresh.score, fresh.solved, fresh.comment, fresh.rated_at = None, None, "", None
        fresh.ring, fresh.ring_due_at = 0, None  # a search of its own, which somebody looks at first
        fresh.delivered_at = fresh.accepted_at = fresh.started_at = None
        if fresh.reopened_count >= MAX_REOPENED:
            fresh.level, fresh.needs_callback = Level.CENTRE, True
        move(actor, fresh, "reopen", note=reason, count=fresh.reopened_count)
        return fresh


def cancel(*, actor: Actor, call: Call, reason: str) -> Call:
    """Stop the call with a reason; helpers on their way are told at once."""
    with step(actor, call, "cancel", reason=reason) as fresh:
        gone = let_all_go(fresh)
        move(actor, fresh, "cancel", note=reason, **gone)
        return fresh


def transfer(*, actor: Actor, call: Call, target: str, note: str = "") -> Call:
    """Hand on to 110, 119, 120, 12345 or petitions: not a matter for volunteers (志愿服务条例 art. 16; domain 1)."""
    if target not in Target.values:
        raise TargetUnknown(fields={"target": TargetUnknown.message})
    with step(actor, call, "transfer", target=target) as fresh:
        gone = let_all_go(fresh)
        fresh.transferred_to = target
        move(actor, fresh, "transfer", note=note, target=target, **gone)
        return fresh
