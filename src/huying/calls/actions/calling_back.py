"""Calling back (回访): the system draws the calls, somebody who had no hand in them asks, both stand beside the ratings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import CallCounts
from huying.calls.models import Call, Callback, Draw
from huying.calls.queries.measuring.population import to_draw_from
from huying.calls.queries.measuring.sampling import digest, drawn
from huying.calls.states import Outcome
from huying.kernel import audit, chance, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.sealed import reveal
from huying.kernel.transactions import begin
from huying.places.models import Place

LARGEST = 500
REASON = _("回访核实办理结果")


class NothingToDraw(Conflict):
    code = "nothing_to_draw"
    message = _("这段时间没有可抽的求助：要已办结，而且没有抽过。")


class SizeUnclear(InvalidInput):
    code = "size_unclear"
    message = _("请填 1 到 {most} 之间的件数。")


class AlreadyAnswered(Conflict):
    code = "already_answered"
    message = _("这件已经回访过了。")


class AnswerIncomplete(InvalidInput):
    code = "answer_incomplete"
    message = _("有答复的，请选解决没解决和满意程度；没有答复的，两样都不选。")


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one call-back: ``solved`` and ``score`` (1–5, GB/T 39735) with an answer, neither without."""

    outcome: str
    solved: bool | None = None
    score: int | None = None


def draw(*, actor: Actor, place: Place, since: datetime, until: datetime, size: int) -> Draw:
    """Draw ``size`` closed calls below ``place``, shared out over places and kinds; nobody chooses the seed.

    A call is drawn once. Two draws in one tree wait for each other, so that neither takes what the other took.
    """
    if not rules.can_draw(actor, place):
        raise Forbidden
    if not 1 <= size <= LARGEST:
        raise SizeUnclear(most=LARGEST)
    with begin(actor):
        locks.one(Place, pk=int(place.path.strip("/").split("/")[0]))
        found = to_draw_from(place, since, until)
        if not found:
            raise NothingToDraw
        made = Draw.objects.create(
            place=place,
            since=since,
            until=until,
            size=min(size, len(found)),
            seed=chance.token(),
            population=len(found),
            digest=digest(found),
            drawn_at=clock.now(),
            drawn_by_id=actor.person_id or 0,
        )
        chosen = drawn(found, made.size, made.seed)
        keys = dict(Call.objects.filter(public_id__in=chosen).values_list("public_id", "pk"))
        Callback.objects.bulk_create([Callback(draw=made, call_id=keys[one]) for one in chosen])
        audit.record(actor, "call.draw", made, place_path=place.path, changes={"size": made.size, "seed": made.seed})
        return made


def record_callback(*, actor: Actor, public_id: UUID, heard: Heard) -> Callback:
    """Write down what the person served said, or that nobody was reached (that may be tried again).

    Forbidden for whoever took a step in the call, asked for it or answered it (domain.md 2.2: verified by someone other
    than the handler).
    """
    answered = heard.outcome == Outcome.ANSWERED
    whole = heard.solved is not None and heard.score in range(1, 6)
    nothing = heard.solved is None and heard.score is None
    if heard.outcome not in {Outcome.ANSWERED, Outcome.UNREACHED, Outcome.REFUSED} or not (
        whole if answered else nothing
    ):
        raise AnswerIncomplete
    with begin(actor):
        one = locks.one(Callback, public_id=public_id)
        if not rules.can_call_back(actor, one.call):
            raise Forbidden
        if one.outcome not in {Outcome.WAITING, Outcome.UNREACHED}:
            raise AlreadyAnswered
        one.outcome, one.solved, one.score, one.tries = heard.outcome, heard.solved, heard.score, one.tries + 1
        one.recorded_at, one.recorded_by_id = clock.now(), actor.person_id
        one.save()
        place = one.call.place.path
        audit.record(
            actor, "call.callback", one, place_path=place, changes={"outcome": one.outcome, "tries": one.tries}
        )
        events.publish(CallCounts(call_id=one.call_id))
        return one


def open_number(*, actor: Actor, callback: Callback) -> str:
    """The telephone number to call back, for those who may: a look in the trail and one of the day's views."""
    if not rules.can_call_back(actor, callback.call) or callback.outcome not in {Outcome.WAITING, Outcome.UNREACHED}:
        raise Forbidden
    call = callback.call
    source, field = (call, "contact_phone") if call.contact_phone else (call.requester, "phone")
    return reveal(actor, source, field, str(REASON), place_path=call.place.path, named=call.requester.name)
