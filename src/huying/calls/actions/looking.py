"""Each minute's look at the clocks: all that has run out is seen to, the longest overdue first, until nothing is left.

Ten thousand clocks may run out at nine in the morning. Each is a short transaction of its own, so a look that is killed
has done what it has done, and the next goes on. Who finds a call locked passes it by: somebody is at it, and two workers
that look side by side share the work instead of waiting for each other. A look that breaks at one call leaves it to a job
of its own, which is tried again and shown where it stays broken, and goes on with the others.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from time import monotonic

from huying.calls.actions.answering import remind
from huying.calls.actions.dispatching import expire
from huying.calls.actions.ending import auto_rate
from huying.calls.actions.escalating import noted
from huying.calls.actions.moving import StepRefused
from huying.calls.actions.widening import go_on
from huying.calls.models import Call
from huying.calls.queries.due import MOST, SORTS, Turn, still_due, turns
from huying.calls.states import State
from huying.kernel import clock, jobs, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

log = logging.getLogger("huying.calls")
SECONDS = 40.0
"""So long goes one look, of the machine's time; what is left then is for the next, behind the other jobs that wait."""


def look(*, actor: Actor, seconds: float | None = None) -> bool:
    """See to every clock that has run out by now, for at most so many ``seconds`` (``SECONDS``); False when time was over
    before the end of them, and another look is to follow.
    """
    ends, now = monotonic() + (seconds or SECONDS), clock.now()
    due = turns(now)
    for turn in due:
        if monotonic() >= ends:
            return False
        try:
            take_turn(actor, turn)
        except Exception:  # whatever is wrong with one call, the thousands behind it have their turn
            log.exception("%s of %s broke the look at the clocks", SORTS[turn.sort], turn.key)
            put_aside(turn)
    return len(due) < MOST


def put_aside(turn: Turn) -> None:
    """A job of its own for the one at which the look broke."""
    if SORTS[turn.sort] == "remind":
        jobs.enqueue("calls.remind", key=f"calls.remind:{turn.key}", offer_id=turn.key)
        return
    name = {"silence": "calls.overdue", "alone": "calls.ask_next"}.get(SORTS[turn.sort], "calls.expire")
    jobs.enqueue(name, key=f"{name}:{turn.key}", call_id=turn.key)


def take_turn(actor: Actor, turn: Turn) -> bool:
    """What one clock asks for, once; False when somebody has seen to it, or is at the call right now."""
    sort = SORTS[turn.sort]
    with begin(actor):
        call = locks.free(Call, still_due(turn, clock.now()))
        if call is None:
            return False
        if sort == "remind":
            remind(actor=actor, offer_id=turn.key)
        elif sort == "silence":
            notice_silence(actor=actor, call=call)
        elif sort == "answer":
            with suppress(StepRefused):  # its question is late, but it waits for no answer any more
                call = expire(actor=actor, call=call)
            go_on(
                actor, call
            )  # with the taking back or not at all: nothing would be due that tells a later look to ask
        else:
            go_on(actor, call)
    return True


def notice_silence(*, actor: Actor, call: Call) -> None:
    """A clock of one call ran out: rate it silently when it waits for a rating, ask the next when it lay in the pool,
    else lift it one level. The call is locked once, before its offers are, and stays so for all of it.
    """
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if fresh.state == State.DELIVERED and fresh.stage_due_at and fresh.stage_due_at <= clock.now():
            auto_rate(actor=actor, call=fresh)
        elif not go_on(actor, fresh):
            noted(actor, fresh)


def take_back(*, actor: Actor, call: Call) -> None:
    """The unanswered offers of one call are over: ask the next who fits; somebody who answered meanwhile wins."""
    with begin(actor):  # both or neither: taken back alone, nothing would be due that tells somebody to ask
        fresh = locks.one(Call, pk=call.pk)
        with suppress(StepRefused):  # a second worker, or the same one after a crash, finds it done and goes on
            fresh = expire(actor=actor, call=fresh)
        go_on(actor, fresh)
