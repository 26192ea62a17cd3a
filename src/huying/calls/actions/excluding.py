"""Leaving an unreasonable or unlawful claim out of the shares (domain.md section 2.3): one proposes, another decides.

The call itself stays as it is, and so do the figures that count it: both stand side by side. Lock order: Call, Exclusion.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import CallCounts
from huying.calls.models import Call, Exclusion
from huying.calls.states import LIVE_EXCLUSIONS, ExclusionState, Ground
from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin

LEAST, MOST = 4, 300
"""Letters of a reason."""


class ReasonUnclear(InvalidInput):
    code = "reason_unclear"
    message = _("请写明理由，{least} 到 {most} 个字。")


class GroundUnknown(InvalidInput):
    code = "ground_unknown"
    message = _("请选诉求不合理，还是不合法。")


class AlreadyProposed(Conflict):
    code = "already_proposed"
    message = _("这件求助{state}，不用再提。")


class ExclusionOver(Conflict):
    code = "exclusion_over"
    message = _("这次剔除{state}，这一步现在不能做。")


class SecondPerson(Forbidden):
    code = "second_person"
    message = _("剔除要由没有提出它、也没有经手这件求助的上级复核。")


def propose_exclusion(*, actor: Actor, call: Call, ground: str, reason: str) -> Exclusion:
    """Ask that a call be left out, with why. Nothing changes before somebody else agrees.

    Forbidden, GroundUnknown, ReasonUnclear; AlreadyProposed while one waits or holds.
    """
    if ground not in Ground.values:
        raise GroundUnknown(fields={"ground": GroundUnknown.message})
    words = in_full(reason, "reason")
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if actor.person_id is None or not rules.can_propose_exclusion(actor, fresh):
            raise Forbidden
        for old in fresh.exclusions.filter(state__in=LIVE_EXCLUSIONS):
            raise AlreadyProposed(state=ExclusionState(old.state).label)
        made = Exclusion.objects.create(
            call=fresh, ground=ground, reason=words, proposed_at=clock.now(), proposed_by_id=actor.person_id
        )
        note(actor, "exclusion.proposed", made)
        return made


def decide_exclusion(*, actor: Actor, exclusion: Exclusion, agree: bool, words: str = "") -> Exclusion:
    """Leave the call out, or let it count: decided once, by a second person. A no says why.

    SecondPerson for who proposed it, had a hand in the call or stands no higher; ExclusionOver when it is decided.
    """
    said = in_full(words, "words") if words or not agree else ""
    with begin(actor):
        fresh = waiting(exclusion)
        if not rules.can_decide_exclusion(actor, fresh):
            raise SecondPerson
        fresh.state = ExclusionState.IN_FORCE if agree else ExclusionState.REFUSED
        fresh.decision, fresh.decided_at, fresh.decided_by_id = said, clock.now(), actor.person_id
        fresh.save(update_fields=["state", "decision", "decided_at", "decided_by"])
        note(actor, "exclusion.agreed" if agree else "exclusion.refused", fresh)
        return fresh


def withdraw_exclusion(*, actor: Actor, exclusion: Exclusion) -> Exclusion:
    """Whoever proposed it takes it back before it is decided."""
    with begin(actor):
        fresh = waiting(exclusion)
        if not rules.can_withdraw_exclusion(actor, fresh):
            raise Forbidden
        fresh.state = ExclusionState.WITHDRAWN
        fresh.save(update_fields=["state"])
        note(actor, "exclusion.withdrawn", fresh)
        return fresh


def undo_exclusion(*, actor: Actor, exclusion: Exclusion, reason: str) -> Exclusion:
    """The call counts again, with why; what was decided stays written down. SecondPerson, ExclusionOver."""
    words = in_full(reason, "words")
    with begin(actor):
        fresh = held(exclusion)
        if fresh.state != ExclusionState.IN_FORCE:
            raise ExclusionOver(state=ExclusionState(fresh.state).label)
        if not rules.can_undo_exclusion(actor, fresh):
            raise SecondPerson
        fresh.state = ExclusionState.UNDONE
        fresh.undoing, fresh.undone_at, fresh.undone_by_id = words, clock.now(), actor.person_id
        fresh.save(update_fields=["state", "undoing", "undone_at", "undone_by"])
        note(actor, "exclusion.undone", fresh)
        return fresh


def held(exclusion: Exclusion) -> Exclusion:
    """It and its call, locked: nobody gets a hand in the call while it is judged."""
    locks.one(Call, pk=exclusion.call_id)
    return locks.one(Exclusion, pk=exclusion.pk)


def waiting(exclusion: Exclusion) -> Exclusion:
    """The same, while nobody has decided; ExclusionOver afterwards."""
    fresh = held(exclusion)
    if fresh.state != ExclusionState.PROPOSED:
        raise ExclusionOver(state=ExclusionState(fresh.state).label)
    return fresh


def in_full(words: str, field: str) -> str:
    """The words without blanks around, when there are enough of them and not too many."""
    said = words.strip()
    if not LEAST <= len(said) <= MOST:
        problem = ReasonUnclear(least=LEAST, most=MOST)
        problem.fields = {field: str(problem)}
        raise problem
    return said


def note(actor: Actor, verb: str, one: Exclusion) -> None:
    """A line of the trail; the words themselves stay with the exclusion, where they can be forgotten. Figures of what was
    due ask anew what the call adds.
    """
    changes = {"call": one.call.number, "ground": one.ground}
    audit.record(actor, verb, one, place_path=one.call.place.path, changes=changes)
    events.publish(CallCounts(call_id=one.call_id))
