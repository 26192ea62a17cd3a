"""The station looks at a call: takes it up, asks back, refuses with a reason, pools it, sets it aside and takes it
up again.
"""

from __future__ import annotations

from huying.calls.actions.dispatching import let_all_go
from huying.calls.actions.moving import HelpMissing, move, step
from huying.calls.models import Call
from huying.calls.states import HELD_STATES
from huying.kernel import events
from huying.kernel.actor import Actor


def review(*, actor: Actor, call: Call) -> Call:
    """Take the call up: somebody is on it now."""
    with step(actor, call, "review") as fresh:
        move(actor, fresh, "review")
        return fresh


def ask_info(*, actor: Actor, call: Call, note: str) -> Call:
    """Ask the person for what is missing; no clock runs meanwhile."""
    with step(actor, call, "ask_info", note=note) as fresh:
        move(actor, fresh, "ask_info", note=note)
        return fresh


def give_info(*, actor: Actor, call: Call, note: str) -> Call:
    """Answer the question; the words join the call's details."""
    with step(actor, call, "give_info", note=note) as fresh:
        fresh.details = f"{fresh.details}\n{note}".strip()[:2000]
        move(actor, fresh, "give_info", note=note)
        return fresh


def reject(*, actor: Actor, call: Call, reason: str) -> Call:
    """Refuse with a reason that only the person who asked sees (domain 1)."""
    with step(actor, call, "reject", reason=reason) as fresh:
        move(actor, fresh, "reject", note=reason)
        return fresh


def pool(*, actor: Actor, call: Call) -> Call:
    """Open the call to those who want to take it, and to dispatch."""
    with step(actor, call, "pool") as fresh:
        move(actor, fresh, "pool")
        return fresh


def suspend(*, actor: Actor, call: Call, reason: str) -> Call:
    """Set aside with a reason: the clock stops, offers still open are taken back (缓办)."""
    with step(actor, call, "suspend", reason=reason) as fresh:
        fresh.paused_from, fresh.scheduled_at = fresh.state, None
        gone = let_all_go(fresh)
        move(actor, fresh, "suspend", note=reason, **gone)
        return fresh


def resume(*, actor: Actor, call: Call) -> Call:
    """Take up again; the call goes back to the pool; a stage that was paused goes on where it stood, and so do the rings."""
    with step(actor, call, "resume") as fresh:
        if fresh.ring and fresh.paused_from in HELD_STATES:
            fresh.ring = 1  # those who came are gone: a search of its own, from the first ring on
        if not fresh.ring:
            fresh.ring_due_at = fresh.limit_at
        fresh.paused_from = ""
        move(actor, fresh, "resume")
        if fresh.ring:
            events.publish(HelpMissing(call_id=fresh.pk))
        return fresh
